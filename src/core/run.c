/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The loop: wait until samples are due, or something happens to a target. */
#include "config.h"

#include "core/run.h"

#include <errno.h>

#include "base/log.h"
#include "core/crew.h"
#include "core/follow.h"

/* How often to look for children: a tenth of the interval, within these. */
#define WATCH_MIN_NS (20 * INT64_C(1000000))
#define WATCH_MAX_NS (500 * INT64_C(1000000))

struct run {
	struct sampler_config config; /* a viewer may change the interval */
	const struct viewer *viewer;  /* or NULL */
	struct crew crew;
	struct follow follow;
	int64_t due_ns;	  /* the next samples */
	int64_t watch_ns; /* the next look for children, if they are followed */
	uint64_t rounds;  /* of samples taken */
	bool over;	  /* and its end is ->crew.result.end */
};

static int64_t watch_interval(const struct run *run)
{
	int64_t tenth_ns = run->config.interval_ns / 10;

	return tenth_ns < WATCH_MIN_NS	 ? WATCH_MIN_NS
	       : tenth_ns > WATCH_MAX_NS ? WATCH_MAX_NS
					 : tenth_ns;
}

static void now(const struct run *run, struct tick *tick)
{
	struct target *first = run->crew.targets[0];

	first->ops->now(first, tick);
}

/* It has a clock of its own: each tick of it is a sample. */
static bool replayed(const struct run *run)
{
	return target_is_script(run->crew.targets[0]);
}

static int look_for_children(struct run *run, struct tick *tick, struct error *err)
{
	int rc = run->config.follow && run->crew.nr ? follow_look(&run->follow, tick, err) : 0;

	run->watch_ns = tick->now_ns + watch_interval(run);
	return rc;
}

/* 1 is the end of the i-th target; an error may be its alone. */
static int settle(struct run *run, unsigned int i, int rc, struct error *err)
{
	if (rc == 1)
		return crew_end(&run->crew, i, END_EXITED, err);
	return rc < 0 ? crew_fail(&run->crew, i, rc, err) : 0;
}

/* A sample of each target.  A really late one begins a new row of deadlines. */
static int round_of_samples(struct run *run, struct tick *tick, struct error *err)
{
	const int64_t interval_ns = run->config.interval_ns, due_ns = run->due_ns;
	const unsigned int told = run->crew.result.samples;
	unsigned int i = 0;
	int rc = 0;

	run->due_ns = (tick->now_ns - due_ns <= interval_ns / 10 ? due_ns : tick->now_ns) +
		      interval_ns;
	while (i < run->crew.nr && !rc) {
		struct sampler *s = run->crew.at[i];

		if (sampler_rests(s, due_ns)) {
			i++;
			continue;
		}
		if (i)
			now(run, tick);
		rc = settle(run, i, sampler_sample(s, tick, due_ns, err), err);
		i += i < run->crew.nr && run->crew.at[i] == s;
	}
	run->rounds += run->crew.result.samples > told; /* after an exec there may be none */
	return rc;
}

/* The shim of a target that runs another program, or of a child. */
static int answer_call(struct run *run, struct tick *tick, struct error *err)
{
	struct launch *launch = run->crew.targets[0]->launch;
	struct launch_call call;
	int i, rc;

	if (launch_take_call(launch, NULL, 0, &call))
		return 0; /* it has given up */
	i = crew_find(&run->crew, call.pid);
	if (i < 0)
		return follow_call(&run->follow, call, tick, err);
	launch_answer(&run->crew.targets[i]->call);
	run->crew.targets[i]->call = call;
	rc = sampler_renew(run->crew.at[i], tick, err);
	/* One target alone gets a whole window; several keep their common times. */
	if (!run->crew.shared.several) {
		now(run, tick);
		run->due_ns = tick->now_ns + run->config.interval_ns;
	}
	return settle(run, (unsigned int)i, rc, err);
}

static void limit(struct run *run)
{
	const struct sampler_config *config = &run->config;
	enum run_end *end = &run->crew.result.end;

	if (config->count && run->rounds >= config->count) {
		*end = END_COUNT;
		run->over = true;
	} else if (config->duration_ns &&
		   run->due_ns - run->crew.shared.start_ns > config->duration_ns) {
		*end = END_DURATION;
		run->over = true;
	}
}

