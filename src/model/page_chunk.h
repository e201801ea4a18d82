/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The page ages of 2 MiB of addresses, for model/pages.c alone.  A chunk is uniform (all
 * 512 pages resident with one age, or all absent) or has an array of its pages; it
 * changes form as its pages become alike or not.
 *
 * memory: the heap that is in use, moved along.  The fallible functions return 0 or -ENOMEM.
 */
#ifndef WSSTAT_MODEL_PAGE_CHUNK_H
#define WSSTAT_MODEL_PAGE_CHUNK_H

#include "model/pages.h"

#define CHUNK_MARK_WORDS (HUGE_PAGES / 64)

/* Rare states, allocated when the first page of the chunk has one. */
struct chunk_marks {
	uint64_t swapped[CHUNK_MARK_WORDS]; /* the age is kept, the page is not resident */
	uint64_t zero[CHUNK_MARK_WORDS];
};

struct chunk_each {
	uint16_t stamp[HUGE_PAGES];
	uint8_t history[HUGE_PAGES];
};

struct chunk {
	uint16_t known;		 /* pages with a stamp, resident or swapped */
	bool huge;		 /* the resident pages are in huge units */
	struct page_age uniform; /* of all pages while each is NULL */
	struct chunk_each *each;
	struct chunk_marks *marks;
};

/* The array and the marks too; NULL is allowed. */
void chunk_free(uint64_t *memory, struct chunk *chunk);

/* A copy of its own; NULL: -ENOMEM, or there is none to copy. */
must_check struct chunk *chunk_copy(uint64_t *memory, const struct chunk *chunk);

/* What pages_see() takes in, of the pages from first to below end. */
must_check int chunk_see(uint64_t *memory, struct chunk *chunk, struct tally *tally,
			 unsigned int first, unsigned int end, unsigned int bits,
			 const struct epochs *epochs);

/* The common case: nothing new, all is there as it was. */
static inline bool chunk_is_settled(const struct chunk *chunk, unsigned int bits)
{
	return bits == PAGE_BIT_PRESENT && chunk->known == HUGE_PAGES && !chunk->marks;
}

/* Was this page, which is known, touched, and is nothing else to be thought of? */
static inline bool chunk_is_plain(const struct chunk *chunk, unsigned int page, unsigned int bits)
{
	const unsigned int ways = PAGE_BIT_WRITTEN | PAGE_BIT_ONLY_READ;

	return (bits & ~ways) == (PAGE_BIT_PRESENT | PAGE_BIT_TOUCHED) && chunk->each &&
	       !chunk->marks && !chunk->huge && chunk->each->stamp[page] != EPOCH_NEVER;
}

/* As chunk_see() of such a page, faster. */
must_check int chunk_touch(struct chunk *chunk, struct tally *tally, unsigned int page,
			   unsigned int bits, const struct epochs *epochs);

/* Forget nr pages, and leave the tally alone. */
must_check int chunk_drop(uint64_t *memory, struct chunk *chunk, unsigned int first,
			  unsigned int nr);

/* Count nr pages into a tally that does not know them. */
must_check int chunk_count(struct chunk *chunk, struct tally *tally, unsigned int first,
			   unsigned int nr);

void chunk_renumber(struct chunk *chunk, const uint16_t *renumber);

/* The age of a page as the books see it: a swapped one is not resident. */
struct page_age chunk_booked_age(const struct chunk *chunk, unsigned int page);

/* The first page behind this one, or end, that has not its booked age. */
unsigned int chunk_booked_until(const struct chunk *chunk, unsigned int page, unsigned int end);

#endif
