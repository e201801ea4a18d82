/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whose the memory is (--by): mappings and kinds by their names; sections and symbols of the ELF
 * files that are mapped, .bss too, by the ages of their pages.  A page that several of them
 * share is divided by bytes, so that all of them together are what is resident, to the byte.
 */
#ifndef WSSTAT_CORE_WHOSE_H
#define WSSTAT_CORE_WHOSE_H

#include "core/books.h"
#include "core/owners.h"
#include "model/groups.h"

struct whose;

/* NULL when memory ran out. */
struct whose *whose_new(enum groups_by by);
void whose_free(struct whose *whose);

/* Where the mapped files are to be had. */
struct whose_source {
	const struct proc *proc; /* of the target; NULL: by their names, if they are as they were */
	int64_t wall_ns;	 /* then: when */
};

/* How a thread's stack is called: its tid, and the name that it has given itself. */
#define OWNER_FORMAT "[stack:%d %.15s]"

/* The part of an object that some address lies in. */
struct whose_part {
	const char *object; /* the file */
	const char *name;   /* of the section or symbol, or "(no symbol)" */
	struct range range; /* of the part; of the gap, all of the segment */
};

/* Find out where the objects lie, so that whose_at() can tell.  As whose_fill(). */
must_check int whose_look(struct whose *whose, const struct whose_source *source,
			  const struct books *books, struct error *err);

/* As of the last look, or fill by section or symbol; false: of no object. */
bool whose_at(const struct whose *whose, uint64_t addr, struct whose_part *part);

/*
 * Fill snap->groups, which lives until the next call.  The snapshot's regions are those of the
 * books.  0 or a negative errno with err filled.
 */
must_check int whose_fill(struct whose *whose, const struct whose_source *source,
			  const struct books *books, const struct owners *owners,
			  int64_t cold_after_ns, struct snapshot *snap, struct error *err);

#endif
