/* SPDX-License-Identifier: GPL-2.0-or-later */
/* kernel/stacks.c: lines as the kernel writes them, and threads that wait, run and end. */
#include "config.h"

#include "kernel/stacks.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "tap.h"

static struct thread_stacks stacks;
static struct error err;

static void test_good(void)
{
	static const struct {
		const char *text;
		uint64_t sp;
	} good[] = {
		{ "running\n", 0 },
		{ "0 0x3 0x7ffd3a5e1d60 0x400 0x0 0x0 0x0 0x7ffd3a5e1c28 0x7f5e0a2f11f2\n",
		  0x7ffd3a5e1c28 },
		{ "202 0x1 0x2 0x3 0x4 0x5 0xffffffffffffffff 0x7f01 0x8", 0x7f01 },
		{ "-1 0x7ffd3a5e1c28 0x7f5e0a2f11f2\n", 0x7ffd3a5e1c28 },
		{ "-1 0x0 0x0\n", 0 },
	};
	uint64_t sp;

	for (unsigned int i = 0; i < ARRAY_LEN(good); i++)
		ok(stacks_parse(good[i].text, &sp) && sp == good[i].sp, "STACK01: line %u", i);
}

static void test_wrong(void)
{
	static const char *const wrong[] = {
		"",
		"\n",
		"running late\n",
		"-1\n",
		"-1 0x1\n",
		"-1 0x1 0x2 0x3\n",
		"-1 1 2\n",
		"-1 0x 0x1\n",
		"-1 0x1  0x2\n",
		"-1 0x1 0x2 \n",
		"-1 0x1 0x10000000000000000\n",
		"- 0x1 0x2\n",
		"x 0x1 0x2\n",
		" -1 0x1 0x2\n",
		"0 0x1 0x2\n",
		"0 0x1 0x2 0x3 0x4 0x5 0x6 0x7\n",
		"0 0x1 0x2 0x3 0x4 0x5 0x6 0x7 0x8 0x9\n",
		"0 0x1 0x2 0x3 0x4 0x5 0x6 0x7 0x8 0x9 0xa\n",
		"0 0x1 0x2 0x3 0x4 0x5 0x6 0x-7 0x8\n",
	};
	uint64_t sp;

	for (unsigned int i = 0; i < ARRAY_LEN(wrong); i++)
		ok(!stacks_parse(wrong[i], &sp) && !sp, "STACK02: wrong line %u", i);
}

/* Threads that wait on a pipe, from which the last one is told by its name. */
#define THREADS 300
#define STACK_BYTES (64u << 10)
static char stack_of_last[STACK_BYTES] __attribute__((aligned(4096)));
static int gate[2];
static atomic_int nr_waiting, last_tid;
static atomic_bool running;

static void *wait_at_gate(void *arg)
{
	char byte;

	if (arg) {
		prctl(PR_SET_NAME, "the last one");
		atomic_store(&last_tid, (int)syscall(SYS_gettid));
	}
	atomic_fetch_add(&nr_waiting, 1);
	return read(gate[0], &byte, 1) == 0 ? NULL : arg;
}

static void *run(void *arg)
{
	atomic_fetch_add(&nr_waiting, 1);
	while (atomic_load(&running))
		;
	return arg;
}

static const struct thread_stack *stack_of(int tid)
{
	for (size_t i = 0; i < stacks.nr; i++)
		if (stacks.at[i].tid == tid)
			return &stacks.at[i];
	return NULL;
}

static struct proc hold(pid_t pid)
{
	struct proc proc;

	if (proc_open(&proc, pid, &err))
		ok(false, "STACK14: a process: %s", err.text);
	return proc;
}

static bool start_threads(pthread_t thread[THREADS], size_t nr)
{
	pthread_attr_t attr;
	int rc = 0;

	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, STACK_BYTES);
	for (size_t i = 0; i < nr && !rc; i++) {
		const bool last = i == nr - 1;

		if (last)
			pthread_attr_setstack(&attr, stack_of_last, STACK_BYTES);
		rc = pthread_create(&thread[i], &attr, wait_at_gate, last ? stack_of_last : NULL);
	}
	pthread_attr_destroy(&attr);
	while (!rc && atomic_load(&nr_waiting) < (int)nr)
		sched_yield();
	return !rc;
}

/* It was just about to wait: until it does. */
static bool read_until_known(const struct proc *proc, int tid)
{
	const struct thread_stack *stack;

	do {
		if (stacks_read(&stacks, proc, &err))
			return false;
		stack = stack_of(tid);
	} while (stack && !stack->sp);
	return stack;
}

