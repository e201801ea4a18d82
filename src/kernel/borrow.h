/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * userfaultfd(2) and close(2) run in one thread of a process that is stopped as a
 * whole, under a dead man's frame.
 */
#ifndef WSSTAT_KERNEL_BORROW_H
#define WSSTAT_KERNEL_BORROW_H

#include "kernel/inject_arch.h"
#include "kernel/procfs.h"
#include "model/range.h"

/* Everything that is needed while the target stands: nothing is allocated then. */
struct borrow {
	const struct proc *proc;
	uint64_t call, sigreturn; /* code in the target */
	struct range stack;	  /* its [stack]; empty if there is none */
	int tid;		  /* the thread that makes the calls */
	const char *step;	  /* what was being done, for a message */
	struct arch_saved saved, owner;
	struct arch_frame frame;
	unsigned char before[ARCH_FRAME_MAX]; /* what lay where the frame lies */
};

/*
 * All threads are in ptrace stops of the caller's (kernel/halt.h), set up with
 * PTRACE_O_TRACESYSGOOD.  On return the thread, its stack and its descriptors are
 * as before, whatever happened, and it is still stopped.  *fd is the userfaultfd,
 * or -1; it may be there with an error too, then close it.
 * -EAGAIN: no room for the frame at this moment; -ENOEXEC: 32-bit code; -EPERM or
 * -ENOSYS: the target may not make a userfaultfd; -ESRCH: it ended.
 */
must_check int borrow_userfaultfd(struct borrow *b, int *fd);

#endif
