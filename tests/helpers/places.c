/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Checks of selfcheck: a thread that waits for other processes and threads, and one that
 * computes at the very end of its stack or away from it.
 */
#define _GNU_SOURCE 1
#include <alloca.h>
#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <ucontext.h>
#include <unistd.h>

#include "selfcheck.h"

#define EDGE_ROOM 1024	 /* all that spin_once() needs */
#define EDGE_BYTES 32768 /* of the stack, checked */

static const struct timespec nap = { .tv_nsec = NAP_NS };

void waker_start(struct worker *w)
{
	const int parent = getpid();

	w->word = mmap(NULL, sizeof(*w->word), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
		       -1, 0);
	if (w->word == MAP_FAILED)
		die("mmap");
	if (fork())
		return;
	while (getppid() == parent) {
		nanosleep(&nap, NULL);
		__atomic_fetch_add(w->word, 1, __ATOMIC_SEQ_CST);
		syscall(SYS_futex, w->word, FUTEX_WAKE, INT_MAX, NULL, NULL, 0);
	}
	_exit(0);
}

void check_futex_untimed(struct worker *w)
{
	const uint32_t before = __atomic_load_n(w->word, __ATOMIC_SEQ_CST);

	errno = 0;
	if (syscall(SYS_futex, w->word, FUTEX_WAIT, before, NULL, NULL, 0))
		expect("untimed futex wait errno", (uint64_t)errno, EAGAIN);
}

void check_wait(struct worker *w)
{
	siginfo_t info = { 0 };
	int status = 0, pid = fork();

	(void)w;
	if (!pid) {
		nanosleep(&nap, NULL);
		_exit(7);
	}
	expect("waitid", (uint64_t)waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT), 0);
	expect("pid waited for", (uint64_t)info.si_pid, (uint64_t)pid);
	pid = fork();
	if (!pid) {
		nanosleep(&nap, NULL);
		_exit(9);
	}
	expect("waitpid", (uint64_t)waitpid(pid, &status, 0), (uint64_t)pid);
	expect("exit status", (uint64_t)WEXITSTATUS(status), 9);
	expect("waitpid of the first", (uint64_t)waitpid(info.si_pid, &status, 0),
	       (uint64_t)info.si_pid);
	expect("exit status of the first", (uint64_t)WEXITSTATUS(status), 7);
}

/* The child has our memory, so it does little; and we wait as if for the disk. */
void check_vfork(struct worker *w)
{
	int status = 0;
	const int pid = vfork();

	(void)w;
	if (!pid) {
		syscall(SYS_nanosleep, &nap, NULL);
		_exit(11);
	}
	expect("waitpid after vfork", (uint64_t)waitpid(pid, &status, 0), (uint64_t)pid);
	expect("exit status after vfork", (uint64_t)WEXITSTATUS(status), 11);
}

void check_vfork_long(struct worker *w)
{
	int status = 0;
	const int pid = vfork();

	(void)w;
	if (!pid) {
		syscall(SYS_prctl, PR_SET_PDEATHSIG, SIGKILL);
		for (;;)
			syscall(SYS_pause);
	}
	expect("waitpid after a long vfork", (uint64_t)waitpid(pid, &status, 0), (uint64_t)pid);
	expect("what killed it", (uint64_t)WTERMSIG(status), SIGKILL);
}

static void *churned(void *arg)
{
	return (char *)arg + 1;
}

/* Threads that come, and die at once. */
void check_churn(struct worker *w)
{
	const int64_t end = now_ns() + NAP_NS;

	while (now_ns() < end) {
		void *result = NULL;
		pthread_t thread;

		if (pthread_create(&thread, NULL, churned, w))
			die("pthread_create");
		pthread_join(thread, &result);
		expect("result of a thread", (uintptr_t)result, (uintptr_t)w + 1);
	}
}

/* Where the kernel has mapped [stack] down to. */
static uintptr_t stack_start(void)
{
	FILE *maps = fopen("/proc/self/maps", "re");
	uintptr_t start = 0;
	char line[512];

	while (maps && fgets(line, sizeof(line), maps))
		if (strstr(line, "[stack]"))
			start = strtoul(line, NULL, 16);
	if (!start)
		die("[stack]");
	fclose(maps);
	return start;
}

/* As much of the stack as there is but EDGE_ROOM, in use, while run() computes. */
__attribute__((noinline)) static void at_edge(struct worker *w, size_t eat,
					      void (*run)(struct worker *w))
{
	const size_t bytes = eat < EDGE_BYTES ? eat : EDGE_BYTES;
	unsigned char *area = alloca(eat); /* cppcheck-suppress allocaCalled */

	memset(area, 0x5a, bytes);
	__asm__ volatile("" : : "r"(area) : "memory");
	run(w);
	for (size_t i = 0; i < bytes; i++)
		if (area[i] != 0x5a) {
			expect("byte at the edge of the stack", area[i], 0x5a);
			break;
		}
}

static void spin(struct worker *w)
{
	spin_once(w, SPIN_LOOPS);
}

static void edge_run(struct worker *w, void (*run)(struct worker *w))
{
	uintptr_t left = 0;

	/* Any other thread's stack has its edge elsewhere. */
	if (gettid() == getpid())
		left = (uintptr_t)__builtin_frame_address(0) - stack_start();
	if (left > 2 * EDGE_ROOM)
		at_edge(w, left - EDGE_ROOM, run);
	else
		run(w);
}

void check_edge(struct worker *w)
{
	edge_run(w, spin);
}

static void spin_long(struct worker *w)
{
	struct pollfd in = { .fd = STDIN_FILENO, .events = POLLIN };

	do
		spin_once(w, SPIN_LOOPS);
	while (poll(&in, 1, 0) < 1);
}

void check_edge_long(struct worker *w)
{
	edge_run(w, spin_long);
}

static __thread struct worker *away;
static __thread ucontext_t home, there;

static void coroutine_main(void)
{
	spin_once(away, SPIN_LOOPS);
}

static void spin_away(struct worker *w)
{
	(void)w;
	swapcontext(&home, &there);
}

/* The stack that the thread is away from is in use down to its edge. */
void check_coroutine(struct worker *w)
{
	away = w;
	if (getcontext(&there))
		die("getcontext");
	there.uc_stack = w->altstack;
	there.uc_link = &home;
	makecontext(&there, coroutine_main, 0);
	edge_run(w, spin_away);
	expect_canary(w);
}
