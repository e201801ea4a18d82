/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Two lists of chunks, side by side. */
#include "config.h"

#include "model/page_diff.h"

#include <errno.h>
#include <string.h>

/* No mapping lies above 2^57 (five levels of page tables). */
#define CHUNK_END (UINT64_C(1) << (57 - HUGE_SHIFT))

void diff_text_free(struct diff_text *text)
{
	free(text->bytes);
	*text = (struct diff_text){ 0 };
}

/* Room for that many bytes more, or NULL. */
static uint8_t *reserve(struct diff_text *text, size_t nr)
{
	if (text->cap - text->len < nr) {
		size_t cap = text->cap ? 2 * text->cap : 4096;
		uint8_t *grown = realloc(text->bytes, cap);

		if (!grown)
			return NULL;
		text->bytes = grown;
		text->cap = cap;
	}
	return text->bytes + text->len;
}

static uint8_t *put_number(uint8_t *at, uint64_t number)
{
	for (; number >= 128; number >>= 7)
		*at++ = (uint8_t)(number | 128);
	*at++ = (uint8_t)number;
	return at;
}

/* One bit of all pages of a chunk. */
static void plane_of(uint8_t plane[PLANE_BYTES], const struct seen_chunk *chunk, unsigned int bit)
{
	if (!chunk || !chunk->each) {
		memset(plane, chunk && chunk->all & bit ? 0xff : 0, PLANE_BYTES);
		return;
	}
	memset(plane, 0, PLANE_BYTES);
	for (unsigned int i = 0; i < HUGE_PAGES; i++)
		if (chunk->each[i] & bit)
			plane[i / 8] = (uint8_t)(plane[i / 8] | 1u << i % 8);
}

static unsigned int count_bits(const uint8_t plane[PLANE_BYTES])
{
	unsigned int nr = 0;

	for (unsigned int i = 0; i < PLANE_BYTES; i++)
		nr += (unsigned int)__builtin_popcount(plane[i]);
	return nr;
}

/* The bits of one chunk, as they are told. */
struct planes {
	uint8_t was[PLANE_BYTES], is[PLANE_BYTES];
	uint8_t told[PLANE_BYTES]; /* the one before */
	uint8_t flipped[PLANE_BYTES];
	bool any_told;
};

static void flip(uint8_t to[PLANE_BYTES], const uint8_t from[PLANE_BYTES],
		 const uint8_t mask[PLANE_BYTES])
{
	for (unsigned int i = 0; i < PLANE_BYTES; i++)
		to[i] = from[i] ^ (mask ? mask[i] : 0xff);
}

/* Without a bitmap, if that can be; else 0. */
static uint8_t short_form(struct planes *planes, unsigned int set)
{
	if (!set || set == HUGE_PAGES)
		return set ? PLANE_ALL : PLANE_NONE;
	if (planes->any_told && !memcmp(planes->is, planes->told, PLANE_BYTES))
		return PLANE_SAME;
	flip(planes->flipped, planes->told, NULL);
	if (planes->any_told && !memcmp(planes->is, planes->flipped, PLANE_BYTES))
		return PLANE_REST;
	return PLANE_BITS;
}

/* What is rare needs little room, once it is compressed. */
static uint8_t *put_plane(uint8_t *at, struct planes *planes)
{
	const unsigned int set = count_bits(planes->is), rest = HUGE_PAGES - set;
	uint8_t form = short_form(planes, set);
	unsigned int changed;

	*at = form;
	if (form != PLANE_BITS)
		return at + 1;
	flip(planes->flipped, planes->is, planes->was);
	changed = count_bits(planes->flipped);
	if (changed < set && changed < rest) {
		*at = PLANE_XOR;
		memcpy(at + 1, planes->flipped, PLANE_BYTES);
	} else if (set <= rest) {
		memcpy(at + 1, planes->is, PLANE_BYTES);
	} else {
		*at = PLANE_NOT;
		flip(at + 1, planes->is, NULL);
	}
	return at + 1 + PLANE_BYTES;
}

static bool chunks_equal(const struct seen_chunk *a, const struct seen_chunk *b)
{
	if (!a || !b)
		return false;
	if (a->each && b->each)
		return !memcmp(a->each, b->each, HUGE_PAGES);
	return !a->each && !b->each && a->all == b->all;
}

