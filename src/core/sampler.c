/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One target, sample by sample. */
#include "config.h"

#include "core/sampler.h"

#include <errno.h>
#include <string.h>
#include <sys/utsname.h>

#include "base/clock.h"
#include "base/format.h"
#include "base/log.h"
#include "core/books.h"
#include "core/children.h"
#include "core/inspect.h"
#include "core/tell.h"
#include "core/warner.h"
#include "core/whose.h"

#define RENEW_TRIES 4  /* programs that give way to the next while they are being armed */
#define STALE_ROUNDS 3 /* looks at the mappings within one sample, if they change under it */

struct sampler {
	struct target *target;
	struct sampler_shared *shared;
	const struct sampler_config *config;
	struct tell tell; /* events and the summary's sums */
	struct books books;
	struct look look; /* if anybody wants to hear of it */
	struct owners owners;
	struct whose *whose;	/* NULL unless --by */
	struct inspect inspect; /* for a viewer */
	struct children children;
	struct run_info info;
	struct utsname kernel;
	int64_t observed_ns; /* end of the first arming of the present memory */
	int64_t before_ns;   /* the scan before, or the arming */
	int64_t ioctl_ns;    /* as of the sample before */
	bool target_cpu_known;
	int64_t target_cpu_ns; /* the same, of the target; in all: */
	int64_t target_cpu_sum_ns;
	int64_t cpu_ns; /* of wsstat, spent on this target */
	int64_t stopped_ns, longest_stop_ns;
	uint64_t stops;
	bool lost; /* its memory is gone, and there was no way to the new one yet */
	struct warner warner;
};

/* The target's memory is gone: say whether the process ended (1) or made exec (0). */
static int after_memory_gone(struct sampler *s, struct error *err)
{
	int rc;

	*err = (struct error){ 0 };
	rc = s->target->ops->renew(s->target, err);
	if (rc && err->kind == ERROR_GONE)
		return 1;
	return rc;
}

/* The stacks are part of it. */
static int tell_look(struct sampler *s, struct error *err)
{
	const struct listener *listener = s->shared->listener;

	if ((listener->looked || s->config->by >= BY_SECTION) && !target_is_script(s->target) &&
	    owners_look(&s->owners, &s->target->proc, &s->books.regions))
		return error_set(err, ERROR_FAILED, ENOMEM, "cannot tell whose stacks there are");
	s->look.owners = &s->owners;
	return listener->looked
		       ? listener->looked(listener->ctx, s->target->proc.pid, &s->look, err)
		       : 0;
}

static int tell_armed(struct sampler *s, struct error *err)
{
	const struct listener *listener = s->shared->listener;

	return listener->armed ? listener->armed(listener->ctx, s->target->proc.pid, err) : 0;
}

/* Arm everything that is there now; the clock of the present memory starts at its end. */
static int arm_all(struct sampler *s, struct error *err)
{
	struct tick tick;
	int rc;

	s->target->tracker.interval_ns = s->config->interval_ns;
	s->target->ops->now(s->target, &tick);
	rc = books_open(&s->books, &s->config->edges, tick.now_ns, err);
	if (!rc)
		rc = books_look(&s->books, s->target, &s->config->selection, err);
	if (!rc)
		rc = books_begin(&s->books, s->target, s->tell.samples, err);
	if (!rc)
		rc = tell_look(s, err);
	if (rc)
		return rc;
	region_changes_free(&s->books.changes); /* at the start all is new */
	s->target->ops->now(s->target, &tick);
	s->books.epochs.at_ns[EPOCH_START] = tick.now_ns;
	s->observed_ns = s->before_ns = tick.now_ns;
	if (s->target->ops->armed)
		s->target->ops->armed(s->target);
	return 0;
}

/*
 * The target runs another program: everything that was known is over.  0; 1: it ended;
 * -ESRCH: it runs one after another, and is to be tried again at the next sample; or
 * an error.
 */
static int begin_anew(struct sampler *s, struct error *err)
{
	struct tick tick;
	int rc = -ESRCH;

	s->inspect.books = NULL;
	for (int tries = 0; rc == -ESRCH && tries < RENEW_TRIES; tries++) {
		rc = after_memory_gone(s, err);
		books_close(&s->books);
		if (!rc)
			rc = arm_all(s, err);
	}
	s->lost = rc == -ESRCH;
	if (s->lost) {
		s->target->ops->now(s->target, &tick);
		s->observed_ns = s->before_ns = tick.now_ns;
	}
	return rc;
}

