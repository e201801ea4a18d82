/* SPDX-License-Identifier: GPL-2.0-or-later */
/* 512 pages: what becomes of each when it is seen. */
#include "config.h"

#include "model/page_chunk.h"

#include <errno.h>
#include <string.h>

void chunk_free(uint64_t *memory, struct chunk *chunk)
{
	if (!chunk)
		return;
	*memory -= sizeof(*chunk) + (chunk->each ? sizeof(*chunk->each) : 0) +
		   (chunk->marks ? sizeof(*chunk->marks) : 0);
	free(chunk->each);
	free(chunk->marks);
	free(chunk);
}

/* NULL for NULL; *failed where memory ran out. */
static void *copy_of(const void *from, size_t bytes, bool *failed)
{
	void *copy = from ? malloc(bytes) : NULL;

	if (copy)
		memcpy(copy, from, bytes);
	*failed |= from && !copy;
	return copy;
}

struct chunk *chunk_copy(uint64_t *memory, const struct chunk *chunk)
{
	bool failed = false;
	struct chunk *copy = copy_of(chunk, sizeof(*chunk), &failed);

	if (!copy)
		return NULL;
	copy->each = copy_of(chunk->each, sizeof(*chunk->each), &failed);
	copy->marks = copy_of(chunk->marks, sizeof(*chunk->marks), &failed);
	*memory += sizeof(*copy) + (copy->each ? sizeof(*copy->each) : 0) +
		   (copy->marks ? sizeof(*copy->marks) : 0);
	if (!failed)
		return copy;
	chunk_free(memory, copy);
	return NULL;
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
static int chunk_expand(uint64_t *memory, struct chunk *chunk)
{
	if (chunk->each)
		return 0;
	chunk->each = malloc(sizeof(*chunk->each));
	if (!chunk->each)
		return -ENOMEM;
	*memory += sizeof(*chunk->each);
	for (unsigned int i = 0; i < HUGE_PAGES; i++)
		chunk->each->stamp[i] = chunk->uniform.stamp;
	memset(chunk->each->history, chunk->uniform.history, HUGE_PAGES);
	return 0;
}

static int chunk_want_marks(uint64_t *memory, struct chunk *chunk)
{
	if (chunk->marks)
		return 0;
	chunk->marks = calloc(1, sizeof(*chunk->marks));
	if (!chunk->marks)
		return -ENOMEM;
	*memory += sizeof(*chunk->marks);
	return 0;
}

/* All pages are alike now: keep one entry. */
static void chunk_unify(uint64_t *memory, struct chunk *chunk, struct page_age age)
{
	if (chunk->each)
		*memory -= sizeof(*chunk->each);
	if (chunk->marks)
		*memory -= sizeof(*chunk->marks);
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

static int chunk_store(uint64_t *memory, struct chunk *chunk, unsigned int page, unsigned int nr,
		       struct page_state state)
{
	struct chunk_each *each = chunk->each;

	if ((state.swapped || state.zero) && chunk_want_marks(memory, chunk))
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

int chunk_touch(struct chunk *chunk, struct tally *tally, unsigned int page, unsigned int bits,
		const struct epochs *epochs)
{
	const struct page_age old = { chunk->each->stamp[page], chunk->each->history[page] };
	const struct page_age next = tally_touched(old, epochs->now);

	if (old.stamp != epochs->now) {
		tally_retouch(tally, old, bits, 1, epochs);
		tally_way(tally, bits, 1);
	}
	chunk->each->stamp[page] = next.stamp;
	chunk->each->history[page] = next.history;
	return tally_move(tally, old, next, 1);
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
static void chunk_unify_state(uint64_t *memory, struct chunk *chunk, struct page_state state)
{
	if (!state.swapped && !state.zero)
		chunk_unify(memory, chunk, state.age);
}

int chunk_see(uint64_t *memory, struct chunk *chunk, struct tally *tally, unsigned int first,
	      unsigned int end, unsigned int bits, const struct epochs *epochs)
{
	bool whole = first == 0 && end == HUGE_PAGES;
	bool alike = whole;
	struct page_state after = { 0 };

	if (chunk_is_settled(chunk, bits))
		return 0;
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
		if (chunk_expand(memory, chunk) || chunk_store(memory, chunk, page, nr, next))
			return -ENOMEM;
	}
	if (alike)
		chunk_unify_state(memory, chunk, after);
	else if (!chunk->known)
		chunk_unify(memory, chunk, (struct page_age){ 0 });
	return 0;
}

int chunk_drop(uint64_t *memory, struct chunk *chunk, unsigned int first, unsigned int nr)
{
	chunk->huge = false;
	if (nr == HUGE_PAGES || !chunk->known) {
		chunk_unify(memory, chunk, (struct page_age){ 0 });
		return 0;
	}
	if (chunk_expand(memory, chunk))
		return -ENOMEM;
	for (unsigned int i = first; i < first + nr; i++)
		chunk->known = (uint16_t)(chunk->known - (chunk->each->stamp[i] != EPOCH_NEVER));
	return chunk_store(memory, chunk, first, nr, (struct page_state){ 0 });
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

int chunk_count(struct chunk *chunk, struct tally *tally, unsigned int first, unsigned int nr)
{
	const unsigned int end = first + nr;

	chunk_count_huge(chunk, tally, nr == HUGE_PAGES);
	for (unsigned int page = first; page < end; page += nr) {
		nr = chunk_run(chunk, page, end);
		if (tally_change(tally, (struct page_state){ 0 }, state_get(chunk, page), nr))
			return -ENOMEM;
	}
	return 0;
}

void chunk_renumber(struct chunk *chunk, const uint16_t *renumber)
{
	chunk->uniform.stamp = renumber[chunk->uniform.stamp];
	for (unsigned int i = 0; chunk->each && i < HUGE_PAGES; i++)
		chunk->each->stamp[i] = renumber[chunk->each->stamp[i]];
}

struct page_age chunk_booked_age(const struct chunk *chunk, unsigned int page)
{
	return state_booked(state_get(chunk, page));
}

unsigned int chunk_booked_until(const struct chunk *chunk, unsigned int page, unsigned int end)
{
	const struct page_age age = chunk_booked_age(chunk, page);

	if (!chunk->each && !chunk->marks)
		return end;
	if (chunk->each && !chunk->marks) {
		const uint16_t *stamp = chunk->each->stamp;
		const uint8_t *history = chunk->each->history;

		while (++page < end && stamp[page] == age.stamp && history[page] == age.history)
			;
		return page;
	}
	while (++page < end) {
		const struct page_age next = chunk_booked_age(chunk, page);

		if (next.stamp != age.stamp || next.history != age.history)
			break;
	}
	return page;
}
