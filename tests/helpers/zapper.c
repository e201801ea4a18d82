/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Zaps stretches of a process as fast as it can, whatever becomes of them: they are
 * registered again and again, also when another mapping is there by now, so that
 * only what inject_zap() itself verifies is between it and the target's data.
 *
 * usage: zapper PID SECONDS PIECE_KB PAUSE_US LIMIT_US ADDR...
 * Prints "zaps N stale N again N denied N pages N", then
 * "stopped min N median N p99 N max N us, N threads".  "began" when the first is over.
 */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/clock.h"
#include "base/fault.h"
#include "kernel/uffd.h"
#include "zap_kit.h"

#define MAX_STRETCHES 64
#define MAX_TIMES 1000000

struct counts {
	uint64_t zaps, stale, again, denied, pages, threads;
	size_t nr_times;
	int64_t times[MAX_TIMES];
};

static struct counts counts;
static struct mapping stretch[MAX_STRETCHES];

static int by_value(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

static void report(void)
{
	const int64_t *t = counts.times;
	const size_t nr = counts.nr_times;

	printf("zaps %lu stale %lu again %lu denied %lu pages %lu\n", counts.zaps, counts.stale,
	       counts.again, counts.denied, counts.pages);
	if (!nr)
		return;
	qsort(counts.times, nr, sizeof(*counts.times), by_value);
	printf("stopped min %.1f median %.1f p99 %.1f max %.1f us, %lu threads\n",
	       (double)t[0] / 1e3, (double)t[nr / 2] / 1e3, (double)t[nr - 1 - nr / 100] / 1e3,
	       (double)t[nr - 1] / 1e3, counts.threads);
}

static void count(const struct zap *zap, int rc, const struct error *err)
{
	for (size_t i = 0; i < zap->nr_runs; i++)
		counts.pages += (zap->vec[i].end - zap->vec[i].start) >> PAGE_SHIFT;
	counts.zaps += zap->done;
	counts.stale += rc == -ESTALE;
	counts.again += rc == -EAGAIN;
	counts.denied += rc == -EPERM;
	if (zap->threads > counts.threads)
		counts.threads = zap->threads;
	if (!rc && counts.nr_times < MAX_TIMES)
		counts.times[counts.nr_times++] = zap->stopped_ns;
	if (rc && rc != -ESTALE && rc != -EAGAIN) {
		fprintf(stderr, "zapper: %d: %s\n", rc, err->text);
		report();
		exit(error_exit_status(err->kind));
	}
}

static bool find_stretches(struct kit *kit, int nr, char **addr)
{
	for (int i = 0; i < nr; i++) {
		if (!kit_find(kit, strtoull(addr[i], NULL, 16), &stretch[i])) {
			fprintf(stderr, "zapper: nothing at %s\n", addr[i]);
			return false;
		}
		/* The first look finds it shared, or waits until it does. */
		i -= !(stretch[i].perms & PERM_SHARED);
	}
	return true;
}

static void zap_all(struct kit *kit, int nr, uint64_t piece_bytes)
{
	struct error err = { 0 };
	struct zap zap;

	for (int i = 0; i < nr; i++) {
		int rc = kit_zap(kit, &stretch[i], piece_bytes, &zap, &err);

		count(&zap, rc, &err);
		if (rc == -ESTALE && uffd_register_wp(kit->uffd, stretch[i].range))
			continue;
	}
}

int main(int argc, char **argv)
{
	static struct kit kit;
	struct timespec pause = { 0 };
	int64_t end_ns;

	if (argc < 7 || argc - 6 > MAX_STRETCHES) {
		fputs("usage: zapper PID SECONDS PIECE_KB PAUSE_US LIMIT_US ADDR...\n", stderr);
		return 2;
	}
	kit_open(&kit, (int)strtol(argv[1], NULL, 10), 65536);
	fault_init(); /* not in the attach: tests/harm.bats does that */
	kit.limit_ns = strtol(argv[5], NULL, 10) * 1000;
	pause.tv_nsec = strtol(argv[4], NULL, 10) * 1000;
	if (!find_stretches(&kit, argc - 6, argv + 6))
		return 1;
	for (int i = 0; i < argc - 6; i++)
		(void)!kit_arm(&kit, stretch[i].range);
	end_ns = clock_boot_ns() + (int64_t)(strtod(argv[2], NULL) * 1e9);
	for (bool first = true; clock_boot_ns() < end_ns; first = false) {
		zap_all(&kit, argc - 6, strtoull(argv[3], NULL, 10) * 1024);
		if (first) {
			puts("began");
			fflush(stdout);
		}
		if (pause.tv_nsec)
			nanosleep(&pause, NULL);
	}
	report();
	kit_close(&kit);
	return 0;
}
