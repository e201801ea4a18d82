/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What each key does; the help screen is made of the same table. */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/format.h"
#include "out/live/view.h"

#define MS INT64_C(1000000)

/* What + and - choose from, beside the interval that was asked for. */
static const int64_t intervals_ns[] = {
	100 * MS,     200 * MS,	     500 * MS,	    1 * NS_PER_S,  2 * NS_PER_S,
	5 * NS_PER_S, 10 * NS_PER_S, 20 * NS_PER_S, 30 * NS_PER_S, 60 * NS_PER_S,
};

static void quit(struct live *live)
{
	live->quit = true;
}

/* Each target's picture of now stays, and so do the pages of the one that is looked at. */
static void hold(struct live *live)
{
	live->paused = true;
	for (size_t i = 0; i < live->nr_watched; i++) {
		live->watched[i]->held = live->watched[i]->now;
		history_hold(&live->watched[i]->history, true);
	}
	history_hold(&live->sum_history, true);
	if (live->chosen && live->chosen->inspect && live->chosen->inspect->books)
		live->chosen->frozen = inspect_freeze(live->chosen->inspect);
}

void live_go_on(struct live *live)
{
	live->paused = false;
	for (size_t i = 0; i < live->nr_watched; i++) {
		struct watched *watched = live->watched[i];

		if (watched->held != watched->now)
			picture_free(watched->held);
		watched->held = NULL;
		history_hold(&watched->history, false);
		watched->grouped = watched->named = NULL;
		inspect_thaw(watched->frozen);
		watched->frozen = NULL;
	}
	history_hold(&live->sum_history, false);
}

static void pause_view(struct live *live)
{
	if (live->over) {
		live->quit = true;
	} else if (live->playing.on) {
		live->playing.running = !live->playing.running;
		if (live->playing.running && live->playing.step == live->playing.steps)
			live->wish.step = 1;
	} else {
		if (live->paused)
			live_go_on(live);
		else
			hold(live);
	}
}

static void set_interval(struct live *live, int64_t ns)
{
	int64_t *interval_ns = live->playing.on ? &live->playing.pace_ns : &live->interval_ns;

	if (!ns)
		return;
	*interval_ns = ns;
	live->wish.interval_ns = live->playing.on ? 0 : ns;
}

static int64_t interval_now(const struct live *live)
{
	return live->playing.on ? live->playing.pace_ns : live->interval_ns;
}

static void longer(struct live *live)
{
	const int64_t now_ns = interval_now(live);
	unsigned int i = 0;

	while (i < ARRAY_LEN(intervals_ns) && intervals_ns[i] <= now_ns)
		i++;
	set_interval(live, i < ARRAY_LEN(intervals_ns) ? intervals_ns[i] : 0);
}

static void shorter(struct live *live)
{
	const int64_t now_ns = interval_now(live);
	unsigned int i = ARRAY_LEN(intervals_ns);

	while (i > 0 && intervals_ns[i - 1] >= now_ns)
		i--;
	set_interval(live, i > 0 ? intervals_ns[i - 1] : 0);
}

static void sort_next(struct live *live)
{
	live->sort = (live->sort + 1) % SORT_NR;
	live->table_cursor = (struct cursor){ 0 };
}

static void by_next(struct live *live)
{
	static const enum groups_by next[] = {
		[BY_NONE] = BY_MAPPING, [BY_MAPPING] = BY_SECTION, [BY_SECTION] = BY_SYMBOL,
		[BY_SYMBOL] = BY_KIND,	[BY_KIND] = BY_MAPPING,
	};

	live->by = next[live->by];
	live->table_cursor = (struct cursor){ 0 };
}

static void search(struct live *live)
{
	live->prompt = PROMPT_SEARCH;
	live->typed[0] = '\0';
}

static void search_again(struct live *live)
{
	if (!*live->search)
		live_say(live, "nothing has been searched for yet: /");
	else if (live->focus == PANE_MAP)
		map_search(live);
	else
		table_search(live);
}

static void cover(struct live *live, enum cover with)
{
	live->cover = live->cover == with ? COVER_NONE : with;
	live->cover_cursor = (struct cursor){ 0 };
}

