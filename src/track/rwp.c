/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Method rwp: userfaultfd read-write protection in async mode (Linux 7.3).  The
 * kernel takes access away from armed pages, gives it back by itself at the
 * first access, by the program or by the kernel for it, and PAGEMAP_SCAN tells
 * which pages that happened to.
 *
 * No access to a page that was cold at the scan is ever lost, because only what
 * the scan returned is armed again.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>

#include "base/clock.h"
#include "base/fault.h"
#include "kernel/clear_refs.h"
#include "kernel/procfs.h"
#include "kernel/uffd.h"
#include "track/absent.h"
#include "track/scan.h"

#define SEEN                                                                                  \
	(PAGE_IS_PRESENT | PAGE_IS_SWAPPED | PAGE_IS_PFNZERO | PAGE_IS_HUGE | PAGE_IS_GUARD | \
	 PAGE_IS_ACCESSED)

static bool rwp_suits(const struct tracker *t, const struct mapping *map)
{
	(void)map; /* REGISTER tells */
	return t->features & UFFD_FEATURE_RWP_ASYNC;
}

/*
 * In an RWP mapping a page is touched when the scan says ACCESSED.  A guard page
 * says so for ever: it is not there.
 */
static unsigned int bits_of(uint64_t categories)
{
	unsigned int bits = scan_bits_there(categories);

	return bits && categories & PAGE_IS_ACCESSED ? bits | PAGE_BIT_TOUCHED : bits;
}

/* With soft-dirty bits, cleared at the last sample, it is known how (kernel-facts 3). */
static unsigned int bits_told_apart(uint64_t categories)
{
	unsigned int bits = bits_of(categories);

	if (bits & PAGE_BIT_TOUCHED)
		bits |= categories & PAGE_IS_SOFT_DIRTY ? PAGE_BIT_WRITTEN : PAGE_BIT_ONLY_READ;
	return bits;
}

/*
 * A huge page is split where a part of it is armed otherwise than the rest
 * (change_huge_pmd, pgtable_split_needed): clear one small page and arm it again.
 */
static int split(struct tracker *t, struct range run)
{
	int rc = chunk_set_add(&t->split, run);

	for (uint64_t addr = run.start; addr < run.end && !rc; addr += HUGE_BYTES) {
		struct range first = { addr, addr + PAGE_BYTES };

		rc = scan_timed(t, uffd_rwp_clear, first);
		if (!rc)
			rc = scan_timed(t, uffd_rwprotect, first);
	}
	return rc;
}

/*
 * Huge pages that were just armed.  One of shared memory is out of the page tables
 * by that: until it is touched again nothing is there (mm/huge_memory.c,
 * __split_huge_pmd_locked on a file mapping), and then all of it.
 */
static int armed_huge(struct tracker *t, const struct mapping *map, const struct page_region *vec,
		      size_t nr)
{
	int rc = 0;

	for (size_t i = 0; i < nr && !rc; i++) {
		struct range run = { vec[i].start, vec[i].end };

		if ((bits_of(vec[i].categories) & (PAGE_BIT_HUGE | PAGE_BIT_PRESENT)) !=
		    (PAGE_BIT_HUGE | PAGE_BIT_PRESENT))
			continue;
		if (map->perms & PERM_SHARED)
			rc = absent_add(t, map, run);
		else if (t->exact)
			rc = split(t, run);
	}
	return rc;
}

/*
 * Arm the touched runs, adjacent ones in one call.  Cold gaps are not bridged:
 * that would hide an access made since the scan.
 */
static int arm_touched(struct tracker *t, const struct page_region *vec, size_t nr)
{
	struct range run = { 0 };
	int rc = 0;

	for (size_t i = 0; i < nr && !rc; i++) {
		if (!(bits_of(vec[i].categories) & PAGE_BIT_TOUCHED))
			continue;
		if (vec[i].start == run.end) {
			run.end = vec[i].end;
			continue;
		}
		if (!range_empty(run))
			rc = scan_timed(t, uffd_rwprotect, run);
		run = (struct range){ vec[i].start, vec[i].end };
	}
	if (!rc && !range_empty(run))
		rc = scan_timed(t, uffd_rwprotect, run);
	return rc;
}

static int arm_piece(const struct scan_piece *piece)
{
	struct tracker *t = piece->tracker;
	const bool apart = t->exact && !(piece->map->perms & PERM_SHARED);
	const struct scan_runs runs = {
		.vec = piece->vec,
		.nr = piece->nr,
		.bits = scan_bits_there,
		.hidden = apart && piece->unit_bytes == PAGE_BYTES ? PAGE_BIT_HUGE : 0,
	};
	int rc = scan_timed(t, uffd_rwprotect, piece->range);

	if (!rc && piece->unit_bytes == PAGE_BYTES)
		rc = armed_huge(t, piece->map, piece->vec, piece->nr);
	return rc ? rc : scan_tell(piece->sink, &runs, piece->range, 0);
}

static int rwp_arm(struct tracker *t, const struct mapping *map, struct armed *armed,
		   struct sink *sink)
{
	static const struct scan_mode mode = { uffd_register_rwp, uffd_rwp_clear, arm_piece };

	armed->sees = SEES_READS_WRITES;
	armed->told_apart = t->soft_dirty;
	return scan_arm(t, map, &mode, armed, sink);
}

/*
 * Only an RWP mapping shows ACCESSED pages, and only in one has a page the uffd
 * bit: one page of either sort proves that the mapping is still observed.
 * 1, 0, or a negative errno; 1 also when there is no page to ask.
 */
