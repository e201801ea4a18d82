/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Page ages.  Spans of 1 GiB in a sorted array, each with 512 chunks of 2 MiB.
 * A chunk is uniform (all 512 pages resident with one age, or all absent) or
 * has an array of its pages; it changes form as its pages become alike or not.
 */
#include "config.h"

#include "model/pages.h"

#include <errno.h>
#include <string.h>

#define SPAN_SHIFT 30
#define SPAN_CHUNKS (1u << (SPAN_SHIFT - HUGE_SHIFT))
#define MARK_WORDS (HUGE_PAGES / 64)

/* Rare states, allocated when the first page of the chunk has one. */
struct marks {
	uint64_t swapped[MARK_WORDS]; /* the age is kept, the page is not resident */
	uint64_t zero[MARK_WORDS];
};

struct each {
	uint16_t stamp[HUGE_PAGES];
	uint8_t history[HUGE_PAGES];
};

struct chunk {
	uint16_t known;		 /* pages with a stamp, resident or swapped */
	bool huge;		 /* the resident pages are in huge units */
	struct page_age uniform; /* of all pages while each is NULL */
	struct each *each;
	struct marks *marks;
};

struct span {
	uint64_t start;
	struct chunk *chunk[SPAN_CHUNKS];
};

struct pages {
	struct span **span; /* sorted by start */
	size_t nr, cap;
	uint64_t memory;
};

struct pages *pages_new(void)
{
	return calloc(1, sizeof(struct pages));
}

static void chunk_free(struct pages *pages, struct chunk *chunk)
{
	if (!chunk)
		return;
	pages->memory -= sizeof(*chunk) + (chunk->each ? sizeof(*chunk->each) : 0) +
			 (chunk->marks ? sizeof(*chunk->marks) : 0);
	free(chunk->each);
	free(chunk->marks);
	free(chunk);
}

