/* SPDX-License-Identifier: GPL-2.0-or-later */
/* model/seen_pages.c and page_diff.c against one byte a page in a plain array. */
#include "config.h"

#include <errno.h>
#include <string.h>

#include "model/page_diff.h"
#include "rng.h"
#include "tap.h"

#define CHUNKS 24u
#define PAGES (CHUNKS * HUGE_PAGES)
#define BASE (UINT64_C(0x7f0000000000) + 7 * HUGE_BYTES)
#define ROUNDS 300u
#define LOOKS 6u

static uint8_t naive[PAGES];

static struct range pages_at(unsigned int first, unsigned int nr)
{
	uint64_t start = BASE + (uint64_t)first * PAGE_BYTES;

	return (struct range){ start, start + (uint64_t)nr * PAGE_BYTES };
}

/* What a look might tell: long stretches and single pages, some chunks as before. */
static void change(struct rng *rng)
{
	static const uint8_t whats[] = {
		0,
		PAGE_BIT_PRESENT,
		PAGE_BIT_PRESENT | PAGE_BIT_TOUCHED,
		PAGE_BIT_PRESENT | PAGE_BIT_TOUCHED | PAGE_BIT_WRITTEN,
		PAGE_BIT_SWAPPED,
		PAGE_BIT_KEPT,
		255,
	};
	unsigned int nr = rng_below(rng, 12);

	for (unsigned int i = 0; i < nr; i++) {
		unsigned int first = rng_below(rng, PAGES), len = 1 + rng_below(rng, 3000);
		unsigned int share = rng_percent(rng, 50) ? 100 : rng_below(rng, 100);
		uint8_t what = whats[rng_below(rng, sizeof(whats))];

		if (rng_percent(rng, 20)) { /* whole chunks */
			first -= first % HUGE_PAGES;
			len = HUGE_PAGES * (1 + rng_below(rng, 3));
		}
		for (unsigned int p = first; p < first + len && p < PAGES; p++)
			if (rng_percent(rng, share))
				naive[p] = what;
	}
}

static bool tell(struct seen_pages *pages)
{
	unsigned int next;

	for (unsigned int p = 0; p < PAGES; p = next) {
		for (next = p + 1; next < PAGES && naive[next] == naive[p];)
			next++;
		if (seen_pages_add(pages, pages_at(p, next - p), naive[p]))
			return false;
	}
	return true;
}

struct walk {
	uint64_t at;
	unsigned int before;
	bool good, first;
};

/* Runs tile the range, and neighbours differ. */
static int walk_run(void *ctx, struct range run, unsigned int what)
{
	struct walk *walk = ctx;

	walk->good &= run.start == walk->at && run.start < run.end;
	walk->good &= walk->first || what != walk->before;
	for (uint64_t addr = run.start; addr < run.end && walk->good; addr += PAGE_BYTES)
		walk->good = naive[(addr - BASE) / PAGE_BYTES] == what;
	walk->at = run.end;
	walk->before = what;
	walk->first = false;
	return walk->good ? 0 : 1;
}

static bool same(const struct seen_pages *pages, struct range range)
{
	struct walk walk = { .at = range.start, .good = true, .first = true };

	return !seen_pages_each(pages, range, walk_run, &walk) && walk.good && walk.at == range.end;
}

static bool same_everywhere(const struct seen_pages *pages, struct rng *rng)
{
	for (unsigned int i = 0; i < 10; i++) {
		unsigned int a = rng_below(rng, PAGES), b = rng_below(rng, PAGES);

		if (a != b && !same(pages, pages_at(a < b ? a : b, a < b ? b - a : a - b)))
			return false;
	}
	return same(pages, pages_at(0, PAGES));
}

/* A row of looks, each made again from how it differs from the one before. */
static bool follow(struct rng *rng)
{
	struct seen_pages before = { 0 }, again = { 0 };
	bool good = true;

	memset(naive, 0, sizeof(naive));
	for (unsigned int i = 0; i < LOOKS && good; i++) {
		struct seen_pages now = { 0 }, made = { 0 };
		struct diff_text text = { 0 };

		change(rng);
		good = tell(&now) && same_everywhere(&now, rng) &&
		       !page_diff_make(&text, &before, &now) &&
		       !page_diff_apply(text.bytes, text.len, &again, &made) &&
		       same_everywhere(&made, rng);
		diff_text_free(&text);
		seen_pages_free(&before);
		seen_pages_free(&again);
		before = now;
		again = made;
	}
	seen_pages_free(&before);
	seen_pages_free(&again);
	return good;
}

