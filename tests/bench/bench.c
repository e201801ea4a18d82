/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a sample costs beside the bare kernel calls on the same memory, as a ratio in one
 * run (make bench), for each method that works on this kernel.  A child touches a known
 * share of its memory; then either the books of wsstat are brought up to date (the
 * code that wsstat runs), or a plain loop makes the calls that the method cannot do
 * without (bare.c), nothing else.  They take turns, on the same touches.
 *
 * A sample also reads the mappings and looks at the program's other ones, which the
 * bare loop leaves alone.  That fixed part is measured on a second child that has
 * next to no memory, and told beside; "area" is the ratio without it.  On a machine that
 * does other work too the least times ("of minima") say more than the medians.
 *
 * usage: bench [MIB [ROUNDS [METHOD]]]
 */
#include "config.h"

#include <string.h>

#include "base/parse.h"
#include "bench.h"
#include "kernel/features.h"

static const struct pattern patterns[] = {
	{ "none", 0, false },	     { "contiguous", 1, false },   { "contiguous", 10, false },
	{ "contiguous", 50, false }, { "contiguous", 100, false }, { "scattered", 1, true },
	{ "scattered", 10, true },   { "scattered", 50, true },
};

/* Of many rounds. */
struct times {
	int64_t ns[MAX_ROUNDS];
	double median_us, least_us;
};

