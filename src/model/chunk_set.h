/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A set of chunks of 2 MiB of address space, a bit each: what empty address space
 * costs is nothing, a populated GiB 72 bytes.
 */
#ifndef WSSTAT_MODEL_CHUNK_SET_H
#define WSSTAT_MODEL_CHUNK_SET_H

#include <stdbool.h>
#include <stddef.h>

#include "base/util.h"
#include "model/range.h"

struct chunk_span;

struct chunk_set {
	struct chunk_span *at; /* sorted by address */
	size_t nr, cap;
	uint64_t chunks; /* in the set */
};

void chunk_set_free(struct chunk_set *set);

/* Put in every chunk that the range has a part of.  0 or -ENOMEM. */
must_check int chunk_set_add(struct chunk_set *set, struct range range);

/* Take out every chunk that the range has a part of. */
void chunk_set_remove(struct chunk_set *set, struct range range);

bool chunk_set_has(const struct chunk_set *set, uint64_t addr);

/*
 * The next run of adjacent chunks of the set that touches range, clipped to it;
 * false when there is none.  Go on with range.start = run->end.
 */
bool chunk_set_next(const struct chunk_set *set, struct range range, struct range *run);

#endif