/* What lowers the worth of the figures. */
static int warn(struct sampler *s, const struct tick *tick, struct error *err)
{
	const struct occasion occasion = { &s->tell, tick, s->shared->start_ns };

	return target_is_script(s->target) ? 0
					   : warner_tell(&s->warner, s->target,
							 books_methods(&s->books), &occasion, err);
}

static void fill_info(struct sampler *s, int parent, int64_t wall_ns)
{
	const struct target_config *config = &s->target->config;

	uname(&s->kernel);
	s->info = (struct run_info){
		.pid = s->target->proc.pid,
		.parent_pid = parent,
		.several = s->shared->several,
		.comm = s->target->proc.comm,
		.version = PACKAGE_VERSION,
		.kernel = target_is_script(s->target) ? "replay" : s->kernel.release,
		.launched = s->target->launch != NULL,
		.wall_ns = wall_ns,
		.interval_ns = s->config->interval_ns,
		.cold_after_ns = s->config->cold_after_ns,
		.edges = &s->config->edges,
		.ages_given = s->config->ages_given,
		.slo = s->config->slo,
		.cells = s->config->cells,
		.method = s->target->methods[1] ? config->method : s->target->methods[0]->method,
		.exact = config->exact,
		.soft_dirty = config->soft_dirty,
		.stopped_ns = s->target->attach_stopped_ns,
	};
}

/* From here on it is the next sample's. */
static void begin_cost(struct sampler *s)
{
	struct tracker *tracker = &s->target->tracker;

	s->ioctl_ns = tracker->ioctl_ns;
	s->stopped_ns = tracker->stopped_ns;
	s->stops = tracker->stops;
	if (tracker->longest_stop_ns > s->longest_stop_ns)
		s->longest_stop_ns = tracker->longest_stop_ns;
	tracker->longest_stop_ns = 0;
}

/* What the target has used since the sample before; cost NULL: it begins here. */
static void take_target_cpu(struct sampler *s, struct cost *cost)
{
	const bool knew = s->target_cpu_known;
	const int64_t before_ns = s->target_cpu_ns;

	s->target_cpu_known = proc_cpu_ns(&s->target->proc, &s->target_cpu_ns);
	if (!cost || !knew || !s->target_cpu_known || s->target_cpu_ns < before_ns)
		return;
	cost->target_cpu_known = true;
	cost->target_cpu_ns = s->target_cpu_ns - before_ns;
	s->target_cpu_sum_ns += cost->target_cpu_ns;
}

/* The processor time since the last call of this is this target's. */
static int64_t charge(struct sampler *s)
{
	int64_t now_ns = clock_cpu_ns(), spent_ns = now_ns - s->shared->charged_ns;

	s->shared->charged_ns = now_ns;
	s->cpu_ns += spent_ns;
	return spent_ns;
}

static int begin(struct sampler *s, int parent, struct error *err)
{
	struct tick tick;
	int rc = arm_all(s, err);

	if (rc == -ESRCH)
		rc = begin_anew(s, err);
	if (rc > 0)
		return error_set(err, ERROR_GONE, 0, "process %d ended before it was observed",
				 s->target->proc.pid);
	if (rc && !s->lost)
		return rc;
	if (!s->shared->start_ns)
		s->shared->start_ns = s->observed_ns;
	children_init(&s->children, s->target);
	s->target->ops->now(s->target, &tick);
	fill_info(s, parent, tick.wall_ns);
	begin_cost(s);
	take_target_cpu(s, NULL);
	charge(s);
	if (s->config->selection.nr && !books_methods(&s->books))
		log_warn("--region selects no mapping of process %d that can be observed",
			 s->info.pid);
	if (!target_is_script(s->target))
		warner_begin(&s->warner, s->target);
	rc = tell_header(&s->tell, &s->info, err);
	if (!rc && !s->lost)
		rc = tell_armed(s, err);
	return rc ? rc : warn(s, &tick, err);
}

int sampler_begin(struct sampler **out, struct target *target, struct sampler_shared *shared,
		  int parent, struct error *err)
{
	struct sampler *s = malloc(sizeof(*s));
	int rc;

	*out = NULL;
	if (!s) {
		(void)error_set(err, ERROR_FAILED, ENOMEM, "cannot observe process %d",
				target->proc.pid);
		target_close(target);
		return -ENOMEM;
	}
	*s = (struct sampler){
		.target = target,
		.shared = shared,
		.config = shared->config,
		.tell = { .listener = shared->listener,
			  .decide = { .edges = &shared->config->edges, .slo = shared->config->slo },
			  .decide_each = shared->config->decide },
	};
	s->books.look = shared->listener->looked ? &s->look : NULL;
	s->whose = s->config->by ? whose_new(s->config->by) : NULL;
	if (s->config->by && !s->whose)
		rc = error_set(err, ERROR_FAILED, ENOMEM, "cannot observe process %d",
			       target->proc.pid);
	else
		rc = begin(s, parent, err);
	if (rc) {
		struct error ignored;

		(void)!sampler_end(s, END_FAILED, &ignored);
		sampler_free(s);
		return rc;
	}
	*out = s;
	return 0;
}

