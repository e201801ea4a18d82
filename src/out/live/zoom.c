/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A mapping, or a piece of one, over all of the pane: line by line, down to single pages. */
#include "config.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/format.h"
#include "out/live/strip.h"
#include "out/live/view.h"

#define PAGE_LINES 4 /* that PgUp and PgDn move by */

static const struct range *zoomed(const struct live *live)
{
	return &live->zoom[live->nr_zooms - 1];
}

/* The mapping that holds all of it, in this picture; NULL: it went away. */
static const struct snapshot_region *region_of(const struct live *live)
{
	const struct picture *picture = live_picture(live);

	for (unsigned int i = 0; picture && i < picture->snap.nr_regions; i++) {
		const struct snapshot_region *region = &picture->regions[i];

		if (region->range.start <= zoomed(live)->start &&
		    zoomed(live)->end <= region->range.end)
			return region;
	}
	return NULL;
}

/* The area of the cells: addresses are left of it, a title above, what the cursor is at below. */
static struct area grid_of(const struct area *area)
{
	return (struct area){ area->top + 2, area->left + ADDRESS_WIDTH,
			      area->rows - 2 - STRIP_TOLD, area->columns - ADDRESS_WIDTH };
}

static bool make_cells(const struct live *live, const struct area *grid, struct cells *cells)
{
	const struct inspect *inspect = live_inspect(live);

	return grid->rows > 0 && grid->columns > 0 && inspect && region_of(live) &&
	       strip_make(cells, inspect, *zoomed(live),
			  (unsigned int)grid->rows * (unsigned int)grid->columns);
}

static void draw_cells(const struct live *live, const struct area *area, const struct area *grid,
		       const struct cells *cells)
{
	const unsigned int columns = (unsigned int)grid->columns;

	for (unsigned int i = 0; i < cells->nr; i++) {
		if (i % columns == 0)
			paint_print(area, 2 + (int)(i / columns), 0, INK_DIM, "%" PRIx64,
				    zoomed(live)->start + i * cells->cell_bytes);
		paint_level(grid, (int)(i / columns), (int)(i % columns),
			    live_level(live, cells->at[i].idle_ns));
	}
}

static void draw_title(const struct live *live, const struct area *area, const struct cells *cells)
{
	char size[FORMAT_LEN], cell[FORMAT_LEN];

	paint_print(area, 1, 0, INK_BOLD,
		    "%" PRIx64 "-%" PRIx64 "  %s, %s a cell  (Enter closer, Esc back)",
		    zoomed(live)->start, zoomed(live)->end,
		    format_bytes(size, range_bytes(*zoomed(live))),
		    format_bytes(cell, cells->cell_bytes));
}

void zoom_draw(struct live *live, const struct area *area)
{
	const struct area grid = grid_of(area);
	struct cells cells;

	live->nr_cells = 0;
	if (!make_cells(live, &grid, &cells)) {
		paint_put(area, 1, 0, INK_PLAIN, "it is not there any more: Esc");
		return;
	}
	live->nr_cells = cells.nr;
	live->cell_columns = (unsigned int)grid.columns;
	if (live->cell >= cells.nr)
		live->cell = cells.nr - 1;
	draw_title(live, area, &cells);
	draw_cells(live, area, &grid, &cells);
	strip_point(&grid, (int)live->cell / grid.columns, (int)live->cell % grid.columns);
	strip_tell(live, area, area->rows - STRIP_TOLD, region_of(live), &cells, live->cell);
	live->cell_bytes = cells.cell_bytes;
	free(cells.at);
}

static void zoom_in(struct live *live)
{
	const struct cells cells = { .cell_bytes = live->cell_bytes };

	if (!live->nr_cells)
		return;
	if (cells.cell_bytes <= UINT64_C(1) << PAGE_SHIFT) {
		live_say(live, "a cell is a page already");
	} else if (live->nr_zooms < ZOOMS_MAX) {
		live->zoom[live->nr_zooms] = strip_range(&cells, *zoomed(live), live->cell);
		live->nr_zooms++;
		live->cell = 0;
		live->nr_cells = 0; /* until it is drawn */
	}
}

static void move_cell(struct live *live, int64_t by)
{
	const int64_t to = (int64_t)live->cell + by;

	if (to >= 0 && to < (int64_t)live->nr_cells)
		live->cell = (unsigned int)to;
}

bool zoom_key(struct live *live, int key)
{
	switch (key) {
	case KEYS_ENTER:
		zoom_in(live);
		return true;
	case KEYS_ESCAPE:
	case KEYS_BACKSPACE:
		live->nr_zooms--;
		live->cell = 0;
		return true;
	case KEYS_LEFT:
		move_cell(live, -1);
		return true;
	case KEYS_RIGHT:
		move_cell(live, 1);
		return true;
	case KEYS_UP:
		move_cell(live, -(int64_t)live->cell_columns);
		return true;
	case KEYS_DOWN:
		move_cell(live, live->cell_columns);
		return true;
	case KEYS_PAGE_UP:
		move_cell(live, -PAGE_LINES * (int64_t)live->cell_columns);
		return true;
	case KEYS_PAGE_DOWN:
		move_cell(live, PAGE_LINES * (int64_t)live->cell_columns);
		return true;
	case KEYS_HOME:
		live->cell = 0;
		return true;
	case KEYS_END:
		live->cell = live->nr_cells ? live->nr_cells - 1 : 0;
		return true;
	default:
		return false;
	}
}
