/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A mapping cut into pieces of one size, for maps of what is hot where. */
#ifndef WSSTAT_MODEL_CELLS_H
#define WSSTAT_MODEL_CELLS_H

#include "model/pages.h"

#define CELLS_MAX 1024u /* of one mapping */

struct cell {
	uint64_t resident_bytes, hot_bytes;
	/* Of the page touched last; since the start, the time observed; -1: nothing is resident. */
	int64_t idle_ns;
};

struct cells {
	uint64_t cell_bytes; /* the last may be shorter */
	unsigned int nr;
	struct cell *at; /* not owned */
};

/*
 * Fill the cells of range, at most `most` of them, which at[] has room for.  observed_ns: since
 * this memory was armed.
 */
void cells_fill(struct cells *cells, unsigned int most, const struct pages *pages,
		struct range range, const struct epochs *epochs, int64_t observed_ns);

#endif
