/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Page ages of one target: for each resident or swapped page the stamp of the
 * sample in which it was last touched and its history, 3 bytes a page in chunks
 * of 2 MiB.  A chunk whose pages are all alike takes one entry, empty address
 * space none.  Every change names the tally of the region that the pages belong
 * to and keeps it exact.
 *
 * The fallible functions return 0 or -ENOMEM; the books are then not to be used.
 */
#ifndef WSSTAT_MODEL_PAGES_H
#define WSSTAT_MODEL_PAGES_H

#include "model/range.h"
#include "model/tally.h"

struct pages;

/* What is seen of a run of pages.  No bit at all: neither resident nor swapped. */
enum page_bits {
	PAGE_BIT_PRESENT = 1,
	PAGE_BIT_TOUCHED = 2, /* accessed in the window */
	PAGE_BIT_SWAPPED = 4,
	PAGE_BIT_ZERO = 8,  /* maps the shared zero page */
	PAGE_BIT_HUGE = 16, /* part of a huge page that is armed and seen whole */
	/*
	 * ZERO and HUGE are carried over where the kernel was not asked: an untouched
	 * page that is present says neither.
	 */
	PAGE_BIT_WRITTEN = 32,	 /* with TOUCHED: a write was among the accesses */
	PAGE_BIT_ONLY_READ = 64, /* with TOUCHED: no write was */
	/*
	 * The kernel cannot tell: what is known of the page holds on.  With SWAPPED: so
	 * it is if the page was known, else it is absent (a marker for no page).
	 */
	PAGE_BIT_KEPT = 128,
};

/* NULL when memory ran out. */
struct pages *pages_new(void);
void pages_free(struct pages *pages);

/* A copy of its own, to look at while the original goes on.  NULL when memory ran out. */
struct pages *pages_copy(const struct pages *pages);

/*
 * Take in what a scan saw of range in the window that ends with epochs->now:
 * touched pages bear that stamp; pages present that were not known bear the
 * tally's `born` or else that stamp too, with no history; absent ones are forgotten; swapped ones
 * keep their age beside the books.  bits: enum page_bits.
 */
must_check int pages_see(struct pages *pages, struct tally *tally, struct range range,
			 unsigned int bits, const struct epochs *epochs);

/* Forget range without touching a tally: the region is gone with its tally. */
must_check int pages_drop(struct pages *pages, struct range range);

/* Count range anew into an empty tally, after a region changed its bounds. */
must_check int pages_count(struct pages *pages, struct tally *tally, struct range range,
			   unsigned int now);

/*
 * The end of the piece that starts at range.start: as far as max_bytes of
 * known resident or swapped memory reach, at most range.end; aligned to
 * align_bytes (a power of two >= 2 MiB) unless it is range.end.
 */
uint64_t pages_piece_end(const struct pages *pages, struct range range, uint64_t max_bytes,
			 uint64_t align_bytes);

/* Replace every stamp s by renumber[s] (epochs_compact); all tallies are to be counted anew. */
void pages_renumber(struct pages *pages, const uint16_t *renumber);

/* The age of one page, for tests and for lists of pages; stamp EPOCH_NEVER if not resident. */
struct page_age pages_age(const struct pages *pages, uint64_t addr);

/* Add up the resident pages of range, and those of them that were touched since the start. */
void pages_used(const struct pages *pages, struct range range, uint64_t *resident,
		uint64_t *touched);

/*
 * Call fn for each run of resident pages of one age, ascending; runs end at the borders of
 * chunks.  0, or what fn returned if that was not 0; then no further call is made.
 */
int pages_each(const struct pages *pages, struct range range,
	       int (*fn)(void *ctx, struct range run, struct page_age age), void *ctx);

/* Heap memory in use, in bytes. */
uint64_t pages_memory(const struct pages *pages);

#endif
