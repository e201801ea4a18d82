/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the live view keeps: pictures, their past, their sum, and the books of a pause, which
 * stay what they are while the target goes on.
 */
#include "config.h"

#include "out/live/picture.h"

#include <string.h>

#include "core/inspect.h"
#include "out_fixture.h"
#include "rng.h"
#include "tap.h"

#define NR_PAGES 2048u
#define START UINT64_C(0x7f0000123000)

static const struct edges edges = { .nr = 2, .ns = { 0, 1000000000 } };

static bool same_regions(const struct picture *picture, const struct snapshot *snap,
			 char (*names)[256])
{
	bool same = picture->snap.nr_regions == snap->nr_regions;

	for (unsigned int i = 0; same && i < snap->nr_regions; i++) {
		const struct snapshot_region *a = &picture->regions[i], *b = &snap->regions[i];

		same = !strcmp(a->name, names[i]) && a->range.start == b->range.start &&
		       a->resident_bytes == b->resident_bytes && !a->cells &&
		       a->figures.tracked_bytes == b->figures.tracked_bytes &&
		       a->figures.since_start_bytes == b->figures.since_start_bytes;
	}
	return same;
}

static void test_copy(void)
{
	static char names[FIXTURE_NR_REGIONS][256], comm[64];
	static struct out_fixture fixture;
	struct picture *picture;

	(void)out_fixture_make(&fixture);
	for (unsigned int i = 0; i < fixture.snap.nr_regions; i++) {
		snprintf(names[i], sizeof(names[i]), "%s", fixture.regions[i].name);
		fixture.regions[i].name = strdup(names[i]);
	}
	snprintf(comm, sizeof(comm), "%s", fixture.snap.comm);
	picture = picture_new(&fixture.snap);
	/* As if the sampler had gone on. */
	for (unsigned int i = 0; i < fixture.snap.nr_regions; i++)
		free((char *)(uintptr_t)fixture.regions[i].name);
	ok(picture && same_regions(picture, &fixture.snap, names), "PICT01: a picture has it all");
	ok(picture && !strcmp(picture->snap.comm, comm) && !picture->snap.groups,
	   "PICT02: and nothing that is not its own");
	picture_free(picture);
	picture_free(NULL);
}

static void test_history(void)
{
	static struct history history;
	bool right = !history_back(&history, 0);

	for (int64_t i = 0; i < 3 * HISTORY_MAX; i++) {
		const struct point point = { .elapsed_ns = i };
		const unsigned int back = (unsigned int)i % HISTORY_MAX;
		const struct point *then;

		history_add(&history, &point);
		then = history_back(&history, back);
		right = right && history_back(&history, 0)->elapsed_ns == i && then &&
			then->elapsed_ns == i - back;
	}
	ok(right, "PICT03: a history goes back by sample");
	ok(!history_back(&history, HISTORY_MAX), "PICT04: and not further than it is kept");
	history_hold(&history, true);
	history_add(&history, &(struct point){ .elapsed_ns = -1 });
	history_add(&history, &(struct point){ .elapsed_ns = -2 });
	is_i64(history_back(&history, 0)->elapsed_ns, 3 * HISTORY_MAX - 1,
	       "PICT05: held, it shows what there was");
	ok(!history_back(&history, HISTORY_MAX - 2), "PICT06: as far as that is kept");
	history_hold(&history, false);
	is_i64(history_back(&history, 0)->elapsed_ns, -2, "PICT07: let go, it shows all");
}

static void test_sum(void)
{
	static struct out_fixture fixture;
	struct snapshot sum = { 0 };
	const struct snapshot *one = &fixture.snap;
	bool doubled = true;

	(void)out_fixture_make(&fixture);
	snapshot_add(&sum, one);
	ok(sum.resident_bytes == one->resident_bytes && sum.tracked == one->tracked &&
		   sum.ages == one->ages && figures_closed(&sum.figures),
	   "PICT08: the sum of one is that one");
	snapshot_add(&sum, one);
	for (unsigned int i = 0; i < edges.nr; i++)
		doubled = doubled && sum.figures.idle_bytes[i] == 2 * one->figures.idle_bytes[i];
	ok(doubled && sum.resident_bytes == 2 * one->resident_bytes &&
		   sum.figures.hot_bytes == 2 * one->figures.hot_bytes &&
		   sum.untracked_bytes[REASON_SECRET] == 2 * one->untracked_bytes[REASON_SECRET] &&
		   sum.cost.faults == 2 * one->cost.faults && figures_closed(&sum.figures),
	   "PICT09: of two it is both, and closed");
	out_fixture_blind(&fixture);
	snapshot_add(&sum, &fixture.snap);
	ok(sum.tracked && sum.ages, "PICT10: one of which nothing is seen changes no word");
}

