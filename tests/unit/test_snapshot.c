/* SPDX-License-Identifier: GPL-2.0-or-later */
/* model/snapshot.c: figures of a region, sums of a target, books that do not close. */
#include "config.h"

#include "model/snapshot.h"

#include <stddef.h>
#include <string.h>

#include "tap.h"

#define SECOND INT64_C(1000000000)

static const struct page_age none = { EPOCH_NEVER, 0 };
static struct edges edges = { .nr = 3, .ns = { 0, 10 * SECOND, 20 * SECOND } };
static struct epochs epochs; /* the start, and samples at 10, 20 ... 50 s: stamps 1 to 6 */

static bool begin(void)
{
	bool fine = !epochs_init(&epochs, &edges, 0);

	for (int i = 1; i <= 5 && fine; i++)
		fine = !epochs_next(&epochs, i * 10 * SECOND);
	return fine;
}

static bool add(struct tally *tally, unsigned int stamp, unsigned int history, unsigned int pages)
{
	struct page_age age = { (uint16_t)stamp, (uint8_t)history };

	return !tally_move(tally, none, age, pages);
}

static void test_figures(void)
{
	struct tally tally = { .swapped_pages = 3, .zero_pages = 2, .huge_pages = 1 };
	struct figures f;

	figures_of_tally(&f, &(struct tally){ 0 }, &epochs, 20 * SECOND);
	ok(f.idle_median_ns == -1 && !f.tracked_bytes && figures_closed(&f),
	   "SNAP01: an empty region has no median");
	tally.retouched[0] = 1;
	tally.retouched[2] = 4;
	tally.retouched[EDGES_MAX] = 5;
	ok(add(&tally, 6, 3, 10) && add(&tally, 5, 1, 20) && add(&tally, 4, 1, 30) &&
		   add(&tally, 1, 0, 40),
	   "SNAP02: a hundred pages");
	figures_of_tally(&f, &tally, &epochs, 20 * SECOND);
	ok(f.tracked_bytes == 100 * PAGE_BYTES && figures_closed(&f), "SNAP03: books close");
	ok(f.hot_bytes == 10 * PAGE_BYTES && f.warm_bytes == 20 * PAGE_BYTES &&
		   f.cold_bytes == 70 * PAGE_BYTES,
	   "SNAP04: hot in the last window; cold after 20 s, or untouched since the start");
	ok(f.idle_bytes[0] == 10 * PAGE_BYTES && f.idle_bytes[1] == 20 * PAGE_BYTES &&
		   f.idle_bytes[2] == 30 * PAGE_BYTES && f.since_start_bytes == 40 * PAGE_BYTES,
	   "SNAP05: by idle time; since the start is not in the last bucket");
	ok(f.heat_bytes[0] == 40 * PAGE_BYTES && f.heat_bytes[1] == 50 * PAGE_BYTES &&
		   f.heat_bytes[2] == 10 * PAGE_BYTES,
	   "SNAP06: by windows");
	ok(f.swapped_bytes == 3 * PAGE_BYTES && f.zero_bytes == 2 * PAGE_BYTES &&
		   f.huge_bytes == PAGE_BYTES,
	   "SNAP07: swapped, zero, huge");
	ok(f.retouched_bytes[0] == PAGE_BYTES && f.retouched_bytes[2] == 4 * PAGE_BYTES &&
		   f.retouched_since_start_bytes == 5 * PAGE_BYTES,
	   "SNAP08: touched again, by idle time before");
	ok(f.idle_median_ns == 20 * SECOND && !f.idle_median_since_start,
	   "SNAP09: 60 of 100 have not been idle for longer than 20 s, 30 for 10 s");
	figures_of_tally(&f, &tally, &epochs, 21 * SECOND);
	ok(f.warm_bytes == 50 * PAGE_BYTES && f.cold_bytes == 40 * PAGE_BYTES,
	   "SNAP10: cold a little later");
	figures_of_tally(&f, &tally, &epochs, 1000 * SECOND);
	ok(f.warm_bytes == 50 * PAGE_BYTES && f.cold_bytes == 40 * PAGE_BYTES,
	   "SNAP25: untouched since the start is cold however short the run");
	tally_free(&tally);
}