static int observed(struct tracker *t, struct range range)
{
	struct pagemap_query query = {
		.range = range,
		.mask = PAGE_IS_ACCESSED,
		.returned = PAGE_IS_ACCESSED | PAGE_IS_PRESENT,
		.max_pages = 1,
	};
	struct page_region page;
	uint64_t walked;
	ssize_t nr = scan(t, &query, &page, 1, &walked);

	if (nr)
		return nr < 0 ? (int)nr : 1;
	query.mask = PAGE_IS_PRESENT;
	nr = scan(t, &query, &page, 1, &walked);
	if (nr <= 0)
		return nr < 0 ? (int)nr : 1;
	nr = pagemap_is_armed(t->pagemap, page.start);
	if (nr)
		return (int)nr;
	/* Touched just now, or never armed? */
	query.mask = PAGE_IS_ACCESSED;
	query.range = (struct range){ page.start, page.start + PAGE_BYTES };
	return (int)scan(t, &query, &page, 1, &walked);
}

static int rwp_confirm(struct tracker *t, const struct mapping *map)
{
	int rc = observed(t, map->range);

	if (rc <= 0)
		return rc;
	/* A no-op where it is registered; where no page told, it makes it so. */
	rc = scan_register(t, map, uffd_register_rwp);
	return rc ? 0 : 1;
}

/* Is any page of the answer touched? Else one that is present and was not returned, if any. */
static bool answer_proves(const struct page_region *vec, size_t nr, struct range range,
			  uint64_t *witness)
{
	uint64_t at = range.start;

	*witness = 0;
	for (size_t i = 0; i < nr; i++) {
		if (bits_of(vec[i].categories) & PAGE_BIT_TOUCHED)
			return true;
		if (!*witness && at < vec[i].start)
			*witness = at;
		at = vec[i].end;
	}
	if (!*witness && at < range.end)
		*witness = at;
	return !*witness;
}

/*
 * Scan for what is touched or not present, so that a page that stayed cold is
 * never returned: it costs the kernel a look and wsstat nothing.  Addresses that
 * are not mapped would count as present; the maps were read just before.
 */
static ssize_t scan_changed(struct tracker *t, struct range range, uint64_t *walked)
{
	const struct pagemap_query query = {
		.range = range,
		.inverted = PAGE_IS_PRESENT,
		.anyof = PAGE_IS_PRESENT | PAGE_IS_ACCESSED,
		.returned = t->soft_dirty ? SEEN | PAGE_IS_SOFT_DIRTY : SEEN,
	};

	return scan(t, &query, t->vec, TRACK_VEC_LEN, walked);
}

static int collect_once(struct tracker *t, const struct mapping *map, struct range range,
			struct sink *sink, uint64_t *walked)
{
	struct absent absent = absent_sink(t, map, sink);
	ssize_t nr = scan_changed(t, range, walked);
	struct scan_runs runs = { .vec = t->vec,
				  .nr = (size_t)nr,
				  .bits = t->soft_dirty ? bits_told_apart : bits_of };
	uint64_t witness;
	int armed, rc;

	if (nr < 0)
		return (int)nr;
	fault_here(FAULT_SCANNED);
	range.end = *walked < range.end ? *walked : range.end;
	armed = arm_touched(t, t->vec, runs.nr);
	if (armed && armed != -ENOENT)
		return armed;
	if (!answer_proves(t->vec, runs.nr, range, &witness)) {
		rc = pagemap_is_armed(t->pagemap, witness);
		if (!rc)
			rc = observed(t, range);
		if (rc <= 0)
			return rc ? rc : TRACK_LOST;
	}
	rc = scan_tell(&absent.sink, &runs, range, PAGE_BIT_PRESENT);
	if (!rc && !armed)
		rc = armed_huge(t, map, t->vec, runs.nr);
	return rc && rc != -ENOENT ? rc : rc || armed ? TRACK_STALE : TRACK_OK;
}

static int rwp_collect(struct tracker *t, const struct mapping *map, struct range range,
		       struct sink *sink)
{
	int answer = TRACK_OK;

	for (uint64_t walked = range.start; walked < range.end; range.start = walked) {
		int rc = collect_once(t, map, range, sink, &walked);

		if (rc < 0 || rc == TRACK_LOST)
			return rc;
		answer = rc == TRACK_STALE ? rc : answer;
	}
	return answer;
}

/*
 * All writes from now on are of the next window.  One that falls between the scan of
 * its page and this is taken for a read, if the page is read in the next window.
 */
static int rwp_end(struct tracker *t, struct error *err)
{
	int64_t before = clock_boot_ns();
	int rc = 0;

	if (!t->soft_dirty)
		return 0;
	if (t->clear_refs < 0)
		t->clear_refs = proc_open_file(t->proc, "clear_refs", O_WRONLY, err);
	if (t->clear_refs < 0)
		return t->clear_refs;
	rc = soft_dirty_clear(t->clear_refs);
	t->ioctl_ns += clock_boot_ns() - before;
	return rc && rc != -ESRCH ? error_errno(err, -rc, "cannot write clear_refs") : rc;
}

const struct tracker_ops tracker_rwp = {
	.name = "rwp",
	.method = METHOD_RWP,
	.suits = rwp_suits,
	.arm = rwp_arm,
	.confirm = rwp_confirm,
	.collect = rwp_collect,
	.survey = scan_survey,
	.end = rwp_end,
	.disarm = scan_unregister,
};
