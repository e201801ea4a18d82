/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The address space: a line for each mapping of which anything is resident, from the lowest
 * address to the highest, as a strip of cells.  Cells are asked for the lines that are shown.
 */
#include "config.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/format.h"
#include "out/buckets.h"
#include "out/live/strip.h"
#include "out/live/view.h"
#include "out/words.h"

#define GAP_BYTES (UINT64_C(1) << 30) /* that are worth a line */

/* A mapping; with region NULL a gap; or several in a row that are not observed, folded. */
struct line {
	const struct snapshot_region *region; /* the first */
	uint64_t gap_bytes;
	unsigned int nr_folded;
	uint64_t folded_bytes;
};

static void add_region(const struct live *live, struct line *lines, unsigned int *nr,
		       const struct snapshot_region *region)
{
	const bool folded = region->method == METHOD_NONE && !live->unfolded;

	if (!folded || !*nr || !lines[*nr - 1].nr_folded)
		lines[(*nr)++].region = region;
	if (!folded)
		return;
	lines[*nr - 1].nr_folded++;
	lines[*nr - 1].folded_bytes += region->resident_bytes;
}

/* *nr lines, to be freed; NULL: no memory, or nothing is shown. */
static struct line *make_lines(const struct live *live, unsigned int *nr)
{
	const struct picture *picture = live_picture(live);
	const struct snapshot_region *before = NULL;
	struct line *lines;

	*nr = 0;
	if (!picture)
		return NULL;
	lines = calloc(2 * (size_t)picture->snap.nr_regions + 1, sizeof(*lines));
	for (unsigned int i = 0; lines && i < picture->snap.nr_regions; i++) {
		const struct snapshot_region *region = &picture->regions[i];

		if (!region->resident_bytes)
			continue;
		if (before && region->range.start - before->range.end >= GAP_BYTES)
			lines[(*nr)++].gap_bytes = region->range.start - before->range.end;
		add_region(live, lines, nr, region);
		before = region;
	}
	return lines;
}

/* Columns of the name, and where the strip begins. */
struct columns {
	int name, how, strip;
};

static struct columns columns_for(const struct area *area)
{
	struct columns columns = { .name = 0 };
	const int name_width = area->columns >= 140 ? 30 : area->columns >= 76 ? 18 : 12;

	if (area->columns >= 60)
		columns.name = ADDRESS_WIDTH;
	columns.how = columns.name + name_width + 1;
	columns.strip = columns.how + 5;
	return columns;
}

static void draw_gap(const struct area *area, int row, const struct line *line)
{
	char size[FORMAT_LEN];

	paint_print(area, row, 0, INK_DIM, "%s %s with nothing resident",
		    paint_utf8() ? "\u2026" : "...", format_bytes(size, line->gap_bytes));
}

static void draw_folded(const struct area *area, int row, const struct line *line)
{
	const struct columns columns = columns_for(area);
	char size[FORMAT_LEN];

	if (columns.name)
		paint_print(area, row, 0, INK_DIM, "%" PRIx64, line->region->range.start);
	paint_print(area, row, columns.name, INK_DIM, "%u mappings", line->nr_folded);
	paint_put(area, row, columns.how, INK_DIM, "-");
	paint_print(area, row, columns.strip, INK_DIM, "%s not observed (u unfolds)",
		    format_bytes(size, line->folded_bytes));
}

static void draw_name(const struct area *area, int row, const struct columns *columns,
		      const struct snapshot_region *region)
{
	auto_free char *name = words_printable(strip_name(region), paint_utf8());

	if (columns->name)
		paint_print(area, row, 0, INK_DIM, "%" PRIx64, region->range.start);
	if (name)
		paint_put(area, row, columns->name, INK_PLAIN,
			  words_tail(name, columns->how - columns->name - 1));
	paint_print(area, row, columns->how, INK_DIM, "%.4s",
		    region->method ? region_method_name(region->method) : "-");
}

static void draw_region(struct live *live, const struct area *area, int row,
			const struct snapshot_region *region)
{
	const struct columns columns = columns_for(area);
	const struct area strip = { area->top + row, area->left + columns.strip, 1,
				    area->columns - columns.strip };
	const struct inspect *inspect = live_inspect(live);
	struct cells cells;

	draw_name(area, row, &columns, region);
	if (region->method == METHOD_NONE) {
		paint_put(&strip, 0, 0, INK_DIM, region_reason_name(region->reason));
		return;
	}
	if (!inspect || !strip_make(&cells, inspect, region->range, (unsigned int)strip.columns)) {
		paint_put(&strip, 0, 0, INK_DIM, "page ages are not known");
		return;
	}
	for (unsigned int i = 0; i < cells.nr; i++)
		paint_level(&strip, 0, (int)i, live_level(live, cells.at[i].idle_ns));
	free(cells.at);
}