static void test_median(void)
{
	struct tally tally = { 0 };
	struct figures f;

	ok(add(&tally, 6, 1, 1) && add(&tally, 1, 0, 1), "SNAP11: one hot, one untouched");
	figures_of_tally(&f, &tally, &epochs, SECOND);
	ok(f.idle_median_ns == 0 && !f.idle_median_since_start, "SNAP12: half is hot");
	ok(add(&tally, 1, 0, 1), "SNAP13: one more untouched");
	figures_of_tally(&f, &tally, &epochs, SECOND);
	ok(f.idle_median_ns == 50 * SECOND && f.idle_median_since_start,
	   "SNAP14: at least since the start");
	tally_free(&tally);
}

static struct region regions[3];
static struct snapshot_region filled[3];

static void fill_regions(void)
{
	regions[0] = (struct region){
		.map = { .range = { 0x1000, 0x9000 }, .name = "[heap]" },
		.kind = KIND_HEAP,
		.method = METHOD_REPLAY,
		.sees = SEES_READS_WRITES,
		.unit_bytes = PAGE_BYTES,
		.since_sample = 2,
		.untracked_swapped_pages = 1,
	};
	regions[1] = (struct region){
		.map = { .range = { 0x9000, 0xa000 }, .name = "" },
		.method = METHOD_REPLAY,
		.sees = SEES_READS_WRITES,
		.reason = REASON_NEW,
		.tally = { .swapped_pages = 2 },
	};
	regions[2] = (struct region){
		.map = { .range = { 0xa000, 0xf000 }, .name = "/bin/true" },
		.kind = KIND_PRIVATE_FILE,
		.reason = REASON_FILE,
		.untracked_pages = 4,
	};
}

static void test_regions(void)
{
	struct snapshot snap = { .regions = filled, .nr_regions = 3 };

	fill_regions();
	ok(add(&regions[0].tally, 6, 1, 5) && add(&regions[1].tally, 6, 0, 7), "SNAP15: regions");
	for (unsigned int i = 0; i < 3; i++)
		snapshot_region_fill(&filled[i], &regions[i], &epochs, SECOND);
	ok(filled[0].figures.hot_bytes == 5 * PAGE_BYTES && !filled[0].untracked_bytes &&
		   filled[0].resident_bytes == 5 * PAGE_BYTES && filled[0].since_sample == 2 &&
		   filled[0].figures.swapped_bytes == PAGE_BYTES,
	   "SNAP16: one that is observed");
	ok(filled[1].method == METHOD_NONE && filled[1].sees == SEES_NOTHING &&
		   filled[1].untracked_bytes == 7 * PAGE_BYTES &&
		   !filled[1].figures.tracked_bytes && filled[1].resident_bytes == 7 * PAGE_BYTES &&
		   filled[1].figures.swapped_bytes == 2 * PAGE_BYTES &&
		   filled[1].figures.idle_median_ns == -1,
	   "SNAP17: one found in this sample is untracked in it");
	ok(filled[2].untracked_bytes == 4 * PAGE_BYTES &&
		   filled[2].resident_bytes == 4 * PAGE_BYTES,
	   "SNAP18: one that is not observed");
	ok(snapshot_sum(&snap) && snap.tracked && snap.resident_bytes == 16 * PAGE_BYTES &&
		   snap.figures.tracked_bytes == 5 * PAGE_BYTES &&
		   snap.figures.swapped_bytes == 3 * PAGE_BYTES &&
		   snap.untracked_bytes[REASON_NEW] == 7 * PAGE_BYTES &&
		   snap.untracked_bytes[REASON_FILE] == 4 * PAGE_BYTES &&
		   snap.figures.idle_median_ns == -1,
	   "SNAP19: the target is their sum");
	snap = (struct snapshot){ .regions = filled + 1, .nr_regions = 2 };
	ok(snapshot_sum(&snap) && !snap.tracked, "SNAP20: nothing is seen of it: not tracked");
	tally_free(&regions[0].tally);
	tally_free(&regions[1].tally);
}

