/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * --record: JSON Lines with what the run's figures are computed from, so that --replay can
 * compute them once more (doc/recording).  Each record is written whole and at once.  What did
 * not change since the look before is left out.
 */
#include "config.h"

#include "out/record.h"

#include <errno.h>
#include <inttypes.h>
#include <json-c/json.h>
#include <string.h>

#include "base/escape.h"
#include "core/look.h"
#include "model/page_diff.h"
#include "out/json_write.h"
#include "out/output.h"
#include "out/pack.h"
#include "out/recorded.h"

/* Text of others: bytes that are no printable ASCII, and the backslash, as \xNN. */
static void put_bytes(struct json *json, struct json_object *object, const char *key,
		      const char *text)
{
	auto_free char *shown = text ? escape_bytes(text) : NULL;

	json->failed |= text && !shown;
	json_put_word(json, object, key, shown);
}

static void put_ns(struct json *json, struct json_object *object, const char *key, int64_t ns)
{
	json_put(json, object, key, json_object_new_int64(ns));
}

static struct json_object *new_line(struct json *json, const char *type, int pid)
{
	struct json_object *line = json_new_object(json);

	json_put_word(json, line, "type", type);
	json_put_number(json, line, "pid", (uint64_t)pid);
	return line;
}

/* "7f00a000-7f00b000 rw-p 00000000 00:00 0 [heap]" */
static struct json_object *new_mapping(struct json *json, const struct mapping *map)
{
	auto_free char *name = escape_bytes(map->name);
	struct json_object *value = NULL;
	char *line;

	if (name &&
	    asprintf(&line,
		     "%" PRIx64 "-%" PRIx64 " %c%c%c%c %08" PRIx64 " %02x:%02x %" PRIu64 " %s",
		     map->range.start, map->range.end, map->perms & PERM_READ ? 'r' : '-',
		     map->perms & PERM_WRITE ? 'w' : '-', map->perms & PERM_EXEC ? 'x' : '-',
		     map->perms & PERM_SHARED ? 's' : 'p', map->offset,
		     (unsigned int)(map->dev >> 32), (unsigned int)(map->dev & UINT32_MAX),
		     map->inode, name) >= 0) {
		value = json_object_new_string(line);
		free(line);
	}
	json->failed |= !value;
	return value;
}

static bool mapping_equal(const struct mapping *a, const struct mapping *b)
{
	return range_equal(a->range, b->range) && a->perms == b->perms && a->offset == b->offset &&
	       a->dev == b->dev && a->inode == b->inode && !strcmp(a->name, b->name);
}

static bool counts_equal(struct page_counts a, struct page_counts b)
{
	return a.untracked == b.untracked && a.swapped == b.swapped && a.referenced == b.referenced;
}

static void put_armed(struct json *json, struct json_object *object, const struct armed *armed)
{
	json_put_word(json, object, "armed", region_method_name(armed->method));
	json_put_word(json, object, "sees", region_sees_name(armed->sees));
	json_put_number(json, object, "unit_bytes", armed->unit_bytes);
	json_put_bool(json, object, "told_apart", armed->told_apart);
}

static void put_counts(struct json *json, struct json_object *object, struct page_counts counts)
{
	json_put_number(json, object, "untracked_pages", counts.untracked);
	json_put_number(json, object, "swapped_pages", counts.swapped);
	json_put_number(json, object, "referenced_pages", counts.referenced);
}

/* counts: as they were.  NULL: there is nothing to say. */
static struct json_object *new_answer(struct json *json, const struct mapping *map,
				      const struct answer *answer, struct page_counts counts)
{
	bool counted = !counts_equal(counts, answer->counts);
	struct json_object *object;

	if (answer->kind == ANSWER_KEPT && !answer->lost && !answer->unarmed && !counted)
		return NULL;
	object = json_new_object(json);
	json_put_addr(json, object, "start", map->range.start);
	if (answer->lost)
		json_put_bool(json, object, "lost", true);
	if (answer->kind == ANSWER_ARMED)
		put_armed(json, object, &answer->armed);
	else if (answer->kind == ANSWER_UNOBSERVED)
		json_put_word(json, object, "untracked", region_reason_name(answer->reason));
	if (answer->unarmed)
		json_put_bool(json, object, "unarmed", true);
	if (counted)
		put_counts(json, object, answer->counts);
	return object;
}

