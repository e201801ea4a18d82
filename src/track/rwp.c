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
#include <string.h>

#include "base/clock.h"
#include "base/fault.h"
#include "kernel/pagemap.h"
#include "kernel/uffd.h"
#include "track/tracker.h"

#define VEC_LEN 32768u
#define ARM_PAGES 16384u /* populated pages armed in one call: 64 MiB of 4 KiB pages */
#define ARM_BYTES ((uint64_t)ARM_PAGES * PAGE_BYTES)

#define SEEN (PAGE_IS_PRESENT | PAGE_IS_SWAPPED | PAGE_IS_PFNZERO | PAGE_IS_HUGE)

struct rwp {
	struct page_region vec[VEC_LEN];
};

static int rwp_open(struct tracker *t, struct error *err)
{
	int rc;

	t->state = malloc(sizeof(struct rwp));
	if (!t->state)
		return error_set(err, ERROR_FAILED, ENOMEM, "method rwp");
	rc = uffd_api(t->uffd, UFFD_FEATURE_RWP | UFFD_FEATURE_RWP_ASYNC, NULL);
	if (rc)
		return error_set(err, ERROR_UNSUPPORTED, -rc,
				 "this kernel's userfaultfd has no async RWP");
	return 0;
}

/*
 * In an RWP mapping a page is touched when the scan says ACCESSED.  A guard page
 * (MADV_GUARD_INSTALL) says so for ever, and SWAPPED too: it is neither.
 */
static unsigned int bits_of(uint64_t categories)
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
	bits |= categories & PAGE_IS_ACCESSED ? PAGE_BIT_TOUCHED : 0;
	bits |= categories & PAGE_IS_PFNZERO ? PAGE_BIT_ZERO : 0;
	bits |= categories & PAGE_IS_HUGE ? PAGE_BIT_HUGE : 0;
	return bits;
}

/* Told by runs, and the pages between them, which say `gap`. */
static int tell(struct sink *sink, const struct page_region *vec, size_t nr, struct range whole,
		unsigned int gap)
{
	uint64_t at = whole.start;
	int rc = 0;

	for (size_t i = 0; i < nr && !rc; i++) {
		struct range run = range_clip((struct range){ vec[i].start, vec[i].end }, whole);

		if (range_empty(run))
			continue;
		if (at < run.start)
			rc = sink->run(sink, (struct range){ at, run.start }, gap);
		if (!rc)
			rc = sink->run(sink, run, bits_of(vec[i].categories));
		at = run.end;
	}
	if (!rc && at < whole.end)
		rc = sink->run(sink, (struct range){ at, whole.end }, gap);
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
			rc = uffd_rwprotect(t->uffd, run);
		run = (struct range){ vec[i].start, vec[i].end };
	}
	if (!rc && !range_empty(run))
		rc = uffd_rwprotect(t->uffd, run);
	return rc;
}

/*
 * Resident and swapped pages of [*at, end) up to a limit that keeps the lock
 * short; *walked is how far the answer goes.
 */
static ssize_t look(struct tracker *t, struct range range, uint64_t max_pages, uint64_t *walked)
{
	const struct pagemap_query query = {
		.range = range,
		.anyof = PAGE_IS_PRESENT | PAGE_IS_SWAPPED,
		.returned = SEEN | PAGE_IS_GUARD,
		.max_pages = max_pages,
	};
	struct rwp *rwp = t->state;
	int64_t before = clock_boot_ns();
	ssize_t nr = pagemap_scan(t->pagemap, &query, rwp->vec, VEC_LEN, walked);

	t->ioctl_ns += clock_boot_ns() - before;
	return nr;
}

static int timed(struct tracker *t, int (*call)(int, struct range), struct range range)
{
	int64_t before = clock_boot_ns();
	int rc = call(t->uffd, range);

	t->ioctl_ns += clock_boot_ns() - before;
	return rc;
}

