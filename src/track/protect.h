/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Write protection by WP_ASYNC, which methods zap and wp share (Linux 6.7).  Every
 * entry that is protected needs a page table, so it is done by chunks of 2 MiB of
 * which some page is there (kernel-facts 6): empty address space costs nothing.
 */
#ifndef WSSTAT_TRACK_PROTECT_H
#define WSSTAT_TRACK_PROTECT_H

#include "track/scan.h"

/*
 * What is protected of a mapping.  Where a protected page of a file leaves the page
 * tables, a marker stays; and if it leaves the page cache too, mlock(2) of the target
 * there never ends (seen on 6.18.44 and 7.3.4: populate_vma_page_range() tries for ever,
 * mm/filemap.c, filemap_fault() sees that the entry is not empty).  So of private mappings of
 * files only the process's own copies are protected, of which no less is seen, for what is
 * the file's has not been written; of shared ones nothing, unless tracker->file_markers says
 * so: that method was asked for by its name.
 */
enum protect_what {
	PROTECT_ALL,  /* in chunks of 2 MiB; a page that appears is known to be written or not */
	PROTECT_OWN,  /* pages that the process has copied */
	PROTECT_NONE, /* registered, so that an access maps one page and no more */
};
enum protect_what protect_what(const struct tracker *tracker, const struct mapping *map);

/*
 * Register the mapping and protect what is there as protect_what() says.  The sink hears
 * what is there.  As tracker_ops.arm; fills the unit.
 */
must_check int protect_mapping(struct tracker *tracker, const struct mapping *map,
			       struct armed *armed, struct sink *sink);

/*
 * Chunks of these runs in which not every entry is protected yet: protect the empty
 * ones, so that what appears there from now on is known to be written or not.
 * Pages that are there are left alone.  0 or a negative errno.
 */
must_check int protect_holes(struct tracker *tracker, const struct mapping *map,
			     const struct page_region *vec, size_t nr);

/* tracker_ops.confirm: register the whole of it; what is not protected is found later. */
must_check int protect_confirm(struct tracker *tracker, const struct mapping *map);

#endif
