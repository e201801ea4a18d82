/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The working set over time: a column a sample, hot within what was touched within minutes. */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "base/format.h"
#include "out/live/view.h"
#include "out/words.h"

#define AXIS 9 /* columns of the numbers beside it */

/* What is drawn of each sample, the innermost first. */
enum layer { LAYER_HOT, LAYER_1M, LAYER_5M, LAYER_NR };

static const enum level layer_levels[LAYER_NR] = { LEVEL_HOT, LEVEL_WARM, LEVEL_COLD };

static const uint64_t *layer_bytes(const struct point *point, enum layer layer)
{
	if (layer == LAYER_HOT)
		return point->known ? &point->hot_bytes : NULL;
	if (layer == LAYER_1M)
		return point->recent_known[RECENT_1M] ? &point->within_bytes[RECENT_1M] : NULL;
	return point->recent_known[RECENT_5M] ? &point->within_bytes[RECENT_5M] : NULL;
}

/* 0: nothing is known, or there is nothing. */
static uint64_t most_bytes(const struct history *history, int nr)
{
	uint64_t most = 0;

	for (int i = 0; i < nr; i++) {
		const struct point *point = history_back(history, (unsigned int)i);

		for (enum layer layer = 0; point && layer < LAYER_NR; layer++) {
			const uint64_t *bytes = layer_bytes(point, layer);

			most = bytes && *bytes > most ? *bytes : most;
		}
	}
	return most;
}

/* Never nothing for something. */
static int height_of(const uint64_t *bytes, uint64_t most, int rows)
{
	int eighths;

	if (!bytes || !*bytes)
		return 0;
	eighths = (int)((double)*bytes / (double)most * rows * 8 + 0.5);
	return eighths ? eighths : 1;
}

/* The layer that fills the cell above what does not reach so high. */
static enum level level_behind(const int height[LAYER_NR], enum layer layer, int middle)
{
	for (layer++; layer < LAYER_NR; layer++)
		if (height[layer] > middle)
			return layer_levels[layer];
	return LEVEL_NONE;
}

static void draw_cell(const struct area *area, int row, int column, const int height[LAYER_NR])
{
	const int low = (area->rows - 1 - row) * 8;
	enum level behind;
	int eighths;

	for (enum layer layer = 0; layer < LAYER_NR; layer++) {
		if (height[layer] <= low)
			continue;
		behind = level_behind(height, layer, low + 4);
		eighths = height[layer] - low;
		if (!low && eighths < 4 && !paint_splits(layer_levels[layer], behind))
			eighths = 4; /* never nothing for something */
		paint_column(area, row, column, eighths, layer_levels[layer], behind);
		return;
	}
}

static void draw_columns(const struct history *history, const struct area *area, uint64_t most)
{
	for (int i = 0; i < area->columns; i++) {
		const struct point *point = history_back(history, (unsigned int)i);
		int height[LAYER_NR];

		if (!point)
			return;
		for (enum layer layer = 0; layer < LAYER_NR; layer++)
			height[layer] = height_of(layer_bytes(point, layer), most, area->rows);
		for (int row = 0; row < area->rows; row++)
			draw_cell(area, row, area->columns - 1 - i, height);
	}
}

static int put_legend(const struct area *area, int column, enum layer layer, const char *name,
		      const struct point *point)
{
	const uint64_t *bytes = layer_bytes(point, layer);
	char size[FORMAT_LEN];

	if (column + 10 >= area->columns)
		return column;
	paint_level(area, 0, column, layer_levels[layer]);
	return 2 + paint_print(area, 0, column + 2, INK_PLAIN, "%s %s", name,
			       words_bytes(size, bytes ? *bytes : 0, bytes));
}

/* How long all of what is shown took, the window of its first sample included. */
static void put_span(const struct area *area, int column, const struct history *history, int nr)
{
	const struct point *last = history_back(history, 0);
	const struct point *first = last;
	char span[FORMAT_LEN], text[FORMAT_LEN + sizeof("over ")];

	for (int i = 1; i < nr && history_back(history, (unsigned int)i); i++)
		first = history_back(history, (unsigned int)i);
	words_seconds(span, last->elapsed_ns - first->elapsed_ns + first->window_ns);
	snprintf(text, sizeof(text), "over %s", span);
	if (column + (int)strlen(text) <= area->columns)
		paint_put_right(area, 0, area->columns, INK_DIM, text);
}

static void graph_draw(struct live *live, const struct area *area)
{
	const struct history *history = live_history(live);
	const struct point *last = history_back(history, 0);
	const struct snapshot *snap = live_snapshot(live);
	const bool hot = !snap || picture_figures(snap) == &snap->figures;
	struct area plot = { area->top + 1, area->left + AXIS, area->rows - 1,
			     area->columns - AXIS };
	char size[FORMAT_LEN];
	uint64_t most;
	int at = 14;

	if (!last || plot.rows < 1 || plot.columns < 1)
		return;
	at = put_legend(area, at, LAYER_HOT, hot ? "hot" : "written", last);
	at = put_legend(area, at, LAYER_1M, "within 1 m", last);
	at = put_legend(area, at, LAYER_5M, "5 m", last);
	put_span(area, at, history, plot.columns);
	most = most_bytes(history, plot.columns);
	if (!most)
		return;
	paint_put_right(area, 1, AXIS - 1, INK_DIM, format_bytes(size, most));
	if (area->rows > 2)
		paint_put_right(area, area->rows - 1, AXIS - 1, INK_DIM, "0");
	draw_columns(history, &plot, most);
}

const struct pane_ops pane_graph = { "working set", graph_draw, NULL };
