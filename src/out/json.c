/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * JSON Lines; doc/wsstat.schema.json is the contract.  A figure that is not known
 * is null, never 0.
 */
#include "config.h"

#include "out/output.h"

#include "kernel/features.h"
#include "model/groups.h"
#include "out/buckets.h"
#include "out/json_decision.h"
#include "out/json_histograms.h"
#include "out/json_write.h"
#include "out/page_list.h"
#include "out/words.h"

/* Figures of a region or of the target: those that are known, else NULL. */
struct shown {
	const uint64_t *hot, *warm, *cold;
	const uint64_t *written, *only_read;
	const uint64_t *zero, *huge;
};

static void put_shown(struct json *json, struct json_object *object, const struct shown *shown)
{
	json_put_number_if(json, object, "hot_bytes", shown->hot);
	json_put_number_if(json, object, "warm_bytes", shown->warm);
	json_put_number_if(json, object, "cold_bytes", shown->cold);
	json_put_number_if(json, object, "written_bytes", shown->written);
	json_put_number_if(json, object, "only_read_bytes", shown->only_read);
	json_put_number_if(json, object, "zero_page_bytes", shown->zero);
	json_put_number_if(json, object, "huge_bytes", shown->huge);
}

/* The totals of regions of which only writes are seen, apart from all others. */
static struct json_object *new_writes_only(struct json *json, const struct output *out,
					   const struct snapshot *snap)
{
	const struct figures *writes = &snap->writes;
	struct json_object *object = json_new_object(json);

	json_put_number(json, object, "resident_bytes", writes->tracked_bytes);
	json_put_number(json, object, "written_bytes", writes->hot_bytes);
	json_put_number(json, object, "unwritten_bytes", writes->cold_bytes);
	if (snap->writes_only)
		json_put_idle(json, object, out, snap, writes);
	else
		json_put(json, object, "idle", json_new_array(json));
	return object;
}

static struct json_object *new_untracked(struct json *json, const struct snapshot *snap)
{
	struct json_object *array = json_new_array(json);

	for (unsigned int i = REASON_NONE + 1; i < REASON_NR; i++) {
		struct json_object *object;

		if (!snap->untracked_bytes[i])
			continue;
		object = json_new_object(json);
		json_put_word(json, object, "reason", region_reason_name(i));
		json_put_number(json, object, "bytes", snap->untracked_bytes[i]);
		json_append(json, array, object);
	}
	return array;
}

static void put_method(struct json *json, struct json_object *object,
		       const struct snapshot_region *region)
{
	uint64_t since_sample = region->since_sample;
	bool armed = region->method != METHOD_NONE;

	json_put_word(json, object, "method", region_method_name(region->method));
	json_put_word(json, object, "sees", armed ? region_sees_name(region->sees) : NULL);
	json_put_number_if(json, object, "unit_bytes",
			   armed && region->unit_bytes ? &region->unit_bytes : NULL);
	json_put_number_if(json, object, "since_sample", armed ? &since_sample : NULL);
}

static void put_median(struct json *json, struct json_object *object,
		       const struct snapshot_region *region)
{
	const struct figures *figures = &region->figures;

	if (!region->ages || figures->idle_median_ns < 0) {
		json_put_null(json, object, "idle_median_seconds");
		json_put_null(json, object, "idle_median_since_start");
		return;
	}
	json_put_seconds(json, object, "idle_median_seconds", figures->idle_median_ns);
	json_put_bool(json, object, "idle_median_since_start", figures->idle_median_since_start);
}

/* Of a region of which only writes are seen, hot is what was written. */
static void put_region_figures(struct json *json, struct json_object *object,
			       const struct snapshot_region *region)
{
	const struct figures *figures = &region->figures;
	struct shown shown = { 0 };

	if (buckets_known(region)) {
		shown.hot = &figures->hot_bytes;
		shown.zero = &figures->zero_bytes;
		shown.huge = &figures->huge_bytes;
	}
	if (buckets_hot(region) && region->ages) {
		shown.warm = &figures->warm_bytes;
		shown.cold = &figures->cold_bytes;
	}
	if (buckets_known(region) && !buckets_hot(region)) {
		shown.written = &figures->hot_bytes;
	} else if (region->told_apart) {
		shown.written = &figures->written_bytes;
		shown.only_read = &figures->only_read_bytes;
	}
	put_shown(json, object, &shown);
}

