/* SPDX-License-Identifier: GPL-2.0-or-later */
/* kernel/procfs.c: the texts of /proc, and processes that are there, dead or threads. */
#include "config.h"

#include "kernel/procfs.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "kernel/inject.h"
#include "tap.h"

#define STATUS                                                           \
	"Name:\tevil) (Tgid:\t7\nUmask:\t0022\nState:\tS (sleeping)\n"   \
	"Tgid:\t4242\nNgid:\t0\nPid:\t4243\nPPid:\t1\nTracerPid:\t17\n"  \
	"Uid:\t1000\t1001\t1002\t1003\nGid:\t5\t6\t7\t8\nThreads:\t12\n" \
	"NSpid:\t4242\t17\t1\nCapPrm:\t000001ff00000003\n"               \
	"NoNewPrivs:\t0\nSeccomp:\t2\nSeccomp_filters:\t1\n"             \
	"x86_Thread_features:\tshstk wrss \nx86_Thread_features_locked:\t\n"

static void test_status(void)
{
	struct proc_facts facts = { 0 };

	ok(!proc_parse_status(&facts, STATUS), "PROCFS01: a status");
	ok(facts.tgid == 4242 && facts.tracer == 17 && facts.uid[0] == 1000 && facts.threads == 12,
	   "PROCFS02: numbers; the name's are not taken for fields");
	ok(facts.uid[1] == 1001 && facts.uid[2] == 1002 && facts.gid[0] == 5 && facts.gid[2] == 7,
	   "PROCFS31: all IDs");
	ok(facts.caps == 0x1ff00000003 && facts.pid_depth == 3,
	   "PROCFS32: capabilities, and namespaces");
	ok(facts.seccomp == 2 && facts.shadow_stack, "PROCFS03: seccomp and shadow stack");
	facts = (struct proc_facts){ 0 };
	ok(!proc_parse_status(&facts, "Tgid:\t5\nx86_Thread_features:\t\nName:\tshstk\n") &&
		   facts.tgid == 5 && !facts.shadow_stack && !facts.seccomp && !facts.pid_depth &&
		   !facts.uid[0] && !facts.caps,
	   "PROCFS04: what is not there is 0; features end with their line");
	ok(!proc_parse_status(&facts, "Tgids:\t9\nTgid:\t5\n") && facts.tgid == 5,
	   "PROCFS30: a field whose name only begins alike");
	ok(proc_parse_status(&facts, "") == -EINVAL &&
		   proc_parse_status(&facts, "Name:\tx\n") == -EINVAL &&
		   proc_parse_status(&facts, "Tgid:\t0\n") == -EINVAL &&
		   proc_parse_status(&facts, "Tgid:") == -EINVAL &&
		   proc_parse_status(&facts, "XTgid:\t5\n") == -EINVAL,
	   "PROCFS05: no status without a process id");
}

#define STAT_REST \
	" S 1 4242 4242 0 -1 %u 1234 0 0 0 5 6 0 0 20 0 1 0 987654 1 2 3 18446744073709551615\n"

static int parse_stat(struct proc_facts *facts, const char *comm, unsigned int flags)
{
	char text[512];
	int used = snprintf(text, sizeof(text), "4242 (%s)", comm);

	snprintf(text + used, sizeof(text) - (size_t)used, STAT_REST, flags);
	*facts = (struct proc_facts){ 0 };
	return proc_parse_stat(facts, text);
}

static void test_stat(void)
{
	static const char *const comms[] = {
		"redis-server", ") (", "a) S 1 2 3 (b", "", ")", "\n"
	};
	static const char *const wrong[] = {
		"",
		"4242",
		"4242 (x",
		"4242 (x)",
		"4242 (x) ",
		"4242 (x)S 1",
		"4242 (x) 5 1 2",
		"4242 (x) S",
		"4242 (x) S 1 2 3",
		"4242 (x) S 1 1 1 0 -1 0 1 0 0 0 5 6 0 0 20 0 1 0 x",
	};
	struct proc_facts facts;

	for (unsigned int i = 0; i < ARRAY_LEN(comms); i++)
		ok(!parse_stat(&facts, comms[i], 4194560) && facts.state == 'S' &&
			   facts.minor_faults == 1234 && facts.start_ticks == 987654 &&
			   !facts.kernel_thread,
		   "PROCFS06: stat of a program called thing %u", i);
	ok(!parse_stat(&facts, "kworker/0:1", 0x04208060) && facts.kernel_thread,
	   "PROCFS07: a kernel thread");
	for (unsigned int i = 0; i < ARRAY_LEN(wrong); i++)
		ok(proc_parse_stat(&facts, wrong[i]) == -EINVAL, "PROCFS08: wrong stat %u", i);
}

static void test_self(void)
{
	struct proc_facts facts;
	struct error err = { 0 };
	struct proc proc;
	int tids[4], fd;

	prctl(PR_SET_NAME, "a) (b");
	ok(!proc_open(&proc, getpid(), &err), "PROCFS09: this process");
	is_str(proc.comm, "a) (b", "PROCFS10: its name");
	prctl(PR_SET_NAME, "renamed");
	proc_update_comm(&proc);
	is_str(proc.comm, "renamed", "PROCFS11: its new name");
	ok(!proc_facts(&proc, &facts, &err) && facts.tgid == getpid() && facts.uid[0] == getuid() &&
		   facts.threads == 1 && facts.start_ticks > 0 && !facts.kernel_thread,
	   "PROCFS12: facts of it");
	ok(!proc_ended(&proc), "PROCFS13: it has not ended");
	ok(proc_threads(&proc, tids, 4) == 1 && tids[0] == getpid(), "PROCFS14: one thread");
	fd = proc_open_file(&proc, "maps", O_RDONLY, &err);
	ok(fd >= 0, "PROCFS15: a file of it");
	close(fd);
	ok(proc_open_file(&proc, "no-such", O_RDONLY, &err) < 0 && err.kind == ERROR_GONE,
	   "PROCFS16: a file that is not there");
	proc_close(&proc);
	ok(proc.pidfd == -1 && proc.dirfd == -1, "PROCFS17: closed");
}

