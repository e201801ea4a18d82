/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Samplers that come and go. */
#include "config.h"

#include "core/crew.h"

#include <errno.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"

static int note(struct crew *crew, int rc)
{
	crew->deaf = crew->deaf || rc;
	return rc;
}

static int hear_header(void *ctx, const struct run_info *info, struct error *err)
{
	struct crew *crew = ctx;

	return note(crew, crew->told->header(crew->told->ctx, info, err));
}

static int hear_sample(void *ctx, const struct snapshot *snap, struct error *err)
{
	struct crew *crew = ctx;

	crew->result.samples++;
	return note(crew, crew->told->sample(crew->told->ctx, snap, err));
}

static int hear_event(void *ctx, const struct event *event, struct error *err)
{
	struct crew *crew = ctx;

	return note(crew, crew->told->event(crew->told->ctx, event, err));
}

static int hear_summary(void *ctx, const struct run_summary *summary, struct error *err)
{
	struct crew *crew = ctx;

	return note(crew, crew->told->summary(crew->told->ctx, summary, err));
}

static int hear_look(void *ctx, int pid, struct look *look, struct error *err)
{
	struct crew *crew = ctx;

	return note(crew, crew->told->looked(crew->told->ctx, pid, look, err));
}

static int hear_armed(void *ctx, int pid, struct error *err)
{
	struct crew *crew = ctx;

	return note(crew, crew->told->armed(crew->told->ctx, pid, err));
}

void crew_init(struct crew *crew, const struct sampler_config *config,
	       const struct listener *listener, bool several)
{
	*crew = (struct crew){
		.told = listener,
		.result = { .end = END_FAILED },
	};
	crew->listener = (struct listener){
		.ctx = crew,
		.header = hear_header,
		.sample = hear_sample,
		.event = hear_event,
		.summary = hear_summary,
		.looked = listener->looked ? hear_look : NULL,
		.armed = listener->armed ? hear_armed : NULL,
	};
	crew->shared = (struct sampler_shared){
		.config = config,
		.listener = &crew->listener,
		.charged_ns = clock_cpu_ns(),
		.several = several,
	};
}

static int crew_grow(struct crew *crew)
{
	unsigned int cap = crew->cap ? 2 * crew->cap : 4;
	void *grown = realloc(crew->at, cap * sizeof(*crew->at));

	if (!grown)
		return -ENOMEM;
	crew->at = grown;
	grown = realloc(crew->targets, cap * sizeof(*crew->targets));
	if (!grown)
		return -ENOMEM;
	crew->targets = grown;
	crew->cap = cap;
	return 0;
}

int crew_add(struct crew *crew, struct target *target, int parent, struct error *err)
{
	int rc;

	if (crew->nr == crew->cap && crew_grow(crew)) {
		target_close(target);
		return error_set(err, ERROR_FAILED, ENOMEM, "cannot observe one process more");
	}
	rc = sampler_begin(&crew->at[crew->nr], target, &crew->shared, parent, err);
	if (rc)
		return rc;
	crew->targets[crew->nr++] = target;
	return 0;
}

int crew_end(struct crew *crew, unsigned int i, enum run_end end, struct error *err)
{
	int rc = sampler_end(crew->at[i], end, err);
	size_t behind = --crew->nr - i;

	sampler_free(crew->at[i]);
	memmove(crew->at + i, crew->at + i + 1, behind * sizeof(*crew->at));
	memmove(crew->targets + i, crew->targets + i + 1, behind * sizeof(*crew->targets));
	crew->result.end = end;
	return rc;
}

int crew_fail(struct crew *crew, unsigned int i, int rc, struct error *err)
{
	bool followed = sampler_parent(crew->at[i]) != 0;
	struct error ignored = { 0 };

	if (!crew->shared.several || crew->deaf)
		return rc;
	if (followed)
		log_warn("%s", err->text);
	else
		log_error("%s", err->text);
	if (!followed && !crew->result.failed)
		crew->result.failed = err->kind;
	*err = (struct error){ 0 };
	rc = crew_end(crew, i, END_FAILED, &ignored);
	if (rc && crew->deaf)
		*err = ignored;
	return crew->deaf ? rc : 0;
}

int crew_find(const struct crew *crew, int pid)
{
	for (unsigned int i = 0; i < crew->nr; i++)
		if (crew->targets[i]->proc.pid == pid)
			return (int)i;
	return -1;
}

void crew_free(struct crew *crew)
{
	free(crew->at);
	free(crew->targets);
	crew->at = NULL;
	crew->targets = NULL;
}
