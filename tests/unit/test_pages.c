/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * model/pages.c with tallies and epochs: random histories against the naive
 * model, figure by figure and page by page, and a few cases by hand.
 */
#include "config.h"

#include "model/pages.h"

#include <inttypes.h>
#include <stddef.h>
#include <string.h>

#include "story.h"
#include "tap.h"

#define NR_EXACT 240u	  /* histories without renumbering */
#define NR_RENUMBERED 80u /* and with */
#define WINDOWS 40u
#define MAX_SHOWN 5 /* differences told of one history */

/* All of struct figures before the median are numbers of bytes. */
#define NR_BYTES (offsetof(struct figures, idle_median_ns) / sizeof(uint64_t))

static struct story story;

static unsigned int differ(const char *what, uint64_t got, uint64_t want)
{
	if (got == want)
		return 0;
	printf("# window %u: %s is %" PRIu64 ", want %" PRIu64 "\n", story.naive.now, what, got,
	       want);
	return 1;
}

static unsigned int compare_bytes(const struct figures *got, const struct figures *want)
{
	uint64_t a[NR_BYTES], b[NR_BYTES];
	unsigned int wrong = 0;
	char what[32];

	memcpy(a, got, sizeof(a));
	memcpy(b, want, sizeof(b));
	for (unsigned int i = 0; i < NR_BYTES; i++) {
		snprintf(what, sizeof(what), "figure %u", i);
		wrong += differ(what, a[i], b[i]);
	}
	return wrong;
}

/* Renumbered: nothing may be called idle for longer than it was. */
static unsigned int compare_bounds(const struct figures *got, const struct figures *want)
{
	uint64_t idle = 0, least_idle = 0, retouched = 0, least_retouched = 0;
	unsigned int wrong = differ("tracked", got->tracked_bytes, want->tracked_bytes);

	wrong += differ("swapped", got->swapped_bytes, want->swapped_bytes);
	wrong += differ("zero", got->zero_bytes, want->zero_bytes);
	wrong += differ("huge", got->huge_bytes, want->huge_bytes);
	wrong += differ("hot", got->hot_bytes, want->hot_bytes);
	wrong += differ("written", got->written_bytes, want->written_bytes);
	wrong += differ("only read", got->only_read_bytes, want->only_read_bytes);
	wrong += differ("since start", got->since_start_bytes, want->since_start_bytes);
	wrong += differ("retouched since start", got->retouched_since_start_bytes,
			want->retouched_since_start_bytes);
	for (unsigned int n = 0; n <= HEAT_WINDOWS; n++)
		wrong += differ("heat", got->heat_bytes[n], want->heat_bytes[n]);
	for (unsigned int b = story.edges.nr; b-- > 0;) {
		idle += got->idle_bytes[b];
		least_idle += want->idle_bytes[b];
		retouched += got->retouched_bytes[b];
		least_retouched += want->retouched_bytes[b];
		wrong += differ("over-claimed idle", idle > least_idle, 0);
		wrong += differ("over-claimed retouched", retouched > least_retouched, 0);
	}
	wrong += differ("idle, all", idle, least_idle);
	wrong += differ("retouched, all", retouched, least_retouched);
	wrong += differ("over-claimed cold", got->cold_bytes > want->cold_bytes, 0);
	return wrong + differ("over-claimed median", got->idle_median_ns > want->idle_median_ns, 0);
}

static unsigned int compare_region(const struct story_region *region)
{
	struct figures got, want;
	uint64_t armed;
	unsigned int wrong;

	figures_of_tally(&got, &region->tally, &story.epochs, STORY_COLD_NS);
	naive_figures(&story.naive, region->run, STORY_COLD_NS, &want, &armed);
	wrong = differ("books closed", figures_closed(&got), true);
	if (!story.huge)
		wrong += differ("armed_touched", region->tally.armed_touched, armed);
	if (story.renewed)
		return wrong + compare_bounds(&got, &want);
	wrong += compare_bytes(&got, &want);
	wrong += differ("median", (uint64_t)got.idle_median_ns, (uint64_t)want.idle_median_ns);
	return wrong + differ("median since start", got.idle_median_since_start,
			      want.idle_median_since_start);
}

static unsigned int compare_regions(void)
{
	unsigned int wrong = 0;

	for (unsigned int i = 0; i < STORY_REGIONS && wrong < MAX_SHOWN; i++)
		if (story.region[i].run.first < story.region[i].run.end)
			wrong += compare_region(&story.region[i]);
	return wrong;
}

