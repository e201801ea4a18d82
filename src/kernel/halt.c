/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ptrace on all threads of a process: PTRACE_SEIZE, PTRACE_INTERRUPT, PTRACE_DETACH. */
#include "config.h"

#include "kernel/halt.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>

#include "base/clock.h"
#include "base/fault.h"
#include "kernel/again.h"

#define COUNT_TRIES 8
#define SEIZE_NS (10 * INT64_C(1000000))    /* then it may be exec that waits for us: halt_reap() */
#define HOLD_NS (20 * INT64_C(1000000))	    /* all others wait for one that waits for a processor */
#define STRAGGLE_NS (50 * INT64_C(1000000)) /* for a stop that came too late */
#define CROWDED_NS (20 * STRAGGLE_NS)	    /* and where it waits for a processor only */
#define LOOK_NS 1000000			    /* from look to look at who has not stopped */

/* include/linux/sched.h; from 6.4 on vhost's threads have the second alone */
#define PF_EXITING 0x00000004u
#define PF_IO_WORKER 0x00000010u
#define PF_USER_WORKER 0x00004000u

int halt_ptrace(long request, int tid, unsigned long addr, unsigned long data)
{
	return ptrace((enum __ptrace_request)request, tid, addr, data) ? -errno : 0;
}

/*
 * 4243 (name, may hold ") (") S 1 4242 4242 0 -1 4194560 ...
 * After the last ")": state, five numbers, the flags of the task.
 */
int halt_parse_thread(struct halt_thread *thread, const char *text)
{
	const char *at = strrchr(text, ')');
	unsigned long flags = 0;

	if (!at || at[1] != ' ' || !at[2])
		return -ESRCH;
	thread->state = at[2];
	at += 3;
	for (int i = 0; i < 6; i++) {
		char *end;

		flags = strtoul(at, &end, 10); /* -1 of tpgid wraps, and is not used */
		if (end == at)
			return -ESRCH;
		at = end;
	}
	thread->worker = flags & (PF_IO_WORKER | PF_USER_WORKER);
	thread->exiting = flags & PF_EXITING || thread->state == 'Z' || thread->state == 'X';
	return 0;
}

int halt_look(int task_fd, int tid, struct halt_thread *thread)
{
	char text[1024];
	int rc = proc_read_thread(task_fd, tid, "stat", text, sizeof(text));

	return rc ? -ESRCH : halt_parse_thread(thread, text);
}

int halt_facts(const struct halt *halt, int tid, struct proc_facts *facts)
{
	char text[4096];
	int rc = proc_read_thread(halt->task_fd, tid, "status", text, sizeof(text));

	*facts = (struct proc_facts){ 0 };
	return rc || proc_parse_status(facts, text) ? -ESRCH : 0;
}

int halt_open(struct halt *halt, const struct proc *proc, struct error *err)
{
	*halt = (struct halt){ .proc = proc };
	halt->task_fd = proc_open_file(proc, "task", O_RDONLY | O_DIRECTORY, err);
	return halt->task_fd < 0 ? halt->task_fd : 0;
}

static bool grow(int **list, size_t cap)
{
	int *grown = realloc(*list, cap * sizeof(*grown));

	*list = grown ? grown : *list;
	return grown;
}

/* The number of threads, dead ones that nobody has reaped yet too; 0: not known. */
static size_t count_threads(const struct halt *halt)
{
	struct stat st;

	/* "." and "..", then one for each thread (fs/proc/base.c, proc_task_getattr) */
	return fstat(halt->task_fd, &st) || st.st_nlink < 2 ? 0 : st.st_nlink - 2;
}

/* Does the link count agree with the list? They are not read at the same time. */
static bool counts(const struct halt *halt)
{
	for (int i = 0; i < COUNT_TRIES; i++) {
		ssize_t nr = proc_list_numbers(halt->task_fd, halt->scratch, halt->cap);

		if (nr > 0 && count_threads(halt) == (size_t)nr)
			return true;
	}
	return false;
}

