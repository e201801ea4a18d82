/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * System calls that run in one thread of a process that is stopped as a whole, under
 * a dead man's frame.
 */
#ifndef WSSTAT_KERNEL_BORROW_H
#define WSSTAT_KERNEL_BORROW_H

#include <stdbool.h>

#include "base/fault.h"
#include "kernel/inject_arch.h"
#include "kernel/procfs.h"
#include "kernel/room.h"

/* Everything that is needed while the target stands: nothing is allocated then. */
struct borrow {
	const struct proc *proc;
	uint64_t call, sigreturn; /* code in the target */
	struct room room;	  /* for the frame */
	int tid;		  /* the thread that makes the calls */
	bool entered;		  /* it is at the entry of a call that does nothing */
	const char *step;	  /* what was being done, for a message */
	struct arch_saved saved;
	struct arch_frame frame;
	unsigned char before[ARCH_FRAME_MAX]; /* what lay where the frame lies */
};

/* Makes calls by those below; no allocation, no log, no early return in it. */
typedef int (*borrow_fn)(struct borrow *b, void *arg);

/*
 * All threads are in ptrace stops of the caller's (kernel/halt.h), set up with
 * PTRACE_O_TRACESYSGOOD; ->call, ->sigreturn and ->room are right at this moment.  Lays
 * the frame, runs calls(), and puts everything back.  On return the thread and its
 * stack are as before, whatever happened, and it is still stopped.
 *
 * What calls() returns, or: -EAGAIN: no room for the frame at this moment; -ENOEXEC:
 * 32-bit code; -EPERM: a thread that must not be borrowed; -ESRCH: it ended.
 */
must_check int borrow_thread(struct borrow *b, borrow_fn calls, void *arg);

/* Within calls(): have this call made; FAULT_REGS_SET or as given lies in it. */
must_check int borrow_call(struct borrow *b, const struct arch_request *request,
			   enum fault_point set, long *result);

/*
 * The same for a call that must not be made but while all threads are stopped.  First
 * bring the thread to the entry of a call that does nothing; then turn that into the
 * call that is meant, and let it go on at once.  If the caller dies anywhere but
 * between these last two, the call is not made; if there, the thread that was seized
 * last is let go first.  To enter twice is to enter once.
 */
must_check int borrow_enter(struct borrow *b);
must_check int borrow_become(struct borrow *b, const struct arch_request *request, long *result);

/*
 * A borrow_fn: userfaultfd(2) and close(2).  arg: int *, the userfaultfd, or -1; it may
 * be there with an error too, then close it.  -EPERM: the target may not make a
 * userfaultfd.
 */
must_check int borrow_userfaultfd(struct borrow *b, void *arg);

#endif
