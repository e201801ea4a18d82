/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kinds of memory, as a table: what holds the memory, and how it is mapped.
 */
#define _GNU_SOURCE 1
#include "area.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef MADV_GUARD_INSTALL
#define MADV_GUARD_INSTALL 102
#define MADV_GUARD_REMOVE 103
#endif
#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE 25
#endif
#ifndef MADV_POPULATE_READ
#define MADV_POPULATE_READ 22
#endif

#define MAX_AREAS 32
#define HUGE_PAGE (2ul << 20)
#define GUARD_STEP 16 /* every 16th page of a "guarded" area is a guard page */
#define RW (PROT_READ | PROT_WRITE)
#define ANON (MAP_PRIVATE | MAP_ANONYMOUS)

/* Returns the descriptor of new memory of this size, or -1. */
typedef int backing_fn(size_t size);

struct kind {
	const char *name;
	size_t page_bytes;
	backing_fn *backing; /* NULL: anonymous */
	int prot;
	int flags;
	int advice; /* madvise() right after mmap(), or 0 */
};

static struct area areas[MAX_AREAS];

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
	return sized(memfd_create("situation", MFD_CLOEXEC), size);
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
	const char *dir = getenv("SITUATION_DIR");

	return back_file_in(dir ? dir : "/var/tmp", size);
}

static int back_sysv(size_t size)
{
	return shmget(IPC_PRIVATE, size, IPC_CREAT | 0600);
}

/* A memfd full of the pattern, opened again for reading only: no VM_MAYWRITE. */
static int back_ro_memfd(size_t size)
{
	const int fd = back_memfd(size);
	char path[32];
	int ro;

	for (uint64_t i = 0; fd >= 0 && i < size / SMALL_PAGE; i++)
		if (pwrite(fd, &i, sizeof(i), (off_t)(i * SMALL_PAGE)) < 0)
			break;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	ro = open(path, O_RDONLY | O_CLOEXEC);
	close(fd);
	return ro;
}

static const struct kind kinds[] = {
	{ "anon", SMALL_PAGE, NULL, RW, ANON, MADV_NOHUGEPAGE },
	{ "thp", SMALL_PAGE, NULL, RW, ANON, MADV_HUGEPAGE },
	{ "stackish", SMALL_PAGE, NULL, RW, ANON | MAP_GROWSDOWN | MAP_STACK, MADV_NOHUGEPAGE },
	{ "prot-none", SMALL_PAGE, NULL, RW, ANON, MADV_NOHUGEPAGE },
	{ "guarded", SMALL_PAGE, NULL, RW, ANON, MADV_NOHUGEPAGE },
	{ "shm", SMALL_PAGE, NULL, RW, MAP_SHARED | MAP_ANONYMOUS, MADV_NOHUGEPAGE },
	{ "memfd", SMALL_PAGE, back_memfd, RW, MAP_SHARED, MADV_NOHUGEPAGE },
	{ "memfd-private", SMALL_PAGE, back_memfd, RW, MAP_PRIVATE, MADV_NOHUGEPAGE },
	{ "ro-memfd", SMALL_PAGE, back_ro_memfd, PROT_READ, MAP_SHARED, MADV_NOHUGEPAGE },
	{ "tmpfs", SMALL_PAGE, back_tmpfs, RW, MAP_SHARED, MADV_NOHUGEPAGE },
	{ "file-shared", SMALL_PAGE, back_file, RW, MAP_SHARED, 0 },
	{ "file-private", SMALL_PAGE, back_file, RW, MAP_PRIVATE, 0 },
	{ "hugetlb", HUGE_PAGE, back_hugetlb, RW, MAP_SHARED, 0 },
	{ "hugetlb-private", HUGE_PAGE, back_hugetlb, RW, MAP_PRIVATE, 0 },
	{ "secretmem", SMALL_PAGE, back_secretmem, RW, MAP_SHARED, 0 },
	{ "sysv", SMALL_PAGE, back_sysv, RW, 0, 0 },
	{ "heap", SMALL_PAGE, NULL, RW, ANON, 0 }, /* made by brk: area_heap() */
};

static const struct kind *kind_find(const char *name)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (!strcmp(kinds[i].name, name))
			return &kinds[i];
	errno = EINVAL;
	return NULL;
}

struct area *area_find(const char *name)
{
	for (struct area *a = areas; a < areas + MAX_AREAS; a++)
		if (a->kind && !strcmp(a->name, name))
			return a;
	return NULL;
}

