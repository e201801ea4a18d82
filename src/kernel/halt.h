/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Stopping every thread of a process by ptrace, and letting all go.  A task of
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
	int task_fd;	       /* /proc/PID/task */
	unsigned long options; /* for PTRACE_SEIZE */
	int64_t patience_ns;   /* how long the threads that stop first may wait for the last */
	int *tid; /* room for cap threads each; of tid, the first `asked` were asked to stop */
	int *scratch, *known;
	size_t nr, asked, stopped, cap;
	size_t asleep;	  /* of tid, the first so many did not run when they were seized */
	size_t later;	  /* of scratch, the first so many are seized, too, and not in tid yet */
	size_t nr_known;  /* threads that ran the program's code at an earlier stop, ascending */
	bool counted;	  /* the link count of task_fd tells the number of threads */
	int failed;	  /* the thread that a failure was about; 0 if none */
	int64_t began_ns; /* when the first was asked to stop */
	int64_t ended_ns; /* when all that had stopped were let go; 0: when the caller's task ends
			   */
	int64_t until_ns; /* when patience ends */
};

must_check int halt_open(struct halt *halt, const struct proc *proc, struct error *err);

/* Before the stop, and again after -ENOBUFS: room for the threads that there are, and more. */
must_check int halt_prepare(struct halt *halt, struct error *err);
void halt_close(struct halt *halt);

/*
 * Seize and stop every thread, those that appear meanwhile too.  What the kernel runs
 * as threads of the process (io_uring's and vhost's workers) is left alone: it
 * makes no system calls.  The thread seized last, tid[nr - 1], is the one that the kernel
 * lets go first if the caller dies; the main thread, if all goes well.
 *
 * To be called in a guardian: SIGALRM interrupts its waits, SIGCHLD is blocked, and ITIMER_REAL
 * is used.  0, or -EPERM (not permitted, or traced), -ESRCH (it ended), -EAGAIN (a thread did
 * not stop in time), -ENOBUFS (there are more than cap); call halt_release() in every case.
 */
must_check int halt_all(struct halt *halt);

/*
 * Let go of all that are stopped, then of those that stop a little later.  The rest are let
 * go when the caller's task exits, which is to be at once: some may still stand, and then
 * ended_ns is 0.  After a stop that failed, the others stand for up to 20 ms more where one
 * lacks a processor or is in vfork(2), so that it is all of them that are let go at once; who
 * is in a call that answers EINTR to any wake-up, for 50 ms more.
 */
void halt_release(struct halt *halt);

/*
 * For the handler of SIGALRM: reap the threads that have died.  exec holds
 * cred_guard_mutex, which PTRACE_SEIZE wants, and waits for the dead threads of its process,
 * which their tracer is to reap: whoever waits there for the other has to be woken.
 */
void halt_reap(void);

/* Afterwards, with the target let go: remember its threads, so that the next stop is quicker. */
void halt_remember(struct halt *halt);

/* Is this thread among those that were stopped? */
bool halt_has(const struct halt *halt, int tid);

/*
 * Wait for a ptrace stop of one thread, however long; *status is signal | event << 8.
 * -ESRCH: it ended (its exit status is left for whoever reaps it); -EINTR: a signal
 * that is not blocked.
 */
must_check int halt_wait(int tid, int *status);

/* ptrace() that returns 0 or a negative errno. */
int halt_ptrace(long request, int tid, unsigned long addr, unsigned long data);

/* What /proc/PID/task/TID/stat tells of one thread. */
struct halt_thread {
	char state;
	bool worker;  /* the kernel's, in the process's name: never in user space */
	bool exiting; /* or has exited */
};

/* 0, or -ESRCH when it is gone. */
must_check int halt_look(int task_fd, int tid, struct halt_thread *thread);

/* For the parser's tests: the text of stat; 0 or -ESRCH. */
must_check int halt_parse_thread(struct halt_thread *thread, const char *text);

/* What /proc/PID/task/TID/status tells (proc_parse_status).  No allocation.  0 or -ESRCH. */
must_check int halt_facts(const struct halt *halt, int tid, struct proc_facts *facts);

#endif
