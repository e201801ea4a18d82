/* SPDX-License-Identifier: GPL-2.0-or-later */
/* model/epochs.c: edges and their buckets, stamps and their merging. */
#include "config.h"

#include "model/epochs.h"

#include <inttypes.h>
#include <string.h>

#include "rng.h"
#include "tap.h"

#define SECOND INT64_C(1000000000)
#define MAX_SAMPLES 200u
#define KEPT_LAST 8u /* samples whose histories are still looked at */

static uint16_t renumber[EPOCH_MAX + 1];

static bool edges_are(const struct edges *edges, const int64_t *seconds, unsigned int nr)
{
	bool same = edges->nr == nr;

	for (unsigned int i = 0; i < nr && same; i++)
		same = edges->ns[i] == seconds[i] * SECOND;
	return same;
}

static void test_edges(void)
{
	static const int64_t at_1s[] = { 0, 1, 5, 10, 30, 60, 120, 300, 600, 1800, 3600 };
	static const int64_t at_7s[] = { 0, 7, 10, 30, 45, 60, 120, 300, 600, 1800, 3600 };
	static const int64_t at_2h[] = { 0, 7200 };
	static const int64_t at_1h[] = { 0, 3600, 7200 };
	struct edges edges;

	edges_default(&edges, SECOND, 120 * SECOND);
	ok(edges_are(&edges, at_1s, ARRAY_LEN(at_1s)), "EPOCHS01: the ladder, cold-after on it");
	edges_default(&edges, 7 * SECOND, 45 * SECOND);
	ok(edges_are(&edges, at_7s, ARRAY_LEN(at_7s)),
	   "EPOCHS02: cut to the interval, cold-after between");
	edges_default(&edges, 7200 * SECOND, 120 * SECOND);
	ok(edges_are(&edges, at_2h, ARRAY_LEN(at_2h)), "EPOCHS03: the interval is above all");
	edges_default(&edges, 3600 * SECOND, 7200 * SECOND);
	ok(edges_are(&edges, at_1h, ARRAY_LEN(at_1h)), "EPOCHS04: cold-after is above all");
	edges_default(&edges, SECOND / 1000, SECOND / 2);
	ok(edges.nr == 13 && edges.ns[1] == SECOND / 1000 && edges.ns[2] == SECOND / 2,
	   "EPOCHS05: below a second there is the interval and cold-after");
}

static void test_buckets(void)
{
	struct edges edges = { .nr = 3, .ns = { 0, 10, 20 } };

	ok(edges_bucket(&edges, 0) == 0 && edges_bucket(&edges, 9) == 0, "EPOCHS06: below an edge");
	ok(edges_bucket(&edges, 10) == 1 && edges_bucket(&edges, 19) == 1,
	   "EPOCHS07: an edge belongs to the bucket above it");
	ok(edges_bucket(&edges, 20) == 2 && edges_bucket(&edges, INT64_MAX) == 2,
	   "EPOCHS08: the last bucket has no end");
}

static void test_stamps(void)
{
	struct edges edges = { .nr = 3, .ns = { 0, 10, 20 } };
	struct epochs epochs;

	ok(!epochs_init(&epochs, &edges, 100) && epochs.now == EPOCH_START &&
		   !epochs_idle_ns(&epochs, EPOCH_START),
	   "EPOCHS09: at the start");
	ok(!epochs_next(&epochs, 110) && epochs.now == 2 &&
		   epochs_idle_ns(&epochs, EPOCH_START) == 10 && epochs.bucket[EPOCH_START] == 0,
	   "EPOCHS10: the first sample; before it the start's pages were not idle");
	ok(!epochs_next(&epochs, 110) && epochs.bucket[EPOCH_START] == 1 && epochs.bucket[2] == 0,
	   "EPOCHS11: a window of no length");
	ok(!epochs_next(&epochs, 125) && epochs_idle_ns(&epochs, 2) == 15 &&
		   epochs_idle_ns(&epochs, 3) == 15 && !epochs_idle_ns(&epochs, 4),
	   "EPOCHS12: idle times count from the stamp's sample");
	epochs_free(&epochs);
}

static bool fill(struct epochs *epochs, const struct edges *edges, unsigned int samples)
{
	bool fine = !epochs_init(epochs, edges, 0);

	for (unsigned int i = 1; i <= samples && fine; i++)
		fine = !epochs_full(epochs) && !epochs_next(epochs, i * SECOND);
	return fine;
}

static void test_full(void)
{
	struct edges edges = { .nr = 2, .ns = { 0, 1 } };
	struct epochs epochs;

	/* epochs_next() looks at every stamp: begin near the end. */
	if (!ok(fill(&epochs, &edges, 100), "EPOCHS13: a hundred samples"))
		return;
	while (epochs.now < EPOCH_MAX - 1 && epochs.now + 1 < epochs.cap) {
		epochs.at_ns[epochs.now + 1] = epochs.at_ns[epochs.now] + SECOND;
		epochs.bucket[++epochs.now] = 0;
	}
	ok(!epochs_full(&epochs) && epochs.now == 127, "EPOCHS14: 127 stamps fill the table");
	ok(!epochs_next(&epochs, epochs.at_ns[epochs.now]) && epochs.now == 128,
	   "EPOCHS15: which grows");
	epochs.now = EPOCH_MAX - 1;
	ok(!epochs_full(&epochs), "EPOCHS16: one stamp is left");
	epochs.now = EPOCH_MAX;
	ok(epochs_full(&epochs), "EPOCHS17: none is left");
	epochs_free(&epochs);
}

