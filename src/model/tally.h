/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sums over the pages of one region, kept up to date page by page, so that a
 * sample costs nothing for pages that did not change: how many pages bear each
 * stamp, how many have each history, how many were touched again after how long.
 */
#ifndef WSSTAT_MODEL_TALLY_H
#define WSSTAT_MODEL_TALLY_H

#include "model/epochs.h"

#define HEAT_WINDOWS 8u
#define TALLY_BLOCK 64u

/* The state of a page that counts: when last touched, and in which windows. */
struct page_age {
	uint16_t stamp;	 /* EPOCH_NEVER: not resident */
	uint8_t history; /* bit i: touched in the window of sample stamp - i; 0: only seen present
			  */
};

struct tally {
	uint64_t resident_pages;
	uint64_t swapped_pages;
	uint64_t zero_pages;	/* of resident: the shared zero page */
	uint64_t huge_pages;	/* of resident: 4 KiB pages in huge units */
	uint64_t armed_touched; /* accesses since tally_window() that took a fault */
	/*
	 * Of the pages touched since tally_window(), where reads and writes are told
	 * apart: written, and only read.  The rest was touched in a way not known.
	 */
	uint64_t written_pages, only_read_pages;
	uint16_t born; /* stamp of pages that appear without being touched; 0: the present one */
	uint32_t **by_stamp; /* blocks of TALLY_BLOCK stamps, NULL where all are 0 */
	unsigned int nr_blocks;
	uint32_t (*heat)[256];		   /* [stamp % HEAT_WINDOWS][history], NULL until touched */
	unsigned int heat_now;		   /* the stamp that heat[] is valid for */
	uint64_t retouched[EDGES_MAX + 1]; /* pages touched in this window by idle bucket before;
					      last: since start */
};

void tally_free(struct tally *tally); /* and make it all zero */

/* A new window begins: stamp `now` is the present sample.  Forgets what is told of a window.
 */
void tally_window(struct tally *tally, unsigned int now);

/*
 * nr resident pages change from one state to another; a state with stamp
 * EPOCH_NEVER is "not resident" and not counted.  0 or -ENOMEM.
 */
must_check int tally_move(struct tally *tally, struct page_age from, struct page_age to,
			  unsigned int nr);

/* The history of a page of that age that is touched in the window of sample now. */
static inline struct page_age tally_touched(struct page_age age, unsigned int now)
{
	unsigned int past = now - age.stamp;
	unsigned int history = 1;

	if (age.stamp != EPOCH_NEVER && past < HEAT_WINDOWS)
		history |= (unsigned int)age.history << past;
	return (struct page_age){ .stamp = (uint16_t)now, .history = (uint8_t)history };
}

/* In how many of the last HEAT_WINDOWS windows was a page of that age touched? */
static inline unsigned int tally_windows(struct page_age age, unsigned int now)
{
	const unsigned int past = now - age.stamp;

	/* Windows before the last 8 have been shifted out of sight. */
	return past < HEAT_WINDOWS ? (unsigned int)__builtin_popcount(age.history & (0xffu >> past))
				   : 0;
}

/*
 * Pages by stamp, the only way in which the sums are read: calls fn for each
 * stamp that any page bears, ascending.
 */
void tally_each_stamp(const struct tally *tally,
		      void (*fn)(void *ctx, unsigned int stamp, uint64_t pages), void *ctx);

/* pages[n]: resident pages touched in n of the last HEAT_WINDOWS windows. */
void tally_heat(const struct tally *tally, unsigned int now, uint64_t pages[HEAT_WINDOWS + 1]);

#endif
