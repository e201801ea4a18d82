/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Page ages.  Spans of 1 GiB in a sorted array, each with 512 chunks of 2 MiB
 * (model/page_chunk.h).
 */
#include "config.h"

#include "model/pages.h"

#include <errno.h>
#include <string.h>

#include "model/page_chunk.h"

#define SPAN_SHIFT 30
#define SPAN_CHUNKS (1u << (SPAN_SHIFT - HUGE_SHIFT))
struct span {
	uint64_t start;
	struct chunk *chunk[SPAN_CHUNKS];
};

struct pages {
	struct span **span; /* sorted by start */
	size_t nr, cap;
	uint64_t memory;
	struct chunk *last; /* that was asked for; chunks stay where they are */
	uint64_t last_start;
};

struct pages *pages_new(void)
{
	return calloc(1, sizeof(struct pages));
}

void pages_free(struct pages *pages)
{
	if (!pages)
		return;
	for (size_t i = 0; i < pages->nr; i++) {
		for (unsigned int c = 0; c < SPAN_CHUNKS; c++)
			chunk_free(&pages->memory, pages->span[i]->chunk[c]);
		free(pages->span[i]);
	}
	free(pages->span);
	free(pages);
}

/* Index of the first span that ends above addr. */
static size_t span_find(const struct pages *pages, uint64_t addr)
{
	size_t low = 0, high = pages->nr;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (pages->span[mid]->start + (UINT64_C(1) << SPAN_SHIFT) > addr)
			high = mid;
		else
			low = mid + 1;
	}
	return low;
}

static struct span *span_insert(struct pages *pages, size_t at, uint64_t start)
{
	struct span *span;

	if (pages->nr == pages->cap) {
		size_t cap = pages->cap ? 2 * pages->cap : 8;
		struct span **grown = realloc(pages->span, cap * sizeof(*grown));

		if (!grown)
			return NULL;
		pages->span = grown;
		pages->cap = cap;
	}
	span = calloc(1, sizeof(*span));
	if (!span)
		return NULL;
	span->start = start;
	memmove(pages->span + at + 1, pages->span + at, (pages->nr - at) * sizeof(*pages->span));
	pages->span[at] = span;
	pages->nr++;
	pages->memory += sizeof(*span);
	return span;
}

static int span_copy(struct pages *copy, const struct span *from)
{
	struct span *span = span_insert(copy, copy->nr, from->start);

	for (unsigned int c = 0; span && c < SPAN_CHUNKS; c++) {
		span->chunk[c] = chunk_copy(&copy->memory, from->chunk[c]);
		if (from->chunk[c] && !span->chunk[c])
			return -ENOMEM;
	}
	return span ? 0 : -ENOMEM;
}

struct pages *pages_copy(const struct pages *pages)
{
	struct pages *copy = pages_new();

	for (size_t i = 0; copy && i < pages->nr; i++) {
		if (!span_copy(copy, pages->span[i]))
			continue;
		pages_free(copy);
		return NULL;
	}
	return copy;
}

static unsigned int chunk_index(uint64_t addr)
{
	return (unsigned int)(addr >> HUGE_SHIFT) % SPAN_CHUNKS;
}

static unsigned int page_index(uint64_t addr)
{
	return (unsigned int)(addr >> PAGE_SHIFT) % HUGE_PAGES;
}

/* The chunk that holds addr, made if there is none; NULL when memory ran out. */
static struct chunk *chunk_get(struct pages *pages, uint64_t addr)
{
	uint64_t start = addr >> SPAN_SHIFT << SPAN_SHIFT;
	size_t at = span_find(pages, addr);
	struct span *span = at < pages->nr && pages->span[at]->start == start
				    ? pages->span[at]
				    : span_insert(pages, at, start);
	struct chunk **chunk;