void pages_free(struct pages *pages)
{
	if (!pages)
		return;
	for (size_t i = 0; i < pages->nr; i++) {
		for (unsigned int c = 0; c < SPAN_CHUNKS; c++)
			chunk_free(pages, pages->span[i]->chunk[c]);
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

static struct page_age chunk_age(const struct chunk *chunk, unsigned int page)
{
	if (!chunk->each)
		return chunk->uniform;
	return (struct page_age){ chunk->each->stamp[page], chunk->each->history[page] };
}

static bool mark_get(const uint64_t *words, unsigned int page)
{
	return words[page / 64] >> (page % 64) & 1;
}

static void mark_set(uint64_t *words, unsigned int page, bool on)
{
	uint64_t bit = UINT64_C(1) << (page % 64);

	words[page / 64] = on ? words[page / 64] | bit : words[page / 64] & ~bit;
}

static bool chunk_swapped(const struct chunk *chunk, unsigned int page)
{
	return chunk->marks && mark_get(chunk->marks->swapped, page);
}

static bool chunk_zero(const struct chunk *chunk, unsigned int page)
{
	return chunk->marks && mark_get(chunk->marks->zero, page);
}

/* Give the chunk an array of its pages. */
static int chunk_expand(struct pages *pages, struct chunk *chunk)
{
	if (chunk->each)
		return 0;
	chunk->each = malloc(sizeof(*chunk->each));
	if (!chunk->each)
		return -ENOMEM;
	pages->memory += sizeof(*chunk->each);
	for (unsigned int i = 0; i < HUGE_PAGES; i++)
		chunk->each->stamp[i] = chunk->uniform.stamp;
	memset(chunk->each->history, chunk->uniform.history, HUGE_PAGES);
	return 0;
}

static int chunk_want_marks(struct pages *pages, struct chunk *chunk)
{
	if (chunk->marks)
		return 0;
	chunk->marks = calloc(1, sizeof(*chunk->marks));
	if (!chunk->marks)
		return -ENOMEM;
	pages->memory += sizeof(*chunk->marks);
	return 0;
}

/* All pages are alike now: keep one entry. */
static void chunk_unify(struct pages *pages, struct chunk *chunk, struct page_age age)
{
	if (chunk->each)
		pages->memory -= sizeof(*chunk->each);
	if (chunk->marks)
		pages->memory -= sizeof(*chunk->marks);
	free(chunk->each);
	free(chunk->marks);
	chunk->each = NULL;
	chunk->marks = NULL;
	chunk->uniform = age;
	chunk->known = age.stamp == EPOCH_NEVER ? 0 : HUGE_PAGES;
}

/* What is known of a page; a run of alike pages is handled as one. */
struct page_state {
	struct page_age age;
	bool swapped, zero;
};

static struct page_state state_get(const struct chunk *chunk, unsigned int page)
{
	return (struct page_state){
		.age = chunk_age(chunk, page),
		.swapped = chunk_swapped(chunk, page),
		.zero = chunk_zero(chunk, page),
	};
}

static bool state_equal(struct page_state a, struct page_state b)
{
	return a.age.stamp == b.age.stamp && a.age.history == b.age.history &&
	       a.swapped == b.swapped && a.zero == b.zero;
}

/* What becomes of a page that was seen so in the window of sample now. */
static struct page_state state_after(struct page_state old, unsigned int bits, unsigned int now,
				     unsigned int born)
{
	struct page_state next = old;

	if (!(bits & (PAGE_BIT_PRESENT | PAGE_BIT_SWAPPED)) ||
	    (bits & PAGE_BIT_KEPT && old.age.stamp == EPOCH_NEVER))
		return (struct page_state){ 0 };
	if (bits & PAGE_BIT_TOUCHED)
		next.age = tally_touched(old.age, now);
	else if (old.age.stamp == EPOCH_NEVER)
		next.age = (struct page_age){ .stamp = (uint16_t)(born ? born : now) };
	next.swapped = bits & PAGE_BIT_SWAPPED;
	if (next.swapped)
		next.zero = false;
	else if (bits & (PAGE_BIT_TOUCHED | PAGE_BIT_ZERO))
		next.zero = bits & PAGE_BIT_ZERO;
	return next;
}

/* The age as the books see it: a swapped page is not resident. */
static struct page_age state_booked(struct page_state state)
{
	return state.swapped ? (struct page_age){ 0 } : state.age;
}

static int tally_change(struct tally *tally, struct page_state from, struct page_state to,
			unsigned int nr)
{
	tally->swapped_pages += to.swapped ? nr : 0;
	tally->swapped_pages -= from.swapped ? nr : 0;
	tally->zero_pages += to.zero ? nr : 0;
	tally->zero_pages -= from.zero ? nr : 0;
	return tally_move(tally, state_booked(from), state_booked(to), nr);
}

/* nr pages known before, not yet touched in this window, were touched. */
static void tally_retouch(struct tally *tally, struct page_age age, unsigned int bits,
			  unsigned int nr, const struct epochs *epochs)
{
	unsigned int bucket = age.stamp == EPOCH_START ? EDGES_MAX : epochs->bucket[age.stamp];

	tally->retouched[bucket] += nr;
	tally->armed_touched += bits & PAGE_BIT_HUGE ? (nr + HUGE_PAGES - 1) / HUGE_PAGES : nr;
}

/* nr resident pages not yet touched in this window were touched: in what way? */
static void tally_way(struct tally *tally, unsigned int bits, unsigned int nr)
{
	tally->written_pages += bits & PAGE_BIT_WRITTEN ? nr : 0;
	tally->only_read_pages += bits & PAGE_BIT_ONLY_READ ? nr : 0;
}

static int chunk_store(struct pages *pages, struct chunk *chunk, unsigned int page, unsigned int nr,
		       struct page_state state)
{
	struct each *each = chunk->each;

	if ((state.swapped || state.zero) && chunk_want_marks(pages, chunk))
		return -ENOMEM;
	for (unsigned int i = page; i < page + nr; i++) {
		each->stamp[i] = state.age.stamp;
		each->history[i] = state.age.history;
		if (chunk->marks) {
			mark_set(chunk->marks->swapped, i, state.swapped);
			mark_set(chunk->marks->zero, i, state.zero);
		}
	}
	return 0;
}

/* How many pages from page on, below end, are in the same state. */
static unsigned int chunk_run(const struct chunk *chunk, unsigned int page, unsigned int end)
{
	struct page_state first = state_get(chunk, page);
	unsigned int next = page + 1;

	if (!chunk->each)
		return end - page;
	while (next < end && state_equal(first, state_get(chunk, next)))
		next++;
	return next - page;
}

/*
 * Huge pages fill a chunk.  Only where the kernel was asked (all but a plain
 * "present") does the answer change what is known.
 */
static void chunk_see_huge(struct chunk *chunk, struct tally *tally, bool whole, unsigned int bits)
{
	bool huge = whole && (bits & PAGE_BIT_HUGE) && (bits & PAGE_BIT_PRESENT);

	if (bits == PAGE_BIT_PRESENT || huge == chunk->huge)
		return;
	tally->huge_pages += huge ? HUGE_PAGES : 0;
	tally->huge_pages -= huge ? 0 : HUGE_PAGES;
	chunk->huge = huge;
}

/* All 512 pages went from one state to one other. */
static void chunk_unify_state(struct pages *pages, struct chunk *chunk, struct page_state state)
{
	if (!state.swapped && !state.zero)
		chunk_unify(pages, chunk, state.age);
}

static int chunk_see(struct pages *pages, struct chunk *chunk, struct tally *tally,
		     unsigned int first, unsigned int end, unsigned int bits,
		     const struct epochs *epochs)
{
	bool whole = first == 0 && end == HUGE_PAGES;
	bool alike = whole;
	struct page_state after = { 0 };

	if (bits == PAGE_BIT_PRESENT && chunk->known == HUGE_PAGES && !chunk->marks)
		return 0; /* the common case: nothing new */
	if (!bits && !chunk->known)
		return 0;
	chunk_see_huge(chunk, tally, whole, bits);

	for (unsigned int page = first, nr; page < end; page += nr) {
		struct page_state old = state_get(chunk, page), next;

		nr = chunk_run(chunk, page, end);
		next = state_after(old, bits, epochs->now, tally->born);
		if (page > first && !state_equal(next, after))
			alike = false;
		after = next;
		if (old.age.stamp != EPOCH_NEVER && old.age.stamp != epochs->now &&
		    (bits & PAGE_BIT_TOUCHED))
			tally_retouch(tally, old.age, bits, nr, epochs);
		if (old.age.stamp != epochs->now && state_booked(next).stamp == epochs->now)
			tally_way(tally, bits, nr);
		if (tally_change(tally, old, next, nr))
			return -ENOMEM;
		chunk->known = (uint16_t)(chunk->known + (next.age.stamp ? nr : 0) -
					  (old.age.stamp ? nr : 0));
		if (whole && nr == HUGE_PAGES && !next.swapped && !next.zero)
			break; /* stays one entry */
		if (chunk_expand(pages, chunk) || chunk_store(pages, chunk, page, nr, next))
			return -ENOMEM;
	}
	if (alike)
		chunk_unify_state(pages, chunk, after);
	else if (!chunk->known)
		chunk_unify(pages, chunk, (struct page_age){ 0 });
	return 0;
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
		if (chunk_see(pages, part.chunk, tally, part.first, part.first + part.nr, bits,
			      epochs))
			return -ENOMEM;
	return 0;
}

int pages_see(struct pages *pages, struct tally *tally, struct range range, unsigned int bits,
	      const struct epochs *epochs)
{
	if (bits == PAGE_BIT_KEPT)
		return 0;
	if (!(bits & PAGE_BIT_PRESENT) && (bits & PAGE_BIT_KEPT || !(bits & PAGE_BIT_SWAPPED)))
		return pages_see_known(pages, tally, range, bits, epochs);
	for (uint64_t addr = range.start; addr < range.end;) {
		uint64_t end = chunk_end(addr) < range.end ? chunk_end(addr) : range.end;
		unsigned int first = page_index(addr);
		unsigned int nr = (unsigned int)((end - addr) >> PAGE_SHIFT);
		struct chunk *chunk = chunk_get(pages, addr);

		if (!chunk || chunk_see(pages, chunk, tally, first, first + nr, bits, epochs))
			return -ENOMEM;
		addr = end;
	}
	return 0;
}

static int chunk_drop(struct pages *pages, struct chunk *chunk, unsigned int first, unsigned int nr)
{
	chunk->huge = false;
	if (nr == HUGE_PAGES || !chunk->known) {
		chunk_unify(pages, chunk, (struct page_age){ 0 });
		return 0;
	}
	if (chunk_expand(pages, chunk))
		return -ENOMEM;
	for (unsigned int i = first; i < first + nr; i++)
		chunk->known = (uint16_t)(chunk->known - (chunk->each->stamp[i] != EPOCH_NEVER));
	return chunk_store(pages, chunk, first, nr, (struct page_state){ 0 });
}

int pages_drop(struct pages *pages, struct range range)
{
	struct part part = { .end = range.start };

	while (part_next(pages, range, &part))
		if (chunk_drop(pages, part.chunk, part.first, part.nr))
			return -ENOMEM;
	return 0;
}

/*
 * No huge page lies across the end of a mapping: the kernel has split it (for
 * hugetlb it refuses to), and this range counts no part of it as huge.
 */
static void chunk_count_huge(struct chunk *chunk, struct tally *tally, bool whole)
{
	chunk->huge = chunk->huge && whole;
	tally->huge_pages += chunk->huge ? HUGE_PAGES : 0;
}

int pages_count(struct pages *pages, struct tally *tally, struct range range, unsigned int now)
{
	struct part part = { .end = range.start };

	while (part_next(pages, range, &part)) {
		unsigned int stop = part.first + part.nr;

		chunk_count_huge(part.chunk, tally, part.nr == HUGE_PAGES);
		for (unsigned int page = part.first, nr; page < stop; page += nr) {
			nr = chunk_run(part.chunk, page, stop);
			if (tally_change(tally, (struct page_state){ 0 },
					 state_get(part.chunk, page), nr))
				return -ENOMEM;
		}
	}
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

			if (!chunk)
				continue;
			chunk->uniform.stamp = renumber[chunk->uniform.stamp];
			for (unsigned int i = 0; chunk->each && i < HUGE_PAGES; i++)
				chunk->each->stamp[i] = renumber[chunk->each->stamp[i]];
		}
	}
}

struct page_age pages_age(const struct pages *pages, uint64_t addr)
{
	uint64_t at = addr;
	struct chunk *chunk = chunk_next(pages, &at, addr + PAGE_BYTES);

	if (!chunk || at != addr || chunk_swapped(chunk, page_index(addr)))
		return (struct page_age){ 0 };
	return chunk_age(chunk, page_index(addr));
}

void pages_used(const struct pages *pages, struct range range, uint64_t *resident,
		uint64_t *touched)
{
	struct part part = { .end = range.start };

	while (part_next(pages, range, &part))
		for (unsigned int page = part.first; page < part.first + part.nr; page++) {
			unsigned int stamp = state_booked(state_get(part.chunk, page)).stamp;

			*resident += stamp != EPOCH_NEVER;
			*touched += stamp > EPOCH_START;
		}
}

uint64_t pages_memory(const struct pages *pages)
{
	return sizeof(*pages) + pages->cap * sizeof(*pages->span) + pages->memory;
}
