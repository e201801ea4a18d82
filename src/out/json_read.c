/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "out/json_read.h"

#include <errno.h>
#include <json-c/json.h>
#include <string.h>

#include "base/escape.h"
#include "base/units.h"

struct json_object *json_get(struct json_object *object, const char *key, enum json_type type)
{
	struct json_object *value;

	if (!json_object_object_get_ex(object, key, &value) || !json_object_is_type(value, type))
		return NULL;
	return value;
}

bool json_get_number(struct json_object *object, const char *key, uint64_t *number)
{
	struct json_object *value = json_get(object, key, json_type_int);

	if (!value || json_object_get_int64(value) < 0)
		return false;
	*number = json_object_get_uint64(value);
	return true;
}

bool json_get_ns(struct json_object *object, const char *key, int64_t *ns)
{
	uint64_t number;

	if (!json_get_number(object, key, &number) || number > LONGEST_NS)
		return false;
	*ns = (int64_t)number;
	return true;
}

bool json_get_uint(struct json_object *object, const char *key, unsigned int *number)
{
	uint64_t value;

	if (!json_get_number(object, key, &value) || value > INT32_MAX)
		return false;
	*number = (unsigned int)value;
	return true;
}

bool json_get_int(struct json_object *object, const char *key, int *number)
{
	unsigned int value;

	if (!json_get_uint(object, key, &value))
		return false;
	*number = (int)value;
	return true;
}

bool json_get_bool(struct json_object *object, const char *key)
{
	struct json_object *value = json_get(object, key, json_type_boolean);

	return value && json_object_get_boolean(value);
}

const char *json_get_word(struct json_object *object, const char *key)
{
	struct json_object *value = json_get(object, key, json_type_string);

	return value ? json_object_get_string(value) : NULL;
}

/* Bytes of the target: the string is the line's, and nobody reads it again. */
const char *json_get_bytes(struct json_object *object, const char *key)
{
	char *text = (char *)json_get_word(object, key);

	if (text)
		escape_undo(text);
	return text;
}

bool json_get_addr(struct json_object *object, const char *key, uint64_t *addr)
{
	const char *text = json_get_word(object, key);
	char *end;

	if (!text || strncmp(text, "0x", 2) != 0)
		return false;
	errno = 0;
	*addr = strtoull(text, &end, 16);
	return !errno && !*end;
}

/* The value that a word stands for among nr of them; -1 if for none. */
int json_which(const char *word, unsigned int nr, const char *(*name)(unsigned int))
{
	for (unsigned int i = 0; word && i < nr; i++)
		if (name(i) && !strcmp(name(i), word))
			return (int)i;
	return -1;
}