	if (!span)
		return NULL;
	chunk = &span->chunk[chunk_index(addr)];
	if (!*chunk) {
		*chunk = calloc(1, sizeof(**chunk));
		if (*chunk)
			pages->memory += sizeof(**chunk);
	}
	pages->last = *chunk;
	pages->last_start = addr >> HUGE_SHIFT << HUGE_SHIFT;
	return *chunk;
}

/*
 * The first chunk at or above *addr and below end, *addr moved to it (or kept,
 * if inside it); NULL if there is none.
 */
static struct chunk *chunk_next(const struct pages *pages, uint64_t *addr, uint64_t end)
{
	for (size_t at = span_find(pages, *addr); at < pages->nr; at++) {
		struct span *span = pages->span[at];
		unsigned int first = *addr > span->start ? chunk_index(*addr) : 0;

		for (unsigned int c = first; c < SPAN_CHUNKS; c++) {
			uint64_t start = span->start + ((uint64_t)c << HUGE_SHIFT);

			if (start >= end)
				return NULL;
			if (!span->chunk[c])
				continue;
			if (start > *addr)
				*addr = start;
			return span->chunk[c];
		}
	}
	return NULL;
}

static uint64_t chunk_end(uint64_t addr)
{
	return ((addr >> HUGE_SHIFT) + 1) << HUGE_SHIFT;
}

/* The part of a range that lies in one chunk that exists. */
struct part {
	struct chunk *chunk;
	unsigned int first, nr; /* pages of the chunk */
	uint64_t end;		/* where the next part may start */
};

/* The next part of range at or above part->end; false when there is none. */
static bool part_next(const struct pages *pages, struct range range, struct part *part)
{
	uint64_t addr = part->end;

	if (addr >= range.end)
		return false;
	part->chunk = chunk_next(pages, &addr, range.end);
	if (!part->chunk)
		return false;
	part->end = chunk_end(addr) < range.end ? chunk_end(addr) : range.end;
	part->first = page_index(addr);
	part->nr = (unsigned int)((part->end - addr) >> PAGE_SHIFT);
	return true;
}

/* Absent pages make no chunks: look only at those that are there. */
static int pages_see_known(struct pages *pages, struct tally *tally, struct range range,
			   unsigned int bits, const struct epochs *epochs)
{
	struct part part = { .end = range.start };

	while (part_next(pages, range, &part))
		if (chunk_see(&pages->memory, part.chunk, tally, part.first, part.first + part.nr,
			      bits, epochs))
			return -ENOMEM;
	return 0;
}

static int pages_see_any(struct pages *pages, struct tally *tally, struct range range,
			 unsigned int bits, const struct epochs *epochs)
{
	if (!(bits & PAGE_BIT_PRESENT) && (bits & PAGE_BIT_KEPT || !(bits & PAGE_BIT_SWAPPED)))
		return pages_see_known(pages, tally, range, bits, epochs);
	for (uint64_t addr = range.start; addr < range.end;) {
		uint64_t end = chunk_end(addr) < range.end ? chunk_end(addr) : range.end;
		unsigned int first = page_index(addr);
		unsigned int nr = (unsigned int)((end - addr) >> PAGE_SHIFT);
		struct chunk *chunk = chunk_get(pages, addr);

		if (!chunk ||
		    chunk_see(&pages->memory, chunk, tally, first, first + nr, bits, epochs))
			return -ENOMEM;
		addr = end;
	}
	return 0;
}

/*
 * Where single pages all over are touched there are as many runs: the common sorts of
 * them, in the chunk that was asked for last, take the short way.
 */
int pages_see(struct pages *pages, struct tally *tally, struct range range, unsigned int bits,
	      const struct epochs *epochs)
{
	struct chunk *chunk = pages->last;

	if (bits == PAGE_BIT_KEPT)
		return 0;
	if (!chunk || range.start < pages->last_start || range.end > pages->last_start + HUGE_BYTES)
		return pages_see_any(pages, tally, range, bits, epochs);
	if (chunk_is_settled(chunk, bits))
		return 0;
	if (range_bytes(range) == PAGE_BYTES &&
	    chunk_is_plain(chunk, page_index(range.start), bits))
		return chunk_touch(chunk, tally, page_index(range.start), bits, epochs);
	return pages_see_any(pages, tally, range, bits, epochs);
}

