/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One run of wsstat: its targets, sampled at the same times; their ends; and with
 * config->follow their children, who become targets as they are found.
 */
#ifndef WSSTAT_CORE_RUN_H
#define WSSTAT_CORE_RUN_H

#include "core/sampler.h"

struct run_result {
	unsigned int samples; /* that were told, of all targets */
	enum run_end end;
	/* Several targets: the run went on, but one that was asked for failed so. */
	enum error_kind failed;
};

/*
 * Observe nr targets, which are taken over, until all have ended, a limit is reached or
 * a signal comes; then disarm and close them.  The listener hears the summary of each
 * target whose header it heard, also when the run failed.  A target that fails is told
 * and left; if it is the only one there can be, or the listener failed, the run fails.
 */
must_check int run_targets(struct target **targets, unsigned int nr,
			   const struct sampler_config *config, const struct listener *listener,
			   struct run_result *result, struct error *err);

#endif
