/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The attach.  Three parts: stopping every thread (struct halt), running two
 * system calls in one of them (borrow_*), and the refusals that come before.
 *
 * From the first byte of the target changed to everything restored there is no
 * allocation, no log, no early return: borrow() is that part.
 */
#include "config.h"

#include "kernel/inject.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>

#include "base/clock.h"
#include "base/fault.h"
#include "base/log.h"
#include "kernel/elf.h"
#include "kernel/inject_arch.h"
#include "kernel/maps.h"
#include "kernel/uapi.h"

#ifndef PTRACE_GETSIGMASK
#define PTRACE_GETSIGMASK 0x420a
#define PTRACE_SETSIGMASK 0x420b
#endif
#ifndef PTRACE_O_SUSPEND_SECCOMP
#define PTRACE_O_SUSPEND_SECCOMP (1 << 21)
#endif
#define SYSCALL_STOP (SIGTRAP | 0x80) /* PTRACE_O_TRACESYSGOOD */

#define STOP_LIMIT_NS (50 * INT64_C(1000000)) /* threads are let go if one takes longer */
#define CALL_LIMIT_NS (1000 * INT64_C(1000000))
#define ATTEMPTS 40
#define ATTEMPT_PAUSE_NS (50 * INT64_C(1000000))

/* The threads of the target, seized, and stopped or about to be. */
struct halt {
	const struct proc *proc;
	unsigned long options; /* for PTRACE_SEIZE */
	int *tid;
	size_t nr, cap;
	int failed; /* the thread that a failure was about */
	int64_t began_ns;
};

static long halt_ptrace(long request, int tid, unsigned long addr, unsigned long data)
{
	return ptrace((enum __ptrace_request)request, tid, addr, data) ? -errno : 0;
}

/* State letter of one thread, or 0 when it is gone. */
static char thread_state(const struct proc *proc, int tid)
{
	char path[64], text[1024];
	struct proc_facts facts;
	ssize_t got;

	snprintf(path, sizeof(path), "task/%d/stat", tid);
	auto_close int fd = openat(proc->dirfd, path, O_RDONLY | O_CLOEXEC);
	got = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
	if (got <= 0)
		return 0;
	text[got] = '\0';
	return proc_parse_stat(&facts, text) ? 0 : facts.state;
}

static bool thread_dead(const struct proc *proc, int tid)
{
	char state = thread_state(proc, tid);

	return !state || state == 'Z' || state == 'X';
}

static bool halt_has(const struct halt *halt, int tid)
{
	for (size_t i = 0; i < halt->nr; i++)
		if (halt->tid[i] == tid)
			return true;
	return false;
}

/* Seize the threads that are not yet.  1: there were some, 0: none, or an error. */
static int halt_seize_new(struct halt *halt, int *scratch)
{
	ssize_t nr = proc_threads(halt->proc, scratch, halt->cap);
	int found = 0;

	if (nr < 0)
		return (int)nr;
	if ((size_t)nr > halt->cap)
		return -EAGAIN; /* more than there is room for: let go and begin anew */
	for (ssize_t i = 0; i < nr; i++) {
		long rc;

		if (halt_has(halt, scratch[i]))
			continue;
		rc = halt_ptrace(PTRACE_SEIZE, scratch[i], 0, halt->options);
		if (rc == -ESRCH || (rc && thread_dead(halt->proc, scratch[i])))
			continue;
		if (rc) {
			halt->failed = scratch[i];
			return (int)rc;
		}
		halt->tid[halt->nr++] = scratch[i];
		found = 1;
	}
	return found;
}

/*
 * Wait for a ptrace stop of one thread; *status is signal | event << 8.
 * -ESRCH: it ended (its exit status is left for whoever reaps it); -EAGAIN: not
 * within the limit.
 */
static int wait_stop(int tid, int64_t limit_ns, int *status)
{
	int64_t end = clock_boot_ns() + limit_ns;

	for (unsigned int turn = 1;; turn++) {
		siginfo_t info = { 0 };

		if (waitid(P_PID, (id_t)tid, &info, WSTOPPED | __WALL | WNOHANG))
			return -ESRCH;
		if (info.si_pid == tid) {
			*status = info.si_status;
			return 0;
		}
		if (turn % 64 == 0) {
			if (waitid(P_PID, (id_t)tid, &info, WEXITED | __WALL | WNOHANG | WNOWAIT) ||
			    info.si_pid == tid)
				return -ESRCH;
			if (clock_boot_ns() > end)
				return -EAGAIN;
		}
		sched_yield();
	}
}

