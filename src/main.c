/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From options to a run to an exit status; the only place that exits. */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <string.h>

#include "base/fault.h"
#include "base/log.h"
#include "core/interrupt.h"
#include "core/launch.h"
#include "core/run.h"
#include "kernel/features.h"
#include "kernel/inject.h"
#include "options.h"
#include "track/replay.h"

static int hear_header(void *ctx, const struct run_info *info, struct error *err)
{
	return output_header(ctx, info, err);
}

static int hear_sample(void *ctx, const struct snapshot *snap, struct error *err)
{
	return output_sample(ctx, snap, err);
}

static int hear_event(void *ctx, const struct event *event, struct error *err)
{
	return output_event(ctx, event, err);
}

static int hear_summary(void *ctx, const struct run_summary *summary, struct error *err)
{
	return output_summary(ctx, summary, err);
}

static int report(const struct error *err)
{
	log_error("%s", err->text);
	return error_exit_status(err->kind);
}

/* Sample the targets, which are taken over, into the output. */
static int run(const struct options *options, struct target **targets, unsigned int nr,
	       struct output *out, struct run_result *result, struct error *err)
{
	const struct listener listener = {
		.ctx = out,
		.header = hear_header,
		.sample = hear_sample,
		.event = hear_event,
		.summary = hear_summary,
	};

	return run_targets(targets, nr, &options->config, &listener, result, err);
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

static int run_observed(const struct options *options, struct target **targets, unsigned int nr,
			struct output *out)
{
	struct run_result result;
	struct error err = { 0 };
	int rc = run(options, targets, nr, out, &result, &err);
	int closed;

	if (rc) {
		struct error ignored;

		closed = output_close(out, &ignored);
		(void)closed;
		return report(&err);
	}
	if (output_close(out, &err))
		return report(&err);
	return told_enough(options, &result);
}

/*
 * Several processes: who cannot be observed is told and left out, and the exit status is
 * then that of the first such.
 */
static unsigned int attach_all(const struct options *options, struct target **targets, int *status)
{
	unsigned int nr = 0;

	*status = 0;
	for (unsigned int i = 0; i < options->nr_pids; i++) {
		struct error err = { 0 };

		if (!target_attach(&targets[nr], options->pid[i], &options->config.target, &err))
			nr++;
		else if (*status)
			report(&err);
		else
			*status = report(&err);
	}
	return nr;
}

static int run_attach(const struct options *options)
{
	struct target *targets[PIDS_MAX];
	struct output out;
	struct error err = { 0 };
	unsigned int nr;
	int failed, status;

	if (output_open(&out, options->output, options->output_path, STDOUT_FILENO, &err))
		return report(&err);
	out.verbose = options->verbose;
	interrupt_install();
	nr = attach_all(options, targets, &failed);
	if (!nr)
		return output_close(&out, &err) ? 1 : failed;
	status = run_observed(options, targets, nr, &out);
	return failed ? failed : status;
}

static int run_replay(struct options *options)
{
	struct output out;
	struct replay *replay;
	struct target *target;
	struct error err = { 0 };

	if (replay_load(options->replay_path, &replay, &err))
		return report(&err);
	if (output_open(&out, options->output, options->output_path, STDOUT_FILENO, &err)) {
		replay_free(replay);
		return report(&err);
	}
	options->config.interval_ns = replay_interval_ns(replay);
	if (!options->ages_given)
		edges_default(&options->config.edges, options->config.interval_ns,
			      options->config.cold_after_ns);
	out.verbose = options->verbose;
	interrupt_install();
	if (target_of_replay(&target, replay, &err)) {
		int status = report(&err);

		return output_close(&out, &err) ? 1 : status;
	}
	return run_observed(options, &target, 1, &out);
}

/* The command runs on, whatever became of the observation; then end as it ended. */
static int finish_command(struct launch *launch, int failed)
{
	struct error err = { 0 };
	int status;

	launch_hang_up(launch);
	if (launch_wait(launch, &err))
		failed = report(&err);
	status = launch_exit_status(launch);
	return failed ? LAUNCH_FAILED : status;
}

static int launch_and_observe(const struct options *options, struct launch *launch,
			      struct output *out)
{
	struct target *target;
	struct run_result result;
	struct error err = { 0 };
	int failed = target_of_launch(&target, launch, &options->config.target, &err);

