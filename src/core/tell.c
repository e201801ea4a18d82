/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Records for the listener. */
#include "config.h"

#include "core/tell.h"

#include <errno.h>
#include <string.h>

#include "base/format.h"

int tell_header(struct tell *tell, const struct run_info *info, struct error *err)
{
	tell->pid = info->pid;
	tell->comm = info->comm;
	tell->header_told = true;
	return tell->listener->header(tell->listener->ctx, info, err);
}

static int tell_event(struct tell *tell, struct event event, struct error *err)
{
	event.pid = tell->pid;
	event.sample = tell->samples;
	return tell->listener->event(tell->listener->ctx, &event, err);
}

/* What the sampler itself does not add up: ioctls, stops and processor time it does. */
static void sum_cost(struct cost *sum, const struct cost *cost)
{
	sum->faults += cost->faults;
	sum->lost_access_bound_bytes += cost->lost_access_bound_bytes;
}

static void sum_seen(struct tell *tell, const struct snapshot *snap)
{
	struct run_summary *sum = &tell->sum;
	uint64_t hot_bytes = snap->figures.hot_bytes;

	if (!tell->seen_samples || hot_bytes < sum->hot_min_bytes)
		sum->hot_min_bytes = hot_bytes;
	if (hot_bytes > sum->hot_max_bytes)
		sum->hot_max_bytes = hot_bytes;
	tell->hot_sum_bytes += hot_bytes;
	tell->seen_samples++;
	if (!snap->ages)
		return;
	tell->cold_sum_bytes += snap->figures.cold_bytes;
	tell->aged_samples++;
}

static void sum_written(struct tell *tell, uint64_t written_bytes)
{
	if (written_bytes > tell->sum.written_max_bytes)
		tell->sum.written_max_bytes = written_bytes;
	tell->written_sum_bytes += written_bytes;
	tell->written_samples++;
}

static void sum_sample(struct tell *tell, const struct snapshot *snap)
{
	struct run_summary *sum = &tell->sum;

	tell->samples++;
	sum->late_samples += snap->late_ns > 0;
	sum_cost(&sum->cost, &snap->cost);
	if (snap->resident_bytes > sum->resident_max_bytes)
		sum->resident_max_bytes = snap->resident_bytes;
	decide_add(&tell->decide, snap);
	if (snap->tracked)
		sum_seen(tell, snap);
	if (snap->writes_only)
		sum_written(tell, snap->writes.hot_bytes);
}

static int tell_late(struct tell *tell, const struct snapshot *snap, struct error *err)
{
	char late[FORMAT_LEN], text[128];

	snprintf(text, sizeof(text), "sample %u is late by %s", snap->sample,
		 format_duration(late, snap->late_ns));
	return tell_event(tell,
			  (struct event){
				  .kind = EVENT_LATE,
				  .wall_ns = snap->wall_ns,
				  .elapsed_ns = snap->elapsed_ns,
				  .text = text,
			  },
			  err);
}

/* The last sample outlives the books: its regions are copied, without their names. */
static int keep_last(struct tell *tell, const struct snapshot *snap, struct error *err)
{
	size_t bytes = snap->nr_regions * sizeof(*snap->regions);
	struct snapshot_region *copy = realloc(tell->last_regions, bytes + 1);

	if (!copy)
		return error_set(err, ERROR_FAILED, ENOMEM, "cannot keep the last sample");
	if (bytes)
		memcpy(copy, snap->regions, bytes);
	for (unsigned int i = 0; i < snap->nr_regions; i++)
		copy[i].name = "";
	tell->last_regions = copy;
	tell->last = *snap;
	tell->last.regions = copy;
	return 0;
}

int tell_sample_only(struct tell *tell, const struct snapshot *snap, struct error *err)
{
	struct snapshot told = *snap;
	int rc;

	sum_sample(tell, snap);
	if (tell->decide_each) {
		decide_tell(&tell->decide, &tell->decision);
		told.decision = &tell->decision;
	}
	rc = keep_last(tell, snap, err);
	return rc ? rc : tell->listener->sample(tell->listener->ctx, &told, err);
}