int halt_prepare(struct halt *halt, struct error *err)
{
	struct proc_facts facts;
	int rc = proc_facts(halt->proc, &facts, err);
	size_t cap = 2 * (size_t)facts.threads + 256;

	if (rc || halt->cap > facts.threads + 256)
		return rc;
	if (!grow(&halt->tid, cap) || !grow(&halt->scratch, cap) || !grow(&halt->known, cap))
		return error_set(err, ERROR_FAILED, ENOMEM, "cannot attach");
	halt->cap = cap;
	halt->counted = counts(halt);
	return 0;
}

void halt_close(struct halt *halt)
{
	util_close(&halt->task_fd);
	free(halt->tid);
	free(halt->scratch);
	free(halt->known);
	*halt = (struct halt){ .task_fd = -1 };
}

bool halt_has(const struct halt *halt, int tid)
{
	for (size_t i = 0; i < halt->nr; i++)
		if (halt->tid[i] == tid)
			return true;
	return false;
}

static int by_number(const void *a, const void *b)
{
	int x = *(const int *)a, y = *(const int *)b;

	return (x > y) - (x < y);
}

void halt_remember(struct halt *halt)
{
	memcpy(halt->known, halt->tid, halt->stopped * sizeof(*halt->known));
	halt->nr_known = halt->stopped;
	qsort(halt->known, halt->nr_known, sizeof(*halt->known), by_number);
}

/* As proc_threads(), with the main thread at the end. */
static ssize_t list_threads(const struct halt *halt)
{
	ssize_t nr = proc_list_numbers(halt->task_fd, halt->scratch, halt->cap);

	if (nr > (ssize_t)halt->cap)
		return nr;
	for (ssize_t i = 0; i < nr; i++) {
		if (halt->scratch[i] != halt->proc->pid)
			continue;
		halt->scratch[i] = halt->scratch[nr - 1];
		halt->scratch[nr - 1] = halt->proc->pid;
		break;
	}
	return nr;
}

/* Seize one thread.  1: done, 2: done, and it was running; 0: it is a worker, or gone; or an error.
 */
static int halt_seize(struct halt *halt, int tid)
{
	struct halt_thread thread = { .state = '?' };
	int rc;

	/*
	 * A number that was an ordinary thread's may be a worker's now: to stop that is
	 * a pity, no more.  The other way round nothing is remembered.
	 */
	if (!bsearch(&tid, halt->known, halt->nr_known, sizeof(tid), by_number)) {
		rc = halt_look(halt->task_fd, tid, &thread);
		if (rc || thread.worker || thread.state == 'Z' || thread.state == 'X')
			return 0;
	}
	rc = halt_ptrace(PTRACE_SEIZE, tid, 0, halt->options);
	if (!rc)
		return thread.state == 'R' ? 2 : 1;
	if (rc == -ESRCH || halt_look(halt->task_fd, tid, &thread) || thread.exiting)
		return 0;
	halt->failed = tid;
	return rc;
}

/*
 * Seize the threads that are not yet; in ->tid those that run come last, and then the main one.
 * 1: there were some, 0: none, or an error.
 */
static int halt_seize_new(struct halt *halt)
{
	ssize_t nr = list_threads(halt);
	size_t before = halt->nr;
	int rc = 0;

	if (nr < 0)
		return nr == -ENOENT ? -ESRCH : (int)nr;
	if ((size_t)nr > halt->cap)
		return -ENOBUFS; /* let go and begin anew */
	for (ssize_t i = 0; i < nr && rc >= 0; i++) {
		const int tid = halt->scratch[i];

		rc = halt_has(halt, tid) ? 0 : halt_seize(halt, tid);
		/* What has been read of scratch is free: it takes those that come last. */
		if (rc == 2 || (rc > 0 && tid == halt->proc->pid))
			halt->scratch[halt->later++] = tid;
		else if (rc > 0)
			halt->tid[halt->nr++] = tid;
	}
	if (!before)
		halt->asleep = halt->nr;
	memcpy(halt->tid + halt->nr, halt->scratch, halt->later * sizeof(*halt->tid));
	halt->nr += halt->later;
	halt->later = 0;
	return rc < 0 ? rc : halt->nr > before;
}

