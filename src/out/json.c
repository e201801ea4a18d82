/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * JSON Lines; doc/wsstat.schema.json is the contract.  Seconds are written from
 * the nanoseconds digit by digit, never through a double.  Bytes of names that
 * are no valid UTF-8, and control characters, are written as the four
 * characters \xNN (format_printable), so that every line is valid JSON.
 *
 * Any failure of json-c is want of memory: remembered in struct json, and told
 * once, when the line is complete.  (The one that json-c 0.16 itself overlooks is
 * that of growing the text of a line.)
 */
#include "config.h"

#include "out/output.h"

#include <errno.h>
#include <inttypes.h>
#include <json-c/json.h>

#include "base/clock.h"
#include "kernel/features.h"
#include "out/buckets.h"
#include "out/words.h"

#define SCHEMA "wsstat/1"

struct json {
	bool failed;
};

static struct json_object *checked(struct json *json, struct json_object *value)
{
	if (!value)
		json->failed = true;
	return value;
}

/* Takes value over; NULL is null.  Keys are literals and new: json-c need not copy or search. */
static void put(struct json *json, struct json_object *object, const char *key,
		struct json_object *value)
{
	const unsigned int flags = JSON_C_OBJECT_ADD_KEY_IS_NEW | JSON_C_OBJECT_KEY_IS_CONSTANT;

	if (object && !json_object_object_add_ex(object, key, value, flags))
		return;
	json->failed = true;
	json_object_put(value);
}

static void append(struct json *json, struct json_object *array, struct json_object *value)
{
	if (array && value && !json_object_array_add(array, value))
		return;
	json->failed = true;
	json_object_put(value);
}

static void put_null(struct json *json, struct json_object *object, const char *key)
{
	put(json, object, key, NULL);
}

static void put_number(struct json *json, struct json_object *object, const char *key,
		       uint64_t value)
{
	put(json, object, key, checked(json, json_object_new_uint64(value)));
}

static void put_bool(struct json *json, struct json_object *object, const char *key, bool value)
{
	put(json, object, key, checked(json, json_object_new_boolean(value)));
}

/* value NULL: null */
static void put_word(struct json *json, struct json_object *object, const char *key,
		     const char *value)
{
	put(json, object, key, value ? checked(json, json_object_new_string(value)) : NULL);
}

/* Text of the target or of the user.  value NULL: null */
static void put_text(struct json *json, struct json_object *object, const char *key,
		     const char *value)
{
	auto_free char *shown = value ? words_printable(value, true) : NULL;

	if (value && !shown)
		json->failed = true;
	put_word(json, object, key, shown);
}

static void put_number_if(struct json *json, struct json_object *object, const char *key,
			  const uint64_t *value)
{
	if (value)
		put_number(json, object, key, *value);
	else
		put_null(json, object, key);
}

/* "5.0", "0.000104": all digits that count, at least one behind the point. */
static struct json_object *new_seconds(int64_t ns)
{
	uint64_t magnitude_ns = ns < 0 ? -(uint64_t)ns : (uint64_t)ns;
	char text[FORMAT_LEN];
	int len;

	len = snprintf(text, sizeof(text), "%s%" PRIu64 ".%09" PRIu64, ns < 0 ? "-" : "",
		       magnitude_ns / CLOCK_NS_PER_S, magnitude_ns % CLOCK_NS_PER_S);
	while (text[len - 1] == '0' && text[len - 2] != '.')
		text[--len] = '\0';
	return json_object_new_double_s((double)ns / CLOCK_NS_PER_S, text);
}

static void put_seconds(struct json *json, struct json_object *object, const char *key, int64_t ns)
{
	put(json, object, key, checked(json, new_seconds(ns)));
}

static void put_addr(struct json *json, struct json_object *object, const char *key, uint64_t addr)
{
	char text[FORMAT_LEN];

	snprintf(text, sizeof(text), "0x%" PRIx64, addr);
	put_word(json, object, key, text);
}

static void put_time(struct json *json, struct json_object *object, int64_t wall_ns)
{
	char text[FORMAT_LEN];

	put_word(json, object, "time", format_time(text, wall_ns));
}

static struct json_object *new_object(struct json *json)
{
	return checked(json, json_object_new_object());
}

static struct json_object *new_array(struct json *json)
{
	return checked(json, json_object_new_array());
}

/* What every line begins with. */
static struct json_object *new_line(struct json *json, const char *type)
{
	struct json_object *line = new_object(json);

	put_word(json, line, "type", type);
	put_word(json, line, "schema", SCHEMA);
	return line;
}

