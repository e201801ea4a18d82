/* SPDX-License-Identifier: GPL-2.0-or-later */
/* --follow: the children of the targets, and theirs, become targets. */
#ifndef WSSTAT_CORE_FOLLOW_H
#define WSSTAT_CORE_FOLLOW_H

#include "core/crew.h"

/* A child that is no target. */
struct stranger {
	int pid;
	uint64_t start_ticks; /* with the pid, an identity */
	int64_t found_ns;     /* under the shim it has some time to call by itself */
	bool refused;
	bool seen; /* in this look */
};

struct follow {
	struct crew *crew;
	struct stranger *at;
	size_t nr, cap;
	int *pids;
	size_t pids_cap;
};

/* Find and take new children.  Those that cannot be observed are told, once. */
must_check int follow_look(struct follow *follow, const struct tick *tick, struct error *err);

/* The shim of a process that is no target calls.  The call is taken over. */
must_check int follow_call(struct follow *follow, struct launch_call call, const struct tick *tick,
			   struct error *err);

void follow_free(struct follow *follow);

#endif
