/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The books of a recording go forth only (core/player.h), so a step back plays it anew from its
 * beginning.  A step is a sample of each target.
 */
#include "config.h"

#include "play_live.h"

#include <errno.h>
#include <limits.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/log.h"
#include "core/interrupt.h"
#include "core/player.h"
#include "options.h"
#include "out/live/live.h"
#include "out/record.h"
#include "play.h"

struct playback {
	const struct options *options;
	struct live *live;
	struct listener listener;
	struct player_config config;
	FILE *file; /* the reader's */
	struct record_reader *reader;
	struct player *player;
	struct record record;
	bool pending; /* .record has been read, and not taken */
	bool cut;
	unsigned int at; /* steps taken */
	int *sampled;	 /* who has had its sample in this step */
	size_t nr_sampled, sampled_cap;
};

static void close_recording(struct playback *play)
{
	player_free(play->player);
	record_reader_free(play->reader);
	play->player = NULL;
	play->reader = NULL;
}

/* From its beginning. */
static int open_recording(struct playback *play, struct error *err)
{
	const char *path = play->options->replay_path;

	live_forget(play->live);
	close_recording(play);
	play->pending = false;
	play->at = 0;
	play->file = fopen(path, "re");
	if (!play->file)
		return error_errno(err, errno, "cannot read %s", path);
	play->reader = record_reader_new(play->file, path);
	play->player = player_new(&play->config);
	if (!play->reader || !play->player)
		return error_set(err, ERROR_FAILED, ENOMEM, "cannot show the recording");
	return 0;
}

/* Had this target its sample in this step?  Then it is noted, too. */
static int note_sampled(struct playback *play, int pid)
{
	for (size_t i = 0; i < play->nr_sampled; i++)
		if (play->sampled[i] == pid)
			return 1;
	if (util_reserve(&play->sampled, play->nr_sampled, &play->sampled_cap, sizeof(int)))
		return -ENOMEM;
	play->sampled[play->nr_sampled++] = pid;
	return 0;
}

/* The next record, if it belongs to this step.  1; 0: it does not, or there is none. */
static int next_record(struct playback *play, struct error *err)
{
	int rc = play->pending ? 1 : record_read(play->reader, &play->record, err);

	play->pending = rc > 0;
	if (rc <= 0 || play->record.kind != RECORD_SAMPLE)
		return rc;
	rc = note_sampled(play, play->record.pid);
	if (rc < 0)
		return error_set(err, ERROR_FAILED, ENOMEM, "cannot show the recording");
	return !rc;
}

/* 1; 0: the recording has ended. */
static int step(struct playback *play, struct error *err)
{
	int rc;

	play->nr_sampled = 0;
	while ((rc = next_record(play, err)) > 0) {
		play->pending = false;
		rc = player_take(play->player, &play->record, err);
		if (rc)
			return rc;
	}
	play->cut = record_reader_cut(play->reader);
	if (rc || !play->nr_sampled)
		return rc;
	play->at++;
	live_step_done(play->live);
	return 1;
}

static int go_to(struct playback *play, unsigned int to, struct error *err)
{
	int rc = to < play->at ? open_recording(play, err) : 0;

	while (!rc && play->at < to && !interrupt_signal()) {
		rc = step(play, err);
		if (!rc)
			break;
		rc = rc > 0 ? 0 : rc;
	}
	live_playing(play->live)->step = play->at;
	return rc;
}

/* For the next key, or the next step that comes by itself. */
static void wait_for_key(const struct live_playing *playing, struct live *live)
{
	struct pollfd input = { .fd = live_fd(live), .events = POLLIN };
	int ready = interrupt_poll(&input, 1, playing->running ? playing->pace_ns : -1);

	(void)ready;
}

static int attend(struct playback *play, struct error *err)
{
	struct live_playing *playing = live_playing(play->live);
	struct wish wish = { 0 };
	int rc = 0;

	while (!rc && !interrupt_signal()) {
		int64_t began_ns = clock_boot_ns();

		rc = live_attend(play->live, &wish, err);
		if (rc || wish.quit)
			break;
		if (wish.step) {
			rc = go_to(play, wish.step, err);
			continue;
		}
		wait_for_key(playing, play->live);
		if (!playing->running || clock_boot_ns() - began_ns < playing->pace_ns)
			continue;
		rc = go_to(play, play->at + 1, err);
		playing->running = play->at < playing->steps;
	}
	return rc;
}

/* Once through it, so that all of it is known; then the last sample is shown. */
static int show(struct playback *play, struct error *err)
{
	struct live_playing *playing = live_playing(play->live);
	int rc = open_recording(play, err);

	playing->on = true;
	playing->pace_ns = NS_PER_S / 2;
	if (!rc)
		rc = go_to(play, UINT_MAX, err);
	playing->steps = playing->step;
	if (rc)
		return rc;
	if (!play->at)
		return error_set(err, ERROR_FAILED, 0,
				 "the recording ends before the first sample");
	return attend(play, err);
}

static void prepare(struct playback *play)
{
	play->listener = (struct listener){
		.ctx = play->live,
		.header = live_header,
		.sample = live_sample,
		.event = live_event,
		.summary = live_summary,
	};
	play->config = play_config(play->options);
	play->config.listener = &play->listener;
	play->config.decide = true;
	play->config.by = BY_NONE;
}

/* Each step back reads it again. */
static int check_recording(const struct options *options, FILE *file, struct error *err)
{
	struct stat st;

	if (options->record_path)
		return error_set(err, ERROR_USAGE, 0,
				 "a recording is not recorded once more: copy the file");
	if (fstat(fileno(file), &st) || !S_ISREG(st.st_mode))
		return error_set(
			err, ERROR_USAGE, 0,
			"--live steps back in a recording, and '%s' can be read once only: "
			"copy it to a file",
			options->replay_path);
	return 0;
}

int play_live(const struct options *options, FILE *file)
{
	struct playback play = { .options = options };
	struct error err = { 0 };
	int rc = check_recording(options, file, &err);

	fclose(file);
	if (!rc)
		rc = live_open(&play.live, options->config.interval_ns, options->config.by, &err);
	if (rc)
		return log_report(&err);
	interrupt_install();
	prepare(&play);
	rc = show(&play, &err);
	close_recording(&play);
	free(play.sampled);
	live_close(play.live);
	if (rc)
		return log_report(&err);
	if (play.cut)
		log_warn("%s ends within a record: shown up to step %u", options->replay_path,
			 play.at);
	return 0;
}
