/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What more than its snapshot can be asked of a target between two samples, for a view that
 * looks closer at what somebody points to.  It asks the books as of the last sample; the
 * target itself only for where its threads have their stacks, and for its mapped files.
 */
#ifndef WSSTAT_CORE_INSPECT_H
#define WSSTAT_CORE_INSPECT_H

#include "core/whose.h"

/*
 * Belongs to the sampler or player of the target.  It is there from the first sample on, and
 * until the summary has been told.
 */
struct inspect {
	const struct books *books; /* NULL: the books are not to be read at present */
	const struct proc *proc;   /* of a process that is observed; NULL of a recording */
	struct owners *owners;	   /* whose stacks there are, as of the last sample or look */
	int64_t wall_ns;	   /* of a recording: when it was begun */
	int64_t observed_ns;	   /* as of the last sample */
	int64_t cold_after_ns;
};

/*
 * Cut range, all of it in one region, into at most `most` cells; cells->at has room for them.
 * False: there are no page ages of it now.
 */
bool inspect_cells(const struct inspect *inspect, struct range range, unsigned int most,
		   struct cells *cells);

/* Whose the memory of this snapshot, of that last sample, is: fills snap->groups. */
must_check int inspect_groups(const struct inspect *inspect, struct whose *whose,
			      struct snapshot *snap, struct error *err);

/* Find out where the objects and stacks lie, so that inspect_name() can tell. */
must_check int inspect_look(const struct inspect *inspect, struct whose *whose, struct error *err);

/*
 * "libc.so.6:.bss", "[stack:4243 worker]": whose the byte at addr is beyond the name of its
 * mapping, which begins at start.  To be freed; NULL: nobody's, or no memory for an answer.
 */
char *inspect_name(const struct inspect *inspect, const struct whose *whose, uint64_t start,
		   uint64_t addr);

/*
 * A copy that stays as it is while the target goes on: some 3 bytes a page.  NULL: no memory,
 * or no books now.  It still has the target's proc and owners.
 */
struct inspect *inspect_freeze(const struct inspect *inspect);
/* Free it; NULL is allowed. */
void inspect_thaw(struct inspect *inspect);

#endif