/* Bring one thread to the stop that PTRACE_INTERRUPT makes. */
static int halt_stop(int tid)
{
	int status, rc;

	while (!(rc = wait_stop(tid, STOP_LIMIT_NS, &status))) {
		if (status >> 8 == PTRACE_EVENT_STOP)
			return 0;
		/* A signal came first: hand it over; the interrupt is still to come. */
		rc = (int)halt_ptrace(PTRACE_CONT, tid, 0, (unsigned long)status);
		if (rc)
			return rc;
	}
	return rc;
}

static void halt_forget(struct halt *halt, size_t i)
{
	if (halt->tid[i] != halt->proc->pid)
		waitpid(halt->tid[i], NULL, __WALL | WNOHANG); /* a dead tracee is ours to reap */
	halt->tid[i] = halt->tid[--halt->nr];
}

/* Stop every thread, those that appear meanwhile too. */
static int halt_all(struct halt *halt, int *scratch)
{
	size_t stopped = 0;
	int rc = halt_seize_new(halt, scratch);

	fault_here(FAULT_SEIZED);
	halt->began_ns = clock_boot_ns();
	while (rc > 0) {
		for (size_t i = stopped; i < halt->nr; i++)
			halt_ptrace(PTRACE_INTERRUPT, halt->tid[i], 0, 0);
		while (stopped < halt->nr) {
			rc = halt_stop(halt->tid[stopped]);
			if (rc == -ESRCH) {
				halt_forget(halt, stopped);
				continue;
			}
			if (rc) {
				halt->failed = halt->tid[stopped];
				return rc;
			}
			stopped++;
		}
		rc = halt_seize_new(halt, scratch);
	}
	return rc ? rc : halt->nr ? 0 : -ESRCH;
}

/*
 * Let all go.  A thread that is not stopped cannot be detached: it is stopped
 * first; one that stays asleep uninterruptibly is left seized, which it does not
 * feel, until it wakes or wsstat ends.
 */
static void halt_release(struct halt *halt)
{
	for (size_t i = halt->nr; i-- > 0;) {
		int tid = halt->tid[i];

		if (!halt_ptrace(PTRACE_DETACH, tid, 0, 0))
			continue;
		halt_ptrace(PTRACE_INTERRUPT, tid, 0, 0);
		if (!halt_stop(tid))
			halt_ptrace(PTRACE_DETACH, tid, 0, 0);
		else if (tid != halt->proc->pid)
			waitpid(tid, NULL, __WALL | WNOHANG);
	}
	halt->nr = 0;
}

/* What is prepared before the stop. */
struct plan {
	uint64_t call, sigreturn; /* code in the target */
	struct range stack;	  /* [stack]; empty if there is none */
};

/* One attempt: everything that must not be allocated while the target stands. */
struct borrow {
	const struct proc *proc;
	const struct plan *plan;
	int tid;
	const char *step; /* what was being done, for the message */
	struct arch_saved saved, owner;
	struct arch_frame frame;
	unsigned char before[ARCH_FRAME_MAX]; /* what lay where the frame lies */
};

static int target_copy(int pid, uint64_t addr, void *buf, size_t len, bool write)
{
	struct iovec here = { buf, len }, there = { (void *)(uintptr_t)addr, len };
	ssize_t got = write ? process_vm_writev(pid, &here, 1, &there, 1, 0)
			    : process_vm_readv(pid, &here, 1, &there, 1, 0);

	if (got < 0)
		return -errno;
	return (size_t)got == len ? 0 : -EFAULT;
}

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
	const struct range stack = b->plan->stack;
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
	rc = top ? arch_make_frame(&b->saved, top, b->plan->sigreturn, &b->frame) : -EAGAIN;
	if (!rc && b->frame.addr < b->plan->stack.start)
		rc = -EAGAIN;
	return rc ? rc : target_copy(b->proc->pid, b->frame.addr, b->before, b->frame.len, false);
}

/* Run to the next stop at the entry or the exit of the call. */
static int borrow_step(struct borrow *b)
{
	int status = 0, rc;

	do {
		/* All signals are blocked but SIGSTOP: that one is handed over, and keeps. */
		unsigned long signal = status >> 8 ? 0 : (unsigned long)status;

		rc = (int)halt_ptrace(PTRACE_SYSCALL, b->tid, 0, signal);
		if (!rc)
			rc = wait_stop(b->tid, CALL_LIMIT_NS, &status);
	} while (!rc && status != SYSCALL_STOP);
	return rc;
}

