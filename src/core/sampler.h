/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The samples of one target: look at the mappings, arm what is new, collect what was
 * touched, keep the books, and tell a listener.  When a sample is due, and of whom,
 * is core/run.c's.
 */
#ifndef WSSTAT_CORE_SAMPLER_H
#define WSSTAT_CORE_SAMPLER_H

#include "core/select.h"
#include "core/target.h"
#include "model/groups.h"
#include "model/snapshot.h"

struct look;

/* What somebody in front of it wants changed. */
struct wish {
	bool quit;	     /* end the run, as if interrupted */
	int64_t interval_ns; /* 0: as it is */
	unsigned int step;   /* of a recording: show this one; 0: the one that is shown */
};

/* A view that is looked at while the run goes on (--live). */
struct viewer {
	void *ctx;
	int (*fd)(void *ctx); /* readable: somebody wants something; -1: not now */
	/*
	 * Before each wait: take what came, show what changed.  Between samples, so that
	 * struct inspect answers.  An error ends the run.
	 */
	int (*attend)(void *ctx, struct wish *wish, struct error *err);
};

struct sampler_config {
	int64_t interval_ns;
	uint64_t count;	     /* samples; 0: no limit */
	int64_t duration_ns; /* 0: no limit */
	int64_t cold_after_ns;
	bool follow;	    /* observe the children, too */
	bool decide;	    /* tell the decision table with each sample */
	uint64_t slo;	    /* the cost it is to stay below, see model/decide.h */
	unsigned int cells; /* that each mapping is shown in; 0: none */
	enum groups_by by;  /* BY_NONE: by mapping, in text alone */
	struct edges edges;
	bool ages_given; /* the edges, by the user */
	struct selection selection;
	struct target_config target;
};

/*
 * Who is told; the records live until the call returns, a header's run_info as long as
 * its sampler.  A call that fails ends the run with its error.
 */
struct listener {
	void *ctx;
	int (*header)(void *ctx, const struct run_info *info, struct error *err);
	int (*sample)(void *ctx, const struct snapshot *snap, struct error *err);
	int (*event)(void *ctx, const struct event *event, struct error *err);
	int (*summary)(void *ctx, const struct run_summary *summary, struct error *err);

	/*
	 * For recordings; both may be NULL.  A look at the target's pages, before the sample that
	 * it belongs to (its .bits may be taken over); and that with the last look the books of a
	 * new memory began (behind the header, and after exec).
	 */
	int (*looked)(void *ctx, int pid, struct look *look, struct error *err);
	int (*armed)(void *ctx, int pid, struct error *err);

	const struct viewer *viewer; /* NULL: nobody */
};

/* What the samplers of a run share. */
struct sampler_shared {
	const struct sampler_config *config;
	const struct listener *listener;
	int64_t start_ns;   /* end of the first arming; 0: not yet */
	int64_t charged_ns; /* processor time of wsstat that some target has been charged with */
	bool several;	    /* may there be more than one target? */
};

struct sampler;

/*
 * Take the target over and arm all of it; tell its header.  parent: the pid that it was
 * followed from, or 0.  On failure *out is NULL and the target is closed; ERROR_GONE:
 * it ended before that.
 */
must_check int sampler_begin(struct sampler **out, struct target *target,
			     struct sampler_shared *shared, int parent, struct error *err);

/*
 * The sample that was due at due_ns.  1: the target has ended, else 0 or an error.
 * An exec is found and told here, too.
 */
must_check int sampler_sample(struct sampler *s, const struct tick *tick, int64_t due_ns,
			      struct error *err);

/* It runs another program: begin anew.  Answers as sampler_sample(). */
must_check int sampler_renew(struct sampler *s, const struct tick *tick, struct error *err);

/* Tell of a child of the target. */
must_check int sampler_child(struct sampler *s, int child, const struct tick *tick,
			     const char *text, struct error *err);

/*
 * Was it armed less than half an interval before that?  Then it had better wait for the
 * next samples.  Only where it shares its times with others.
 */
bool sampler_rests(const struct sampler *s, int64_t due_ns);

/* Disarm, tell why it ends and the summary, close the target. */
must_check int sampler_end(struct sampler *s, enum run_end end, struct error *err);

/* The pid that it was followed from; 0: it was asked for. */
int sampler_parent(const struct sampler *s);

/* After sampler_end(). */
void sampler_free(struct sampler *s);

#endif
