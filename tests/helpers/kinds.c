/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kinds of memory, as a table: what holds the memory, and how it is mapped.
 */
#define _GNU_SOURCE 1
#include "kinds.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/io_uring.h>
#include <linux/userfaultfd.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "area.h"

#ifndef MADV_GUARD_INSTALL
#define MADV_GUARD_INSTALL 102
#endif
#ifndef F_SEAL_FUTURE_WRITE
#define F_SEAL_FUTURE_WRITE 0x10
#endif

#define GUARD_STEP 16 /* every 16th page of a "guarded" area is a guard page */
#define RING_ENTRIES 4096
#define RW (PROT_READ | PROT_WRITE)
#define RX (PROT_READ | PROT_EXEC)
#define ANON (MAP_PRIVATE | MAP_ANONYMOUS)

static int sized(int fd, size_t size)
{
	if (fd >= 0 && ftruncate(fd, (off_t)size)) {
		close(fd);
		return -1;
	}
	return fd;
}

static int back_memfd(size_t size)
{
	return sized(memfd_create("situation", MFD_CLOEXEC | MFD_ALLOW_SEALING), size);
}

static int back_hugetlb(size_t size)
{
	return sized(memfd_create("situation-huge", MFD_CLOEXEC | MFD_HUGETLB), size);
}

static int back_secretmem(size_t size)
{
	return sized((int)syscall(447 /* memfd_secret */, O_CLOEXEC), size);
}

static int back_file_in(const char *dir, size_t size)
{
	char path[256];
	int fd;

	snprintf(path, sizeof(path), "%s/situation-XXXXXX", dir);
	fd = mkostemp(path, O_CLOEXEC);
	if (fd >= 0)
		unlink(path);
	return sized(fd, size);
}

static int back_tmpfs(size_t size)
{
	return back_file_in("/dev/shm", size);
}

static int back_file(size_t size)
{
	const char *dir = getenv("WSSTAT_TEST_DISK");

	return back_file_in(dir ? dir : "/var/tmp", size);
}

static int back_sysv(size_t size)
{
	return shmget(IPC_PRIVATE, size, IPC_CREAT | 0600);
}

static int back_sysv_huge(size_t size)
{
	return shmget(IPC_PRIVATE, size, IPC_CREAT | SHM_HUGETLB | 0600);
}

static int back_full_memfd(size_t size)
{
	const int fd = back_memfd(size);

	for (uint64_t i = 0; fd >= 0 && i < size / SMALL_PAGE; i++)
		if (pwrite(fd, &i, sizeof(i), (off_t)(i * SMALL_PAGE)) < 0)
			break;
	return fd;
}

/* Opened again for reading only: no VM_MAYWRITE. */
static int back_ro_memfd(size_t size)
{
	const int fd = back_full_memfd(size);
	char path[32];
	int ro;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	ro = open(path, O_RDONLY | O_CLOEXEC);
	close(fd);
	return ro;
}

static int back_sealed_memfd(size_t size)
{
	const int fd = back_full_memfd(size);

	if (fd < 0 || !fcntl(fd, F_ADD_SEALS, F_SEAL_FUTURE_WRITE))
		return fd;
	close(fd);
	return -1;
}

static int back_ring(size_t size)
{
	struct io_uring_params params = { 0 };

	(void)size;
	return (int)syscall(SYS_io_uring_setup, RING_ENTRIES, &params);
}

/* The kernel takes no address for a ring. */
static char *map_ring(const struct area *a)
{
	char *at = mmap(NULL, a->size, RW, MAP_SHARED | MAP_POPULATE, a->fd, IORING_OFF_SQ_RING);

	return at == MAP_FAILED ? NULL : at;
}

static char *map_vdso(const struct area *a)
{
	(void)a;
	return (char *)getauxval(AT_SYSINFO_EHDR);
}

static int finish_prot_none(const struct area *a)
{
	return mprotect(a->start, a->size, PROT_NONE);
}

static int finish_guarded(const struct area *a)
{
	for (size_t i = GUARD_STEP - 1; i < area_pages(a); i += GUARD_STEP)
		if (madvise(a->start + i * SMALL_PAGE, SMALL_PAGE, MADV_GUARD_INSTALL))
			return -1;
	return 0;
}

/* Registered with a userfaultfd of this process, which stays open. */
static int finish_uffd(const struct area *a)
{
	const int fd = (int)syscall(SYS_userfaultfd, O_CLOEXEC | 1 /* UFFD_USER_MODE_ONLY */);
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register reg = { .range = { (uintptr_t)a->start, a->size },
				       .mode = UFFDIO_REGISTER_MODE_MISSING };

	return fd < 0 || ioctl(fd, UFFDIO_API, &api) || ioctl(fd, UFFDIO_REGISTER, &reg) ? -1 : 0;
}