/*
 * Is every thread stopped?  Then nobody is there to make another.  The count says so
 * at once, unless others (workers, dead threads) are in it; else the list is read again.
 */
static int halt_look_for_more(struct halt *halt)
{
	if (halt->counted && count_threads(halt) == halt->stopped)
		return 0;
	return halt_seize_new(halt);
}

/*
 * One wait for a stop of this thread: 0, -ESRCH, or -EAGAIN: there is none yet.  Not asked
 * for ends, waitid() answers ECHILD when there can be no stop any more, and leaves the
 * exit status (kernel/exit.c, wait_consider_task).
 */
static int wait_once(int tid, int flags, int *status)
{
	siginfo_t info = { 0 };

	if (waitid(P_PID, (id_t)tid, &info, WSTOPPED | __WALL | flags))
		return errno == EINTR ? -EINTR : -ESRCH;
	if (info.si_pid != tid)
		return -EAGAIN;
	*status = info.si_status;
	return 0;
}

int halt_wait(int tid, int *status)
{
	return wait_once(tid, 0, status);
}

/* Sleep until some child or tracee changed, or until end_ns.  SIGCHLD is blocked by then. */
static void wait_change(int64_t end_ns)
{
	int64_t left = end_ns - clock_boot_ns();
	const struct timespec timeout = { .tv_nsec = left > 0 ? left % NS_PER_S : 0,
					  .tv_sec = left > 0 ? left / NS_PER_S : 0 };
	sigset_t change;

	sigemptyset(&change);
	sigaddset(&change, SIGCHLD);
	sigtimedwait(&change, NULL, &timeout);
}

/* As halt_wait(), until end_ns (CLOCK_BOOTTIME; 0: look once): -EAGAIN. */
static int wait_until(int tid, int64_t end_ns, int *status)
{
	for (;;) {
		/* Who sleeps for this very thread is woken once, not for each that stops. */
		int rc = wait_once(tid, end_ns ? 0 : WNOHANG, status);

		if (rc != -EAGAIN && rc != -EINTR)
			return rc;
		if (clock_boot_ns() > end_ns)
			return -EAGAIN;
	}
}

/* Interrupt waits from then on, each millisecond: one alarm could come just before a wait. */
static void set_alarm(int64_t after_ns)
{
	const struct itimerval timer = {
		.it_value = { .tv_sec = after_ns / NS_PER_S,
			      .tv_usec = after_ns % NS_PER_S / 1000 },
		.it_interval = { .tv_usec = after_ns ? 1000 : 0 },
	};

	setitimer(ITIMER_REAL, &timer, NULL);
}

/* Bring one thread to the stop that PTRACE_INTERRUPT makes. */
static int halt_stop(const struct halt *halt, int tid, int64_t until_ns)
{
	int status, rc;

	while (!(rc = wait_until(tid, until_ns, &status))) {
		if (status >> 8 == PTRACE_EVENT_STOP)
			return again_call(halt->proc, tid);
		/* A signal came first: hand it over; the interrupt is still to come. */
		rc = halt_ptrace(PTRACE_CONT, tid, 0, (unsigned long)status);
		if (rc)
			return rc;
	}
	return rc;
}

/* The order stays: the last is who was seized last. */
static void halt_forget(struct halt *halt, size_t i)
{
	if (halt->tid[i] != halt->proc->pid)
		waitpid(halt->tid[i], NULL, __WALL | WNOHANG); /* a dead tracee is ours to reap */
	halt->nr--;
	halt->asked -= i < halt->asked;
	halt->asleep -= i < halt->asleep;
	memmove(halt->tid + i, halt->tid + i + 1, (halt->nr - i) * sizeof(*halt->tid));
}

/* Wait for the threads that were asked and are not stopped, in order. */
static int halt_stop_asked(struct halt *halt)
{
	while (halt->stopped < halt->asked) {
		int rc = halt_stop(halt, halt->tid[halt->stopped], halt->until_ns);

		if (rc == -ESRCH) {
			halt_forget(halt, halt->stopped);
		} else if (rc) {
			halt->failed = halt->tid[halt->stopped];
			return rc;
		} else {
			halt->stopped++;
		}
	}
	return 0;
}