/*
 * Can this mapping hold hugetlb pages, which are armed whole?  The name does not
 * tell, so a page's worth is cleared at the start: nothing is armed there yet, and
 * only hugetlb refuses (-EINVAL) what is smaller than its page.  Not tried on
 * anonymous memory, where it would split a transparent huge page.
 */
static uint64_t probe_unit(struct tracker *t, const struct mapping *map)
{
	static const uint64_t sizes[] = { PAGE_BYTES, UINT64_C(2) << 20, UINT64_C(1) << 30 };

	if (!map->inode)
		return PAGE_BYTES;
	for (unsigned int i = 0; i < ARRAY_LEN(sizes); i++) {
		struct range first = { map->range.start, map->range.start + sizes[i] };

		if (first.end <= map->range.end && timed(t, uffd_rwp_clear, first) != -EINVAL)
			return sizes[i];
	}
	return PAGE_BYTES;
}

/*
 * Arming a huge page of shared memory takes it out of the page tables: until it is
 * touched again it is not resident here (mm/huge_memory.c, __split_huge_pmd_locked
 * on a file mapping).
 */
static uint64_t huge_bytes(const struct page_region *vec, size_t nr)
{
	uint64_t bytes = 0;

	for (size_t i = 0; i < nr; i++)
		if (bits_of(vec[i].categories) & PAGE_BIT_HUGE)
			bytes += vec[i].end - vec[i].start;
	return bytes;
}

/*
 * One piece: learn what is there, arm it.  It ends at a huge page's border, so
 * that none is split; *end is where.
 */
static int arm_piece(struct tracker *t, const struct mapping *map, struct range range,
		     uint64_t unit, struct sink *sink, uint64_t *end)
{
	uint64_t align = unit > HUGE_BYTES ? unit : HUGE_BYTES;
	uint64_t walked = range.end;
	struct rwp *rwp = t->state;
	ssize_t nr;
	int rc;

	if (unit > PAGE_BYTES && range_bytes(range) > ARM_BYTES + align)
		range.end = (range.start + ARM_BYTES + align) & ~(align - 1);
	nr = look(t, range, unit > PAGE_BYTES ? 0 : ARM_PAGES, &walked);
	if (nr < 0)
		return (int)nr;
	*end = range.end;
	if (walked < range.end && (walked & ~(align - 1)) > range.start)
		*end = walked & ~(align - 1);
	range.end = *end;
	rc = timed(t, uffd_rwprotect, range);
	if (map->perms & PERM_SHARED && unit == PAGE_BYTES)
		t->unmapped_bytes += huge_bytes(rwp->vec, (size_t)nr);
	return rc ? rc : tell(sink, rwp->vec, (size_t)nr, range, 0);
}

static int rwp_arm(struct tracker *t, const struct mapping *map, uint64_t *unit_bytes, int *refusal,
		   struct sink *sink)
{
	int rc = timed(t, uffd_register_rwp, map->range);
	uint64_t walked;

	if (rc == -ENOMEM && look(t, map->range, 1, &walked) == -ESRCH)
		return -ESRCH; /* what REGISTER says when the memory is gone */
	if (rc) {
		*refusal = -rc;
		return TRACK_REFUSED;
	}
	fault_here(FAULT_REGISTERED);
	*unit_bytes = probe_unit(t, map);
	for (struct range left = map->range; !range_empty(left) && !rc;)
		rc = arm_piece(t, map, left, *unit_bytes, sink, &left.start);
	fault_here(FAULT_ARMED);
	if (rc != -ENOENT && rc != -EINVAL)
		return rc;
	*refusal = -rc; /* the mapping went away between two calls: the next sample sees what is */
	return TRACK_REFUSED;
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
	ssize_t nr = pagemap_scan(t->pagemap, &query, &page, 1, &walked);