#define SMALL(kind_name) .name = (kind_name), .page_bytes = SMALL_PAGE
#define HUGE(kind_name) .name = (kind_name), .page_bytes = HUGE_PAGE
#define ANON_SMALL .prot = RW, .flags = ANON, .advice = MADV_NOHUGEPAGE
#define SHARED_SMALL .prot = RW, .flags = MAP_SHARED, .advice = MADV_NOHUGEPAGE
#define FILE_MAP(how, who) .back = back_file, .prot = (how), .flags = (who)

static const struct kind kinds[] = {
	{ SMALL("anon"), ANON_SMALL },
	{ SMALL("anon-sparse"), .prot = RW, .flags = ANON | MAP_NORESERVE,
	  .advice = MADV_NOHUGEPAGE },
	{ SMALL("anon-locked"), .prot = RW, .flags = ANON | MAP_LOCKED, .advice = MADV_NOHUGEPAGE },
	{ SMALL("anon-mergeable"), .prot = RW, .flags = ANON, .advice = MADV_MERGEABLE },
	{ SMALL("zero"), ANON_SMALL, .fill = FILL_BY_READS },
	{ SMALL("thp"), .prot = RW, .flags = ANON, .advice = MADV_HUGEPAGE },
	{ SMALL("stackish"), .prot = RW, .flags = ANON | MAP_GROWSDOWN | MAP_STACK,
	  .advice = MADV_NOHUGEPAGE },
	{ SMALL("heap"), .prot = RW, .flags = ANON }, /* made by brk: area_heap() */
	{ SMALL("prot-none"), ANON_SMALL, .finish = finish_prot_none },
	{ SMALL("guarded"), ANON_SMALL, .finish = finish_guarded },
	{ SMALL("uffd"), ANON_SMALL, .finish = finish_uffd },
	{ SMALL("shm"), .prot = RW, .flags = MAP_SHARED | MAP_ANONYMOUS,
	  .advice = MADV_NOHUGEPAGE },
	{ SMALL("memfd"), .back = back_memfd, SHARED_SMALL },
	{ SMALL("memfd-locked"), .back = back_memfd, .prot = RW, .flags = MAP_SHARED | MAP_LOCKED,
	  .advice = MADV_NOHUGEPAGE },
	{ SMALL("memfd-thp"), .back = back_memfd, .prot = RW, .flags = MAP_SHARED,
	  .advice = MADV_HUGEPAGE },
	{ SMALL("memfd-private"), .back = back_memfd, .prot = RW, .flags = MAP_PRIVATE,
	  .advice = MADV_NOHUGEPAGE },
	{ SMALL("memfd-ro"), .back = back_full_memfd, .prot = PROT_READ, .flags = MAP_SHARED },
	{ SMALL("ro-memfd"), .back = back_ro_memfd, .prot = PROT_READ, .flags = MAP_SHARED },
	{ SMALL("sealed-memfd"), .back = back_sealed_memfd, .prot = PROT_READ,
	  .flags = MAP_SHARED },
	{ SMALL("tmpfs"), .back = back_tmpfs, SHARED_SMALL },
	{ SMALL("file-shared"), FILE_MAP(RW, MAP_SHARED) },
	{ SMALL("file-private"), FILE_MAP(RW, MAP_PRIVATE) },
	{ SMALL("file-ro"), FILE_MAP(PROT_READ, MAP_PRIVATE) },
	{ SMALL("file-text"), FILE_MAP(RX, MAP_PRIVATE) },
	{ HUGE("hugetlb"), .back = back_hugetlb, .prot = RW, .flags = MAP_SHARED },
	{ HUGE("hugetlb-private"), .back = back_hugetlb, .prot = RW, .flags = MAP_PRIVATE },
	{ SMALL("secretmem"), .back = back_secretmem, .prot = RW, .flags = MAP_SHARED },
	{ SMALL("sysv"), .back = back_sysv, .is_sysv = true, .prot = RW },
	{ HUGE("sysv-huge"), .back = back_sysv_huge, .is_sysv = true, .prot = RW },
	{ SMALL("ring"), .back = back_ring, .prot = RW, .fill = FILL_BY_READS,
	  .map_elsewhere = map_ring },
	{ SMALL("vdso"), .prot = RX, .flags = ANON, .fill = FILL_BY_READS,
	  .map_elsewhere = map_vdso },
};

const struct kind *kind_find(const char *name)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (!strcmp(kinds[i].name, name))
			return &kinds[i];
	errno = EINVAL;
	return NULL;
}
