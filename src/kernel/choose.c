/* SPDX-License-Identifier: GPL-2.0-or-later */
/* All threads stand meanwhile: the search is bounded. */
#include "config.h"

#include "kernel/choose.h"

#include <fcntl.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>

#include "kernel/again.h"
#include "kernel/inject_arch.h"

#ifndef PTRACE_O_SUSPEND_SECCOMP
#define PTRACE_O_SUSPEND_SECCOMP (1 << 21)
#endif
#ifndef PIDFD_THREAD
#define PIDFD_THREAD O_EXCL
#endif

#define LOOKED_AT_MAX 64
#define UNSUITED_MAX 4

int choose_pidfd(int tid)
{
	return (int)syscall(SYS_pidfd_open, tid, PIDFD_THREAD);
}

/* Filters are each thread's own; one that is not suspended may kill for a call of ours. */
static bool filtered(const struct halt *halt, int tid)
{
	struct proc_facts facts = { 0 };

	return !(halt->options & PTRACE_O_SUSPEND_SECCOMP) &&
	       (halt_facts(halt, tid, &facts) || facts.seccomp);
}

static bool suits(const struct halt *halt, int tid)
{
	auto_close int pidfd = choose_pidfd(tid);

	return pidfd >= 0 && arch_can_call(tid) && !filtered(halt, tid);
}

int choose_thread(const struct halt *halt)
{
	int best = halt->tid[halt->nr - 1], unsuited = 0;
	enum again_cost least = again_cost(best);

	for (size_t i = 1; i < halt->nr && i < LOOKED_AT_MAX; i++) {
		const int tid = halt->tid[halt->nr - 1 - i];
		enum again_cost cost;

		if (least == AGAIN_FREE || unsuited == UNSUITED_MAX)
			break;
		cost = again_cost(tid);
		if (cost >= least)
			continue;
		if (suits(halt, tid)) {
			best = tid;
			least = cost;
		} else {
			unsuited++;
		}
	}
	return best;
}