static int borrow_call(struct borrow *b, long nr, uint64_t arg, long *result)
{
	const uint64_t args[2] = { arg, 0 };
	int rc = arch_set_call(b->tid, &b->saved, &b->frame, b->plan->call, nr, args);

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

	b->step = "running userfaultfd(2) in it";
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
	rc = target_copy(b->proc->pid, b->frame.addr, b->before, b->frame.len, true);
	failed = failed ? failed : rc;
	fault_here(FAULT_RESTORED);
	return failed;
}

/* The part during which the target is not itself. */
static int borrow(struct borrow *b, int *fd)
{
	int rc, undone;

	rc = borrow_prepare(b);
	if (rc)
		return rc;
	rc = target_copy(b->proc->pid, b->frame.addr, b->frame.bytes, b->frame.len, true);
	fault_here(FAULT_FRAME_WRITTEN);
	if (!rc) {
		rc = borrow_calls(b, fd);
		undone = borrow_undo(b);
	} else {
		undone = target_copy(b->proc->pid, b->frame.addr, b->before, b->frame.len, true);
	}
	return rc ? rc : undone;
}

/* The main thread, whose stack the frame is on anyway; else any. */
static int halt_choose(const struct halt *halt)
{
	return halt_has(halt, halt->proc->pid) ? halt->proc->pid : halt->tid[0];
}

static int attempt(struct halt *halt, int *scratch, struct borrow *b, struct injected *out)
{
	int rc;

	b->step = "stopping its threads";
	rc = halt_all(halt, scratch);
	fault_here(FAULT_STOPPED);
	if (!rc) {
		out->threads = (unsigned int)halt->nr;
		b->tid = halt_choose(halt);
		rc = borrow(b, &out->fd);
	}
	halt_release(halt);
	out->stopped_ns = clock_boot_ns() - halt->began_ns;
	fault_here(FAULT_DETACHED);
	if (rc && out->fd >= 0) {
		close(out->fd);
		out->fd = -1;
	}
	return rc;
}

static int yama_scope(void)
{
	auto_fclose FILE *file = fopen("/proc/sys/kernel/yama/ptrace_scope", "re");
	int scope = 0;

	return file && fscanf(file, "%d", &scope) == 1 ? scope : 0;
}

/* Why ptrace said no, and what to do. */
static int denied(const struct proc *proc, struct error *err)
{
	struct proc_facts facts;
	int scope = yama_scope();

	if (proc_facts(proc, &facts, err))
		return -ESRCH;
	if (facts.tracer)
		return error_set(err, ERROR_DENIED, 0,
				 "process %d is being traced by process %d; end that first",
				 proc->pid, facts.tracer);
	if (facts.uid != getuid() && geteuid() != 0)
		return error_set(
			err, ERROR_DENIED, 0,
			"process %d belongs to another user; run wsstat as that user or as root",
			proc->pid);
	if (scope > 0)
		return error_set(
			err, ERROR_DENIED, 0,
			"attaching to process %d is not permitted: kernel.yama.ptrace_scope is %d; "
			"run as root, set it to 0, or launch the program with wsstat -- COMMAND",
			proc->pid, scope);
	return error_set(
		err, ERROR_DENIED, 0,
		"attaching to process %d is not permitted (set-user-ID, not dumpable, or in "
		"another user namespace); run wsstat as root",
		proc->pid);
}

int inject_check(const struct proc *proc, struct error *err)
{
	struct proc_facts facts;
	int rc = proc_facts(proc, &facts, err);

	if (rc)
		return rc;
	if (facts.kernel_thread)
		return error_set(err, ERROR_UNSUPPORTED, 0,
				 "process %d is a kernel thread: it has no memory of its own",
				 proc->pid);
	if (facts.state == 'Z' && facts.threads <= 1)
		return error_set(err, ERROR_GONE, 0, "process %d has ended (zombie)", proc->pid);
	if (facts.tracer)
		return denied(proc, err);
	if (facts.shadow_stack)
		return error_set(
			err, ERROR_UNSUPPORTED, 0,
			"process %d runs with a shadow stack; launch it with wsstat -- COMMAND "
			"instead",
			proc->pid);
	return 0;
}

/* A frame that cannot be built for want of code is told here, before any stop. */
static int plan_make(struct plan *plan, const struct proc *proc, struct error *err)
{
	struct maps maps = { 0 };
	int fd = proc_open_file(proc, "maps", O_RDONLY, err);
	int rc = fd < 0 ? fd : maps_read(&maps, fd, err);

	*plan = (struct plan){ 0 };
	if (!rc)
		rc = elf_find_code(proc, &maps.list, arch_call_code, arch_nr_call_code, &plan->call,
				   err);
	if (!rc)
		rc = elf_find_code(proc, &maps.list, arch_sigreturn_code, arch_nr_sigreturn_code,
				   &plan->sigreturn, err);
	if (rc == -ENOENT)
		rc = error_set(err, ERROR_UNSUPPORTED, 0,
			       "process %d has no code that makes system calls and returns from "
			       "signals (no C library?); it cannot be attached to",
			       proc->pid);
	for (size_t i = 0; !rc && i < maps.list.nr; i++)
		if (region_classify(&maps.list.at[i]) == KIND_STACK)
			plan->stack = maps.list.at[i].range;
	util_close(&fd);
	maps_free(&maps);
	return rc;
}

