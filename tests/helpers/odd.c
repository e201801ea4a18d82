/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A target in a state that attaching has to know of.  After that it says back what it is
 * told, line by line, by read(2) and write(2) alone.
 *
 * usage: odd STATE...
 *   undumpable   PR_SET_DUMPABLE 0
 *   dispatch     syscall user dispatch, switched off by its selector
 *   strict       SECCOMP_MODE_STRICT
 *   sandbox      a filter that kills the process for all but read, write and the end
 *   headless     the first thread ends, and another goes on
 *   vfork        a child of vfork(2) goes on, while this one sleeps in the kernel
 *   killer       as sandbox, but for userfaultfd(2) alone
 */
#include <linux/filter.h>
#include <linux/prctl.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define LOAD_NR BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr))
#define UNLESS(call, skip) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (call), 0, (skip))
#define IF(call, skip) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (call), (skip), 0)
#define ANSWER(what) BPF_STMT(BPF_RET | BPF_K, (what))

static char **states;

static int filter(struct sock_filter *steps, size_t nr)
{
	const struct sock_fprog program = { (unsigned short)nr, steps };

	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
	       prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
}

static int sandbox(void)
{
	struct sock_filter steps[] = {
		LOAD_NR,
		IF(SYS_read, 5),
		IF(SYS_write, 4),
		IF(SYS_exit, 3),
		IF(SYS_exit_group, 2),
		IF(SYS_rt_sigreturn, 1),
		ANSWER(SECCOMP_RET_KILL_PROCESS),
		ANSWER(SECCOMP_RET_ALLOW),
	};

	return filter(steps, sizeof(steps) / sizeof(steps[0]));
}

static int killer(void)
{
	struct sock_filter steps[] = {
		LOAD_NR,
		UNLESS(SYS_userfaultfd, 1),
		ANSWER(SECCOMP_RET_KILL_PROCESS),
		ANSWER(SECCOMP_RET_ALLOW),
	};

	return filter(steps, sizeof(steps) / sizeof(steps[0]));
}

static int undumpable(void)
{
	return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}

static int dispatch(void)
{
	static char selector = SYSCALL_DISPATCH_FILTER_ALLOW;

	return prctl(PR_SET_SYSCALL_USER_DISPATCH, PR_SYS_DISPATCH_ON, 0, 0, &selector);
}

static int strict(void)
{
	return prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT);
}

static void echo(void)
{
	char line[256];
	ssize_t got;

	while ((got = read(STDIN_FILENO, line, sizeof(line))) > 0)
		if (write(STDOUT_FILENO, line, (size_t)got) != got)
			break;
}

static int go_on(void);

static void *thread_main(void *arg)
{
	(void)arg;
	syscall(SYS_exit_group, go_on());
	return NULL;
}

static int headless(void)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, thread_main, NULL))
		return 1;
	syscall(SYS_exit, 0);
	return 1;
}

static int wait_for_child(void)
{
	pid_t pid = vfork();

	if (!pid) {
		echo();
		_exit(0);
	}
	return pid < 0;
}

static const struct {
	const char *name;
	int (*enter)(void);
} known[] = {
	{ "undumpable", undumpable }, { "dispatch", dispatch }, { "strict", strict },
	{ "sandbox", sandbox },	      { "headless", headless }, { "vfork", wait_for_child },
	{ "killer", killer },
};

static int enter(const char *name)
{
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (!strcmp(known[i].name, name))
			return known[i].enter();
	return 2;
}

/* The rest of the states, then the work. */
static int go_on(void)
{
	while (*states) {
		int failed = enter(*states++);

		if (failed)
			return failed;
	}
	echo();
	return 0;
}

int main(int argc, char **argv)
{
	(void)argc;
	states = argv + 1;
	syscall(SYS_exit_group, go_on());
}
