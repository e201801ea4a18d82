/* SPDX-License-Identifier: GPL-2.0-or-later */
/* kernel/guardian.c: whatever is done to it, its work comes to an end. */
#include "config.h"

#include "kernel/guardian.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>

#include "tap.h"

#define PATIENCE_TRIES 1000 /* of 10 ms */
#define STOPS 3

/* What the child and its guardian tell. */
struct story {
	int guardian, rounds, rc;
	bool over;
};

static struct story *story;

static void stop_myself(void *arg)
{
	const int signal_number = *(const int *)arg;

	story->guardian = getpid();
	for (int i = 0; i < STOPS; i++) {
		kill(getpid(), signal_number);
		story->rounds++;
	}
}

/* In a child: who is stopped for good can be killed. */
static void child(enum guardian_kind kind, int signal_number)
{
	struct guardian guardian;
	struct error err = { 0 };

	story->rc = guardian_open(&guardian, &err);
	guardian.kind = kind;
	if (!story->rc)
		story->rc = guardian_run(&guardian, stop_myself, &signal_number);
	guardian_close(&guardian);
	story->over = true;
	_exit(0);
}

static bool ended(int pid)
{
	const struct timespec while_ns = { .tv_nsec = 10000000 };

	for (int i = 0; i < PATIENCE_TRIES; i++) {
		if (waitpid(pid, NULL, WNOHANG) == pid)
			return true;
		nanosleep(&while_ns, NULL);
	}
	kill(pid, SIGKILL);
	if (story->guardian)
		kill(story->guardian, SIGKILL);
	waitpid(pid, NULL, 0);
	return false;
}

static bool run(enum guardian_kind kind, int signal_number)
{
	int pid;

	memset(story, 0, sizeof(*story));
	pid = fork();
	if (!pid)
		child(kind, signal_number);
	return pid > 0 && ended(pid);
}

static void test_stopped(void)
{
	static const int stops[] = { SIGSTOP, SIGTSTP, SIGTTIN, SIGTTOU };

	for (unsigned int i = 0; i < ARRAY_LEN(stops); i++)
		ok(run(GUARDIAN_PROCESS, stops[i]) && story->over && !story->rc &&
			   story->rounds == STOPS,
		   "GUARD01: stopped by %s, it goes on", strsignal(stops[i]));
}

static void test_signals(void)
{
	static const int signals[] = {
		SIGTERM, SIGINT, SIGHUP, SIGQUIT, SIGUSR1, SIGALRM, SIGCONT
	};

	for (unsigned int i = 0; i < ARRAY_LEN(signals); i++)
		ok(run(GUARDIAN_PROCESS, signals[i]) && story->over && !story->rc &&
			   story->rounds == STOPS,
		   "GUARD02: %s does not end it", strsignal(signals[i]));
	ok(run(GUARDIAN_PROCESS, SIGKILL) && story->over && story->rc == -EINTR && !story->rounds,
	   "GUARD03: SIGKILL does, and that is told");
}

int main(void)
{
	story = mmap(NULL, sizeof(*story), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
		     0);
	if (ok(story != MAP_FAILED, "GUARD00: memory")) {
		test_stopped();
		test_signals();
	}
	return done();
}
