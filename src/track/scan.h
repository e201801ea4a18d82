/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the methods have in common: timed calls, PAGEMAP_SCAN into the tracker's
 * vec, and telling its answer to a sink.  Any state of the target.
 */
#ifndef WSSTAT_TRACK_SCAN_H
#define WSSTAT_TRACK_SCAN_H

#include <stddef.h>
#include <sys/types.h>

#include "kernel/pagemap.h"
#include "track/tracker.h"

#define SCAN_PAGES 16384u /* populated pages handled in one call: 64 MiB of 4 KiB pages */
#define SCAN_BYTES ((uint64_t)SCAN_PAGES * PAGE_BYTES)

/* Runs of a scan and what their categories mean to the method. */
struct scan_runs {
	const struct page_region *vec;
	size_t nr;
	unsigned int (*bits)(uint64_t categories); /* enum page_bits */
	unsigned int hidden; /* bits that are not to be told: a huge page is seen by small ones */
};

/* PAGEMAP_SCAN, its time counted.  As pagemap_scan(). */
must_check ssize_t scan(struct tracker *tracker, const struct pagemap_query *query,
			struct page_region *vec, size_t len, uint64_t *walked);

/* A call on the userfaultfd, its time counted. */
must_check int scan_timed(struct tracker *tracker, int (*call)(int, struct range),
			  struct range range);

/*
 * Register exactly this mapping.  -ENOENT if it is not as it was read: a part of one that
 * grew would be two mappings from then on, which mremap(2) refuses to grow or move
 * (EFAULT), and that would harm the target.
 */
must_check int scan_register(struct tracker *tracker, const struct mapping *map,
			     int (*enter)(int, struct range));

/* tracker_ops.disarm: what is not as it was read is left to the end of all (close). */
void scan_unregister(struct tracker *tracker, struct range range);

/*
 * Resident and swapped pages of range, and guard pages, into the tracker's vec, up
 * to max_pages (0: no limit) so that the lock is short; *walked is how far it goes.
 */
must_check ssize_t scan_look(struct tracker *tracker, struct range range, uint64_t max_pages,
			     uint64_t *walked);

/* Bits of a page that nothing is known of but that it is there. */
unsigned int scan_bits_there(uint64_t categories);

/* Tell the runs within whole, and the pages between them, which say `gap`. */
must_check int scan_tell(struct sink *sink, const struct scan_runs *runs, struct range whole,
			 unsigned int gap);

/* tracker_ops.survey of every method that asks the kernel. */
must_check int scan_survey(struct tracker *tracker, const struct mapping *map, struct sink *sink);

/*
 * The size of what can be armed in this mapping, where nothing is armed yet:
 * hugetlb pages are armed whole, and the name does not always tell.  clear:
 * disarms a range.
 */
uint64_t scan_unit(struct tracker *tracker, const struct mapping *map,
		   int (*clear)(int, struct range));

/*
 * Walk a mapping piece by piece for arming: call piece() for each with what
 * scan_look() said of it, and of nothing beyond its end.  A piece ends at a huge page's border, so
 * that none is split, and holds about SCAN_PAGES populated pages.
 */
struct scan_piece {
	struct tracker *tracker;
	const struct mapping *map;
	uint64_t unit_bytes;
	struct range range;
	const struct page_region *vec;
	size_t nr;
	struct sink *sink;
};
must_check int scan_pieces(struct scan_piece *walk, int (*piece)(const struct scan_piece *));

/* How a mode of userfaultfd is armed: its calls, and what is done with each piece. */
struct scan_mode {
	int (*enter)(int uffd, struct range range);
	int (*clear)(int uffd, struct range range);
	int (*piece)(const struct scan_piece *piece);
};

/*
 * tracker_ops.arm, but for what the method sees: registers the mapping anew, forgets what
 * was known of it, and walks it.
 */
must_check int scan_arm(struct tracker *tracker, const struct mapping *map,
			const struct scan_mode *mode, struct armed *armed, struct sink *sink);

#endif
