/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One listener for all outputs. */
#include "config.h"

#include "show.h"

#include "base/log.h"
#include "options.h"

static int hear_header(void *ctx, const struct run_info *info, struct error *err)
{
	struct outputs *outs = ctx;
	int rc = outs->recorded ? output_header(&outs->record, info, err) : 0;

	if (rc)
		return rc;
	return outs->live ? live_header(outs->live, info, err)
			  : output_header(&outs->shown, info, err);
}

static int hear_sample(void *ctx, const struct snapshot *snap, struct error *err)
{
	struct outputs *outs = ctx;
	int rc = outs->recorded ? output_sample(&outs->record, snap, err) : 0;

	if (rc)
		return rc;
	return outs->live ? live_sample(outs->live, snap, err)
			  : output_sample(&outs->shown, snap, err);
}

static int hear_event(void *ctx, const struct event *event, struct error *err)
{
	struct outputs *outs = ctx;
	int rc = outs->recorded ? output_event(&outs->record, event, err) : 0;

	if (rc)
		return rc;
	return outs->live ? live_event(outs->live, event, err)
			  : output_event(&outs->shown, event, err);
}

static int hear_summary(void *ctx, const struct run_summary *summary, struct error *err)
{
	struct outputs *outs = ctx;
	int rc = outs->recorded ? output_summary(&outs->record, summary, err) : 0;

	if (rc)
		return rc;
	return outs->live ? live_summary(outs->live, summary, err)
			  : output_summary(&outs->shown, summary, err);
}

static int hear_look(void *ctx, int pid, struct look *look, struct error *err)
{
	return output_look(&((struct outputs *)ctx)->record, pid, look, err);
}

static int hear_armed(void *ctx, int pid, struct error *err)
{
	return output_armed(&((struct outputs *)ctx)->record, pid, err);
}

struct listener outputs_listener(struct outputs *outs)
{
	return (struct listener){
		.ctx = outs,
		.header = hear_header,
		.sample = hear_sample,
		.event = hear_event,
		.summary = hear_summary,
		.looked = outs->recorded ? hear_look : NULL,
		.armed = outs->recorded ? hear_armed : NULL,
		.viewer = outs->live ? &outs->viewer : NULL,
	};
}

static int open_shown(struct outputs *outs, const struct options *options, int fd,
		      struct error *err)
{
	const struct sampler_config *config = &options->config;
	int rc;

	if (options->live) {
		rc = live_open(&outs->live, config->interval_ns, config->by, err);
		outs->viewer = (struct viewer){ outs->live, live_fd, live_attend };
		return rc;
	}
	rc = output_open(&outs->shown, options->output, options->output_path, fd, err);
	outs->shown.verbose = options->verbose;
	return rc;
}

static int close_shown(struct outputs *outs, struct error *err)
{
	if (!outs->live)
		return output_close(&outs->shown, err);
	live_close(outs->live);
	outs->live = NULL;
	return 0;
}

/* After a failure that is told already. */
static void give_up(struct outputs *outs, int (*close)(struct outputs *outs, struct error *err))
{
	struct error ignored = { 0 };
	int closed = close(outs, &ignored);

	(void)closed;
}

int outputs_open(struct outputs *outs, const struct options *options, int fd, struct error *err)
{
	int rc;

	*outs = (struct outputs){ .recorded = options->record_path != NULL };
	rc = open_shown(outs, options, fd, err);
	if (rc || !outs->recorded)
		return rc;
	rc = output_open(&outs->record, &output_record, options->record_path, -1, err);
	if (rc)
		give_up(outs, close_shown);
	return rc;
}

int outputs_close(struct outputs *outs, struct error *err)
{
	struct error ignored;
	int recorded = outs->recorded ? output_close(&outs->record, err) : 0;
	int shown = close_shown(outs, recorded ? &ignored : err);

	return recorded ? recorded : shown;
}

int show_run(const struct options *options, struct target **targets, unsigned int nr,
	     struct outputs *outs, struct run_result *result, struct error *err)
{
	const struct listener listener = outputs_listener(outs);
	struct sampler_config config = options->config;

	if (outs->live)
		config.by = BY_NONE; /* it asks when it wants to know */
	return run_targets(targets, nr, &config, &listener, result, err);
}

/* A run without a sample has shown nothing, unless it was the user who ended it. */
static int told_enough(const struct options *options, const struct run_result *result)
{
	if (result->failed)
		return error_exit_status(result->failed);
	if (result->samples || result->end == END_INTERRUPTED)
		return 0;
	if (result->end == END_DURATION &&
	    options->config.duration_ns >= options->config.interval_ns)
		log_error("the target ran one program after another: no sample could be taken");
	else if (result->end == END_DURATION)
		log_error("the duration is shorter than the interval: no sample was taken");
	else if (result->end == END_REPLAYED)
		log_error("the recording ends before the first sample");
	else
		log_error("the target ended before the first sample");
	return 1;
}

int show_targets(const struct options *options, struct target **targets, unsigned int nr,
		 struct outputs *outs)
{
	struct run_result result;
	struct error err = { 0 };
	int rc = show_run(options, targets, nr, outs, &result, &err);

	if (rc) {
		give_up(outs, outputs_close);
		return log_report(&err);
	}
	if (outputs_close(outs, &err))
		return log_report(&err);
	return told_enough(options, &result);
}