/*
 * How late this sample is; 0 within a tenth of the interval.  *nominal_ns is when it counts: when
 * it was due, if that lies in its window (it does not where an exec was found meanwhile).
 */
static int64_t lateness(const struct sampler *s, const struct tick *tick, int64_t due_ns,
			int64_t *nominal_ns)
{
	int64_t late_ns = tick->now_ns - due_ns;
	bool late = late_ns > s->config->interval_ns / 10;

	*nominal_ns = late || due_ns <= s->before_ns || due_ns > tick->now_ns ? tick->now_ns
									      : due_ns;
	return late ? late_ns : 0;
}

/* A script has no cost worth telling, and is to be repeatable. */
static void forget_cost(const struct sampler *s, struct cost *cost)
{
	if (!target_is_script(s->target))
		return;
	cost->ioctl_ns = 0;
	cost->cpu_ns = 0;
}

static void add_cost(struct sampler *s, struct snapshot *snap)
{
	struct tracker *tracker = &s->target->tracker;

	snap->cost.ioctl_ns = tracker->ioctl_ns - s->ioctl_ns;
	snap->cost.cpu_ns = charge(s);
	snap->cost.stopped_ns = tracker->stopped_ns - s->stopped_ns;
	snap->cost.stops = tracker->stops - s->stops;
	snap->cost.longest_stop_ns = tracker->longest_stop_ns;
	take_target_cpu(s, &snap->cost);
	forget_cost(s, &snap->cost);
	begin_cost(s);
}

static int collect(struct sampler *s, struct error *err)
{
	int rc = books_look(&s->books, s->target, &s->config->selection, err);

	for (int round = 0; !rc && round < STALE_ROUNDS; round++) {
		int told, stale = books_collect(&s->books, s->target, s->tell.samples + 1, err);

		if (stale < 0)
			return stale;
		told = tell_look(s, err);
		if (told || stale != BOOKS_STALE)
			return told;
		rc = books_look(&s->books, s->target, &s->config->selection, err);
	}
	return rc;
}

static struct books_view view_of(const struct sampler *s)
{
	return (struct books_view){
		.cold_after_ns = s->config->cold_after_ns,
		.cells = s->config->cells,
		.split = s->target->config.exact ? &s->target->tracker.split : NULL,
	};
}

/* NULL: there is none, it is a script. */
static const struct proc *process_of(const struct sampler *s)
{
	return target_is_script(s->target) ? NULL : &s->target->proc;
}

static struct whose_source source_of(const struct sampler *s, const struct tick *tick)
{
	return (struct whose_source){ .proc = process_of(s), .wall_ns = tick->wall_ns };
}

static void begin_inspect(struct sampler *s, const struct snapshot *snap)
{
	s->inspect = (struct inspect){
		.books = &s->books,
		.proc = process_of(s),
		.wall_ns = s->info.wall_ns,
		.observed_ns = snap->observed_ns,
		.cold_after_ns = s->config->cold_after_ns,
	};
}

static int take_sample(struct sampler *s, const struct tick *tick, int64_t due_ns,
		       struct error *err)
{
	int64_t nominal_ns, late_ns = lateness(s, tick, due_ns, &nominal_ns);
	const struct books_view view = view_of(s);
	const struct whose_source source = source_of(s, tick);
	struct snapshot snap = {
		.sample = s->tell.samples + 1,
		.pid = s->target->proc.pid,
		.comm = s->target->proc.comm,
		.wall_ns = tick->wall_ns,
		.elapsed_ns = tick->now_ns - s->shared->start_ns,
		.observed_ns = tick->now_ns - s->observed_ns,
		.window_ns = tick->now_ns - s->before_ns,
		.nominal_ns = nominal_ns - s->observed_ns,
		.late_ns = late_ns,
		.inspect = &s->inspect,
	};
	int rc;

