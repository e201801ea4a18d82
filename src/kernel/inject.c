/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The attach: refusals that come before anybody is stopped, then attempts.  Each
 * attempt runs in a thread of its own: when that ends, the kernel lets go of every
 * thread it had seized, also one that sleeps uninterruptibly and cannot be detached.
 */
#include "config.h"

#include "kernel/inject.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/ptrace.h>
#include <time.h>

#include "base/clock.h"
#include "base/fault.h"
#include "base/log.h"
#include "kernel/borrow.h"
#include "kernel/elf.h"
#include "kernel/halt.h"
#include "kernel/maps.h"

#ifndef PTRACE_O_SUSPEND_SECCOMP
#define PTRACE_O_SUSPEND_SECCOMP (1 << 21)
#endif

#define ATTEMPTS 40
#define ATTEMPT_PAUSE_NS (50 * INT64_C(1000000))

static int yama_scope(void)
{
	auto_fclose FILE *file = fopen("/proc/sys/kernel/yama/ptrace_scope", "re");
	char text[16];

	return file && fgets(text, sizeof(text), file) ? (int)strtol(text, NULL, 10) : 0;
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

/* Opening mem asks what attaching asks: PTRACE_MODE_ATTACH, Yama included (fs/proc/base.c). */
static bool permitted(const struct proc *proc)
{
	auto_close int fd = openat(proc->dirfd, "mem", O_RDONLY | O_CLOEXEC);

	return fd >= 0 || (errno != EACCES && errno != EPERM);
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
	if (facts.tracer || !permitted(proc))
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
static int plan_make(struct borrow *b, struct error *err)
{
	const struct proc *proc = b->proc;
	struct maps maps = { 0 };
	int fd = proc_open_file(proc, "maps", O_RDONLY, err);
	int rc = fd < 0 ? fd : maps_read(&maps, fd, err);

	b->stack = (struct range){ 0 };
	if (!rc)
		rc = elf_find_code(proc, &maps.list, arch_call_code, arch_nr_call_code, &b->call,
				   err);
	if (!rc)
		rc = elf_find_code(proc, &maps.list, arch_sigreturn_code, arch_nr_sigreturn_code,
				   &b->sigreturn, err);
	if (rc == -ENOENT)
		rc = error_set(err, ERROR_UNSUPPORTED, 0,
			       "process %d has no code that makes system calls and returns from "
			       "signals (no C library?); it cannot be attached to",
			       proc->pid);
	for (size_t i = 0; !rc && i < maps.list.nr; i++)
		if (region_classify(&maps.list.at[i]) == KIND_STACK)
			b->stack = maps.list.at[i].range;
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

struct attempt {
	struct halt halt;
	struct borrow *borrow;
	struct injected out;
	int tid; /* of the thread that traces */
	int rc;
};

static void *attempt_thread(void *arg)
{
	const struct sched_param lowest = { .sched_priority = 1 };
	struct attempt *a = arg;
	struct halt *halt = &a->halt;

	/* While the target stands nobody shall keep us from the processor; needs CAP_SYS_NICE. */
	(void)sched_setscheduler(0, SCHED_FIFO, &lowest);
	a->tid = gettid();
	a->rc = halt_all(halt);
	fault_here(FAULT_STOPPED);
	if (!a->rc) {
		a->out.threads = (unsigned int)halt->nr;
		/* The main thread, whose stack the frame is on anyway; else any. */
		a->borrow->tid = halt_has(halt, halt->proc->pid) ? halt->proc->pid : halt->tid[0];
		a->rc = borrow_userfaultfd(a->borrow, &a->out.fd);
	}
	halt_release(halt);
	a->out.stopped_ns = clock_boot_ns() - halt->began_ns;
	fault_here(FAULT_DETACHED);
	return NULL;
}

/*
 * A thread can be joined a moment before the kernel has let go of what it traced;
 * the next attempt must not find that.
 */
static void await_end(int tid)
{
	while (!tgkill(getpid(), tid, 0))
		sched_yield();
}

/* One attempt, with our signals held: they find the target whole. */
static int attempt_once(struct attempt *a)
{
	sigset_t all, before;
	pthread_t thread;
	int failed;

	a->out = (struct injected){ .fd = -1 };
	a->borrow->tid = 0;
	a->borrow->step = "stopping its threads";
	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, &before);
	failed = pthread_create(&thread, NULL, attempt_thread, a);
	if (!failed)
		failed = pthread_join(thread, NULL);
	if (!failed)
		await_end(a->tid);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (failed)
		return -failed;
	if (a->rc) {
		util_close(&a->out.fd);
		a->out.fd = -1;
	}
	return a->rc;
}

static int explain(int rc, const struct attempt *a, struct error *err)
{
	const struct proc *proc = a->halt.proc;
	bool stopped = a->borrow->tid != 0;
	int slow = a->halt.failed;

	if (rc == -ESRCH || proc_ended(proc))
		return error_set(err, ERROR_GONE, 0, "process %d ended during the attach",
				 proc->pid);
	if (rc == -ENOEXEC)
		return error_set(
			err, ERROR_UNSUPPORTED, 0,
			"process %d runs 32-bit code; only 64-bit programs can be attached to",
			proc->pid);
	if (rc == -EPERM && !stopped)
		return denied(proc, err);
	if (rc == -EPERM || rc == -ENOSYS)
		return error_set(err, ERROR_DENIED, 0,
				 "process %d is not permitted to make a userfaultfd (seccomp?)",
				 proc->pid);
	if (rc == -EAGAIN && !stopped && slow)
		return error_set(
			err, ERROR_FAILED, 0,
			"thread %d of process %d does not stop (state %c, uninterruptible?); "
			"try again later",
			slow, proc->pid, halt_thread_state(proc, slow) ?: '?');
	return error_set(err, ERROR_FAILED, -rc, "cannot attach to process %d: %s", proc->pid,
			 a->borrow->step);
}

static int try_attempts(struct attempt *a, struct error *err)
{
	const struct timespec pause = { .tv_nsec = ATTEMPT_PAUSE_NS };
	int rc = attempt_once(a);

	for (int i = 1; i < ATTEMPTS && rc == -EAGAIN; i++) {
		nanosleep(&pause, NULL);
		rc = plan_make(a->borrow, err); /* the stack may have grown */
		if (rc)
			return rc;
		rc = attempt_once(a);
	}
	return rc ? explain(rc, a, err) : 0;
}

/* Room for the threads that there are, and many more. */
static int attempt_reserve(struct attempt *a, unsigned int threads, struct error *err)
{
	a->halt.cap = 2 * (size_t)threads + 256;
	a->halt.tid = calloc(a->halt.cap, sizeof(*a->halt.tid));
	a->halt.scratch = calloc(a->halt.cap, sizeof(*a->halt.scratch));
	a->borrow = calloc(1, sizeof(*a->borrow));
	if (!a->halt.tid || !a->halt.scratch || !a->borrow)
		return error_set(err, ERROR_FAILED, ENOMEM, "cannot attach");
	a->borrow->proc = a->halt.proc;
	return 0;
}

int inject_userfaultfd(const struct proc *proc, struct injected *out, struct error *err)
{
	struct attempt a = { .halt = { .proc = proc } };
	struct proc_facts facts;
	int rc;

	rc = inject_check(proc, err);
	if (!rc)
		rc = proc_facts(proc, &facts, err);
	if (!rc)
		rc = seccomp_options(proc, &a.halt.options, err);
	if (!rc)
		rc = attempt_reserve(&a, facts.threads, err);
	if (!rc)
		rc = plan_make(a.borrow, err);
	if (!rc)
		rc = try_attempts(&a, err);
	*out = a.out;
	if (!rc)
		log_info("attached to %d: %u threads stopped for %.3f ms", proc->pid, out->threads,
			 (double)out->stopped_ns / 1e6);
	free(a.halt.tid);
	free(a.halt.scratch);
	free(a.borrow);
	return rc;
}