static void test_rows(void)
{
	struct rng rng = { 1 };
	unsigned int good = 0;

	for (unsigned int i = 0; i < ROUNDS; i++)
		good += follow(&rng);
	is_u64(good, ROUNDS,
	       "SEEN01: looks are what was told, and are made again from their differences");
}

static void test_alike(void)
{
	struct seen_pages a = { 0 }, b = { 0 };
	struct diff_text text = { 0 };

	memset(naive, PAGE_BIT_PRESENT, sizeof(naive));
	naive[700] = PAGE_BIT_SWAPPED;
	ok(tell(&a) && tell(&b) && !page_diff_make(&text, &a, &b) && !text.len,
	   "SEEN02: looks that are alike differ by nothing");
	diff_text_free(&text);
	seen_pages_free(&a);
	seen_pages_free(&b);
}

static void test_cut(void)
{
	struct rng rng = { 2 };
	struct seen_pages pages = { 0 };
	unsigned int good = 0;

	for (unsigned int i = 0; i < ROUNDS; i++) {
		unsigned int from = rng_below(&rng, PAGES);

		memset(naive, 0, sizeof(naive));
		change(&rng);
		good += tell(&pages);
		/* What a mapping begins with is never the middle of a chunk told as one. */
		from = naive[from] == naive[from / HUGE_PAGES * HUGE_PAGES]
			       ? from / HUGE_PAGES * HUGE_PAGES
			       : from;
		seen_pages_cut(&pages, pages_at(from, 1).start);
		memset(naive + from, 0, PAGES - from);
		good += same(&pages, pages_at(0, PAGES));
		seen_pages_free(&pages);
	}
	is_u64(good, 2 * ROUNDS, "SEEN03: what lies behind an address is forgotten");
}

static void test_twice(void)
{
	const unsigned int huge = PAGE_BIT_PRESENT | PAGE_BIT_HUGE;
	struct seen_pages pages = { 0 };
	bool good;

	memset(naive, 0, sizeof(naive));
	memset(naive, (int)huge, HUGE_PAGES);
	naive[HUGE_PAGES] = PAGE_BIT_SWAPPED;
	good = tell(&pages);
	good = good && !seen_pages_add(&pages, pages_at(3, HUGE_PAGES), PAGE_BIT_PRESENT);
	for (unsigned int i = HUGE_PAGES; i < HUGE_PAGES + 3; i++)
		naive[i] = PAGE_BIT_PRESENT;
	ok(good && same(&pages, pages_at(0, PAGES)),
	   "SEEN04: a page told to be present, too, is what it was told to be before");
	seen_pages_free(&pages);
}

static void test_bad(void)
{
	/* Beyond all addresses; no planes; a form that is none; half a bitmap; the same chunk
	 * twice; a form that wants a plane before it; a number without its end. */
	static const struct {
		uint8_t bytes[16];
		size_t len;
	} bad[] = {
		{ { 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 1, 1, 1 }, 9 },
		{ { 1 }, 1 },
		{ { 1, 1 }, 2 },
		{ { 1, 1, 7 }, 3 },
		{ { 1, 1, 2, 255 }, 4 },
		{ { 1, 1, 1, 0, 1, 1 }, 6 },
		{ { 1, 1, 5 }, 3 },
		{ { 0x80 }, 1 },
		{ { 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1, 1, 1 }, 13 },
	};
	const struct seen_pages none = { 0 };
	unsigned int refused = 0;

	for (unsigned int i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct seen_pages made = { 0 };

		refused += page_diff_apply(bad[i].bytes, bad[i].len, &none, &made) == -EINVAL;
		seen_pages_free(&made);
	}
	is_u64(refused, sizeof(bad) / sizeof(bad[0]), "SEEN05: bytes that are no differences");
}

int main(void)
{
	test_rows();
	test_alike();
	test_cut();
	test_twice();
	test_bad();
	return done();
}
