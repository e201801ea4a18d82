/* SPDX-License-Identifier: GPL-2.0-or-later */
/* As out/record.c writes them; doc/recording has the format. */
#include "config.h"

#include "out/record_look.h"

#include <errno.h>
#include <json-c/json.h>
#include <string.h>

#include "base/escape.h"
#include "kernel/maps.h"
#include "model/page_diff.h"
#include "out/json_read.h"
#include "out/pack.h"
#include "out/recorded.h"

int record_bad(const char *what, struct error *err)
{
	return error_set(err, ERROR_USAGE, 0, "%s", what);
}

int record_bad_key(const char *key, struct error *err)
{
	return error_set(err, ERROR_USAGE, 0, "\"%s\" is missing, or is not what it should be",
			 key);
}

int record_no_memory(struct error *err)
{
	return error_set(err, ERROR_FAILED, ENOMEM, "cannot read the recording");
}

static const char *method_word(unsigned int i)
{
	return region_method_name(i);
}

int record_method(const char *word)
{
	return json_which(word, METHOD_NR, method_word);
}

static const char *reason_word(unsigned int i)
{
	return i == REASON_NONE ? NULL : region_reason_name(i);
}

static struct json_object *list_of(struct json_object *look, const char *key, size_t *nr)
{
	struct json_object *list = json_get(look, key, json_type_array);

	*nr = list ? json_object_array_length(list) : 0;
	return list;
}

/* A line of /proc/PID/maps, its name escaped.  known gets a copy of the name, to be freed. */
static int read_mapping(struct json_object *value, struct known *known, struct error *err)
{
	auto_free char *line = NULL;

	if (!json_object_is_type(value, json_type_string))
		return record_bad("a mapping is not a string", err);
	line = strdup(json_object_get_string(value));
	if (!line)
		return record_no_memory(err);
	*known = (struct known){ 0 };
	if (!maps_parse_line(&known->map, line) || known->map.range.end > MAPS_USER_END)
		return record_bad("a mapping is not as /proc/PID/maps has it", err);
	known->map.name = strdup(known->map.name);
	if (!known->map.name)
		return record_no_memory(err);
	escape_undo((char *)known->map.name);
	return 0;
}

static int mark_unmapped(const struct known_list *list, struct json_object *look, struct error *err)
{
	size_t nr;
	struct json_object *unmapped = list_of(look, "unmapped", &nr);

	for (size_t i = 0; i < nr; i++) {
		struct json_object *value = json_object_array_get_idx(unmapped, i);
		const char *text = json_object_get_string(value);
		struct known *known;
		char *end;

		known = text ? known_find(list, strtoull(text, &end, 16)) : NULL;
		if (!known || *end)
			return record_bad("a mapping is gone that was not there", err);
		known->gone = true;
	}
	return 0;
}

/* Put what is mapped now behind or in the place of what was; both ascend. */
static int merge(struct known_list *to, struct known_list *from, struct json_object *mapped,
		 size_t nr, struct error *err)
{
	size_t f = 0;

	for (size_t i = 0; i <= nr; i++) {
		struct known next = { .map.range.start = UINT64_MAX };
		int rc = i < nr ? read_mapping(json_object_array_get_idx(mapped, i), &next, err)
				: 0;

		if (rc)
			return rc;
		for (; f < from->nr && from->at[f].map.range.start <= next.map.range.start; f++) {
			if (from->at[f].gone || from->at[f].map.range.start == next.map.range.start)
				continue;
			to->at[to->nr++] = from->at[f];
			from->at[f].map.name = NULL;
		}
		if (i < nr)
			to->at[to->nr++] = next;
	}
	return 0;
}

static int check_order(const struct known_list *list, struct error *err)
{
	for (size_t i = 1; i < list->nr; i++)
		if (list->at[i].map.range.start < list->at[i - 1].map.range.end)
			return record_bad("mappings overlap", err);
	return 0;
}

static int read_maps(struct known_list *list, struct json_object *look, struct error *err)
{
	size_t nr;
	struct json_object *mapped = list_of(look, "mapped", &nr);
	struct known_list merged = { .at = calloc(list->nr + nr + 1, sizeof(*merged.at)) };
	int rc = merged.at ? mark_unmapped(list, look, err) : record_no_memory(err);

	if (!rc)
		rc = merge(&merged, list, mapped, nr, err);
	known_free(list);
	*list = merged;
	return rc ? rc : check_order(list, err);
}

static int read_armed(struct json_object *object, const char *word, struct answer *answer,
		      struct error *err)
{
	struct armed *armed = &answer->armed;
	const char *sees = json_get_word(object, "sees");
	int method = record_method(word);

	if (method <= METHOD_NONE || !sees ||
	    !json_get_number(object, "unit_bytes", &armed->unit_bytes))
		return record_bad_key("armed, sees or unit_bytes", err);
	answer->kind = ANSWER_ARMED;
	armed->method = (enum region_method)method;
	armed->told_apart = json_get_bool(object, "told_apart");
	armed->sees = !strcmp(sees, region_sees_name(SEES_WRITES)) ? SEES_WRITES
								   : SEES_READS_WRITES;
	return 0;
}

static int read_answer(struct json_object *object, struct known *known, struct answer *answer,
		       struct error *err)
{
	const char *armed = json_get_word(object, "armed"),
		   *untracked = json_get_word(object, "untracked");
	int reason = json_which(untracked, REASON_NR, reason_word);
	struct page_counts *counts = &known->counts;

