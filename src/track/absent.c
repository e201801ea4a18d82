/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is not in the page tables may be in the page cache. */
#include "config.h"

#include "track/absent.h"

#include <errno.h>

#include "kernel/page_cache.h"

#define LOOK_PAGES 4096u

/*
 * Pages of the cache looked at in one sample, beyond which the rest of what was
 * kept is taken to be there still: the cost of a sample must not grow with what is
 * cold.  The place moves on from sample to sample.
 */

static int tell_cached(struct absent *absent, struct range range, const unsigned char *in_cache)
{
	uint64_t at = range.start;
	int rc = 0;

	while (at < range.end && !rc) {
		bool kept = in_cache[(at - range.start) >> PAGE_SHIFT] & 1;
		struct range run = { at, at };

		while (run.end < range.end &&
		       (in_cache[(run.end - range.start) >> PAGE_SHIFT] & 1) == kept)
			run.end += PAGE_BYTES;
		rc = absent->to->run(absent->to, run, kept ? PAGE_BIT_KEPT : 0);
		at = run.end;
	}
	return rc;
}

/* A run that was taken out: ask the cache, where it can be asked. */
static int tell_unmapped(struct absent *absent, struct range range)
{
	unsigned char in_cache[LOOK_PAGES];
	int rc = 0;

	while (!range_empty(range) && !rc) {
		struct range piece = { range.start, range.end };

		if (range_bytes(piece) > LOOK_PAGES * PAGE_BYTES)
			piece.end = piece.start + LOOK_PAGES * PAGE_BYTES;
		if (page_cache_look(absent->tracker->cache, absent->map, piece, in_cache))
			return absent->to->run(absent->to, range, PAGE_BIT_KEPT);
		rc = tell_cached(absent, piece, in_cache);
		range.start = piece.end;
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
			rc = tell_unmapped(absent, run);
		range.start = run.end;
	}
	if (!rc && !range_empty(range))
		rc = absent->to->run(absent->to, range, 0);
	return rc;
}

struct absent absent_sink(struct tracker *t, const struct mapping *map, struct sink *to)
{
	return (struct absent){ { absent_run }, t, map, to };
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
