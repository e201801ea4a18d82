/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Stops and attaches: refusals that come before anybody is stopped, then attempts,
 * each in a guardian.
 */
#include "config.h"

#include "kernel/inject.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <time.h>

#include "base/clock.h"
#include "base/log.h"
#include "kernel/choose.h"
#include "kernel/elf.h"
#include "kernel/injector.h"
#include "kernel/leftover.h"
#include "kernel/maps.h"
#include "kernel/permit.h"
#include "kernel/remote.h"

#define OPTIONS PTRACE_O_TRACESYSGOOD

#define ATTEMPTS_NS (2 * NS_PER_S)
#define ATTEMPTS_SPARED 4 /* of those that would stop all for one that sleeps on */
#define ATTEMPT_PAUSE_NS (50 * INT64_C(1000000))
#define REFUSED_TRIES 8
#define ATTEMPT_PATIENCE_NS (50 * INT64_C(1000000)) /* all are let go if one takes longer */

/* What its [stack] may grow to; nothing if that cannot be told. */
static uint64_t stack_limit(int pid)
{
	struct rlimit limit;

	return prlimit(pid, RLIMIT_STACK, NULL, &limit) ? 0 : limit.rlim_cur;
}

/* A frame that cannot be built for want of code is told here, before any stop. */
static int injector_plan(struct injector *injector, struct error *err)
{
	const struct proc *proc = injector->proc;
	struct borrow *b = injector->borrow;
	struct maps maps = { 0 };
	int fd = proc_open_file(proc, "maps", O_RDONLY, err);
	int rc = fd < 0 ? fd : maps_read(&maps, fd, err);

	b->room.stack = (struct range){ 0 };
	b->room.stack_limit = stack_limit(proc->pid);
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
			b->room.stack = maps.list.at[i].range;
	util_close(&fd);
	maps_free(&maps);
	return rc;
}

int injector_replan(struct injector *injector, struct error *err)
{
	int rc = halt_prepare(&injector->halt, err);

	if (!rc)
		rc = mapcheck_prepare(&injector->check, err);
	return rc ? rc : injector_plan(injector, err);
}

/* Is one of these pieces of code still there, and can it be run? */
static bool code_stands(const struct injector *injector, uint64_t addr,
			const struct code_pattern *patterns, unsigned int nr)
{
	unsigned char bytes[16];
	struct mapping map;

	if (mapcheck_find(&injector->check, addr, &map) || !(map.perms & PERM_EXEC))
		return false;
	for (unsigned int i = 0; i < nr; i++)
		if (patterns[i].len <= sizeof(bytes) &&
		    !remote_read(injector->borrow->tid, addr, bytes, patterns[i].len) &&
		    !memcmp(bytes, patterns[i].bytes, patterns[i].len))
			return true;
	return false;
}

/* Is all as it was planned? The program may have unloaded the code, and its stack grows. */
static int check_plan(struct injector *injector)
{
	struct borrow *b = injector->borrow;
	struct mapping map;
	int rc;

	b->step = "looking at its mappings";
	rc = mapcheck_begin(&injector->check, b->tid);
	if (rc)
		return rc;
	if (!code_stands(injector, b->call, arch_call_code, arch_nr_call_code) ||
	    !code_stands(injector, b->sigreturn, arch_sigreturn_code, arch_nr_sigreturn_code))
		return -ENXIO;
	if (range_empty(b->room.stack))
		return 0;
	if (mapcheck_find(&injector->check, b->room.stack.end - PAGE_BYTES, &map) ||
	    map.range.end != b->room.stack.end || !(map.perms & PERM_WRITE) ||
	    map.perms & PERM_SHARED)
		return -ENXIO;
	b->room.stack = map.range;
	return 0;
}

/*
 * No filter shall judge the calls that this thread, which is stopped, makes for us: it
 * may be new, and where it cannot be suspended it kills.  Only for this one, and only
 * while it is ours: the others run on till they stop, and not unfiltered.
 */
static int suspend_filters(const struct injector *injector, int tid)
{
	struct proc_facts facts = { 0 };
	char path[32], text[8192];

	if (!halt_ptrace(PTRACE_SETOPTIONS, tid, 0, OPTIONS | PERMIT_SUSPEND_SECCOMP))
		return 0;
	snprintf(path, sizeof(path), "%d/status", tid);
	if (proc_read(injector->halt.task_fd, path, text, sizeof(text)) ||
	    proc_parse_status(&facts, text))
		return -ESRCH;
	return facts.seccomp ? -EACCES : 0;
}

struct stop_job {
	struct injector *injector;
	const struct injector_stop *stop;
	enum guardian_kind kind; /* the first choice */
	int rc;
};

