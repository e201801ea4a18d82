/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "out/live/strip.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/format.h"
#include "out/words.h"

const char *strip_name(const struct snapshot_region *region)
{
	return *region->name ? region->name : "anonymous";
}

bool strip_make(struct cells *cells, const struct inspect *inspect, struct range range,
		unsigned int most)
{
	*cells = (struct cells){ 0 };
	if (!most || range_empty(range))
		return false;
	cells->at = calloc(most, sizeof(*cells->at));
	if (!cells->at)
		return false;
	if (inspect_cells(inspect, range, most, cells))
		return true;
	free(cells->at);
	return false;
}

void strip_point(const struct area *area, int row, int column)
{
	paint_put(area, row, column, INK_ALERT, "X");
}

struct range strip_range(const struct cells *cells, struct range range, unsigned int cell)
{
	const uint64_t start = range.start + cell * cells->cell_bytes;
	const uint64_t end = start + cells->cell_bytes;

	return (struct range){ start, end < range.end ? end : range.end };
}

/* "hot", "idle for 12 s", "unwritten since start, >= 65 s", "nothing resident" */
static void tell_idle(const struct live *live, const struct snapshot_region *region,
		      const struct cell *cell, char text[80])
{
	const bool writes = region->sees == SEES_WRITES;
	char time[FORMAT_LEN];

	switch (live_level(live, cell->idle_ns)) {
	case LEVEL_NONE:
		snprintf(text, 80, "nothing resident");
		break;
	case LEVEL_HOT:
		snprintf(text, 80, "%s", writes ? "written" : "hot");
		break;
	case LEVEL_START:
		snprintf(text, 80, "%s since start, %s", writes ? "unwritten" : "untouched",
			 words_at_least(time, cell->idle_ns));
		break;
	default:
		snprintf(text, 80, "%s for %s", writes ? "unwritten" : "idle",
			 format_duration(time, cell->idle_ns));
	}
}

void strip_tell(struct live *live, const struct area *area, int row,
		const struct snapshot_region *region, const struct cells *cells, unsigned int cell)
{
	const struct range whole = live->nr_zooms ? live->zoom[live->nr_zooms - 1] : region->range;
	const struct range range = strip_range(cells, whole, cell);
	const struct cell *at = &cells->at[cell];
	auto_free char *own = live_name(live, region->range.start, range.start);
	auto_free char *name = words_printable(own ? own : strip_name(region), paint_utf8());
	char idle[80], resident[FORMAT_LEN], size[FORMAT_LEN], hot[FORMAT_LEN];

	tell_idle(live, region, at, idle);
	paint_print(area, row, 0, INK_BOLD, "%" PRIx64 "-%" PRIx64 "  %s", range.start, range.end,
		    name ? name : "");
	paint_print(
		area, row + 1, 0, INK_BOLD, "%s   %s %s, %s of %s resident", idle,
		format_bytes(hot, at->hot_bytes), region->sees == SEES_WRITES ? "written" : "hot",
		format_bytes(resident, at->resident_bytes), format_bytes(size, range_bytes(range)));
}