/* One region each on rwp, zap, wp and refs. */
static void fill_methods(struct region list[4])
{
	static const enum region_method methods[] = { METHOD_RWP, METHOD_ZAP, METHOD_WP,
						      METHOD_REFS };

	for (unsigned int i = 0; i < 4; i++)
		list[i] = (struct region){
			.map = { .range = { (i + 1) << 20, (i + 2) << 20 }, .name = "" },
			.method = methods[i],
			.sees = methods[i] == METHOD_WP ? SEES_WRITES : SEES_READS_WRITES,
			.told_apart = methods[i] == METHOD_ZAP,
			.unit_bytes = PAGE_BYTES,
		};
	list[1].tally.written_pages = 2;
	list[1].tally.only_read_pages = 3;
	list[2].tally.swapped_pages = 1;
	list[3].reason = REASON_NO_AGES;
	list[3].untracked_pages = 10;
	list[3].referenced_pages = 4;
	list[3].untracked_swapped_pages = 2;
}

static void check_methods(const struct snapshot_region *shown)
{
	ok(!shown[0].told_apart && shown[0].ages && shown[0].figures.hot_bytes == 4 * PAGE_BYTES,
	   "SNAP26: rwp");
	ok(shown[1].told_apart && shown[1].figures.written_bytes == 2 * PAGE_BYTES &&
		   shown[1].figures.only_read_bytes == 3 * PAGE_BYTES &&
		   shown[1].figures.hot_bytes == 6 * PAGE_BYTES,
	   "SNAP27: zap tells reads from writes; a page touched in a way that is not known");
	ok(shown[2].sees == SEES_WRITES && shown[2].ages && !shown[2].told_apart &&
		   shown[2].figures.hot_bytes == 7 * PAGE_BYTES,
	   "SNAP28: wp: what was written stands as hot");
	ok(!shown[3].ages && shown[3].figures.hot_bytes == 4 * PAGE_BYTES &&
		   shown[3].figures.idle_bytes[0] == 4 * PAGE_BYTES &&
		   shown[3].figures.tracked_bytes == 4 * PAGE_BYTES &&
		   shown[3].untracked_bytes == 6 * PAGE_BYTES &&
		   shown[3].resident_bytes == 10 * PAGE_BYTES &&
		   shown[3].figures.swapped_bytes == 2 * PAGE_BYTES &&
		   shown[3].figures.idle_median_ns == -1,
	   "SNAP29: refs: what was referenced is hot, the rest untracked");
}

static void test_methods(void)
{
	struct region list[4];
	struct snapshot_region shown[4];
	struct snapshot snap = { .regions = shown, .nr_regions = 4 };

	fill_methods(list);
	ok(add(&list[0].tally, 6, 1, 4) && add(&list[1].tally, 6, 1, 6) &&
		   add(&list[1].tally, 1, 0, 20) && add(&list[2].tally, 6, 1, 7) &&
		   add(&list[2].tally, 1, 0, 30),
	   "SNAP30: four methods");
	for (unsigned int i = 0; i < 4; i++)
		snapshot_region_fill(&shown[i], &list[i], &epochs, SECOND);
	check_methods(shown);
	ok(snapshot_sum(&snap) && snap.tracked && snap.ages && snap.told_apart && snap.writes_only,
	   "SNAP31: what can be said of the whole");
	ok(snap.figures.hot_bytes == 14 * PAGE_BYTES &&
		   snap.figures.cold_bytes == 20 * PAGE_BYTES &&
		   snap.writes.hot_bytes == 7 * PAGE_BYTES &&
		   snap.writes.cold_bytes == 30 * PAGE_BYTES,
	   "SNAP32: writes stand apart");
	ok(snap.tracked_bytes == 71 * PAGE_BYTES && snap.resident_bytes == 77 * PAGE_BYTES &&
		   snap.swapped_bytes == 3 * PAGE_BYTES &&
		   snap.untracked_bytes[REASON_NO_AGES] == 6 * PAGE_BYTES,
	   "SNAP33: the books are of all");
	snap = (struct snapshot){ .regions = shown + 2, .nr_regions = 1 };
	ok(snapshot_sum(&snap) && !snap.tracked && !snap.ages && !snap.told_apart &&
		   snap.writes_only,
	   "SNAP34: writes alone: nothing can be called hot");
	snap = (struct snapshot){ .regions = shown + 3, .nr_regions = 1 };
	ok(snapshot_sum(&snap) && snap.tracked && !snap.ages && !snap.writes_only,
	   "SNAP35: refs alone: no ages");
	for (unsigned int i = 0; i < 4; i++)
		tally_free(&list[i].tally);
}