static void append_addr(struct json *json, struct json_object *array, uint64_t addr)
{
	char text[32];

	snprintf(text, sizeof(text), "%" PRIx64, addr);
	json_append(json, array, json_object_new_string(text));
}

/* What a look says, list by list; those that stay empty are left out. */
struct lists {
	struct json_object *unmapped, *mapped, *regions;
};

/* was: as the look before had it, or NULL. */
static void add_mapping(struct json *json, struct lists *lists, const struct known *was,
			struct known *is, const struct answer *answer)
{
	struct json_object *told;

	if (was && mapping_equal(&was->map, &is->map))
		is->counts = was->counts;
	else
		json_append(json, lists->mapped, new_mapping(json, &is->map));
	told = new_answer(json, &is->map, answer, is->counts);
	if (told)
		json_append(json, lists->regions, told);
	is->counts = answer->counts;
}

static void compare(struct json *json, struct lists *lists, const struct known_list *before,
		    struct known_list *now, const struct answer *answers)
{
	size_t b = 0, n = 0;

	while (b < before->nr || n < now->nr) {
		const struct known *was = b < before->nr ? &before->at[b] : NULL;
		struct known *is = n < now->nr ? &now->at[n] : NULL;

		if (was && is && was->map.range.start != is->map.range.start) {
			was = was->map.range.start < is->map.range.start ? was : NULL;
			is = was ? NULL : is;
		}
		if (is)
			add_mapping(json, lists, was, is, &answers[n]);
		else if (was)
			append_addr(json, lists->unmapped, was->map.range.start);
		b += was != NULL;
		n += is != NULL;
	}
}

static int copy_maps(struct known_list *list, const struct mapping_list *maps)
{
	*list = (struct known_list){ .at = calloc(maps->nr + 1, sizeof(*list->at)) };
	for (size_t i = 0; list->at && i < maps->nr; i++, list->nr++) {
		list->at[i].map = maps->at[i];
		list->at[i].map.name = strdup(maps->at[i].name);
		if (!list->at[i].map.name)
			return -ENOMEM;
	}
	return list->at ? 0 : -ENOMEM;
}

static void put_list(struct json *json, struct json_object *object, const char *key,
		     struct json_object *list)
{
	if (list && json_object_array_length(list))
		json_put(json, object, key, list);
	else
		json_object_put(list);
}

static int put_pages(struct json *json, struct json_object *object, const struct seen_pages *before,
		     const struct seen_pages *now)
{
	struct diff_text text = { 0 };
	auto_free char *packed = NULL;
	int rc = page_diff_make(&text, before, now);

	if (!rc && text.len) {
		packed = pack_text(text.bytes, text.len);
		rc = packed ? 0 : -ENOMEM;
		json_put_word(json, object, "pages", packed);
	}
	diff_text_free(&text);
	return rc;
}

static bool owners_equal(const struct owners *a, const struct owners *b)
{
	if (a->nr != b->nr)
		return false;
	for (size_t i = 0; i < a->nr; i++)
		if (a->at[i].start != b->at[i].start || a->at[i].tid != b->at[i].tid ||
		    strcmp(a->at[i].comm, b->at[i].comm) != 0)
			return false;
	return true;
}

