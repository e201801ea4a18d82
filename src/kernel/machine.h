/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the kernel does to memory by itself, on this machine, for whatever process. */
#ifndef WSSTAT_KERNEL_MACHINE_H
#define WSSTAT_KERNEL_MACHINE_H

#include <stdbool.h>
#include <stdint.h>

/* Does KSM merge pages? */
bool machine_merges(void);

/* Huge pages that khugepaged has made since boot, of whatever memory; 0 if unknown. */
uint64_t machine_collapses(void);

/* Bytes of huge pages that hold files or shared memory, of all processes; 0 if unknown. */
uint64_t machine_file_huge_bytes(void);

/*
 * Is there a DAMON scheme that pages memory out, perhaps with memory enough (Linux 6.18
 * mm/damon/paddr.c, damon_pa_pageout; by hand below /sys/kernel/mm/damon/admin, or
 * DAMON_RECLAIM)? It takes pages out of the page tables whatever their accessed bits say.
 * Only root may read that: false where it is not known.
 */
bool machine_pages_out(void);

#endif
