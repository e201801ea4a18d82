/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Anybody may have written the file: every value is checked for its type and its bounds.  What
 * is not known here is passed over, for later versions may add to it.
 */
#include "config.h"

#include <errno.h>
#include <json-c/json.h>
#include <string.h>

#include "base/units.h"
#include "out/json_read.h"
#include "out/record.h"
#include "out/record_look.h"
#include "out/recorded.h"

#define DEPTH 16 /* of a line: more than any has */

struct record_reader {
	FILE *file;
	const char *name;
	char *line;
	size_t cap;
	unsigned long nr_line;
	bool cut;
	struct json_tokener *tokener;
	struct json_object *object; /* of the present line */
	struct read_looks looks;    /* of it */
	struct recorded *recorded;
	int ended; /* pid whose summary the present line is, or 0 */
};

struct record_reader *record_reader_new(FILE *file, const char *name)
{
	struct record_reader *reader = malloc(sizeof(*reader));
	struct json_tokener *tokener = json_tokener_new_ex(DEPTH);

	if (reader && tokener) {
		*reader = (struct record_reader){ .file = file, .name = name, .tokener = tokener };
		return reader;
	}
	if (tokener)
		json_tokener_free(tokener);
	free(reader);
	fclose(file);
	return NULL;
}

/* What the record before pointed to. */
static void forget_line(struct record_reader *reader)
{
	record_looks_free(&reader->looks);
	json_object_put(reader->object);
	reader->object = NULL;
}

void record_reader_free(struct record_reader *reader)
{
	if (!reader)
		return;
	forget_line(reader);
	while (reader->recorded)
		recorded_drop(&reader->recorded, reader->recorded->pid);
	json_tokener_free(reader->tokener);
	fclose(reader->file);
	free(reader->line);
	free(reader);
}

bool record_reader_cut(const struct record_reader *reader)
{
	return reader->cut;
}

static const char *event_word(unsigned int i)
{
	return event_name(i);
}

static const char *end_word(unsigned int i)
{
	return run_end_name(i);
}

static int read_ages(struct json_object *line, struct edges *ages, struct error *err)
{
	struct json_object *array = json_get(line, "ages_ns", json_type_array);
	size_t nr = array ? json_object_array_length(array) : 0;

	ages->nr = 0;
	if (!array)
		return 0;
	if (nr < 1 || nr > EDGES_MAX)
		return record_bad_key("ages_ns", err);
	for (size_t i = 0; i < nr; i++) {
		struct json_object *value = json_object_array_get_idx(array, i);
		int64_t ns = json_object_is_type(value, json_type_int)
				     ? json_object_get_int64(value)
				     : -1;

		if (ns > LONGEST_NS || (i ? ns <= ages->ns[i - 1] : ns != 0))
			return record_bad_key("ages_ns", err);
		ages->ns[i] = ns;
	}
	ages->nr = (unsigned int)nr;
	return 0;
}

static int check_schema(struct json_object *line, struct error *err)
{
	const char *schema = json_get_word(line, "schema");

	if (schema && !strcmp(schema, RECORD_SCHEMA))
		return 0;
	if (schema && !strncmp(schema, "wsstat-record/", 14))
		return error_set(
			err, ERROR_USAGE, 0,
			"the recording is of schema %.40s, this wsstat reads " RECORD_SCHEMA
			" only: use the version that wrote it, or a later one",
			schema);
	if (schema && !strncmp(schema, "wsstat/", 7))
		return record_bad("that is the output of --json, not a recording (--record)", err);
	return record_bad("not a recording", err);
}