/*
 * A filter may kill the target for a call it never makes: switch filters off for
 * the threads while they are ours (needs CAP_SYS_ADMIN), or refuse.
 */
static int seccomp_options(const struct proc *proc, unsigned long *options, struct error *err)
{
	struct proc_facts facts;
	int rc = proc_facts(proc, &facts, err);

	*options = PTRACE_O_TRACESYSGOOD;
	if (rc || !facts.seccomp)
		return rc;
	if (geteuid() != 0)
		return error_set(err, ERROR_DENIED, 0,
				 "process %d runs under a seccomp filter, which might kill it for "
				 "userfaultfd(2); run wsstat as root",
				 proc->pid);
	*options |= PTRACE_O_SUSPEND_SECCOMP;
	return 0;
}

static int explain(int rc, const struct borrow *b, const struct halt *halt, struct error *err)
{
	const struct proc *proc = b->proc;

	if (rc == -ESRCH || proc_ended(proc))
		return error_set(err, ERROR_GONE, 0, "process %d ended during the attach",
				 proc->pid);
	if (rc == -ENOEXEC)
		return error_set(
			err, ERROR_UNSUPPORTED, 0,
			"process %d runs 32-bit code; only 64-bit programs can be attached to",
			proc->pid);
	if (rc == -EPERM && !b->tid)
		return denied(proc, err);
	if (rc == -EPERM || rc == -ENOSYS)
		return error_set(err, ERROR_DENIED, 0,
				 "process %d is not permitted to make a userfaultfd (seccomp?)",
				 proc->pid);
	if (rc == -EAGAIN && !b->tid && halt->failed)
		return error_set(
			err, ERROR_FAILED, 0,
			"thread %d of process %d does not stop (state %c, uninterruptible?); "
			"try again later",
			halt->failed, proc->pid, thread_state(proc, halt->failed) ?: '?');
	return error_set(err, ERROR_FAILED, -rc, "cannot attach to process %d: %s", proc->pid,
			 b->step);
}

static int try_attempts(struct halt *halt, int *scratch, struct borrow *b, struct plan *plan,
			struct injected *out, struct error *err)
{
	const struct timespec pause = { .tv_nsec = ATTEMPT_PAUSE_NS };
	int rc = -EAGAIN;

	for (int i = 0; i < ATTEMPTS && rc == -EAGAIN; i++) {
		sigset_t all, before;

		if (i > 0) {
			nanosleep(&pause, NULL);
			rc = plan_make(plan, halt->proc, err);
			if (rc)
				return rc;
		}
		b->tid = 0;
		halt->failed = 0;
		sigfillset(&all);
		sigprocmask(SIG_BLOCK, &all, &before);
		rc = attempt(halt, scratch, b, out);
		sigprocmask(SIG_SETMASK, &before, NULL);
	}
	return rc ? explain(rc, b, halt, err) : 0;
}

int inject_userfaultfd(const struct proc *proc, struct injected *out, struct error *err)
{
	struct proc_facts facts;
	struct plan plan;
	struct halt halt = { .proc = proc };
	auto_free struct borrow *b = calloc(1, sizeof(*b));
	auto_free int *tids = NULL, *scratch = NULL;
	int rc;

	*out = (struct injected){ .fd = -1 };
	rc = inject_check(proc, err);
	if (!rc)
		rc = proc_facts(proc, &facts, err);
	if (!rc)
		rc = seccomp_options(proc, &halt.options, err);
	if (!rc)
		rc = plan_make(&plan, proc, err);
	if (rc)
		return rc;
	halt.cap = 2 * (size_t)facts.threads + 256;
	halt.tid = tids = calloc(halt.cap, sizeof(*tids));
	scratch = calloc(halt.cap, sizeof(*scratch));
	if (!b || !tids || !scratch)
		return error_set(err, ERROR_FAILED, ENOMEM, "cannot attach");
	b->proc = proc;
	b->plan = &plan;
	rc = try_attempts(&halt, scratch, b, &plan, out, err);
	if (!rc)
		log_info("attached to %d: %u threads stopped for %.3f ms", proc->pid, out->threads,
			 (double)out->stopped_ns / 1e6);
	return rc;
}
