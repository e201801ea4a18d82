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
 * Register the mapping and protect all chunks that are populated.  The sink hears
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