/* A stamp's new time is its own or a later one, order is kept, no place is left free. */
static bool merged_well(const struct epochs *epochs, const int64_t *old_ns, unsigned int old_now)
{
	bool well = renumber[0] == 0 && renumber[EPOCH_START] == EPOCH_START &&
		    renumber[old_now] == epochs->now;

	for (unsigned int s = EPOCH_START; s <= old_now && well; s++) {
		unsigned int to = renumber[s];

		well = epochs->at_ns[to] >= old_ns[s] &&
		       (s == EPOCH_START || (to - renumber[s - 1] <= 1));
		if (s + KEPT_LAST > old_now || s == EPOCH_START)
			well = well && epochs->at_ns[to] == old_ns[s];
		if (s + KEPT_LAST > old_now)
			well = well && old_now - s == epochs->now - to;
	}
	return well;
}

static bool merge_random(uint64_t seed)
{
	struct edges edges = { .nr = 3, .ns = { 0, 10 * SECOND, 50 * SECOND } };
	struct rng rng = { seed };
	struct epochs epochs;
	int64_t old_ns[MAX_SAMPLES + 2];
	bool well = fill(&epochs, &edges, rng_below(&rng, MAX_SAMPLES));

	for (unsigned int turn = 0; turn < 3 && well; turn++) {
		unsigned int old_now = epochs.now;

		memcpy(old_ns, epochs.at_ns, (old_now + 1) * sizeof(*old_ns));
		epochs_compact(&epochs, rng_below(&rng, 250) * SECOND, renumber);
		well = merged_well(&epochs, old_ns, old_now);
	}
	epochs_free(&epochs);
	return well;
}

static void test_merge(void)
{
	struct edges edges = { .nr = 2, .ns = { 0, 10 * SECOND } };
	struct epochs epochs;
	unsigned int well = 0, now;

	for (unsigned int seed = 0; seed < 300; seed++)
		well += merge_random(seed);
	ok(well == 300, "EPOCHS18: 300 random mergings never make a stamp older (%u)", well);

	ok(fill(&epochs, &edges, 100), "EPOCHS19: a hundred samples, one a second");
	epochs_compact(&epochs, 10 * SECOND, renumber);
	ok(epochs.now < 30 && epochs_idle_ns(&epochs, renumber[2]) >= 10 * SECOND &&
		   epochs_idle_ns(&epochs, EPOCH_START) == 100 * SECOND,
	   "EPOCHS20: all that is beyond the last edge becomes one, and stays beyond it");
	epochs_free(&epochs);

	ok(fill(&epochs, &edges, 100), "EPOCHS21: again");
	now = epochs.now;
	epochs_compact(&epochs, 1000 * SECOND, renumber);
	ok(epochs.now < now * 4 / 5 && epochs_idle_ns(&epochs, renumber[10]) >= 89 * SECOND,
	   "EPOCHS22: under pressure pairs are merged, at the cost of one window");
	epochs_free(&epochs);

	ok(fill(&epochs, &edges, 10), "EPOCHS23: ten samples");
	epochs_compact(&epochs, 0, renumber);
	ok(epochs.now == 11, "EPOCHS24: too few to merge any");
	epochs_free(&epochs);
}

/* Without pressure no stamp changes its bucket, and those below the last edge no time. */
static void test_exact(void)
{
	struct edges edges = { .nr = 3, .ns = { 0, 20 * SECOND, 40 * SECOND } };
	struct epochs epochs;
	unsigned int now, exact = 0, own = 0;

	if (!ok(fill(&epochs, &edges, 100), "EPOCHS25: a hundred samples"))
		return;
	now = epochs.now;
	epochs_compact(&epochs, 40 * SECOND, renumber);
	for (unsigned int s = EPOCH_START + 1; s <= now; s++) {
		int64_t before_ns = (now - s) * SECOND;
		int64_t after_ns = epochs_idle_ns(&epochs, renumber[s]);

		exact += edges_bucket(&edges, before_ns) == edges_bucket(&edges, after_ns);
		own += before_ns == after_ns;
	}
	ok(exact == now - EPOCH_START, "EPOCHS26: every page stays in its bucket");
	ok(own == 41 && epochs.now == 42, "EPOCHS27: 41 stamps up to the last edge stay");
	epochs_free(&epochs);
}

static void test_warmth(void)
{
	struct edges edges = { .nr = 2, .ns = { 0, 10 } };
	struct epochs epochs;

	ok(!epochs_init(&epochs, &edges, 100) && epochs_hot(&epochs, EPOCH_START) &&
		   epochs_warmth(&epochs, EPOCH_START, 0) == WARMTH_HOT,
	   "EPOCHS28: before the first sample all is hot, whatever is cold");
	ok(!epochs_next(&epochs, 110) && !epochs_hot(&epochs, EPOCH_START) &&
		   epochs_warmth(&epochs, EPOCH_START, INT64_MAX) == WARMTH_COLD,
	   "EPOCHS29: untouched since the start is cold");
	ok(!epochs_next(&epochs, 120) && epochs_warmth(&epochs, 2, 11) == WARMTH_WARM &&
		   epochs_warmth(&epochs, 2, 10) == WARMTH_COLD,
	   "EPOCHS30: cold from cold_after on, warm until then");
	ok(epochs_hot(&epochs, 3) && epochs_warmth(&epochs, 3, 0) == WARMTH_HOT,
	   "EPOCHS31: touched in the last window is hot");
	epochs_free(&epochs);
}

int main(void)
{
	test_edges();
	test_buckets();
	test_stamps();
	test_full();
	test_merge();
	test_exact();
	test_warmth();
	return done();
}