/* Without renumbering the stamp of window w is w + 1. */
static bool page_as_naive(unsigned int i)
{
	const struct naive_page *page = &story.naive.page[i];
	struct page_age age = pages_age(story.pages, NAIVE_BASE + i * PAGE_BYTES);
	unsigned int last = 0, history = 0;

	if (!page->known || page->swapped)
		return age.stamp == EPOCH_NEVER && !age.history;
	for (unsigned int w = page->first; w <= story.naive.now; w++)
		last = w == page->first || page->touched[w] ? w : last;
	for (unsigned int past = 0; past < HEAT_WINDOWS && past <= last; past++)
		history |= (unsigned int)page->touched[last - past] << past;
	return age.stamp == last + 1 && age.history == history;
}

static unsigned int compare_pages(void)
{
	unsigned int wrong = 0;

	for (unsigned int i = 0; i < NAIVE_PAGES; i++)
		wrong += !page_as_naive(i);
	return wrong ? differ("pages that differ", wrong, 0) : 0;
}

static bool tell_exact(uint64_t seed)
{
	unsigned int wrong = story_begin(&story, seed) ? compare_regions() : 1;

	for (unsigned int w = 0; w < WINDOWS && !wrong; w++) {
		if (!story_window(&story))
			wrong++;
		wrong += compare_regions() + compare_pages();
	}
	story_end(&story);
	return !wrong;
}

static bool tell_renumbered(uint64_t seed)
{
	unsigned int wrong = story_begin(&story, seed) ? 0 : 1;
	bool fine = true;

	for (unsigned int w = 0; w < WINDOWS && !wrong; w++) {
		fine = fine && story_window(&story);
		wrong += !fine + compare_regions();
		if (fine && rng_percent(&story.rng, 15))
			fine = story_compact(&story,
					     (1 + rng_below(&story.rng, 60)) * INT64_C(1000000000));
	}
	story_end(&story);
	return !wrong;
}

static void test_random(void)
{
	unsigned int good = 0;

	for (unsigned int i = 0; i < NR_EXACT; i++) {
		bool pass = tell_exact(1000 + i);

		good += pass;
		if (!pass)
			ok(false, "PAGES01: history %u agrees with the naive model", i);
	}
	ok(good == NR_EXACT, "PAGES01: %u random histories agree with the naive model to the byte",
	   NR_EXACT);
	good = 0;
	for (unsigned int i = 0; i < NR_RENUMBERED; i++) {
		bool pass = tell_renumbered(5000 + i);

		good += pass;
		if (!pass)
			ok(false, "PAGES02: renumbered history %u never over-claims", i);
	}
	ok(good == NR_RENUMBERED, "PAGES02: %u renumbered histories never call a page too old",
	   NR_RENUMBERED);
}

/* A small hand-made world. */
static struct edges edges = { .nr = 2, .ns = { 0, 1000000000 } };
static struct epochs epochs;
static struct pages *pages;
static struct tally tally;

#define AT(page) (UINT64_C(0x10000000) + (page)*PAGE_BYTES)
#define PAGES(first, end) ((struct range){ AT(first), AT(end) })

static bool hand_begin(void)
{
	tally = (struct tally){ 0 };
	pages = pages_new();
	return pages && !epochs_init(&epochs, &edges, 0);
}

static void hand_end(void)
{
	tally_free(&tally);
	epochs_free(&epochs);
	pages_free(pages);
}

static bool hand_see(uint64_t first, uint64_t end, unsigned int bits)
{
	return !pages_see(pages, &tally, PAGES(first, end), bits, &epochs);
}

static bool hand_window(void)
{
	bool fine = !epochs_next(&epochs, epochs.at_ns[epochs.now] + 1000000000);

	tally_window(&tally, epochs.now);
	return fine;
}

static void test_memory(void)
{
	uint64_t empty, uniform, scattered;

	ok(hand_begin(), "PAGES03: a new set of pages");
	empty = pages_memory(pages);
	ok(hand_see(0, 1u << 28, 0) && pages_memory(pages) == empty,
	   "PAGES04: a terabyte of empty address space takes no memory");
	ok(hand_see(0, 1u << 18, PAGE_BIT_PRESENT) && tally.resident_pages == 1u << 18,
	   "PAGES05: a gibibyte that is resident");
	uniform = pages_memory(pages);
	ok(uniform - empty < 64 * 1024, "PAGES06: takes an entry for each chunk of alike pages");
	for (unsigned int i = 0; i < 1u << 18; i += 512)
		if (!hand_see(i, i + 1, PAGE_BIT_SWAPPED))
			ok(false, "PAGES07: scattered pages");
	scattered = pages_memory(pages);
	ok(scattered - empty < 4 << 18, "PAGES07: and less than 4 bytes a page where they differ");
	ok(hand_see(0, 1u << 18, PAGE_BIT_PRESENT | PAGE_BIT_TOUCHED) &&
		   pages_memory(pages) == uniform,
	   "PAGES08: alike again, they take one entry again");
	ok(hand_see(0, 300, 0) && hand_see(300, 512, 0) && pages_memory(pages) == uniform &&
		   tally.resident_pages == (1u << 18) - 512,
	   "PAGES23: unmapped bit by bit, a chunk gives its array back");
	hand_end();
}

