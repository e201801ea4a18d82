/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What taking memory away would cost: for each threshold T of the ladder how much is idle for T
 * or longer, and how much of such memory is touched again in a minute.
 *
 * A sample speaks of T only when the memory has been observed for T by then, a window only when
 * it had been as it began: what was untouched since the start may have been so for longer, or
 * not.  So each row has samples and windows of its own, and a T longer than the run has none.
 */
#ifndef WSSTAT_MODEL_DECIDE_H
#define WSSTAT_MODEL_DECIDE_H

#include "model/epochs.h"

struct snapshot;

struct decision_row {
	int64_t threshold_ns;
	unsigned int samples;	  /* that speak of it; 0: nothing is known */
	bool last_known;	  /* and does the last sample? */
	uint64_t cold_last_bytes; /* idle for the threshold or longer */
	uint64_t cold_mean_bytes;
	unsigned int windows; /* that speak of it; 0: the rest is not known */
	int64_t windows_ns;   /* they took, together */
	/* Touched in these after having been idle for the threshold or longer. */
	uint64_t retouched_bytes;
	uint64_t retouched_bytes_per_minute;
	/* Touched within cold_after, the mean at the end of these windows. */
	uint64_t working_set_bytes;
	uint64_t cost; /* retouched a minute of the working set, in units of 1 / PERCENT percent */
};

struct decision {
	uint64_t slo; /* the cost that the threshold chosen is to stay below */
	unsigned int nr;
	int chosen;  /* the first row whose cost is below slo; -1: none */
	int longest; /* the last row of which any window speaks; -1: none */
	struct decision_row row[EDGES_MAX];
};

/* The sums behind it, over the samples of a run. */
struct decide {
	const struct edges *edges;
	uint64_t slo;
	struct decide_sum { /* by edge; the first is none */
		unsigned int samples, windows;
		bool last_known;
		uint64_t cold_last_bytes;
		uint64_t retouched_bytes;
		int64_t windows_ns;
		unsigned __int128 cold_bytes, working_set_bytes;
	} sum[EDGES_MAX];
};

/* Count a sample in; one without page ages says nothing. */
void decide_add(struct decide *decide, const struct snapshot *snap);

void decide_tell(const struct decide *decide, struct decision *decision);

#endif