/* Write the line and free it.  0 or -ENOMEM. */
static int end_line(struct output *out, struct json *json, struct json_object *line)
{
	const int flags = JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE;
	const char *text = NULL;
	size_t len;

	if (!json->failed)
		text = json_object_to_json_string_length(line, flags, &len);
	if (text) {
		fwrite(text, 1, len, out->stream);
		fputc('\n', out->stream);
	}
	json_object_put(line);
	return text ? 0 : -ENOMEM;
}

/* The keys of a list of buckets. */
struct bucket_keys {
	const char *ge, *lt;
};

static const struct bucket_keys idle_keys = { "ge_seconds", "lt_seconds" };
static const struct bucket_keys retouched_keys = { "idle_ge_seconds", "idle_lt_seconds" };

static struct json_object *new_bucket(struct json *json, const struct bucket *bucket,
				      const struct bucket_keys *keys)
{
	struct json_object *object = new_object(json);

	put_seconds(json, object, keys->ge, bucket->ge_ns);
	if (bucket->lt_ns == BUCKET_NO_END)
		put_null(json, object, keys->lt);
	else
		put_seconds(json, object, keys->lt, bucket->lt_ns);
	if (bucket->since_start)
		put_bool(json, object, "since_start", true);
	put_number(json, object, "bytes", bucket->bytes);
	return object;
}

static struct json_object *new_buckets(struct json *json, const struct bucket *list,
				       unsigned int nr, const struct bucket_keys *keys)
{
	struct json_object *array = new_array(json);

	for (unsigned int i = 0; i < nr; i++)
		append(json, array, new_bucket(json, &list[i], keys));
	return array;
}

static struct json_object *new_heat(struct json *json, const struct figures *figures)
{
	struct json_object *array = new_array(json);

	for (unsigned int n = HEAT_WINDOWS + 1; n-- > 0;) {
		struct json_object *object = new_object(json);

		put_number(json, object, "windows", n);
		put_number(json, object, "bytes", figures->heat_bytes[n]);
		append(json, array, object);
	}
	return array;
}

static void put_median(struct json *json, struct json_object *object, const struct figures *figures)
{
	bool some = figures && figures->idle_median_ns >= 0;

	if (some)
		put_seconds(json, object, "idle_median_seconds", figures->idle_median_ns);
	else
		put_null(json, object, "idle_median_seconds");
	if (some)
		put_bool(json, object, "idle_median_since_start", figures->idle_median_since_start);
	else
		put_null(json, object, "idle_median_since_start");
}

/* What a region and the whole target have in common.  figures NULL: not known. */
static void put_figures(struct json *json, struct json_object *object,
			const struct figures *figures)
{
	put_number_if(json, object, "hot_bytes", figures ? &figures->hot_bytes : NULL);
	put_number_if(json, object, "warm_bytes", figures ? &figures->warm_bytes : NULL);
	put_number_if(json, object, "cold_bytes", figures ? &figures->cold_bytes : NULL);
	put_number_if(json, object, "zero_page_bytes", figures ? &figures->zero_bytes : NULL);
	put_number_if(json, object, "huge_bytes", figures ? &figures->huge_bytes : NULL);
}

static void put_histograms(struct json *json, struct json_object *object, const struct output *out,
			   const struct figures *figures, int64_t observed_ns)
{
	struct bucket list[BUCKETS_MAX];
	unsigned int nr;

	if (!figures) {
		put_null(json, object, "idle");
		put_null(json, object, "heat");
		return;
	}
	nr = buckets_idle(out->info->edges, figures, observed_ns, list);
	put(json, object, "idle", new_buckets(json, list, nr, &idle_keys));
	put(json, object, "heat", new_heat(json, figures));
}

static void put_retouched(struct json *json, struct json_object *object, const struct output *out,
			  const struct snapshot *snap)
{
	struct bucket list[BUCKETS_MAX];
	unsigned int nr = buckets_retouched(out->info->edges, snap, list);

	if (snap->tracked)
		put(json, object, "retouched", new_buckets(json, list, nr, &retouched_keys));
	else
		put_null(json, object, "retouched");
}

/* No method that sees writes only exists yet: there are no such regions. */
static struct json_object *new_writes_only(struct json *json)
{
	struct json_object *object = new_object(json);

	put_number(json, object, "resident_bytes", 0);
	put_number(json, object, "written_bytes", 0);
	put(json, object, "idle", new_array(json));
	return object;
}

static struct json_object *new_untracked(struct json *json, const struct snapshot *snap)
{
	struct json_object *array = new_array(json);

	for (unsigned int i = REASON_NONE + 1; i < REASON_NR; i++) {
		struct json_object *object;

		if (!snap->untracked_bytes[i])
			continue;
		object = new_object(json);
		put_word(json, object, "reason", region_reason_name(i));
		put_number(json, object, "bytes", snap->untracked_bytes[i]);
		append(json, array, object);
	}
	return array;
}

