/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "out/text_parts.h"

#include <errno.h>
#include <inttypes.h>

#include "out/buckets.h"
#include "out/words.h"

#define WIDE 92 /* columns for all of the figures in one line */
#define LEAD 8	/* indent of what belongs to a block's first line */

/* "wsstat  redis-server[4242]", which every record but an event begins with. */
int text_begin(const struct output *out, struct flow *flow, const char *comm, int pid)
{
	auto_free char *shown = words_printable(comm, out->utf8);

	if (!shown)
		return -ENOMEM;
	*flow = flow_begin(out->stream, out->columns, LEAD, 2);
	flow_add(flow, "wsstat");
	flow_add(flow, "%s[%d]", shown, pid);
	return 0;
}

/* A method of the sample, with the smallest and the largest unit of its regions. */
struct in_use {
	enum region_sees sees;
	uint64_t min_bytes, max_bytes; /* 0: the mapping as a whole */
};

static void note_use(struct in_use *use, const struct snapshot_region *region)
{
	if (use->sees == SEES_NOTHING || region->unit_bytes < use->min_bytes)
		use->min_bytes = region->unit_bytes;
	if (region->unit_bytes > use->max_bytes)
		use->max_bytes = region->unit_bytes;
	use->sees = region->sees;
}

/* "rwp (reads+writes, 4 KiB to 2 MiB)" */
static void add_method(struct flow *flow, enum region_method method, const struct in_use *use)
{
	const char *name = region_method_name(method), *sees = region_sees_name(use->sees);
	char min[FORMAT_LEN], max[FORMAT_LEN];

	words_unit(min, use->min_bytes);
	words_unit(max, use->max_bytes);
	if (!use->max_bytes)
		flow_add(flow, "%s (%s, by mapping)", name, sees);
	else if (use->min_bytes == use->max_bytes)
		flow_add(flow, "%s (%s, %s)", name, sees, min);
	else
		flow_add(flow, "%s (%s, %s to %s)", name, sees, min, max);
}

static void add_methods(struct flow *flow, const struct snapshot *snap)
{
	struct in_use used[METHOD_NR] = { 0 };

	for (unsigned int i = 0; i < snap->nr_regions; i++)
		if (buckets_known(&snap->regions[i]))
			note_use(&used[snap->regions[i].method], &snap->regions[i]);
	for (unsigned int i = METHOD_NONE + 1; i < METHOD_NR; i++)
		if (used[i].sees != SEES_NOTHING)
			add_method(flow, i, &used[i]);
}

int text_title(const struct output *out, const struct snapshot *snap)
{
	char elapsed[FORMAT_LEN], window[FORMAT_LEN], late[FORMAT_LEN];
	struct flow flow;
	int ret = text_begin(out, &flow, snap->comm, snap->pid);

	if (ret < 0)
		return ret;
	flow_add(&flow, "sample %u", snap->sample);
	flow_add(&flow, "%s", words_seconds(elapsed, snap->elapsed_ns));
	flow_add(&flow, "window %s", words_seconds(window, snap->window_ns));
	add_methods(&flow, snap);
	if (snap->late_ns)
		flow_add(&flow, "late by %s", words_seconds(late, snap->late_ns));
	flow_end(&flow);
	return 0;
}

static void print_reads_writes(const struct output *out, const struct snapshot *snap)
{
	const struct figures *figures = &snap->figures;
	struct flow flow = flow_begin(out->stream, out->columns, 0, 3);
	char size[FORMAT_LEN], share[FORMAT_LEN];

	flow_add(&flow, "resident %s", format_bytes(size, snap->resident_bytes));
	if (out->columns >= WIDE)
		flow_add_figure(&flow, "tracked", &snap->tracked_bytes, snap->resident_bytes);
	else
		flow_add(&flow, "tracked %s",
			 format_percent(share, snap->tracked_bytes, snap->resident_bytes));
	flow_add_figure(&flow, "hot", snap->tracked ? &figures->hot_bytes : NULL,
			snap->resident_bytes);
	if (out->verbose && out->columns >= WIDE)
		flow_add_figure(&flow, "warm", snap->ages ? &figures->warm_bytes : NULL,
				snap->resident_bytes);
	flow_add_figure(&flow, "cold", snap->ages ? &figures->cold_bytes : NULL,
			snap->resident_bytes);
	flow_end(&flow);
}

/* Reads told from writes; what was touched in a way that is not known, if anything was. */
static void print_ways(const struct output *out, const struct snapshot *snap)
{
	const struct figures *figures = &snap->figures;
	uint64_t rest = figures->hot_bytes - figures->written_bytes - figures->only_read_bytes;
	struct flow flow = flow_begin(out->stream, out->columns, LEAD, 3);
	char size[FORMAT_LEN];

	flow_add(&flow, "of hot: written %s", format_bytes(size, figures->written_bytes));
	flow_add(&flow, "only read %s", format_bytes(size, figures->only_read_bytes));
	if (rest)
		flow_add(&flow, "not known %s", format_bytes(size, rest));
	flow_end(&flow);
}

