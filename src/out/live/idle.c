/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bytes by idle time, with bars; below, if there is room, how often and again after how long. */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "base/format.h"
#include "out/habits.h"
#include "out/idle_rows.h"
#include "out/live/view.h"

#define WIDE 62 /* columns for all of the figures */

/* Columns at which the parts end. */
struct stops {
	int word, size, share, within, bar;
};

static struct stops stops_for(const struct area *area, const struct idle_rows *idle,
			      const struct idle_rows *unwritten)
{
	int label = 13;

	for (unsigned int i = 0; i < idle->nr + unwritten->nr; i++) {
		const struct idle_row *row = i < idle->nr ? &idle->at[i]
							  : &unwritten->at[i - idle->nr];

		if ((int)strlen(row->label) > label)
			label = (int)strlen(row->label);
	}
	if (area->columns < WIDE)
		return (struct stops){ .size = label + 10, .share = label + 17, .bar = label + 18 };
	return (struct stops){ .word = label + 1,
			       .size = label + 21,
			       .share = label + 29,
			       .within = label + 37,
			       .bar = label + 39 };
}

static enum ink row_ink(const struct live *live, const struct idle_row *row)
{
	if (row->beside)
		return INK_DIM;
	return INK_LEVEL + live_level(live, row->since_start ? INT64_MAX : row->ge_ns);
}

/* Where it is drawn, and what it has in common with the other lines. */
struct drawing {
	const struct live *live;
	const struct area *area;
	struct stops stops;
	uint64_t resident_bytes, longest_bytes, sum_bytes;
	int row;
};

static void draw_row(struct drawing *to, const struct idle_row *row)
{
	const struct stops *stops = &to->stops;
	const int width = to->area->columns - stops->bar;
	char text[FORMAT_LEN];
	int eighths;

	to->sum_bytes += row->bytes;
	paint_put(to->area, to->row, 0, INK_PLAIN, row->label);
	if (stops->word)
		paint_put(to->area, to->row, stops->word, INK_PLAIN, row->word);
	paint_put_right(to->area, to->row, stops->size, INK_PLAIN, format_bytes(text, row->bytes));
	paint_put_right(to->area, to->row, stops->share, INK_PLAIN,
			format_percent(text, row->bytes, to->resident_bytes));
	if (stops->within)
		paint_put_right(to->area, to->row, stops->within, INK_PLAIN,
				format_percent(text, to->sum_bytes, to->resident_bytes));
	if (row->bytes && width > 0) {
		eighths = (int)((double)row->bytes / (double)to->longest_bytes * width * 8 + 0.5);
		paint_bar(to->area, to->row, stops->bar, eighths ? eighths : 1,
			  row_ink(to->live, row));
	}
	to->row++;
}

static void draw_rows(struct drawing *to, const struct idle_rows *rows, bool titled)
{
	to->sum_bytes = 0;
	if (!rows->nr)
		return;
	if (titled)
		paint_put(to->area, to->row++, 0, INK_BOLD, rows->title);
	for (unsigned int i = 0; i < rows->nr && to->row < to->area->rows; i++)
		draw_row(to, &rows->at[i]);
}

static void draw_titles(const struct drawing *to)
{
	const struct stops *stops = &to->stops;

	paint_put_right(to->area, 0, stops->size, INK_DIM, "size");
	paint_put_right(to->area, 0, stops->share, INK_DIM, "share");
	if (stops->within)
		paint_put_right(to->area, 0, stops->within, INK_DIM, "within");
}

static uint64_t longest(const struct idle_rows *idle, const struct idle_rows *unwritten)
{
	uint64_t bytes = 1;

	for (unsigned int i = 0; i < idle->nr; i++)
		bytes = idle->at[i].bytes > bytes ? idle->at[i].bytes : bytes;
	for (unsigned int i = 0; i < unwritten->nr; i++)
		bytes = unwritten->at[i].bytes > bytes ? unwritten->at[i].bytes : bytes;
	return bytes;
}

/* What the text form says of it. */
static void draw_habits(struct drawing *to, const struct snapshot *snap)
{
	auto_free char *text = NULL;
	size_t len = 0;
	FILE *stream = open_memstream(&text, &len);
	struct output out;

	if (!stream)
		return;
	out = live_output(to->live, stream, to->area->columns);
	habits_print(&out, snap, &snap->figures, &(struct habits_how){ .retouched = true });
	if (fclose(stream))
		return;
	to->row = paint_lines(to->area, to->row, 0, text);
}

static void idle_draw(struct live *live, const struct area *area)
{
	const struct snapshot *snap = live_snapshot(live);
	struct run_info info;
	struct idle_rows idle, unwritten;
	struct drawing to = { .live = live, .area = area, .row = 1 };

	if (!snap)
		return;
	if (!live->chosen && live->edges_differ) {
		paint_put(area, 1, 0, INK_PLAIN, "not to be added up: the edges differ");
		return;
	}
	info = *live_info(live);
	if (!live->playing.on)
		info.interval_ns = live->interval_ns;
	idle_rows_make(&idle, &unwritten, &info, snap);
	to.stops = stops_for(area, &idle, &unwritten);
	to.resident_bytes = snap->resident_bytes;
	to.longest_bytes = longest(&idle, &unwritten);
	draw_titles(&to);
	draw_rows(&to, &idle, false);
	draw_rows(&to, &unwritten, true);
	if (!idle.nr && !unwritten.nr)
		paint_put(area, 1, 0, INK_PLAIN, "nothing is observed (h: help, e: events)");
	else if (snap->ages)
		draw_habits(&to, snap);
}

const struct pane_ops pane_idle = { "idle for", idle_draw, NULL };