static int read_header(struct record *record, struct json_object *line, struct error *err)
{
	struct run_info *info = &record->info;
	const char *method = json_get_word(line, "method");
	int rc = check_schema(line, err);

	if (rc)
		return rc;
	info->pid = record->pid;
	info->version = json_get_word(line, "version");
	info->kernel = json_get_bytes(line, "kernel");
	info->comm = record->comm = json_get_bytes(line, "comm");
	if (!info->version || !info->kernel || !info->comm ||
	    !json_get_int(line, "parent_pid", &info->parent_pid))
		return record_bad_key("version, kernel, comm or parent_pid", err);
	if (!json_get_ns(line, "wall_ns", &info->wall_ns) ||
	    !json_get_ns(line, "interval_ns", &info->interval_ns) || !info->interval_ns ||
	    !json_get_ns(line, "cold_after_ns", &info->cold_after_ns) || !info->cold_after_ns ||
	    !json_get_ns(line, "stopped_ns", &info->stopped_ns))
		return record_bad_key("wall_ns, interval_ns, cold_after_ns or stopped_ns", err);
	if (!json_get_number(line, "slo_millionths_of_percent", &info->slo) || !info->slo)
		return record_bad_key("slo_millionths_of_percent", err);
	if (method && record_method(method) < 0)
		return record_bad_key("method", err);
	info->method = method ? (enum region_method)record_method(method) : METHOD_NONE;
	info->several = json_get_bool(line, "several");
	info->launched = json_get_bool(line, "launched");
	info->exact = json_get_bool(line, "exact");
	info->soft_dirty = json_get_bool(line, "soft_dirty");
	return read_ages(line, &record->ages, err);
}

static bool read_cost(struct json_object *line, struct cost *cost)
{
	struct json_object *object = json_get(line, "cost", json_type_object);

	/* Not known of a target that had ended, nor in recordings that are older. */
	cost->target_cpu_known = json_get_ns(object, "target_cpu_ns", &cost->target_cpu_ns);
	return object && json_get_ns(object, "ioctl_ns", &cost->ioctl_ns) &&
	       json_get_ns(object, "cpu_ns", &cost->cpu_ns) &&
	       json_get_ns(object, "stopped_ns", &cost->stopped_ns) &&
	       json_get_ns(object, "longest_stop_ns", &cost->longest_stop_ns) &&
	       json_get_number(object, "stops", &cost->stops);
}

static int read_sample(struct record *record, struct json_object *line, struct error *err)
{
	struct snapshot *snap = &record->snap;

	record->comm = json_get_bytes(line, "comm");
	if (!record->comm || !json_get_uint(line, "sample", &snap->sample))
		return record_bad_key("comm or sample", err);
	if (!json_get_ns(line, "wall_ns", &snap->wall_ns) ||
	    !json_get_ns(line, "elapsed_ns", &snap->elapsed_ns) ||
	    !json_get_ns(line, "observed_ns", &snap->observed_ns) ||
	    !json_get_ns(line, "nominal_ns", &snap->nominal_ns) ||
	    !json_get_ns(line, "window_ns", &snap->window_ns) ||
	    !json_get_ns(line, "late_ns", &snap->late_ns))
		return record_bad_key(
			"wall_ns, elapsed_ns, observed_ns, nominal_ns, window_ns or late_ns", err);
	if (!json_get_number(line, "huge_backed_bytes", &snap->huge_backed_bytes) ||
	    !json_get_number(line, "huge_touched_bytes", &snap->huge_touched_bytes))
		return record_bad_key("huge_backed_bytes or huge_touched_bytes", err);
	return read_cost(line, &snap->cost) ? 0 : record_bad_key("cost", err);
}

static int read_event(struct record *record, struct json_object *line, struct error *err)
{
	struct event *event = &record->event;
	int kind = json_which(json_get_word(line, "event"), EVENT_NR, event_word);

	if (kind < 0)
		return record_bad_key("event", err);
	event->kind = (enum event_kind)kind;
	event->pid = record->pid;
	event->name = json_get_bytes(line, "name");
	event->text = json_get_bytes(line, "text");
	if (!json_get_int(line, "child_pid", &event->child_pid) ||
	    !json_get_uint(line, "sample", &event->sample) ||
	    !json_get_ns(line, "wall_ns", &event->wall_ns) ||
	    !json_get_ns(line, "elapsed_ns", &event->elapsed_ns))
		return record_bad_key("child_pid, sample, wall_ns or elapsed_ns", err);
	if (!json_get_addr(line, "start", &event->range.start) ||
	    !json_get_addr(line, "end", &event->range.end))
		return record_bad_key("start or end", err);
	return 0;
}