static void test_history(void)
{
	struct page_age age;

	ok(hand_begin() && hand_see(0, 4, PAGE_BIT_PRESENT), "PAGES09: four pages");
	for (unsigned int w = 1; w <= 10; w++)
		if (!hand_window() || !hand_see(0, 4, PAGE_BIT_PRESENT) ||
		    !hand_see(0, 1, PAGE_BIT_PRESENT | PAGE_BIT_TOUCHED) ||
		    (w % 3 == 0 && !hand_see(1, 2, PAGE_BIT_PRESENT | PAGE_BIT_TOUCHED)))
			ok(false, "PAGES10: window %u", w);
	age = pages_age(pages, AT(0));
	ok(age.stamp == 11 && age.history == 0xff, "PAGES10: touched in each of 10 windows");
	age = pages_age(pages, AT(1));
	ok(age.stamp == 10 && age.history == 0x49, "PAGES11: touched in windows 3, 6 and 9");
	age = pages_age(pages, AT(2));
	ok(age.stamp == EPOCH_START && !age.history, "PAGES12: never touched");
	age = pages_age(pages, AT(4));
	ok(age.stamp == EPOCH_NEVER, "PAGES13: not resident");
	age = pages_age(pages, AT(1u << 20));
	ok(age.stamp == EPOCH_NEVER, "PAGES14: nothing known there at all");
	hand_end();
}

static void test_huge(void)
{
	struct tally left = { 0 }, right = { 0 };
	unsigned int bits = PAGE_BIT_PRESENT | PAGE_BIT_HUGE;

	ok(hand_begin() && hand_see(0, 1024, bits) && tally.huge_pages == 1024,
	   "PAGES15: two huge pages");
	ok(hand_window() && hand_see(0, 512, bits | PAGE_BIT_TOUCHED) &&
		   hand_see(512, 1024, PAGE_BIT_PRESENT) && tally.huge_pages == 1024 &&
		   tally.armed_touched == 1,
	   "PAGES16: one fault makes a huge page hot, the other stays huge unasked");
	ok(!pages_count(pages, &left, PAGES(0, 100), epochs.now) &&
		   !pages_count(pages, &right, PAGES(100, 1024), epochs.now) && !left.huge_pages &&
		   right.huge_pages == 512,
	   "PAGES17: a mapping's end inside a huge page has split it");
	ok(!pages_see(pages, &left, PAGES(0, 50), PAGE_BIT_PRESENT | PAGE_BIT_TOUCHED, &epochs) &&
		   !left.huge_pages && left.resident_pages == 100,
	   "PAGES18: and touching a part of it takes nothing off");
	tally_free(&left);
	tally_free(&right);
	hand_end();
}

#define TOUCHED (PAGE_BIT_PRESENT | PAGE_BIT_TOUCHED)

static void test_ways(void)
{
	ok(hand_begin() && hand_see(0, 40, PAGE_BIT_PRESENT) && hand_window() &&
		   hand_see(0, 10, TOUCHED | PAGE_BIT_WRITTEN) &&
		   hand_see(10, 30, TOUCHED | PAGE_BIT_ONLY_READ) && hand_see(30, 35, TOUCHED) &&
		   tally.written_pages == 10 && tally.only_read_pages == 20,
	   "PAGES25: written, only read, touched in a way that is not known");
	ok(hand_see(0, 20, TOUCHED | PAGE_BIT_ONLY_READ) && tally.written_pages == 10 &&
		   tally.only_read_pages == 20,
	   "PAGES26: the first look of a window counts, the second is of what came after");
	ok(hand_see(40, 44, TOUCHED | PAGE_BIT_WRITTEN) && tally.written_pages == 14,
	   "PAGES27: a page that appears can be written, too");
	ok(hand_see(35, 40, PAGE_BIT_SWAPPED | PAGE_BIT_TOUCHED | PAGE_BIT_WRITTEN) &&
		   tally.written_pages == 14,
	   "PAGES28: one that is gone to swap is not of what is hot");
	ok(hand_window() && !tally.written_pages && !tally.only_read_pages,
	   "PAGES29: a new window, nothing written");
	hand_end();
}