static void halt_ask(struct halt *halt, size_t end)
{
	for (; halt->asked < end; halt->asked++)
		halt_ptrace(PTRACE_INTERRUPT, halt->tid[halt->asked], 0, 0);
}

/* Ask all up to this one to stop, and wait for that. */
static int halt_stop_until(struct halt *halt, size_t end)
{
	halt_ask(halt, end);
	return halt_stop_asked(halt);
}

/*
 * Stop the new ones, and look whether there are others by then.  Those that run are stopped
 * when those that sleep have been, and let go before them: they stand for the
 * shortest time.
 */
static int halt_round(struct halt *halt)
{
	int rc = halt_stop_until(halt, halt->asleep);

	if (!rc)
		rc = halt_stop_until(halt, halt->nr);
	return rc ? rc : halt_look_for_more(halt);
}

static const struct halt *volatile current; /* that is being stopped; halt_reap() interrupts */

/* Is it a dead one?  Asked for ends, waitid() tells of stops as well, and must not take them. */
static bool is_dead(int tid)
{
	siginfo_t info = { 0 };

	return !waitid(P_PID, (id_t)tid, &info, WEXITED | WNOHANG | WNOWAIT | __WALL) &&
	       info.si_pid == tid &&
	       (info.si_code == CLD_EXITED || info.si_code == CLD_KILLED ||
		info.si_code == CLD_DUMPED);
}

static void reap(const struct halt *halt, const int *tid, size_t nr)
{
	for (size_t i = 0; i < nr; i++)
		if (tid[i] != halt->proc->pid && is_dead(tid[i]))
			waitpid(tid[i], NULL, __WALL | WNOHANG);
}

void halt_reap(void)
{
	const struct halt *halt = current;

	if (!halt)
		return;
	reap(halt, halt->tid, halt->nr);
	reap(halt, halt->scratch, halt->later);
}

int halt_all(struct halt *halt)
{
	int rc;

	halt->nr = halt->asked = halt->stopped = halt->asleep = halt->later = 0;
	halt->failed = 0;
	current = halt;
	set_alarm(SEIZE_NS);
	rc = halt_seize_new(halt);
	fault_here(FAULT_SEIZED);
	set_alarm(halt->patience_ns);
	halt->began_ns = clock_boot_ns();
	halt->until_ns = halt->began_ns + halt->patience_ns;
	while (rc > 0)
		rc = halt_round(halt);
	set_alarm(0);
	return rc ? rc : halt->nr ? 0 : -ESRCH;
}

/* Who knows for how long; of one that is gone, halt_stop() says so. */
static bool sleeps_deep(const struct halt *halt, int tid)
{
	struct halt_thread thread;

	return !halt_look(halt->task_fd, tid, &thread) && thread.state == 'D';
}

/*
 * Is it vfork(2) or posix_spawn(3) in which it sleeps, until the child has begun another
 * program or ended?  /proc/PID/task/TID/syscall begins with the number; "running" is none.
 */
static bool waits_for_child(const struct halt *halt, int tid)
{
	char text[128], *end;
	long nr;

	if (proc_read_thread(halt->task_fd, tid, "syscall", text, sizeof(text)))
		return false;
	nr = strtol(text, &end, 10);
	return end > text && (nr == SYS_vfork || nr == SYS_clone || nr == SYS_clone3);
}

/* Is any of those that do not stand yet on its way?  Not asleep in the kernel, that is. */
static bool any_awake(const struct halt *halt)
{
	for (size_t i = halt->stopped; i < halt->nr; i++)
		if (!sleeps_deep(halt, halt->tid[i]))
			return true;
	return false;
}

/* Nothing interrupts vfork(2); what else one sleeps for is the disk, or unknown. */
static bool any_on_disk(const struct halt *halt)
{
	for (size_t i = halt->stopped; i < halt->nr; i++)
		if (sleeps_deep(halt, halt->tid[i]) && !waits_for_child(halt, halt->tid[i]))
			return true;
	return false;
}

