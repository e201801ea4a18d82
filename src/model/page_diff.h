/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How the pages of one look differ from those of the look before, as bytes; a recording holds
 * them compressed (doc/recording).  Chunks of 2 MiB that did not change take nothing.
 *
 * For each other chunk: its number (address / 2 MiB) less the number of the chunk before in
 * this list, as a base-128 number, low digits first, 128 added to all digits but the last; a
 * byte with the bits (enum page_bits) that changed on any page; and for each of those, low ones
 * first, a byte PLANE_*, followed for 2 to 4 by a bitmap of 64 bytes, low bits first.
 */
#ifndef WSSTAT_MODEL_PAGE_DIFF_H
#define WSSTAT_MODEL_PAGE_DIFF_H

#include "model/seen_pages.h"

enum {
	PLANE_NONE = 0, /* the bit is set on no page of the chunk */
	PLANE_ALL = 1,	/* on every page */
	PLANE_BITS = 2, /* on those of the bitmap */
	PLANE_XOR = 3,	/* other than before on those of the bitmap */
	PLANE_NOT = 4,	/* on all but those of the bitmap */
	PLANE_SAME = 5, /* where the bit told before of this chunk is */
	PLANE_REST = 6, /* where that is not */
};

#define PLANE_BYTES (HUGE_PAGES / 8)

/* A growing text of bytes. */
struct diff_text {
	uint8_t *bytes; /* owned */
	size_t len, cap;
};

void diff_text_free(struct diff_text *text);

/* Append what makes `now` of `before`.  0 or -ENOMEM. */
must_check int page_diff_make(struct diff_text *text, const struct seen_pages *before,
			      const struct seen_pages *now);

/* Make `now`, which is empty.  0, -EINVAL: that is no such text, or -ENOMEM. */
must_check int page_diff_apply(const uint8_t *bytes, size_t len, const struct seen_pages *before,
			       struct seen_pages *now);

#endif