static struct area *area_new(const char *name, const struct kind *kind, size_t size)
{
	for (struct area *a = areas; kind && a < areas + MAX_AREAS; a++)
		if (!a->kind) {
			*a = (struct area){ .kind = kind,
					    .fd = -1,
					    .page_bytes = kind->page_bytes };
			a->size = (size + a->page_bytes - 1) / a->page_bytes * a->page_bytes;
			snprintf(a->name, sizeof(a->name), "%s", name);
			return a;
		}
	return NULL;
}

size_t area_pages(const struct area *a)
{
	return a->size / a->page_bytes;
}

void area_forget(struct area *a)
{
	if (a->fd >= 0 && a->kind->backing != back_sysv)
		close(a->fd);
	a->kind = NULL;
}

/* A huge page aligned place with a huge page of nothing before and behind it. */
static char *place_find(size_t size)
{
	const size_t room = size + 3 * HUGE_PAGE;
	char *p = mmap(NULL, room, PROT_NONE, ANON | MAP_NORESERVE, -1, 0);

	if (p == MAP_FAILED)
		return NULL;
	munmap(p, room);
	return p + 2 * HUGE_PAGE - (uintptr_t)p % HUGE_PAGE;
}

int area_map(const struct area *a, size_t offset, size_t size)
{
	const struct kind *kind = a->kind;
	char *at = a->start + offset;

	if (kind->backing == back_sysv && size == a->size)
		return shmat(a->fd, at, SHM_REMAP) == at ? 0 : -1;
	if (mmap(at, size, kind->prot, kind->flags | MAP_FIXED, a->fd, (off_t)offset) != at)
		return -1;
	return kind->advice ? madvise(at, size, kind->advice) : 0;
}

/* Every word differs from every other, so that a checksum sees pages swapped round. */
static void area_fill(const struct area *a)
{
	uint64_t *word = (uint64_t *)(void *)a->start;

	for (size_t i = 0; i < a->size / sizeof(*word); i++)
		word[i] = (i + 1) * 0x9e3779b97f4a7c15u;
}

static int area_finish(const struct area *a)
{
	int rc = 0;

	if (!strcmp(a->kind->name, "prot-none"))
		rc = mprotect(a->start, a->size, PROT_NONE);
	if (!strcmp(a->kind->name, "guarded"))
		for (size_t i = GUARD_STEP - 1; !rc && i < area_pages(a); i += GUARD_STEP)
			rc = madvise(a->start + i * SMALL_PAGE, SMALL_PAGE, MADV_GUARD_INSTALL);
	return rc;
}

struct area *area_make(const char *name, const char *kind, size_t size, const char *populate)
{
	struct area *a = area_new(name, kind_find(kind), size);

	if (!a)
		return NULL;
	if (a->kind->backing)
		a->fd = a->kind->backing(a->size);
	a->start = place_find(a->size);
	if ((a->kind->backing && a->fd < 0) || !a->start || area_map(a, 0, a->size)) {
		area_forget(a);
		return NULL;
	}
	if (a->kind->backing == back_sysv)
		shmctl(a->fd, IPC_RMID, NULL);
	if (populate && (a->kind->prot & PROT_WRITE))
		area_fill(a);
	else if (populate)
		madvise(a->start, a->size, MADV_POPULATE_READ);
	if (area_finish(a)) {
		munmap(a->start, a->size);
		area_forget(a);
		return NULL;
	}
	return a;
}

struct area *area_heap(char *start, size_t size)
{
	struct area *a = area_find("heap");

	if (!a)
		a = area_new("heap", kind_find("heap"), size);
	else
		a->size += size;
	if (a && !a->start)
		a->start = start;
	return a;
}

static const struct advice {
	const char *name;
	int advice;
} advices[] = {
	{ "dontneed", MADV_DONTNEED },	 { "free", MADV_FREE },
	{ "cold", MADV_COLD },		 { "swapout", MADV_PAGEOUT },
	{ "collapse", MADV_COLLAPSE },	 { "mergeable", MADV_MERGEABLE },
	{ "guard", MADV_GUARD_INSTALL }, { "unguard", MADV_GUARD_REMOVE },
};

int area_advise(const struct area *a, const char *advice, size_t offset, size_t size)
{
	for (size_t i = 0; i < sizeof(advices) / sizeof(advices[0]); i++)
		if (!strcmp(advices[i].name, advice))
			return madvise(a->start + offset, size, advices[i].advice);
	errno = EINVAL;
	return -1;
}
