/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whose stack is where: the threads of a process and their stack pointers, as
 * /proc/PID/task/TID/syscall shows them of threads that do not run.  Nothing is stopped.
 */
#ifndef WSSTAT_KERNEL_STACKS_H
#define WSSTAT_KERNEL_STACKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kernel/procfs.h"

struct thread_stack {
	int tid;
	uint64_t sp;   /* 0: not known: it was running, or has ended */
	char comm[16]; /* as the thread calls itself */
};

struct thread_stacks {
	struct thread_stack *at;
	size_t nr, cap;
	int *tids; /* scratch */
	size_t tids_cap;
};

/*
 * The threads that are there now, in no particular order, reusing the buffers.  A thread
 * that waits for a processor counts as running; with the next sample it may be told.
 * ERROR_DENIED: not permitted (as ptrace(2) would not be); ERROR_GONE; -ENOMEM.
 */
must_check int stacks_read(struct thread_stacks *stacks, const struct proc *proc,
			   struct error *err);
void stacks_free(struct thread_stacks *stacks);

/* Parse the text of a syscall file.  False: no kernel writes that. */
bool stacks_parse(const char *text, uint64_t *sp);

#endif
