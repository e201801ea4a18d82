/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whoever traces a target must not die in the middle of it.  So the tracing is
 * done by a guardian: a process that shares wsstat's memory and descriptors, but
 * is none of its threads and not in its process group.  When wsstat is killed,
 * the guardian ends what it is at, lets the target go, and exits.
 *
 * Under Yama's ptrace_scope 1 an unprivileged wsstat may trace only what it
 * launched itself, and its child may not: a thread of wsstat must do then.
 */
#ifndef WSSTAT_KERNEL_GUARDIAN_H
#define WSSTAT_KERNEL_GUARDIAN_H

#include <stdbool.h>

#include "base/error.h"

enum guardian_kind { GUARDIAN_PROCESS, GUARDIAN_THREAD };

struct guardian {
	enum guardian_kind kind;
	void *stack; /* of the process */
};

must_check int guardian_open(struct guardian *guardian, struct error *err);
void guardian_close(struct guardian *guardian);

/*
 * Have work(arg) done, and wait for its end: then the kernel has let go of all
 * that it traced, also of threads that it could not detach.  All signals are
 * blocked in it (but SIGALRM, and SIGCONT in a process: they only interrupt a wait), and
 * held for the caller meanwhile.  A process that is stopped by SIGSTOP goes on after
 * some milliseconds; a frozen one (cgroup) does not.  It runs before all ordinary
 * tasks, if that is permitted.
 *
 * While work runs as a process the caller stands, and lends it errno and whatever
 * else is the thread's own; so it must not allocate, log or use stdio streams.
 *
 * 0; -EINTR: it was killed before its end; or why it could not be begun.
 */
must_check int guardian_run(const struct guardian *guardian, void (*work)(void *arg), void *arg);

/*
 * What the handler of SIGALRM, and of SIGCONT in a process, does in a guardian: nothing, or
 * this.  It must be async-signal-safe, and leave ptrace stops to whoever waits for them.
 */
void guardian_set_alarm(void (*work)(void));

/* Is this process a guardian? That of a wsstat that was killed lives on for a moment. */
bool guardian_is(int pid);

#endif