/* All of them, where any is another than before. */
static int put_owners(struct json *json, struct json_object *object, struct owners *before,
		      const struct owners *now)
{
	struct json_object *array;

	if (owners_equal(before, now))
		return 0;
	array = json_new_array(json);
	before->nr = 0;
	for (size_t i = 0; i < now->nr; i++) {
		struct json_object *owner = json_new_object(json);

		json_put_addr(json, owner, "start", now->at[i].start);
		json_put_number(json, owner, "tid", (uint64_t)now->at[i].tid);
		put_bytes(json, owner, "comm", now->at[i].comm);
		json_append(json, array, owner);
		if (owners_add(before, &now->at[i]))
			return -ENOMEM;
	}
	json_put(json, object, "stacks", array);
	return 0;
}

static int add_look(struct recorded *recorded, const struct look *look)
{
	struct json *json = &recorded->json;
	struct json_object *object = json_new_object(json);
	struct lists lists = { json_new_array(json), json_new_array(json), json_new_array(json) };
	struct known_list now;
	int rc = copy_maps(&now, look->maps);

	if (!rc)
		compare(json, &lists, &recorded->known, &now, look->answer);
	put_list(json, object, "unmapped", lists.unmapped);
	put_list(json, object, "mapped", lists.mapped);
	put_list(json, object, "regions", lists.regions);
	if (!rc)
		rc = put_pages(json, object, &recorded->pages, &look->bits);
	if (!rc)
		rc = put_owners(json, object, &recorded->owners, look->owners);
	known_free(&recorded->known);
	recorded->known = now;
	json_append(json, recorded->looks, object);
	return rc || json->failed ? -ENOMEM : 0;
}

static int record_look(struct output *out, int pid, struct look *look)
{
	struct recorded *recorded = recorded_get(&out->recorded, pid);
	int rc;

	if (!recorded)
		return -ENOMEM;
	if (!recorded->looks)
		recorded->looks = json_new_array(&recorded->json);
	rc = add_look(recorded, look);
	seen_pages_free(&recorded->pages);
	recorded->pages = look->bits;
	look->bits = (struct seen_pages){ 0 };
	return rc;
}

/* The looks since the last record go with this one. */
static void put_looks(struct json *json, struct json_object *line, struct recorded *recorded)
{
	if (!recorded)
		return;
	json->failed |= recorded->json.failed;
	json_put(json, line, "looks", recorded->looks);
	recorded->looks = NULL;
}

static int record_armed(struct output *out, int pid)
{
	struct json json = { 0 };
	struct json_object *line = new_line(&json, "armed", pid);

	put_looks(&json, line, recorded_find(out->recorded, pid));
	return json_end_line(out, &json, line);
}

static void put_ages(struct json *json, struct json_object *line, const struct edges *ages)
{
	struct json_object *array;

	if (!ages) {
		json_put_null(json, line, "ages_ns");
		return;
	}
	array = json_new_array(json);
	for (unsigned int i = 0; i < ages->nr; i++)
		json_append(json, array, json_object_new_int64(ages->ns[i]));
	json_put(json, line, "ages_ns", array);
}

static int record_header(struct output *out, const struct run_info *info)
{
	struct json json = { 0 };
	struct json_object *line = new_line(&json, "header", info->pid);

	json_put_word(&json, line, "schema", RECORD_SCHEMA);
	json_put_word(&json, line, "version", info->version);
	put_bytes(&json, line, "kernel", info->kernel);
	put_bytes(&json, line, "comm", info->comm);
	json_put_number(&json, line, "parent_pid", (uint64_t)info->parent_pid);
	json_put_bool(&json, line, "several", info->several);
	json_put_bool(&json, line, "launched", info->launched);
	put_ns(&json, line, "wall_ns", info->wall_ns);
	put_ns(&json, line, "interval_ns", info->interval_ns);
	put_ns(&json, line, "cold_after_ns", info->cold_after_ns);
	put_ages(&json, line, info->ages_given ? info->edges : NULL);
	json_put_number(&json, line, "slo_millionths_of_percent", info->slo);
	json_put_word(&json, line, "method", region_method_name(info->method));
	json_put_bool(&json, line, "exact", info->exact);
	json_put_bool(&json, line, "soft_dirty", info->soft_dirty);
	put_ns(&json, line, "stopped_ns", info->stopped_ns);
	return json_end_line(out, &json, line);
}

