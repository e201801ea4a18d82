/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Children are found by looking, at each sample and between; or their shim calls. */
#include "config.h"

#include "core/follow.h"

#include <errno.h>

#include "base/clock.h"
#include "kernel/sharers.h"

#define PIDS_MIN 64
#define CALL_WAIT_NS (2 * NS_PER_S) /* from being found to the call of the shim */

/* Children, in follow->pids; how many, or a negative errno. */
static ssize_t list_children(struct follow *follow, const struct target *target)
{
	for (;;) {
		size_t cap = follow->pids_cap ? 2 * follow->pids_cap : PIDS_MIN;
		ssize_t nr = proc_children(&target->proc, follow->pids, follow->pids_cap);
		int *grown;

		/* A process that has just ended has none. */
		if (nr < 0)
			return 0;
		if ((size_t)nr <= follow->pids_cap)
			return nr;
		grown = realloc(follow->pids, cap * sizeof(*grown));
		if (!grown)
			return -ENOMEM;
		follow->pids = grown;
		follow->pids_cap = cap;
	}
}

static struct stranger *find_stranger(struct follow *follow, int pid, uint64_t start_ticks)
{
	for (size_t i = 0; i < follow->nr; i++)
		if (follow->at[i].pid == pid && follow->at[i].start_ticks == start_ticks)
			return &follow->at[i];
	return NULL;
}

static struct stranger *add_stranger(struct follow *follow, int pid, uint64_t start_ticks,
				     int64_t now_ns)
{
	if (follow->nr == follow->cap) {
		size_t cap = follow->cap ? 2 * follow->cap : 16;
		struct stranger *grown = realloc(follow->at, cap * sizeof(*grown));

		if (!grown)
			return NULL;
		follow->at = grown;
		follow->cap = cap;
	}
	follow->at[follow->nr] = (struct stranger){
		.pid = pid,
		.start_ticks = start_ticks,
		.found_ns = now_ns,
	};
	return &follow->at[follow->nr++];
}

/* Those that are nobody's child any more. */
static void forget_unseen(struct follow *follow)
{
	size_t kept = 0;

	for (size_t i = 0; i < follow->nr; i++) {
		if (!follow->at[i].seen)
			continue;
		follow->at[kept] = follow->at[i];
		follow->at[kept++].seen = false;
	}
	follow->nr = kept;
}

static int tell_child(struct follow *follow, int parent, int child, const char *why,
		      const struct tick *tick, struct error *err)
{
	struct crew *crew = follow->crew;
	int i = crew_find(crew, parent);
	char text[sizeof(((struct error *)0)->text) + 64];

	if (i < 0)
		return 0; /* it has ended meanwhile */
	snprintf(text, sizeof(text), "child %d is %s%s", child,
		 why ? "not observed: " : "observed, too", why ? why : "");
	return sampler_child(crew->at[i], child, tick, text, err);
}

/* Take it; if that fails, say why, unless it has just ended. */
static int take(struct follow *follow, int parent, int child, struct launch_call call,
		const struct tick *tick, struct error *err)
{
	struct crew *crew = follow->crew;
	struct launch *launch = crew->nr ? crew->targets[0]->launch : NULL;
	struct target *target;
	struct error failed = { 0 };
	int rc = target_of_child(&target, launch, child, call, &crew->shared.config->target,
				 &failed);

	if (!rc)
		rc = crew_add(crew, target, parent, &failed);
	if (crew->deaf) {
		*err = failed;
		return rc;
	}
	if (rc && failed.kind == ERROR_GONE)
		return 0;
	return tell_child(follow, parent, child, rc ? failed.text : NULL, tick, err);
}

/* Is this the moment to take it?  *stranger is what is known of it. */
static bool ripe(struct follow *follow, const struct target *parent, int pid, int64_t now_ns,
		 struct stranger **stranger)
{
	struct proc proc;
	struct proc_facts facts;
	struct error ignored;
	bool there = !proc_open(&proc, pid, &ignored);

	*stranger = NULL;
	if (!there)
		return false;
	/* A child of vfork() has our target's memory until it makes exec. */
	there = !proc_facts(&proc, &facts, &ignored) && facts.state != 'Z' &&
		!sharers_same(parent->proc.pid, pid);
	proc_close(&proc);
	if (!there)
		return false;
	*stranger = find_stranger(follow, pid, facts.start_ticks);
	if (!*stranger)
		*stranger = add_stranger(follow, pid, facts.start_ticks, now_ns);
	if (!*stranger)
		return false;
	(*stranger)->seen = true;
	return !(*stranger)->refused && (now_ns - (*stranger)->found_ns >= CALL_WAIT_NS ||
					 !launch_expects(parent->launch, pid));
}

static int look_at(struct follow *follow, const struct target *parent, const struct tick *tick,
		   struct error *err)
{
	int parent_pid = parent->proc.pid, rc = 0;
	ssize_t nr = list_children(follow, parent);

	if (nr < 0)
		return error_set(err, ERROR_FAILED, ENOMEM, "cannot list the target's children");
	for (ssize_t i = 0; i < nr && !rc; i++) {
		struct stranger *stranger;
		int pid = follow->pids[i];

		if (crew_find(follow->crew, pid) >= 0 ||
		    !ripe(follow, parent, pid, tick->now_ns, &stranger))
			continue;
		stranger->refused = true; /* or it is a target from now on */
		rc = take(follow, parent_pid, pid, LAUNCH_NO_CALL, tick, err);
	}
	return rc;
}

int follow_look(struct follow *follow, const struct tick *tick, struct error *err)
{
	int rc = 0;

	/* Those that are found come last, and are looked at, too. */
	for (unsigned int i = 0; i < follow->crew->nr && !rc; i++)
		rc = look_at(follow, follow->crew->targets[i], tick, err);
	forget_unseen(follow);
	return rc;
}

static int parent_of(int pid)
{
	struct proc proc;
	struct proc_facts facts;
	struct error ignored;
	int parent = 0;

	if (proc_open(&proc, pid, &ignored))
		return 0;
	if (!proc_facts(&proc, &facts, &ignored))
		parent = facts.parent;
	proc_close(&proc);
	return parent;
}

int follow_call(struct follow *follow, struct launch_call call, const struct tick *tick,
		struct error *err)
{
	return take(follow, parent_of(call.pid), call.pid, call, tick, err);
}

void follow_free(struct follow *follow)
{
	free(follow->at);
	free(follow->pids);
	*follow = (struct follow){ 0 };
}
