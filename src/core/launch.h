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

/* The shim of a process calls, and waits: here is its userfaultfd. */
struct launch_call {
	int fd; /* to answer; -1: there is no call */
	int pid;
	int uffd; /* taken by whoever takes the call */
};

#define LAUNCH_NO_CALL ((struct launch_call){ .fd = -1, .pid = 0, .uffd = -1 })
#define LAUNCH_CALLS 16 /* that wait while another one is awaited */

struct launch {
	int pid;	/* -1 until started */
	int listen_fd;	/* the shim calls here, at start and after each exec */
	bool follow;	/* children call, too */
	int output_fd;	/* for what it would write to the terminal; -1: it may */
	bool preloaded; /* can the shim be expected to call? */
	struct launch_call calls[LAUNCH_CALLS];
	unsigned int nr_calls;
	int exit_status; /* for launch_start()'s failures: 125, 126 or 127 */
	bool reaped;
	int wait_status;
};

/*
 * Start argv.  The command's standard input, output and error are wsstat's own; but with
 * output_fd >= 0, which stays the caller's, those of them that are a terminal are not: output
 * and error go there, and input is empty.  On failure exit_status says with what to exit.
 */
must_check int launch_start(struct launch *launch, char *const argv[], bool follow, int output_fd,
			    struct error *err);

/*
 * Is the shim in the program that this process runs, so that it calls?  launch may be
 * NULL: no.
 */
bool launch_expects(const struct launch *launch, int pid);

/* A message as it came: from the shim, if it is in order; else from who knows whom. */
#define CALL_FDS 2 /* for so many there is room, the padding of CMSG_SPACE(sizeof(int)) counted */

struct call {
	int fd[CALL_FDS]; /* descriptors that came with it, ours now */
	unsigned int nr;
	bool hello; /* the shim's: fd[0] is the userfaultfd, and there is no other */
};

/* For its tests: what recvmsg() left of `got` bytes.  msg's one buffer holds those. */
struct msghdr;
void launch_read_call(struct call *call, struct msghdr *msg, size_t got);

/*
 * Wait up to timeout_ms for a call of this process, or with proc NULL of any.
 * -ETIMEDOUT: none came; -ESRCH: the process ended; -EPROTO: its call was not in order,
 * and has been answered.
 */
must_check int launch_take_call(struct launch *launch, const struct proc *proc, int timeout_ms,
				struct launch_call *call);

/* Let the program that called go on, if there is a call. */
void launch_answer(struct launch_call *call);

/* Nobody is listened to any more: programs that are started from now on just run. */
void launch_hang_up(struct launch *launch);

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

#endif