/* Lists side by side: shorter than a list of objects. */
static struct json_object *new_cells(struct json *json, const struct cells *cells)
{
	struct json_object *object = json_new_object(json);
	struct json_object *resident = json_new_array(json), *hot = json_new_array(json);
	struct json_object *idle = json_new_array(json);

	for (unsigned int i = 0; i < cells->nr; i++) {
		const struct cell *cell = &cells->at[i];

		json_append_number(json, resident, cell->resident_bytes);
		json_append_number(json, hot, cell->hot_bytes);
		json_append_seconds_if(json, idle, cell->idle_ns < 0 ? NULL : &cell->idle_ns);
	}
	json_put_number(json, object, "cell_bytes", cells->cell_bytes);
	json_put(json, object, "resident_bytes", resident);
	json_put(json, object, "hot_bytes", hot);
	json_put(json, object, "idle_seconds", idle);
	return object;
}

static struct json_object *new_region(struct json *json, const struct output *out,
				      const struct snapshot *snap,
				      const struct snapshot_region *region)
{
	bool known = buckets_known(region), ages = known && region->ages;
	struct json_object *object = json_new_object(json);

	json_put_addr(json, object, "start", region->range.start);
	json_put_addr(json, object, "end", region->range.end);
	json_put_text(json, object, "name", region->name);
	json_put_word(json, object, "kind", region_kind_name(region->kind));
	put_method(json, object, region);
	json_put_word(json, object, "reason",
		      region->reason == REASON_NONE ? NULL : region_reason_name(region->reason));
	json_put_number(json, object, "resident_bytes", region->resident_bytes);
	json_put_number(json, object, "tracked_bytes",
			region->resident_bytes - region->untracked_bytes);
	json_put_number(json, object, "untracked_bytes", region->untracked_bytes);
	json_put_number(json, object, "swapped_bytes", region->figures.swapped_bytes);
	put_region_figures(json, object, region);
	put_median(json, object, region);
	json_put_histograms(json, object, out, snap,
			    &(struct json_known){ .figures = known ? &region->figures : NULL,
						  .ages = ages,
						  .retouched = ages });
	if (out->info.cells)
		json_put(json, object, "cells",
			 region->cells ? new_cells(json, region->cells) : NULL);
	return object;
}

static struct json_object *new_regions(struct json *json, const struct output *out,
				       const struct snapshot *snap)
{
	struct json_object *array = json_new_array(json);

	for (unsigned int i = 0; i < snap->nr_regions; i++)
		json_append(json, array, new_region(json, out, snap, &snap->regions[i]));
	return array;
}

static struct json_object *new_cost(struct json *json, const struct cost *cost)
{
	struct json_object *object = json_new_object(json);

	json_put_seconds(json, object, "ioctl_seconds", cost->ioctl_ns);
	json_put_number(json, object, "faults", cost->faults);
	json_put_seconds(json, object, "stopped_seconds", cost->stopped_ns);
	json_put_number(json, object, "stops", cost->stops);
	json_put_seconds(json, object, "longest_stop_seconds", cost->longest_stop_ns);
	json_put_seconds(json, object, "wsstat_cpu_seconds", cost->cpu_ns);
	if (cost->target_cpu_known)
		json_put_seconds(json, object, "target_cpu_seconds", cost->target_cpu_ns);
	json_put_number(json, object, "lost_access_bound", cost->lost_access_bound_bytes);
	return object;
}

static void put_edges(struct json *json, struct json_object *object, const struct edges *edges)
{
	struct json_object *array = json_new_array(json);

	for (unsigned int i = 0; i < edges->nr; i++)
		json_append(json, array, json_new_seconds(json, edges->ns[i]));
	json_put(json, object, "edges_seconds", array);
}

/* What was asked for; the method that each region then has stands in the samples. */
static void put_asked(struct json *json, struct json_object *line, const struct run_info *info)
{
	bool automatic = info->method == METHOD_NONE;
	enum region_sees sees = info->method == METHOD_WP ? SEES_WRITES : SEES_READS_WRITES;

	json_put_word(json, line, "method", automatic ? "auto" : region_method_name(info->method));
	json_put_word(json, line, "sees", automatic ? NULL : region_sees_name(sees));
	json_put_bool(json, line, "exact", info->exact);
	json_put_bool(json, line, "soft_dirty", info->soft_dirty);
}

