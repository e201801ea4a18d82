/* SPDX-License-Identifier: GPL-2.0-or-later */
/* json-c, each call checked. */
#include "config.h"

#include "out/json_write.h"

#include <errno.h>
#include <inttypes.h>
#include <json-c/json.h>

#include "base/clock.h"
#include "out/output.h"
#include "out/words.h"

#define SCHEMA "wsstat/1"

static struct json_object *checked(struct json *json, struct json_object *value)
{
	if (!value)
		json->failed = true;
	return value;
}

struct json_object *json_new_object(struct json *json)
{
	return checked(json, json_object_new_object());
}

struct json_object *json_new_array(struct json *json)
{
	return checked(json, json_object_new_array());
}

/* "5.0", "0.000104": all digits that count, at least one behind the point. */
struct json_object *json_new_seconds(struct json *json, int64_t ns)
{
	uint64_t magnitude_ns = ns < 0 ? -(uint64_t)ns : (uint64_t)ns;
	char text[FORMAT_LEN];
	int len;

	len = snprintf(text, sizeof(text), "%s%" PRIu64 ".%09" PRIu64, ns < 0 ? "-" : "",
		       magnitude_ns / NS_PER_S, magnitude_ns % NS_PER_S);
	while (text[len - 1] == '0' && text[len - 2] != '.')
		text[--len] = '\0';
	return checked(json, json_object_new_double_s((double)ns / NS_PER_S, text));
}

/* Keys are literals and new: json-c need not copy or search. */
void json_put(struct json *json, struct json_object *object, const char *key,
	      struct json_object *value)
{
	const unsigned int flags = JSON_C_OBJECT_ADD_KEY_IS_NEW | JSON_C_OBJECT_KEY_IS_CONSTANT;

	if (object && !json_object_object_add_ex(object, key, value, flags))
		return;
	json->failed = true;
	json_object_put(value);
}

void json_append(struct json *json, struct json_object *array, struct json_object *value)
{
	if (array && value && !json_object_array_add(array, value))
		return;
	json->failed = true;
	json_object_put(value);
}

void json_append_number(struct json *json, struct json_object *array, uint64_t value)
{
	json_append(json, array, json_object_new_uint64(value));
}

void json_append_seconds_if(struct json *json, struct json_object *array, const int64_t *ns)
{
	if (ns)
		json_append(json, array, json_new_seconds(json, *ns));
	else if (!array || json_object_array_add(array, NULL))
		json->failed = true;
}

void json_put_null(struct json *json, struct json_object *object, const char *key)
{
	json_put(json, object, key, NULL);
}

void json_put_number(struct json *json, struct json_object *object, const char *key, uint64_t value)
{
	json_put(json, object, key, checked(json, json_object_new_uint64(value)));
}

void json_put_bool(struct json *json, struct json_object *object, const char *key, bool value)
{
	json_put(json, object, key, checked(json, json_object_new_boolean(value)));
}

void json_put_seconds(struct json *json, struct json_object *object, const char *key, int64_t ns)
{
	json_put(json, object, key, json_new_seconds(json, ns));
}

void json_put_addr(struct json *json, struct json_object *object, const char *key, uint64_t addr)
{
	char text[FORMAT_LEN];

	snprintf(text, sizeof(text), "0x%" PRIx64, addr);
	json_put_word(json, object, key, text);
}

void json_put_time(struct json *json, struct json_object *object, int64_t wall_ns)
{
	char text[FORMAT_LEN];

	json_put_word(json, object, "time", format_time(text, wall_ns));
}

void json_put_number_if(struct json *json, struct json_object *object, const char *key,
			const uint64_t *value)
{
	if (value)
		json_put_number(json, object, key, *value);
	else
		json_put_null(json, object, key);
}

void json_put_word(struct json *json, struct json_object *object, const char *key,
		   const char *value)
{
	json_put(json, object, key, value ? checked(json, json_object_new_string(value)) : NULL);
}

void json_put_text(struct json *json, struct json_object *object, const char *key,
		   const char *value)
{
	auto_free char *shown = value ? words_printable(value, true) : NULL;

	if (value && !shown)
		json->failed = true;
	json_put_word(json, object, key, shown);
}

struct json_object *json_new_line(struct json *json, const char *type)
{
	struct json_object *line = json_new_object(json);

	json_put_word(json, line, "type", type);
	json_put_word(json, line, "schema", SCHEMA);
	return line;
}

int json_end_line(struct output *out, struct json *json, struct json_object *line)
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
