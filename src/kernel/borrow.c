/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * System calls in another process.  From the first byte of the target changed to
 * everything restored there is no allocation, no log, no early return:
 * borrow_thread() is that part.
 */
#include "config.h"

#include "kernel/borrow.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/ptrace.h>

#include "kernel/halt.h"
#include "kernel/remote.h"
#include "kernel/uapi.h"

#ifndef PTRACE_SETSIGMASK
#define PTRACE_SETSIGMASK 0x420b
#endif
#define SYSCALL_STOP (SIGTRAP | 0x80) /* PTRACE_O_TRACESYSGOOD */

static int set_mask(int tid, uint64_t mask)
{
	return ptrace((enum __ptrace_request)PTRACE_SETSIGMASK, tid, sizeof(mask), &mask) ? -errno
											  : 0;
}

static int borrow_prepare(struct borrow *b)
{
	uint64_t top = 0;
	int rc;

	b->step = "reading the registers";
	rc = arch_save(b->tid, &b->saved);
	if (rc == -EPERM)
		b->step = "its system calls may go through a dispatcher (Wine?)";
	if (rc)
		return rc;
	b->step = "finding room on a stack";
	if (arch_frame_room(&b->saved) > sizeof(b->before))
		return -E2BIG;
	rc = room_find(&b->room, b->tid, arch_frame_room(&b->saved), b->before, &top);
	if (!rc)
		rc = arch_make_frame(&b->saved, top, b->sigreturn, &b->frame);
	return rc ? rc : remote_read(b->tid, b->frame.addr, b->before, b->frame.len);
}

/* An alarm of somebody else's, if any, has nothing to say here. */
static int wait_for_stop(int tid, int *status)
{
	int rc;

	do
		rc = halt_wait(tid, status);
	while (rc == -EINTR);
	return rc;
}

/*
 * Run to the next stop at the entry or the exit of the call.  However long it takes:
 * to let the target go while one of its threads is in our call would harm it, and
 * nobody whom the call could wait for is stopped.
 */
static int borrow_step(struct borrow *b)
{
	int status = 0, rc;

	do {
		/* All signals are blocked but SIGSTOP: that one is handed over, and keeps. */
		unsigned long signal = status >> 8 ? 0 : (unsigned long)status;

		rc = halt_ptrace(PTRACE_SYSCALL, b->tid, 0, signal);
		if (!rc)
			rc = wait_for_stop(b->tid, &status);
	} while (!rc && status != SYSCALL_STOP);
	return rc;
}

/*
 * To the entry of a call that harms nobody.  Signals are blocked only after the registers
 * were changed: if wsstat dies between, the frame still gives the mask back.
 */
static int borrow_set(struct borrow *b, enum fault_point set)
{
	int rc = arch_set_entry(b->tid, &b->saved, &b->frame, b->call);

	fault_here(set);
	if (!rc)
		rc = set_mask(b->tid, ~UINT64_C(0));
	if (!rc)
		rc = borrow_step(b);
	b->entered = !rc;
	return rc;
}

/*
 * Only now it becomes the call that is meant, and goes on by the next request: if the
 * tracer is killed, a filter that is no longer suspended would judge that.
 */
static int borrow_make(struct borrow *b, const struct arch_request *request)
{
	int rc = arch_change_call(b->tid, &b->frame, request);

	if (rc)
		return rc;
	b->entered = false;
	return borrow_step(b);
}

int borrow_call(struct borrow *b, const struct arch_request *request, enum fault_point set,
		long *result)
{
	int rc = borrow_set(b, set);

	if (set == FAULT_REGS_SET)
		fault_here(FAULT_ENTERED);
	if (!rc)
		rc = borrow_make(b, request);
	return rc ? rc : arch_result(b->tid, result);
}

int borrow_enter(struct borrow *b)
{
	int rc = b->entered ? 0 : borrow_set(b, FAULT_REGS_SET);

	fault_here(FAULT_ZAP_ENTERED);
	return rc;
}

