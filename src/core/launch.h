/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A command of the user's, started under the preload shim, and its exit status.
 */
#ifndef WSSTAT_CORE_LAUNCH_H
#define WSSTAT_CORE_LAUNCH_H

#include "base/error.h"
#include "kernel/procfs.h"

#define LAUNCH_FAILED 125
#define LAUNCH_NOT_EXECUTABLE 126
#define LAUNCH_NOT_FOUND 127

struct launch {
	int pid;	 /* -1 until started */
	int listen_fd;	 /* the shim calls here, at start and after each exec */
	int call_fd;	 /* a call being answered, -1 */
	bool preloaded;	 /* can the shim be expected to call? */
	int exit_status; /* for launch_start()'s failures: 125, 126 or 127 */
	bool reaped;
	int wait_status;
};

/*
 * Start argv.  The command's standard input, output and error are wsstat's own.
 * On failure exit_status says with what to exit.
 */
must_check int launch_start(struct launch *launch, char *const argv[], struct error *err);

/*
 * The shim's call: wait up to timeout_ms for the userfaultfd.  Returns it,
 * -ETIMEDOUT when none came, -ESRCH when the command ended.
 */
must_check int launch_take_uffd(struct launch *launch, const struct proc *proc, int timeout_ms);

/* Let the program that called go on. */
void launch_answer(struct launch *launch);

/*
 * Wait for the command to end.  A terminating signal that another process sent to
 * wsstat is passed on to it; one from the terminal reached it by itself.
 */
must_check int launch_wait(struct launch *launch, struct error *err);

/*
 * Become like the command: returns its exit status, or dies by the signal that it
 * died by.
 */
int launch_exit_status(const struct launch *launch);

void launch_close(struct launch *launch);

#endif