static int read_summary(struct record *record, struct json_object *line, struct error *err)
{
	struct run_summary *summary = &record->summary;
	int end = json_which(json_get_word(line, "end"), END_NR, end_word);

	if (end < 0)
		return record_bad_key("end", err);
	summary->end = (enum run_end)end;
	record->comm = json_get_bytes(line, "comm");
	if (!record->comm || !json_get_ns(line, "wall_ns", &summary->wall_ns) ||
	    !json_get_ns(line, "elapsed_ns", &summary->elapsed_ns))
		return record_bad_key("comm, wall_ns or elapsed_ns", err);
	if (!json_get_number(line, "split_bytes", &summary->split_bytes) ||
	    !json_get_number(line, "collapsed_bytes", &summary->collapsed_bytes))
		return record_bad_key("split_bytes or collapsed_bytes", err);
	return read_cost(line, &summary->cost) ? 0 : record_bad_key("cost", err);
}

static int read_looks(struct record_reader *reader, struct record *record, struct json_object *line,
		      struct error *err)
{
	struct recorded *recorded = recorded_get(&reader->recorded, record->pid);
	int rc = recorded ? record_looks_read(&reader->looks, recorded,
					      json_get(line, "looks", json_type_array), err)
			  : record_no_memory(err);

	record->owners = recorded ? &recorded->owners : NULL;
	record->looks = reader->looks.at;
	record->nr_looks = reader->looks.nr;
	return rc;
}

static int read_kind(struct record_reader *reader, struct record *record, struct json_object *line,
		     struct error *err)
{
	static const char *const types[] = {
		[RECORD_HEADER] = "header",   [RECORD_ARMED] = "armed",
		[RECORD_SAMPLE] = "sample",   [RECORD_EVENT] = "event",
		[RECORD_SUMMARY] = "summary",
	};
	const char *type = json_get_word(line, "type");
	unsigned int kind = 0;
	int rc;

	while (type && kind < ARRAY_LEN(types) && strcmp(type, types[kind]) != 0)
		kind++;
	if (!type || kind == ARRAY_LEN(types))
		return record_bad_key("type", err);
	record->kind = kind;
	if (!json_get_int(line, "pid", &record->pid) || !record->pid)
		return record_bad_key("pid", err);
	switch (record->kind) {
	case RECORD_HEADER:
		return read_header(record, line, err);
	case RECORD_ARMED:
		return read_looks(reader, record, line, err);
	case RECORD_SAMPLE:
		rc = read_sample(record, line, err);
		return rc ? rc : read_looks(reader, record, line, err);
	case RECORD_EVENT:
		return read_event(record, line, err);
	case RECORD_SUMMARY:
		reader->ended = record->pid;
		return read_summary(record, line, err);
	}
	return -EINVAL;
}

/* A line without its end was being written as its writer ended. */
static int parse_line(struct record_reader *reader, size_t len, struct error *err)
{
	bool whole = len && reader->line[len - 1] == '\n';

	json_tokener_reset(reader->tokener);
	reader->object = json_tokener_parse_ex(reader->tokener, reader->line, (int)len);
	if (!json_object_is_type(reader->object, json_type_object)) {
		reader->cut = !whole;
		return record_bad(reader->nr_line > 1 ? "not JSON" : "not a recording", err);
	}
	/* The line's end has been passed over; a zero byte has not. */
	return json_tokener_get_parse_end(reader->tokener) < len
		       ? record_bad("text behind the JSON object", err)
		       : 0;
}

int record_read(struct record_reader *reader, struct record *record, struct error *err)
{
	ssize_t len;
	int rc;

	forget_line(reader);
	if (reader->ended) {
		recorded_drop(&reader->recorded, reader->ended);
		reader->ended = 0;
	}
	*record = (struct record){ 0 };
	len = getline(&reader->line, &reader->cap, reader->file);
	if (len < 0)
		return ferror(reader->file)
			       ? error_errno(err, errno, "cannot read %s", reader->name)
			       : 0;
	reader->nr_line++;
	rc = len > INT32_MAX ? record_bad("too long a line", err)
			     : parse_line(reader, (size_t)len, err);
	if (reader->cut && reader->nr_line > 1)
		return 0;
	if (!rc)
		rc = read_kind(reader, record, reader->object, err);
	if (!rc && reader->nr_line == 1 && record->kind != RECORD_HEADER)
		rc = record_bad("not a recording", err);
	if (rc)
		error_context(err, "%s:%lu", reader->name, reader->nr_line);
	return rc ? rc : 1;
}
