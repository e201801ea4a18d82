/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The live view (--live): a full screen that is looked at while the run goes on.  It hears the
 * run like an output form, and is attended to in between (struct viewer).
 *
 * While it is open the terminal belongs to it: what goes to base/log.h is shown there, and comes
 * to standard error when it is closed.
 */
#ifndef WSSTAT_OUT_LIVE_LIVE_H
#define WSSTAT_OUT_LIVE_LIVE_H

#include "core/sampler.h"

struct live;

/* A recording that is shown, step by step. */
struct live_playing {
	bool on;	   /* it is a recording, not a run */
	bool running;	   /* step after step, by itself */
	unsigned int step; /* the one shown; from 1 */
	unsigned int steps;
	int64_t pace_ns; /* between two steps */
};

/*
 * The terminal is taken with the first header.  *live NULL after an error: ERROR_USAGE if this
 * is no terminal for it.  interval_ns: between samples, at the start.
 */
must_check int live_open(struct live **live, int64_t interval_ns, enum groups_by by,
			 struct error *err);

/*
 * Give the terminal back, leave the summaries on standard output and what was logged on standard
 * error, and free it all.  NULL is allowed.
 */
void live_close(struct live *live);

/* Where what the command writes goes, if it has one; path outlives the view. */
void live_set_output(struct live *live, const char *path);

/* Hear the run, as a listener does whose context is the view. */
must_check int live_header(void *live, const struct run_info *info, struct error *err);
must_check int live_sample(void *live, const struct snapshot *snap, struct error *err);
must_check int live_event(void *live, const struct event *event, struct error *err);

/*
 * If that was the last one and it ended by itself, its picture stays until a key is pressed or a
 * signal comes; so this call can take long.
 */
must_check int live_summary(void *live, const struct run_summary *summary, struct error *err);

/* Its struct viewer's functions. */
int live_fd(void *live);
must_check int live_attend(void *live, struct wish *wish, struct error *err);

/* A recording: where it stands.  live_attend() then wishes for steps. */
struct live_playing *live_playing(struct live *live);

/* All targets and their samples are forgotten, for the recording begins anew. */
void live_forget(struct live *live);

/* A round of samples, one of each target, is complete. */
void live_step_done(struct live *live);

#endif