	s->inspect.books = NULL;
	s->target->tracker.interval_ns = s->config->interval_ns; /* a viewer may change it */
	rc = books_window(&s->books, nominal_ns, snap.sample, err);
	if (!rc)
		rc = collect(s, err);
	if (!rc)
		rc = books_snapshot(&s->books, &view, &snap, err);
	if (rc)
		return rc;
	if (s->whose)
		rc = whose_fill(s->whose, &source, &s->books, &s->owners, s->config->cold_after_ns,
				&snap, err);
	if (rc)
		return rc;
	add_cost(s, &snap);
	begin_inspect(s, &snap);
	s->before_ns = tick->now_ns;
	rc = tell_changes(&s->tell, &s->books.changes, &snap, err);
	if (!rc && !s->config->follow)
		rc = children_tell(&s->children, s->target, &s->tell, tick, s->shared->start_ns,
				   err);
	if (!rc)
		rc = warn(s, tick, err);
	return rc ? rc : tell_sample(&s->tell, &snap, err);
}

int sampler_renew(struct sampler *s, const struct tick *tick, struct error *err)
{
	int rc = begin_anew(s, err);

	if (rc)
		return s->lost ? 0 : rc;
	rc = tell_armed(s, err);
	if (rc)
		return rc;
	return tell_simple(&s->tell, EVENT_EXEC, tick, s->shared->start_ns,
			   "the target runs another program; observed anew", err);
}

int sampler_child(struct sampler *s, int child, const struct tick *tick, const char *text,
		  struct error *err)
{
	return tell_fork(&s->tell, child, tick, s->shared->start_ns, text, err);
}

bool sampler_rests(const struct sampler *s, int64_t due_ns)
{
	return due_ns - s->before_ns < s->config->interval_ns / 2 && !s->lost && s->shared->several;
}

int sampler_sample(struct sampler *s, const struct tick *tick, int64_t due_ns, struct error *err)
{
	int rc = s->lost ? -ESRCH : take_sample(s, tick, due_ns, err);

	return rc == -ESRCH ? sampler_renew(s, tick, err) : rc;
}

/* Huge pages that are apart because of us. */
static int put_together(struct sampler *s, const struct tick *tick, struct error *err)
{
	struct run_summary *sum = &s->tell.sum;
	char split[FORMAT_LEN], back[FORMAT_LEN], text[200];
	int rc = tracker_collapse(&s->target->tracker, &sum->split_bytes, &sum->collapsed_bytes);

	if (!sum->split_bytes)
		return 0;
	snprintf(text, sizeof(text), "%s of huge pages had been split; %s are huge again%s%s",
		 format_bytes(split, sum->split_bytes), format_bytes(back, sum->collapsed_bytes),
		 rc ? ": " : "", rc ? strerror(-rc) : "");
	return tell_simple(&s->tell, EVENT_WARNING, tick, s->shared->start_ns, text, err);
}

static int tell_end(struct sampler *s, enum run_end end, struct error *err)
{
	struct cost *cost = &s->tell.sum.cost;
	const struct tracker *tracker = &s->target->tracker;
	struct tick tick;
	int rc;

	s->target->ops->now(s->target, &tick);
	books_disarm(&s->books, s->target);
	rc = put_together(s, &tick, err);
	charge(s);
	cost->cpu_ns = s->cpu_ns;
	cost->ioctl_ns = tracker->ioctl_ns;
	cost->stopped_ns = tracker->stopped_ns;
	cost->stops = tracker->stops;
	cost->target_cpu_known = s->target_cpu_sum_ns > 0;
	cost->target_cpu_ns = s->target_cpu_sum_ns; /* up to the last sample */
	begin_cost(s);
	cost->longest_stop_ns = s->longest_stop_ns;
	forget_cost(s, cost);
	if (!rc && end == END_EXITED)
		rc = tell_simple(&s->tell, EVENT_EXIT, &tick, s->shared->start_ns,
				 "the target ended", err);
	return rc ? rc : tell_summary(&s->tell, end, &tick, s->shared->start_ns, err);
}

int sampler_end(struct sampler *s, enum run_end end, struct error *err)
{
	int rc = s->tell.header_told ? tell_end(s, end, err) : 0;

	books_close(&s->books);
	look_free(&s->look);
	owners_free(&s->owners);
	whose_free(s->whose);
	s->whose = NULL;
	tell_free(&s->tell);
	target_close(s->target);
	s->target = NULL;
	return rc;
}

int sampler_parent(const struct sampler *s)
{
	return s->info.parent_pid;
}

void sampler_free(struct sampler *s)
{
	free(s);
}
