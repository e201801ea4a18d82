/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which pane lies where.  A small terminal shows the one that has the keys, a large one all. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/format.h"
#include "out/decision_table.h"
#include "out/live/view.h"

#define GRAPH_ROWS 6
#define IDLE_ROWS 15

const struct pane_ops *const panes[PANE_NR] = {
	[PANE_GRAPH] = &pane_graph,
	[PANE_IDLE] = &pane_idle,
	[PANE_MAP] = &pane_map,
	[PANE_TABLE] = &pane_table,
};

static void draw_pane(struct live *live, enum pane pane, const struct area *area)
{
	if (area->rows < 2)
		return;
	paint_put(area, 0, 0, live->focus == pane ? INK_FOCUS : INK_TITLE, panes[pane]->title);
	panes[pane]->draw(live, area);
}

/* Cut `rows` from the top of what is left. */
static struct area cut(struct area *left, int rows)
{
	struct area top = *left;

	top.rows = rows < left->rows ? rows : left->rows;
	left->top += top.rows;
	left->rows -= top.rows;
	return top;
}

/* All four: the map below, the table beside graph and idle times. */
static void draw_all(struct live *live, struct area area)
{
	struct area top = cut(&area, area.rows < 45 ? area.rows * 2 / 3 : 30);
	struct area right = top;
	struct area graph;

	top.columns = top.columns * 9 / 20;
	right.left += top.columns + 2;
	right.columns -= top.columns + 2;
	graph = cut(&top, GRAPH_ROWS + 2);
	draw_pane(live, PANE_GRAPH, &graph);
	draw_pane(live, PANE_IDLE, &top);
	draw_pane(live, PANE_TABLE, &right);
	draw_pane(live, PANE_MAP, &area);
}

/* Graph, idle times, and the map or the table. */
static void draw_three(struct live *live, struct area area)
{
	struct area graph = cut(&area, GRAPH_ROWS), idle = cut(&area, IDLE_ROWS);

	draw_pane(live, PANE_GRAPH, &graph);
	draw_pane(live, PANE_IDLE, &idle);
	draw_pane(live, live->focus == PANE_TABLE ? PANE_TABLE : PANE_MAP, &area);
}

static void draw_panes(struct live *live, struct area area)
{
	struct area graph;

	if (area.columns >= 140 && area.rows >= 36) {
		draw_all(live, area);
		return;
	}
	if (area.rows >= 30) {
		draw_three(live, area);
		return;
	}
	if (area.rows >= 17 && live->focus != PANE_GRAPH) {
		graph = cut(&area, GRAPH_ROWS - 1);
		draw_pane(live, PANE_GRAPH, &graph);
	}
	draw_pane(live, live->focus, &area);
}

unsigned int cover_top(struct live *live, unsigned int nr, int rows)
{
	struct cursor *cursor = &live->cover_cursor;
	const unsigned int last = nr > (unsigned int)rows ? nr - (unsigned int)rows : 0;

	live->cover_lines = nr;
	live->cover_page = (unsigned int)rows;
	if (cursor->at > last)
		cursor->at = last;
	return cursor->at;
}

static void draw_notes(struct live *live, const struct area *area)
{
	unsigned int nr = live->nr_notes < NOTES_MAX ? live->nr_notes : NOTES_MAX;
	unsigned int top = cover_top(live, nr, area->rows);

	if (!nr)
		paint_put(area, 0, 0, INK_PLAIN, "nothing has happened so far");
	for (int row = 0; row < area->rows && top + (unsigned int)row < nr; row++)
		paint_put(area, row, 0, INK_PLAIN,
			  live->note[(live->nr_notes - 1 - top - (unsigned int)row) % NOTES_MAX]);
}

static unsigned int count_lines(const char *text)
{
	unsigned int nr = 0;

	for (; *text; text++)
		nr += *text == '\n';
	return nr;
}

