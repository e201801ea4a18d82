/* SPDX-License-Identifier: GPL-2.0-or-later */
/* userfaultfd ioctls. */
#include "config.h"

#include "kernel/uffd.h"

#include <errno.h>
#include <fcntl.h>

#include "kernel/uapi.h"

/* RWPROTECT may give up for a fork or unmap event in flight; without events it never does. */
#define RETRIES 16

static int uffd_ioctl(int fd, unsigned long request, void *arg)
{
	for (int tries = 0;; tries++) {
		if (!ioctl(fd, request, arg))
			return 0;
		if (errno != EINTR && (errno != EAGAIN || tries == RETRIES))
			return -errno;
	}
}

static struct uffdio_range uffd_range(struct range range)
{
	return (struct uffdio_range){ .start = range.start, .len = range_bytes(range) };
}

int uffd_open_self(void)
{
	long fd = syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK | UFFD_USER_MODE_ONLY);

	return fd < 0 ? -errno : (int)fd;
}

int uffd_api(int fd, uint64_t features, uint64_t *have)
{
	struct uffdio_api api = { .api = UFFD_API, .features = features };
	int rc = uffd_ioctl(fd, UFFDIO_API, &api);

	if (!rc && have)
		*have = api.features;
	return rc;
}

static int uffd_register(int fd, struct range range, uint64_t mode)
{
	struct uffdio_register reg = { .range = uffd_range(range), .mode = mode };

	return uffd_ioctl(fd, UFFDIO_REGISTER, &reg);
}

int uffd_register_rwp(int fd, struct range range)
{
	return uffd_register(fd, range, UFFDIO_REGISTER_MODE_RWP);
}

int uffd_register_wp(int fd, struct range range)
{
	return uffd_register(fd, range, UFFDIO_REGISTER_MODE_WP);
}

int uffd_unregister(int fd, struct range range)
{
	struct uffdio_range arg = uffd_range(range);

	return uffd_ioctl(fd, UFFDIO_UNREGISTER, &arg);
}

static int uffd_rwp_mode(int fd, struct range range, uint64_t mode)
{
	struct uffdio_rwprotect arg = { .range = uffd_range(range), .mode = mode };

	return uffd_ioctl(fd, UFFDIO_RWPROTECT, &arg);
}

int uffd_rwprotect(int fd, struct range range)
{
	return uffd_rwp_mode(fd, range, UFFDIO_RWPROTECT_MODE_RWP);
}

static int uffd_wp_mode(int fd, struct range range, uint64_t mode)
{
	struct uffdio_writeprotect arg = { .range = uffd_range(range), .mode = mode };

	return uffd_ioctl(fd, UFFDIO_WRITEPROTECT, &arg);
}

int uffd_wp(int fd, struct range range)
{
	return uffd_wp_mode(fd, range, UFFDIO_WRITEPROTECT_MODE_WP);
}

int uffd_wp_clear(int fd, struct range range)
{
	return uffd_wp_mode(fd, range, 0);
}

int uffd_rwp_clear(int fd, struct range range)
{
	return uffd_rwp_mode(fd, range, 0);
}