static void put_method(struct json *json, struct json_object *object,
		       const struct snapshot_region *region)
{
	uint64_t since_sample = region->since_sample;
	bool armed = region->method != METHOD_NONE;

	put_word(json, object, "method", region_method_name(region->method));
	put_word(json, object, "sees", armed ? region_sees_name(region->sees) : NULL);
	put_number_if(json, object, "unit_bytes", armed ? &region->unit_bytes : NULL);
	put_number_if(json, object, "since_sample", armed ? &since_sample : NULL);
}

static struct json_object *new_region(struct json *json, const struct output *out,
				      const struct snapshot *snap,
				      const struct snapshot_region *region)
{
	const struct figures *figures = buckets_known(region) ? &region->figures : NULL;
	struct json_object *object = new_object(json);

	put_addr(json, object, "start", region->range.start);
	put_addr(json, object, "end", region->range.end);
	put_text(json, object, "name", region->name);
	put_word(json, object, "kind", region_kind_name(region->kind));
	put_method(json, object, region);
	put_word(json, object, "reason",
		 region->reason == REASON_NONE ? NULL : region_reason_name(region->reason));
	put_number(json, object, "resident_bytes", region->resident_bytes);
	put_number(json, object, "tracked_bytes", region->resident_bytes - region->untracked_bytes);
	put_number(json, object, "untracked_bytes", region->untracked_bytes);
	put_number(json, object, "swapped_bytes", region->figures.swapped_bytes);
	put_figures(json, object, figures);
	put_median(json, object, figures);
	put_histograms(json, object, out, figures, snap->observed_ns);
	return object;
}

static struct json_object *new_regions(struct json *json, const struct output *out,
				       const struct snapshot *snap)
{
	struct json_object *array = new_array(json);

	for (unsigned int i = 0; i < snap->nr_regions; i++)
		append(json, array, new_region(json, out, snap, &snap->regions[i]));
	return array;
}

static struct json_object *new_cost(struct json *json, const struct cost *cost)
{
	struct json_object *object = new_object(json);

	put_seconds(json, object, "ioctl_seconds", cost->ioctl_ns);
	put_number(json, object, "faults", cost->faults);
	put_seconds(json, object, "stopped_seconds", cost->stopped_ns);
	put_seconds(json, object, "wsstat_cpu_seconds", cost->cpu_ns);
	put_number(json, object, "lost_access_bound", cost->lost_access_bound_bytes);
	return object;
}

static void put_edges(struct json *json, struct json_object *object, const struct edges *edges)
{
	struct json_object *array = new_array(json);

	for (unsigned int i = 0; i < edges->nr; i++)
		append(json, array, new_seconds(edges->ns[i]));
	put(json, object, "edges_seconds", array);
}

static int json_header(struct output *out, const struct run_info *info)
{
	struct json json = { 0 };
	struct json_object *line = new_line(&json, "header");

	put_text(&json, line, "version", info->version);
	put_text(&json, line, "kernel", info->kernel);
	put_time(&json, line, info->wall_ns);
	put_number(&json, line, "pid", (uint64_t)info->pid);
	put_text(&json, line, "comm", info->comm);
	put_word(&json, line, "mode", info->launched ? "launch" : "attach");
	put_seconds(&json, line, "interval_seconds", info->interval_ns);
	put_seconds(&json, line, "cold_after_seconds", info->cold_after_ns);
	put_edges(&json, line, info->edges);
	put_number(&json, line, "page_bytes", PAGE_BYTES);
	put_word(&json, line, "method", region_method_name(info->method));
	put_word(&json, line, "sees", region_sees_name(SEES_READS_WRITES));
	put_seconds(&json, line, "stopped_seconds", info->stopped_ns);
	return end_line(out, &json, line);
}

/* Which sample of what, and when. */
static void put_sample_head(struct json *json, struct json_object *line,
			    const struct snapshot *snap)
{
	put_number(json, line, "sample", snap->sample);
	put_time(json, line, snap->wall_ns);
	put_seconds(json, line, "elapsed_seconds", snap->elapsed_ns);
	put_seconds(json, line, "observed_seconds", snap->observed_ns);
	put_seconds(json, line, "window_seconds", snap->window_ns);
	put_seconds(json, line, "late_seconds", snap->late_ns);
	put_number(json, line, "pid", (uint64_t)snap->pid);
	put_text(json, line, "comm", snap->comm);
}

