/* SPDX-License-Identifier: GPL-2.0-or-later */
/* model/tally.c: pages that change their stamps and histories, one window at a time. */
#include "config.h"

#include "model/tally.h"

#include <string.h>

#include "tap.h"

static const struct page_age none = { EPOCH_NEVER, 0 };

static struct page_age age(unsigned int stamp, unsigned int history)
{
	return (struct page_age){ (uint16_t)stamp, (uint8_t)history };
}

static bool is_age(struct page_age got, unsigned int stamp, unsigned int history)
{
	return got.stamp == stamp && got.history == history;
}

static void test_touched(void)
{
	ok(is_age(tally_touched(none, 5), 5, 1), "TALLY01: a page not known before");
	ok(is_age(tally_touched(age(1, 0), 5), 5, 1), "TALLY02: known, never touched");
	ok(is_age(tally_touched(age(4, 1), 5), 5, 3), "TALLY03: touched in the window before");
	ok(is_age(tally_touched(age(5, 3), 5), 5, 3), "TALLY04: touched twice in a window");
	ok(is_age(tally_touched(age(4, 0xff), 5), 5, 0xff),
	   "TALLY05: the oldest window is forgotten");
	ok(is_age(tally_touched(age(10, 1), 17), 17, 0x81), "TALLY06: seven windows ago");
	ok(is_age(tally_touched(age(10, 1), 18), 18, 1), "TALLY07: eight windows ago");
	ok(is_age(tally_touched(age(10, 0xff), 40000), 40000, 1), "TALLY08: long ago");
}

struct stamps {
	unsigned int nr;
	unsigned int stamp[8];
	uint64_t pages[8];
};

static void note_stamp(void *ctx, unsigned int stamp, uint64_t pages)
{
	struct stamps *stamps = ctx;

	if (stamps->nr < 8) {
		stamps->stamp[stamps->nr] = stamp;
		stamps->pages[stamps->nr] = pages;
	}
	stamps->nr++;
}

static void test_stamps(void)
{
	struct stamps stamps = { 0 };
	struct tally tally = { 0 };

	tally_each_stamp(&tally, note_stamp, &stamps);
	ok(!stamps.nr, "TALLY09: an empty tally has no stamps");
	ok(!tally_move(&tally, none, age(300, 1), 7) && !tally_move(&tally, none, age(2, 0), 5) &&
		   !tally_move(&tally, none, age(63, 0), 1) &&
		   !tally_move(&tally, none, age(64, 0), 2) && tally.resident_pages == 15,
	   "TALLY10: pages of four stamps, in any order");
	tally_each_stamp(&tally, note_stamp, &stamps);
	ok(stamps.nr == 4 && stamps.stamp[0] == 2 && stamps.pages[0] == 5 &&
		   stamps.stamp[1] == 63 && stamps.pages[1] == 1 && stamps.stamp[2] == 64 &&
		   stamps.pages[2] == 2 && stamps.stamp[3] == 300 && stamps.pages[3] == 7,
	   "TALLY11: they are told ascending");
	ok(!tally_move(&tally, age(300, 1), none, 7) &&
		   !tally_move(&tally, age(2, 0), age(64, 0), 5),
	   "TALLY12: some go, some change");
	stamps = (struct stamps){ 0 };
	tally_each_stamp(&tally, note_stamp, &stamps);
	ok(stamps.nr == 2 && stamps.stamp[1] == 64 && stamps.pages[1] == 7 &&
		   tally.resident_pages == 8,
	   "TALLY13: a stamp that no page bears is not told");
	ok(!tally_move(&tally, none, age(EPOCH_MAX, 1), 1) && !tally_move(&tally, none, none, 4) &&
		   tally.resident_pages == 9,
	   "TALLY14: the last stamp there is; pages that are nowhere do not count");
	tally_free(&tally);
	ok(!tally.resident_pages && !tally.by_stamp && !tally.heat, "TALLY15: freed is empty");
}

static bool heat_is(const struct tally *tally, unsigned int now, const uint64_t *want)
{
	uint64_t heat[HEAT_WINDOWS + 1];

	tally_heat(tally, now, heat);
	return !memcmp(heat, want, sizeof(heat));
}

#define HEAT(...) ((const uint64_t[HEAT_WINDOWS + 1]){ __VA_ARGS__ })

static void test_heat(void)
{
	struct tally tally = { 0 };

	ok(heat_is(&tally, 20, HEAT(0)), "TALLY16: no pages, no heat");
	ok(!tally_move(&tally, none, age(1, 0), 10) && heat_is(&tally, 2, HEAT(10)),
	   "TALLY17: pages never touched have none");
	ok(!tally_move(&tally, age(1, 0), age(20, 1), 4) &&
		   !tally_move(&tally, none, age(20, 0xff), 3) &&
		   heat_is(&tally, 20, HEAT(6, 4, 0, 0, 0, 0, 0, 0, 3)),
	   "TALLY18: touched once, touched always");
	tally_window(&tally, 21);
	ok(heat_is(&tally, 21, HEAT(6, 4, 0, 0, 0, 0, 0, 3)),
	   "TALLY19: a window later the first of eight is out of sight");
	tally_window(&tally, 27);
	ok(heat_is(&tally, 27, HEAT(6, 7)), "TALLY20: in the eighth window one is in sight");
	tally_window(&tally, 28);
	ok(heat_is(&tally, 28, HEAT(13)), "TALLY21: then none");
	ok(!tally_move(&tally, age(20, 0xff), age(28, 1), 3) && heat_is(&tally, 28, HEAT(10, 3)),
	   "TALLY22: touched again after that");
	tally_window(&tally, 36 + 8000);
	ok(heat_is(&tally, 36 + 8000, HEAT(13)), "TALLY23: a tally not visited for long");
	ok(!tally_move(&tally, age(28, 1), age(36 + 8000, 1), 2) &&
		   heat_is(&tally, 36 + 8000, HEAT(11, 2)),
	   "TALLY24: is right again at once");
	tally_free(&tally);
}

static void test_window(void)
{
	struct tally tally = { .armed_touched = 5, .resident_pages = 9, .born = 3 };

	tally.retouched[0] = tally.retouched[EDGES_MAX] = 3;
	tally.written_pages = tally.only_read_pages = 2;
	tally_window(&tally, 7);
	ok(!tally.armed_touched && !tally.retouched[0] && !tally.retouched[EDGES_MAX] &&
		   !tally.written_pages && !tally.only_read_pages && tally.resident_pages == 9 &&
		   tally.born == 3,
	   "TALLY25: a new window forgets what is of one window alone");
	tally_free(&tally);
}

int main(void)
{
	test_touched();
	test_stamps();
	test_heat();
	test_window();
	return done();
}
