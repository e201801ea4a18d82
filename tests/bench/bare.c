/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The least that any tool must do with the methods, and no books. */
#include "config.h"

#include <errno.h>
#include <time.h>

#include "bench.h"
#include "kernel/inject.h"
#include "kernel/pagemap.h"
#include "kernel/uffd.h"

/* As in src/track/zap.c. */
#define HALF_VEC (TRACK_VEC_LEN / 2)
#define ZAP_PIECES 256u
#define ZAP_PIECE_PAGES HUGE_PAGES
#define ZAP_PIECE_BYTES (4 * HUGE_BYTES)
#define ZAP_LIMIT_NS (500 * INT64_C(1000))
#define ZAP_TRIES 8
#define ZAP_PAUSE_NS (2 * INT64_C(1000000))

static int rwp_piece(struct bench *bench, struct range piece)
{
	const struct pagemap_query query = {
		.range = piece,
		.mask = PAGE_IS_ACCESSED,
		.returned = PAGE_IS_ACCESSED,
	};
	uint64_t walked;
	ssize_t nr = pagemap_scan(bench->target->tracker.pagemap, &query, bench->vec, VEC_LEN,
				  &walked);

	for (ssize_t i = 0; i < nr; i++) {
		struct range run = { bench->vec[i].start, bench->vec[i].end };
		int rc = uffd_rwprotect(bench->target->tracker.uffd, run);

		if (rc)
			return rc;
	}
	return nr < 0 ? (int)nr : 0;
}

static int wp_written(struct bench *bench, struct range piece)
{
	const struct pagemap_query query = {
		.range = piece,
		.mask = PAGE_IS_WPALLOWED | PAGE_IS_WRITTEN,
		.anyof = PAGE_IS_PRESENT | PAGE_IS_SWAPPED,
		.returned = PAGE_IS_PRESENT | PAGE_IS_SWAPPED,
		.flags = PM_SCAN_WP_MATCHING | PM_SCAN_CHECK_WPASYNC,
	};
	uint64_t walked;
	ssize_t nr = pagemap_scan(bench->target->tracker.pagemap, &query, bench->vec, VEC_LEN,
				  &walked);

	return nr < 0 ? (int)nr : 0;
}

static int wp_absent(struct bench *bench, struct range piece)
{
	const struct pagemap_query query = {
		.range = piece,
		.inverted = PAGE_IS_PRESENT,
		.mask = PAGE_IS_PRESENT,
		.returned = PAGE_IS_SWAPPED,
	};
	uint64_t walked;
	ssize_t nr = pagemap_scan(bench->target->tracker.pagemap, &query, bench->vec, VEC_LEN,
				  &walked);

	return nr < 0 ? (int)nr : 0;
}

static int wp_piece(struct bench *bench, struct range piece)
{
	int rc = wp_absent(bench, piece);

	return rc ? rc : wp_written(bench, piece);
}

static ssize_t zap_look(struct bench *bench, struct range piece)
{
	const struct pagemap_query query = {
		.range = piece,
		.mask = PAGE_IS_PRESENT,
		.returned = PAGE_IS_PRESENT,
		.flags = PM_SCAN_CHECK_WPASYNC,
	};
	uint64_t walked;

	return pagemap_scan(bench->target->tracker.pagemap, &query, bench->vec, HALF_VEC, &walked);
}

static int zap_scan(struct bench *bench, struct range piece)
{
	ssize_t nr = zap_look(bench, piece);

	return nr < 0 ? (int)nr : 0;
}

static const struct mapping *area_map(const struct bench *bench)
{
	const struct region *region = bench->books.regions.at;

	while (region->map.range.start != bench->area.start)
		region++;
	return &region->map;
}

/* One stop.  How many pieces it did, or a negative errno. */
static ssize_t zap_stop(struct bench *bench, const struct range *piece, size_t nr)
{
	const struct timespec pause = { .tv_nsec = ZAP_PAUSE_NS };
	struct tracker *t = &bench->target->tracker;
	struct stops *stops = &bench->bare_stops;
	struct zap zap = {
		.map = area_map(bench),
		.uffd = t->uffd,
		.protect = true,
		.pagemap = t->pagemap,
		.piece = piece,
		.nr = nr,
		.vec = bench->vec + HALF_VEC,
		.vec_len = HALF_VEC,
		.limit_ns = ZAP_LIMIT_NS,
	};
	struct error err;
	int rc;

	for (int tries = 0;; tries++) {
		rc = inject_zap(t->injector, &zap, &err);
		stops->nr += zap.stopped_ns > 0;
		stops->ns += zap.stopped_ns;
		if (zap.stopped_ns > stops->longest_ns)
			stops->longest_ns = zap.stopped_ns;
		if (rc != -EAGAIN || zap.done || tries == ZAP_TRIES)
			break;
		nanosleep(&pause, NULL);
	}
	return zap.done ? (ssize_t)zap.done : rc;
}

static int zap_pieces(struct bench *bench, const struct range *piece, size_t nr)
{
	for (size_t done = 0; done < nr;) {
		ssize_t got = zap_stop(bench, piece + done, nr - done);

		if (got <= 0)
			return got ? (int)got : -EPROTO;
		done += (size_t)got;
	}
	return 0;
}

/* Runs cut at 2 MiB, and put together again as far as a call may reach. */
static int zap_piece(struct bench *bench, struct range area)
{
	struct range piece[ZAP_PIECES];
	ssize_t runs = zap_look(bench, area);
	uint64_t pages = 0;
	size_t nr = 0;
	int rc = 0;

	for (ssize_t i = 0; i < runs && !rc; i++) {
		struct range run = { bench->vec[i].start, bench->vec[i].end };

		for (; !range_empty(run) && !rc; run.start = piece[nr - 1].end) {
			uint64_t next = (run.start & ~(HUGE_BYTES - 1)) + HUGE_BYTES;
			struct range part = { run.start, next < run.end ? next : run.end };
			uint64_t part_pages = range_bytes(part) >> PAGE_SHIFT;

			if (nr && pages + part_pages <= ZAP_PIECE_PAGES &&
			    part.end - piece[nr - 1].start <= ZAP_PIECE_BYTES) {
				piece[nr - 1].end = part.end;
				pages += part_pages;
				continue;
			}
			if (nr == ZAP_PIECES) {
				rc = zap_pieces(bench, piece, nr);
				nr = 0;
			}
			piece[nr++] = part;
			pages = part_pages;
		}
	}
	if (!rc && nr)
		rc = zap_pieces(bench, piece, nr);
	return runs < 0 ? (int)runs : rc;
}

const struct bare_ops bare_rwp = {
	.method = METHOD_RWP,
	.way = TOUCH_READ,
	.memory = "private anonymous memory, read",
	.compared = "PAGEMAP_SCAN for accessed pages, RWPROTECT of each run",
	.sample = rwp_piece,
};

const struct bare_ops bare_wp = {
	.method = METHOD_WP,
	.way = TOUCH_WRITE,
	.memory = "private anonymous memory, written",
	.compared = "PAGEMAP_SCAN for what is absent, and for what was written, which it protects",
	.sample = wp_piece,
	.beside = "the second scan alone",
	.beside_sample = wp_written,
};

const struct bare_ops bare_zap = {
	.method = METHOD_ZAP,
	.way = TOUCH_BOTH,
	.shared = true,
	.memory = "a shared memfd, read and written",
	.compared = "PAGEMAP_SCAN for what is present, and the zaps of that",
	.sample = zap_piece,
	.beside = "the scan alone, without zaps",
	.beside_sample = zap_scan,
};
