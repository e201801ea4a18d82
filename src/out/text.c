/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The form for people: a block for each sample, as wide as the terminal, to be
 * read without colour.  Names of the target go through words_printable().
 *
 * An event's text says what happened; of region events the range and the name
 * follow it here, of others the name stands in where there is no text.
 */
#include "config.h"

#include "out/output.h"

#include <errno.h>
#include <inttypes.h>

#include "out/buckets.h"
#include "out/decision_table.h"
#include "out/features_text.h"
#include "out/flow.h"
#include "out/habits.h"
#include "out/idle_table.h"
#include "out/map_table.h"
#include "out/page_list.h"
#include "out/words.h"

#define WIDE 92 /* columns for all of the figures in one line */
#define LEAD 8	/* indent of what belongs to a block's first line */

/* "wsstat  redis-server[4242]", which every record but an event begins with. */
static int begin(const struct output *out, struct flow *flow, const char *comm, int pid)
{
	auto_free char *shown = words_printable(comm, out->utf8);

	if (!shown)
		return -ENOMEM;
	*flow = flow_begin(out->stream, out->columns, LEAD, 2);
	flow_add(flow, "wsstat");
	flow_add(flow, "%s[%d]", shown, pid);
	return 0;
}

static int text_header(struct output *out, const struct run_info *info)
{
	char interval[FORMAT_LEN], cold[FORMAT_LEN], stopped[FORMAT_LEN];
	struct flow flow;
	int ret = begin(out, &flow, info->comm, info->pid);

	if (ret < 0)
		return ret;
	if (info->launched)
		flow_add(&flow, "launched");
	else if (info->parent_pid)
		flow_add(&flow, "child of %d, stopped for %s", info->parent_pid,
			 format_duration(stopped, info->stopped_ns));
	else
		flow_add(&flow, "attached, stopped for %s",
			 format_duration(stopped, info->stopped_ns));
	flow_add(&flow, "every %s", format_duration(interval, info->interval_ns));
	flow_add(&flow, "cold after %s", format_duration(cold, info->cold_after_ns));
	flow_add(&flow, "kernel %s", info->kernel);
	if (info->method != METHOD_NONE && info->method != METHOD_REPLAY)
		flow_add(&flow, "method %s", region_method_name(info->method));
	if (info->exact)
		flow_add(&flow, "huge pages split");
	if (info->soft_dirty)
		flow_add(&flow, "writes told by soft-dirty");
	flow_end(&flow);
	fputc('\n', out->stream);
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

static int print_title(const struct output *out, const struct snapshot *snap)
{
	char elapsed[FORMAT_LEN], window[FORMAT_LEN], late[FORMAT_LEN];
	struct flow flow;
	int ret = begin(out, &flow, snap->comm, snap->pid);

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
static void print_writes_only(const struct output *out, const struct snapshot *snap)
{
	const struct figures *writes = &snap->writes;
	struct flow flow = flow_begin(out->stream, out->columns, LEAD, 3);
	char size[FORMAT_LEN];

	if (out->columns >= WIDE)
		flow_add_figure(&flow, "writes only:", &writes->tracked_bytes,
				snap->resident_bytes);
	else
		flow_add(&flow, "writes only: %s", format_bytes(size, writes->tracked_bytes));
	flow_add_figure(&flow, "written", &writes->hot_bytes, snap->resident_bytes);
	flow_add_figure(&flow, "unwritten", &writes->cold_bytes, snap->resident_bytes);
	flow_end(&flow);
}

static void print_reason(const struct output *out, bool tracked, bool ages)
{
	if (!tracked)
		fprintf(out->stream, "n/a: %s\n", WORDS_NOTHING_SEEN);
	else if (!ages)
		fprintf(out->stream, "n/a: %s\n", WORDS_NO_AGES);
}

static void print_figures(const struct output *out, const struct snapshot *snap)
{
	print_reads_writes(out, snap);
	if (snap->tracked && snap->told_apart)
		print_ways(out, snap);
	if (snap->writes.tracked_bytes)
		print_writes_only(out, snap);
	print_reason(out, snap->tracked, snap->ages);
	fputc('\n', out->stream);
}

static void print_decision(const struct output *out, const struct snapshot *snap)
{
	if (!snap->decision || !snap->ages || !snap->decision->nr)
		return;
	decision_table_print(out->stream, snap->decision);
	fputc('\n', out->stream);
}

/* All that is hot or cold first, then what is only known to be written or not. */
static void print_histograms(const struct output *out, const struct snapshot *snap)
{
	idle_table_print(out, snap);
	if (snap->ages)
		habits_print(out, snap, &snap->figures, &(struct habits_how){ .retouched = true });
	if (snap->ages && snap->writes.tracked_bytes)
		fputc('\n', out->stream);
	idle_table_print_writes(out, snap);
}

static void print_untracked(const struct output *out, const struct snapshot *snap)
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
static void print_beside(const struct output *out, const struct snapshot *snap)
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

/* How full the huge pages are that --exact split. */
static void print_exact(const struct output *out, const struct snapshot *snap)
{
	char touched[FORMAT_LEN], backed[FORMAT_LEN], share[FORMAT_LEN];

	if (snap->huge_backed_bytes)
		fprintf(out->stream, "huge pages: %s touched of %s backed (%s)\n",
			format_bytes(touched, snap->huge_touched_bytes),
			format_bytes(backed, snap->huge_backed_bytes),
			format_percent(share, snap->huge_touched_bytes, snap->huge_backed_bytes));
	else
		fprintf(out->stream, "huge pages: none\n");
}

/* "0.05% of a CPU": wsstat's share is mostly below a tenth of a percent. */
static char *cpu_share(char buf[FORMAT_LEN], int64_t cpu_ns, int64_t over_ns)
{
	double percent = over_ns > 0 ? 100.0 * (double)cpu_ns / (double)over_ns : 0;

	snprintf(buf, FORMAT_LEN, "%.2f%% of a CPU", percent);
	return buf;
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
static void print_cost(const struct output *out, const struct cost *cost, int64_t over_ns)
{
	struct flow flow = flow_begin(out->stream, out->columns, LEAD, 3);
	char ioctls[FORMAT_LEN], cpu[FORMAT_LEN], share[FORMAT_LEN], other[FORMAT_LEN];

	flow_add(&flow, "cost: ioctls %s", format_duration(ioctls, cost->ioctl_ns));
	flow_add(&flow, "faults %" PRIu64, cost->faults);
	add_stops(&flow, cost);
	flow_add(&flow, "wsstat %s (%s)", format_duration(cpu, cost->cpu_ns),
		 cpu_share(share, cost->cpu_ns, over_ns));
	if (cost->lost_access_bound_bytes)
		flow_add(&flow, "accesses unseen: at most %s",
			 format_bytes(other, cost->lost_access_bound_bytes));
	flow_end(&flow);
}

static int text_sample(struct output *out, const struct snapshot *snap)
{
	int ret = print_title(out, snap);

	if (ret < 0)
		return ret;
	print_figures(out, snap);
	print_histograms(out, snap);
	print_untracked(out, snap);
	print_beside(out, snap);
	if (out->info.exact)
		print_exact(out, snap);
	fputc('\n', out->stream);
	ret = map_table_print(out, snap);
	if (ret < 0)
		return ret;
	print_decision(out, snap);
	print_cost(out, &snap->cost, snap->window_ns);
	fputc('\n', out->stream);
	return 0;
}

static int text_event(struct output *out, const struct event *event)
{
	auto_free char *name = words_printable(event->name ? event->name : "", out->utf8);
	auto_free char *text = words_printable(event->text ? event->text : "", out->utf8);
	bool of_region = !range_empty(event->range);
	char elapsed[FORMAT_LEN];

	if (!name || !text)
		return -ENOMEM;
	if (of_region && !out->verbose)
		return 0;
	fprintf(out->stream, "event   ");
	if (out->info.several)
		fprintf(out->stream, "[%d]  ", event->pid);
	fprintf(out->stream, "%s  %s: %s", words_seconds(elapsed, event->elapsed_ns),
		event_name(event->kind), *text ? text : name);
	if (of_region)
		fprintf(out->stream, "  %" PRIx64 "-%" PRIx64 "  %s", event->range.start,
			event->range.end, *name ? name : "anonymous");
	fputc('\n', out->stream);
	return 0;
}

struct summary_row {
	const char *name;
	bool shown;
	bool seen;	   /* "n/a" where it could not be seen */
	uint64_t bytes[4]; /* mean, min, max, last */
	bool known[4];	   /* "-" where nobody counted it */
};

static void print_summary_row(const struct output *out, const struct summary_row *row)
{
	char size[FORMAT_LEN];

	if (!row->shown)
		return;
	fprintf(out->stream, "%-8s", row->name);
	for (unsigned int i = 0; i < ARRAY_LEN(row->bytes); i++) {
		words_bytes(size, row->bytes[i], row->seen);
		fprintf(out->stream, "  %9s", row->known[i] ? size : "-");
	}
	fputc('\n', out->stream);
}

static void print_summary_table(const struct output *out, const struct run_summary *summary)
{
	static const struct snapshot none;
	const struct snapshot *last = summary->last ? summary->last : &none;
	const struct summary_row rows[] = {
		{ "hot",
		  true,
		  summary->tracked,
		  { summary->hot_mean_bytes, summary->hot_min_bytes, summary->hot_max_bytes,
		    last->figures.hot_bytes },
		  { true, true, true, last->tracked || !summary->tracked } },
		{ "cold",
		  true,
		  summary->ages,
		  { summary->cold_mean_bytes, 0, 0, last->figures.cold_bytes },
		  { true, false, false, last->ages || !summary->ages } },
		{ "written",
		  summary->writes,
		  true,
		  { summary->written_mean_bytes, 0, summary->written_max_bytes,
		    last->writes.hot_bytes },
		  { true, false, true, last->writes_only } },
		{ "resident",
		  true,
		  true,
		  { 0, 0, summary->resident_max_bytes, last->resident_bytes },
		  { false, false, true, summary->last } },
	};

	fprintf(out->stream, "\n%-8s  %9s  %9s  %9s  %9s\n", "", "mean", "min", "max", "last");
	for (unsigned int i = 0; i < ARRAY_LEN(rows); i++)
		print_summary_row(out, &rows[i]);
	print_reason(out, summary->tracked, summary->ages);
}

/* What became of the huge pages that --exact split. */
static void print_collapsed(const struct output *out, const struct run_summary *summary)
{
	char split[FORMAT_LEN], collapsed[FORMAT_LEN], share[FORMAT_LEN];

	if (summary->split_bytes)
		fprintf(out->stream, "huge pages: %s split, %s (%s) of it in huge pages again\n",
			format_bytes(split, summary->split_bytes),
			format_bytes(collapsed, summary->collapsed_bytes),
			format_percent(share, summary->collapsed_bytes, summary->split_bytes));
}

static void print_gone(const struct output *out, const struct run_summary *summary)
{
	char size[FORMAT_LEN];

	if (summary->gone_regions)
		fprintf(out->stream, "gone: %" PRIu64 " regions, %s when last seen\n",
			summary->gone_regions, format_bytes(size, summary->gone_tracked_bytes));
}

static int text_summary(struct output *out, const struct run_summary *summary)
{
	char elapsed[FORMAT_LEN];
	struct flow flow;
	int ret = begin(out, &flow, summary->comm, summary->pid);

	if (ret < 0)
		return ret;
	flow_add(&flow, "summary");
	flow_add(&flow, "%u sample%s in %s", summary->samples, summary->samples == 1 ? "" : "s",
		 words_seconds(elapsed, summary->elapsed_ns));
	if (summary->late_samples)
		flow_add(&flow, "%u late", summary->late_samples);
	flow_add(&flow, "%s", run_end_name(summary->end));
	flow_end(&flow);
	if (summary->samples)
		print_summary_table(out, summary);
	fputc('\n', out->stream);
	if (summary->ages && summary->decision->nr) {
		decision_table_print(out->stream, summary->decision);
		fputc('\n', out->stream);
	}
	print_gone(out, summary);
	print_collapsed(out, summary);
	print_cost(out, &summary->cost, summary->elapsed_ns);
	return 0;
}

const struct output_ops output_text = {
	.name = "text",
	.header = text_header,
	.sample = text_sample,
	.event = text_event,
	.summary = text_summary,
	.pages = page_list_text,
	.features = features_text,
};
