/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Method zap: reads and writes, told apart, on shared mappings from Linux 6.7 on.
 * Write protection is armed by WP_ASYNC, and pages are dropped from the page tables
 * by an madvise(MADV_DONTNEED) that runs in the target; the data stays in the page
 * cache.  A page that is there at the next sample was touched; if its protection is
 * gone too, it was written.  The markers of the protection survive the zap, and see
 * to it that an access maps one page and no more.
 *
 * On a private mapping this would destroy data, so the check of the mapping and the
 * madvise happen in one stop of all threads (kernel/inject.h), or not at all.  The
 * scan happens in that stop too: no access falls between scan and arming.
 *
 * Shared mappings of files are not protected (track/protect.h): accesses are seen, reads
 * are not told from writes.
 */
#include "config.h"

#include <errno.h>
#include <time.h>

#include "kernel/inject.h"
#include "kernel/uffd.h"
#include "track/absent.h"
#include "track/protect.h"

#define HALF_VEC (TRACK_VEC_LEN / 2)
#define PIECES 256u
#define PIECE_PAGES HUGE_PAGES	     /* populated pages zapped in one call */
#define PIECE_BYTES (4 * HUGE_BYTES) /* and no longer than this */
#define UNIT_MAX (UINT64_C(64) << 20)

#define STOP_LIMIT_NS (800 * INT64_C(1000)) /* of one stop */
#define TRIES 8				    /* to stop the target, before a window is given up */
#define PAUSE_NS (2 * INT64_C(1000000))

/* Shared, and a page that is dropped is there again at the next touch. */
static bool zap_suits(const struct tracker *t, const struct mapping *map)
{
	if (!(t->features & UFFD_FEATURE_WP_ASYNC) || !(map->perms & PERM_SHARED))
		return false;
	switch (region_classify(map)) {
	case KIND_MEMFD:
	case KIND_SHMEM:
	case KIND_HUGETLB:
	case KIND_SYSV:
	case KIND_SHARED_FILE:
	case KIND_GUEST:
		return true;
	default:
		return false;
	}
}

/* Pieces of what is there, each small enough for one call. */
struct pieces {
	struct range at[PIECES];
	size_t nr;
};

static bool piece_takes(const struct range *piece, uint64_t pages, struct range run)
{
	return pages + (range_bytes(run) >> PAGE_SHIFT) <= PIECE_PAGES &&
	       run.end - piece->start <= PIECE_BYTES;
}

/*
 * Cut runs of present pages into pieces, until the room is used up; *run is the
 * part of the next run that is left over, *next its index.
 */
static void cut(struct pieces *pieces, const struct page_region *vec, size_t nr, size_t *next,
		struct range *run)
{
	uint64_t pages = 0;

	pieces->nr = 0;
	while (*next < nr) {
		struct range part;

		if (range_empty(*run))
			*run = (struct range){ vec[*next].start, vec[*next].end };
		part = *run;
		if (range_bytes(part) > HUGE_BYTES)
			part.end = (part.start & ~(HUGE_BYTES - 1)) + HUGE_BYTES;
		if (pieces->nr && piece_takes(&pieces->at[pieces->nr - 1], pages, part)) {
			pieces->at[pieces->nr - 1].end = part.end;
		} else if (pieces->nr == PIECES) {
			return;
		} else {
			pieces->at[pieces->nr++] = part;
			pages = 0;
		}
		pages += range_bytes(part) >> PAGE_SHIFT;
		run->start = part.end;
		*next += range_empty(*run);
	}
}

static int injector(struct tracker *t, struct error *err)
{
	return t->injector ? 0 : injector_open(&t->injector, t->proc, err);
}

/* One stop, with patience for threads that do not stand at once. */
static int zap_once(struct tracker *t, struct zap *zap, struct error *err)
{
	const struct timespec pause = { .tv_nsec = PAUSE_NS };
	int rc = injector(t, err);

	for (int tries = 0; !rc; tries++) {
		rc = inject_zap(t->injector, zap, err);
		t->stopped_ns += zap->stopped_ns;
		t->stops += zap->stopped_ns > 0;
		if (zap->stopped_ns > t->longest_stop_ns)
			t->longest_stop_ns = zap->stopped_ns;
		if (rc != -EAGAIN || zap->done || tries == TRIES)
			break;
		nanosleep(&pause, NULL);
		rc = 0;
	}
	return rc;
}

/*
 * What is there in range is zapped, in as many stops as it takes; told() hears each
 * stop's answer, in the second half of vec, with where the next begins.
 */
