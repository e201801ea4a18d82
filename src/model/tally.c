/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sums over the pages of one region, moved along with every change of a page. */
#include "config.h"

#include "model/tally.h"

#include <errno.h>
#include <string.h>

void tally_free(struct tally *tally)
{
	for (unsigned int i = 0; i < tally->nr_blocks; i++)
		free(tally->by_stamp[i]);
	free(tally->by_stamp);
	free(tally->heat);
	*tally = (struct tally){ 0 };
}

/* Is the stamp one of the last HEAT_WINDOWS samples? */
static bool heat_covers(unsigned int now, unsigned int stamp)
{
	return stamp + HEAT_WINDOWS > now && stamp <= now;
}

/* Forget the rows of windows that are no longer among the last HEAT_WINDOWS. */
static void heat_advance(struct tally *tally, unsigned int now)
{
	for (unsigned int s = tally->heat_now + 1; s <= now; s++) {
		memset(tally->heat[s % HEAT_WINDOWS], 0, sizeof(tally->heat[0]));
		if (now - s >= HEAT_WINDOWS)
			s = now - HEAT_WINDOWS; /* a long time unvisited: skip whole turns */
	}
	tally->heat_now = now;
}

void tally_window(struct tally *tally, unsigned int now)
{
	memset(tally->retouched, 0, sizeof(tally->retouched));
	tally->armed_touched = 0;
	tally->written_pages = 0;
	tally->only_read_pages = 0;
	if (tally->heat)
		heat_advance(tally, now);
}

static int tally_reserve(struct tally *tally, unsigned int stamp)
{
	unsigned int block = stamp / TALLY_BLOCK;

	if (block >= tally->nr_blocks) {
		uint32_t **grown = realloc(tally->by_stamp, (block + 1) * sizeof(*grown));

		if (!grown)
			return -ENOMEM;
		memset(grown + tally->nr_blocks, 0,
		       (block + 1 - tally->nr_blocks) * sizeof(*grown));
		tally->by_stamp = grown;
		tally->nr_blocks = block + 1;
	}
	if (!tally->by_stamp[block]) {
		tally->by_stamp[block] = calloc(TALLY_BLOCK, sizeof(**tally->by_stamp));
		if (!tally->by_stamp[block])
			return -ENOMEM;
	}
	return 0;
}

static uint32_t *tally_slot(const struct tally *tally, unsigned int stamp)
{
	return &tally->by_stamp[stamp / TALLY_BLOCK][stamp % TALLY_BLOCK];
}

static int tally_add(struct tally *tally, struct page_age age, unsigned int nr)
{
	if (age.stamp / TALLY_BLOCK >= tally->nr_blocks ||
	    !tally->by_stamp[age.stamp / TALLY_BLOCK])
		if (tally_reserve(tally, age.stamp))
			return -ENOMEM;
	*tally_slot(tally, age.stamp) += nr;
	tally->resident_pages += nr;
	if (!age.history)
		return 0;
	if (!tally->heat) {
		tally->heat = calloc(HEAT_WINDOWS, sizeof(*tally->heat));
		if (!tally->heat)
			return -ENOMEM;
		tally->heat_now = age.stamp;
	}
	if (age.stamp > tally->heat_now)
		heat_advance(tally, age.stamp);
	if (heat_covers(tally->heat_now, age.stamp))
		tally->heat[age.stamp % HEAT_WINDOWS][age.history] += nr;
	return 0;
}

static void tally_remove(struct tally *tally, struct page_age age, unsigned int nr)
{
	*tally_slot(tally, age.stamp) -= nr;
	tally->resident_pages -= nr;
	if (age.history && heat_covers(tally->heat_now, age.stamp))
		tally->heat[age.stamp % HEAT_WINDOWS][age.history] -= nr;
}

int tally_move(struct tally *tally, struct page_age from, struct page_age to, unsigned int nr)
{
	if (from.stamp != EPOCH_NEVER)
		tally_remove(tally, from, nr);
	if (to.stamp != EPOCH_NEVER)
		return tally_add(tally, to, nr);
	return 0;
}

void tally_each_stamp(const struct tally *tally,
		      void (*fn)(void *ctx, unsigned int stamp, uint64_t pages), void *ctx)
{
	for (unsigned int b = 0; b < tally->nr_blocks; b++) {
		if (!tally->by_stamp[b])
			continue;
		for (unsigned int i = 0; i < TALLY_BLOCK; i++)
			if (tally->by_stamp[b][i])
				fn(ctx, b * TALLY_BLOCK + i, tally->by_stamp[b][i]);
	}
}

void tally_heat(const struct tally *tally, unsigned int now, uint64_t pages[HEAT_WINDOWS + 1])
{
	uint64_t touched = 0;

	memset(pages, 0, (HEAT_WINDOWS + 1) * sizeof(*pages));
	for (unsigned int past = 0; tally->heat && past < HEAT_WINDOWS && past < now; past++) {
		unsigned int stamp = now - past;

		if (!heat_covers(tally->heat_now, stamp))
			continue;
		for (unsigned int history = 1; history < 256; history++) {
			uint32_t nr = tally->heat[stamp % HEAT_WINDOWS][history];

			pages[tally_windows((struct page_age){ (uint16_t)stamp, (uint8_t)history },
					    now)] += nr;
			touched += nr;
		}
	}
	/* A page of stamp now - past has bit 0 set: none of these counted as 0. */
	pages[0] = tally->resident_pages - touched;
}
