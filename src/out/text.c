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
#include "out/habits.h"
#include "out/idle_table.h"
#include "out/map_table.h"
#include "out/page_list.h"
#include "out/text_parts.h"
#include "out/words.h"

static int text_header(struct output *out, const struct run_info *info)
{
	char interval[FORMAT_LEN], cold[FORMAT_LEN], stopped[FORMAT_LEN];
	struct flow flow;
	int ret = text_begin(out, &flow, info->comm, info->pid);

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

static int text_sample(struct output *out, const struct snapshot *snap)
{
	int ret = text_title(out, snap);

	if (ret < 0)
		return ret;
	text_figures(out, snap);
	fputc('\n', out->stream);
	print_histograms(out, snap);
	text_untracked(out, snap);
	text_beside(out, snap);
	if (out->info.exact)
		print_exact(out, snap);
	fputc('\n', out->stream);
	ret = map_table_print(out, snap);
	if (ret < 0)
		return ret;
	print_decision(out, snap);
	text_cost(out, &snap->cost, snap->window_ns);
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
	text_reason(out, summary->tracked, summary->ages);
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
	int ret = text_begin(out, &flow, summary->comm, summary->pid);

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
	text_cost(out, &summary->cost, summary->elapsed_ns);
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
