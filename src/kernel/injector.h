/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What inject.c and inject_zap.c share: all that a stop of one target needs, found
 * out and allocated before it.
 */
#ifndef WSSTAT_KERNEL_INJECTOR_H
#define WSSTAT_KERNEL_INJECTOR_H

#include "kernel/borrow.h"
#include "kernel/guardian.h"
#include "kernel/halt.h"
#include "kernel/inject.h"
#include "kernel/mapcheck.h"
#include "kernel/sharers.h"

struct injector {
	const struct proc *proc;
	struct guardian guardian;
	struct halt halt;
	struct borrow *borrow;
	struct mapcheck check;
	struct sharers sharers;
	int64_t patience_ns;  /* of zaps */
	int64_t stopped_ns;   /* of the last stop */
	unsigned int threads; /* in it */
};

/* Where the code is that a stop needs.  Anew after -ENXIO or -ENOBUFS. */
must_check int injector_replan(struct injector *injector, struct error *err);

/*
 * One stop: all threads stopped, calls(borrow, arg) under a dead man's frame in one of
 * them, all let go.  ready(injector, arg), if there is one, is asked when they are
 * stopped and nothing is changed.  What they return, or what halt_all() and
 * borrow_thread() do, or -ENXIO: the code is not where it was, or -ENOBUFS: no room
 * for the maps or the threads.
 */
struct injector_stop {
	int (*ready)(struct injector *injector, void *arg);
	borrow_fn calls;
	void *arg;
	bool any_thread; /* choose_thread(), not the one seized last */
	int64_t patience_ns;
};

must_check int injector_stop(struct injector *injector, const struct injector_stop *stop);

/* What a failed stop means; returns rc, for the caller to return. */
int injector_explain(const struct injector *injector, int rc, struct error *err);

#endif