static int by_value(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

static void times_sort(struct times *times, unsigned int nr)
{
	qsort(times->ns, nr, sizeof(*times->ns), by_value);
	times->median_us = (double)times->ns[nr / 2] / 1e3;
	times->least_us = (double)times->ns[0] / 1e3;
}

static double us(int64_t ns)
{
	return (double)ns / 1e3;
}

struct rounds {
	struct times ours, bare, beside, longest; /* longest: stop of each of our samples */
	struct stops ours_stops;
};

static int take_round(struct bench *bench, struct pattern pattern, struct rounds *rounds,
		      unsigned int round, struct error *err)
{
	const struct bare_ops *bare = bench->bare;

	if (bench_touch(bench, pattern) ||
	    bench_bare(bench, bare->sample, &rounds->bare.ns[round]) || bench_touch(bench, pattern))
		return error_set(err, ERROR_FAILED, 0, "the bare loop failed");
	bench->target->tracker.longest_stop_ns = 0;
	if (bench_sample(bench, &rounds->ours.ns[round], err))
		return -1;
	rounds->longest.ns[round] = bench->target->tracker.longest_stop_ns;
	if (bare->beside && (bench_touch(bench, pattern) ||
			     bench_bare(bench, bare->beside_sample, &rounds->beside.ns[round])))
		return error_set(err, ERROR_FAILED, 0, "the loop beside it failed");
	return 0;
}

static void tell_stops(const char *who, const struct stops *stops, unsigned int rounds,
		       uint64_t touched)
{
	if (!stops->nr)
		return;
	printf("    %-6s  stops %6.1f a sample  mean %6.1f us  worst %7.1f us  "
	       "stopped %8.1f us a sample",
	       who, (double)stops->nr / rounds, us(stops->ns) / (double)stops->nr,
	       us(stops->longest_ns), us(stops->ns) / rounds);
	if (touched)
		printf(", %.0f ns a touched page", (double)stops->ns / rounds / (double)touched);
	printf("\n");
}

static void tell(const struct bench *bench, struct pattern pattern, struct rounds *r,
		 unsigned int nr, const struct times *fixed)
{
	const uint64_t pages = range_bytes(bench->area) >> PAGE_SHIFT;

	times_sort(&r->ours, nr);
	times_sort(&r->bare, nr);
	times_sort(&r->beside, nr);
	printf("%3u %% %-10s  bare %9.1f us  wsstat %9.1f us  ratio %.2f  area %.2f  "
	       "of minima %.2f",
	       pattern.percent, pattern.name, r->bare.median_us, r->ours.median_us,
	       r->ours.median_us / r->bare.median_us,
	       (r->ours.median_us - fixed->median_us) / r->bare.median_us,
	       (r->ours.least_us - fixed->least_us) / r->bare.least_us);
	if (bench->bare->beside)
		printf("  (%s %.1f us)", bench->bare->beside, r->beside.median_us);
	printf("\n");
	tell_stops("bare", &bench->bare_stops, nr, pages * pattern.percent / 100);
	times_sort(&r->longest, nr);
	r->ours_stops.longest_ns = r->longest.ns[nr - 1];
	tell_stops("wsstat", &r->ours_stops, nr, pages * pattern.percent / 100);
	if (r->ours_stops.nr)
		printf("            the longest stop of a sample, median: %.1f us\n",
		       r->longest.median_us);
}

static int run_pattern(struct bench *bench, struct pattern pattern, unsigned int nr,
		       const struct times *fixed, struct error *err)
{
	struct tracker *tracker = &bench->target->tracker;
	struct rounds rounds = { 0 };
	const struct stops before = { tracker->stops, tracker->stopped_ns, 0 };

	bench->bare_stops = (struct stops){ 0 };
	for (unsigned int i = 0; i < nr; i++)
		if (take_round(bench, pattern, &rounds, i, err))
			return -1;
	rounds.ours_stops = (struct stops){ tracker->stops - before.nr,
					    tracker->stopped_ns - before.ns, 0 };
	tell(bench, pattern, &rounds, nr, fixed);
	return 0;
}

/* What a sample costs whose memory is one page table's worth, untouched. */
static int measure_fixed(const struct bare_ops *bare, struct times *fixed, unsigned int nr,
			 struct error *err)
{
	struct bench bench;
	int rc = bench_begin(&bench, bare, HUGE_BYTES, err);

	for (unsigned int i = 0; i < nr && !rc; i++)
		rc = bench_sample(&bench, &fixed->ns[i], err);
	bench_end(&bench);
	times_sort(fixed, nr);
	return rc;
}

static int run_method(const struct bare_ops *bare, uint64_t mib, unsigned int nr, struct error *err)
{
	struct times fixed = { 0 };
	struct bench bench;
	int rc = measure_fixed(bare, &fixed, nr, err);

	if (rc)
		return rc;
	rc = bench_begin(&bench, bare, mib << 20, err);
	if (!rc)
		printf("%s: %llu MiB of %s, in 4 KiB pages, median of %u rounds\n"
		       "bare: %s\n"
		       "fixed part of a sample: %.1f us (mappings read, %zu others looked at)\n",
		       region_method_name(bare->method), (unsigned long long)mib, bare->memory, nr,
		       bare->compared, fixed.median_us, bench.books.regions.nr - 1);
	for (unsigned int i = 0; i < ARRAY_LEN(patterns) && !rc; i++)
		rc = run_pattern(&bench, patterns[i], nr, &fixed, err);
	if (!rc)
		printf("page ages: %.2f bytes a page\n\n",
		       (double)pages_memory(bench.books.pages) /
			       (double)(range_bytes(bench.area) >> PAGE_SHIFT));
	bench_end(&bench);
	return rc;
}

static int run_all(uint64_t mib, unsigned int nr, const char *only, struct error *err)
{
	static const struct {
		const struct bare_ops *bare;
		enum feature_method feature;
	} methods[] = {
		{ &bare_rwp, FEATURE_RWP },
		{ &bare_zap, FEATURE_ZAP },
		{ &bare_wp, FEATURE_WP },
	};
	struct features features;
	int rc = 0;

	features_probe(&features);
	printf("Linux %s\n\n", features.kernel);
	for (unsigned int i = 0; i < ARRAY_LEN(methods) && !rc; i++) {
		const struct feature *feature = features_method(&features, methods[i].feature);

		if (only && strcmp(only, feature->name))
			continue;
		if (feature->answer != FEATURE_YES)
			printf("%s: %s, %s\n\n", feature->name,
			       feature_answer_name(feature->answer), feature->why);
		else
			rc = run_method(methods[i].bare, mib, nr, err);
	}
	return rc;
}

int main(int argc, char **argv)
{
	struct error err = { 0 };
	uint64_t mib = 1024, rounds = 9;
	int rc;

	setlinebuf(stdout);
	if (argc > 4 || (argc > 1 && parse_u64(argv[1], &mib, &err)) ||
	    (argc > 2 && parse_u64(argv[2], &rounds, &err)) || !mib || !rounds ||
	    rounds > MAX_ROUNDS) {
		fputs("usage: bench [MIB [ROUNDS [METHOD]]]\n", stderr);
		return 2;
	}
	rc = run_all(mib, (unsigned int)rounds, argc > 3 ? argv[3] : NULL, &err);
	if (rc)
		fprintf(stderr, "bench: %s\n", err.text);
	return rc ? 1 : 0;
}
