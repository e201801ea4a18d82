/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Above the panes: the lines of the text form, so that both say the same. */
#include "config.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/format.h"
#include "out/live/view.h"
#include "out/text_parts.h"
#include "out/words.h"

#define NARROW 100 /* columns, below which shares are left out */

/* Of several processes. */
static void sum_title(const struct output *out, const struct live *live,
		      const struct snapshot *snap)
{
	struct flow flow = flow_begin(out->stream, out->columns, 8, 2);
	char elapsed[FORMAT_LEN];

	flow_add(&flow, "wsstat");
	flow_add(&flow, "sum of %u process%s", live->nr_summed, live->nr_summed == 1 ? "" : "es");
	flow_add(&flow, "sample %u", snap->sample);
	flow_add(&flow, "%s", words_seconds(elapsed, snap->elapsed_ns));
	flow_add(&flow, "(memory that they share is counted for each)");
	flow_end(&flow);
}

/* Where there is no sample yet. */
static void begin_title(const struct output *out, const struct live *live)
{
	char interval[FORMAT_LEN];
	struct flow flow;

	if (text_begin(out, &flow, out->info.comm, out->info.pid))
		return;
	if (live->over)
		flow_add(&flow, "ended before the first sample");
	else
		flow_add(&flow, "armed; the first sample comes after %s",
			 format_duration(interval, live->interval_ns));
	flow_end(&flow);
}

/* On a narrow screen, without shares. */
static void short_figures(const struct output *out, const struct snapshot *snap)
{
	const struct figures *figures = &snap->figures;
	struct flow flow = flow_begin(out->stream, out->columns, 8, 2);
	char size[FORMAT_LEN];

	flow_add(&flow, "resident %s", format_bytes(size, snap->resident_bytes));
	flow_add(&flow, "tracked %s",
		 format_percent(size, snap->tracked_bytes, snap->resident_bytes));
	flow_add(&flow, "hot %s", words_bytes(size, figures->hot_bytes, snap->tracked));
	flow_add(&flow, "warm %s", words_bytes(size, figures->warm_bytes, snap->ages));
	flow_add(&flow, "cold %s", words_bytes(size, figures->cold_bytes, snap->ages));
	flow_end(&flow);
	text_writes_only(out, snap);
	text_reason(out, snap->tracked, snap->ages);
}

/* The same of the cost: what it took of a processor, and of what the target used of it. */
static void short_cost(const struct output *out, const struct snapshot *snap)
{
	const struct cost *cost = &snap->cost;
	struct flow flow = flow_begin(out->stream, out->columns, 8, 2);
	char time[FORMAT_LEN];

	flow_add(&flow, "cost: %.2f%% of a CPU",
		 snap->window_ns ? 100.0 * (double)cost->cpu_ns / (double)snap->window_ns : 0);
	if (cost->target_cpu_known && cost->target_cpu_ns)
		flow_add(&flow, "%.1f%% of the target's",
			 100.0 * (double)cost->cpu_ns / (double)cost->target_cpu_ns);
	flow_add(&flow, "faults %" PRIu64, cost->faults);
	if (cost->stopped_ns)
		flow_add(&flow, "stopped %s", format_duration(time, cost->stopped_ns));
	flow_end(&flow);
}

/* Where there are three lines: what it is about. */
static void shortest(const struct output *out, const struct live *live, const struct snapshot *snap)
{
	const bool writes = picture_figures(snap) == &snap->writes;
	const struct figures *figures = picture_figures(snap);
	struct flow flow = flow_begin(out->stream, out->columns, 0, 2);
	char text[FORMAT_LEN];

	if (live->chosen && text_begin(out, &flow, snap->comm, snap->pid))
		return;
	if (!live->chosen)
		flow_add(&flow, "wsstat  sum of %u", live->nr_summed);
	flow_add(&flow, "sample %u", snap->sample);
	flow_end(&flow);
	flow = flow_begin(out->stream, out->columns, 0, 2);
	flow_add(&flow, "%s %s", writes ? "written" : "hot",
		 words_bytes(text, figures->hot_bytes, snap->tracked || writes));
	if (!writes)
		flow_add(&flow, "warm %s", words_bytes(text, figures->warm_bytes, snap->ages));
	flow_add(&flow, "%s %s", writes ? "unwritten" : "cold",
		 words_bytes(text, figures->cold_bytes, snap->ages || writes));
	flow_add(&flow, "resident %s", format_bytes(text, snap->resident_bytes));
	flow_end(&flow);
}

static void write_lines(const struct output *out, const struct live *live, bool all)
{
	const struct snapshot *snap = live_snapshot(live);

	if (!snap) {
		begin_title(out, live);
		return;
	}
	if (!all) {
		shortest(out, live, snap);
		return;
	}
	if (!live->chosen)
		sum_title(out, live, snap);
	else if (text_title(out, snap))
		return;
	if (out->columns < NARROW) {
		short_figures(out, snap);
		short_cost(out, snap);
	} else {
		text_figures(out, snap);
		text_cost(out, &snap->cost, snap->window_ns);
	}
	text_untracked(out, snap);
	text_beside(out, snap);
}

static bool ends_in_comma(const char *line)
{
	const size_t len = strlen(line);

	return len && line[len - 1] == ',';
}

/* At most so many lines; how many there were. */
static int put_lines(const struct area *area, char *text, int most)
{
	char *line, *rest = text;
	int row = 0, at;

	while (row < most && (line = strsep(&rest, "\n")) && (*line || rest)) {
		if (!*line)
			continue;
		at = paint_put(area, row, 0, row ? INK_PLAIN : INK_BOLD, line);
		row++;
		if (row == most && ends_in_comma(line))
			paint_put(area, row - 1, at, INK_PLAIN, " ...");
	}
	return row;
}

int head_draw(struct live *live, const struct area *area)
{
	const int most = area->rows < 16 ? 3 : area->rows < 30 ? 5 : 8;
	auto_free char *text = NULL;
	struct output out;
	size_t len = 0;
	FILE *stream;

	if (!live_info(live))
		return 0;
	stream = open_memstream(&text, &len);
	if (!stream)
		return 0;
	out = live_output(live, stream, area->columns);
	write_lines(&out, live, most > 3);
	return fclose(stream) ? 0 : put_lines(area, text, most);
}
