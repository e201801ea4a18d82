/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who is watched, and what is shown of them; the way of a sample to the screen and of a key back.
 */
#include "config.h"

#include "out/live/live.h"

#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/format.h"
#include "base/io.h"
#include "base/log.h"
#include "core/interrupt.h"
#include "out/group_words.h"
#include "out/live/terminal.h"
#include "out/live/view.h"
#include "out/words.h"

#define ENDED_MAX 64		     /* targets that are kept in the list when they have ended */
#define REDRAW_NS INT64_C(490000000) /* not more often, unless a key is pressed */

/* base/log.h knows no context, and there is one terminal. */
static struct live *has_terminal;

static int no_memory(struct error *err)
{
	return error_set(err, ERROR_FAILED, ENOMEM, "cannot show the process");
}

void live_say(struct live *live, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(live->message, sizeof(live->message), fmt, args);
	va_end(args);
	live->dirty = true;
}

static void note(struct live *live, const char *text)
{
	snprintf(live->note[live->nr_notes++ % NOTES_MAX], NOTE_LEN, "%s", text);
}

static void take_line(const char *line)
{
	struct live *live = has_terminal;

	snprintf(live->line[live->nr_lines++ % NOTES_MAX], NOTE_LEN, "%s", line);
	note(live, line);
	live_say(live, "%s", line);
}

/* What was told meanwhile, to where it belongs. */
static void say_lines(const struct live *live)
{
	unsigned int from = live->nr_lines > NOTES_MAX ? live->nr_lines - NOTES_MAX : 0;

	/* Who wanted no warnings has none here. */
	for (unsigned int i = from; i < live->nr_lines; i++)
		log_error("%s", live->line[i % NOTES_MAX]);
}

int live_open(struct live **out, int64_t interval_ns, enum groups_by by, struct error *err)
{
	struct live *live = calloc(1, sizeof(*live));
	int rc;

	*out = NULL;
	if (!live)
		return no_memory(err);
	rc = terminal_check(err);
	if (rc) {
		free(live);
		return rc;
	}
	live->interval_ns = interval_ns;
	live->by = by ? by : BY_MAPPING;
	live->focus = PANE_IDLE;
	*out = live;
	return 0;
}

static int take_terminal(struct live *live, struct error *err)
{
	int rc = screen_open(err);

	if (rc)
		return rc;
	has_terminal = live;
	log_divert(take_line);
	return 0;
}

/* The pictures and all that was asked about them. */
static void forget_pictures(struct watched *watched)
{
	if (watched->held != watched->now)
		picture_free(watched->held);
	picture_free(watched->now);
	groups_free(&watched->own_groups);
	asker_end(&watched->grouper);
	asker_end(&watched->namer);
	inspect_thaw(watched->frozen);
	free(watched);
}

void live_forget(struct live *live)
{
	live->chosen_pid = live->chosen ? live->chosen->info.pid : 0;
	live->sum_again = live->nr_watched && !live->chosen;
	for (size_t i = 0; i < live->nr_watched; i++)
		forget_pictures(live->watched[i]);
	live->nr_watched = 0;
	live->edges_differ = false;
	live->chosen = NULL;
	live->sum_history = (struct history){ 0 };
	live->nr_notes = 0;
}

void live_close(struct live *live)
{
	if (!live)
		return;
	log_divert(NULL);
	has_terminal = NULL;
	screen_close();
	if (live->summaries)
		(void)!io_write_all(STDOUT_FILENO, live->summaries, strlen(live->summaries));
	say_lines(live);
	live_forget(live);
	free(live->summaries);
	free(live->watched);
	free(live);
}

void live_set_output(struct live *live, const char *path)
{
	live->output_path = path;
}

int live_fd(void *live)
{
	(void)live;
	return screen_fd();
}

struct output live_output(const struct live *live, FILE *stream, int columns)
{
	return (struct output){
		.stream = stream,
		.columns = columns,
		.utf8 = paint_utf8(),
		.verbose = true,
		.info = *live_info(live),
	};
}

struct live_playing *live_playing(struct live *live)
{
	return &live->playing;
}

static struct watched *find(const struct live *live, int pid)
{
	for (size_t i = live->nr_watched; i-- > 0;)
		if (live->watched[i]->info.pid == pid)
			return live->watched[i];
	return NULL;
}