int pages_drop(struct pages *pages, struct range range)
{
	struct part part = { .end = range.start };

	while (part_next(pages, range, &part))
		if (chunk_drop(&pages->memory, part.chunk, part.first, part.nr))
			return -ENOMEM;
	return 0;
}

int pages_count(struct pages *pages, struct tally *tally, struct range range, unsigned int now)
{
	struct part part = { .end = range.start };

	while (part_next(pages, range, &part))
		if (chunk_count(part.chunk, tally, part.first, part.nr))
			return -ENOMEM;
	tally_window(tally, now);
	return 0;
}

uint64_t pages_piece_end(const struct pages *pages, struct range range, uint64_t max_bytes,
			 uint64_t align_bytes)
{
	struct part part = { .end = range.start };
	uint64_t known = 0;

	while (part_next(pages, range, &part)) {
		known += (uint64_t)part.chunk->known << PAGE_SHIFT;
		if (known < max_bytes)
			continue;
		part.end = (part.end + align_bytes - 1) & ~(align_bytes - 1);
		return part.end < range.end ? part.end : range.end;
	}
	return range.end;
}

void pages_renumber(struct pages *pages, const uint16_t *renumber)
{
	for (size_t s = 0; s < pages->nr; s++) {
		for (unsigned int c = 0; c < SPAN_CHUNKS; c++) {
			struct chunk *chunk = pages->span[s]->chunk[c];

			if (chunk)
				chunk_renumber(chunk, renumber);
		}
	}
}

struct page_age pages_age(const struct pages *pages, uint64_t addr)
{
	uint64_t at = addr;
	struct chunk *chunk = chunk_next(pages, &at, addr + PAGE_BYTES);

	if (!chunk || at != addr)
		return (struct page_age){ 0 };
	return chunk_booked_age(chunk, page_index(addr));
}

void pages_used(const struct pages *pages, struct range range, uint64_t *resident,
		uint64_t *touched)
{
	struct part part = { .end = range.start };

	while (part_next(pages, range, &part))
		for (unsigned int page = part.first; page < part.first + part.nr; page++) {
			unsigned int stamp = chunk_booked_age(part.chunk, page).stamp;

			*resident += stamp != EPOCH_NEVER;
			*touched += stamp > EPOCH_START;
		}
}

/* The pages from *page on that are of the same age; *page moves behind them. */
static struct page_age next_age(const struct part *part, unsigned int *page)
{
	const struct page_age age = chunk_booked_age(part->chunk, *page);

	*page = chunk_booked_until(part->chunk, *page, part->first + part->nr);
	return age;
}

int pages_each(const struct pages *pages, struct range range,
	       int (*fn)(void *ctx, struct range run, struct page_age age), void *ctx)
{
	struct part part = { .end = range.start };
	int rc = 0;

	while (!rc && part_next(pages, range, &part)) {
		uint64_t start = part.end - ((uint64_t)part.nr << PAGE_SHIFT);
		unsigned int page = part.first;

		while (!rc && page < part.first + part.nr) {
			struct range run = { .start = start };
			struct page_age age = next_age(&part, &page);

			run.end = start +=
				(uint64_t)(page -
					   (unsigned int)(run.start >> PAGE_SHIFT) % HUGE_PAGES)
				<< PAGE_SHIFT;
			if (age.stamp != EPOCH_NEVER)
				rc = fn(ctx, run, age);
		}
	}
	return rc;
}

uint64_t pages_memory(const struct pages *pages)
{
	return sizeof(*pages) + pages->cap * sizeof(*pages->span) + pages->memory;
}
