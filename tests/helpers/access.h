/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The ways to touch a page of an area, for situation.c. */
#ifndef WSSTAT_TESTS_ACCESS_H
#define WSSTAT_TESTS_ACCESS_H

#include <stddef.h>
#include <sys/types.h>

struct area;

struct access;

/* Pages first, first + step, ...: count of them. */
struct pages {
	size_t first, count, step;
};

/* read, write, sys-write, sys-read, vm-read; NULL if it is none of them. */
const struct access *access_find(const char *name);

/* Touch these pages and no others.  0, or -1 with errno set. */
int access_pages(const struct access *how, const struct area *a, const struct pages *r);

/* The other process of "vm-read": main() for "situation --peer PID". */
int access_peer_main(pid_t target);

#endif
