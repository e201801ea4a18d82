/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ptrace on all threads of a process: PTRACE_SEIZE, PTRACE_INTERRUPT, PTRACE_DETACH. */
#include "config.h"

#include "kernel/halt.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <time.h>

#include "base/clock.h"
#include "base/fault.h"
#include "kernel/inject_arch.h"

#define STOP_LIMIT_NS (50 * INT64_C(1000000)) /* all are let go if one takes longer */

int halt_ptrace(long request, int tid, unsigned long addr, unsigned long data)
{
	return ptrace((enum __ptrace_request)request, tid, addr, data) ? -errno : 0;
}

char halt_thread_state(const struct proc *proc, int tid)
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
	char state = halt_thread_state(proc, tid);

	return !state || state == 'Z' || state == 'X';
}

bool halt_has(const struct halt *halt, int tid)
{
	for (size_t i = 0; i < halt->nr; i++)
		if (halt->tid[i] == tid)
			return true;
	return false;
}

/* Seize the threads that are not yet.  1: there were some, 0: none, or an error. */
static int halt_seize_new(struct halt *halt)
{
	ssize_t nr = proc_threads(halt->proc, halt->scratch, halt->cap);
	int found = 0;

	if (nr < 0)
		return (int)nr;
	if ((size_t)nr > halt->cap)
		return -EAGAIN; /* more than there is room for: let go and begin anew */
	for (ssize_t i = 0; i < nr; i++) {
		int rc;

		if (halt_has(halt, halt->scratch[i]))
			continue;
		rc = halt_ptrace(PTRACE_SEIZE, halt->scratch[i], 0, halt->options);
		if (rc == -ESRCH || (rc && thread_dead(halt->proc, halt->scratch[i])))
			continue;
		if (rc) {
			halt->failed = halt->scratch[i];
			return rc;
		}
		halt->tid[halt->nr++] = halt->scratch[i];
		found = 1;
	}
	return found;
}

/* Sleep until some child or tracee changed, or until end_ns.  SIGCHLD is blocked by then. */
static void wait_change(int64_t end_ns)
{
	int64_t left = end_ns - clock_boot_ns();
	const struct timespec timeout = { .tv_nsec = left > 0 ? left % CLOCK_NS_PER_S : 0,
					  .tv_sec = left > 0 ? left / CLOCK_NS_PER_S : 0 };
	sigset_t change;

	sigemptyset(&change);
	sigaddset(&change, SIGCHLD);
	sigtimedwait(&change, NULL, &timeout);
}

int halt_wait(int tid, int64_t end_ns, int *status)
{
	for (;;) {
		siginfo_t info = { 0 };

		if (waitid(P_PID, (id_t)tid, &info, WSTOPPED | __WALL | WNOHANG))
			return -ESRCH;
		if (info.si_pid == tid) {
			*status = info.si_status;
			return 0;
		}
		/* This one sees stops too, whatever it is asked (wait_task_stopped). */
		if (waitid(P_PID, (id_t)tid, &info, WEXITED | __WALL | WNOHANG | WNOWAIT) ||
		    (info.si_pid == tid && info.si_code != CLD_TRAPPED))
			return -ESRCH;
		if (clock_boot_ns() > end_ns)
			return -EAGAIN;
		wait_change(end_ns);
	}
}

/* Bring one thread to the stop that PTRACE_INTERRUPT makes. */
static int halt_stop(const struct halt *halt, int tid)
{
	int status, rc;

	while (!(rc = halt_wait(tid, halt->until_ns, &status))) {
		if (status >> 8 == PTRACE_EVENT_STOP)
			return arch_call_again(tid);
		/* A signal came first: hand it over; the interrupt is still to come. */
		rc = halt_ptrace(PTRACE_CONT, tid, 0, (unsigned long)status);
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

/* Wait for the threads from *stopped on, in order. */
static int halt_stop_rest(struct halt *halt, size_t *stopped)
{
	while (*stopped < halt->nr) {
		int rc = halt_stop(halt, halt->tid[*stopped]);

		if (rc == -ESRCH) {
			halt_forget(halt, *stopped);
		} else if (rc) {
			halt->failed = halt->tid[*stopped];
			return rc;
		} else {
			++*stopped;
		}
	}
	return 0;
}

int halt_all(struct halt *halt)
{
	size_t stopped = 0;
	int rc;

	halt->nr = 0;
	halt->failed = 0;
	rc = halt_seize_new(halt);
	fault_here(FAULT_SEIZED);
	halt->began_ns = clock_boot_ns();
	halt->until_ns = halt->began_ns + STOP_LIMIT_NS;
	while (rc > 0) {
		for (size_t i = stopped; i < halt->nr; i++)
			halt_ptrace(PTRACE_INTERRUPT, halt->tid[i], 0, 0);
		rc = halt_stop_rest(halt, &stopped);
		if (!rc)
			rc = halt_seize_new(halt);
	}
	return rc ? rc : halt->nr ? 0 : -ESRCH;
}

void halt_release(struct halt *halt)
{
	while (halt->nr)
		halt_ptrace(PTRACE_DETACH, halt->tid[--halt->nr], 0, 0);
}
