/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whose stack a mapping is, as far as is known: a thread's stack pointer is to be seen only
 * while it sleeps, so each is kept until the thread ends or its mapping goes.
 */
#ifndef WSSTAT_CORE_OWNERS_H
#define WSSTAT_CORE_OWNERS_H

#include "kernel/stacks.h"
#include "model/regions.h"

struct owner {
	uint64_t start; /* of the mapping */
	int tid;
	char comm[16]; /* as it called itself when it was seen */
};

struct owners {
	struct owner *at; /* by start, one each */
	size_t nr, cap;
	struct thread_stacks threads; /* scratch */
};

/* Look at the threads once more.  0 or -ENOMEM; what may not be seen is not known. */
must_check int owners_look(struct owners *owners, const struct proc *proc,
			   const struct region_set *regions);
/* The same, from what was seen of the threads; sorts them. */
must_check int owners_update(struct owners *owners, struct thread_stacks *threads,
			     const struct region_set *regions);

/* Add one behind all that are there.  0 or -ENOMEM. */
must_check int owners_add(struct owners *owners, const struct owner *owner);
/* Take over what others know, which may be NULL.  0 or -ENOMEM. */
must_check int owners_copy(struct owners *owners, const struct owners *others);
/* Bring into order what was added in any; of several on one mapping the lowest number stays. */
void owners_settle(struct owners *owners);
void owners_free(struct owners *owners);

/* Whose stack the mapping that begins there is; NULL: not known. */
const struct owner *owners_find(const struct owners *owners, uint64_t start);

#endif