struct zapping {
	struct tracker *tracker;
	const struct mapping *map;
	int (*told)(struct zapping *zapping, const struct page_region *vec, size_t nr,
		    uint64_t until);
	struct sink *sink;
	uint64_t at; /* told so far */
};

static int zap_pieces(struct zapping *z, const struct pieces *pieces)
{
	struct tracker *t = z->tracker;
	struct error err = { 0 };
	int rc = 0;

	for (size_t done = 0; done < pieces->nr && !rc;) {
		struct zap zap = {
			.map = z->map,
			.uffd = t->uffd,
			.pagemap = t->pagemap,
			.protect = protect_what(t, z->map) == PROTECT_ALL,
			.piece = pieces->at + done,
			.nr = pieces->nr - done,
			.vec = t->vec + HALF_VEC,
			.vec_len = HALF_VEC,
			.limit_ns = STOP_LIMIT_NS,
		};

		rc = zap_once(t, &zap, &err);
		if (rc && !zap.done) {
			snprintf(t->blocked, sizeof(t->blocked), "zap was not possible: %.200s",
				 err.text);
			break;
		}
		done += zap.done; /* the rest of a failure shows at the next call */
		rc = z->told(z, zap.vec, zap.nr_runs, pieces->at[done - 1].end);
	}
	return rc;
}

static int zap_range(struct zapping *z, const struct page_region *vec, size_t nr)
{
	struct range run = { 0 };
	struct pieces pieces;
	size_t next = 0;
	int rc = 0;

	while (next < nr && !rc) {
		cut(&pieces, vec, nr, &next, &run);
		rc = zap_pieces(z, &pieces);
	}
	return rc;
}

static ssize_t look_present(struct tracker *t, struct range range, uint64_t *walked)
{
	const struct pagemap_query query = {
		.range = range,
		.anyof = PAGE_IS_MAPPED,
		.returned = PAGE_IS_PRESENT,
		.flags = PM_SCAN_CHECK_WPASYNC,
	};

	return scan(t, &query, t->vec, HALF_VEC, walked);
}

static int told_nobody(struct zapping *z, const struct page_region *vec, size_t nr, uint64_t until)
{
	(void)until;
	for (size_t i = 0; i < nr; i++) {
		int rc = absent_add(z->tracker, z->map, (struct range){ vec[i].start, vec[i].end });

		if (rc)
			return rc;
	}
	return 0;
}

static int zap_all(struct tracker *t, const struct mapping *map)
{
	struct zapping z = { .tracker = t, .map = map, .told = told_nobody };
	struct range left = map->range;
	int rc = 0;

	while (!range_empty(left) && !rc) {
		ssize_t nr = look_present(t, left, &left.start);

		rc = nr < 0 ? (int)nr : zap_range(&z, t->vec, (size_t)nr);
	}
	return rc;
}

static int protect_data(struct tracker *t, const struct mapping *map, struct range run)
{
	const struct page_region entry = { .start = run.start, .end = run.end };

	return protect_holes(t, map, &entry, 1);
}

/*
 * Of memory files all data counts as resident, mapped now or not: a former
 * observation may have taken it out, and nobody but those who map it needs it.
 */
static bool owns_file(const struct mapping *map)
{
	enum region_kind kind = region_classify(map);

	return kind == KIND_MEMFD || kind == KIND_SHMEM || kind == KIND_SYSV;
}

static int zap_arm(struct tracker *t, const struct mapping *map, struct armed *armed,
		   struct sink *sink)
{
	int rc = protect_mapping(t, map, armed, sink);

	if (rc)
		return rc;
	armed->sees = SEES_READS_WRITES;
	armed->told_apart = protect_what(t, map) == PROTECT_ALL;
	rc = armed->unit_bytes <= UNIT_MAX ? zap_all(t, map) : -E2BIG;
	if (!rc && owns_file(map))
		rc = absent_find(t, map, sink, protect_data);
	if (!rc || rc == -ENOMEM || rc == -ESRCH)
		return rc;
	scan_unregister(t, map->range);
	armed->refusal = rc == -ESTALE ? EINVAL : EAGAIN; /* the threads could not be stopped */
	return TRACK_REFUSED;
}