/* Take those that stand by now to the others. */
static void collect_stragglers(struct halt *halt)
{
	for (size_t i = halt->stopped; i < halt->nr;) {
		const int tid = halt->tid[i], rc = halt_stop(halt, tid, 0);

		if (rc == -ESRCH) {
			halt_forget(halt, i);
			continue;
		}
		if (!rc) {
			halt->tid[i] = halt->tid[halt->stopped];
			halt->tid[halt->stopped++] = tid;
		}
		i++;
	}
}

/*
 * Who only lacks a processor, or whose child does, is waited for while the others stand, which
 * leaves him one.  All are asked: one that is traced can be interrupted by a signal, too, and
 * only in a stop can that be repaired.
 */
static void await_stragglers(struct halt *halt)
{
	const int64_t until_ns = clock_boot_ns() + HOLD_NS;

	halt_ask(halt, halt->nr);
	collect_stragglers(halt);
	while (halt->stopped < halt->nr && !any_on_disk(halt) && clock_boot_ns() < until_ns) {
		wait_change(clock_boot_ns() + LOOK_NS);
		collect_stragglers(halt);
	}
}

/* kept: those that go on later; NULL: all go on at once. */
static void let_go(struct halt *halt, int tid, size_t *kept)
{
	if (kept && again_cost(tid) == AGAIN_LIMIT)
		halt->scratch[(*kept)++] = tid;
	else
		halt_ptrace(PTRACE_DETACH, tid, 0, 0);
}

/* One look; from the last to the first, as who is let go leaves the list. */
static void release_stragglers(struct halt *halt, size_t *kept)
{
	for (size_t i = halt->nr; i-- > halt->stopped;) {
		const int tid = halt->tid[i], rc = halt_stop(halt, tid, 0);

		if (!rc)
			let_go(halt, tid, kept);
		if (!rc || rc == -ESRCH)
			halt_forget(halt, i);
	}
}

static void let_all_go(struct halt *halt)
{
	const size_t asleep = halt->asleep < halt->stopped ? halt->asleep : halt->stopped;
	size_t kept = 0;
	int64_t most_ns;

	for (size_t i = halt->stopped; i-- > asleep;)
		let_go(halt, halt->tid[i], &kept);
	/* Who was stopped first is let go first. */
	for (size_t i = 0; i < asleep; i++)
		let_go(halt, halt->tid[i], &kept);
	most_ns = clock_boot_ns();
	while (halt->stopped < halt->nr && clock_boot_ns() < most_ns + STRAGGLE_NS) {
		wait_change(clock_boot_ns() + LOOK_NS);
		release_stragglers(halt, &kept);
	}
	if (kept && halt->stopped < halt->nr && !any_awake(halt))
		return; /* ended_ns is 0: they go on when this task ends */
	for (size_t i = 0; i < kept; i++)
		halt_ptrace(PTRACE_DETACH, halt->scratch[i], 0, 0);
	halt->ended_ns = kept ? clock_boot_ns() : most_ns;
	while (any_awake(halt) && clock_boot_ns() < most_ns + CROWDED_NS) {
		wait_change(clock_boot_ns() + LOOK_NS);
		release_stragglers(halt, NULL);
	}
}

/*
 * Who is about to stop may have been interrupted in its call, and only in a stop can that be
 * repaired: so all that were asked to stop are waited for, but for who is in vfork(2).
 *
 * A signal that the program ignores is not dropped where the thread it is sent to is traced
 * (kernel/signal.c, sig_ignored), and may wake another.  It does no harm but to those
 * calls that answer EINTR to any wake-up: these go on when nobody is traced any more.  If
 * somebody cannot be let go, that is when this task ends: all go at once.
 */
void halt_release(struct halt *halt)
{
	halt->ended_ns = 0;
	if (halt->stopped < halt->nr)
		await_stragglers(halt);
	if (halt->stopped == halt->nr || any_awake(halt) || any_on_disk(halt))
		let_all_go(halt);
	current = NULL;
}
