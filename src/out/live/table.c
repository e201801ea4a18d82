/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whose the memory is, line by line, sorted; of several processes, which they are. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/format.h"
#include "out/group_words.h"
#include "out/live/view.h"
#include "out/words.h"

struct line {
	char *name; /* owned */
	const char *how, *reason;
	char median[FORMAT_LEN];
	uint64_t hot_bytes, cold_bytes, resident_bytes;
	bool hot_known, cold_known, writes;
	int64_t idle_ns;	 /* the median, for sorting; -1: none */
	struct watched *watched; /* in the list of processes */
};

struct lines {
	struct line *at;
	unsigned int nr;
	bool any_hot, any_written; /* what the columns are to be called */
};

static void lines_free(struct lines *lines)
{
	for (unsigned int i = 0; i < lines->nr; i++)
		free(lines->at[i].name);
	free(lines->at);
}

static bool add_line(struct lines *lines, const struct line *line)
{
	if (!line->name)
		return false;
	lines->any_hot |= line->hot_known && !line->writes;
	lines->any_written |= line->hot_known && line->writes;
	lines->at[lines->nr++] = *line;
	return true;
}

static bool add_group(struct lines *lines, const struct group *group, const struct edges *edges)
{
	auto_free char *label = group_label(group);
	struct line line = {
		.how = group_how(group),
		.reason = group_reason(group),
		.hot_bytes = group->figures.hot_bytes,
		.cold_bytes = group->figures.cold_bytes,
		.resident_bytes = group->resident_bytes,
		.hot_known = group->method != METHOD_NONE,
		.cold_known = group->ages,
		.writes = group->sees == SEES_WRITES,
		.idle_ns = group->ages ? group->figures.idle_median_ns : -1,
	};
	const char *median;

	if (!group->resident_bytes)
		return true;
	median = group_median(line.median, group, edges);
	if (median != line.median)
		snprintf(line.median, sizeof(line.median), "%s", median);
	line.name = label ? words_printable(label, paint_utf8()) : NULL;
	return add_line(lines, &line);
}

static bool add_watched(struct lines *lines, const struct live *live, struct watched *watched)
{
	const struct picture *picture = watched_picture(live, watched);
	const struct figures *figures = picture ? picture_figures(&picture->snap) : NULL;
	auto_free char *comm = words_printable(watched->comm, paint_utf8());
	struct line line = { .how = "", .reason = "", .median = "", .watched = watched };

	if (!comm || asprintf(&line.name, "%s[%d]%s", comm, watched->info.pid,
			      watched->ended ? "  ended" : "") < 0)
		return false;
	line.idle_ns = -1;
	if (!picture)
		return add_line(lines, &line);
	line.writes = figures == &picture->snap.writes;
	line.hot_known = picture->snap.tracked || picture->snap.writes_only;
	line.cold_known = line.writes || picture->snap.ages;
	line.hot_bytes = figures->hot_bytes;
	line.cold_bytes = figures->cold_bytes;
	line.resident_bytes = picture->snap.resident_bytes;
	return add_line(lines, &line);
}

static int compare_bytes(uint64_t a, bool a_known, uint64_t b, bool b_known)
{
	if (a_known != b_known)
		return a_known ? -1 : 1;
	return a > b ? -1 : a < b;
}

static int compare_by(enum sort sort, const struct line *a, const struct line *b)
{
	switch (sort) {
	case SORT_HOT:
		return compare_bytes(a->hot_bytes, a->hot_known, b->hot_bytes, b->hot_known);
	case SORT_COLD:
		return compare_bytes(a->cold_bytes, a->cold_known, b->cold_bytes, b->cold_known);
	case SORT_IDLE:
		return a->idle_ns > b->idle_ns ? -1 : a->idle_ns < b->idle_ns;
	case SORT_NAME:
		return strcmp(a->name, b->name);
	default:
		return 0;
	}
}

static int compare_lines(const void *left, const void *right, void *sort)
{
	const struct line *a = left, *b = right;
	int order = compare_by(*(const enum sort *)sort, a, b);

	if (!order)
		order = compare_bytes(a->resident_bytes, true, b->resident_bytes, true);
	return order ? order : strcmp(a->name, b->name);
}

static bool make_groups(struct live *live, struct lines *lines)
{
	const struct groups *groups = live_groups(live);

	lines->at = calloc(groups ? groups->nr + 1 : 1, sizeof(*lines->at));
	for (size_t i = 0; lines->at && groups && i < groups->nr; i++)
		if (!add_group(lines, &groups->at[i], live_info(live)->edges))
			return false;
	return lines->at;
}

static bool make_list(const struct live *live, struct lines *lines)
{
	lines->at = calloc(live->nr_watched + 1, sizeof(*lines->at));
	for (size_t i = 0; lines->at && i < live->nr_watched; i++)
		if (!add_watched(lines, live, live->watched[i]))
			return false;
	return lines->at;
}

/* To be freed; false: no memory. */
static bool make_lines(struct live *live, struct lines *lines)
{
	*lines = (struct lines){ 0 };
	if (!(live->chosen ? make_groups(live, lines) : make_list(live, lines))) {
		lines_free(lines);
		return false;
	}
	qsort_r(lines->at, lines->nr, sizeof(*lines->at), compare_lines, &live->sort);
	return true;
}

/* Where each column ends; 0: it is left out. */
struct stops {
	int hot, cold, resident, median, how, name;
};