/* In chunks that were protected whole it is known whether a page was written. */
static int tell_run(struct zapping *z, const struct page_region *entry)
{
	/* Also what is being moved just now. */
	unsigned int there = scan_bits_there(entry->categories | PAGE_IS_PRESENT) |
			     PAGE_BIT_TOUCHED;
	struct range left = { entry->start, entry->end };
	int rc = 0;

	/* A chunk can hold a part of another mapping, which is protected. */
	if (protect_what(z->tracker, z->map) != PROTECT_ALL)
		return z->sink->run(z->sink, left, there);
	if (!(entry->categories & PAGE_IS_WRITTEN))
		return z->sink->run(z->sink, left, there | PAGE_BIT_ONLY_READ);
	while (!range_empty(left) && !rc) {
		bool protected = chunk_set_has(&z->tracker->wp_armed, left.start);
		struct range run = left;

		run.end = (left.start & ~(HUGE_BYTES - 1)) + HUGE_BYTES;
		run.end = run.end < left.end ? run.end : left.end;
		rc = z->sink->run(z->sink, run, protected ? there | PAGE_BIT_WRITTEN : there);
		left.start = run.end;
	}
	return rc;
}

static int told_sink(struct zapping *z, const struct page_region *vec, size_t nr, uint64_t until)
{
	int rc = 0;

	for (size_t i = 0; i < nr && !rc; i++) {
		if (z->at < vec[i].start)
			rc = z->sink->run(z->sink, (struct range){ z->at, vec[i].start }, 0);
		if (!rc)
			rc = tell_run(z, &vec[i]);
		if (!rc)
			rc = absent_add(z->tracker, z->map,
					(struct range){ vec[i].start, vec[i].end });
		z->at = vec[i].end;
	}
	if (!rc && z->at < until)
		rc = z->sink->run(z->sink, (struct range){ z->at, until }, 0);
	z->at = until;
	return rc ? rc : protect_holes(z->tracker, z->map, vec, nr);
}

/*
 * The target could not be stopped: what is there was touched, but stays there, so
 * the next window cannot be told.
 */
static int tell_unzapped(struct zapping *z, struct range range)
{
	const struct pagemap_query query = {
		.range = { z->at, range.end },
		.anyof = PAGE_IS_MAPPED,
		.returned = PAGE_IS_PRESENT | PAGE_IS_WRITTEN | PAGE_IS_HUGE,
	};
	struct tracker *t = z->tracker;
	uint64_t walked = range.end;
	int rc = 0;

	while (z->at < range.end && !rc) {
		struct pagemap_query rest = query;
		ssize_t nr;

		rest.range.start = z->at;
		nr = scan(t, &rest, t->vec + HALF_VEC, HALF_VEC, &walked);
		rc = nr < 0 ? (int)nr : told_sink(z, t->vec + HALF_VEC, (size_t)nr, walked);
	}
	return rc ? rc : TRACK_UNARMED;
}

static int collect_once(struct zapping *z, struct range range, uint64_t *walked)
{
	ssize_t nr = look_present(z->tracker, range, walked);
	bool heard;
	int rc;

	if (nr < 0)
		return nr == -EPERM ? TRACK_LOST : (int)nr; /* another mapping */
	range.end = *walked;
	z->at = range.start;
	rc = zap_range(z, z->tracker->vec, (size_t)nr);
	if (!rc)
		return z->at < range.end ? told_sink(z, NULL, 0, range.end) : 0;
	if (rc == -ENOMEM || rc == -ESRCH)
		return rc;
	heard = z->at > range.start;
	if (rc != -ESTALE)
		return tell_unzapped(z, range);
	if (!heard)
		return TRACK_LOST;
	rc = z->sink->run(z->sink, (struct range){ z->at, range.end }, PAGE_BIT_KEPT);
	return rc ? rc : TRACK_STALE;
}

static int zap_collect(struct tracker *t, const struct mapping *map, struct range range,
		       struct sink *sink)
{
	struct absent absent = absent_sink(t, map, sink);
	struct zapping z = { .tracker = t, .map = map, .told = told_sink, .sink = &absent.sink };
	int answer = TRACK_OK;

	for (uint64_t walked = range.start; walked < range.end; range.start = walked) {
		int rc = collect_once(&z, range, &walked);

		if (rc == -EPERM) /* no longer registered */
			return TRACK_STALE;
		if (rc < 0 || rc == TRACK_LOST)
			return rc;
		answer = rc ? rc : answer;
	}
	return answer;
}

const struct tracker_ops tracker_zap = {
	.name = "zap",
	.method = METHOD_ZAP,
	.suits = zap_suits,
	.arm = zap_arm,
	.confirm = protect_confirm,
	.collect = zap_collect,
	.survey = scan_survey,
	.disarm = scan_unregister,
};
