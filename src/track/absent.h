/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Pages of shared memory that observing took out of the target's page tables: the
 * scan says that nothing is there, but the page still is in memory, and the target
 * has it back at a touch.  Such pages stay in the books for as long as the page
 * cache holds them.
 *
 * To ask the page cache costs much more than to scan (some 80 ns a page), and cold
 * memory has no bound.  All of it is asked for at every sample while that takes no
 * more than a hundredth of the time, and of a file that shrank in any case; else as
 * much as that, chunks in turn, and the others hold on until their turn comes.
 */
#ifndef WSSTAT_TRACK_ABSENT_H
#define WSSTAT_TRACK_ABSENT_H

#include "track/tracker.h"

/* A sink before the method's: what it hears to be absent, it tells as kept or gone. */
struct absent {
	struct sink sink;
	struct tracker *tracker;
	const struct mapping *map;
	struct sink *to;
	uint64_t turns; /* at this sample one chunk in so many is asked for */
};

struct absent absent_sink(struct tracker *tracker, const struct mapping *map, struct sink *to);

/* The pages of range, part of map, may have been taken out.  0 or -ENOMEM. */
must_check int absent_add(struct tracker *tracker, const struct mapping *map, struct range range);

/*
 * Memory behind a mapping that the target has not mapped now, as after a former
 * observation: calls fn for each run of the file's data, and tells the sink that what
 * the page cache holds of it is there.  0, -ENOMEM, or what fn returned.
 */
must_check int absent_find(struct tracker *tracker, const struct mapping *map, struct sink *sink,
			   int (*fn)(struct tracker *, const struct mapping *, struct range));

/* Nothing in range was taken out any more: a new mapping. */
void absent_forget(struct tracker *tracker, struct range range);

void absent_free(struct tracker *tracker);

#endif
