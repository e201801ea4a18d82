/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The samplers of a run: those of all its targets that have not ended. */
#ifndef WSSTAT_CORE_CREW_H
#define WSSTAT_CORE_CREW_H

#include "core/run.h"

struct crew {
	struct sampler_shared shared;
	struct listener listener;    /* between the samplers and the run's own */
	const struct listener *told; /* the run's own */
	bool deaf;		     /* it failed: there is no going on */
	struct sampler **at;
	struct target **targets; /* theirs */
	unsigned int nr, cap;
	struct run_result result;
};

void crew_init(struct crew *crew, const struct sampler_config *config,
	       const struct listener *listener, bool several);

/*
 * Begin with this target, which is taken over.  0, or what failed, with err; nothing is
 * left of it then.
 */
must_check int crew_add(struct crew *crew, struct target *target, int parent, struct error *err);

/* End the i-th, who is then another or nobody. */
must_check int crew_end(struct crew *crew, unsigned int i, enum run_end end, struct error *err);

/*
 * The i-th failed: tell it and go on without, 0; or the same error, if there is nobody to
 * go on for.
 */
must_check int crew_fail(struct crew *crew, unsigned int i, int rc, struct error *err);

/* Which one it is, or -1. */
int crew_find(const struct crew *crew, int pid);

/* After all have been ended. */
void crew_free(struct crew *crew);

#endif
