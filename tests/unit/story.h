/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A random history of some regions of memory, told to the model and to the
 * naive one alike.
 */
#ifndef WSSTAT_TESTS_UNIT_STORY_H
#define WSSTAT_TESTS_UNIT_STORY_H

#include "naive.h"
#include "rng.h"

#define STORY_REGIONS 8u
#define STORY_COLD_NS (INT64_C(12) * 1000000000)

struct story_region {
	struct naive_run run; /* empty: not there */
	struct tally tally;
	int born; /* window of tally.born, -1: the present one */
};

struct story {
	struct rng rng;
	bool huge;    /* runs of huge pages, too */
	bool renewed; /* stamps were renumbered: idle times are bounds */
	struct edges edges;
	struct epochs epochs;
	struct pages *pages;
	struct naive naive;
	struct story_region region[STORY_REGIONS];
};

/* Arm some random regions.  False, here and below: memory ran out. */
bool story_begin(struct story *story, uint64_t seed);
void story_end(struct story *story);

/* One window: regions change their bounds, and pages of all are seen. */
bool story_window(struct story *story);

/* Compact the stamps, as books do when they run out. */
bool story_compact(struct story *story, int64_t keep_ns);

#endif