	if (nr)
		return nr < 0 ? (int)nr : 1;
	query.mask = PAGE_IS_PRESENT;
	nr = pagemap_scan(t->pagemap, &query, &page, 1, &walked);
	if (nr <= 0)
		return nr < 0 ? (int)nr : 1;
	nr = pagemap_is_armed(t->pagemap, page.start);
	if (nr)
		return (int)nr;
	/* Touched just now, or never armed? */
	query.mask = PAGE_IS_ACCESSED;
	query.range = (struct range){ page.start, page.start + PAGE_BYTES };
	return (int)pagemap_scan(t->pagemap, &query, &page, 1, &walked);
}

static int rwp_confirm(struct tracker *t, struct range range)
{
	int64_t before = clock_boot_ns();
	int rc = observed(t, range);

	t->ioctl_ns += clock_boot_ns() - before;
	if (rc <= 0)
		return rc;
	/* A no-op where it is registered; where no page told, it makes it so. */
	rc = timed(t, uffd_register_rwp, range);
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
		.returned = SEEN | PAGE_IS_GUARD | PAGE_IS_ACCESSED,
	};
	struct rwp *rwp = t->state;

	return pagemap_scan(t->pagemap, &query, rwp->vec, VEC_LEN, walked);
}

static int collect_once(struct tracker *t, struct range range, struct sink *sink, uint64_t *walked)
{
	struct rwp *rwp = t->state;
	int64_t before = clock_boot_ns();
	ssize_t nr = scan_changed(t, range, walked);
	uint64_t witness;
	int armed, rc;

	if (nr < 0)
		return (int)nr;
	fault_here(FAULT_SCANNED);
	range.end = *walked < range.end ? *walked : range.end;
	armed = arm_touched(t, rwp->vec, (size_t)nr);
	t->ioctl_ns += clock_boot_ns() - before;
	if (armed && armed != -ENOENT)
		return armed;
	if (!answer_proves(rwp->vec, (size_t)nr, range, &witness)) {
		rc = pagemap_is_armed(t->pagemap, witness);
		if (!rc)
			rc = observed(t, range);
		if (rc <= 0)
			return rc ? rc : TRACK_LOST;
	}
	rc = tell(sink, rwp->vec, (size_t)nr, range, PAGE_BIT_PRESENT);
	return rc ? rc : armed ? TRACK_STALE : TRACK_OK;
}

static int rwp_collect(struct tracker *t, struct range range, struct sink *sink)
{
	int answer = TRACK_OK;

	for (uint64_t walked = range.start; walked < range.end; range.start = walked) {
		int rc = collect_once(t, range, sink, &walked);

		if (rc < 0 || rc == TRACK_LOST)
			return rc;
		answer = rc == TRACK_STALE ? rc : answer;
	}
	return answer;
}

static int rwp_survey(struct tracker *t, const struct mapping *map, struct sink *sink)
{
	struct rwp *rwp = t->state;

	for (struct range left = map->range; !range_empty(left);) {
		uint64_t walked = left.end;
		ssize_t nr = look(t, left, ARM_PAGES, &walked);
		int rc;

		if (nr < 0)
			return (int)nr;
		rc = tell(sink, rwp->vec, (size_t)nr, (struct range){ left.start, walked }, 0);
		if (rc)
			return rc;
		left.start = walked;
	}
	return 0;
}

static void rwp_disarm(struct tracker *t, struct range range)
{
	(void)timed(t, uffd_unregister, range);
}

static void rwp_close(struct tracker *t)
{
	util_close(&t->uffd); /* the kernel disarms what is left (userfaultfd_release) */
	util_close(&t->pagemap);
	t->uffd = t->pagemap = -1;
	free(t->state);
	t->state = NULL;
}

const struct tracker_ops tracker_rwp = {
	.name = "rwp",
	.method = METHOD_RWP,
	.sees = SEES_READS_WRITES,
	.open = rwp_open,
	.arm = rwp_arm,
	.confirm = rwp_confirm,
	.collect = rwp_collect,
	.survey = rwp_survey,
	.disarm = rwp_disarm,
	.close = rwp_close,
};
