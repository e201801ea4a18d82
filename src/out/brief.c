/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One line a sample, in columns, for a terminal beside the work or for awk:
 * sizes are "0", "96.0K", "212M", "1.62G", times seconds, no blank within a
 * column; new columns come last.  Everything that is not a sample begins with "# ".
 */
#include "config.h"

#include "out/output.h"

#include <errno.h>
#include <string.h>

#include "out/buckets.h"
#include "out/decision_table.h"
#include "out/words.h"

#define LINES_PER_HEADER 20

static int brief_header(struct output *out, const struct run_info *info)
{
	if (!info->parent_pid)
		out->lines = 0;
	return 0;
}

static void print_columns(struct output *out)
{
	if (!out->lines)
		fprintf(out->stream, "%6s %7s %5s %5s %5s %5s %5s %5s %5s %5s %6s %5s%s%s\n",
			"sample", "elapsed", "resid", "track", "hot", "warm", "cold", "swap",
			"untrk", "hot%", "window", "wrtn",
			out->verbose ? "  1min  5min again  all8" : "",
			out->info.several ? "     pid" : "");
	out->lines = (out->lines + 1) % LINES_PER_HEADER;
}

static void print_size(const struct output *out, int width, uint64_t bytes, bool known)
{
	char size[FORMAT_LEN];

	fprintf(out->stream, " %*s", width, words_column(size, bytes, known));
}

static void print_sizes(const struct output *out, const struct snapshot *snap)
{
	const struct figures *figures = &snap->figures;

	print_size(out, 5, snap->resident_bytes, true);
	print_size(out, 5, snap->tracked_bytes, true);
	print_size(out, 5, figures->hot_bytes, snap->tracked);
	print_size(out, 5, figures->warm_bytes, snap->ages);
	print_size(out, 5, figures->cold_bytes, snap->ages);
	print_size(out, 5, snap->swapped_bytes, true);
	print_size(out, 5, snap->resident_bytes - snap->tracked_bytes, true);
}

/* "65.0 s" without its unit: the column says it. */
static const char *seconds(char buf[FORMAT_LEN], int64_t ns)
{
	words_seconds(buf, ns);
	*strchr(buf, ' ') = '\0';
	return buf;
}

/* "12.9" of "12.9%". */
static const char *hot_percent(char buf[FORMAT_LEN], const struct snapshot *snap)
{
	char *sign;

	if (!snap->tracked)
		return "n/a";
	format_percent(buf, snap->figures.hot_bytes, snap->resident_bytes);
	sign = strchr(buf, '%');
	if (sign)
		*sign = '\0';
	return buf;
}

/* Of what only writes are seen of; "-" where there is none. */
static const char *written(char buf[FORMAT_LEN], const struct snapshot *snap)
{
	return snap->writes_only ? words_column(buf, snap->writes.hot_bytes, true) : "-";
}

/* Points of the working-set curve, and both ends of heat. */
static void print_habits(const struct output *out, const struct snapshot *snap)
{
	const struct figures *figures = &snap->figures;

	print_size(out, 5, figures->recent_bytes[RECENT_1M],
		   buckets_recent_known(snap, recent_ns(RECENT_1M)));
	print_size(out, 5, figures->recent_bytes[RECENT_5M],
		   buckets_recent_known(snap, recent_ns(RECENT_5M)));
	print_size(out, 5, figures_retouched_bytes(figures, 1), snap->ages);
	print_size(out, 5, figures->heat_bytes[HEAT_WINDOWS], snap->ages);
}

/* "# ", or "# [4242]  " where there are several targets. */
static void print_remark(const struct output *out, int pid)
{
	fputs("# ", out->stream);
	if (out->info.several)
		fprintf(out->stream, "[%d]  ", pid);
}

static void print_decision(const struct output *out, int pid, const struct decision *decision)
{
	if (!decision->nr)
		return;
	print_remark(out, pid);
	decision_verdict_print(out->stream, decision);
	fputc('\n', out->stream);
}

static int brief_sample(struct output *out, const struct snapshot *snap)
{
	char elapsed[FORMAT_LEN], window[FORMAT_LEN], percent[FORMAT_LEN], size[FORMAT_LEN];

	print_columns(out);
	fprintf(out->stream, "%6u %7s", snap->sample, seconds(elapsed, snap->elapsed_ns));
	print_sizes(out, snap);
	fprintf(out->stream, " %5s %6s %5s", hot_percent(percent, snap),
		seconds(window, snap->window_ns), written(size, snap));
	if (out->verbose)
		print_habits(out, snap);
	if (out->info.several)
		fprintf(out->stream, " %7d", snap->pid);
	fprintf(out->stream, "%s\n", snap->late_ns ? " late" : "");
	if (snap->decision && snap->ages)
		print_decision(out, snap->pid, snap->decision);
	return 0;
}

/* Of several targets each has its own summary, which tells the end. */
static bool event_shown(const struct output *out, enum event_kind kind)
{
	switch (kind) {
	case EVENT_EXIT:
		return !out->info.several;
	case EVENT_FORK:
	case EVENT_EXEC:
	case EVENT_LATE:
	case EVENT_WARNING:
		return true;
	default:
		return false;
	}
}

static int brief_event(struct output *out, const struct event *event)
{
	const char *text = event->text ? event->text : event->name;
	auto_free char *shown = words_printable(text ? text : "", out->utf8);
	char elapsed[FORMAT_LEN];

	if (!shown)
		return -ENOMEM;
	if (!event_shown(out, event->kind))
		return 0;
	print_remark(out, event->pid);
	fprintf(out->stream, "%s  %s: %s\n", words_seconds(elapsed, event->elapsed_ns),
		event_name(event->kind), shown);
	return 0;
}

static void print_means(const struct output *out, const struct run_summary *summary)
{
	char hot[FORMAT_LEN], cold[FORMAT_LEN], resident[FORMAT_LEN];

	fprintf(out->stream, ", hot mean %s, cold mean %s, resident max %s",
		words_bytes(hot, summary->hot_mean_bytes, summary->tracked),
		words_bytes(cold, summary->cold_mean_bytes, summary->ages),
		format_bytes(resident, summary->resident_max_bytes));
	if (summary->writes)
		fprintf(out->stream, ", written mean %s",
			format_bytes(hot, summary->written_mean_bytes));
}

static int brief_summary(struct output *out, const struct run_summary *summary)
{
	char elapsed[FORMAT_LEN];

	print_remark(out, summary->pid);
	fprintf(out->stream, "%s: %u sample%s in %s", run_end_name(summary->end), summary->samples,
		summary->samples == 1 ? "" : "s", words_seconds(elapsed, summary->elapsed_ns));
	if (summary->late_samples)
		fprintf(out->stream, ", %u late", summary->late_samples);
	if (summary->samples)
		print_means(out, summary);
	fputc('\n', out->stream);
	if (summary->ages)
		print_decision(out, summary->pid, summary->decision);
	return 0;
}

const struct output_ops output_brief = {
	.name = "brief",
	.header = brief_header,
	.sample = brief_sample,
	.event = brief_event,
	.summary = brief_summary,
};
