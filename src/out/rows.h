/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The regions of a snapshot put together by name, as people ask for them: all
 * mappings of one library are one row, all anonymous ones another.  But no row has
 * regions of two methods: what is seen of them cannot be added up.
 */
#ifndef WSSTAT_OUT_ROWS_H
#define WSSTAT_OUT_ROWS_H

#include "out/buckets.h"

struct row {
	const char *name;	   /* of the snapshot; "" for anonymous memory */
	enum region_method method; /* METHOD_NONE: nothing is seen, hot is n/a */
	enum region_sees sees;	   /* SEES_WRITES: hot is what was written */
	bool ages;		   /* else the median is n/a */
	uint64_t hot_bytes;
	uint64_t resident_bytes;
	uint64_t tracked_bytes;
	unsigned int nr_regions;
	enum region_reason reason; /* of its last region that is not wholly observed */
	/*
	 * Half of the tracked bytes are idle for less or as long; a bound from
	 * below where the row is of several regions, or untouched since the start.
	 */
	int64_t median_ns; /* -1: nothing tracked */
	bool median_bound;
	uint64_t idle_bytes[BUCKETS_MAX];
};

struct rows {
	struct row *at; /* by hot bytes, then resident, largest first */
	unsigned int nr;
};

/* 0 or -ENOMEM.  The rows live no longer than snap. */
must_check int rows_build(struct rows *rows, const struct snapshot *snap,
			  const struct edges *edges);
void rows_free(struct rows *rows);

#endif
