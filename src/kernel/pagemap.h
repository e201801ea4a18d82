/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * PAGEMAP_SCAN and single entries of /proc/PID/pagemap (Linux 7.3.4
 * fs/proc/task_mmu.c: do_pagemap_scan, pagemap_read).  The descriptor is bound
 * to the memory that the process had when it was opened.
 */
#ifndef WSSTAT_KERNEL_PAGEMAP_H
#define WSSTAT_KERNEL_PAGEMAP_H

#include <stddef.h>
#include <sys/types.h>

#include "base/util.h"
#include "kernel/uapi.h"
#include "model/range.h"

/*
 * A page matches when its categories, with those in .inverted turned round, have
 * all of .mask and (if .anyof is not 0) any of .anyof.
 */
struct pagemap_query {
	struct range range; /* page aligned, in user space */
	uint64_t inverted, mask, anyof;
	uint64_t returned;  /* categories told of each run, not inverted */
	uint64_t max_pages; /* stop after so many matches; 0: no limit */
	/*
	 * PM_SCAN_WP_MATCHING: write-protect what matches and is told, at the moment it
	 * is looked at; PM_SCAN_CHECK_WPASYNC: -EPERM where a mapping is not registered
	 * for WP_ASYNC.
	 */
	uint64_t flags;
};

/*
 * Of shared memory, any of these says that a page is mapped: one that is being moved
 * (migration) is not present for that moment, and still told from a marker, which is no file's
 * (pagemap_page_category: softleaf_has_pfn; is_pfn_swap_entry before 6.19).  Not of hugetlb
 * (pagemap_hugetlb_category).
 */
#define PAGE_IS_MAPPED (PAGE_IS_PRESENT | PAGE_IS_FILE)

/*
 * Fill vec with runs of matching pages, ascending.  Returns how many, *walked is
 * the address up to which the answer is complete: call again from there while it
 * is below range.end.  Any state of the target; mmap_lock is held for reading,
 * so keep the range small where memory is populated.
 * With vec NULL and vec_len 0 nothing is told (and all that matches is protected).
 * -ESRCH: the memory is gone (exec or exit).  -EINVAL: a category is unknown to
 * this kernel.
 */
must_check ssize_t pagemap_scan(int fd, const struct pagemap_query *query, struct page_region *vec,
				size_t vec_len, uint64_t *walked);

/*
 * Is the uffd bit of this page's entry set, that is: armed, and not touched
 * since?  1, 0, or a negative errno (-ESRCH: the memory is gone).
 */
must_check int pagemap_is_armed(int fd, uint64_t addr);

#endif
