/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Page ages done the plain way, to hold model/pages.c against: one entry for
 * each page of a small universe, with the list of the windows in which it was
 * touched.  Shares no code with the model but its public structures.
 */
#ifndef WSSTAT_TESTS_UNIT_NAIVE_H
#define WSSTAT_TESTS_UNIT_NAIVE_H

#include <stdbool.h>

#include "model/pages.h"
#include "model/snapshot.h"

/* Six chunks of 2 MiB; spans of 1 GiB meet in their middle. */
#define NAIVE_PAGES (6 * HUGE_PAGES)
#define NAIVE_BASE (UINT64_C(0x7f0040000000) - 3 * HUGE_BYTES)
#define NAIVE_WINDOWS 64u /* at most, the arming included */

struct naive_page {
	bool known, swapped, zero;
	unsigned int first;	     /* window in which it was first seen; 0: the arming */
	bool touched[NAIVE_WINDOWS]; /* in that window, since it is known */
	/* Of this window: how it was touched first, if it was known then and not yet. */
	bool retouched;
	unsigned int last_before; /* retouched: when it was last touched or first seen before */
	unsigned int ways;	  /* PAGE_BIT_WRITTEN or PAGE_BIT_ONLY_READ, or neither */
};

struct naive {
	struct edges edges;
	int64_t at_ns[NAIVE_WINDOWS];
	unsigned int now; /* window */
	struct naive_page page[NAIVE_PAGES];
	bool huge[NAIVE_PAGES / HUGE_PAGES];
	/* As of which window a page counts that appears untouched; -1: the present one. */
	int born[NAIVE_PAGES];
};

/* Pages [first, end) of the universe. */
struct naive_run {
	unsigned int first, end;
};

struct range naive_range(struct naive_run run);

void naive_begin(struct naive *naive, const struct edges *edges, int64_t start_ns);
void naive_window(struct naive *naive, int64_t at_ns);
void naive_see(struct naive *naive, struct naive_run run, unsigned int bits);
void naive_set_born(struct naive *naive, struct naive_run run, int window);
void naive_drop(struct naive *naive, struct naive_run run);

/* A region ends, or begins, at this page: no huge page can lie across. */
void naive_cut(struct naive *naive, unsigned int page);

/* What figures_of_tally() is to say of these pages; *armed as tally.armed_touched. */
void naive_figures(const struct naive *naive, struct naive_run run, int64_t cold_after_ns,
		   struct figures *figures, uint64_t *armed);

#endif
