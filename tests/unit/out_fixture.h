/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A made-up run for the tests of the output forms: every kind of reason, names
 * that would harm a terminal, swapped, huge and zero pages, pages untouched since
 * the start.
 */
#ifndef WSSTAT_TESTS_UNIT_OUT_FIXTURE_H
#define WSSTAT_TESTS_UNIT_OUT_FIXTURE_H

#include "model/snapshot.h"

#define FIXTURE_HOSTILE "/tmp/\033[2J\302\233x\377-\303\251\342\202\254"
#define FIXTURE_NR_REGIONS (7 + REASON_NR)

struct out_fixture {
	struct edges edges;
	struct run_info info;
	struct snapshot_region regions[FIXTURE_NR_REGIONS];
	struct snapshot snap;
	struct event events[EVENT_NR];
	struct run_summary summary;
	struct decision decision;
};

/* Sample 13 after 65 s at 5 s.  Returns whether the books of it close. */
bool out_fixture_make(struct out_fixture *fixture);

/* The same without any region whose reads and writes are seen. */
void out_fixture_blind(struct out_fixture *fixture);

/*
 * The same with regions on several methods: heap and one of the anonymous ones on wp,
 * shared memory on zap, which tells reads from writes; huge pages are split.
 */
void out_fixture_mixed(struct out_fixture *fixture);

/* The same with wp only: nothing can be called hot or cold. */
void out_fixture_writes(struct out_fixture *fixture);

/* The same with refs only: no page ages. */
void out_fixture_refs(struct out_fixture *fixture);

/* Make the summary what samples like this one come to. */
void out_fixture_sum_up(struct out_fixture *fixture, unsigned int samples);

#endif
