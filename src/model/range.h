/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A half-open stretch of the target's address space.  Addresses of the target
 * are integers, never pointers.
 */
#ifndef WSSTAT_MODEL_RANGE_H
#define WSSTAT_MODEL_RANGE_H

#include <stdbool.h>
#include <stdint.h>

#define PAGE_BYTES UINT64_C(4096)
#define PAGE_SHIFT 12
#define HUGE_BYTES (UINT64_C(2) << 20) /* one page-table page's worth, a PMD */
#define HUGE_SHIFT 21
#define HUGE_PAGES 512u

struct range {
	uint64_t start, end;
};

static inline uint64_t range_bytes(struct range r)
{
	return r.end - r.start;
}

static inline bool range_empty(struct range r)
{
	return r.start >= r.end;
}

static inline bool range_equal(struct range a, struct range b)
{
	return a.start == b.start && a.end == b.end;
}

static inline bool range_overlaps(struct range a, struct range b)
{
	return a.start < b.end && b.start < a.end;
}

/* What both have; empty (start >= end) if nothing. */
static inline struct range range_clip(struct range a, struct range b)
{
	return (struct range){
		.start = a.start > b.start ? a.start : b.start,
		.end = a.end < b.end ? a.end : b.end,
	};
}

#endif