int borrow_become(struct borrow *b, const struct arch_request *request, long *result)
{
	int rc = arch_change_call(b->tid, &b->frame, request);

	fault_here(FAULT_ZAP_SET);
	if (rc)
		return rc;
	b->entered = false;
	rc = borrow_step(b);
	fault_here(FAULT_ZAP_DONE);
	return rc ? rc : arch_result(b->tid, result);
}

/* Descriptors are the thread's own, as a rule shared with all others of the process. */
static int take(const struct borrow *b, int there, int *fd)
{
	auto_close int thread = b->tid == b->proc->pid ? -1 : proc_thread_pidfd(b->tid);

	*fd = (int)syscall(SYS_pidfd_getfd, thread < 0 ? b->proc->pidfd : thread, there, 0);
	return *fd < 0 ? -errno : 0;
}

/* userfaultfd(2) there, its descriptor here, close(2) there. */
int borrow_userfaultfd(struct borrow *b, void *arg)
{
	struct arch_request request = {
		.nr = SYS_userfaultfd,
		.args = { O_CLOEXEC | O_NONBLOCK | UFFD_USER_MODE_ONLY },
	};
	int *fd = arg;
	long there, closed = 0;
	int rc, failed;

	b->step = "running userfaultfd(2) in it";
	rc = borrow_call(b, &request, FAULT_REGS_SET, &there);
	fault_here(FAULT_RETURNED);
	if (rc)
		return rc;
	if (there == -EPERM || there == -ENOSYS) {
		b->step = "it is not permitted to make a userfaultfd (seccomp?)";
		return -EPERM;
	}
	if (there < 0)
		return (int)there;
	b->step = "taking the userfaultfd from it";
	failed = take(b, (int)there, fd);
	fault_here(FAULT_TAKEN);
	if (!failed)
		b->step = "closing its copy of the userfaultfd";
	request = (struct arch_request){ .nr = SYS_close, .args = { (uint64_t)there } };
	rc = borrow_call(b, &request, FAULT_CLOSE_SET, &closed);
	fault_here(FAULT_CLOSED);
	return failed ? failed : rc ? rc : (int)closed;
}

/* Put everything back, whatever happened. */
static int borrow_undo(struct borrow *b)
{
	const struct arch_request nothing = { .nr = SYS_getpid };
	int rc, failed = 0;

	/*
	 * From an entry registers do not go back to where they were: a call comes first, and
	 * not that one, which would forget the time that a sleep has left.
	 */
	if (b->entered)
		failed = borrow_make(b, &nothing);
	b->entered = false;
	rc = set_mask(b->tid, b->saved.sigmask);
	failed = failed ? failed : rc;
	fault_here(FAULT_MASK_RESTORED);
	rc = arch_restore_regs(b->tid, &b->saved);
	failed = failed ? failed : rc;
	fault_here(FAULT_REGS_RESTORED);
	rc = remote_write(b->tid, b->frame.addr, b->before, b->frame.len);
	failed = failed ? failed : rc;
	fault_here(FAULT_RESTORED);
	return failed;
}

int borrow_thread(struct borrow *b, borrow_fn calls, void *arg)
{
	int rc, undone;

	b->entered = false;
	rc = borrow_prepare(b);
	if (rc)
		return rc;
	rc = remote_write(b->tid, b->frame.addr, b->frame.bytes, b->frame.len);
	fault_here(FAULT_FRAME_WRITTEN);
	if (!rc) {
		/*
		 * A call like sigsuspend(2) or ppoll(2) has lent the thread a mask; give it
		 * its own back first.  If wsstat dies once the registers are changed, a
		 * signal that such a call waits for then stays pending until the call is
		 * made again.  By itself this changes nothing: making the call again does
		 * the same.
		 */
		rc = set_mask(b->tid, b->saved.sigmask);
		if (!rc)
			rc = calls(b, arg);
		undone = borrow_undo(b);
	} else {
		undone = remote_write(b->tid, b->frame.addr, b->before, b->frame.len);
	}
	return rc ? rc : undone;
}