/* The child lives until the pipe is closed. */
static void test_child(void)
{
	struct error err = { 0 };
	struct proc_facts facts;
	struct proc self, child;
	int life[2], pids[4] = { 0 };
	bool made = !pipe(life);
	pid_t pid = made ? fork() : -1;

	if (!pid) {
		char byte;

		close(life[1]);
		_exit(read(life[0], &byte, 1) == 0 ? 0 : 1);
	}
	close(life[0]);
	ok(pid > 0 && !proc_open(&child, pid, &err) && !proc_open(&self, getpid(), &err),
	   "PROCFS18: a child");
	ok(proc_children(&self, pids, 4) == 1 && pids[0] == pid, "PROCFS19: is listed");
	ok(proc_children(&self, NULL, 0) == 1, "PROCFS20: and counted where there is no room");
	close(life[1]);
	waitid(P_PID, (id_t)pid, NULL, WEXITED | WNOWAIT);
	ok(proc_ended(&child), "PROCFS21: a zombie has ended");
	ok(proc_open(&self, pid, &err) && err.kind == ERROR_GONE,
	   "PROCFS22: and is no longer to be had");
	waitpid(pid, NULL, 0);
	ok(proc_facts(&child, &facts, &err) == -ESRCH && err.kind == ERROR_GONE,
	   "PROCFS23: reaped, it has no facts");
	ok(proc_threads(&child, pids, 4) == -ESRCH, "PROCFS24: and no threads");
	ok(proc_open_file(&child, "maps", O_RDONLY, &err) < 0 && err.kind == ERROR_GONE,
	   "PROCFS25: and no files");
	proc_close(&child);
}

static pthread_barrier_t barrier;
static int tid;

static void *wait_twice(void *arg)
{
	tid = (int)syscall(SYS_gettid);
	pthread_barrier_wait(&barrier);
	pthread_barrier_wait(&barrier);
	return arg;
}

static void test_thread(void)
{
	struct error err = { 0 };
	struct proc proc;
	pthread_t thread;
	char hint[32];
	int tids[1];

	pthread_barrier_init(&barrier, NULL, 2);
	if (!ok(!pthread_create(&thread, NULL, wait_twice, NULL), "PROCFS26: a thread"))
		return;
	pthread_barrier_wait(&barrier);
	snprintf(hint, sizeof(hint), "-p %d", getpid());
	ok(proc_open(&proc, tid, &err) == -EINVAL && err.kind == ERROR_USAGE &&
		   strstr(err.text, hint),
	   "PROCFS27: is no process, and its process is named");
	ok(!proc_open(&proc, getpid(), &err) && proc_threads(&proc, tids, 1) == 2,
	   "PROCFS28: more threads than there is room for are counted");
	proc_close(&proc);
	pthread_barrier_wait(&barrier);
	pthread_join(thread, NULL);
	ok(proc_open(&proc, 4194304, &err) && err.kind == ERROR_GONE && proc.pidfd == -1,
	   "PROCFS29: no such process");
}

/* A child with this number, if that is free and we may; or -1. */
static pid_t fork_as(pid_t pid)
{
	const struct clone_args args = {
		.exit_signal = SIGCHLD,
		.set_tid = (uintptr_t)&pid,
		.set_tid_size = 1,
	};
	pid_t child = (pid_t)syscall(SYS_clone3, &args, sizeof(args));

	if (!child)
		for (;;)
			pause();
	return child;
}

/* Every way to a process that has ended must miss the one that has its number now. */
static void test_number_again(void)
{
	struct error err = { 0 };
	struct injected injected;
	struct proc_facts facts;
	struct proc proc;
	pid_t pid = fork(), again;

	if (!pid)
		for (;;)
			pause();
	if (!ok(pid > 0 && !proc_open(&proc, pid, &err), "PROCFS33: a process"))
		return;
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	again = fork_as(pid);
	if (again != pid) {
		ok(errno == EPERM || errno == ENOSYS || errno == EEXIST,
		   "PROCFS34: its number is another's # SKIP cannot choose one (%s)",
		   strerror(errno));
		proc_close(&proc);
		return;
	}
	ok(proc_ended(&proc) && proc_facts(&proc, &facts, &err) == -ESRCH &&
		   proc_open_file(&proc, "pagemap", O_RDONLY, &err) < 0 && err.kind == ERROR_GONE,
	   "PROCFS34: its number is another's: it has ended");
	ok(inject_userfaultfd(&proc, &injected, &err) && err.kind == ERROR_GONE,
	   "PROCFS35: and nothing is run in the other");
	proc_close(&proc);
	ok(!proc_open(&proc, again, &err) && !proc_ended(&proc) &&
		   !proc_facts(&proc, &facts, &err) && !facts.tracer,
	   "PROCFS36: which lives, and is not traced");
	proc_close(&proc);
	kill(again, SIGKILL);
	waitpid(again, NULL, 0);
}

int main(void)
{
	test_status();
	test_stat();
	test_self();
	test_child();
	test_thread();
	test_number_again();
	return done();
}
