/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What was seen of each page in one look at a target's memory: enum page_bits, one byte a page
 * in chunks of 2 MiB; one entry where all pages of a chunk are alike, nothing where none is there.
 */
#ifndef WSSTAT_MODEL_SEEN_PAGES_H
#define WSSTAT_MODEL_SEEN_PAGES_H

#include <stddef.h>

#include "base/util.h"
#include "model/pages.h"

struct seen_chunk {
	uint64_t number; /* address >> HUGE_SHIFT */
	uint8_t all;	 /* of every page, while each is NULL */
	uint8_t *each;	 /* HUGE_PAGES; owned */
};

struct seen_pages {
	struct seen_chunk *at; /* ascending */
	size_t nr, cap;
};

void seen_pages_free(struct seen_pages *pages);

/* Make an empty one like another.  0 or -ENOMEM. */
must_check int seen_pages_copy(struct seen_pages *to, const struct seen_pages *from);

/*
 * Add a run, mostly behind all that is there.  A page that was told before is what it is told to
 * be now, but what was seen of a page that is merely said to be present, too, stays (as it does
 * in pages_see()).  0 or -ENOMEM.
 */
must_check int seen_pages_add(struct seen_pages *pages, struct range range, unsigned int what);

/* Add a chunk behind all that is there; none if it holds nothing.  0 or -ENOMEM. */
must_check int seen_pages_add_chunk(struct seen_pages *pages, uint64_t number,
				    const uint8_t each[HUGE_PAGES]);

must_check int seen_pages_add_copy(struct seen_pages *pages, const struct seen_chunk *chunk);

/* Forget all from an address on. */
void seen_pages_cut(struct seen_pages *pages, uint64_t from);

/* The bits of a chunk's pages. */
static inline uint8_t seen_chunk_page(const struct seen_chunk *chunk, unsigned int page)
{
	return chunk->each ? chunk->each[page] : chunk->all;
}

/*
 * Call fn for each run of alike pages: they ascend and tile range.  0, or what fn returned if
 * that was not 0; then no further call is made.
 */
must_check int seen_pages_each(const struct seen_pages *pages, struct range range,
			       int (*fn)(void *ctx, struct range run, unsigned int what),
			       void *ctx);

#endif