static int json_header(struct output *out, const struct run_info *info)
{
	struct json json = { 0 };
	struct json_object *line = json_new_line(&json, "header");

	json_put_text(&json, line, "version", info->version);
	json_put_text(&json, line, "kernel", info->kernel);
	json_put_time(&json, line, info->wall_ns);
	json_put_number(&json, line, "pid", (uint64_t)info->pid);
	json_put_text(&json, line, "comm", info->comm);
	if (info->parent_pid)
		json_put_number(&json, line, "parent_pid", (uint64_t)info->parent_pid);
	json_put_word(&json, line, "mode", info->launched ? "launch" : "attach");
	json_put_seconds(&json, line, "interval_seconds", info->interval_ns);
	json_put_seconds(&json, line, "cold_after_seconds", info->cold_after_ns);
	put_edges(&json, line, info->edges);
	json_put_number(&json, line, "page_bytes", PAGE_BYTES);
	put_asked(&json, line, info);
	json_put_seconds(&json, line, "stopped_seconds", info->stopped_ns);
	return json_end_line(out, &json, line);
}

/* Which sample of what, and when. */
static void put_sample_head(struct json *json, struct json_object *line,
			    const struct snapshot *snap)
{
	json_put_number(json, line, "sample", snap->sample);
	json_put_time(json, line, snap->wall_ns);
	json_put_seconds(json, line, "elapsed_seconds", snap->elapsed_ns);
	json_put_seconds(json, line, "observed_seconds", snap->observed_ns);
	json_put_seconds(json, line, "window_seconds", snap->window_ns);
	json_put_seconds(json, line, "late_seconds", snap->late_ns);
	json_put_number(json, line, "pid", (uint64_t)snap->pid);
	json_put_text(json, line, "comm", snap->comm);
}

/* Why figures of reads and writes are null; NULL when none is. */
static const char *figures_reason(bool tracked, bool ages)
{
	if (!tracked)
		return WORDS_NOTHING_SEEN;
	return ages ? NULL : WORDS_NO_AGES;
}

/* hot, warm and cold are of the regions whose reads and writes are seen. */
static void put_sample_figures(struct json *json, struct json_object *line,
			       const struct snapshot *snap)
{
	const struct figures *figures = &snap->figures;
	const uint64_t zero_bytes = figures->zero_bytes + snap->writes.zero_bytes;
	const uint64_t huge_bytes = figures->huge_bytes + snap->writes.huge_bytes;
	bool told_apart = snap->tracked && snap->told_apart;
	bool some = snap->tracked || snap->writes_only;
	const struct shown shown = {
		.hot = snap->tracked ? &figures->hot_bytes : NULL,
		.warm = snap->ages ? &figures->warm_bytes : NULL,
		.cold = snap->ages ? &figures->cold_bytes : NULL,
		.written = told_apart ? &figures->written_bytes : NULL,
		.only_read = told_apart ? &figures->only_read_bytes : NULL,
		.zero = some ? &zero_bytes : NULL,
		.huge = some ? &huge_bytes : NULL,
	};

	put_shown(json, line, &shown);
	json_put_word(json, line, "reason", figures_reason(snap->tracked, snap->ages));
}

/* How full the huge pages were that --exact split. */
static void put_exact(struct json *json, struct json_object *line, const struct output *out,
		      const struct snapshot *snap)
{
	bool exact = out->info.exact;

	json_put_number_if(json, line, "huge_backed_bytes",
			   exact ? &snap->huge_backed_bytes : NULL);
	json_put_number_if(json, line, "huge_touched_bytes",
			   exact ? &snap->huge_touched_bytes : NULL);
}

