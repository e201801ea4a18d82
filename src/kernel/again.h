/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Some calls (epoll_wait, semtimedop, recv with a timeout, ...) answer EINTR when
 * their thread is stopped, though no signal came (signal(7)).  The program must not
 * see that: the call is made again.  It then waits for its whole timeout anew, so
 * where a thread is stopped again and again, it is ended when its time is over.
 */
#ifndef WSSTAT_KERNEL_AGAIN_H
#define WSSTAT_KERNEL_AGAIN_H

#include "kernel/procfs.h"

/*
 * Call it right after the stop of a thread.  Nothing is remembered here: the time
 * of the first interruption travels with the call itself (arch_repeat_call).
 * A call never ends before its timeout; it may end later, by no more than the time
 * between two stops or its timeout itself, whichever is less.  0 or a negative errno.
 */
must_check int again_call(const struct proc *proc, int tid);

/* What a stopped thread notices when its call, if it is in one, begins anew. */
enum again_cost {
	AGAIN_FREE,  /* it is in none */
	AGAIN_SAME,  /* nothing: the call is made again like after any stop */
	AGAIN_LIMIT, /* its time limit begins anew */
};

/* After again_call(). */
enum again_cost again_cost(int tid);

#endif