static void draw_decision(struct live *live, const struct area *area)
{
	const struct snapshot *snap = live_snapshot(live);
	auto_free char *text = NULL;
	size_t len = 0;
	FILE *stream;

	if (!snap || !snap->decision || !snap->ages) {
		paint_put(area, 0, 0, INK_PLAIN,
			  live->chosen ? "nothing to decide by: there are no page ages of reads "
					 "and writes"
				       : "choose a process first: l, then Enter");
		return;
	}
	stream = open_memstream(&text, &len);
	if (!stream)
		return;
	decision_table_print(stream, snap->decision);
	if (fclose(stream))
		return;
	paint_lines(area, 0, cover_top(live, count_lines(text), area->rows), text);
}

void cover_draw(struct live *live, const struct area *area)
{
	static const char *const titles[] = {
		[COVER_HELP] = "keys",
		[COVER_DECISION] = "what taking memory away would have cost",
		[COVER_NOTES] = "events and warnings, the latest first",
		[COVER_OUTPUT] = "the end of what the command has written",
	};
	struct area inner = *area;

	paint_put(area, 0, 0, INK_FOCUS, titles[live->cover]);
	(void)cut(&inner, 1);
	if (live->cover == COVER_HELP)
		keys_help(live, &inner);
	else if (live->cover == COVER_DECISION)
		draw_decision(live, &inner);
	else if (live->cover == COVER_OUTPUT)
		output_tail_draw(live, &inner);
	else
		draw_notes(live, &inner);
}

/* "3 late, ", of all samples so far; "" for none. */
static const char *late_text(const struct live *live, char text[32])
{
	unsigned int nr = 0;

	for (size_t i = 0; i < live->nr_watched; i++)
		nr += live->watched[i]->late_samples;
	text[0] = '\0';
	if (nr)
		snprintf(text, 32, "%u late, ", nr);
	return text;
}

/* "every 5 s", "PAUSED", "recording 3/120" */
static void status_text(const struct live *live, char text[80])
{
	const struct live_playing *playing = &live->playing;
	char time[FORMAT_LEN], late[32];

	if (playing->on)
		snprintf(text, 80, "%s %u/%u%s%s", "recording", playing->step, playing->steps,
			 playing->running ? ", a step every " : "",
			 playing->running ? format_duration(time, playing->pace_ns) : "");
	else if (live->over)
		snprintf(text, 80, "ENDED");
	else
		snprintf(text, 80, "%s%severy %s", live->paused ? "PAUSED, " : "",
			 late_text(live, late), format_duration(time, live->interval_ns));
}

static void draw_prompt(struct live *live, const struct area *area)
{
	int at = paint_put(area, 0, 0, INK_BOLD,
			   live->prompt == PROMPT_SEARCH ? "search: " : "write to: ");

	at = paint_put(area, 0, at, INK_PLAIN, live->typed);
	paint_cursor(area, 0, at);
}

static void draw_last_line(struct live *live, const struct area *area)
{
	const char *hints =
		live->playing.on ? "h help  q quit  Tab pane  < > step  Space play  b by  w write"
				 : "h help  q quit  Tab pane  p pause  + -  b by  s sort  / search";
	struct area left = *area;
	char status[80];

	if (live->prompt) {
		draw_prompt(live, area);
		return;
	}
	status_text(live, status);
	paint_put_right(area, 0, area->columns, live->paused ? INK_ALERT : INK_DIM, status);
	left.columns -= (int)strlen(status) + 1;
	if (left.columns > 0)
		paint_put(&left, 0, 0, *live->message ? INK_BOLD : INK_DIM,
			  *live->message ? live->message : hints);
}

static void draw_too_small(const struct area *area)
{
	paint_print(area, 0, 0, INK_BOLD, "too small (%dx%d)", area->columns, area->rows);
	paint_print(area, 1, 0, INK_PLAIN, "at least %dx%d", MIN_COLUMNS, MIN_ROWS);
	paint_print(area, 2, 0, INK_PLAIN, "q quits");
}

void layout_draw(struct live *live)
{
	struct area all = screen_area(), last;

	if (all.rows < MIN_ROWS || all.columns < MIN_COLUMNS) {
		draw_too_small(&all);
		return;
	}
	last = (struct area){ all.rows - 1, 0, 1, all.columns };
	all.rows--;
	(void)cut(&all, head_draw(live, &all));
	if (live->cover)
		cover_draw(live, &all);
	else
		draw_panes(live, all);
	draw_last_line(live, &last);
}
