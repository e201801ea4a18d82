/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Chunks in the order of their addresses, as a scan tells them. */
#include "config.h"

#include "model/seen_pages.h"

#include <errno.h>
#include <string.h>

void seen_pages_free(struct seen_pages *pages)
{
	for (size_t i = 0; i < pages->nr; i++)
		free(pages->at[i].each);
	free(pages->at);
	*pages = (struct seen_pages){ 0 };
}

/* Index of the first chunk that ends above addr. */
static size_t find(const struct seen_pages *pages, uint64_t addr)
{
	size_t low = 0, high = pages->nr;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (pages->at[mid].number >= addr >> HUGE_SHIFT)
			high = mid;
		else
			low = mid + 1;
	}
	return low;
}

static struct seen_chunk *insert(struct seen_pages *pages, size_t at, uint64_t number)
{
	if (util_reserve(&pages->at, pages->nr, &pages->cap, sizeof(*pages->at)))
		return NULL;
	memmove(pages->at + at + 1, pages->at + at, (pages->nr - at) * sizeof(*pages->at));
	pages->nr++;
	pages->at[at] = (struct seen_chunk){ .number = number };
	return &pages->at[at];
}

/* The chunk of that number, mostly the last one or behind it. */
static struct seen_chunk *get(struct seen_pages *pages, uint64_t number)
{
	size_t at = pages->nr;

	if (at && pages->at[at - 1].number == number)
		return &pages->at[at - 1];
	if (at && pages->at[at - 1].number > number)
		at = find(pages, number << HUGE_SHIFT);
	if (at < pages->nr && pages->at[at].number == number)
		return &pages->at[at];
	return insert(pages, at, number);
}

static int set_pages(struct seen_chunk *chunk, unsigned int first, unsigned int nr, uint8_t what)
{
	if (nr == HUGE_PAGES && !chunk->each && !chunk->all) {
		chunk->all = what;
		return 0;
	}
	if (!chunk->each) {
		chunk->each = malloc(HUGE_PAGES);
		if (!chunk->each)
			return -ENOMEM;
		memset(chunk->each, chunk->all, HUGE_PAGES);
	}
	for (unsigned int i = first; i < first + nr; i++)
		if (what != PAGE_BIT_PRESENT || !(chunk->each[i] & PAGE_BIT_PRESENT))
			chunk->each[i] = what;
	return 0;
}

int seen_pages_add(struct seen_pages *pages, struct range range, unsigned int what)
{
	if (!what)
		return 0;
	while (range.start < range.end) {
		uint64_t number = range.start >> HUGE_SHIFT;
		uint64_t end = (number + 1) << HUGE_SHIFT;
		unsigned int first = (unsigned int)(range.start >> PAGE_SHIFT) % HUGE_PAGES;
		struct seen_chunk *chunk = get(pages, number);

		if (end > range.end)
			end = range.end;
		if (!chunk ||
		    set_pages(chunk, first, (unsigned int)((end - range.start) >> PAGE_SHIFT),
			      (uint8_t)what))
			return -ENOMEM;
		range.start = end;
	}
	return 0;
}

int seen_pages_add_chunk(struct seen_pages *pages, uint64_t number, const uint8_t each[HUGE_PAGES])
{
	struct seen_chunk *chunk;
	unsigned int alike = 1;

	while (alike < HUGE_PAGES && each[alike] == each[0])
		alike++;
	if (alike == HUGE_PAGES && !each[0])
		return 0;
	chunk = insert(pages, pages->nr, number);
	if (!chunk)
		return -ENOMEM;
	chunk->all = each[0];
	if (alike == HUGE_PAGES)
		return 0;
	chunk->each = malloc(HUGE_PAGES);
	if (!chunk->each)
		return -ENOMEM;
	memcpy(chunk->each, each, HUGE_PAGES);
	return 0;
}

int seen_pages_add_copy(struct seen_pages *pages, const struct seen_chunk *chunk)
{
	const uint64_t start = chunk->number << HUGE_SHIFT;

	if (chunk->each)
		return seen_pages_add_chunk(pages, chunk->number, chunk->each);
	return seen_pages_add(pages, (struct range){ start, start + HUGE_BYTES }, chunk->all);
}

int seen_pages_copy(struct seen_pages *to, const struct seen_pages *from)
{
	int rc = 0;

	for (size_t i = 0; i < from->nr && !rc; i++)
		rc = seen_pages_add_copy(to, &from->at[i]);
	return rc;
}

void seen_pages_cut(struct seen_pages *pages, uint64_t from)
{
	const unsigned int first = (unsigned int)(from >> PAGE_SHIFT) % HUGE_PAGES;

	while (pages->nr && pages->at[pages->nr - 1].number << HUGE_SHIFT >= from)
		free(pages->at[--pages->nr].each);
	if (!pages->nr || pages->at[pages->nr - 1].number != from >> HUGE_SHIFT)
		return;
	/* A chunk that is all alike is of one mapping, which does not begin within it. */
	if (pages->at[pages->nr - 1].each)
		memset(pages->at[pages->nr - 1].each + first, 0, HUGE_PAGES - first);
}

/* A run that is not told yet, since the next page may belong to it. */
struct pending {
	struct range run;
	unsigned int what;
	int (*fn)(void *ctx, struct range run, unsigned int what);
	void *ctx;
};

static int tell(struct pending *pending, uint64_t until, unsigned int what_then)
{
	int rc = 0;

	pending->run.end = until;
	if (!range_empty(pending->run))
		rc = pending->fn(pending->ctx, pending->run, pending->what);
	pending->run.start = until;
	pending->what = what_then;
	return rc;
}

static int each_page(struct pending *pending, const struct seen_chunk *chunk, struct range part)
{
	int rc = 0;

	for (uint64_t addr = part.start; addr < part.end && !rc; addr += PAGE_BYTES) {
		unsigned int page = (unsigned int)(addr >> PAGE_SHIFT) % HUGE_PAGES;
		uint8_t what = seen_chunk_page(chunk, page);

		if (what != pending->what)
			rc = tell(pending, addr, what);
		if (!chunk->each)
			break; /* the others are the same */
	}
	return rc;
}

int seen_pages_each(const struct seen_pages *pages, struct range range,
		    int (*fn)(void *ctx, struct range run, unsigned int what), void *ctx)
{
	struct pending pending = { { range.start, range.start }, 0, fn, ctx };
	uint64_t at = range.start;
	int rc = 0;

	for (size_t i = find(pages, range.start); i < pages->nr && !rc; i++) {
		uint64_t start = pages->at[i].number << HUGE_SHIFT;
		struct range part = range_clip(range, (struct range){ start, start + HUGE_BYTES });

		if (start >= range.end)
			break;
		if (part.start > at && pending.what)
			rc = tell(&pending, at, 0);
		if (!rc)
			rc = each_page(&pending, &pages->at[i], part);
		at = part.end;
	}
	if (!rc && at < range.end && pending.what)
		rc = tell(&pending, at, 0);
	return rc ? rc : tell(&pending, range.end, 0);
}