static bool edges_equal(const struct edges *a, const struct edges *b)
{
	return a->nr == b->nr && !memcmp(a->ns, b->ns, a->nr * sizeof(a->ns[0]));
}

/*
 * The first one is shown; the sum, if there are several from the beginning on; and what was, if
 * a recording begins anew.
 */
static void choose(struct live *live, struct watched *added)
{
	const bool at_once = live->nr_watched == 2 && !live->watched[0]->now && !live->chosen_pid;

	if (live->sum_again || at_once)
		live->chosen = NULL;
	else if (live->nr_watched == 1 || added->info.pid == live->chosen_pid)
		live->chosen = added;
}

int live_header(void *ctx, const struct run_info *info, struct error *err)
{
	struct live *live = ctx;
	struct watched *watched;
	int rc = has_terminal ? 0 : take_terminal(live, err);

	if (rc)
		return rc;
	if (util_reserve(&live->watched, live->nr_watched, &live->watched_cap,
			 sizeof(struct watched *)))
		return no_memory(err);
	watched = calloc(1, sizeof(*watched));
	if (!watched)
		return no_memory(err);
	live->watched[live->nr_watched++] = watched;
	watched->info = *info;
	watched->edges = *info->edges;
	watched->info.edges = &watched->edges;
	snprintf(watched->comm, sizeof(watched->comm), "%s", info->comm);
	watched->info.comm = watched->comm;
	live->edges_differ |= !edges_equal(&live->watched[0]->edges, &watched->edges);
	choose(live, watched);
	live->dirty = true;
	return 0;
}

/* What is held stays, and what was asked about it. */
static void replace_picture(struct watched *watched, struct picture *picture)
{
	struct picture *old = watched->now;

	watched->now = picture;
	if (old == watched->held)
		return;
	if (watched->grouped == old)
		watched->grouped = NULL;
	if (watched->named == old)
		watched->named = NULL;
	picture_free(old);
}

int live_sample(void *ctx, const struct snapshot *snap, struct error *err)
{
	struct live *live = ctx;
	struct watched *watched = find(live, snap->pid);
	const struct point point = point_of(snap);
	struct picture *picture = picture_new(snap);

	if (!picture)
		return no_memory(err);
	replace_picture(watched, picture);
	watched->inspect = snap->inspect;
	snprintf(watched->comm, sizeof(watched->comm), "%s", snap->comm);
	history_add(&watched->history, &point);
	watched->late_samples += snap->late_ns > 0;
	live->sum_dirty = true;
	live->dirty = true;
	return 0;
}

int live_event(void *ctx, const struct event *event, struct error *err)
{
	struct live *live = ctx;
	auto_free char *what = words_printable(event->text   ? event->text
					       : event->name ? event->name
							     : "",
					       paint_utf8());
	char elapsed[FORMAT_LEN], text[NOTE_LEN];

	if (!what)
		return no_memory(err);
	/* Mappings come and go all the time; the map shows them. */
	if (!range_empty(event->range))
		return 0;
	snprintf(text, sizeof(text), "%s  [%d] %s: %.180s",
		 words_seconds(elapsed, event->elapsed_ns), event->pid, event_name(event->kind),
		 what);
	note(live, text);
	if (event->kind != EVENT_LATE) /* they are counted in the last line */
		live_say(live, "%s", text);
	return 0;
}

static bool anybody_left(const struct live *live)
{
	for (size_t i = 0; i < live->nr_watched; i++)
		if (!live->watched[i]->ended)
			return true;
	return false;
}

/* With --follow there can be any number of them: of those that have ended the last ones stay. */
static void drop_oldest_ended(struct live *live)
{
	size_t ended = 0, oldest = live->nr_watched;

	for (size_t i = live->nr_watched; i-- > 0;) {
		if (!live->watched[i]->ended || live->watched[i] == live->chosen)
			continue;
		oldest = i;
		ended++;
	}
	if (ended <= ENDED_MAX)
		return;
	forget_pictures(live->watched[oldest]);
	live->nr_watched--;
	memmove(live->watched + oldest, live->watched + oldest + 1,
		(live->nr_watched - oldest) * sizeof(*live->watched));
}

/* Until a key that does nothing else, or a signal. */
static void stay(struct live *live)
{
	live->over = true;
	live_go_on(live);
	live_say(live, LIVE_ENDED);
	while (!live->quit && !interrupt_signal()) {
		struct pollfd input = { .fd = screen_fd(), .events = POLLIN };
		struct wish wish;
		struct error ignored;

		if (live_attend(live, &wish, &ignored) || live->quit)
			return;
		if (interrupt_poll(&input, 1, -1) == -EINTR && interrupt_signal())
			return;
	}
}