static int stop_calls(const struct stop_job *job)
{
	struct injector *injector = job->injector;
	const struct injector_stop *stop = job->stop;
	int rc = check_plan(injector);

	if (!rc && stop->ready)
		rc = stop->ready(injector, stop->arg);
	if (!rc)
		rc = borrow_thread(injector->borrow, stop->calls, stop->arg);
	mapcheck_end(&injector->check);
	return rc;
}

/* In the guardian. */
static void stop_work(void *arg)
{
	struct stop_job *job = arg;
	struct injector *injector = job->injector;
	struct halt *halt = &injector->halt;
	int rc = halt_all(halt);

	if (!rc) {
		fault_here(FAULT_STOPPED);
		injector->threads = (unsigned int)halt->nr;
		injector->borrow->tid = job->stop->any_thread ? choose_thread(halt)
							      : halt->tid[halt->nr - 1];
		rc = suspend_filters(injector, injector->borrow->tid);
	}
	if (!rc)
		rc = stop_calls(job);
	halt_release(halt);
	if (halt->ended_ns)
		injector->stopped_ns = halt->ended_ns - halt->began_ns;
	fault_here(FAULT_DETACHED);
	job->rc = rc;
}

static int stop_once(struct stop_job *job)
{
	struct injector *injector = job->injector;
	int rc;

	job->rc = -EINTR;
	injector->stopped_ns = 0;
	injector->threads = 0;
	injector->borrow->tid = 0;
	injector->borrow->step = "stopping its threads";
	rc = guardian_run(&injector->guardian, stop_work, job);
	if (!rc && !injector->halt.ended_ns)
		injector->stopped_ns = clock_boot_ns() - injector->halt.began_ns;
	if (!rc)
		halt_remember(&injector->halt);
	return rc ? rc : job->rc;
}

/*
 * A stop that was refused, in another way or once more: it may have been for what has
 * passed by now, as the guardian of a wsstat that was killed, or of one that stops the
 * target again and again: there at each try, and gone at each look.
 */
static int stop_refused(struct stop_job *job)
{
	struct injector *injector = job->injector;
	int tracer, rc = -EPERM;

	for (int i = 0; i < REFUSED_TRIES && rc == -EPERM && !injector->threads; i++) {
		tracer = permit_tracer(injector->proc, injector->halt.failed);
		if (tracer == PERMIT_GUARDIAN) {
			injector->borrow->step = "another wsstat is at it";
			injector->halt.failed = 0;
			return -EAGAIN;
		}
		if (tracer)
			return -EPERM;
		/* Of what wsstat launched, only wsstat itself is an ancestor, not its guardian. */
		if (proc_yama_scope() == 1)
			injector->guardian.kind = GUARDIAN_THREAD;
		rc = stop_once(job);
	}
	if (rc == -EPERM && !injector->threads)
		injector->guardian.kind = job->kind;
	return rc;
}

int injector_stop(struct injector *injector, const struct injector_stop *stop)
{
	struct stop_job job = {
		.injector = injector,
		.stop = stop,
		.kind = injector->guardian.kind,
	};
	int rc;

	injector->halt.patience_ns = stop->patience_ns;
	rc = stop_once(&job);
	if (rc == -EPERM && !injector->threads)
		rc = stop_refused(&job);
	if (rc != -EINTR)
		return rc;
	injector->borrow->step = "the tracer was killed";
	return -EAGAIN;
}

int injector_explain(const struct injector *injector, int rc, struct error *err)
{
	const struct proc *proc = injector->proc;
	int slow = injector->halt.failed;
	struct halt_thread thread;

	if (rc == -ESRCH || proc_ended(proc)) {
		error_set(err, ERROR_GONE, 0, "process %d ended during the attach", proc->pid);
		return -ESRCH;
	}
	if (rc == -ENOEXEC) {
		error_set(err, ERROR_UNSUPPORTED, 0,
			  "process %d runs 32-bit code; only 64-bit programs can be attached to",
			  proc->pid);
		return rc;
	}
	if (rc == -EACCES) {
		(void)permit_filtered(proc, err);
		return -EPERM;
	}
	if (rc == -EPERM && !injector->threads) {
		(void)permit_denied(proc, err);
		return rc;
	}
	if (rc == -EAGAIN && !injector->threads && slow) {
		if (halt_look(injector->halt.task_fd, slow, &thread))
			thread.state = '?';
		error_set(err, ERROR_FAILED, 0,
			  "thread %d of process %d does not stop (state %c, uninterruptible?); "
			  "try again later",
			  slow, proc->pid, thread.state);
		return rc;
	}
	error_errno(err, -rc, "cannot attach to process %d: %s", proc->pid, injector->borrow->step);
	return rc;
}

