/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which pages of the file behind a shared mapping are in memory, though the target
 * has not mapped them: wsstat maps the same file, without access, and asks
 * mincore(2) (mm/mincore.c, mincore_page).  Needs the file: /proc/PID/map_files
 * (CAP_SYS_ADMIN or CAP_CHECKPOINT_RESTORE), else a descriptor of the target's.
 * Any state of the target; it is not touched.
 */
#ifndef WSSTAT_KERNEL_PAGE_CACHE_H
#define WSSTAT_KERNEL_PAGE_CACHE_H

#include "kernel/procfs.h"
#include "model/region.h"

struct page_cache;

/* proc must outlive it.  NULL: no memory. */
struct page_cache *page_cache_new(const struct proc *proc);
void page_cache_free(struct page_cache *cache);

/*
 * Have a view on the file behind this mapping, if one can be had; there may be one
 * already.  0 or -ENOMEM.
 */
must_check int page_cache_open(struct page_cache *cache, const struct mapping *map);

/* Give up the views on mappings that lie in this range. */
void page_cache_close(struct page_cache *cache, struct range range);

/*
 * The next run of range, part of map, for which the file has data (SEEK_DATA): for
 * memory files that is what was ever written or read.  False: no more, or it cannot
 * be told.
 */
bool page_cache_data(const struct page_cache *cache, const struct mapping *map, struct range range,
		     struct range *run);

/*
 * Has the file behind map become smaller, or are blocks of it gone, since the sample
 * before (fstat(2); what was swapped still counts)?  All calls of one sample answer
 * alike.  False where it cannot be told.
 */
bool page_cache_shrank(struct page_cache *cache, const struct mapping *map, unsigned int sample);

/*
 * in_cache[i] & 1: is page i of range, part of map, in memory?  0, or a negative
 * errno: it cannot be told (-ENOENT: no view; hugetlb has none).
 */
must_check int page_cache_look(const struct page_cache *cache, const struct mapping *map,
			       struct range range, unsigned char *in_cache);

#endif