/* What only whole mappings know is null in parts of them. */
static struct json_object *new_group(struct json *json, const struct output *out,
				     const struct snapshot *snap, const struct group *group)
{
	const struct figures *figures = &group->figures;
	const bool known = group->method != METHOD_NONE, hot = group->sees == SEES_READS_WRITES;
	const bool ages = known && group->ages;
	struct json_object *object = json_new_object(json);

	json_put_text(json, object, "name", group->name);
	json_put_text(json, object, "object", group->object);
	json_put_number_if(json, object, "size_bytes",
			   group->object && group->size_bytes ? &group->size_bytes : NULL);
	json_put_word(json, object, "method", region_method_name(group->method));
	json_put_word(json, object, "sees", known ? region_sees_name(group->sees) : NULL);
	json_put_word(json, object, "reason",
		      group->reason == REASON_NONE ? NULL : region_reason_name(group->reason));
	json_put_number(json, object, "resident_bytes", group->resident_bytes);
	json_put_number(json, object, "tracked_bytes", figures->tracked_bytes);
	json_put_number_if(json, object, "swapped_bytes",
			   group->whole ? &figures->swapped_bytes : NULL);
	json_put_number_if(json, object, "hot_bytes", known ? &figures->hot_bytes : NULL);
	json_put_number_if(json, object, "warm_bytes", ages && hot ? &figures->warm_bytes : NULL);
	json_put_number_if(json, object, "cold_bytes", ages && hot ? &figures->cold_bytes : NULL);
	json_put_histograms(json, object, out, snap,
			    &(struct json_known){ .figures = known ? figures : NULL,
						  .ages = ages,
						  .retouched = ages && group->whole });
	return object;
}

static void put_groups(struct json *json, struct json_object *line, const struct output *out,
		       const struct snapshot *snap)
{
	struct json_object *array = json_new_array(json);

	for (size_t i = 0; i < snap->groups->nr; i++)
		json_append(json, array, new_group(json, out, snap, &snap->groups->at[i]));
	json_put_word(json, line, "by", groups_by_name(snap->groups->by));
	json_put(json, line, "groups", array);
}

static int json_sample(struct output *out, const struct snapshot *snap)
{
	struct json json = { 0 };
	struct json_object *line = json_new_line(&json, "sample");

	put_sample_head(&json, line, snap);
	json_put_number(&json, line, "resident_bytes", snap->resident_bytes);
	json_put_number(&json, line, "tracked_bytes", snap->tracked_bytes);
	json_put_number(&json, line, "untracked_bytes", snap->resident_bytes - snap->tracked_bytes);
	json_put_number(&json, line, "swapped_bytes", snap->swapped_bytes);
	put_sample_figures(&json, line, snap);
	put_exact(&json, line, out, snap);
	json_put(&json, line, "untracked", new_untracked(&json, snap));
	json_put(&json, line, "writes_only", new_writes_only(&json, out, snap));
	json_put_histograms(&json, line, out, snap,
			    &(struct json_known){ .figures = snap->tracked ? &snap->figures : NULL,
						  .ages = snap->ages,
						  .retouched = snap->ages });
	json_put_coldness(&json, line, snap, snap->ages ? &snap->figures : NULL);
	json_put(&json, line, "regions", new_regions(&json, out, snap));
	json_put(&json, line, "cost", new_cost(&json, &snap->cost));
	if (snap->groups)
		put_groups(&json, line, out, snap);
	if (snap->decision)
		json_put_decision(&json, line, snap->ages ? snap->decision : NULL);
	return json_end_line(out, &json, line);
}

static int json_event(struct output *out, const struct event *event)
{
	struct json json = { 0 };
	struct json_object *line = json_new_line(&json, "event");

	json_put_word(&json, line, "event", event_name(event->kind));
	json_put_time(&json, line, event->wall_ns);
	json_put_seconds(&json, line, "elapsed_seconds", event->elapsed_ns);
	json_put_number(&json, line, "sample", event->sample);
	json_put_number(&json, line, "pid", (uint64_t)event->pid);
	if (event->child_pid)
		json_put_number(&json, line, "child_pid", (uint64_t)event->child_pid);
	if (range_empty(event->range)) {
		json_put_null(&json, line, "start");
		json_put_null(&json, line, "end");
	} else {
		json_put_addr(&json, line, "start", event->range.start);
		json_put_addr(&json, line, "end", event->range.end);
	}
	json_put_text(&json, line, "name", event->name);
	json_put_text(&json, line, "text", event->text);
	return json_end_line(out, &json, line);
}

/* Why the summary lacks hot or cold bytes; NULL when it has them. */
static const char *summary_reason(const struct run_summary *summary)
{
	return summary->samples ? figures_reason(summary->tracked, summary->ages) : WORDS_NO_SAMPLE;
}

