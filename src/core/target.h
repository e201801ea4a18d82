/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One observed process: how it was got hold of, and its life.  Three sorts:
 * attached, launched, replayed.  The sampler knows only this interface.
 */
#ifndef WSSTAT_CORE_TARGET_H
#define WSSTAT_CORE_TARGET_H

#include "kernel/maps.h"
#include "kernel/procfs.h"
#include "track/tracker.h"

enum tick_what {
	TICK_DUE,	  /* the deadline is reached: take a sample */
	TICK_ENDED,	  /* the target, or the recording, ended */
	TICK_EXEC,	  /* the target runs another program: renew */
	TICK_INTERRUPTED, /* a terminating signal came to wsstat */
};

struct tick {
	enum tick_what what;
	int64_t now_ns; /* on the target's clock, that deadlines are on too */
	int64_t wall_ns;
};

struct target;
struct launch;

struct target_ops {
	/* Sleep until deadline_ns or until something happens.  0 or a negative errno. */
	int (*wait)(struct target *target, int64_t deadline_ns, struct tick *tick,
		    struct error *err);

	/* The time now. */
	void (*now)(struct target *target, struct tick *tick);

	/*
	 * The target's mappings, valid until the next call.  An empty list: its
	 * memory is gone.
	 */
	int (*maps)(struct target *target, const struct mapping_list **maps, struct error *err);

	/* After exec: new memory, a new userfaultfd.  ERROR_GONE if it ended instead. */
	int (*renew)(struct target *target, struct error *err);

	/* All that was found is armed: let a launched program begin.  May be NULL. */
	void (*armed)(struct target *target);

	/* Release everything but the command that was launched. */
	void (*close)(struct target *target);
};

struct target {
	const struct target_ops *ops;
	struct proc proc;
	struct tracker tracker;
	struct maps maps;
	int maps_fd;
	int64_t stopped_ns;    /* by attaching, in all */
	struct launch *launch; /* NULL unless launched; not owned */
};

/* Is there a method that works on this kernel? ERROR_UNSUPPORTED or ERROR_DENIED with the remedy.
 */
must_check int target_can_observe(struct error *err);

/* Attach to a running process.  Errors as of inject_userfaultfd(). */
must_check int target_attach(struct target *target, int pid, struct error *err);

/* A program that was launched: see core/launch.h. */
must_check int target_of_launch(struct target *target, struct launch *launch, struct error *err);

/* A recording; takes it over. */
struct replay;
must_check int target_of_replay(struct target *target, struct replay *replay, struct error *err);

/* For core/target.c's sorts: take this userfaultfd and open what goes with it. */
must_check int target_take_uffd(struct target *target, int uffd, struct error *err);

#endif
