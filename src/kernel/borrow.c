/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Two system calls in another process.  From the first byte of the target changed
 * to everything restored there is no allocation, no log, no early return:
 * borrow_userfaultfd() is that part.
 */
#include "config.h"

#include "kernel/borrow.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/ptrace.h>

#include "base/clock.h"
#include "base/fault.h"
#include "kernel/halt.h"
#include "kernel/remote.h"
#include "kernel/uapi.h"

#ifndef PTRACE_SETSIGMASK
#define PTRACE_SETSIGMASK 0x420b
#endif
#define SYSCALL_STOP (SIGTRAP | 0x80) /* PTRACE_O_TRACESYSGOOD */
#define CALL_LIMIT_NS CLOCK_NS_PER_S

static int set_mask(int tid, uint64_t mask)
{
	return ptrace((enum __ptrace_request)PTRACE_SETSIGMASK, tid, sizeof(mask), &mask) ? -errno
											  : 0;
}

/*
 * Where the frame may end.  Below the main thread's stack pointer all of [stack]
 * is free, whichever thread runs the calls.  If the main thread is elsewhere (a
 * coroutine, an alternate stack) or has ended, the far end of [stack] is taken.
 */
static uint64_t borrow_top(struct borrow *b)
{
	const struct range stack = b->stack;
	uint64_t sp;

	if (range_empty(stack))
		return 0;
	if (b->tid != b->proc->pid && arch_save(b->proc->pid, &b->owner))
		sp = 0;
	else
		sp = arch_stack_pointer(b->tid == b->proc->pid ? &b->saved : &b->owner);
	if (sp > stack.start && sp <= stack.end)
		return sp - ARCH_RED_ZONE;
	return stack.start + ARCH_FRAME_MAX;
}

static int borrow_prepare(struct borrow *b)
{
	uint64_t top;
	int rc;

	b->step = "reading the registers";
	rc = arch_save(b->tid, &b->saved);
	if (rc)
		return rc;
	b->step = "finding room on the stack";
	top = borrow_top(b);
	rc = top ? arch_make_frame(&b->saved, top, b->sigreturn, &b->frame) : -EAGAIN;
	if (!rc && b->frame.addr < b->stack.start)
		rc = -EAGAIN;
	return rc ? rc : remote_read(b->proc->pid, b->frame.addr, b->before, b->frame.len);
}

/* Run to the next stop at the entry or the exit of the call. */
static int borrow_step(struct borrow *b)
{
	int status = 0, rc;

	do {
		/* All signals are blocked but SIGSTOP: that one is handed over, and keeps. */
		unsigned long signal = status >> 8 ? 0 : (unsigned long)status;

		rc = halt_ptrace(PTRACE_SYSCALL, b->tid, 0, signal);
		if (!rc)
			rc = halt_wait(b->tid, clock_boot_ns() + CALL_LIMIT_NS, &status);
	} while (!rc && status != SYSCALL_STOP);
	return rc;
}

static int borrow_call(struct borrow *b, long nr, uint64_t arg, long *result)
{
	const uint64_t args[2] = { arg, 0 };
	int rc = arch_set_call(b->tid, &b->saved, &b->frame, b->call, nr, args);

	/*
	 * Signals are blocked only after the registers were changed: if wsstat dies
	 * between, the frame still gives the mask back.
	 */
	fault_here(nr == SYS_close ? FAULT_CLOSE_SET : FAULT_REGS_SET);
	if (!rc)
		rc = set_mask(b->tid, ~UINT64_C(0));
	if (!rc)
		rc = borrow_step(b);
	if (nr != SYS_close)
		fault_here(FAULT_ENTERED);
	if (!rc)
		rc = borrow_step(b);
	return rc ? rc : arch_result(b->tid, result);
}

/* userfaultfd(2) there, its descriptor here, close(2) there. */
static int borrow_calls(struct borrow *b, int *fd)
{
	long there, closed = 0;
	int rc, failed;

	/*
	 * A call like sigsuspend(2) or ppoll(2) has lent the thread a mask; give it its
	 * own back first.  If wsstat dies once the registers are changed, a signal that
	 * such a call waits for then stays pending until the call is made again.  By
	 * itself this changes nothing: making the call again does the same.
	 */
	b->step = "running userfaultfd(2) in it";
	rc = set_mask(b->tid, b->saved.sigmask);
	if (rc)
		return rc;
	rc = borrow_call(b, SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK | UFFD_USER_MODE_ONLY, &there);
	fault_here(FAULT_RETURNED);
	if (rc)
		return rc;
	if (there < 0)
		return (int)there;
	b->step = "taking the userfaultfd from it";
	*fd = (int)syscall(SYS_pidfd_getfd, b->proc->pidfd, (int)there, 0);
	failed = *fd < 0 ? -errno : 0;
	fault_here(FAULT_TAKEN);
	if (!failed)
		b->step = "closing its copy of the userfaultfd";
	rc = borrow_call(b, SYS_close, (uint64_t)there, &closed);
	fault_here(FAULT_CLOSED);
	return failed ? failed : rc ? rc : (int)closed;
}

/* Put everything back, whatever happened. */
static int borrow_undo(struct borrow *b)
{
	int rc, failed = 0;

	rc = set_mask(b->tid, b->saved.sigmask);
	failed = failed ? failed : rc;
	fault_here(FAULT_MASK_RESTORED);
	rc = arch_restore_regs(b->tid, &b->saved);
	failed = failed ? failed : rc;
	fault_here(FAULT_REGS_RESTORED);
	rc = remote_write(b->proc->pid, b->frame.addr, b->before, b->frame.len);
	failed = failed ? failed : rc;
	fault_here(FAULT_RESTORED);
	return failed;
}

int borrow_userfaultfd(struct borrow *b, int *fd)
{
	int rc, undone;

	rc = borrow_prepare(b);
	if (rc)
		return rc;
	rc = remote_write(b->proc->pid, b->frame.addr, b->frame.bytes, b->frame.len);
	fault_here(FAULT_FRAME_WRITTEN);
	if (!rc) {
		rc = borrow_calls(b, fd);
		undone = borrow_undo(b);
	} else {
		undone = remote_write(b->proc->pid, b->frame.addr, b->before, b->frame.len);
	}
	return rc ? rc : undone;
}