static int injector_reserve(struct injector *injector, struct error *err)
{
	const struct proc *proc = injector->proc;
	int rc = halt_open(&injector->halt, proc, err);

	injector->halt.options = OPTIONS;
	guardian_set_alarm(halt_reap);
	if (!rc)
		rc = guardian_open(&injector->guardian, err);
	if (!rc)
		rc = mapcheck_open(&injector->check, proc, err);
	if (!rc)
		rc = sharers_open(&injector->sharers, proc, injector->halt.task_fd, err);
	if (rc)
		return rc;
	injector->borrow = calloc(1, sizeof(*injector->borrow));
	if (!injector->borrow)
		return error_set(err, ERROR_FAILED, ENOMEM, "cannot attach");
	injector->borrow->proc = proc;
	injector->borrow->room.check = &injector->check;
	injector->borrow->room.halt = &injector->halt;
	return 0;
}

int injector_open(struct injector **out, const struct proc *proc, struct error *err)
{
	struct injector *injector;
	int rc = permit_attach(proc, err);

	*out = NULL;
	if (!rc)
		rc = permit_filters(proc, err);
	if (rc)
		return rc;
	injector = malloc(sizeof(*injector));
	if (!injector)
		return error_set(err, ERROR_FAILED, ENOMEM, "cannot attach");
	*injector = (struct injector){
		.proc = proc,
		.halt = { .task_fd = -1 },
		.check = { .fd = -1 },
		.sharers = { .proc_fd = -1, .loadavg_fd = -1 },
	};
	rc = injector_reserve(injector, err);
	if (!rc)
		rc = injector_replan(injector, err);
	if (rc)
		injector_close(injector);
	else
		*out = injector;
	return rc;
}

void injector_close(struct injector *injector)
{
	if (!injector)
		return;
	sharers_close(&injector->sharers);
	mapcheck_close(&injector->check);
	guardian_close(&injector->guardian);
	halt_close(&injector->halt);
	free(injector->borrow);
	free(injector);
}

struct attach {
	struct leftovers left;
	int fd;
};

static int attach_calls(struct borrow *b, void *arg)
{
	struct attach *attach = arg;
	int rc = leftover_close(&attach->left, b);

	return rc ? rc : borrow_userfaultfd(b, &attach->fd);
}

static int attach_once(struct injector *injector, struct attach *attach)
{
	const struct injector_stop stop = {
		.calls = attach_calls,
		.arg = attach,
		.any_thread = true,
		.patience_ns = ATTEMPT_PATIENCE_NS,
	};
	int rc;

	attach->fd = -1;
	rc = injector_stop(injector, &stop);
	if (rc) {
		util_close(&attach->fd);
		attach->fd = -1;
	}
	return rc;
}

/* Threads in a long uninterruptible sleep, code or a stack that moved: they pass. */
static bool passes(int rc)
{
	return rc == -EAGAIN || rc == -ENXIO || rc == -ENOBUFS;
}

/* Does the thread that all had to wait for still sleep, as in a vfork or for the disk? */
static bool sleeps_on(const struct injector *injector)
{
	const struct halt *halt = &injector->halt;
	struct halt_thread thread;

	return !injector->threads && halt->failed &&
	       !halt_look(halt->task_fd, halt->failed, &thread) && thread.state == 'D';
}

static int attach_try(struct injector *injector, struct attach *attach, struct error *err)
{
	const struct timespec pause = { .tv_nsec = ATTEMPT_PAUSE_NS };
	const int64_t end_ns = clock_boot_ns() + ATTEMPTS_NS;
	int spared = 0, rc;

	leftover_find(injector->proc, &attach->left);
	rc = attach_once(injector, attach);
	while (passes(rc) && clock_boot_ns() < end_ns) {
		nanosleep(&pause, NULL);
		if (rc == -EAGAIN && sleeps_on(injector) && ++spared % ATTEMPTS_SPARED)
			continue;
		rc = injector_replan(injector, err);
		if (rc)
			return rc;
		rc = attach_once(injector, attach);
	}
	return rc ? injector_explain(injector, rc, err) : 0;
}

static int ended(const struct proc *proc, struct error *err)
{
	error_set(err, ERROR_GONE, 0, "process %d ended during the attach", proc->pid);
	return -ESRCH;
}

int inject_userfaultfd(const struct proc *proc, struct injected *out, struct error *err)
{
	struct attach attach = { .fd = -1 };
	struct injector *injector;
	int rc = injector_open(&injector, proc, err);

	*out = (struct injected){ .fd = -1 };
	if (rc) /* no memory any more looks like no code */
		return proc_ends(proc, PROC_DYING_MS) ? ended(proc, err) : rc;
	rc = attach_try(injector, &attach, err);
	leftover_tell(&attach.left, proc);
	out->fd = attach.fd;
	out->stopped_ns = injector->stopped_ns;
	out->threads = injector->threads;
	injector_close(injector);
	if (!rc)
		log_info("attached to %d: %u threads stopped for %.3f ms", proc->pid, out->threads,
			 (double)out->stopped_ns / 1e6);
	return rc && proc_ends(proc, PROC_DYING_MS) ? ended(proc, err) : rc;
}