/* One mapping, its pages of random ages; and what is asked of them. */
static struct world {
	struct rng rng;
	struct books books;
	struct inspect inspect;
	struct mapping map;
} world;

static struct range page_range(unsigned int first, unsigned int nr)
{
	return (struct range){ START + first * PAGE_BYTES, START + (first + nr) * PAGE_BYTES };
}

static bool random_window(void)
{
	struct books *books = &world.books;
	bool fine = !epochs_next(&books->epochs, books->epochs.at_ns[books->epochs.now] + 1000);

	tally_window(&books->regions.at[0].tally, books->epochs.now);
	for (unsigned int i = 0; fine && i < 60; i++) {
		static const unsigned int bits[] = { 0, PAGE_BIT_PRESENT, PAGE_BIT_SWAPPED,
						     PAGE_BIT_PRESENT | PAGE_BIT_TOUCHED };
		const unsigned int first = rng_below(&world.rng, NR_PAGES);
		const unsigned int left = NR_PAGES - first;
		const unsigned int nr = 1 + rng_below(&world.rng, left < 50 ? left : 50);

		fine = !pages_see(books->pages, &books->regions.at[0].tally, page_range(first, nr),
				  bits[rng_below(&world.rng, 4)], &books->epochs);
	}
	return fine;
}

static bool make_world(void)
{
	static struct mapping_list maps = { .at = &world.map, .nr = 1, .cap = 1 };
	const struct armed armed = { METHOD_RWP, SEES_READS_WRITES, false, PAGE_BYTES, 0 };
	struct books *books = &world.books;

	world.rng = (struct rng){ 2026 };
	world.map = (struct mapping){ .range = page_range(0, NR_PAGES),
				      .perms = PERM_READ | PERM_WRITE,
				      .name = "[heap]" };
	books->pages = pages_new();
	if (!books->pages || epochs_init(&books->epochs, &edges, 0) ||
	    regions_update(&books->regions, &maps, books->pages, EPOCH_START, &books->changes))
		return false;
	region_observed(&books->regions.at[0], &armed, EPOCH_START, 1);
	region_heard(&books->regions.at[0], 1);
	world.inspect = (struct inspect){ .books = books, .observed_ns = 1000000 };
	for (unsigned int i = 0; i < 3; i++)
		if (!random_window())
			return false;
	return true;
}

static bool same_cells(const struct inspect *inspect, unsigned int most, const struct cells *want)
{
	struct cell at[NR_PAGES] = { 0 };
	struct cells cells = { .at = at };

	return inspect_cells(inspect, page_range(0, NR_PAGES), most, &cells) &&
	       cells.nr == want->nr && !memcmp(at, want->at, cells.nr * sizeof(*at));
}

static void test_freeze(void)
{
	static struct cell before[NR_PAGES];
	struct cells cells = { .at = before };
	struct inspect *frozen;

	ok(make_world(), "PICT11: books with pages of many ages");
	ok(inspect_cells(&world.inspect, page_range(0, NR_PAGES), NR_PAGES, &cells) &&
		   cells.nr == NR_PAGES,
	   "PICT12: a cell for each page");
	frozen = inspect_freeze(&world.inspect);
	ok(frozen && same_cells(frozen, NR_PAGES, &cells), "PICT13: frozen books say the same");
	ok(random_window() && !same_cells(&world.inspect, NR_PAGES, &cells),
	   "PICT14: the target goes on");
	ok(frozen && same_cells(frozen, NR_PAGES, &cells), "PICT15: and they do not");
	ok(frozen && frozen->books->regions.nr == 1 &&
		   !strcmp(frozen->books->regions.at[0].map.name, "[heap]"),
	   "PICT16: they know their mappings");
	ok(!inspect_cells(&world.inspect, (struct range){ START - PAGE_BYTES, START }, 1, &cells),
	   "PICT17: of what is no mapping they say nothing");
	inspect_thaw(frozen);
	inspect_thaw(NULL);
	world.inspect.books = NULL;
	ok(!inspect_freeze(&world.inspect), "PICT18: what cannot be read cannot be frozen");
	region_changes_free(&world.books.changes);
	region_set_free(&world.books.regions);
	epochs_free(&world.books.epochs);
	pages_free(world.books.pages);
}

int main(void)
{
	test_copy();
	test_history();
	test_sum();
	test_freeze();
	return done();
}