/* What stays in the terminal when the view is gone. */
static int keep_summary(struct live *live, const struct run_summary *summary)
{
	auto_free char *text = NULL;
	struct output out;
	size_t len = 0;
	char *all;
	FILE *stream = open_memstream(&text, &len);

	if (!stream)
		return -ENOMEM;
	out = live_output(live, stream, screen_area().columns);
	if (output_text.summary(&out, summary) + fclose(stream))
		return -ENOMEM;
	if (asprintf(&all, "%s%s", live->summaries ? live->summaries : "", text) < 0)
		return -ENOMEM;
	free(live->summaries);
	live->summaries = all;
	return 0;
}

int live_summary(void *ctx, const struct run_summary *summary, struct error *err)
{
	struct live *live = ctx;
	struct watched *watched = find(live, summary->pid);

	watched->ended = true;
	/* Of children that were followed there can be any number. */
	if (!live->playing.on && !watched->info.parent_pid && keep_summary(live, summary))
		return no_memory(err);
	if (!live->playing.on && !anybody_left(live) && summary->end == END_EXITED)
		stay(live);
	if (!live->playing.on) {
		watched->inspect = NULL;
		inspect_thaw(watched->frozen);
		watched->frozen = NULL;
		drop_oldest_ended(live);
	}
	live->dirty = true;
	return 0;
}

const struct picture *watched_picture(const struct live *live, const struct watched *watched)
{
	return live->paused ? watched->held : watched->now;
}

const struct picture *live_picture(const struct live *live)
{
	return live->chosen ? watched_picture(live, live->chosen) : NULL;
}

const struct snapshot *live_snapshot(const struct live *live)
{
	const struct picture *picture = live_picture(live);

	if (live->chosen)
		return picture ? &picture->snap : NULL;
	return live->sum.sample ? &live->sum : NULL;
}

const struct history *live_history(const struct live *live)
{
	return live->chosen ? &live->chosen->history : &live->sum_history;
}

const struct run_info *live_info(const struct live *live)
{
	return live->chosen	  ? &live->chosen->info
	       : live->nr_watched ? &live->watched[0]->info
				  : NULL;
}

const struct inspect *live_inspect(const struct live *live)
{
	const struct watched *chosen = live->chosen;
	const struct inspect *inspect = !chosen	       ? NULL
					: live->paused ? chosen->frozen
						       : chosen->inspect;

	return inspect && inspect->books ? inspect : NULL;
}

/* By name and kind the picture itself tells; by section and symbol the books have to. */
static int make_groups(struct live *live, struct watched *watched, const struct picture *picture,
		       struct error *err)
{
	const struct inspect *inspect = live_inspect(live);
	struct snapshot snap = picture->snap;
	int rc;

	if (live->by == BY_MAPPING || live->by == BY_KIND) {
		groups_free(&watched->own_groups);
		watched->groups = &watched->own_groups;
		return groups_of_snapshot(&watched->own_groups, live->by, &picture->snap,
					  &watched->edges)
			       ? no_memory(err)
			       : 0;
	}
	if (!inspect)
		return error_set(err, ERROR_GONE, 0,
				 "its pages are not there to be asked any more");
	if ((!watched->grouper.whose || watched->grouped_by != live->by) &&
	    asker_begin(&watched->grouper, live->by))
		return no_memory(err);
	rc = inspect_groups(inspect, &watched->grouper, &snap, err);
	watched->groups = snap.groups;
	return rc;
}

const struct groups *live_groups(struct live *live)
{
	struct watched *watched = live->chosen;
	const struct picture *picture = live_picture(live);
	struct error err = { 0 };

	if (!picture)
		return NULL;
	if (watched->grouped == picture && watched->grouped_by == live->by)
		return watched->groups;
	if (make_groups(live, watched, picture, &err)) {
		live_say(live, "%s", err.text);
		watched->groups = NULL;
	}
	watched->grouped = picture;
	watched->grouped_by = live->by;
	return watched->groups;
}

