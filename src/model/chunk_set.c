/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bits in spans of 1 GiB. */
#include "config.h"

#include "model/chunk_set.h"

#include <errno.h>
#include <string.h>

#define SPAN_SHIFT 30
#define SPAN_CHUNKS (1u << (SPAN_SHIFT - HUGE_SHIFT))

struct chunk_span {
	uint64_t start;
	uint64_t bits[SPAN_CHUNKS / 64];
};

static uint64_t span_of(uint64_t addr)
{
	return addr >> SPAN_SHIFT << SPAN_SHIFT;
}

/* Index of the first span that is not below this one. */
static size_t find(const struct chunk_set *set, uint64_t span)
{
	size_t low = 0, high = set->nr;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (set->at[mid].start < span)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static uint64_t *word_of(const struct chunk_set *set, uint64_t addr)
{
	size_t i = find(set, span_of(addr));

	if (i == set->nr || set->at[i].start != span_of(addr))
		return NULL;
	return &set->at[i].bits[(addr >> HUGE_SHIFT) % SPAN_CHUNKS / 64];
}

static uint64_t bit_of(uint64_t addr)
{
	return UINT64_C(1) << ((addr >> HUGE_SHIFT) % 64);
}

static int insert(struct chunk_set *set, uint64_t span)
{
	size_t i = find(set, span);

	if (i < set->nr && set->at[i].start == span)
		return 0;
	if (set->nr == set->cap) {
		size_t cap = set->cap ? 2 * set->cap : 8;
		struct chunk_span *grown = realloc(set->at, cap * sizeof(*grown));

		if (!grown)
			return -ENOMEM;
		set->at = grown;
		set->cap = cap;
	}
	memmove(set->at + i + 1, set->at + i, (set->nr - i) * sizeof(*set->at));
	set->at[i] = (struct chunk_span){ .start = span };
	set->nr++;
	return 0;
}

void chunk_set_free(struct chunk_set *set)
{
	free(set->at);
	*set = (struct chunk_set){ 0 };
}

int chunk_set_add(struct chunk_set *set, struct range range)
{
	for (uint64_t addr = range.start; addr < range.end;
	     addr = ((addr >> HUGE_SHIFT) + 1) << HUGE_SHIFT) {
		uint64_t *word = word_of(set, addr);

		if (!word && insert(set, span_of(addr)))
			return -ENOMEM;
		word = word ? word : word_of(set, addr);
		set->chunks += !(*word & bit_of(addr));
		*word |= bit_of(addr);
	}
	return 0;
}

bool chunk_set_has(const struct chunk_set *set, uint64_t addr)
{
	const uint64_t *word = word_of(set, addr);

	return word && *word & bit_of(addr);
}

/* The first chunk of the set at or above addr and below end; end if there is none. */
static uint64_t next_member(const struct chunk_set *set, uint64_t addr, uint64_t end)
{
	for (size_t i = find(set, span_of(addr)); i < set->nr; i++) {
		const struct chunk_span *span = &set->at[i];

		if (span->start > addr)
			addr = span->start;
		for (; addr < end && span_of(addr) == span->start;
		     addr = ((addr >> HUGE_SHIFT) + 1) << HUGE_SHIFT)
			if (span->bits[(addr >> HUGE_SHIFT) % SPAN_CHUNKS / 64] & bit_of(addr))
				return addr;
		if (addr >= end)
			return end;
	}
	return end;
}

bool chunk_set_next(const struct chunk_set *set, struct range range, struct range *run)
{
	uint64_t addr = next_member(set, range.start, range.end);

	if (addr >= range.end)
		return false;
	run->start = addr;
	while (addr < range.end && chunk_set_has(set, addr))
		addr = ((addr >> HUGE_SHIFT) + 1) << HUGE_SHIFT;
	run->end = addr < range.end ? addr : range.end;
	return true;
}

void chunk_set_remove(struct chunk_set *set, struct range range)
{
	struct range run;

	while (chunk_set_next(set, range, &run)) {
		for (uint64_t addr = run.start; addr < run.end;
		     addr = ((addr >> HUGE_SHIFT) + 1) << HUGE_SHIFT) {
			*word_of(set, addr) &= ~bit_of(addr);
			set->chunks--;
		}
		range.start = run.end;
	}
}
