/* SPDX-License-Identifier: GPL-2.0-or-later */
/* model/chunk_set.c against a plain array of flags, and far apart in address space. */
#include "config.h"

#include "model/chunk_set.h"

#include <string.h>

#include "rng.h"
#include "tap.h"

/* Two whole spans of 1 GiB and two halves. */
#define CHUNKS 1536u
#define BASE (UINT64_C(0x7f0000000000) - 256 * HUGE_BYTES)
#define ROUNDS 400u
#define CHANGES 40u

static bool naive[CHUNKS];

static uint64_t random_addr(struct rng *rng)
{
	uint64_t addr = BASE + rng_below(rng, CHUNKS + 1) * HUGE_BYTES;

	/* Ranges need not begin or end where a chunk does. */
	if (rng_percent(rng, 50) && addr < BASE + CHUNKS * HUGE_BYTES)
		addr += rng_below(rng, HUGE_PAGES) * PAGE_BYTES;
	return addr;
}

/* Short or long, now and then empty. */
static struct range random_range(struct rng *rng)
{
	uint64_t a = random_addr(rng), b = random_addr(rng);

	if (rng_percent(rng, 50) && a + 8 * HUGE_BYTES < BASE + CHUNKS * HUGE_BYTES)
		b = a + rng_below(rng, 8 * HUGE_PAGES) * PAGE_BYTES;
	return a < b ? (struct range){ a, b } : (struct range){ b, a };
}

static void naive_set(struct range range, bool member)
{
	if (range_empty(range))
		return;
	for (uint64_t c = (range.start - BASE) / HUGE_BYTES;
	     c <= (range.end - 1 - BASE) / HUGE_BYTES; c++)
		naive[c] = member;
}

/* The runs of the set in range are what a walk over its pages finds. */
static bool same_runs(const struct chunk_set *set, struct range range)
{
	struct range run = { 0 };
	uint64_t addr = range.start;

	while (chunk_set_next(set, range, &run)) {
		if (run.start < addr || run.start >= run.end || run.end > range.end)
			return false;
		for (; addr < run.start; addr += PAGE_BYTES)
			if (naive[(addr - BASE) / HUGE_BYTES])
				return false;
		for (; addr < run.end; addr += PAGE_BYTES)
			if (!naive[(addr - BASE) / HUGE_BYTES])
				return false;
		range.start = run.end;
		if (run.end < range.end && naive[(run.end - BASE) / HUGE_BYTES])
			return false; /* a run ends where the members do */
	}
	for (; addr < range.end; addr += PAGE_BYTES)
		if (naive[(addr - BASE) / HUGE_BYTES])
			return false;
	return true;
}

static bool same(const struct chunk_set *set)
{
	uint64_t members = 0;

	for (unsigned int c = 0; c < CHUNKS; c++) {
		uint64_t addr = BASE + c * HUGE_BYTES;

		members += naive[c];
		if (chunk_set_has(set, addr) != naive[c] ||
		    chunk_set_has(set, addr + HUGE_BYTES - 1) != naive[c])
			return false;
	}
	return set->chunks == members;
}

static bool tell(uint64_t seed)
{
	struct rng rng = { seed };
	struct chunk_set set = { 0 };
	bool fine = true;

	memset(naive, 0, sizeof(naive));
	for (unsigned int i = 0; i < CHANGES && fine; i++) {
		struct range range = random_range(&rng);
		bool add = rng_percent(&rng, 60);

		if (add && !range_empty(range))
			fine = !chunk_set_add(&set, range);
		else if (!add)
			chunk_set_remove(&set, range);
		naive_set(range, add);
		fine = fine && same(&set) && same_runs(&set, random_range(&rng));
	}
	chunk_set_free(&set);
	return fine && !set.at && !set.chunks;
}

static void test_random(void)
{
	unsigned int good = 0;

	for (unsigned int i = 0; i < ROUNDS; i++) {
		bool pass = tell(9000 + i);

		good += pass;
		if (!pass)
			ok(false, "CHUNKS01: story %u agrees with plain flags", i);
	}
	ok(good == ROUNDS, "CHUNKS01: %u random stories agree with plain flags", ROUNDS);
}

/* Address space between members costs nothing and takes no time. */
static void test_sparse(void)
{
	const struct range all = { 0, UINT64_C(1) << 47 };
	struct chunk_set set = { 0 };
	struct range run = { 0 }, left = all;
	uint64_t found = 0;
	bool fine = true;

	ok(!chunk_set_next(&set, all, &run) && !chunk_set_has(&set, 0),
	   "CHUNKS02: nothing is in an empty set");
	chunk_set_remove(&set, all);
	for (uint64_t addr = UINT64_C(1) << 46; addr >= HUGE_BYTES; addr >>= 1)
		fine = fine && !chunk_set_add(&set, (struct range){ addr, addr + PAGE_BYTES });
	ok(fine && set.chunks == 26, "CHUNKS03: a page each at every power of two");
	for (; chunk_set_next(&set, left, &run); left.start = run.end)
		found += range_bytes(run) / HUGE_BYTES;
	ok(found == 26, "CHUNKS04: they are found again");
	ok(set.nr == 18, "CHUNKS05: a span for each GiB that has any");
	ok(!chunk_set_add(&set, (struct range){ all.end - HUGE_BYTES, all.end }) &&
		   chunk_set_has(&set, all.end - 1),
	   "CHUNKS06: the last chunk of all");
	chunk_set_remove(&set, all);
	ok(!set.chunks && !chunk_set_next(&set, all, &run), "CHUNKS07: all taken out at once");
	chunk_set_free(&set);
}

int main(void)
{
	test_random();
	test_sparse();
	return done();
}
