/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * JSON Lines; doc/wsstat.schema.json is the contract.  A figure that is not known
 * is null, never 0.
 */
#include "config.h"

#include "out/output.h"

#include "kernel/features.h"
#include "out/buckets.h"
#include "out/json_write.h"
#include "out/words.h"

/* The keys of a list of buckets. */
struct bucket_keys {
	const char *ge, *lt;
};

static const struct bucket_keys idle_keys = { "ge_seconds", "lt_seconds" };
static const struct bucket_keys retouched_keys = { "idle_ge_seconds", "idle_lt_seconds" };

static struct json_object *new_bucket(struct json *json, const struct bucket *bucket,
				      const struct bucket_keys *keys)
{
	struct json_object *object = json_new_object(json);

	json_put_seconds(json, object, keys->ge, bucket->ge_ns);
	if (bucket->lt_ns == BUCKET_NO_END)
		json_put_null(json, object, keys->lt);
	else
		json_put_seconds(json, object, keys->lt, bucket->lt_ns);
	if (bucket->since_start)
		json_put_bool(json, object, "since_start", true);
	json_put_number(json, object, "bytes", bucket->bytes);
	return object;
}

static struct json_object *new_buckets(struct json *json, const struct bucket *list,
				       unsigned int nr, const struct bucket_keys *keys)
{
	struct json_object *array = json_new_array(json);

	for (unsigned int i = 0; i < nr; i++)
		json_append(json, array, new_bucket(json, &list[i], keys));
	return array;
}

static struct json_object *new_heat(struct json *json, const struct figures *figures)
{
	struct json_object *array = json_new_array(json);

	for (unsigned int n = HEAT_WINDOWS + 1; n-- > 0;) {
		struct json_object *object = json_new_object(json);

		json_put_number(json, object, "windows", n);
		json_put_number(json, object, "bytes", figures->heat_bytes[n]);
		json_append(json, array, object);
	}
	return array;
}

static void put_median(struct json *json, struct json_object *object, const struct figures *figures)
{
	bool some = figures && figures->idle_median_ns >= 0;

	if (some)
		json_put_seconds(json, object, "idle_median_seconds", figures->idle_median_ns);
	else
		json_put_null(json, object, "idle_median_seconds");
	if (some)
		json_put_bool(json, object, "idle_median_since_start",
			      figures->idle_median_since_start);
	else
		json_put_null(json, object, "idle_median_since_start");
}

/* What a region and the whole target have in common.  figures NULL: not known. */
static void put_figures(struct json *json, struct json_object *object,
			const struct figures *figures)
{
	json_put_number_if(json, object, "hot_bytes", figures ? &figures->hot_bytes : NULL);
	json_put_number_if(json, object, "warm_bytes", figures ? &figures->warm_bytes : NULL);
	json_put_number_if(json, object, "cold_bytes", figures ? &figures->cold_bytes : NULL);
	json_put_number_if(json, object, "zero_page_bytes", figures ? &figures->zero_bytes : NULL);
	json_put_number_if(json, object, "huge_bytes", figures ? &figures->huge_bytes : NULL);
}

static void put_histograms(struct json *json, struct json_object *object, const struct output *out,
			   const struct figures *figures, int64_t observed_ns)
{
	struct bucket list[BUCKETS_MAX];
	unsigned int nr;

	if (!figures) {
		json_put_null(json, object, "idle");
		json_put_null(json, object, "heat");
		return;
	}
	nr = buckets_idle(out->info->edges, figures, observed_ns, list);
	json_put(json, object, "idle", new_buckets(json, list, nr, &idle_keys));
	json_put(json, object, "heat", new_heat(json, figures));
}

static void put_retouched(struct json *json, struct json_object *object, const struct output *out,
			  const struct snapshot *snap)
{
	struct bucket list[BUCKETS_MAX];
	unsigned int nr = buckets_retouched(out->info->edges, snap, list);

	if (snap->tracked)
		json_put(json, object, "retouched", new_buckets(json, list, nr, &retouched_keys));
	else
		json_put_null(json, object, "retouched");
}

/* No method that sees writes only exists yet: there are no such regions. */
static struct json_object *new_writes_only(struct json *json)
{
	struct json_object *object = json_new_object(json);

