/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From options to a run to an exit status; the only place that exits. */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <locale.h>
#include <string.h>
#include <sys/stat.h>

#include "base/fault.h"
#include "base/log.h"
#include "core/interrupt.h"
#include "core/launch.h"
#include "kernel/features.h"
#include "kernel/inject.h"
#include "options.h"
#include "play.h"
#include "show.h"

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
			log_report(&err);
		else
			*status = log_report(&err);
	}
	return nr;
}

static int run_attach(const struct options *options)
{
	struct target *targets[PIDS_MAX];
	struct outputs outs;
	struct error err = { 0 };
	unsigned int nr;
	int failed, status;

	if (outputs_open(&outs, options, STDOUT_FILENO, &err))
		return log_report(&err);
	interrupt_install();
	nr = attach_all(options, targets, &failed);
	if (!nr)
		return outputs_close(&outs, &err) ? 1 : failed;
	status = show_targets(options, targets, nr, &outs);
	return failed ? failed : status;
}

/*
 * The screen is the view's: what the command would write to the terminal goes to a file.  With
 * no live view there is none.
 */
struct command_output {
	int fd;
	char path[PATH_MAX];
};

static int command_output_open(struct command_output *to, const struct options *options,
			       struct outputs *outs, struct error *err)
{
	const char *folder = getenv("TMPDIR");

	to->fd = -1;
	if (!options->live)
		return 0;
	snprintf(to->path, PATH_MAX, "%s/wsstat-output-XXXXXX",
		 folder && *folder ? folder : "/tmp");
	to->fd = mkostemp(to->path, O_CLOEXEC | O_APPEND);
	if (to->fd < 0)
		return error_errno(err, errno, "cannot make %s for what the command writes",
				   to->path);
	live_set_output(outs->live, to->path);
	return 0;
}

/* Say where it is; if there is any. */
static void command_output_close(struct command_output *to)
{
	struct stat st;

	if (to->fd < 0)
		return;
	if (!fstat(to->fd, &st) && st.st_size)
		log_error("what the command wrote is in %s", to->path);
	else
		unlink(to->path);
	util_close(&to->fd);
}

/* The command runs on, whatever became of the observation; then end as it ended. */
static int finish_command(struct launch *launch, int failed, struct command_output *output)
{
	struct error err = { 0 };
	int status;

	launch_hang_up(launch);
	if (launch_wait(launch, &err))
		failed = log_report(&err);
	command_output_close(output);
	status = launch_exit_status(launch);
	return failed ? LAUNCH_FAILED : status;
}

static int launch_and_observe(const struct options *options, struct launch *launch,
			      struct outputs *outs, struct command_output *output)
{
	struct target *target;
	struct run_result result;
	struct error err = { 0 };
	int failed = target_of_launch(&target, launch, &options->config.target, &err);

	if (!failed)
		failed = show_run(options, &target, 1, outs, &result, &err);
	if (failed && err.kind == ERROR_GONE) {
		log_warn("%s", err.text); /* too short-lived: its status is what counts */
		failed = 0;
	} else if (failed) {
		log_report(&err);
	}
	if (outputs_close(outs, &err) && !failed)
		failed = log_report(&err);
	return finish_command(launch, failed, output);
}

/* Before anything was observed. */
static int give_up_launch(struct outputs *outs, struct command_output *output,
			  const struct error *err, int status)
{
	struct error ignored;

	log_report(err);
	command_output_close(output);
	return outputs_close(outs, &ignored) ? LAUNCH_FAILED : status;
}

static int run_launch(const struct options *options)
{
	struct command_output output = { .fd = -1 };
	struct outputs outs;
	struct launch launch;
	struct error err = { 0 };

	if (outputs_open(&outs, options, STDERR_FILENO, &err)) {
		log_report(&err);
		return LAUNCH_FAILED;
	}
	interrupt_install();
	if (target_can_observe(&options->config.target, &err) ||
	    command_output_open(&output, options, &outs, &err))
		return give_up_launch(&outs, &output, &err, LAUNCH_FAILED);
	if (launch_start(&launch, (char *const *)options->command, options->config.follow,
			 output.fd, &err)) {
		launch_hang_up(&launch);
		return give_up_launch(&outs, &output, &err, launch.exit_status);
	}
	return launch_and_observe(options, &launch, &outs, &output);
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
			return log_report(&err);
		features_ask_process(&features, &proc);
		proc_close(&proc);
	}
	if (output_open(&out, options->output, options->output_path, STDOUT_FILENO, &err) ||
	    output_features(&out, &features, &err) || output_close(&out, &err))
		return log_report(&err);
	return 0;
}

static int flush_stdout(void)
{
	struct error err = { 0 };

	if (!ferror(stdout) && !fflush(stdout))
		return 0;
	error_errno(&err, errno, "cannot write to standard output");
	return log_report(&err);
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
		status = log_report(&err);
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
		status = play_replay(&options);
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
