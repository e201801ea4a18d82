/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A run, into the output form that was asked for and into a recording beside it. */
#ifndef WSSTAT_SHOW_H
#define WSSTAT_SHOW_H

#include "core/run.h"
#include "out/live/live.h"
#include "out/output.h"

struct options;

/* Where the results go, and the recording if there is one. */
struct outputs {
	struct output shown, record;
	struct live *live; /* instead of .shown; or NULL */
	struct viewer viewer;
	bool recorded;
};

/* fd: where the results go without --output.  Nothing is open after an error. */
must_check int outputs_open(struct outputs *outs, const struct options *options, int fd,
			    struct error *err);
must_check int outputs_close(struct outputs *outs, struct error *err);

/* It lives no longer than outs. */
struct listener outputs_listener(struct outputs *outs);

/* Sample the targets, which are taken over, into the outputs. */
must_check int show_run(const struct options *options, struct target **targets, unsigned int nr,
			struct outputs *outs, struct run_result *result, struct error *err);

/* The same; then close the outputs, tell of any error, and return wsstat's exit status. */
int show_targets(const struct options *options, struct target **targets, unsigned int nr,
		 struct outputs *outs);

#endif