int tell_sample(struct tell *tell, const struct snapshot *snap, struct error *err)
{
	int rc = snap->late_ns ? tell_late(tell, snap, err) : 0;

	return rc ? rc : tell_sample_only(tell, snap, err);
}

static const struct {
	enum event_kind event;
	const char *words;
} change_words[] = {
	[CHANGE_NEW] = { EVENT_REGION_NEW, "new mapping of" },
	[CHANGE_GONE] = { EVENT_REGION_GONE, "unmapped" },
	[CHANGE_GROWN] = { EVENT_REGION_GROWN, "grew by" },
	[CHANGE_SHRUNK] = { EVENT_REGION_SHRUNK, "lost" },
	[CHANGE_LOST] = { EVENT_REGION_LOST, "replaced, observed anew:" },
};

void tell_count_gone(struct tell *tell, const struct region_changes *changes)
{
	for (size_t i = 0; i < changes->nr; i++) {
		const struct region_change *change = &changes->at[i];

		if (change->kind != CHANGE_GONE || !change->observed)
			continue;
		tell->sum.gone_regions++;
		tell->sum.gone_tracked_bytes += change->tracked_pages << PAGE_SHIFT;
	}
}

int tell_changes(struct tell *tell, const struct region_changes *changes,
		 const struct snapshot *snap, struct error *err)
{
	int rc = 0;

	tell_count_gone(tell, changes);
	for (size_t i = 0; i < changes->nr && !rc; i++) {
		const struct region_change *change = &changes->at[i];
		char size[FORMAT_LEN], text[128];

		snprintf(text, sizeof(text), "%s %s", change_words[change->kind].words,
			 format_bytes(size, change->bytes));
		rc = tell_event(tell,
				(struct event){
					.kind = change_words[change->kind].event,
					.wall_ns = snap->wall_ns,
					.elapsed_ns = snap->elapsed_ns,
					.range = change->range,
					.name = change->name,
					.text = text,
				},
				err);
	}
	return rc;
}

int tell_simple(struct tell *tell, enum event_kind kind, const struct tick *tick, int64_t start_ns,
		const char *text, struct error *err)
{
	return tell_event(tell,
			  (struct event){
				  .kind = kind,
				  .wall_ns = tick->wall_ns,
				  .elapsed_ns = tick->now_ns - start_ns,
				  .name = tell->comm,
				  .text = text,
			  },
			  err);
}

int tell_fork(struct tell *tell, int child, const struct tick *tick, int64_t start_ns,
	      const char *text, struct error *err)
{
	return tell_event(tell,
			  (struct event){
				  .kind = EVENT_FORK,
				  .child_pid = child,
				  .wall_ns = tick->wall_ns,
				  .elapsed_ns = tick->now_ns - start_ns,
				  .text = text,
			  },
			  err);
}

static uint64_t mean(uint64_t sum, unsigned int nr)
{
	return nr ? sum / nr : 0;
}

int tell_summary(struct tell *tell, enum run_end end, const struct tick *tick, int64_t start_ns,
		 struct error *err)
{
	struct run_summary *sum = &tell->sum;

	sum->end = end;
	sum->pid = tell->pid;
	sum->comm = tell->comm;
	sum->wall_ns = tick->wall_ns;
	sum->elapsed_ns = tick->now_ns - start_ns;
	sum->samples = tell->samples;
	sum->tracked = tell->seen_samples > 0;
	sum->ages = tell->aged_samples > 0;
	sum->writes = tell->written_samples > 0;
	sum->hot_mean_bytes = mean(tell->hot_sum_bytes, tell->seen_samples);
	sum->cold_mean_bytes = mean(tell->cold_sum_bytes, tell->aged_samples);
	sum->written_mean_bytes = mean(tell->written_sum_bytes, tell->written_samples);
	decide_tell(&tell->decide, &tell->decision);
	sum->decision = &tell->decision;
	sum->last = tell->samples ? &tell->last : NULL;
	return tell->listener->summary(tell->listener->ctx, sum, err);
}

void tell_free(struct tell *tell)
{
	free(tell->last_regions);
	tell->last_regions = NULL;
}