/* Never hot or cold: what is only read looks unwritten. */
void text_writes_only(const struct output *out, const struct snapshot *snap)
{
	const struct figures *writes = &snap->writes;
	struct flow flow = flow_begin(out->stream, out->columns, LEAD, 3);
	char size[FORMAT_LEN];

	if (!writes->tracked_bytes)
		return;
	if (out->columns >= WIDE)
		flow_add_figure(&flow, "writes only:", &writes->tracked_bytes,
				snap->resident_bytes);
	else
		flow_add(&flow, "writes only: %s", format_bytes(size, writes->tracked_bytes));
	flow_add_figure(&flow, "written", &writes->hot_bytes, snap->resident_bytes);
	flow_add_figure(&flow, "unwritten", &writes->cold_bytes, snap->resident_bytes);
	flow_end(&flow);
}

void text_reason(const struct output *out, bool tracked, bool ages)
{
	if (!tracked)
		fprintf(out->stream, "n/a: %s\n", WORDS_NOTHING_SEEN);
	else if (!ages)
		fprintf(out->stream, "n/a: %s\n", WORDS_NO_AGES);
}

void text_figures(const struct output *out, const struct snapshot *snap)
{
	print_reads_writes(out, snap);
	if (snap->tracked && snap->told_apart)
		print_ways(out, snap);
	text_writes_only(out, snap);
	text_reason(out, snap->tracked, snap->ages);
}

void text_untracked(const struct output *out, const struct snapshot *snap)
{
	struct flow flow = flow_begin(out->stream, out->columns, LEAD, 1);
	const char *lead = "untracked: ";
	char size[FORMAT_LEN];

	flow.mark = ",";
	for (unsigned int i = REASON_NONE + 1; i < REASON_NR; i++) {
		if (!snap->untracked_bytes[i])
			continue;
		flow_add(&flow, "%s%s %s", lead, format_bytes(size, snap->untracked_bytes[i]),
			 region_reason_name(i));
		lead = "";
	}
	if (!*lead)
		flow_end(&flow);
}

/* What stands beside the books, and what they do not show; nothing if nothing. */
void text_beside(const struct output *out, const struct snapshot *snap)
{
	uint64_t zero_bytes = snap->figures.zero_bytes + snap->writes.zero_bytes;
	uint64_t huge_bytes = snap->figures.huge_bytes + snap->writes.huge_bytes;
	struct flow flow = flow_begin(out->stream, out->columns, LEAD, 3);
	char size[FORMAT_LEN];

	if (snap->swapped_bytes)
		flow_add(&flow, "swapped: %s", format_bytes(size, snap->swapped_bytes));
	if (zero_bytes)
		flow_add(&flow, "zero page: %s", format_bytes(size, zero_bytes));
	if (huge_bytes)
		flow_add(&flow, "%s seen in 2 MiB units", format_bytes(size, huge_bytes));
	if (flow.begun)
		flow_end(&flow);
}

/* "0.05% of a CPU": wsstat's share is mostly below a tenth of a percent. */
static char *cpu_share(char buf[FORMAT_LEN], int64_t cpu_ns, int64_t over_ns)
{
	double percent = over_ns > 0 ? 100.0 * (double)cpu_ns / (double)over_ns : 0;

	snprintf(buf, FORMAT_LEN, "%.2f%% of a CPU", percent);
	return buf;
}

/* "2.1% of the target's 4.2 s": what wsstat used for each second that the target ran. */
static void add_target_share(struct flow *flow, const struct cost *cost)
{
	char used[FORMAT_LEN];

	if (!cost->target_cpu_known)
		return;
	if (cost->target_cpu_ns)
		flow_add(flow, "%.1f%% of the target's %s",
			 100.0 * (double)cost->cpu_ns / (double)cost->target_cpu_ns,
			 format_duration(used, cost->target_cpu_ns));
	else
		flow_add(flow, "the target used none");
}

/* "stopped 104 us", "stopped 1.2 ms in 13 stops, the longest 104 us" */
static void add_stops(struct flow *flow, const struct cost *cost)
{
	char all[FORMAT_LEN], longest[FORMAT_LEN];

	if (!cost->stopped_ns)
		return;
	format_duration(all, cost->stopped_ns);
	if (cost->stops > 1)
		flow_add(flow, "stopped %s in %" PRIu64 " stops, the longest %s", all, cost->stops,
			 format_duration(longest, cost->longest_stop_ns));
	else
		flow_add(flow, "stopped %s", all);
}

/* over_ns: the time in which it was spent. */
void text_cost(const struct output *out, const struct cost *cost, int64_t over_ns)
{
	struct flow flow = flow_begin(out->stream, out->columns, LEAD, 3);
	char ioctls[FORMAT_LEN], cpu[FORMAT_LEN], share[FORMAT_LEN], other[FORMAT_LEN];

	flow_add(&flow, "cost: ioctls %s", format_duration(ioctls, cost->ioctl_ns));
	flow_add(&flow, "faults %" PRIu64, cost->faults);
	add_stops(&flow, cost);
	flow_add(&flow, "wsstat %s (%s)", format_duration(cpu, cost->cpu_ns),
		 cpu_share(share, cost->cpu_ns, over_ns));
	add_target_share(&flow, cost);
	if (cost->lost_access_bound_bytes)
		flow_add(&flow, "accesses unseen: at most %s",
			 format_bytes(other, cost->lost_access_bound_bytes));
	flow_end(&flow);
}