	json_put_number(json, object, "resident_bytes", 0);
	json_put_number(json, object, "written_bytes", 0);
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
	json_put_number_if(json, object, "unit_bytes", armed ? &region->unit_bytes : NULL);
	json_put_number_if(json, object, "since_sample", armed ? &since_sample : NULL);
}

static struct json_object *new_region(struct json *json, const struct output *out,
				      const struct snapshot *snap,
				      const struct snapshot_region *region)
{
	const struct figures *figures = buckets_known(region) ? &region->figures : NULL;
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
	put_figures(json, object, figures);
	put_median(json, object, figures);
	put_histograms(json, object, out, figures, snap->observed_ns);
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
	json_put_seconds(json, object, "wsstat_cpu_seconds", cost->cpu_ns);
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

static int json_header(struct output *out, const struct run_info *info)
{
	struct json json = { 0 };
	struct json_object *line = json_new_line(&json, "header");

	json_put_text(&json, line, "version", info->version);
	json_put_text(&json, line, "kernel", info->kernel);
	json_put_time(&json, line, info->wall_ns);
	json_put_number(&json, line, "pid", (uint64_t)info->pid);
	json_put_text(&json, line, "comm", info->comm);
	json_put_word(&json, line, "mode", info->launched ? "launch" : "attach");
	json_put_seconds(&json, line, "interval_seconds", info->interval_ns);
	json_put_seconds(&json, line, "cold_after_seconds", info->cold_after_ns);
	put_edges(&json, line, info->edges);
	json_put_number(&json, line, "page_bytes", PAGE_BYTES);
	json_put_word(&json, line, "method", region_method_name(info->method));
	json_put_word(&json, line, "sees", region_sees_name(SEES_READS_WRITES));
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

static int json_sample(struct output *out, const struct snapshot *snap)
{
	const struct figures *figures = snap->tracked ? &snap->figures : NULL;
	uint64_t untracked_bytes = snap->resident_bytes - snap->figures.tracked_bytes;
	struct json json = { 0 };
	struct json_object *line = json_new_line(&json, "sample");

	put_sample_head(&json, line, snap);
	json_put_number(&json, line, "resident_bytes", snap->resident_bytes);
	json_put_number(&json, line, "tracked_bytes", snap->figures.tracked_bytes);
	json_put_number(&json, line, "untracked_bytes", untracked_bytes);
	json_put_number(&json, line, "swapped_bytes", snap->figures.swapped_bytes);
	put_figures(&json, line, figures);
	json_put_word(&json, line, "reason", snap->tracked ? NULL : WORDS_NOTHING_SEEN);
	json_put(&json, line, "untracked", new_untracked(&json, snap));
	json_put(&json, line, "writes_only", new_writes_only(&json));
	put_histograms(&json, line, out, figures, snap->observed_ns);
	put_retouched(&json, line, out, snap);
	json_put(&json, line, "regions", new_regions(&json, out, snap));
	json_put(&json, line, "cost", new_cost(&json, &snap->cost));
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

/* Why the summary has no hot and cold bytes; NULL when it has. */
static const char *summary_reason(const struct run_summary *summary)
{
	if (!summary->samples)
		return WORDS_NO_SAMPLE;
	return summary->tracked ? NULL : WORDS_NOTHING_SEEN;
}

static void put_summary_figures(struct json *json, struct json_object *line,
				const struct run_summary *summary)
{
	const char *reason = summary_reason(summary);
	bool some = summary->samples;

	json_put_number_if(json, line, "resident_max_bytes",
			   some ? &summary->resident_max_bytes : NULL);
	json_put_number_if(json, line, "hot_mean_bytes", reason ? NULL : &summary->hot_mean_bytes);
	json_put_number_if(json, line, "hot_min_bytes", reason ? NULL : &summary->hot_min_bytes);
	json_put_number_if(json, line, "hot_max_bytes", reason ? NULL : &summary->hot_max_bytes);
	json_put_number_if(json, line, "cold_mean_bytes",
			   reason ? NULL : &summary->cold_mean_bytes);
	json_put_word(json, line, "reason", reason);
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
	.features = json_features,
};
