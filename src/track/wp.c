/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Method wp: userfaultfd write protection in async mode (Linux 6.7).  Writes only:
 * a page that is only read looks unwritten.  Takes every mapping that may be
 * written, anonymous memory and private mappings of files (.data, .got) too.
 *
 * PAGEMAP_SCAN reads and renews the protection of a page in one step under the page
 * table's lock (PM_SCAN_WP_MATCHING), so no write is ever lost.
 */
#include "config.h"

#include <errno.h>

#include "base/fault.h"
#include "kernel/uffd.h"
#include "track/absent.h"
#include "track/protect.h"

#define HALF_VEC (TRACK_VEC_LEN / 2)

static bool wp_suits(const struct tracker *t, const struct mapping *map)
{
	enum region_kind kind = region_classify(map);

	return t->features & UFFD_FEATURE_WP_ASYNC && map->perms & PERM_WRITE &&
	       kind != KIND_DEVICE && kind != KIND_KERNEL && protect_what(t, map) != PROTECT_NONE;
}

static int wp_arm(struct tracker *t, const struct mapping *map, struct armed *armed,
		  struct sink *sink)
{
	armed->sees = SEES_WRITES;
	armed->told_apart = false;
	return protect_mapping(t, map, armed, sink);
}

/* It may have been swapped since it was written. */
static unsigned int bits_of_shared(uint64_t categories)
{
	unsigned int bits = scan_bits_there(categories);

	if (!bits)
		return 0;
	bits |= PAGE_BIT_TOUCHED | PAGE_BIT_WRITTEN;
	return bits & PAGE_BIT_SWAPPED ? bits | PAGE_BIT_KEPT : bits;
}

/*
 * A page that is not protected was written, or came there unprotected.  What comes
 * by reading is told by what it is: the shared zero page, or in a private mapping a
 * page of the file, for a write puts an anonymous page there.
 */
static unsigned int bits_of_private(uint64_t categories)
{
	if (categories & (PAGE_IS_PFNZERO | PAGE_IS_FILE))
		return scan_bits_there(categories);
	return bits_of_shared(categories);
}

/*
 * Not present: gone, or swapped, or a marker that protects an empty entry, which
 * says SWAPPED as well (kernel-facts 3).  Only a page that was known can be swapped;
 * of a file it is rather dropped, for its marker stays.
 */
static unsigned int bits_of_anonymous_absent(uint64_t categories)
{
	unsigned int bits = scan_bits_there(categories);

	return bits & PAGE_BIT_SWAPPED ? PAGE_BIT_SWAPPED | PAGE_BIT_KEPT : 0;
}

static unsigned int bits_of_absent(uint64_t categories)
{
	(void)categories;
	return 0;
}

/* What was written, into the first half of vec, and protected again by that. */
static ssize_t take_written(struct tracker *t, const struct mapping *map, struct range range,
			    uint64_t *walked)
{
	const uint64_t kinds = PAGE_IS_PRESENT | PAGE_IS_SWAPPED | PAGE_IS_HUGE | PAGE_IS_PFNZERO |
			       PAGE_IS_GUARD;
	/* Of what is the file's nothing is protected, and nothing written. */
	const uint64_t theirs = protect_what(t, map) == PROTECT_OWN ? PAGE_IS_FILE : 0;
	const struct pagemap_query query = {
		.range = range,
		.inverted = theirs,
		.mask = theirs | PAGE_IS_WPALLOWED | PAGE_IS_WRITTEN,
		.anyof = PAGE_IS_PRESENT | PAGE_IS_SWAPPED, /* an empty entry says WRITTEN too */
		/* FILE costs a look at every page: only where it can say something. */
		.returned = map->inode ? kinds | PAGE_IS_FILE : kinds,
		.flags = PM_SCAN_WP_MATCHING | PM_SCAN_CHECK_WPASYNC,
	};

	return scan(t, &query, t->vec, HALF_VEC, walked);
}

/* What is not there, into the second half. */
static ssize_t look_absent(struct tracker *t, struct range range, uint64_t *walked)
{
	const struct pagemap_query query = {
		.range = range,
		.inverted = PAGE_IS_PRESENT,
		.mask = PAGE_IS_PRESENT,
		.returned = PAGE_IS_SWAPPED | PAGE_IS_GUARD,
	};

	return scan(t, &query, t->vec + HALF_VEC, HALF_VEC, walked);
}

/* Between written runs: absent ones, and present ones that were not written. */
struct between {
	struct sink sink;
	struct sink *to;
	struct scan_runs absent;
	size_t next;
};

static int tell_between(struct sink *sink, struct range range, unsigned int bits)
{
	struct between *b = (struct between *)sink;
	struct scan_runs runs = b->absent;

	if (bits != PAGE_BIT_KEPT)
		return b->to->run(b->to, range, bits);
	while (b->next < b->absent.nr && b->absent.vec[b->next].end <= range.start)
		b->next++;
	if (b->next == b->absent.nr || b->absent.vec[b->next].start >= range.end)
		return b->to->run(b->to, range, PAGE_BIT_PRESENT);
	runs.vec += b->next;
	runs.nr = 0;
	while (b->next + runs.nr < b->absent.nr && runs.vec[runs.nr].start < range.end)
		runs.nr++;
	return scan_tell(b->to, &runs, range, PAGE_BIT_PRESENT);
}

static int collect_once(struct tracker *t, const struct mapping *map, struct range range,
			struct sink *sink, uint64_t *walked)
{
	const bool shared = map->perms & PERM_SHARED;
	struct absent absent = absent_sink(t, map, sink);
	/* Of private memory nothing is kept elsewhere. */
	struct between between = { .sink = { tell_between }, .to = shared ? &absent.sink : sink };
	struct scan_runs written = {
		.vec = t->vec,
		.bits = shared ? bits_of_shared : bits_of_private,
		.hidden = map->inode ? 0 : PAGE_BIT_HUGE, /* split at the next write */
	};
	ssize_t nr = look_absent(t, range, walked);

	if (nr < 0)
		return (int)nr;
	between.absent = (struct scan_runs){
		.vec = t->vec + HALF_VEC,
		.nr = (size_t)nr,
		.bits = map->inode ? bits_of_absent : bits_of_anonymous_absent,
	};
	range.end = *walked < range.end ? *walked : range.end;
	nr = take_written(t, map, range, walked);
	if (nr < 0)
		return nr == -EPERM ? TRACK_LOST : (int)nr;
	fault_here(FAULT_SCANNED);
	range.end = *walked < range.end ? *walked : range.end;
	written.nr = (size_t)nr;
	nr = scan_tell(&between.sink, &written, range, PAGE_BIT_KEPT);
	return nr ? (int)nr : protect_holes(t, map, t->vec, written.nr);
}

static int wp_collect(struct tracker *t, const struct mapping *map, struct range range,
		      struct sink *sink)
{
	for (uint64_t walked = range.start; walked < range.end; range.start = walked) {
		int rc = collect_once(t, map, range, sink, &walked);

		if (rc == -EPERM) /* gone since the scan */
			return TRACK_STALE;
		if (rc)
			return rc;
	}
	return TRACK_OK;
}

const struct tracker_ops tracker_wp = {
	.name = "wp",
	.method = METHOD_WP,
	.suits = wp_suits,
	.arm = wp_arm,
	.confirm = protect_confirm,
	.collect = wp_collect,
	.survey = scan_survey,
	.disarm = scan_unregister,
};
