/* SPDX-License-Identifier: GPL-2.0-or-later */
/* New children, by comparison with the sample before. */
#include "config.h"

#include "core/children.h"

/* A kernel that does not list children gives none: then no fork is told. */
static void read_children(struct children *children, const struct target *target)
{
	ssize_t nr = 0;

	if (target->proc.dirfd >= 0)
		nr = proc_children(&target->proc, children->pid, CHILDREN_MAX);
	if (nr < 0)
		nr = 0;
	children->nr = nr < CHILDREN_MAX ? (unsigned int)nr : CHILDREN_MAX;
}

void children_init(struct children *children, const struct target *target)
{
	read_children(children, target);
}

static bool has(const struct children *children, int pid)
{
	for (unsigned int i = 0; i < children->nr; i++)
		if (children->pid[i] == pid)
			return true;
	return false;
}

int children_tell(struct children *children, const struct target *target, struct tell *tell,
		  const struct tick *tick, int64_t start_ns, struct error *err)
{
	struct children before = *children;
	char text[128];
	int rc = 0;

	read_children(children, target);
	for (unsigned int i = 0; i < children->nr && !rc; i++) {
		if (has(&before, children->pid[i]))
			continue;
		snprintf(text, sizeof(text),
			 "the target has a new child, %d, which is not observed (see --follow)",
			 children->pid[i]);
		rc = tell_fork(tell, children->pid[i], tick, start_ns, text, err);
	}
	return rc;
}
