/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What every record of JSON Lines is made with.  Seconds are written from the
 * nanoseconds digit by digit, never through a double.  Bytes of names that are no
 * valid UTF-8, and control characters, are written as the four characters \xNN
 * (format_printable), so that every line is valid JSON.
 *
 * Any failure of json-c is want of memory: remembered in struct json, and told
 * once, when the line is complete.  (The one that json-c 0.16 itself overlooks is
 * that of growing the text of a line.)
 *
 * Keys are literals, each put once.
 */
#ifndef WSSTAT_OUT_JSON_WRITE_H
#define WSSTAT_OUT_JSON_WRITE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/util.h"

struct json_object;
struct output;

struct json {
	bool failed;
};

struct json_object *json_new_object(struct json *json);
struct json_object *json_new_array(struct json *json);
struct json_object *json_new_seconds(struct json *json, int64_t ns);

/* Take value over, which may be NULL for null. */
void json_put(struct json *json, struct json_object *object, const char *key,
	      struct json_object *value);
void json_append(struct json *json, struct json_object *array, struct json_object *value);

void json_append_number(struct json *json, struct json_object *array, uint64_t value);

/* ns NULL: null */
void json_append_seconds_if(struct json *json, struct json_object *array, const int64_t *ns);

void json_put_null(struct json *json, struct json_object *object, const char *key);
void json_put_number(struct json *json, struct json_object *object, const char *key,
		     uint64_t value);
void json_put_bool(struct json *json, struct json_object *object, const char *key, bool value);
void json_put_seconds(struct json *json, struct json_object *object, const char *key, int64_t ns);
void json_put_addr(struct json *json, struct json_object *object, const char *key, uint64_t addr);
void json_put_time(struct json *json, struct json_object *object, int64_t wall_ns);

/* value NULL: null */
void json_put_number_if(struct json *json, struct json_object *object, const char *key,
			const uint64_t *value);
void json_put_word(struct json *json, struct json_object *object, const char *key,
		   const char *value);
/* Text of the target or of the user.  value NULL: null */
void json_put_text(struct json *json, struct json_object *object, const char *key,
		   const char *value);

/* What every line begins with. */
struct json_object *json_new_line(struct json *json, const char *type);

/* Write the line and free it.  0 or -ENOMEM. */
must_check int json_end_line(struct output *out, struct json *json, struct json_object *line);

#endif
