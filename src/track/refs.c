/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Method refs: the kernel's own reference bits, by clear_refs and the Referenced
 * lines of smaps.  Any kernel, any mapping, reads and writes, but one figure for a
 * region and no page ages; and it resets what reclaim goes by (kernel/clear_refs.h).
 * Only on request, or where nothing else works.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>

#include "base/clock.h"
#include "kernel/clear_refs.h"
#include "kernel/procfs.h"
#include "kernel/smaps.h"
#include "track/tracker.h"

static bool refs_suits(const struct tracker *t, const struct mapping *map)
{
	(void)t;
	(void)map;
	return true;
}

static int open_files(struct tracker *t, struct error *err)
{
	t->smaps = calloc(1, sizeof(*t->smaps));
	if (!t->smaps)
		return error_set(err, ERROR_FAILED, ENOMEM, "method refs");
	t->smaps_fd = proc_open_file(t->proc, "smaps", O_RDONLY, err);
	if (t->smaps_fd < 0)
		return t->smaps_fd;
	t->clear_refs = proc_open_file(t->proc, "clear_refs", O_WRONLY, err);
	return t->clear_refs < 0 ? t->clear_refs : 0;
}

/* All of smaps once a sample. */
static int refs_begin(struct tracker *t, struct error *err)
{
	int64_t before = clock_boot_ns();
	int rc = t->smaps ? 0 : open_files(t, err);

	if (!rc)
		rc = smaps_read(t->smaps, t->smaps_fd, err);
	t->ioctl_ns += clock_boot_ns() - before;
	if (!rc && !t->smaps->list.nr)
		return -ESRCH;
	return rc;
}

static int refs_end(struct tracker *t, struct error *err)
{
	int64_t before = clock_boot_ns();
	int rc = refs_clear(t->clear_refs);

	t->ioctl_ns += clock_boot_ns() - before;
	return rc && rc != -ESRCH ? error_errno(err, -rc, "cannot write clear_refs") : rc;
}

static int refs_arm(struct tracker *t, const struct mapping *map, struct armed *armed,
		    struct sink *sink)
{
	(void)t;
	(void)map;
	(void)sink;
	armed->sees = SEES_READS_WRITES;
	return TRACK_OK;
}

static int refs_confirm(struct tracker *t, const struct mapping *map)
{
	(void)t;
	(void)map;
	return 1;
}

/* The next `bytes` of range say bits. */
static int tell_bytes(struct sink *sink, struct range *range, uint64_t bytes, unsigned int bits)
{
	struct range run = { range->start, range->start + bytes };

	run = range_clip(run, *range);
	range->start = run.end;
	return range_empty(run) ? 0 : sink->run(sink, run, bits);
}

/*
 * How many pages, not which: those that were referenced are told as the first ones,
 * for somebody who only counts.
 */
static int refs_survey(struct tracker *t, const struct mapping *map, struct sink *sink)
{
	const struct smaps_entry *entry = smaps_find(&t->smaps->list, map->range.start);
	struct range left = map->range;
	uint64_t resident, referenced;
	int rc;

	if (!entry)
		return sink->run(sink, left, 0);
	resident = entry->rss_bytes + entry->hugetlb_bytes;
	referenced = entry->referenced_bytes < resident ? entry->referenced_bytes : resident;
	rc = tell_bytes(sink, &left, referenced, PAGE_BIT_PRESENT | PAGE_BIT_TOUCHED);
	if (!rc)
		rc = tell_bytes(sink, &left, resident - referenced, PAGE_BIT_PRESENT);
	if (!rc)
		rc = tell_bytes(sink, &left, entry->swap_bytes, PAGE_BIT_SWAPPED);
	return rc ? rc : tell_bytes(sink, &left, UINT64_MAX - left.start, 0);
}

static int refs_collect(struct tracker *t, const struct mapping *map, struct range range,
			struct sink *sink)
{
	(void)range;
	return refs_survey(t, map, sink);
}

static void refs_disarm(struct tracker *t, struct range range)
{
	(void)t;
	(void)range;
}

const struct tracker_ops tracker_refs = {
	.name = "refs",
	.method = METHOD_REFS,
	.suits = refs_suits,
	.begin = refs_begin,
	.arm = refs_arm,
	.confirm = refs_confirm,
	.collect = refs_collect,
	.survey = refs_survey,
	.end = refs_end,
	.disarm = refs_disarm,
};
