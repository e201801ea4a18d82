/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Scans and tellings that all methods share. */
#include "config.h"

#include "track/scan.h"

#include <errno.h>
#include <fcntl.h>

#include "base/clock.h"
#include "base/fault.h"
#include "kernel/maps.h"
#include "kernel/procfs.h"
#include "kernel/uffd.h"
#include "track/absent.h"

ssize_t scan(struct tracker *t, const struct pagemap_query *query, struct page_region *vec,
	     size_t len, uint64_t *walked)
{
	int64_t before = clock_boot_ns();
	ssize_t nr = pagemap_scan(t->pagemap, query, vec, len, walked);

	t->ioctl_ns += clock_boot_ns() - before;
	return nr;
}

int scan_timed(struct tracker *t, int (*call)(int, struct range), struct range range)
{
	int64_t before = clock_boot_ns();
	int rc = call(t->uffd, range);

	t->ioctl_ns += clock_boot_ns() - before;
	return rc;
}

/* What the kernel says of a mapping's end. */
struct bounds {
	int rc; /* -ENOENT: there is no such mapping; other errors: it cannot be asked */
	struct range here, next; /* next: what adjoins, if anything */
};

static struct bounds look_at_bounds(const struct tracker *t, const struct mapping *map)
{
	struct bounds b = { 0 };

	b.rc = maps_bounds(t->maps_fd, map->range.start, &b.here);
	if (maps_bounds(t->maps_fd, map->range.end, &b.next))
		b.next = (struct range){ 0 };
	return b;
}

int scan_register(struct tracker *t, const struct mapping *map, int (*enter)(int, struct range))
{
	const struct bounds before = look_at_bounds(t, map);
	struct bounds after;
	int rc;

	/* One that begins before it may be another, which came to end at the same address. */
	if (before.rc == -ENOENT || (!before.rc && !range_equal(before.here, map->range)))
		return -ENOENT;
	rc = scan_timed(t, enter, map->range);
	if (rc || before.rc)
		return rc;
	/* It may have changed between the two calls.  What is registered already merges with it. */
	after = look_at_bounds(t, map);
	if (!after.rc && after.here.start <= map->range.start &&
	    (after.here.end > map->range.end ||
	     (after.here.end == map->range.end && range_equal(before.next, after.next))))
		return 0;
	rc = scan_timed(t, uffd_unregister, map->range);
	return rc == -ENOMEM ? rc : -ENOENT;
}

void scan_unregister(struct tracker *t, struct range range)
{
	struct range here;
	int rc = maps_bounds(t->maps_fd, range.start, &here);

	if (rc ? rc != -ENOENT : range_equal(here, range))
		rc = scan_timed(t, uffd_unregister, range);
	(void)rc;
}

ssize_t scan_look(struct tracker *t, struct range range, uint64_t max_pages, uint64_t *walked)
{
	const struct pagemap_query query = {
		.range = range,
		.anyof = PAGE_IS_PRESENT | PAGE_IS_SWAPPED,
		.returned = PAGE_IS_PRESENT | PAGE_IS_SWAPPED | PAGE_IS_PFNZERO | PAGE_IS_HUGE |
			    PAGE_IS_GUARD,
		.max_pages = max_pages,
	};

	return scan(t, &query, t->vec, TRACK_VEC_LEN, walked);
}

/* A guard page (MADV_GUARD_INSTALL) says SWAPPED: it is not. */
unsigned int scan_bits_there(uint64_t categories)
{
	unsigned int bits = 0;

	if (categories & PAGE_IS_GUARD)
		return 0;
	if (categories & PAGE_IS_PRESENT)
		bits |= PAGE_BIT_PRESENT;
	else if (categories & PAGE_IS_SWAPPED)
		bits |= PAGE_BIT_SWAPPED;
	else
		return 0; /* an unpopulated hugetlb page says HUGE alone */
	bits |= categories & PAGE_IS_PFNZERO ? PAGE_BIT_ZERO : 0;
	bits |= categories & PAGE_IS_HUGE ? PAGE_BIT_HUGE : 0;
	return bits;
}

int scan_tell(struct sink *sink, const struct scan_runs *runs, struct range whole, unsigned int gap)
{
	uint64_t at = whole.start;
	int rc = 0;

	for (size_t i = 0; i < runs->nr && !rc; i++) {
		const struct page_region *entry = &runs->vec[i];
		struct range run = range_clip((struct range){ entry->start, entry->end }, whole);

		if (range_empty(run))
			continue;
		if (at < run.start)
			rc = sink->run(sink, (struct range){ at, run.start }, gap);
		if (!rc)
			rc = sink->run(sink, run, runs->bits(entry->categories) & ~runs->hidden);
		at = run.end;
	}
	if (!rc && at < whole.end)
		rc = sink->run(sink, (struct range){ at, whole.end }, gap);
	return rc;
}

