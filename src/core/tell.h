/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the listener is told, and the sums for the end of the run. */
#ifndef WSSTAT_CORE_TELL_H
#define WSSTAT_CORE_TELL_H

#include "core/sampler.h"
#include "model/regions.h"

struct tell {
	const struct listener *listener;
	bool header_told;
	int pid;
	const char *comm;
	unsigned int samples;
	struct run_summary sum;
	uint64_t hot_sum_bytes, cold_sum_bytes, written_sum_bytes;
	unsigned int seen_samples;    /* in which reads and writes of some region were seen */
	unsigned int aged_samples;    /* of those: with page ages, so that something is cold */
	unsigned int written_samples; /* with regions of which only writes are seen */
	struct decide decide;
	struct decision decision; /* as of the last sample */
	bool decide_each;	  /* tell it with each sample, not only in the summary */
	struct snapshot last;
	struct snapshot_region *last_regions;
};

must_check int tell_header(struct tell *tell, const struct run_info *info, struct error *err);

/* Count the sample in, tell it (and first, that it is late), keep it as the last. */
must_check int tell_sample(struct tell *tell, const struct snapshot *snap, struct error *err);

/* As tell_sample(), of one whose lateness was told. */
must_check int tell_sample_only(struct tell *tell, const struct snapshot *snap, struct error *err);

/* Count in what regions held that went away. */
void tell_count_gone(struct tell *tell, const struct region_changes *changes);

/* Regions that came, went or changed before this sample. */
must_check int tell_changes(struct tell *tell, const struct region_changes *changes,
			    const struct snapshot *snap, struct error *err);

/* An event without a mapping. */
must_check int tell_simple(struct tell *tell, enum event_kind kind, const struct tick *tick,
			   int64_t start_ns, const char *text, struct error *err);

/* A child of the target. */
must_check int tell_fork(struct tell *tell, int child, const struct tick *tick, int64_t start_ns,
			 const char *text, struct error *err);

must_check int tell_summary(struct tell *tell, enum run_end end, const struct tick *tick,
			    int64_t start_ns, struct error *err);

void tell_free(struct tell *tell);

#endif
