/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Borrow a userfaultfd from a running process: one userfaultfd(2) and one
 * close(2) run in one of its threads, at a `syscall; ret` in its own code, while
 * all its threads are stopped by ptrace.  No code is written into the target.
 *
 * Before the thread's registers change, a signal frame of its original state
 * lies on its stack, and the injected call returns into it: if wsstat is killed
 * at any instruction, the thread restores itself (the dead man's frame).  What
 * can then remain is an idle userfaultfd in the target.
 *
 * Rests on Linux 7.3.4 kernel/ptrace.c, kernel/signal.c (do_jobctl_trap,
 * ptrace_stop), arch/x86/kernel/signal_64.c (rt_sigreturn).
 */
#ifndef WSSTAT_KERNEL_INJECT_H
#define WSSTAT_KERNEL_INJECT_H

#include "base/error.h"
#include "kernel/procfs.h"

struct injected {
	int fd;		      /* the userfaultfd, close-on-exec, ours */
	int64_t stopped_ns;   /* from the first thread asked to stop to the last let go */
	unsigned int threads; /* that were stopped */
};

/*
 * Any running, sleeping or job-control-stopped process may be the target.
 * Refused with cause and remedy: not permitted (other user, Yama, already
 * traced, seccomp), kernel threads and zombies, 32-bit programs, shadow stacks,
 * no place for the frame.  Retries for about two seconds when threads do not
 * stop at once; they are let go in between.  Signals to wsstat, SIGKILL
 * excepted, are held meanwhile.
 */
must_check int inject_userfaultfd(const struct proc *proc, struct injected *out, struct error *err);

/* May this process be attached to at all? As inject_userfaultfd(), but touches nothing. */
must_check int inject_check(const struct proc *proc, struct error *err);

#endif
