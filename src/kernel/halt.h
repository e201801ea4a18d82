/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Stopping every thread of a process by ptrace, and letting all go.  A thread of
 * wsstat that exits lets go of whatever it had seized, stopped or not
 * (kernel/ptrace.c, exit_ptrace), so the caller's end is the last resort.
 */
#ifndef WSSTAT_KERNEL_HALT_H
#define WSSTAT_KERNEL_HALT_H

#include <stddef.h>
#include <stdint.h>

#include "kernel/procfs.h"

struct halt {
	const struct proc *proc;
	unsigned long options; /* for PTRACE_SEIZE */
	int *tid, *scratch;    /* room for cap threads each */
	size_t nr, cap;
	int failed;	  /* the thread that a failure was about; 0 if none */
	int64_t began_ns; /* when the first was asked to stop */
	int64_t until_ns; /* when patience ends */
};

/*
 * Seize and stop every thread, those that appear meanwhile too.  SIGCHLD is to be
 * blocked.  0, or -EPERM (not permitted, or traced), -ESRCH (it ended), -EAGAIN
 * (a thread did not stop within 50 ms, or there are more than cap); call
 * halt_release() in every case.
 */
must_check int halt_all(struct halt *halt);

/* Let go of all that are stopped; the others are let go when the caller's thread exits. */
void halt_release(struct halt *halt);

/* Is this thread among those that were stopped? */
bool halt_has(const struct halt *halt, int tid);

/*
 * Wait for a ptrace stop of one thread; *status is signal | event << 8.
 * -ESRCH: it ended (its exit status is left for whoever reaps it); -EAGAIN: not
 * by end_ns (CLOCK_BOOTTIME).
 */
must_check int halt_wait(int tid, int64_t end_ns, int *status);

/* ptrace() that returns 0 or a negative errno. */
int halt_ptrace(long request, int tid, unsigned long addr, unsigned long data);

/* State letter of one thread, or 0 when it is gone. */
char halt_thread_state(const struct proc *proc, int tid);

#endif