static void decide(struct live *live)
{
	cover(live, COVER_DECISION);
}

static void help(struct live *live)
{
	cover(live, COVER_HELP);
}

static void notes(struct live *live)
{
	cover(live, COVER_NOTES);
}

static void command_output(struct live *live)
{
	if (live->output_path)
		cover(live, COVER_OUTPUT);
	else
		live_say(live, "only of a command that was launched (-- COMMAND)");
}

static void unfold(struct live *live)
{
	live->unfolded = !live->unfolded;
	live->map_cursor = (struct cursor){ 0 };
}

static void choose_sum(struct live *live)
{
	if (live->nr_watched < 2) {
		live_say(live, "there is one process only");
		return;
	}
	live->chosen = NULL;
	live->nr_zooms = 0;
	live->focus = PANE_TABLE;
	live->table_cursor = (struct cursor){ 0 };
}

static void write_out(struct live *live)
{
	const struct snapshot *snap = live_snapshot(live);

	if (!live->chosen || !snap) {
		live_say(live, live->chosen ? "there is no sample yet"
					    : "choose a process first: l, then Enter");
		return;
	}
	live->prompt = PROMPT_WRITE;
	snprintf(live->typed, sizeof(live->typed), "wsstat-%d-%u.txt", snap->pid, snap->sample);
}

/* Which step was wished for before in this round of keys, or is shown; 0: there are none. */
static unsigned int step_now(struct live *live)
{
	if (!live->playing.on) {
		live_say(live, "only a recording can be stepped through (--replay)");
		return 0;
	}
	live->playing.running = false;
	return live->wish.step ? live->wish.step : live->playing.step;
}

static void step_back(struct live *live)
{
	const unsigned int now = step_now(live);

	live->wish.step = now > 1 ? now - 1 : now;
}

static void step_on(struct live *live)
{
	const unsigned int now = step_now(live);

	live->wish.step = now < live->playing.steps ? now + 1 : now;
}

static void step_first(struct live *live)
{
	live->wish.step = step_now(live) ? 1 : 0;
}

static void step_last(struct live *live)
{
	live->wish.step = step_now(live) ? live->playing.steps : 0;
}

static void next_pane(struct live *live)
{
	live->focus = (live->focus + 1) % PANE_NR;
}

static void pane_before(struct live *live)
{
	live->focus = (live->focus + PANE_NR - 1) % PANE_NR;
}

static void redraw(struct live *live)
{
	live->dirty = true;
	screen_renew();
}

static const struct binding {
	int key, other; /* other: 0, or another one for the same */
	void (*act)(struct live *live);
	const char *name, *help;
} bindings[] = {
	{ 'q', 0, quit, "q", "quit (Ctrl-C too)" },
	{ 'h', '?', help, "h ?", "this help" },
	{ KEYS_TAB, 0, next_pane, "Tab", "next pane: graph, idle times, map, table" },
	{ KEYS_BACK_TAB, 0, pane_before, "Shift-Tab", "the pane before" },
	{ 'p', ' ', pause_view, "p Space", "pause; sampling goes on.  Recording: play" },
	{ '+', '=', longer, "+", "longer interval (recording: slower)" },
	{ '-', '_', shorter, "-", "shorter interval (recording: faster)" },
	{ 'b', 0, by_next, "b", "table by mapping, section, symbol, kind" },
	{ 's', 0, sort_next, "s", "sort by hot, cold, resident, idle time, name" },
	{ '/', 0, search, "/", "search a name in the map or the table" },
	{ 'n', 0, search_again, "n", "the next one" },
	{ 'd', 0, decide, "d", "decision table: what taking memory away would cost" },
	{ 'e', 0, notes, "e", "events and warnings so far" },
	{ 'o', 0, command_output, "o", "what the command has written" },
	{ 'u', 0, unfold, "u", "map: unfold what is not observed, and back" },
	{ 'l', 0, choose_sum, "l", "several processes: the list, and their sum" },
	{ 'w', 0, write_out, "w", "write this sample to a file (.json: as JSON)" },
	{ '<', ',', step_back, "<", "recording: one sample back" },
	{ '>', '.', step_on, ">", "recording: one sample on" },
	{ '{', '[', step_first, "{", "recording: the first sample" },
	{ '}', ']', step_last, "}", "recording: the last sample" },
	{ 12, KEYS_RESIZED, redraw, "Ctrl-L", "draw anew" },
};