static void test_threads(void)
{
	static pthread_t thread[THREADS];
	struct proc self = hold(getpid());
	const struct thread_stack *stack;
	uint64_t start = (uintptr_t)stack_of_last;

	prctl(PR_SET_NAME, "the first");
	if (!ok(!pipe(gate) && start_threads(thread, THREADS), "STACK03: many threads"))
		return;
	ok(read_until_known(&self, atomic_load(&last_tid)) && stacks.nr == THREADS + 1,
	   "STACK04: all are there");
	stack = stack_of(atomic_load(&last_tid));
	ok(stack && stack->sp > start && stack->sp < start + STACK_BYTES,
	   "STACK05: the stack of one is where it was put");
	is_str(stack ? stack->comm : "", "the last one", "STACK06: its name");
	stack = stack_of(getpid());
	ok(stack && stack->sp && !strcmp(stack->comm, "the first"),
	   "STACK07: who reads of himself is told, though he runs");
	close(gate[1]);
	for (size_t i = 0; i < THREADS; i++)
		pthread_join(thread[i], NULL);
	close(gate[0]);
	ok(!stacks_read(&stacks, &self, &err) && stacks.nr == 1, "STACK08: then there is one");
	proc_close(&self);
}

static void test_running(void)
{
	struct proc self = hold(getpid());
	pthread_t thread;

	atomic_store(&running, true);
	atomic_store(&nr_waiting, 0);
	if (pthread_create(&thread, NULL, run, NULL))
		return;
	while (!atomic_load(&nr_waiting))
		sched_yield();
	ok(!stacks_read(&stacks, &self, &err) && stacks.nr == 2 && !stacks.at[1].sp,
	   "STACK09: a thread that runs");
	atomic_store(&running, false);
	pthread_join(thread, NULL);
	proc_close(&self);
}

/* Threads that come and go while they are read. */
static void *breed(void *arg)
{
	while (atomic_load(&running)) {
		pthread_t thread;

		if (!pthread_create(&thread, NULL, wait_at_gate, NULL))
			pthread_join(thread, NULL);
	}
	return arg;
}

static void test_churn(void)
{
	struct proc self = hold(getpid());
	pthread_t thread;
	bool good = true;
	int rc = 0;

	/* Who reads from no pipe does not wait. */
	gate[0] = -1;
	atomic_store(&running, true);
	if (pthread_create(&thread, NULL, breed, NULL))
		return;
	for (unsigned int i = 0; i < 2000 && !rc && good; i++) {
		memset(stacks.at, 0, stacks.cap * sizeof(*stacks.at));
		rc = stacks_read(&stacks, &self, &err);
		for (size_t t = 0; t < stacks.nr; t++)
			good &= stacks.at[t].tid > 0 && stacks.at[t].comm[0];
	}
	ok(!rc && good, "STACK10: threads that end meanwhile are left out");
	atomic_store(&running, false);
	pthread_join(thread, NULL);
	proc_close(&self);
}

static void test_ended(void)
{
	int life[2] = { -1, -1 };
	pid_t pid = pipe(life) ? -1 : fork();
	char byte;

	if (!pid) {
		close(life[1]);
		_exit(read(life[0], &byte, 1) == 0 ? 0 : 1);
	}
	close(life[0]);
	struct proc child = hold(pid);

	close(life[1]);
	waitpid(pid, NULL, 0);
	ok(stacks_read(&stacks, &child, &err) && err.kind == ERROR_GONE && !stacks.nr,
	   "STACK11: a process that has ended");
	proc_close(&child);
}

/* In a child of another user, that of root. */
static void test_denied(void)
{
	int status = -1;
	pid_t pid = geteuid() == 0 ? fork() : -1;

	if (!pid) {
		struct proc first = hold(getppid());

		if (setgid(65534) || setuid(65534))
			_exit(2);
		_exit(stacks_read(&stacks, &first, &err) && err.kind == ERROR_DENIED &&
				      !stacks.nr && strstr(err.text, "stack pointers")
			      ? 0
			      : 1);
	}
	if (pid > 0 && waitpid(pid, &status, 0) == pid)
		ok(status == 0, "STACK12: a process that is not ours");
	else
		ok(true, "STACK12: a process that is not ours # SKIP not root");
}

int main(void)
{
	const unsigned int open_before = open_files();

	test_good();
	test_wrong();
	test_threads();
	test_running();
	test_churn();
	test_ended();
	test_denied();
	stacks_free(&stacks);
	is_u64(open_files(), open_before, "STACK13: every descriptor was closed");
	return done();
}
