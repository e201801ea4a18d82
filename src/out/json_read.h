/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Members of an object of JSON that somebody wrote: each is there and of its type and within its
 * bounds, or false (NULL).  What they point to is the object's.
 */
#ifndef WSSTAT_OUT_JSON_READ_H
#define WSSTAT_OUT_JSON_READ_H

#include <json-c/json_types.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/util.h"

struct json_object *json_get(struct json_object *object, const char *key, enum json_type type);

must_check bool json_get_number(struct json_object *object, const char *key, uint64_t *number);
must_check bool json_get_ns(struct json_object *object, const char *key, int64_t *ns);
must_check bool json_get_uint(struct json_object *object, const char *key, unsigned int *number);
must_check bool json_get_int(struct json_object *object, const char *key, int *number);
bool json_get_bool(struct json_object *object, const char *key); /* not there: false */
const char *json_get_word(struct json_object *object, const char *key);

/* Text as escape_bytes() wrote it, undone in place: to be asked for once. */
const char *json_get_bytes(struct json_object *object, const char *key);

/* "0x7f00a000" */
must_check bool json_get_addr(struct json_object *object, const char *key, uint64_t *addr);

/* The value that a word stands for among nr of them; -1 if for none. */
int json_which(const char *word, unsigned int nr, const char *(*name)(unsigned int));

#endif