/* Keys of the panes, for the help alone. */
static const struct {
	const char *name, *help;
} pane_help[] = {
	{ "arrows PgUp PgDn", "move the cursor (Home and End, too)" },
	{ "Enter", "map: zoom into the mapping, then into the cell; list: choose" },
	{ "Esc Backspace", "back: out of the zoom, away from this" },
	{ "Ctrl-Z", "stop; fg brings it back" },
};

static void end_prompt(struct live *live)
{
	const enum prompt prompt = live->prompt;

	live->prompt = PROMPT_NONE;
	if (prompt == PROMPT_WRITE) {
		if (*live->typed)
			write_picture(live, live->typed);
		return;
	}
	memcpy(live->search, live->typed, sizeof(live->search));
	if (*live->search)
		search_again(live);
}

/* One character more, in UTF-8. */
static void type(struct live *live, int key)
{
	size_t len = strlen(live->typed);
	char text[5] = "";
	wchar_t wide[2] = { (wchar_t)key, 0 };

	if (key >= KEYS_FIRST || wcstombs(text, wide, sizeof(text)) == (size_t)-1 ||
	    len + strlen(text) >= sizeof(live->typed))
		return;
	strcat(live->typed, text);
}

static void erase_character(struct live *live)
{
	size_t len = strlen(live->typed);

	while (len && (live->typed[len - 1] & 0xc0) == 0x80)
		len--;
	live->typed[len ? len - 1 : 0] = '\0';
}

static void prompt_key(struct live *live, int key)
{
	switch (key) {
	case KEYS_ENTER:
		end_prompt(live);
		break;
	case KEYS_ESCAPE:
		live->prompt = PROMPT_NONE;
		break;
	case KEYS_BACKSPACE:
		erase_character(live);
		break;
	case 21: /* Ctrl-U */
		live->typed[0] = '\0';
		break;
	default:
		type(live, key);
	}
}

static bool act(struct live *live, int key)
{
	for (unsigned int i = 0; i < ARRAY_LEN(bindings); i++) {
		if (bindings[i].key != key && (!bindings[i].other || bindings[i].other != key))
			continue;
		bindings[i].act(live);
		return true;
	}
	return false;
}

void keys_take(struct live *live, int key)
{
	const bool known = key != KEYS_RESIZED;

	if (key == KEYS_GONE) {
		live->quit = true;
		return;
	}
	if (live->prompt && known) {
		prompt_key(live, key);
		return;
	}
	if (known && live->over)
		live_say(live, LIVE_ENDED);
	else if (known)
		live->message[0] = '\0';
	if (act(live, key))
		return;
	if (live->cover) {
		if (key == KEYS_ESCAPE || key == KEYS_BACKSPACE || key == KEYS_ENTER)
			live->cover = COVER_NONE;
		else
			(void)cursor_key(&live->cover_cursor, key, live->cover_lines,
					 live->cover_page);
		return;
	}
	if (panes[live->focus]->key && panes[live->focus]->key(live, key))
		return;
	/* Who moves where nothing moves does not mean to end. */
	live->quit |= live->over && key < KEYS_FIRST;
}

void keys_help(struct live *live, const struct area *area)
{
	const unsigned int nr_keys = ARRAY_LEN(bindings);
	const unsigned int nr = nr_keys + ARRAY_LEN(pane_help);
	const unsigned int top = cover_top(live, nr, area->rows);

	for (unsigned int i = top; i < nr; i++) {
		const int row = (int)(i - top);
		const bool of_pane = i >= nr_keys;

		paint_put(area, row, 2, INK_BOLD,
			  of_pane ? pane_help[i - nr_keys].name : bindings[i].name);
		paint_put(area, row, 20, INK_PLAIN,
			  of_pane ? pane_help[i - nr_keys].help : bindings[i].help);
	}
}