static void put_summary_figures(struct json *json, struct json_object *line,
				const struct run_summary *summary)
{
	bool some = summary->samples, hot = some && summary->tracked, cold = hot && summary->ages;
	bool written = some && summary->writes;

	json_put_number_if(json, line, "resident_max_bytes",
			   some ? &summary->resident_max_bytes : NULL);
	json_put_number_if(json, line, "hot_mean_bytes", hot ? &summary->hot_mean_bytes : NULL);
	json_put_number_if(json, line, "hot_min_bytes", hot ? &summary->hot_min_bytes : NULL);
	json_put_number_if(json, line, "hot_max_bytes", hot ? &summary->hot_max_bytes : NULL);
	json_put_number_if(json, line, "cold_mean_bytes", cold ? &summary->cold_mean_bytes : NULL);
	json_put_word(json, line, "reason", summary_reason(summary));
	json_put_number_if(json, line, "written_mean_bytes",
			   written ? &summary->written_mean_bytes : NULL);
	json_put_number_if(json, line, "written_max_bytes",
			   written ? &summary->written_max_bytes : NULL);
}

/* What became of the huge pages that --exact split. */
static void put_collapsed(struct json *json, struct json_object *line, const struct output *out,
			  const struct run_summary *summary)
{
	bool exact = out->info.exact;

	json_put_number_if(json, line, "split_bytes", exact ? &summary->split_bytes : NULL);
	json_put_number_if(json, line, "collapsed_bytes", exact ? &summary->collapsed_bytes : NULL);
}

static int json_summary(struct output *out, const struct run_summary *summary)
{
	struct json json = { 0 };
	struct json_object *line = json_new_line(&json, "summary");

	json_put_word(&json, line, "end", run_end_name(summary->end));
	json_put_time(&json, line, summary->wall_ns);
	json_put_seconds(&json, line, "elapsed_seconds", summary->elapsed_ns);
	json_put_number(&json, line, "pid", (uint64_t)summary->pid);
	json_put_text(&json, line, "comm", summary->comm);
	json_put_number(&json, line, "samples", summary->samples);
	json_put_number(&json, line, "late_samples", summary->late_samples);
	put_summary_figures(&json, line, summary);
	json_put_decision(&json, line, summary->ages ? summary->decision : NULL);
	put_collapsed(&json, line, out, summary);
	json_put_number(&json, line, "gone_regions", summary->gone_regions);
	json_put_number(&json, line, "gone_tracked_bytes", summary->gone_tracked_bytes);
	json_put(&json, line, "cost", new_cost(&json, &summary->cost));
	return json_end_line(out, &json, line);
}

static struct json_object *new_feature(struct json *json, const struct feature *feature)
{
	struct json_object *object = json_new_object(json);

	json_put_word(json, object, "name", feature->name);
	json_put_word(json, object, "answer", feature_answer_name(feature->answer));
	json_put_text(json, object, "reason", *feature->why ? feature->why : NULL);
	json_put_text(json, object, "remedy", *feature->remedy ? feature->remedy : NULL);
	return object;
}

static struct json_object *new_features(struct json *json, const struct feature *list)
{
	struct json_object *array = json_new_array(json);

	for (unsigned int i = 0; i < FEATURE_METHODS; i++)
		json_append(json, array, new_feature(json, &list[i]));
	return array;
}

static int json_features(struct output *out, const struct features *features)
{
	struct json json = { 0 };
	struct json_object *line = json_new_line(&json, "features");

	json_put_word(&json, line, "kernel", features->kernel);
	json_put(&json, line, "methods", new_features(&json, features->method));
	if (features->pid) {
		json_put_number(&json, line, "pid", (uint64_t)features->pid);
		json_put(&json, line, "attach", new_feature(&json, &features->attach));
		json_put(&json, line, "process_methods", new_features(&json, features->process));
	} else {
		json_put_null(&json, line, "pid");
		json_put_null(&json, line, "attach");
		json_put_null(&json, line, "process_methods");
	}
	return json_end_line(out, &json, line);
}

const struct output_ops output_json = {
	.name = "json",
	.header = json_header,
	.sample = json_sample,
	.event = json_event,
	.summary = json_summary,
	.pages = page_list_json,
	.features = json_features,
};
