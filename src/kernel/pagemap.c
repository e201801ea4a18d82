/* SPDX-License-Identifier: GPL-2.0-or-later */
/* PAGEMAP_SCAN and pagemap entries. */
#include "config.h"

#include "kernel/pagemap.h"

#include <errno.h>

ssize_t pagemap_scan(int fd, const struct pagemap_query *query, struct page_region *vec,
		     size_t vec_len, uint64_t *walked)
{
	struct pm_scan_arg arg = {
		.size = sizeof(arg),
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
	*walked = arg.walk_end;
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
