/* SPDX-License-Identifier: GPL-2.0-or-later */
/* PAGEMAP_SCAN and pagemap entries. */
#include "config.h"

#include "kernel/pagemap.h"

#include <errno.h>

static uint64_t pages_of(const struct page_region *vec, size_t nr)
{
	uint64_t bytes = 0;

	for (size_t i = 0; i < nr; i++)
		bytes += vec[i].end - vec[i].start;
	return bytes >> PAGE_SHIFT;
}

/*
 * How far the answer goes.  The kernel gathers 512 runs at a time and sets
 * walk_end only when such a round ends early: after a scan of several rounds that
 * went through to the end, walk_end is where a former round ended (do_pagemap_scan,
 * seen on 6.18.44 and 7.3.4).  Whoever goes on from there sees runs twice.
 */
static uint64_t walked_to(const struct pagemap_query *query, const struct page_region *vec,
			  size_t nr, size_t vec_len, uint64_t walk_end)
{
	bool full = nr == vec_len && vec_len;
	bool limited = query->max_pages && pages_of(vec, nr) >= query->max_pages;

	if (!full && !limited)
		return query->range.end;
	return nr && vec[nr - 1].end > walk_end ? vec[nr - 1].end : walk_end;
}

ssize_t pagemap_scan(int fd, const struct pagemap_query *query, struct page_region *vec,
		     size_t vec_len, uint64_t *walked)
{
	struct pm_scan_arg arg = {
		.size = sizeof(arg),
		.flags = query->flags,
		.start = query->range.start,
		.end = query->range.end,
		.vec = (uintptr_t)vec,
		.vec_len = vec_len,
		.max_pages = query->max_pages,
		.category_inverted = query->inverted,
		.category_mask = query->mask,
		.category_anyof_mask = query->anyof,
		.return_mask = query->returned,
	};
	int nr;

	do
		nr = ioctl(fd, PAGEMAP_SCAN, &arg);
	while (nr < 0 && errno == EINTR);
	if (nr < 0)
		return -errno;
	*walked = walked_to(query, vec, (size_t)nr, vec_len, arg.walk_end);
	return nr;
}

int pagemap_is_armed(int fd, uint64_t addr)
{
	uint64_t entry;
	ssize_t got = pread(fd, &entry, sizeof(entry),
			    (off_t)(addr >> PAGE_SHIFT) * (off_t)sizeof(entry));

	if (got < 0)
		return -errno;
	if (got != sizeof(entry))
		return -ESRCH; /* the end of file is what a dead mm shows */
	return entry & PAGEMAP_ENTRY_UFFD ? 1 : 0;
}