int scan_survey(struct tracker *t, const struct mapping *map, struct sink *sink)
{
	for (struct range left = map->range; !range_empty(left);) {
		uint64_t walked = left.end;
		ssize_t nr = scan_look(t, left, SCAN_PAGES, &walked);
		const struct scan_runs runs = { t->vec, (size_t)nr, scan_bits_there, 0 };
		int rc;

		if (nr < 0)
			return (int)nr;
		rc = scan_tell(sink, &runs, (struct range){ left.start, walked }, 0);
		if (rc)
			return rc;
		left.start = walked;
	}
	return 0;
}

/*
 * Where the kernel does not tell (before Linux 6.11): only hugetlb refuses (-EINVAL)
 * what is smaller than its page, so a page's worth is cleared at the start.
 */
static uint64_t try_unit(struct tracker *t, const struct mapping *map,
			 int (*clear)(int, struct range))
{
	static const uint64_t sizes[] = { PAGE_BYTES, HUGE_BYTES, UINT64_C(1) << 30 };

	for (unsigned int i = 0; i < ARRAY_LEN(sizes); i++) {
		struct range first = { map->range.start, map->range.start + sizes[i] };

		if (first.end <= map->range.end && scan_timed(t, clear, first) != -EINVAL)
			return sizes[i];
	}
	return PAGE_BYTES;
}

/* Trying would split a transparent huge page, so it is the last resort. */
uint64_t scan_unit(struct tracker *t, const struct mapping *map, int (*clear)(int, struct range))
{
	uint64_t bytes;

	if (!map->inode)
		return PAGE_BYTES;
	bytes = maps_page_bytes(t->maps_fd, map->range.start);
	return bytes ? bytes : try_unit(t, map, clear);
}

/* What is there in the piece that begins at left.start; *end is where the piece ends. */
static ssize_t look_at_piece(const struct scan_piece *walk, struct range left, uint64_t *end)
{
	bool hugetlb = walk->unit_bytes > PAGE_BYTES;
	uint64_t align = walk->unit_bytes > HUGE_BYTES ? walk->unit_bytes : HUGE_BYTES;
	uint64_t walked = left.end;
	ssize_t nr;

	if (hugetlb && range_bytes(left) > SCAN_BYTES + align)
		left.end = (left.start + SCAN_BYTES + align) & ~(align - 1);
	nr = scan_look(walk->tracker, left, hugetlb ? 0 : SCAN_PAGES, &walked);
	*end = left.end;
	if (nr >= 0 && walked < left.end && (walked & ~(align - 1)) > left.start)
		*end = walked & ~(align - 1);
	return nr;
}

/* How many of the runs lie below end; the last is cut there. */
static size_t runs_below(struct page_region *vec, size_t nr, uint64_t end)
{
	while (nr && vec[nr - 1].start >= end)
		nr--;
	if (nr && vec[nr - 1].end > end)
		vec[nr - 1].end = end;
	return nr;
}

int scan_pieces(struct scan_piece *walk, int (*piece)(const struct scan_piece *))
{
	struct range left = walk->map->range;
	int rc = 0;

	walk->vec = walk->tracker->vec;
	while (!range_empty(left) && !rc) {
		uint64_t end;
		ssize_t nr = look_at_piece(walk, left, &end);

		if (nr < 0)
			return (int)nr;
		walk->range = (struct range){ left.start, end };
		walk->nr = runs_below(walk->tracker->vec, (size_t)nr, end);
		rc = piece(walk);
		left.start = end;
	}
	return rc;
}

int scan_arm(struct tracker *t, const struct mapping *map, const struct scan_mode *mode,
	     struct armed *armed, struct sink *sink)
{
	struct scan_piece walk = { .tracker = t, .map = map, .sink = sink };
	int rc = scan_register(t, map, mode->enter);
	uint64_t walked;

	if (rc == -ENOMEM && scan_look(t, map->range, 1, &walked) == -ESRCH)
		return -ESRCH; /* what REGISTER says when the memory is gone */
	armed->refusal = -rc;
	if (rc)
		return TRACK_REFUSED;
	fault_here(FAULT_REGISTERED);
	chunk_set_remove(&t->wp_armed, map->range);
	absent_forget(t, map->range);
	armed->unit_bytes = walk.unit_bytes = scan_unit(t, map, mode->clear);
	rc = scan_pieces(&walk, mode->piece);
	fault_here(FAULT_ARMED);
	if (rc != -ENOENT && rc != -EINVAL)
		return rc;
	armed->refusal = -rc; /* it went away between two calls: the next sample sees what is */
	return TRACK_REFUSED;
}
