/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is not in the page tables may be in the page cache. */
#include "config.h"

#include "track/absent.h"

#include <errno.h>

#include "kernel/page_cache.h"

#define LOOK_PAGES 4096u
#define LOOK_NS 80 /* about, a page */
#define LOOK_SHARE 100
#define LOOK_MIN_BYTES (UINT64_C(16) << 20) /* at each sample */

/* Runs of pages that are in the cache say `there`, the others 0. */
static int tell_cached(struct sink *sink, struct range range, const unsigned char *in_cache,
		       unsigned int there)
{
	uint64_t at = range.start;
	int rc = 0;

	while (at < range.end && !rc) {
		bool kept = in_cache[(at - range.start) >> PAGE_SHIFT] & 1;
		struct range run = { at, at };

		while (run.end < range.end &&
		       (in_cache[(run.end - range.start) >> PAGE_SHIFT] & 1) == kept)
			run.end += PAGE_BYTES;
		rc = sink->run(sink, run, kept ? there : 0);
		at = run.end;
	}
	return rc;
}

/* Ask the cache, piece by piece; *range is what is left when it cannot be asked. */
static int tell_looked(const struct tracker *t, const struct mapping *map, struct range *range,
		       unsigned int there, struct sink *sink)
{
	unsigned char in_cache[LOOK_PAGES];
	int rc = 0;

	while (!range_empty(*range) && !rc) {
		struct range piece = *range;

		if (range_bytes(piece) > LOOK_PAGES * PAGE_BYTES)
			piece.end = piece.start + LOOK_PAGES * PAGE_BYTES;
		if (page_cache_look(t->cache, map, piece, in_cache))
			break;
		rc = tell_cached(sink, piece, in_cache, there);
		range->start = piece.end;
	}
	return rc;
}

/* A run that was taken out is kept where nobody can be asked. */
static int tell_unmapped(const struct absent *absent, struct range range)
{
	int rc = tell_looked(absent->tracker, absent->map, &range, PAGE_BIT_KEPT, absent->to);

	return rc || range_empty(range) ? rc : absent->to->run(absent->to, range, PAGE_BIT_KEPT);
}

static bool is_due(const struct absent *absent, uint64_t addr)
{
	return (addr >> HUGE_SHIFT) % absent->turns == absent->tracker->sample % absent->turns;
}

/* A run that was taken out: those that are due may be gone, the others hold on. */
static int tell_in_turn(struct absent *absent, struct range range)
{
	int rc = 0;

	while (!range_empty(range) && !rc) {
		const bool due = is_due(absent, range.start);
		struct range run = { range.start, range.start };

		while (run.end < range.end && is_due(absent, run.end) == due)
			run.end = (run.end & ~(HUGE_BYTES - 1)) + HUGE_BYTES;
		run.end = run.end < range.end ? run.end : range.end;
		rc = due ? tell_unmapped(absent, run)
			 : absent->to->run(absent->to, run, PAGE_BIT_KEPT);
		range.start = run.end;
	}
	return rc;
}

static int absent_run(struct sink *sink, struct range range, unsigned int bits)
{
	struct absent *absent = (struct absent *)sink;
	struct range run;
	int rc = 0;

	if (bits)
		return absent->to->run(absent->to, range, bits);
	while (!rc && chunk_set_next(&absent->tracker->unmapped, range, &run)) {
		if (range.start < run.start)
			rc = absent->to->run(absent->to, (struct range){ range.start, run.start },
					     0);
		if (!rc)
			rc = tell_in_turn(absent, run);
		range.start = run.end;
	}
	if (!rc && !range_empty(range))
		rc = absent->to->run(absent->to, range, 0);
	return rc;
}

static uint64_t turns(const struct tracker *t)
{
	uint64_t all = t->unmapped.chunks << HUGE_SHIFT;
	uint64_t bytes = (uint64_t)(t->interval_ns / LOOK_SHARE / LOOK_NS) << PAGE_SHIFT;

	bytes = bytes > LOOK_MIN_BYTES ? bytes : LOOK_MIN_BYTES;
	return all > bytes ? (all + bytes - 1) / bytes : 1;
}

struct absent absent_sink(struct tracker *t, const struct mapping *map, struct sink *to)
{
	bool whole = page_cache_shrank(t->cache, map, t->sample);

	return (struct absent){ { absent_run }, t, map, to, whole ? 1 : turns(t) };
}

/* Only what is in the cache; what is not there is said already. */
struct only_there {
	struct sink sink;
	struct sink *to;
};

static int only_there_run(struct sink *sink, struct range range, unsigned int bits)
{
	const struct only_there *only = (struct only_there *)sink;

	return bits ? only->to->run(only->to, range, bits) : 0;
}

int absent_find(struct tracker *t, const struct mapping *map, struct sink *sink,
		int (*fn)(struct tracker *, const struct mapping *, struct range))
{
	struct only_there only = { { only_there_run }, sink };
	struct range left = map->range, run;
	int rc = absent_add(t, map, (struct range){ 0 });

	while (!rc && page_cache_data(t->cache, map, left, &run)) {
		struct range found = run;

		rc = chunk_set_add(&t->unmapped, run) ? -ENOMEM : fn(t, map, run);
		if (!rc)
			rc = tell_looked(t, map, &found, PAGE_BIT_PRESENT, &only.sink);
		left.start = run.end;
	}
	return rc;
}

int absent_add(struct tracker *t, const struct mapping *map, struct range range)
{
	if (chunk_set_add(&t->unmapped, range))
		return -ENOMEM;
	if (!t->cache)
		t->cache = page_cache_new(t->proc);
	return t->cache ? page_cache_open(t->cache, map) : -ENOMEM;
}

void absent_forget(struct tracker *t, struct range range)
{
	chunk_set_remove(&t->unmapped, range);
	if (t->cache)
		page_cache_close(t->cache, range);
}

void absent_free(struct tracker *t)
{
	page_cache_free(t->cache);
	t->cache = NULL;
}
