/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One observed process: how it was got hold of, and its life.  Three sorts:
 * attached, launched, replayed.  The sampler knows only this interface.
 */
#ifndef WSSTAT_CORE_TARGET_H
#define WSSTAT_CORE_TARGET_H

#include "core/launch.h"
#include "kernel/maps.h"
#include "kernel/procfs.h"
#include "track/tracker.h"

enum tick_what {
	TICK_DUE,	  /* the deadline is reached: take a sample */
	TICK_ENDED,	  /* a target, or the script of windows, ended */
	TICK_WOKEN,	  /* the viewer's descriptor is readable */
	TICK_CALLED,	  /* a launched program calls: launch_take_call() */
	TICK_INTERRUPTED, /* a terminating signal came to wsstat */
};

struct tick {
	enum tick_what what;
	unsigned int which; /* of the targets that were waited for, TICK_ENDED */
	int64_t now_ns;	    /* on the target's clock, that deadlines are on too */
	int64_t wall_ns;
};

struct target;

/* What is waited for. */
struct waiting {
	struct target *const *targets; /* their ends, and calls; all are of one sort */
	unsigned int nr;
	int64_t deadline_ns;
	int wake_fd; /* readable; -1: none */
};

struct target_ops {
	/* Sleep until something happens.  0 or a negative errno. */
	int (*wait)(const struct waiting *waiting, struct tick *tick, struct error *err);

	/* The time now. */
	void (*now)(struct target *target, struct tick *tick);

	/*
	 * The target's mappings, valid until the next call.  An empty list: its
	 * memory is gone.
	 */
	int (*maps)(struct target *target, const struct mapping_list **maps, struct error *err);

	/*
	 * After exec: new memory, a new userfaultfd, of ->call if that is there.
	 * ERROR_GONE if it ended instead; -ESRCH, without an error, if that memory is
	 * gone already.
	 */
	int (*renew)(struct target *target, struct error *err);

	/* All that was found is armed: let a launched program begin.  May be NULL. */
	void (*armed)(struct target *target);

	/* Release everything but the command that was launched. */
	void (*close)(struct target *target);
};

/* How the user wants it observed. */
struct target_config {
	enum region_method method; /* METHOD_NONE: the best for each region */
	bool exact;
	bool soft_dirty;
};

struct target {
	const struct target_ops *ops;
	struct target_config config;
	struct proc proc;
	struct tracker tracker;
	const struct tracker_ops *methods[METHOD_NR]; /* to be tried, best first; then NULL */
	int64_t attach_stopped_ns;		      /* by attaching, in all */
	uint64_t uffd_features;			      /* that its userfaultfd is opened with */
	struct maps maps;
	int maps_fd;
	struct launch *launch;	 /* NULL unless launched, or a child of that; not owned */
	struct launch_call call; /* of the shim, not answered yet; LAUNCH_NO_CALL */
};

/*
 * Does the method that is wanted, or any, work on this kernel?  ERROR_UNSUPPORTED or
 * ERROR_DENIED with the remedy.
 */
must_check int target_can_observe(const struct target_config *config, struct error *err);

/*
 * Attach to a running process.  Errors as of inject_userfaultfd().  *out is to be
 * closed by target_close(); NULL after an error.
 */
must_check int target_attach(struct target **out, int pid, const struct target_config *config,
			     struct error *err);

/* A program that was launched: see core/launch.h. */
must_check int target_of_launch(struct target **out, struct launch *launch,
				const struct target_config *config, struct error *err);

/*
 * A child of a launched program: called, and the call is taken over, or with
 * LAUNCH_NO_CALL to be attached to.
 */
must_check int target_of_child(struct target **out, struct launch *launch, int pid,
			       struct launch_call call, const struct target_config *config,
			       struct error *err);

/* A script of windows (track/replay.h); takes it over. */
struct replay;
must_check int target_of_replay(struct target **out, struct replay *replay, struct error *err);

/* Release everything but the command that was launched. */
void target_close(struct target *target);

/* Is it no process but a script of windows, with no machine below whose doings were of interest? */
bool target_is_script(const struct target *target);

/* What a region on this method is observed by. */
const struct tracker_ops *target_method(const struct target *target, enum region_method method);

#endif
