/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kinds of memory an area can be of, for area.c. */
#ifndef WSSTAT_TESTS_KINDS_H
#define WSSTAT_TESTS_KINDS_H

#include <stdbool.h>
#include <stddef.h>

struct area;

/* Where the first contents of an area come from, if it is to be populated. */
enum fill {
	FILL_BY_PROT,  /* written, or read where it cannot be written */
	FILL_BY_READS, /* read: zero pages, pages of the file */
};

struct kind {
	const char *name;
	size_t page_bytes;	  /* the unit in which commands count pages */
	int (*back)(size_t size); /* a descriptor of new memory, or -1; NULL: anonymous */
	bool is_sysv;		  /* that descriptor is for shmat() */
	int prot;
	int flags;
	int advice; /* madvise() right after mmap(), or 0 */
	enum fill fill;
	char *(*map_elsewhere)(const struct area *a); /* where the kernel has its own mind */
	int (*finish)(const struct area *a);	      /* the last touch, after it was filled */
};

/* NULL with errno set if there is none of this name. */
const struct kind *kind_find(const char *name);

#endif