static void draw_line(struct live *live, const struct area *area, int row, const struct line *line)
{
	if (!line->region)
		draw_gap(area, row, line);
	else if (line->nr_folded > 1)
		draw_folded(area, row, line);
	else
		draw_region(live, area, row, line->region);
}

/* The line that is pointed to: its cell, and in the last rows what that is. */
static void draw_cursor(struct live *live, const struct area *area, int row,
			const struct line *line)
{
	const struct columns columns = columns_for(area);
	const struct inspect *inspect = live_inspect(live);
	struct cells cells;

	paint_mark(area, row, 0, columns.strip - 1, INK_SELECTED);
	live->nr_cells = 0;
	if (!line->region || line->region->method == METHOD_NONE || !inspect ||
	    !strip_make(&cells, inspect, line->region->range,
			(unsigned int)(area->columns - columns.strip)))
		return;
	live->nr_cells = cells.nr;
	if (live->cell >= cells.nr)
		live->cell = cells.nr - 1;
	strip_point(area, row, columns.strip + (int)live->cell);
	strip_tell(live, area, area->rows - STRIP_TOLD, line->region, &cells, live->cell);
	free(cells.at);
}

static void draw_legend(const struct area *area)
{
	static const char *const names[LEVEL_NONE] = { "hot", "recent", "warm", "cold",
						       "since start" };
	int at = 14;

	if (area->columns < at + 48)
		return;
	for (enum level level = 0; level < LEVEL_NONE; level++) {
		paint_level(area, 0, at, level);
		at = paint_put(area, 0, at + 1, INK_DIM, names[level]) + 2;
	}
	paint_put(area, 0, at, INK_DIM, "wp: written");
}

static void map_draw(struct live *live, const struct area *area)
{
	struct cursor *cursor = &live->map_cursor;
	struct area rows = { area->top + 1, area->left, area->rows - 1 - STRIP_TOLD,
			     area->columns };
	auto_free struct line *lines = NULL;
	unsigned int nr;

	draw_legend(area);
	if (live->nr_zooms) {
		zoom_draw(live, area);
		return;
	}
	lines = make_lines(live, &nr);
	if (!nr || rows.rows < 1) {
		paint_put(area, 1, 0, INK_PLAIN,
			  live->chosen ? "no sample yet" : "choose a process: l, then Enter");
		return;
	}
	live->map_page = (unsigned int)rows.rows;
	cursor_fit(cursor, nr, live->map_page);
	for (unsigned int i = cursor->top; i < nr && i < cursor->top + live->map_page; i++)
		draw_line(live, &rows, (int)(i - cursor->top), &lines[i]);
	rows.rows += STRIP_TOLD;
	draw_cursor(live, &rows, (int)(cursor->at - cursor->top), &lines[cursor->at]);
}

static void zoom_in(struct live *live)
{
	unsigned int nr;
	auto_free struct line *lines = make_lines(live, &nr);
	const struct snapshot_region *region = lines && live->map_cursor.at < nr
						       ? lines[live->map_cursor.at].region
						       : NULL;

	if (!region || region->method == METHOD_NONE || !live_inspect(live)) {
		live_say(live, "there are no pages of it to show");
		return;
	}
	live->zoom[0] = region->range;
	live->nr_zooms = 1;
	live->cell = 0;
}

static bool map_key(struct live *live, int key)
{
	unsigned int nr;

	if (live->nr_zooms)
		return zoom_key(live, key);
	switch (key) {
	case KEYS_ENTER:
		zoom_in(live);
		return true;
	case KEYS_LEFT:
		live->cell -= live->cell > 0;
		return true;
	case KEYS_RIGHT:
		live->cell += live->cell + 1 < live->nr_cells;
		return true;
	default:
		free(make_lines(live, &nr));
		return cursor_key(&live->map_cursor, key, nr, live->map_page);
	}
}

void map_search(struct live *live)
{
	unsigned int nr;
	auto_free struct line *lines = make_lines(live, &nr);

	for (unsigned int i = 1; lines && i <= nr; i++) {
		const unsigned int at = (live->map_cursor.at + i) % nr;
		const struct snapshot_region *region = lines[at].region;

		if (!region || !live_matches(live, strip_name(region)))
			continue;
		live->map_cursor.at = at;
		live->nr_zooms = 0;
		return;
	}
	live_say(live, "no mapping has '%.60s' in its name", live->search);
}

const struct pane_ops pane_map = { "address map", map_draw, map_key };
