/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a sample costs beside the bare ioctls on the same memory, as a ratio in one
 * run (make bench; needs RWP).  A child touches a known share of its memory; then
 * either the books of wsstat are brought up to date (the code that wsstat runs), or
 * a plain loop scans for accessed pages and arms them again, nothing else.  They
 * take turns, on the same touches.
 *
 * A sample also reads the mappings and looks at the program's other ones, which the
 * bare loop leaves alone.  That fixed part is measured on a second child that has
 * next to no memory, and told beside; "area" is the ratio without it.
 *
 * usage: bench [MIB [ROUNDS]]
 */
#include "config.h"

#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include "base/clock.h"
#include "base/parse.h"
#include "core/books.h"
#include "kernel/pagemap.h"
#include "kernel/uffd.h"

#define PIECE_BYTES (UINT64_C(64) << 20)
#define VEC_LEN 65536u
#define MAX_ROUNDS 64u

struct pattern {
	const char *name;
	unsigned int percent;
	bool scattered;
};

static const struct pattern patterns[] = {
	{ "none", 0, false },	     { "contiguous", 1, false },   { "contiguous", 10, false },
	{ "contiguous", 50, false }, { "contiguous", 100, false }, { "scattered", 1, true },
	{ "scattered", 10, true },   { "scattered", 50, true },
};

struct bench {
	struct target target;
	struct books books;
	struct selection selection;
	struct edges edges;
	struct range area;
	struct page_region *vec;
	int to_child, from_child, child;
	unsigned int samples;
	int64_t now_ns;
	double fixed_us; /* of a sample of a child without memory */
};

/* Every page in one of `percent` of a hundred, spread evenly or from the start. */
static void touch(const volatile char *area, uint64_t pages, struct pattern pattern)
{
	if (!pattern.scattered) {
		for (uint64_t i = 0; i < pages * pattern.percent / 100; i++)
			(void)area[i * PAGE_BYTES];
		return;
	}
	for (uint64_t i = 0; i < pages; i += 100 / pattern.percent)
		(void)area[i * PAGE_BYTES];
}

static void child_main(const volatile char *area, uint64_t pages, int from, int to)
{
	struct pattern pattern;
	char ok = 1;

	while (read(from, &pattern, sizeof(pattern)) == sizeof(pattern)) {
		touch(area, pages, pattern);
		if (write(to, &ok, 1) != 1)
			break;
	}
	_exit(0);
}

static int start_child(struct bench *bench, uint64_t bytes)
{
	int to[2], from[2];
	char *area = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (area == MAP_FAILED || pipe(to) || pipe(from))
		return -errno;
	madvise(area, bytes, MADV_NOHUGEPAGE);
	bench->area = (struct range){ (uintptr_t)area, (uintptr_t)area + bytes };
	bench->child = fork();
	if (!bench->child) {
		memset(area, 1, bytes);
		child_main(area, bytes >> PAGE_SHIFT, to[0], from[1]);
	}
	munmap(area, bytes);
	bench->to_child = to[1];
	bench->from_child = from[0];
	return bench->child < 0 ? -errno : 0;
}

static int child_touch(struct bench *bench, struct pattern pattern)
{
	char ok;

	if (write(bench->to_child, &pattern, sizeof(pattern)) != sizeof(pattern) ||
	    read(bench->from_child, &ok, 1) != 1)
		return -EPIPE;
	return 0;
}

/* One sample as the sampler takes it; the time that it took. */
static int books_sample(struct bench *bench, int64_t *took_ns, struct error *err)
{
	struct snapshot snap = { 0 };
	int64_t before = clock_boot_ns();
	int rc;

	bench->now_ns += CLOCK_NS_PER_S;
	rc = books_window(&bench->books, bench->now_ns, ++bench->samples, err);
	if (!rc)
		rc = books_look(&bench->books, &bench->target, &bench->selection, err);
	if (!rc)
		rc = books_collect(&bench->books, &bench->target, ++bench->samples, err);
	if (!rc)
		rc = books_snapshot(&bench->books, 120 * CLOCK_NS_PER_S, &snap, err);
	*took_ns = clock_boot_ns() - before;
	return rc;
}

static int bare_piece(struct bench *bench, struct range piece)
{
	const struct pagemap_query query = {
		.range = piece,
		.mask = PAGE_IS_ACCESSED,
		.returned = PAGE_IS_ACCESSED,
	};
	uint64_t walked;
	ssize_t nr = pagemap_scan(bench->target.tracker.pagemap, &query, bench->vec, VEC_LEN,
				  &walked);

	for (ssize_t i = 0; i < nr; i++) {
		struct range run = { bench->vec[i].start, bench->vec[i].end };
		int rc = uffd_rwprotect(bench->target.tracker.uffd, run);

		if (rc)
			return rc;
	}
	return nr < 0 ? (int)nr : 0;
}

/* The least that any tool must do. */
static int bare_sample(struct bench *bench, int64_t *took_ns)
{
	int64_t before = clock_boot_ns();
	int rc = 0;

	for (uint64_t at = bench->area.start; at < bench->area.end && !rc; at += PIECE_BYTES) {
		uint64_t end = at + PIECE_BYTES;

		rc = bare_piece(
			bench, (struct range){ at, end < bench->area.end ? end : bench->area.end });
	}
	*took_ns = clock_boot_ns() - before;
	return rc;
}

