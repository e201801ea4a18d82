/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Recordings (core/player.h), and scripts of windows for tests (track/replay.h). */
#include "config.h"

#include "play.h"

#include <errno.h>

#include "base/log.h"
#include "core/interrupt.h"
#include "options.h"
#include "out/record.h"
#include "play_live.h"
#include "show.h"
#include "track/replay.h"

/* Windows written by hand, for tests (track/replay.h). */
static int run_script(struct options *options)
{
	struct outputs outs;
	struct replay *replay;
	struct target *target;
	struct error err = { 0 };

	if (replay_load(options->replay_path, &replay, &err))
		return log_report(&err);
	if (outputs_open(&outs, options, STDOUT_FILENO, &err)) {
		replay_free(replay);
		return log_report(&err);
	}
	options->config.interval_ns = replay_interval_ns(replay);
	if (!options->config.ages_given)
		edges_default(&options->config.edges, options->config.interval_ns,
			      options->config.cold_after_ns);
	interrupt_install();
	if (target_of_replay(&target, replay, &err)) {
		int status = log_report(&err);

		return outputs_close(&outs, &err) ? 1 : status;
	}
	return show_targets(options, &target, 1, &outs);
}

/* Each record as it comes, to the end of the recording or of the user's patience. */
static int play(struct player *player, struct record_reader *reader, struct error *err)
{
	struct record record;
	int rc;

	while ((rc = record_read(reader, &record, err)) > 0) {
		rc = player_take(player, &record, err);
		if (rc)
			return rc;
		if (interrupt_signal())
			return player_end(player, END_INTERRUPTED, err);
	}
	return rc < 0 ? rc : player_end(player, END_REPLAYED, err);
}

static int ignore_header(void *ctx, const struct run_info *info, struct error *err)
{
	(void)ctx, (void)info, (void)err;
	return 0;
}

static int ignore_sample(void *ctx, const struct snapshot *snap, struct error *err)
{
	(void)ctx, (void)snap, (void)err;
	return 0;
}

static int ignore_event(void *ctx, const struct event *event, struct error *err)
{
	(void)ctx, (void)event, (void)err;
	return 0;
}

static int ignore_summary(void *ctx, const struct run_summary *summary, struct error *err)
{
	(void)ctx, (void)summary, (void)err;
	return 0;
}

/* Only the pages of its end are asked for. */
static const struct listener nobody = {
	.header = ignore_header,
	.sample = ignore_sample,
	.event = ignore_event,
	.summary = ignore_summary,
};

static int tell_pages(const struct options *options, const struct player *player,
		      struct output *out, struct error *err)
{
	struct page_runs runs = { 0 };
	int rc = player_pages(player, options->pages == PAGES_HOT ? PLAYER_HOT : PLAYER_COLD,
			      &runs);

	if (rc)
		rc = error_set(err, ERROR_FAILED, ENOMEM, "cannot list the pages");
	else
		rc = output_pages(out, &runs, err);
	page_runs_free(&runs);
	return rc;
}

struct player_config play_config(const struct options *options)
{
	const struct sampler_config *config = &options->config;

	return (struct player_config){
		.selection = &config->selection,
		.ages = config->ages_given ? &config->edges : NULL,
		.cold_after_ns = options->cold_after_given ? config->cold_after_ns : 0,
		.slo = options->slo_given ? config->slo : 0,
		.count = config->count,
		.duration_ns = config->duration_ns,
		.decide = config->decide,
		.cells = config->cells,
		.by = config->by,
	};
}

/* Show it all; *samples is how many there were. */
static int play_whole(const struct options *options, struct record_reader *reader,
		      struct outputs *outs, unsigned int *samples, struct error *err)
{
	const struct listener listener = options->pages ? nobody : outputs_listener(outs);
	struct player_config player_config = play_config(options);
	struct player *player;
	int rc;

	*samples = 0;
	player_config.listener = &listener;
	player = player_new(&player_config);
	if (!player)
		return error_set(err, ERROR_FAILED, ENOMEM, "cannot show the recording");
	rc = play(player, reader, err);
	*samples = player_samples(player);
	if (!rc && options->pages && *samples)
		rc = tell_pages(options, player, &outs->shown, err);
	player_free(player);
	return rc;
}

static int play_and_tell(const struct options *options, struct record_reader *reader,
			 struct outputs *outs)
{
	struct error err = { 0 }, ignored;
	unsigned int samples;
	int rc = play_whole(options, reader, outs, &samples, &err);
	int closed = outputs_close(outs, rc ? &ignored : &err);

	if (rc || closed)
		return log_report(&err);
	if (record_reader_cut(reader))
		log_warn("%s ends within a record: shown up to sample %u", options->replay_path,
			 samples);
	if (!samples)
		log_error("the recording ends before the first sample");
	return samples ? 0 : 1;
}

static int run_record(const struct options *options, FILE *file)
{
	struct record_reader *reader = record_reader_new(file, options->replay_path);
	struct outputs outs;
	struct error err = { 0 };
	int status;

	if (!reader)
		(void)error_set(&err, ERROR_FAILED, ENOMEM, "cannot read the recording");
	else if (options->record_path)
		(void)error_set(&err, ERROR_USAGE, 0,
				"a recording is not recorded once more: copy the file");
	if (err.kind || outputs_open(&outs, options, STDOUT_FILENO, &err)) {
		record_reader_free(reader);
		return log_report(&err);
	}
	interrupt_install();
	status = play_and_tell(options, reader, &outs);
	record_reader_free(reader);
	return status;
}

/* JSON Lines are a recording. */
int play_replay(struct options *options)
{
	FILE *file = fopen(options->replay_path, "re");
	struct error err = { 0 };
	int first = file ? getc(file) : EOF;

	if (!file || (first == EOF && ferror(file))) {
		(void)error_errno(&err, errno, "cannot read %s", options->replay_path);
		if (file)
			fclose(file);
		return log_report(&err);
	}
	if (first == '{') {
		ungetc(first, file);
		if (!options->live)
			return run_record(options, file);
		return play_live(options, file);
	}
	fclose(file);
	if (options->live) {
		(void)error_set(&err, ERROR_USAGE, 0,
				"--live shows recordings (--record); '%s' is none",
				options->replay_path);
		return log_report(&err);
	}
	if (options->pages) {
		(void)error_set(&err, ERROR_USAGE, 0,
				"--pages lists pages of a recording (--record); '%s' is none",
				options->replay_path);
		return log_report(&err);
	}
	return run_script(options);
}