	answer->lost = json_get_bool(object, "lost");
	answer->unarmed = json_get_bool(object, "unarmed");
	if (untracked) {
		if (reason < 0)
			return record_bad_key("untracked", err);
		answer->kind = ANSWER_UNOBSERVED;
		answer->reason = (enum region_reason)reason;
	}
	if (json_get(object, "untracked_pages", json_type_int) &&
	    (!json_get_number(object, "untracked_pages", &counts->untracked) ||
	     !json_get_number(object, "swapped_pages", &counts->swapped) ||
	     !json_get_number(object, "referenced_pages", &counts->referenced) ||
	     counts->referenced > counts->untracked ||
	     counts->untracked > range_bytes(known->map.range) >> PAGE_SHIFT ||
	     counts->swapped > range_bytes(known->map.range) >> PAGE_SHIFT))
		return record_bad_key("untracked_pages, swapped_pages or referenced_pages", err);
	return armed ? read_armed(object, armed, answer, err) : 0;
}

static int read_answers(const struct known_list *list, struct json_object *json, struct look *look,
			struct error *err)
{
	size_t nr;
	struct json_object *regions = list_of(json, "regions", &nr);
	int rc = 0;

	for (size_t i = 0; i < nr && !rc; i++) {
		struct json_object *object = json_object_array_get_idx(regions, i);
		struct known *known;
		uint64_t start;

		if (!json_object_is_type(object, json_type_object) ||
		    !json_get_addr(object, "start", &start))
			return record_bad_key("start", err);
		known = known_find(list, start);
		if (!known)
			return record_bad("a region is told of where there is no mapping", err);
		rc = read_answer(object, known, &look->answer[known - list->at], err);
	}
	for (size_t i = 0; i < list->nr && !rc; i++)
		look->answer[i].counts = list->at[i].counts;
	return rc;
}

static int read_pages(struct recorded *recorded, struct json_object *json, struct look *look,
		      struct error *err)
{
	struct json_object *pages = json_get(json, "pages", json_type_string);
	const char *text = pages ? json_object_get_string(pages) : NULL;
	auto_free uint8_t *bytes = NULL;
	size_t len = 0;
	int rc = 0;

	if (pages)
		bytes = pack_bytes(text, (size_t)json_object_get_string_len(pages), &len, &rc);
	if (!rc)
		rc = page_diff_apply(bytes, len, &recorded->pages, &look->bits);
	if (rc == -EINVAL)
		return record_bad_key("pages", err);
	if (!rc) {
		seen_pages_free(&recorded->pages);
		rc = seen_pages_copy(&recorded->pages, &look->bits);
	}
	return rc ? record_no_memory(err) : 0;
}

static int read_owners(struct owners *owners, struct json_object *json, struct error *err)
{
	size_t nr;
	struct json_object *list = list_of(json, "stacks", &nr);

	if (list)
		owners->nr = 0;
	for (size_t i = 0; i < nr; i++) {
		struct json_object *object = json_object_array_get_idx(list, i);
		struct owner owner = { 0 };
		const char *comm;

		if (!json_object_is_type(object, json_type_object) ||
		    !json_get_addr(object, "start", &owner.start) ||
		    !json_get_int(object, "tid", &owner.tid))
			return record_bad_key("stacks", err);
		comm = json_get_bytes(object, "comm");
		if (!comm)
			return record_bad_key("stacks", err);
		snprintf(owner.comm, sizeof(owner.comm), "%s", comm);
		if (owners_add(owners, &owner))
			return record_no_memory(err);
	}
	owners_settle(owners);
	return 0;
}

/* The look's own copy: a later one of this record may change what is known. */
static int copy_maps(struct mapping_list *maps, const struct known_list *list)
{
	maps->at = calloc(list->nr + 1, sizeof(*maps->at));
	for (; maps->at && maps->nr < list->nr; maps->nr++) {
		maps->at[maps->nr] = list->at[maps->nr].map;
		maps->at[maps->nr].name = strdup(maps->at[maps->nr].name);
		if (!maps->at[maps->nr].name)
			return -ENOMEM;
	}
	return maps->at ? 0 : -ENOMEM;
}

static int read_look(struct read_looks *looks, struct recorded *recorded, struct json_object *json,
		     struct error *err)
{
	struct look *look = &looks->at[looks->nr];
	struct mapping_list *maps = &looks->maps[looks->nr];
	int rc = json_object_is_type(json, json_type_object) ? 0 : record_bad_key("looks", err);

	if (!rc)
		rc = read_maps(&recorded->known, json, err);
	if (rc)
		return rc;
	looks->nr++;
	if (copy_maps(maps, &recorded->known) || look_begin(look, maps))
		return record_no_memory(err);
	rc = read_answers(&recorded->known, json, look, err);
	if (!rc)
		rc = read_owners(&recorded->owners, json, err);
	return rc ? rc : read_pages(recorded, json, look, err);
}

int record_looks_read(struct read_looks *looks, struct recorded *recorded,
		      struct json_object *array, struct error *err)
{
	size_t nr = array ? json_object_array_length(array) : 0;
	int rc = 0;

	*looks = (struct read_looks){ .at = calloc(nr + 1, sizeof(*looks->at)),
				      .maps = calloc(nr + 1, sizeof(*looks->maps)) };
	if (!looks->at || !looks->maps)
		return record_no_memory(err);
	for (size_t i = 0; i < nr && !rc; i++)
		rc = read_look(looks, recorded, json_object_array_get_idx(array, i), err);
	return rc;
}

void record_looks_free(struct read_looks *looks)
{
	for (unsigned int i = 0; i < looks->nr; i++) {
		for (size_t m = 0; m < looks->maps[i].nr; m++)
			free((char *)looks->maps[i].at[m].name);
		free(looks->maps[i].at);
		look_free(&looks->at[i]);
	}
	free(looks->maps);
	free(looks->at);
	*looks = (struct read_looks){ 0 };
}
