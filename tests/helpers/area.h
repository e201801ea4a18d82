/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Named areas of memory of every kind a region can be, for situation.c.
 * Each area lies alone, with unmapped space on both sides: one area, one VMA.
 */
#ifndef WSSTAT_TESTS_AREA_H
#define WSSTAT_TESTS_AREA_H

#include <stddef.h>

#define SMALL_PAGE 4096ul
#define HUGE_PAGE (2ul << 20)

struct kind;

struct area {
	char name[32];
	const struct kind *kind; /* NULL: the slot is free */
	char *start;
	size_t size;
	size_t page_bytes; /* the unit in which commands count pages */
	int fd;		   /* of the memory behind it, or -1 */
};

struct area *area_find(const char *name);
size_t area_pages(const struct area *a);

/* Make an area; NULL with errno set.  populate: fill all of it with a pattern. */
struct area *area_make(const char *name, const char *kind, size_t size, const char *populate);

/* A private mapping of the memory behind another area; nothing of it is touched. */
struct area *area_beside(const char *name, const struct area *other);

/* The part of the heap the caller has just made, as an area named "heap". */
struct area *area_heap(char *start, size_t size);

void area_forget(struct area *a);

/* Map a part of the area anew, at its place, over whatever is there: 0 or -1. */
int area_map(const struct area *a, size_t offset, size_t size);

/* madvise(2) on a part of it, by name: "dontneed", "swapout", ... */
int area_advise(const struct area *a, const char *advice, size_t offset, size_t size);

#endif
