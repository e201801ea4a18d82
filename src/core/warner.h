/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Events that say what lowers the worth of the figures. */
#ifndef WSSTAT_CORE_WARNER_H
#define WSSTAT_CORE_WARNER_H

#include "core/target.h"
#include "core/tell.h"

/* What was known at the sample before. */
struct warner {
	bool merging;		  /* does KSM work on this machine? */
	bool pages_out;		  /* has it been told that DAMON does? */
	uint64_t merged;	  /* pages of the target */
	uint64_t collapses;	  /* by khugepaged, since boot, on this machine */
	uint64_t file_huge_bytes; /* of files and shared memory, on this machine */
	bool looked;		  /* are these two of the sample before? */
};

/* Where and when an event is told. */
struct occasion {
	struct tell *tell;
	const struct tick *tick;
	int64_t start_ns; /* of the run */
};

/* At the start; looks at /proc and /sys only. */
void warner_begin(struct warner *warner, const struct target *target);

/*
 * Since the last call; methods: those in use, each as 1 << method.  Looks at
 * /proc and /sys; what the tracker had to say is told, and forgotten.  Errors: of the telling.
 */
must_check int warner_tell(struct warner *warner, struct target *target, unsigned int methods,
			   const struct occasion *occasion, struct error *err);

#endif
