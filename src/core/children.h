/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The target's children, so that a fork is told: what they touch is not seen. */
#ifndef WSSTAT_CORE_CHILDREN_H
#define WSSTAT_CORE_CHILDREN_H

#include "core/target.h"
#include "core/tell.h"

#define CHILDREN_MAX 256 /* more are not told apart */

struct children {
	int pid[CHILDREN_MAX];
	unsigned int nr;
};

/* Learn who is there at the start. */
void children_init(struct children *children, const struct target *target);

/* Tell each child that is new since the last call. */
must_check int children_tell(struct children *children, const struct target *target,
			     struct tell *tell, const struct tick *tick, int64_t start_ns,
			     struct error *err);

#endif
