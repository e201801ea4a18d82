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
	const struct books *books;   /* NULL: the books are not to be read at present */
	const struct proc *proc;     /* of a process that is observed; NULL of a recording */
	const struct owners *owners; /* of a recording: whose stacks there were; else NULL */
	int64_t wall_ns;	     /* of a recording: when it was begun */
	int64_t observed_ns;	     /* as of the last sample */
	int64_t cold_after_ns;
};

/*
 * Cut range, all of it in one region, into at most `most` cells; cells->at has room for them.
 * False: there are no page ages of it now.
 */
bool inspect_cells(const struct inspect *inspect, struct range range, unsigned int most,
		   struct cells *cells);

/*
 * Who asks again and again whose memory is, and what he has learned of one target so far.  He
 * looks at its threads himself, so that nothing that is recorded depends on who asks.
 */
struct asker {
	struct whose *whose; /* NULL until asker_begin() */
	struct owners owners;
};

/* By section or symbol.  0 or -ENOMEM; what was there is freed. */
must_check int asker_begin(struct asker *asker, enum groups_by by);
void asker_end(struct asker *asker);

/* Whose the memory of this snapshot, of that last sample, is: fills snap->groups. */
must_check int inspect_groups(const struct inspect *inspect, struct asker *asker,
			      struct snapshot *snap, struct error *err);

/* Find out where the objects and stacks lie, so that asker_at() can tell. */
must_check int inspect_look(const struct inspect *inspect, struct asker *asker, struct error *err);

/* Whose a byte is, beyond the name of its mapping. */
struct asked {
	const char *object, *part; /* of a file; else NULL: */
	const struct owner *owner; /* of the stack */
};

/*
 * The byte at addr, in the mapping that begins at start, as of the last look.  What is told lives
 * until the next.  False: nobody's.
 */
bool asker_at(const struct asker *asker, uint64_t start, uint64_t addr, struct asked *asked);

/*
 * A copy that stays as it is while the target goes on: some 3 bytes a page.  NULL: no memory,
 * or no books now.  It still has the target's proc, and a recording's owners.
 */
struct inspect *inspect_freeze(const struct inspect *inspect);
/* Free it; NULL is allowed. */
void inspect_thaw(struct inspect *inspect);

#endif