static int handle(struct run *run, struct tick *tick, struct error *err)
{
	int rc = 0;

	switch (tick->what) {
	case TICK_ENDED:
		return crew_end(&run->crew, tick->which, replayed(run) ? END_REPLAYED : END_EXITED,
				err);
	case TICK_INTERRUPTED:
		run->crew.result.end = END_INTERRUPTED;
		run->over = true;
		return 0;
	case TICK_CALLED:
		return answer_call(run, tick, err);
	case TICK_WOKEN:
		return 0;
	case TICK_DUE:
		break;
	}
	if (tick->now_ns >= run->due_ns || replayed(run))
		rc = round_of_samples(run, tick, err);
	return rc ? rc : look_for_children(run, tick, err);
}

/* The next samples come by the new interval, the last ones were by the old. */
static void set_interval(struct run *run, int64_t interval_ns)
{
	run->due_ns += interval_ns - run->config.interval_ns;
	run->config.interval_ns = interval_ns;
}

static int attend(struct run *run, struct error *err)
{
	struct wish wish = { 0 };
	int rc = run->viewer ? run->viewer->attend(run->viewer->ctx, &wish, err) : 0;

	if (!rc && wish.interval_ns)
		set_interval(run, wish.interval_ns);
	if (!rc && wish.quit) {
		run->crew.result.end = END_INTERRUPTED;
		run->over = true;
	}
	return rc;
}

static int wait_for(struct run *run, struct tick *tick, struct error *err)
{
	struct waiting waiting = {
		.targets = run->crew.targets,
		.nr = run->crew.nr,
		.deadline_ns = run->due_ns,
		.wake_fd = run->viewer ? run->viewer->fd(run->viewer->ctx) : -1,
	};

	if (run->config.follow && run->watch_ns < run->due_ns)
		waiting.deadline_ns = run->watch_ns;
	return run->crew.targets[0]->ops->wait(&waiting, tick, err);
}

static int loop(struct run *run, struct error *err)
{
	int rc = 0;

	for (limit(run); !run->over && run->crew.nr && !rc; limit(run)) {
		struct tick tick;

		rc = attend(run, err);
		if (run->over || rc)
			break;
		rc = wait_for(run, &tick, err);
		if (!rc)
			rc = handle(run, &tick, err);
	}
	return rc;
}

/* All of them; one that is gone by now is told, if there are others. */
static int begin(struct run *run, struct target **targets, unsigned int nr, struct error *err)
{
	struct crew *crew = &run->crew;
	struct tick tick;
	int rc = 0;

	for (unsigned int i = 0; i < nr; i++) {
		if (rc) {
			target_close(targets[i]);
			continue;
		}
		rc = crew_add(crew, targets[i], 0, err);
		if (!rc || nr == 1 || crew->deaf)
			continue;
		log_error("%s", err->text);
		crew->result.failed = crew->result.failed ? crew->result.failed : err->kind;
		*err = (struct error){ 0 };
		rc = 0;
	}
	if (rc || !crew->nr)
		return rc;
	now(run, &tick);
	run->due_ns = (nr == 1 ? crew->shared.start_ns : tick.now_ns) + run->config.interval_ns;
	return look_for_children(run, &tick, err);
}

int run_targets(struct target **targets, unsigned int nr, const struct sampler_config *config,
		const struct listener *listener, struct run_result *result, struct error *err)
{
	struct run run = { .config = *config, .viewer = listener->viewer };
	struct error ignored;
	int rc;

	crew_init(&run.crew, &run.config, listener, nr > 1 || config->follow);
	run.follow.crew = &run.crew;
	rc = begin(&run, targets, nr, err);
	if (!rc)
		rc = loop(&run, err);
	while (run.crew.nr) {
		enum run_end end = rc ? END_FAILED : run.crew.result.end;
		int failed = crew_end(&run.crew, 0, end, rc ? &ignored : err);

		rc = rc ? rc : failed;
	}
	if (rc)
		run.crew.result.end = END_FAILED;
	*result = run.crew.result;
	follow_free(&run.follow);
	crew_free(&run.crew);
	return rc;
}