static void test_kept(void)
{
	struct page_age before, after;

	ok(hand_begin() && hand_see(0, 20, PAGE_BIT_PRESENT) && hand_window() &&
		   hand_see(0, 10, TOUCHED) && hand_see(10, 15, PAGE_BIT_SWAPPED),
	   "PAGES30: pages with histories");
	before = pages_age(pages, AT(3));
	ok(hand_window() && hand_see(0, 1u << 20, PAGE_BIT_KEPT) && tally.resident_pages == 15 &&
		   tally.swapped_pages == 5,
	   "PAGES31: where the kernel cannot tell all stays as it was");
	after = pages_age(pages, AT(3));
	ok(before.stamp == after.stamp && before.history == after.history,
	   "PAGES32: the ages, too");
	ok(hand_see(0, 40, PAGE_BIT_SWAPPED | PAGE_BIT_KEPT) && !tally.resident_pages &&
		   tally.swapped_pages == 20,
	   "PAGES33: perhaps swapped: only what was known is");
	ok(hand_see(0, 20, PAGE_BIT_PRESENT) && tally.resident_pages == 20 &&
		   pages_age(pages, AT(3)).stamp == before.stamp &&
		   pages_age(pages, AT(10)).stamp == EPOCH_START,
	   "PAGES34: back in memory they have their ages");
	hand_end();
}

static void test_born(void)
{
	ok(hand_begin() && hand_window() && hand_window(), "PAGES35: two windows");
	tally.born = 2;
	ok(hand_window() && hand_see(0, 8, PAGE_BIT_PRESENT) && hand_see(8, 12, TOUCHED) &&
		   pages_age(pages, AT(0)).stamp == 2 && !pages_age(pages, AT(0)).history &&
		   pages_age(pages, AT(8)).stamp == 4 && pages_age(pages, AT(8)).history == 1,
	   "PAGES36: what appears untouched is as old as the arming, what is touched is not");
	ok(hand_window() && hand_see(0, 8, TOUCHED) && tally.retouched[1] == 8,
	   "PAGES37: and was idle since then");
	hand_end();
}

/* What a piece must be, for any limit and alignment. */
static bool piece_fits(uint64_t first, uint64_t end, uint64_t max_bytes, uint64_t align_bytes)
{
	uint64_t at = pages_piece_end(pages, PAGES(first, end), max_bytes, align_bytes);
	uint64_t known = 0;

	if (at == AT(end))
		return true;
	for (uint64_t addr = AT(first) & ~(HUGE_BYTES - 1); addr < at; addr += PAGE_BYTES)
		known += pages_age(pages, addr).stamp != EPOCH_NEVER ? PAGE_BYTES : 0;
	return at > AT(first) && at < AT(end) && at % align_bytes == 0 && known >= max_bytes &&
	       known < max_bytes + HUGE_BYTES + align_bytes;
}

static void test_pieces(void)
{
	struct rng rng = { 99 };
	bool fits = true;

	ok(hand_begin() && hand_see(100, 1000, PAGE_BIT_PRESENT) &&
		   hand_see(1u << 16, (1u << 16) + 4096, PAGE_BIT_PRESENT),
	   "PAGES19: two populated stretches");
	ok(pages_piece_end(pages, PAGES(0, 1u << 20), UINT64_C(1) << 40, HUGE_BYTES) ==
		   AT(1u << 20),
	   "PAGES20: little enough is one piece, however wide");
	ok(pages_piece_end(pages, PAGES(0, 1u << 20), PAGE_BYTES, HUGE_BYTES) == AT(512),
	   "PAGES21: a piece ends where its limit is reached");
	ok(pages_piece_end(pages, PAGES(0, 1u << 20), 412 * PAGE_BYTES, HUGE_BYTES) == AT(512) &&
		   pages_piece_end(pages, PAGES(0, 1u << 20), 413 * PAGE_BYTES, HUGE_BYTES) ==
			   AT(1024),
	   "PAGES24: exactly there");
	for (unsigned int i = 0; i < 400; i++) {
		unsigned int first = rng_below(&rng, 1u << 17);

		fits = fits && piece_fits(first, first + 1 + rng_below(&rng, 1u << 17),
					  (uint64_t)(1 + rng_below(&rng, 3000)) * PAGE_BYTES,
					  HUGE_BYTES << (rng_below(&rng, 3)));
	}
	ok(fits, "PAGES22: random pieces are aligned, reach their limit and hardly exceed it");
	hand_end();
}

int main(void)
{
	test_random();
	test_memory();
	test_history();
	test_huge();
	test_ways();
	test_kept();
	test_born();
	test_pieces();
	return done();
}
