/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who else has the target's memory: processes made with CLONE_VM, but not as threads.
 * A vfork(2) makes one for a moment, some odd programs for good.  They go on running
 * when all threads of the target are stopped.
 *
 * A process gets the memory of another only when it is made.  So once all have been
 * looked at, only those made since then need to be: numbers are given out ascending,
 * and /proc/loadavg tells the last one.
 */
#ifndef WSSTAT_KERNEL_SHARERS_H
#define WSSTAT_KERNEL_SHARERS_H

#include "kernel/procfs.h"

struct sharers {
	const struct proc *proc;
	int proc_fd, task_fd, loadavg_fd; /* /proc, /proc/PID/task (not ours), /proc/loadavg */
	int last;			  /* all numbers up to here are known not to share */
	int64_t known_ns;		  /* and when that was so; 0: nothing is known */
	int64_t known_for_ns;		  /* how long it stays so for those numbers */
	int found;			  /* who shares the memory; 0 if nobody */
	int *pids;			  /* room for cap */
	size_t cap;
};

/* Opens what is needed; looks at nobody yet. */
must_check int sharers_open(struct sharers *sharers, const struct proc *proc, int task_fd,
			    struct error *err);
void sharers_close(struct sharers *sharers);

/*
 * Before the stop: look at all there are, if what is known is too old.  0 when nobody
 * shares the memory; -EAGAIN: ->found does, or it cannot be told at this moment;
 * -ENOSYS: this kernel cannot tell at all (no kcmp(2)); -ENOMEM; -ESRCH.
 */
must_check int sharers_look(struct sharers *sharers);

/*
 * Within the stop, with tid one of the stopped threads: look at those made since.  0 or
 * -EAGAIN as above.  No allocation.
 */
must_check int sharers_look_again(struct sharers *sharers, int tid);

/* Have these two processes the same memory?  No, too, if that may not be asked. */
bool sharers_same(int pid, int other);

#endif
