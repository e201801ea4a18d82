/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is mapped at an address of a stopped process, asked anew in each stop: one
 * ioctl a question since Linux 6.11 (PROCMAP_QUERY), else by reading all of maps.
 */
#ifndef WSSTAT_KERNEL_MAPCHECK_H
#define WSSTAT_KERNEL_MAPCHECK_H

#include <stdbool.h>

#include "kernel/maps.h"
#include "kernel/procfs.h"

struct mapcheck {
	const struct proc *proc;
	bool query;	  /* the kernel answers for single addresses */
	int fd;		  /* maps, within a stop */
	struct maps maps; /* the same, where it must be read */
};

/* Finds out what the kernel can do. */
must_check int mapcheck_open(struct mapcheck *check, const struct proc *proc, struct error *err);

/* Before the stop, and again after -ENOBUFS: room for the maps that there are, if needed. */
must_check int mapcheck_prepare(struct mapcheck *check, struct error *err);
void mapcheck_close(struct mapcheck *check);

/*
 * Within the stop, before any question: opened anew each time through a thread that is
 * stopped, so that the answers are about the memory that this thread has now.  No
 * allocation.  -ENOBUFS: more mappings than there is room for (mapcheck_prepare() again).
 */
must_check int mapcheck_begin(struct mapcheck *check, int tid);

/* The mapping that holds the address, without its name.  -ENOENT: none does. */
must_check int mapcheck_find(const struct mapcheck *check, uint64_t addr, struct mapping *map);

void mapcheck_end(struct mapcheck *check);

#endif
