/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A short read or write is never an answer: both loops go on to the end. */
#include "config.h"

#include "base/io.h"

#include <errno.h>
#include <poll.h>

#define FIRST_CAP 4096

static int grow(char **buf, size_t *cap)
{
	size_t wanted = *cap ? *cap * 2 : FIRST_CAP;
	char *grown = realloc(*buf, wanted);

	if (!grown)
		return -ENOMEM;

	*buf = grown;
	*cap = wanted;
	return 0;
}

int io_read_all(int fd, char **buf, size_t *cap, size_t *len)
{
	size_t used = 0;
	ssize_t got;

	do {
		if (used + 1 >= *cap) {
			int ret = grow(buf, cap);

			if (ret < 0)
				return ret;
		}
		got = TEMP_FAILURE_RETRY(read(fd, *buf + used, *cap - used - 1));
		if (got < 0)
			return -errno;
		used += (size_t)got;
	} while (got);

	(*buf)[used] = '\0';
	*len = used;
	return 0;
}

/* A shared terminal or pipe may have been made non-blocking by others. */
static int wait_writable(int fd)
{
	struct pollfd pfd = { .fd = fd, .events = POLLOUT };

	return TEMP_FAILURE_RETRY(poll(&pfd, 1, -1)) < 0 ? -errno : 0;
}

static int write_some(int fd, const char *text, size_t len, size_t *done)
{
	ssize_t put = TEMP_FAILURE_RETRY(write(fd, text, len));

	if (put > 0) {
		*done = (size_t)put;
		return 0;
	}
	*done = 0;
	if (put < 0 && errno == EAGAIN)
		return wait_writable(fd);
	return put < 0 ? -errno : -EIO;
}

int io_write_all(int fd, const void *buf, size_t len)
{
	const char *text = buf;
	size_t done;

	for (; len; text += done, len -= done) {
		int ret = write_some(fd, text, len, &done);

		if (ret < 0)
			return ret;
	}
	return 0;
}
