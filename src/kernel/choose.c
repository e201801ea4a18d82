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

#define LOOKED_AT_MAX 64
#define UNSUITED_MAX 4

/* Filters are each thread's own: one that has none needs no right to suspend it. */
static bool filtered(const struct halt *halt, int tid)
{
	struct proc_facts facts = { 0 };

	return halt_facts(halt, tid, &facts) || facts.seccomp;
}

static bool suits(const struct halt *halt, int tid)
{
	auto_close int pidfd = proc_thread_pidfd(tid);

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