static int by_value(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

static double median_us(int64_t *times, unsigned int nr)
{
	qsort(times, nr, sizeof(*times), by_value);
	return (double)times[nr / 2] / 1e3;
}

static int run_pattern(struct bench *bench, struct pattern pattern, unsigned int rounds,
		       struct error *err)
{
	int64_t ours[MAX_ROUNDS] = { 0 }, bare[MAX_ROUNDS] = { 0 };
	double ours_us, bare_us;

	for (unsigned int round = 0; round < rounds; round++) {
		if (child_touch(bench, pattern) || bare_sample(bench, &bare[round]) ||
		    child_touch(bench, pattern))
			return error_set(err, ERROR_FAILED, 0, "the bare loop failed");
		if (books_sample(bench, &ours[round], err))
			return -1;
	}
	ours_us = median_us(ours, rounds);
	bare_us = median_us(bare, rounds);
	printf("%3u %% %-10s  bare %9.1f us  wsstat %9.1f us  ratio %.2f  area %.2f\n",
	       pattern.percent, pattern.name, bare_us, ours_us, ours_us / bare_us,
	       (ours_us - bench->fixed_us) / bare_us);
	return 0;
}

static int begin(struct bench *bench, uint64_t bytes, struct error *err)
{
	const struct pattern wake = { "none", 0, false };
	char where[64];
	int rc = start_child(bench, bytes);

	if (!rc)
		rc = child_touch(bench, wake); /* its memory is populated by then */
	if (rc)
		return error_set(err, ERROR_FAILED, -rc, "cannot start a child");
	rc = target_attach(&bench->target, bench->child, err);
	if (rc)
		return rc;
	edges_default(&bench->edges, CLOCK_NS_PER_S, 120 * CLOCK_NS_PER_S);
	snprintf(where, sizeof(where), "%llx-%llx", (unsigned long long)bench->area.start,
		 (unsigned long long)bench->area.end);
	rc = selection_add(&bench->selection, where, err);
	if (!rc)
		rc = books_open(&bench->books, &bench->edges, 0, err);
	if (!rc)
		rc = books_look(&bench->books, &bench->target, &bench->selection, err);
	return rc ? rc : books_begin(&bench->books, &bench->target, 0, err);
}

static void end(struct bench *bench)
{
	books_close(&bench->books);
	if (bench->target.ops)
		bench->target.ops->close(&bench->target);
	if (bench->child > 0) {
		kill(bench->child, SIGKILL);
		waitpid(bench->child, NULL, 0);
	}
	free(bench->vec);
}

/* What a sample costs whose memory is one page table's worth, untouched. */
static int measure_fixed(double *fixed_us, unsigned int rounds, struct error *err)
{
	struct bench bench = { 0 };
	int64_t times[MAX_ROUNDS] = { 0 };
	int rc = begin(&bench, HUGE_BYTES, err);

	for (unsigned int round = 0; round < rounds && !rc; round++)
		rc = books_sample(&bench, &times[round], err);
	if (!rc)
		*fixed_us = median_us(times, rounds);
	end(&bench);
	return rc;
}

static int run(struct bench *bench, uint64_t mib, unsigned int rounds, struct error *err)
{
	int rc = measure_fixed(&bench->fixed_us, rounds, err);

	if (!rc)
		rc = begin(bench, mib << 20, err);
	if (rc)
		return rc;
	printf("%llu MiB of anonymous memory in 4 KiB pages, median of %u rounds\n"
	       "fixed part of a sample: %.1f us (mappings read, %zu other mappings looked at)\n",
	       (unsigned long long)mib, rounds, bench->fixed_us, bench->books.regions.nr - 1);
	for (unsigned int i = 0; i < ARRAY_LEN(patterns) && !rc; i++)
		rc = run_pattern(bench, patterns[i], rounds, err);
	if (!rc)
		printf("page ages: %.2f bytes a page\n",
		       (double)pages_memory(bench->books.pages) /
			       (double)(range_bytes(bench->area) >> PAGE_SHIFT));
	return rc;
}

int main(int argc, char **argv)
{
	struct bench bench = { .vec = malloc(VEC_LEN * sizeof(*bench.vec)) };
	struct error err = { 0 };
	uint64_t mib = 1024, rounds = 9;
	int rc;

	if ((argc > 1 && parse_u64(argv[1], &mib, &err)) ||
	    (argc > 2 && parse_u64(argv[2], &rounds, &err)) || !mib || !rounds ||
	    rounds > MAX_ROUNDS) {
		fputs("usage: bench [MIB [ROUNDS]]\n", stderr);
		return 2;
	}
	rc = bench.vec ? run(&bench, mib, (unsigned int)rounds, &err)
		       : error_set(&err, ERROR_FAILED, ENOMEM, "no room");
	if (rc)
		fprintf(stderr, "bench: %s\n", err.text);
	end(&bench);
	return rc ? 1 : 0;
}
