/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Making and finding areas; of what kinds they can be is in kinds.c.
 */
#define _GNU_SOURCE 1
#include "area.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <unistd.h>

#include "kinds.h"

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

#define MAX_AREAS 64
#define ANON (MAP_PRIVATE | MAP_ANONYMOUS)

static struct area areas[MAX_AREAS];

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
	if (a->fd >= 0 && !a->kind->is_sysv)
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

	if (kind->is_sysv && size == a->size)
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

/* Not written: what is in the pages is the kernel's, or the file's. */
static int area_read_all(const struct area *a)
{
	return madvise(a->start, a->size, MADV_POPULATE_READ);
}

/* Everything after the descriptor; what is mapped by then is unmapped by the caller. */
static int area_place(struct area *a, const char *populate)
{
	const struct kind *kind = a->kind;

	if (kind->map_elsewhere) {
		a->start = kind->map_elsewhere(a);
		return a->start ? 0 : -1;
	}
	a->start = place_find(a->size);
	if (!a->start || area_map(a, 0, a->size))
		return -1;
	if (populate && (kind->prot & PROT_WRITE) && kind->fill == FILL_BY_PROT)
		area_fill(a);
	else if (populate && area_read_all(a))
		return -1;
	return kind->finish ? kind->finish(a) : 0;
}

struct area *area_make(const char *name, const char *kind, size_t size, const char *populate)
{
	struct area *a = area_new(name, kind_find(kind), size);
	int rc;

	if (!a)
		return NULL;
	if (a->kind->back && (a->fd = a->kind->back(a->size)) < 0) {
		area_forget(a);
		return NULL;
	}
	rc = area_place(a, populate);
	if (a->kind->is_sysv)
		shmctl(a->fd, IPC_RMID, NULL);
	if (rc && a->start)
		munmap(a->start, a->size);
	if (rc)
		area_forget(a);
	return rc ? NULL : a;
}

struct area *area_beside(const char *name, const struct area *other)
{
	struct area *a = area_new(name, kind_find("memfd-private"), other->size);

	if (!a)
		return NULL;
	a->fd = dup(other->fd);
	a->start = place_find(a->size);
	if (a->fd >= 0 && a->start && !area_map(a, 0, a->size))
		return a;
	area_forget(a);
	return NULL;
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
	{ "dontneed", MADV_DONTNEED },	  { "free", MADV_FREE },
	{ "remove", MADV_REMOVE },	  { "cold", MADV_COLD },
	{ "swapout", MADV_PAGEOUT },	  { "collapse", MADV_COLLAPSE },
	{ "mergeable", MADV_MERGEABLE },  { "guard", MADV_GUARD_INSTALL },
	{ "unguard", MADV_GUARD_REMOVE },
};

int area_advise(const struct area *a, const char *advice, size_t offset, size_t size)
{
	for (size_t i = 0; i < sizeof(advices) / sizeof(advices[0]); i++)
		if (!strcmp(advices[i].name, advice))
			return madvise(a->start + offset, size, advices[i].advice);
	errno = EINVAL;
	return -1;
}
