/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The lines of a sample that are no table, as the text form and the live view have them. */
#ifndef WSSTAT_OUT_TEXT_PARTS_H
#define WSSTAT_OUT_TEXT_PARTS_H

#include "out/flow.h"
#include "out/output.h"

/*
 * "wsstat  redis-server[4242]", which every record but an event begins with; the line goes on
 * with flow_add() and ends with flow_end().  0 or -ENOMEM.
 */
must_check int text_begin(const struct output *out, struct flow *flow, const char *comm, int pid);

/* Which sample, its window, the methods in use.  0 or -ENOMEM. */
must_check int text_title(const struct output *out, const struct snapshot *snap);

/* Resident, tracked, hot, cold, warm if out->verbose and there is room; written and unwritten; or
 * why not. */
void text_figures(const struct output *out, const struct snapshot *snap);

/* Written and unwritten, where only writes are seen; nothing if nothing. */
void text_writes_only(const struct output *out, const struct snapshot *snap);

/* Why hot and cold are "n/a"; nothing where they are not. */
void text_reason(const struct output *out, bool tracked, bool ages);

/* What is not observed, by reason; nothing if nothing. */
void text_untracked(const struct output *out, const struct snapshot *snap);

/* What stands beside the books, and what they do not show; nothing if nothing. */
void text_beside(const struct output *out, const struct snapshot *snap);

/* Of observing; over_ns: the time in which it was spent. */
void text_cost(const struct output *out, const struct cost *cost, int64_t over_ns);

#endif