static int json_sample(struct output *out, const struct snapshot *snap)
{
	const struct figures *figures = snap->tracked ? &snap->figures : NULL;
	uint64_t untracked_bytes = snap->resident_bytes - snap->figures.tracked_bytes;
	struct json json = { 0 };
	struct json_object *line = new_line(&json, "sample");

	put_sample_head(&json, line, snap);
	put_number(&json, line, "resident_bytes", snap->resident_bytes);
	put_number(&json, line, "tracked_bytes", snap->figures.tracked_bytes);
	put_number(&json, line, "untracked_bytes", untracked_bytes);
	put_number(&json, line, "swapped_bytes", snap->figures.swapped_bytes);
	put_figures(&json, line, figures);
	put_word(&json, line, "reason", snap->tracked ? NULL : WORDS_NOTHING_SEEN);
	put(&json, line, "untracked", new_untracked(&json, snap));
	put(&json, line, "writes_only", new_writes_only(&json));
	put_histograms(&json, line, out, figures, snap->observed_ns);
	put_retouched(&json, line, out, snap);
	put(&json, line, "regions", new_regions(&json, out, snap));
	put(&json, line, "cost", new_cost(&json, &snap->cost));
	return end_line(out, &json, line);
}

static int json_event(struct output *out, const struct event *event)
{
	struct json json = { 0 };
	struct json_object *line = new_line(&json, "event");

	put_word(&json, line, "event", event_name(event->kind));
	put_time(&json, line, event->wall_ns);
	put_seconds(&json, line, "elapsed_seconds", event->elapsed_ns);
	put_number(&json, line, "sample", event->sample);
	put_number(&json, line, "pid", (uint64_t)event->pid);
	if (range_empty(event->range)) {
		put_null(&json, line, "start");
		put_null(&json, line, "end");
	} else {
		put_addr(&json, line, "start", event->range.start);
		put_addr(&json, line, "end", event->range.end);
	}
	put_text(&json, line, "name", event->name);
	put_text(&json, line, "text", event->text);
	return end_line(out, &json, line);
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

	put_number_if(json, line, "resident_max_bytes", some ? &summary->resident_max_bytes : NULL);
	put_number_if(json, line, "hot_mean_bytes", reason ? NULL : &summary->hot_mean_bytes);
	put_number_if(json, line, "hot_min_bytes", reason ? NULL : &summary->hot_min_bytes);
	put_number_if(json, line, "hot_max_bytes", reason ? NULL : &summary->hot_max_bytes);
	put_number_if(json, line, "cold_mean_bytes", reason ? NULL : &summary->cold_mean_bytes);
	put_word(json, line, "reason", reason);
}

static int json_summary(struct output *out, const struct run_summary *summary)
{
	struct json json = { 0 };
	struct json_object *line = new_line(&json, "summary");

	put_word(&json, line, "end", run_end_name(summary->end));
	put_time(&json, line, summary->wall_ns);
	put_seconds(&json, line, "elapsed_seconds", summary->elapsed_ns);
	put_number(&json, line, "pid", (uint64_t)summary->pid);
	put_text(&json, line, "comm", summary->comm);
	put_number(&json, line, "samples", summary->samples);
	put_number(&json, line, "late_samples", summary->late_samples);
	put_summary_figures(&json, line, summary);
	put_number(&json, line, "gone_regions", summary->gone_regions);
	put_number(&json, line, "gone_tracked_bytes", summary->gone_tracked_bytes);
	put(&json, line, "cost", new_cost(&json, &summary->cost));
	return end_line(out, &json, line);
}

static struct json_object *feature_object(struct json *json, const char *name,
					  const struct feature *feature)
{
	struct json_object *object = new_object(json);

	put_word(json, object, "name", name);
	put_word(json, object, "answer", feature_answer_name(feature->answer));
	put_text(json, object, "reason", *feature->why ? feature->why : NULL);
	put_text(json, object, "remedy", *feature->remedy ? feature->remedy : NULL);
	return object;
}

static int json_features(struct output *out, const struct features *features)
{
	struct json json = { 0 };
	struct json_object *line = new_line(&json, "features");
	struct json_object *methods = checked(&json, json_object_new_array());

	put_word(&json, line, "kernel", features->kernel);
	append(&json, methods, feature_object(&json, "rwp", &features->rwp));
	put(&json, line, "methods", methods);
	if (features->pid) {
		put_number(&json, line, "pid", (uint64_t)features->pid);
		put(&json, line, "attach", feature_object(&json, "attach", &features->attach));
	} else {
		put_null(&json, line, "pid");
		put_null(&json, line, "attach");
	}
	return end_line(out, &json, line);
}

const struct output_ops output_json = {
	.name = "json",
	.header = json_header,
	.sample = json_sample,
	.event = json_event,
	.summary = json_summary,
	.features = json_features,
};