static bool look_for_names(struct live *live, struct watched *watched)
{
	const struct inspect *inspect = live_inspect(live);
	struct error ignored;

	if (!inspect)
		return false;
	if (watched->named == live_picture(live))
		return watched->names_known;
	watched->named = live_picture(live);
	watched->names_known = (watched->namer.whose || !asker_begin(&watched->namer, BY_SYMBOL)) &&
			       !inspect_look(inspect, &watched->namer, &ignored);
	return watched->names_known;
}

char *live_name(struct live *live, uint64_t start, uint64_t addr)
{
	struct watched *watched = live->chosen;
	struct asked asked;
	char *name = NULL;

	if (!look_for_names(live, watched) || !asker_at(&watched->namer, start, addr, &asked))
		return NULL;
	if (asked.object)
		return group_label(&(struct group){ .object = asked.object, .name = asked.part });
	return asprintf(&name, OWNER_FORMAT, asked.owner->tid, asked.owner->comm) < 0 ? NULL : name;
}

enum level live_level(const struct live *live, int64_t idle_ns)
{
	const struct snapshot *snap = live_snapshot(live);
	const int64_t cold_ns = live_info(live)->cold_after_ns;

	if (idle_ns < 0)
		return LEVEL_NONE;
	if (idle_ns == 0)
		return LEVEL_HOT;
	if (snap && idle_ns >= snap->observed_ns)
		return LEVEL_START;
	if (idle_ns >= cold_ns)
		return LEVEL_COLD;
	return idle_ns < cold_ns / 4 ? LEVEL_RECENT : LEVEL_WARM;
}

bool live_matches(const struct live *live, const char *name)
{
	return *live->search && strcasestr(name, live->search);
}

/* As of the last samples, or as of the pause. */
enum moment { MOMENT_NOW, MOMENT_SHOWN };

static const struct picture *picture_at(const struct live *live, const struct watched *watched,
					enum moment moment)
{
	return moment == MOMENT_SHOWN ? watched_picture(live, watched) : watched->now;
}

/*
 * Does it count?  One that has ended does with its last round of samples, so that the last
 * picture of all stays.
 */
static bool counts(const struct watched *watched, const struct snapshot *snap, int64_t newest_ns)
{
	return !watched->ended || snap->elapsed_ns + snap->window_ns / 2 > newest_ns;
}

static struct snapshot sum_at(const struct live *live, enum moment moment, unsigned int *nr)
{
	struct snapshot sum = { .comm = "all" };
	int64_t newest_ns = 0;

	for (size_t i = 0; i < live->nr_watched; i++) {
		const struct picture *picture = picture_at(live, live->watched[i], moment);

		if (picture && picture->snap.elapsed_ns > newest_ns)
			newest_ns = picture->snap.elapsed_ns;
	}
	*nr = 0;
	for (size_t i = 0; i < live->nr_watched; i++) {
		const struct picture *picture = picture_at(live, live->watched[i], moment);

		if (!picture || !counts(live->watched[i], &picture->snap, newest_ns))
			continue;
		snapshot_add(&sum, &picture->snap);
		(*nr)++;
	}
	return sum;
}

void live_step_done(struct live *live)
{
	unsigned int nr;
	const struct snapshot sum = sum_at(live, MOMENT_NOW, &nr);
	const struct point point = point_of(&sum);

	if (nr)
		history_add(&live->sum_history, &point);
	live->sum_dirty = false;
	live->dirty = true;
}

/* Of samples that come faster than anybody reads, some are passed over. */
static void draw(struct live *live)
{
	const int64_t now_ns = clock_boot_ns();

	if (live->interval_ns < REDRAW_NS && !live->pressed && !live->playing.on && !live->over &&
	    now_ns - live->drawn_ns < REDRAW_NS)
		return;
	live->dirty = live->pressed = false;
	live->drawn_ns = now_ns;
	if (!live->chosen)
		live->sum = sum_at(live, MOMENT_SHOWN, &live->nr_summed);
	paint_begin();
	layout_draw(live);
	paint_end();
}

int live_attend(void *ctx, struct wish *wish, struct error *err)
{
	struct live *live = ctx;
	int key;

	(void)err;
	if (!has_terminal)
		return 0;
	live->wish = (struct wish){ 0 };
	if (live->sum_dirty)
		live_step_done(live);
	while (!live->quit && (key = screen_key()) != KEYS_NONE) {
		live->dirty = live->pressed = true;
		keys_take(live, key);
	}
	if (live->dirty && !live->quit)
		draw(live);
	live->wish.quit = live->quit;
	*wish = live->wish;
	return 0;
}