static void put_cost(struct json *json, struct json_object *line, const struct cost *cost)
{
	struct json_object *parts = json_new_object(json);

	put_ns(json, parts, "ioctl_ns", cost->ioctl_ns);
	put_ns(json, parts, "cpu_ns", cost->cpu_ns);
	if (cost->target_cpu_known)
		put_ns(json, parts, "target_cpu_ns", cost->target_cpu_ns);
	put_ns(json, parts, "stopped_ns", cost->stopped_ns);
	put_ns(json, parts, "longest_stop_ns", cost->longest_stop_ns);
	json_put_number(json, parts, "stops", cost->stops);
	json_put(json, line, "cost", parts);
}

static int record_sample(struct output *out, const struct snapshot *snap)
{
	struct json json = { 0 };
	struct json_object *line = new_line(&json, "sample", snap->pid);

	json_put_number(&json, line, "sample", snap->sample);
	put_bytes(&json, line, "comm", snap->comm);
	put_ns(&json, line, "wall_ns", snap->wall_ns);
	put_ns(&json, line, "elapsed_ns", snap->elapsed_ns);
	put_ns(&json, line, "observed_ns", snap->observed_ns);
	put_ns(&json, line, "nominal_ns", snap->nominal_ns);
	put_ns(&json, line, "window_ns", snap->window_ns);
	put_ns(&json, line, "late_ns", snap->late_ns);
	json_put_number(&json, line, "huge_backed_bytes", snap->huge_backed_bytes);
	json_put_number(&json, line, "huge_touched_bytes", snap->huge_touched_bytes);
	put_cost(&json, line, &snap->cost);
	put_looks(&json, line, recorded_find(out->recorded, snap->pid));
	return json_end_line(out, &json, line);
}

static int record_event(struct output *out, const struct event *event)
{
	struct json json = { 0 };
	struct json_object *line = new_line(&json, "event", event->pid);

	json_put_word(&json, line, "event", event_name(event->kind));
	json_put_number(&json, line, "child_pid", (uint64_t)event->child_pid);
	json_put_number(&json, line, "sample", event->sample);
	put_ns(&json, line, "wall_ns", event->wall_ns);
	put_ns(&json, line, "elapsed_ns", event->elapsed_ns);
	json_put_addr(&json, line, "start", event->range.start);
	json_put_addr(&json, line, "end", event->range.end);
	put_bytes(&json, line, "name", event->name);
	put_bytes(&json, line, "text", event->text);
	return json_end_line(out, &json, line);
}

static int record_summary(struct output *out, const struct run_summary *summary)
{
	struct json json = { 0 };
	struct json_object *line = new_line(&json, "summary", summary->pid);

	json_put_word(&json, line, "end", run_end_name(summary->end));
	put_bytes(&json, line, "comm", summary->comm);
	put_ns(&json, line, "wall_ns", summary->wall_ns);
	put_ns(&json, line, "elapsed_ns", summary->elapsed_ns);
	json_put_number(&json, line, "split_bytes", summary->split_bytes);
	json_put_number(&json, line, "collapsed_bytes", summary->collapsed_bytes);
	put_cost(&json, line, &summary->cost);
	recorded_drop(&out->recorded, summary->pid);
	return json_end_line(out, &json, line);
}

static void record_close(struct output *out)
{
	while (out->recorded)
		recorded_drop(&out->recorded, out->recorded->pid);
}

const struct output_ops output_record = {
	.name = "record",
	.header = record_header,
	.sample = record_sample,
	.event = record_event,
	.summary = record_summary,
	.look = record_look,
	.armed = record_armed,
	.close = record_close,
};