/* NULL: nothing is there.  *last: the number of the chunk before in the text. */
static int put_chunk(struct diff_text *text, uint64_t *last, uint64_t number,
		     const struct seen_chunk *was, const struct seen_chunk *is)
{
	uint8_t *begin = reserve(text, 11 + 8 * (1 + PLANE_BYTES)), *changed, *at;
	struct planes planes = { .any_told = false };

	if (!begin)
		return -ENOMEM;
	changed = put_number(begin, number - *last);
	*changed = 0;
	at = changed + 1;
	for (unsigned int bit = 1; bit < 256; bit <<= 1) {
		plane_of(planes.was, was, bit);
		plane_of(planes.is, is, bit);
		if (!memcmp(planes.was, planes.is, PLANE_BYTES))
			continue;
		*changed = (uint8_t)(*changed | bit);
		at = put_plane(at, &planes);
		memcpy(planes.told, planes.is, PLANE_BYTES);
		planes.any_told = true;
	}
	if (!*changed)
		return 0;
	*last = number;
	text->len += (size_t)(at - begin);
	return 0;
}

static uint64_t number_at(const struct seen_pages *pages, size_t i)
{
	return i < pages->nr ? pages->at[i].number : UINT64_MAX;
}

int page_diff_make(struct diff_text *text, const struct seen_pages *before,
		   const struct seen_pages *now)
{
	uint64_t last = 0;
	size_t b = 0, n = 0;

	while (b < before->nr || n < now->nr) {
		const uint64_t old = number_at(before, b), new = number_at(now, n);
		const struct seen_chunk *was = old <= new ? &before->at[b++] : NULL;
		const struct seen_chunk *is = new <= old ? &now->at[n++] : NULL;

		if (!chunks_equal(was, is) &&
		    put_chunk(text, &last, old < new ? old : new, was, is))
			return -ENOMEM;
	}
	return 0;
}

/* The text that is left. */
struct reader {
	const uint8_t *at, *end;
};

static bool take_number(struct reader *in, uint64_t *number)
{
	*number = 0;
	for (unsigned int shift = 0; in->at < in->end && shift < 63; shift += 7) {
		uint8_t digit = *in->at++;

		*number |= (uint64_t)(digit & 127) << shift;
		if (digit < 128)
			return true;
	}
	return false;
}

/*
 * One bit of every page, on top of what was before; told: the bit taken before, or 0.  A page
 * has it where its base has it, unless the bitmap flips that.
 */
static bool take_plane(struct reader *in, uint8_t each[HUGE_PAGES], uint8_t bit, uint8_t told)
{
	static const uint8_t none[PLANE_BYTES];
	const uint8_t *bitmap = none;
	uint8_t form;

	if (in->at == in->end)
		return false;
	form = *in->at++;
	if (form > PLANE_REST || (form >= PLANE_SAME && !told))
		return false;
	if (form == PLANE_BITS || form == PLANE_XOR || form == PLANE_NOT) {
		if ((size_t)(in->end - in->at) < PLANE_BYTES)
			return false;
		bitmap = in->at;
		in->at += PLANE_BYTES;
	}
	for (unsigned int i = 0; i < HUGE_PAGES; i++) {
		const bool base = form == PLANE_XOR    ? each[i] & bit
				  : form == PLANE_SAME ? each[i] & told
				  : form == PLANE_REST ? !(each[i] & told)
						       : form == PLANE_ALL || form == PLANE_NOT;
		const bool set = base != (bitmap[i / 8] >> i % 8 & 1);

		each[i] = (uint8_t)((each[i] & ~bit) | (set ? bit : 0));
	}
	return true;
}

static int take_chunk(struct reader *in, uint64_t number, const struct seen_chunk *was,
		      struct seen_pages *now)
{
	uint8_t each[HUGE_PAGES], changed, told = 0;

	for (unsigned int i = 0; i < HUGE_PAGES; i++)
		each[i] = was ? seen_chunk_page(was, i) : 0;
	if (in->at == in->end)
		return -EINVAL;
	changed = *in->at++;
	for (unsigned int bit = 1; bit < 256; bit <<= 1) {
		if (!(changed & bit))
			continue;
		if (!take_plane(in, each, (uint8_t)bit, told))
			return -EINVAL;
		told = (uint8_t)bit;
	}
	return seen_pages_add_chunk(now, number, each);
}

int page_diff_apply(const uint8_t *bytes, size_t len, const struct seen_pages *before,
		    struct seen_pages *now)
{
	struct reader in = { bytes, len ? bytes + len : bytes };
	uint64_t number = 0, step;
	bool first = true;
	size_t b = 0;
	int rc = 0;

	while (in.at < in.end && !rc) {
		const struct seen_chunk *was;

		if (!take_number(&in, &step) || (!step && !first) || step >= CHUNK_END - number)
			return -EINVAL;
		first = false;
		number += step;
		while (b < before->nr && before->at[b].number < number && !rc)
			rc = seen_pages_add_copy(now, &before->at[b++]);
		was = b < before->nr && before->at[b].number == number ? &before->at[b] : NULL;
		b += was != NULL;
		if (!rc)
			rc = take_chunk(&in, number, was, now);
	}
	while (b < before->nr && !rc)
		rc = seen_pages_add_copy(now, &before->at[b++]);
	return rc;
}
