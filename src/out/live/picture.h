/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A snapshot that stays: a copy of its own, for a view that is drawn between samples and goes on
 * showing what it has when it is paused or the target has ended.  And the past, as far as a graph
 * shows it.
 */
#ifndef WSSTAT_OUT_LIVE_PICTURE_H
#define WSSTAT_OUT_LIVE_PICTURE_H

#include "model/groups.h"
#include "model/snapshot.h"

struct picture {
	struct snapshot snap; /* .inspect NULL, .groups as of picture_groups() */
	struct snapshot_region *regions;
	struct decision decision;
	char comm[64];
	char *names;
};

/* NULL when memory ran out. */
struct picture *picture_new(const struct snapshot *snap);
void picture_free(struct picture *picture);

/* What is hot where reads are seen anywhere; else what was written. */
const struct figures *picture_figures(const struct snapshot *snap);

/* One sample in the graph of the working set. */
struct point {
	int64_t elapsed_ns, window_ns;
	uint64_t hot_bytes; /* or written */
	uint64_t within_bytes[RECENT_NR];
	bool known;		      /* is the first? */
	bool recent_known[RECENT_NR]; /* was it observed for that long? */
};

#define HISTORY_MAX 1024 /* samples, more than any screen has columns */

struct history {
	struct point at[HISTORY_MAX]; /* a ring */
	unsigned int nr, next;
	bool held;	      /* the view is paused: */
	unsigned int skipped; /* the last ones, which came since, are not shown */
};

struct point point_of(const struct snapshot *snap);
void history_add(struct history *history, const struct point *point);

/* Show no more than is there now; or all again. */
void history_hold(struct history *history, bool held);

/* The one that is `back` before the last shown; NULL: there is none. */
const struct point *history_back(const struct history *history, unsigned int back);

/*
 * Add up the figures of several targets, for which their edges are the same.  Memory that they
 * share is counted for each.
 */
void snapshot_add(struct snapshot *sum, const struct snapshot *snap);

#endif