static struct stops stops_for(const struct area *area, bool list)
{
	if (area->columns < 60 || list)
		return (struct stops){ .hot = 10, .cold = 20, .resident = 30, .name = 32 };
	return (struct stops){
		.hot = 10, .cold = 20, .resident = 30, .median = 44, .how = 46, .name = 51
	};
}

static void put_bytes(const struct area *area, int row, int end, uint64_t bytes, bool known)
{
	char size[FORMAT_LEN];

	paint_put_right(area, row, end, INK_PLAIN, words_bytes(size, bytes, known));
}

static void draw_line(const struct area *area, int row, const struct stops *stops,
		      const struct line *line)
{
	const int width = area->columns - stops->name;
	int at;

	put_bytes(area, row, stops->hot, line->hot_bytes, line->hot_known);
	put_bytes(area, row, stops->cold, line->cold_bytes, line->cold_known);
	put_bytes(area, row, stops->resident, line->resident_bytes, true);
	if (stops->median)
		paint_put_right(area, row, stops->median, INK_PLAIN, line->median);
	if (stops->how)
		paint_put(area, row, stops->how, INK_DIM, line->how);
	if (width <= 0)
		return;
	at = paint_put(area, row, stops->name, INK_PLAIN, words_tail(line->name, width));
	if (*line->reason)
		paint_print(area, row, at, INK_DIM, "  (%s)", line->reason);
}

static void draw_titles(const struct live *live, const struct area *area, const struct stops *stops,
			const struct lines *lines)
{
	const bool both = lines->any_hot && lines->any_written, hot = !lines->any_written;
	const enum sort sort = live->sort;

	paint_put_right(area, 1, stops->hot, sort == SORT_HOT ? INK_BOLD : INK_DIM,
			both  ? "hot/writ."
			: hot ? "hot"
			      : "written");
	paint_put_right(area, 1, stops->cold, sort == SORT_COLD ? INK_BOLD : INK_DIM,
			both  ? "cold/unw."
			: hot ? "cold"
			      : "unwritten");
	paint_put_right(area, 1, stops->resident, sort == SORT_RESIDENT ? INK_BOLD : INK_DIM,
			"resident");
	if (stops->median)
		paint_put_right(area, 1, stops->median, sort == SORT_IDLE ? INK_BOLD : INK_DIM,
				both || hot ? "idle p50" : "unwritten p50");
	if (stops->how)
		paint_put(area, 1, stops->how, INK_DIM, "how");
	paint_put(area, 1, stops->name, sort == SORT_NAME ? INK_BOLD : INK_DIM,
		  live->chosen ? groups_by_name(live->by) : "process  (Enter chooses)");
}

static void table_draw(struct live *live, const struct area *area)
{
	static const char *const sorts[2][SORT_NR] = {
		{ "hot", "cold", "resident", "idle time", "name" },
		{ "written", "unwritten", "resident", "unwritten time", "name" },
	};
	struct area rows = { area->top + 2, area->left, area->rows - 2, area->columns };
	const struct stops stops = stops_for(area, !live->chosen);
	struct cursor *cursor = &live->table_cursor;
	struct lines lines;

	if (rows.rows < 1 || !make_lines(live, &lines))
		return;
	paint_print(area, 0, 16, INK_DIM, "by %s (b), sorted by %s (s), %u of them",
		    live->chosen ? groups_by_name(live->by) : "process",
		    sorts[lines.any_written && !lines.any_hot][live->sort], lines.nr);
	draw_titles(live, area, &stops, &lines);
	live->table_page = (unsigned int)rows.rows;
	cursor_fit(cursor, lines.nr, live->table_page);
	for (unsigned int i = cursor->top; i < lines.nr && i < cursor->top + live->table_page; i++)
		draw_line(&rows, (int)(i - cursor->top), &stops, &lines.at[i]);
	if (lines.nr)
		paint_mark(&rows, (int)(cursor->at - cursor->top), 0, rows.columns, INK_SELECTED);
	lines_free(&lines);
}

/* Of one process nothing; in the list, the process. */
static void choose(struct live *live, const struct lines *lines)
{
	if (live->chosen || live->table_cursor.at >= lines->nr)
		return;
	if (live->paused) {
		live_say(live, "paused: go on first (p), then choose");
		return;
	}
	live->chosen = lines->at[live->table_cursor.at].watched;
	live->table_cursor = live->map_cursor = (struct cursor){ 0 };
}

static void back(struct live *live)
{
	if (live->nr_watched < 2 || live->paused)
		return;
	live->chosen = NULL;
	live->nr_zooms = 0;
	live->table_cursor = (struct cursor){ 0 };
}

static bool table_key(struct live *live, int key)
{
	struct lines lines;
	bool taken = true;

	if (!make_lines(live, &lines))
		return false;
	if (key == KEYS_ENTER)
		choose(live, &lines);
	else if (key == KEYS_ESCAPE || key == KEYS_BACKSPACE)
		back(live);
	else
		taken = cursor_key(&live->table_cursor, key, lines.nr, live->table_page);
	lines_free(&lines);
	return taken;
}

void table_search(struct live *live)
{
	struct lines lines;
	unsigned int i;

	live->focus = PANE_TABLE;
	if (!make_lines(live, &lines))
		return;
	for (i = 1; i <= lines.nr; i++) {
		const unsigned int at = (live->table_cursor.at + i) % lines.nr;

		if (!live_matches(live, lines.at[at].name))
			continue;
		live->table_cursor.at = at;
		break;
	}
	if (i > lines.nr)
		live_say(live, "no line has '%.60s' in its name", live->search);
	lines_free(&lines);
}

const struct pane_ops pane_table = { "memory", table_draw, table_key };
