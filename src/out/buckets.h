/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The histograms of a snapshot as lists, the last bucket "since the start", and
 * which figures are known at all: the same for every form.
 */
#ifndef WSSTAT_OUT_BUCKETS_H
#define WSSTAT_OUT_BUCKETS_H

#include "base/format.h"
#include "model/snapshot.h"

#define BUCKETS_MAX (EDGES_MAX + 1)
#define BUCKET_NO_END INT64_MAX
#define BUCKET_LABEL_LEN (2 * FORMAT_LEN + 16)

struct bucket {
	int64_t ge_ns; /* idle for as long or longer */
	int64_t lt_ns; /* and for less; BUCKET_NO_END */
	uint64_t bytes;
	bool since_start; /* untouched since the start: ge_ns is a bound */
};

/* Bytes by idle time, info->edges->nr + 1 buckets; observed_ns bounds the last. */
unsigned int buckets_idle(const struct edges *edges, const struct figures *figures,
			  int64_t observed_ns, struct bucket list[BUCKETS_MAX]);

/*
 * Where no page ages are known: the first bucket alone, with what was referenced in
 * the window.  Returns 1.
 */
unsigned int buckets_referenced(const struct edges *edges, const struct figures *figures,
				struct bucket list[BUCKETS_MAX]);

/*
 * Bytes touched in this window by idle time before.  A page untouched since the
 * start was so for all but this window.
 */
unsigned int buckets_retouched(const struct edges *edges, const struct figures *figures,
			       const struct snapshot *snap, struct bucket list[BUCKETS_MAX]);

/* Was the memory observed for that long, so that "touched within" it can be told? */
bool buckets_recent_known(const struct snapshot *snap, int64_t within_ns);

/* Do the region's figures tell anything? Not when untracked, not when just found. */
bool buckets_known(const struct snapshot_region *region);

/* And is anything but writes seen of it, so that it may be called hot? */
bool buckets_hot(const struct snapshot_region *region);

/* "5 s - 10 s", "< 5 s", ">= 1 h", "since start, >= 1 m 5 s". */
void bucket_label(char label[BUCKET_LABEL_LEN], const struct bucket *bucket);

#endif
