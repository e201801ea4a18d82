/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Terminating signals. */
#include "config.h"

#include "core/interrupt.h"

#include <errno.h>
#include <signal.h>

#include "base/clock.h"
#include "base/util.h"

static const int signals[] = { SIGINT, SIGTERM, SIGHUP };
static sigset_t found_mask;
static struct sigaction found_pipe, found_child;
static volatile sig_atomic_t received;
static volatile sig_atomic_t sent_by_process;
static void (*said_last)(void);

/* The signal finds the default action as soon as the handler returns. */
static void die(int number)
{
	if (said_last)
		said_last();
	signal(number, SIG_DFL);
	raise(number);
}

/* The next one, of whatever sort, ends wsstat. */
static void remember(int number, siginfo_t *info, void *context)
{
	(void)context;
	if (received)
		return;
	sent_by_process = info->si_code <= 0;
	received = number;
	for (unsigned int i = 0; i < ARRAY_LEN(signals); i++)
		signal(signals[i], said_last ? die : SIG_DFL);
}

void interrupt_set_last_words(void (*last_words)(void))
{
	static const int fatal[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGQUIT, SIGSYS };
	const struct sigaction action = { .sa_handler = die };
	struct sigaction before;

	said_last = last_words;
	for (unsigned int i = 0; i < ARRAY_LEN(fatal); i++)
		if (!sigaction(fatal[i], NULL, &before) && before.sa_handler != SIG_IGN)
			sigaction(fatal[i], &action, NULL);
}

static void signal_set(sigset_t *set)
{
	sigemptyset(set);
	for (unsigned int i = 0; i < ARRAY_LEN(signals); i++)
		sigaddset(set, signals[i]);
}

void interrupt_install(void)
{
	struct sigaction action = {
		.sa_sigaction = remember,
		.sa_flags = SA_SIGINFO,
	};
	const struct sigaction ignore = { .sa_handler = SIG_IGN };
	const struct sigaction standard = { .sa_handler = SIG_DFL };
	struct sigaction before;
	sigset_t ours;

	for (unsigned int i = 0; i < ARRAY_LEN(signals); i++)
		/* nohup and `&` in a script ignore some: that stays. */
		if (!sigaction(signals[i], NULL, &before) && before.sa_handler != SIG_IGN)
			sigaction(signals[i], &action, NULL);
	sigaction(SIGPIPE, &ignore, &found_pipe);
	sigaction(SIGCHLD, &standard, &found_child);
	signal_set(&ours);
	sigprocmask(SIG_UNBLOCK, &ours, &found_mask);
}

void interrupt_undo(void)
{
	sigaction(SIGPIPE, &found_pipe, NULL);
	sigaction(SIGCHLD, &found_child, NULL);
	sigprocmask(SIG_SETMASK, &found_mask, NULL);
}

int interrupt_signal(void)
{
	return received;
}

bool interrupt_sent_by_process(void)
{
	return sent_by_process;
}

int interrupt_poll(struct pollfd *fds, unsigned int nr, int64_t timeout_ns)
{
	struct timespec timeout = { timeout_ns / NS_PER_S, timeout_ns % NS_PER_S };
	sigset_t held, before;
	int ready;

	signal_set(&held);
	sigprocmask(SIG_BLOCK, &held, &before);
	ready = received ? -1 : ppoll(fds, nr, timeout_ns < 0 ? NULL : &timeout, &before);
	if (received)
		ready = -EINTR;
	else if (ready < 0)
		ready = -errno;
	sigprocmask(SIG_SETMASK, &before, NULL);
	return ready;
}