	if (!failed)
		failed = run(options, &target, 1, out, &result, &err);
	if (failed && err.kind == ERROR_GONE) {
		log_warn("%s", err.text); /* too short-lived: its status is what counts */
		failed = 0;
	} else if (failed) {
		report(&err);
	}
	if (output_close(out, &err) && !failed)
		failed = report(&err);
	return finish_command(launch, failed);
}

static int run_launch(const struct options *options)
{
	struct output out;
	struct launch launch;
	struct error err = { 0 };

	if (output_open(&out, options->output, options->output_path, STDERR_FILENO, &err)) {
		report(&err);
		return LAUNCH_FAILED;
	}
	out.verbose = options->verbose;
	interrupt_install();
	if (target_can_observe(&options->config.target, &err)) {
		report(&err);
		return LAUNCH_FAILED;
	}
	if (launch_start(&launch, (char *const *)options->command, options->config.follow, &err)) {
		report(&err);
		launch_hang_up(&launch);
		return launch.exit_status;
	}
	return launch_and_observe(options, &launch, &out);
}

static int run_features(const struct options *options)
{
	struct features features;
	struct output out;
	struct error err = { 0 };
	struct proc proc;

	features_probe(&features);
	if (options->nr_pids) {
		if (proc_open(&proc, options->pid[0], &err))
			return report(&err);
		features_ask_process(&features, &proc);
		proc_close(&proc);
	}
	if (output_open(&out, options->output, options->output_path, STDOUT_FILENO, &err) ||
	    output_features(&out, &features, &err) || output_close(&out, &err))
		return report(&err);
	return 0;
}

static int flush_stdout(void)
{
	struct error err = { 0 };

	if (!ferror(stdout) && !fflush(stdout))
		return 0;
	error_errno(&err, errno, "cannot write to standard output");
	return report(&err);
}

static int run_version(void)
{
	puts("wsstat " PACKAGE_VERSION "\n"
	     "Licence GPL-2.0-or-later: free software, without any warranty.");
	return flush_stdout();
}

static int run_help(void)
{
	options_print_help(stdout);
	return flush_stdout();
}

/*
 * A descriptor 0, 1 or 2 that is closed would be given to the next file that is
 * opened, and written to.  Returns whether standard output is there.
 */
static bool occupy_standard_descriptors(void)
{
	bool has_stdout = fcntl(STDOUT_FILENO, F_GETFD) >= 0;

	for (int fd = 0; fd <= 2; fd++)
		if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", O_RDWR) < 0)
			return false;
	return has_stdout;
}

static bool needs_stdout(const struct options *options)
{
	return options->mode != MODE_LAUNCH && !options->output_path;
}

int main(int argc, char **argv)
{
	bool has_stdout = occupy_standard_descriptors();
	struct options options;
	struct error err = { 0 };
	bool launching;
	int status;

	fault_init();
	setlocale(LC_CTYPE, "");
	if (options_parse(&options, argc, (const char **)argv, &launching, &err)) {
		status = report(&err);
		return launching ? LAUNCH_FAILED : status;
	}
	if (options.quiet)
		log_set_level(LOG_ERROR);
	else if (options.verbose)
		log_set_level(LOG_INFO);
	if (needs_stdout(&options) && !has_stdout) {
		log_error("cannot write to standard output: it is closed; use -o FILE");
		options_free(&options);
		return 1;
	}

	switch (options.mode) {
	case MODE_ATTACH:
		status = run_attach(&options);
		break;
	case MODE_LAUNCH:
		status = run_launch(&options);
		break;
	case MODE_REPLAY:
		status = run_replay(&options);
		break;
	case MODE_FEATURES:
		status = run_features(&options);
		break;
	case MODE_VERSION:
		status = run_version();
		break;
	default:
		status = run_help();
		break;
	}
	options_free(&options);
	return status;
}
