/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Method refs: the kernel's own reference information, by clear_refs and smaps.  Any
 * kernel, any mapping but hugetlb, no userfaultfd and no stop; but only a sum for each
 * mapping.  Which pages those are is not known: the sink hears of as many from the
 * mapping's start on, for counting, never for ages.
 *
 * All mappings are read at once and cleared right after (kernel/clear_refs.h tells what
 * that does).  What is accessed between the two, and not before, goes unseen.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>

#include "base/clock.h"
#include "kernel/clear_refs.h"
#include "kernel/procfs.h"
#include "kernel/smaps.h"
#include "track/tracker.h"

/* Bytes of a mapping. */
struct usage {
	uint64_t referenced, resident, swapped;
	bool hugetlb;
};

static uint64_t at_most(uint64_t bytes, uint64_t limit)
{
	return bytes < limit ? bytes : limit;
}

/*
 * maps was read before smaps: mappings may have been split or merged since.  Each of
 * smaps counts where it begins, and never for more than there is room.
 */
static struct usage usage_of(const struct tracker *t, const struct mapping *map)
{
	const struct smaps_list *list = &t->smaps->list;
	uint64_t room = range_bytes(map->range);
	struct usage usage = { 0 };

	for (size_t i = smaps_first(list, map->range.start);
	     i < list->nr && list->at[i].range.start < map->range.end; i++) {
		const struct smaps_entry *entry = &list->at[i];

		if (entry->range.start < map->range.start)
			continue;
		usage.resident += entry->rss_bytes + entry->hugetlb_bytes;
		usage.referenced += entry->referenced_bytes;
		usage.swapped += entry->swap_bytes;
		usage.hugetlb |= entry->flags & SMAPS_HUGETLB;
	}
	usage.resident = at_most(usage.resident, room);
	usage.referenced = at_most(usage.referenced, usage.resident);
	usage.swapped = at_most(usage.swapped, room - usage.resident);
	return usage;
}

/* Of range, which is map or a piece of it. */
static int tell(struct sink *sink, const struct mapping *map, struct range range,
		const struct usage *usage)
{
	const uint64_t start = map->range.start, there = start + usage->resident;
	const struct {
		uint64_t end;
		unsigned int bits;
	} runs[] = {
		{ start + usage->referenced, PAGE_BIT_PRESENT | PAGE_BIT_TOUCHED },
		{ there, PAGE_BIT_PRESENT },
		{ there + usage->swapped, PAGE_BIT_SWAPPED },
		{ map->range.end, 0 },
	};
	struct range run = { .end = start };
	int rc = 0;

	for (unsigned int i = 0; i < ARRAY_LEN(runs) && !rc; i++) {
		struct range part;

		run = (struct range){ run.end, runs[i].end };
		part = range_clip(run, range);
		if (!range_empty(part))
			rc = sink->run(sink, part, runs[i].bits);
	}
	return rc;
}

static bool refs_suits(const struct tracker *t, const struct mapping *map)
{
	(void)t;
	return region_classify(map) != KIND_HUGETLB;
}

/* smaps tells no references of hugetlb pages. */
static int refs_arm(struct tracker *t, const struct mapping *map, struct armed *armed,
		    struct sink *sink)
{
	(void)sink; /* who only counts asks survey() */
	if (usage_of(t, map).hugetlb) {
		armed->refusal = EINVAL;
		return TRACK_REFUSED;
	}
	armed->sees = SEES_READS_WRITES;
	armed->unit_bytes = PAGE_BYTES;
	return TRACK_OK;
}

/* The information is in the page tables, whatever became of the bounds. */
static int refs_confirm(struct tracker *t, const struct mapping *map)
{
	(void)t;
	(void)map;
	return 1;
}

/* From smaps as well: there is no PAGEMAP_SCAN before Linux 6.7. */
static int refs_survey(struct tracker *t, const struct mapping *map, struct sink *sink)
{
	struct usage usage = usage_of(t, map);

	return tell(sink, map, map->range, &usage);
}

static int refs_collect(struct tracker *t, const struct mapping *map, struct range range,
			struct sink *sink)
{
	struct usage usage = usage_of(t, map);

	return tell(sink, map, range, &usage);
}

static int open_file(const struct tracker *t, const char *name, int flags, struct error *err)
{
	int fd = proc_open_file(t->proc, name, flags, err);

	return fd < 0 && err->kind == ERROR_GONE ? -ESRCH : fd;
}

static int refs_open(struct tracker *t, struct error *err)
{
	if (!t->smaps)
		t->smaps = calloc(1, sizeof(*t->smaps));
	if (!t->smaps)
		return error_set(err, ERROR_FAILED, ENOMEM, "cannot observe the target");
	if (t->smaps_fd < 0)
		t->smaps_fd = open_file(t, "smaps", O_RDONLY, err);
	if (t->smaps_fd < 0)
		return t->smaps_fd;
	if (t->clear_refs < 0)
		t->clear_refs = open_file(t, "clear_refs", O_WRONLY, err);
	return t->clear_refs < 0 ? t->clear_refs : 0;
}

static int read_and_clear(struct tracker *t, struct error *err)
{
	int rc = smaps_read(t->smaps, t->smaps_fd, err);

	if (rc)
		return rc;
	if (!t->smaps->list.nr)
		return -ESRCH; /* exec or exit: clear_refs would be another memory's */
	rc = refs_clear(t->clear_refs);
	if (rc && rc != -ESRCH)
		error_errno(err, -rc, "cannot clear the reference information of process %d",
			    t->proc->pid);
	return rc;
}

static int refs_begin(struct tracker *t, struct error *err)
{
	int rc = refs_open(t, err);
	int64_t before;

	if (rc)
		return rc;
	before = clock_boot_ns();
	rc = read_and_clear(t, err);
	t->ioctl_ns += clock_boot_ns() - before;
	return rc;
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
	.arm = refs_arm,
	.confirm = refs_confirm,
	.collect = refs_collect,
	.survey = refs_survey,
	.begin = refs_begin,
	.disarm = refs_disarm,
};