/* More was written than is hot still: pages went away within the window. */
static void test_ways(void)
{
	struct tally tally = { .written_pages = 3, .only_read_pages = 5 };
	struct figures f;

	ok(add(&tally, 6, 1, 6), "SNAP36: six hot pages");
	figures_of_tally(&f, &tally, &epochs, SECOND);
	ok(f.written_bytes == 3 * PAGE_BYTES && f.only_read_bytes == 3 * PAGE_BYTES &&
		   figures_closed(&f),
	   "SNAP37: never more than is hot");
	tally.written_pages = 9;
	figures_of_tally(&f, &tally, &epochs, SECOND);
	ok(f.written_bytes == 6 * PAGE_BYTES && !f.only_read_bytes && figures_closed(&f),
	   "SNAP38: nor than is left of it");
	tally_free(&tally);
}

/* Each figure alone, one byte off. */
static void test_not_closed(void)
{
	struct snapshot snap = { .regions = filled, .nr_regions = 1 };
	struct figures *f = &filled[0].figures;
	uint64_t *const parts[] = {
		&f->tracked_bytes,
		&f->hot_bytes,
		&f->warm_bytes,
		&f->cold_bytes,
		&f->idle_bytes[1],
		&f->since_start_bytes,
		&f->heat_bytes[8],
		&f->only_read_bytes,
		&filled[0].resident_bytes,
		&filled[0].untracked_bytes,
	};

	f->written_bytes = f->hot_bytes;
	ok(snapshot_sum(&snap), "SNAP21: closed");
	for (unsigned int i = 0; i < ARRAY_LEN(parts); i++) {
		++*parts[i];
		ok(!snapshot_sum(&snap), "SNAP22: figure %u is wrong by one, and it is seen", i);
		--*parts[i];
	}
}

/* Every number of it is added; the median of a sum is not known. */
static void test_add(void)
{
	struct figures sum, one;

	memset(&sum, 0, sizeof(sum));
	memset(&one, 0, sizeof(one));
	for (size_t i = 0; i < offsetof(struct figures, idle_median_ns) / sizeof(uint64_t); i++)
		((uint64_t *)&one)[i] = i + 1;
	one.idle_median_ns = 77;
	figures_add(&sum, &one);
	ok(!memcmp(&sum, &one, offsetof(struct figures, idle_median_ns)),
	   "SNAP23: adding leaves nothing out");
}

static void test_words(void)
{
	bool fine = true;

	for (unsigned int i = 0; i < EVENT_NR; i++)
		fine = fine && event_name(i) && *event_name(i);
	for (unsigned int i = 0; i < END_NR; i++)
		fine = fine && run_end_name(i) && *run_end_name(i);
	ok(fine, "SNAP24: every event and every end has a word");
}

int main(void)
{
	ok(begin(), "SNAP00: six stamps");
	test_figures();
	test_median();
	test_regions();
	test_methods();
	test_ways();
	test_not_closed();
	test_add();
	test_words();
	epochs_free(&epochs);
	return done();
}
