/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A task that traces: a process made by clone(CLONE_VM | CLONE_VFORK), or a thread. */
#include "config.h"

#include "kernel/guardian.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>

#define STACK_BYTES (256u << 10)
#define GUARD_BYTES (64u << 10)
#define GO_ON_NS 10000000 /* the longest that a SIGSTOP can keep it from its work */

/* Other than wsstat's: what kills all of that name shall miss the guardian. */
#define GUARDIAN_NAME "ws-guardian"

struct job {
	void (*work)(void *arg);
	void *arg;
	int tid; /* of the thread that does it */
};

int guardian_open(struct guardian *guardian, struct error *err)
{
	void *stack = mmap(NULL, STACK_BYTES, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK | MAP_NORESERVE, -1, 0);

	*guardian = (struct guardian){ 0 };
	if (stack == MAP_FAILED)
		return error_errno(err, errno, "cannot make a stack for the tracer");
	guardian->stack = stack;
	/* Overrun, it shall end there. */
	if (mprotect(stack, GUARD_BYTES, PROT_NONE)) {
		int failed = errno;

		guardian_close(guardian);
		return error_errno(err, failed, "cannot protect the tracer's stack");
	}
	return 0;
}

void guardian_close(struct guardian *guardian)
{
	if (guardian->stack)
		munmap(guardian->stack, STACK_BYTES);
	*guardian = (struct guardian){ 0 };
}

static void job_do(struct job *job)
{
	const struct sched_param lowest = { .sched_priority = 1 };

	/* While the target stands nobody shall keep us from the processor; needs CAP_SYS_NICE. */
	(void)sched_setscheduler(0, SCHED_FIFO, &lowest);
	job->work(job->arg);
}

static void (*alarm_work)(void);

void guardian_set_alarm(void (*work)(void))
{
	alarm_work = work;
}

static void on_alarm(int number)
{
	const int saved = errno;

	(void)number;
	if (alarm_work)
		alarm_work();
	errno = saved;
}

/* Handle this signal, which is blocked elsewhere, in this thread.  *before: how it was. */
static void take_signal(int number, struct sigaction *before)
{
	const struct sigaction action = { .sa_handler = on_alarm };
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, number);
	sigaction(number, &action, before);
	pthread_sigmask(SIG_UNBLOCK, &set, NULL);
}

/*
 * Who stops the guardian stops the target with it.  SIGSTOP cannot be blocked, but the
 * kernel lets go on whomever it sends SIGCONT, and a timer can do that.  The signal has a
 * handler because a timer whose signal is ignored is not set again (kernel/signal.c,
 * posixtimer_send_sigqueue).  The C library's timer_create() could allocate.
 */
static void keep_going(void)
{
	struct sigevent event = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGCONT };
	const struct itimerspec often = {
		.it_value.tv_nsec = GO_ON_NS,
		.it_interval.tv_nsec = GO_ON_NS,
	};
	int timer = 0;

	if (!syscall(SYS_timer_create, CLOCK_MONOTONIC, &event, &timer))
		(void)syscall(SYS_timer_settime, timer, 0, &often, NULL);
}

static int process_main(void *arg)
{
	(void)setpgid(0, 0);
	/* Its table of handlers is its own. */
	take_signal(SIGALRM, NULL);
	take_signal(SIGCONT, NULL);
	keep_going();
	(void)prctl(PR_SET_NAME, GUARDIAN_NAME);
	job_do(arg);
	return 0;
}

/*
 * Without an exit signal: wsstat has other children, and hears nothing of this
 * one.  CLONE_FILES: a descriptor that it takes from the target is wsstat's.
 */
static int run_process(const struct guardian *guardian, struct job *job)
{
	char *top = (char *)guardian->stack + STACK_BYTES;
	int pid = clone(process_main, top, CLONE_VM | CLONE_FILES | CLONE_VFORK, job);
	int status = 0, reaped;

	if (pid < 0)
		return -errno;
	do
		reaped = waitpid(pid, &status, __WALL);
	while (reaped < 0 && errno == EINTR);
	return reaped == pid && WIFEXITED(status) ? 0 : -EINTR;
}

/* The handler is the caller's again when no alarm can come any more. */
static void *thread_main(void *arg)
{
	struct sigaction before;
	struct job *job = arg;

	job->tid = gettid();
	take_signal(SIGALRM, &before);
	job_do(job);
	sigaction(SIGALRM, &before, NULL);
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

static int run_thread(struct job *job)
{
	pthread_t thread;
	int failed = pthread_create(&thread, NULL, thread_main, job);

	if (!failed)
		failed = pthread_join(thread, NULL);
	if (!failed)
		await_end(job->tid);
	return -failed;
}

int guardian_run(const struct guardian *guardian, void (*work)(void *arg), void *arg)
{
	struct job job = { .work = work, .arg = arg };
	sigset_t all, before;
	int rc;

	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, &before);
	rc = guardian->kind == GUARDIAN_PROCESS ? run_process(guardian, &job) : run_thread(&job);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return rc;
}

bool guardian_is(int pid)
{
	char path[32], name[32] = "";

	snprintf(path, sizeof(path), "/proc/%d/comm", pid);
	auto_fclose FILE *file = fopen(path, "re");
	return file && fgets(name, sizeof(name), file) && !strcmp(name, GUARDIAN_NAME "\n");
}
