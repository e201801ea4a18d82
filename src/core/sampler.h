/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The loop: wait, look at the mappings, arm what is new, collect what was
 * touched, keep the books, and tell a listener.
 */
#ifndef WSSTAT_CORE_SAMPLER_H
#define WSSTAT_CORE_SAMPLER_H

#include "core/select.h"
#include "core/target.h"
#include "model/snapshot.h"

struct sampler_config {
	int64_t interval_ns;
	uint64_t count;	     /* samples; 0: no limit */
	int64_t duration_ns; /* 0: no limit */
	int64_t cold_after_ns;
	struct edges edges;
	struct selection selection;
	struct target_config target;
};

/*
 * Who is told; the records live until the call returns.  A call that fails ends
 * the run with its error.
 */
struct listener {
	void *ctx;
	int (*header)(void *ctx, const struct run_info *info, struct error *err);
	int (*sample)(void *ctx, const struct snapshot *snap, struct error *err);
	int (*event)(void *ctx, const struct event *event, struct error *err);
	int (*summary)(void *ctx, const struct run_summary *summary, struct error *err);
};

struct sampler_result {
	unsigned int samples;
	enum run_end end;
};

/*
 * Observe until the target ends, a limit is reached or a signal comes; then disarm
 * and close the target.  The listener hears a summary whenever it heard the header,
 * also when the run failed.
 */
must_check int sampler_run(struct target *target, const struct sampler_config *config,
			   const struct listener *listener, struct sampler_result *result,
			   struct error *err);

#endif
