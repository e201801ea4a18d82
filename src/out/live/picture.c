/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "out/live/picture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static size_t names_len(const struct snapshot *snap)
{
	size_t len = 1;

	for (unsigned int i = 0; i < snap->nr_regions; i++)
		len += strlen(snap->regions[i].name) + 1;
	return len;
}

static void copy_regions(struct picture *picture, const struct snapshot *snap)
{
	char *name = picture->names;

	for (unsigned int i = 0; i < snap->nr_regions; i++) {
		struct snapshot_region *region = &picture->regions[i];

		*region = snap->regions[i];
		region->cells = NULL;
		region->name = name;
		name = stpcpy(name, snap->regions[i].name) + 1;
	}
}

struct picture *picture_new(const struct snapshot *snap)
{
	struct picture *picture = calloc(1, sizeof(*picture));

	if (!picture)
		return NULL;
	picture->names = malloc(names_len(snap));
	picture->regions = calloc(snap->nr_regions + 1, sizeof(*picture->regions));
	if (!picture->names || !picture->regions) {
		picture_free(picture);
		return NULL;
	}
	copy_regions(picture, snap);
	snprintf(picture->comm, sizeof(picture->comm), "%s", snap->comm);
	picture->snap = *snap;
	picture->snap.comm = picture->comm;
	picture->snap.regions = picture->regions;
	picture->snap.groups = NULL;
	picture->snap.inspect = NULL;
	if (snap->decision) {
		picture->decision = *snap->decision;
		picture->snap.decision = &picture->decision;
	}
	return picture;
}

void picture_free(struct picture *picture)
{
	if (!picture)
		return;
	free(picture->regions);
	free(picture->names);
	free(picture);
}

const struct figures *picture_figures(const struct snapshot *snap)
{
	return snap->tracked || !snap->writes_only ? &snap->figures : &snap->writes;
}

struct point point_of(const struct snapshot *snap)
{
	const struct figures *figures = picture_figures(snap);
	const bool ages = snap->ages || figures == &snap->writes;
	struct point point = {
		.elapsed_ns = snap->elapsed_ns,
		.window_ns = snap->window_ns,
		.hot_bytes = figures->hot_bytes,
		.known = snap->tracked || snap->writes_only,
	};

	for (enum recent i = 0; i < RECENT_NR; i++) {
		point.within_bytes[i] = figures->recent_bytes[i];
		point.recent_known[i] = ages && snap->observed_ns >= recent_ns(i);
	}
	return point;
}

void history_add(struct history *history, const struct point *point)
{
	history->at[history->next] = *point;
	history->next = (history->next + 1) % HISTORY_MAX;
	history->nr += history->nr < HISTORY_MAX;
	history->skipped += history->held;
}

void history_hold(struct history *history, bool held)
{
	history->held = held;
	history->skipped = 0;
}

const struct point *history_back(const struct history *history, unsigned int back)
{
	if (history->skipped >= history->nr || back >= history->nr - history->skipped)
		return NULL;
	back += history->skipped;
	return &history->at[(history->next + HISTORY_MAX - 1 - back) % HISTORY_MAX];
}

static void add_cost(struct cost *sum, const struct cost *cost, bool first)
{
	sum->ioctl_ns += cost->ioctl_ns;
	sum->faults += cost->faults;
	sum->stopped_ns += cost->stopped_ns;
	sum->stops += cost->stops;
	sum->cpu_ns += cost->cpu_ns;
	sum->target_cpu_ns += cost->target_cpu_ns;
	sum->target_cpu_known = (first || sum->target_cpu_known) && cost->target_cpu_known;
	sum->lost_access_bound_bytes += cost->lost_access_bound_bytes;
	if (cost->longest_stop_ns > sum->longest_stop_ns)
		sum->longest_stop_ns = cost->longest_stop_ns;
}

/* What is not known of one is not known of all. */
static void add_times(struct snapshot *sum, const struct snapshot *snap, bool first)
{
	if (snap->sample > sum->sample)
		sum->sample = snap->sample;
	if (snap->elapsed_ns > sum->elapsed_ns)
		sum->elapsed_ns = snap->elapsed_ns;
	if (snap->late_ns > sum->late_ns)
		sum->late_ns = snap->late_ns;
	if (first || snap->observed_ns < sum->observed_ns)
		sum->observed_ns = snap->observed_ns;
	if (first || snap->window_ns > sum->window_ns)
		sum->window_ns = snap->window_ns;
	sum->ages = (first || !sum->tracked || sum->ages) && (snap->ages || !snap->tracked);
	sum->tracked |= snap->tracked;
	sum->ages &= sum->tracked;
	sum->writes_only |= snap->writes_only;
	sum->told_apart = (first || sum->told_apart) && snap->told_apart;
}

void snapshot_add(struct snapshot *sum, const struct snapshot *snap)
{
	const bool first = !sum->sample;

	add_times(sum, snap, first);
	sum->resident_bytes += snap->resident_bytes;
	sum->tracked_bytes += snap->tracked_bytes;
	sum->swapped_bytes += snap->swapped_bytes;
	figures_add(&sum->figures, &snap->figures);
	figures_add(&sum->writes, &snap->writes);
	for (unsigned int i = 0; i < REASON_NR; i++)
		sum->untracked_bytes[i] += snap->untracked_bytes[i];
	add_cost(&sum->cost, &snap->cost, first);
}
