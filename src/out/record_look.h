/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The looks of a record, read. */
#ifndef WSSTAT_OUT_RECORD_LOOK_H
#define WSSTAT_OUT_RECORD_LOOK_H

#include "base/error.h"
#include "core/look.h"

struct json_object;
struct recorded;

struct read_looks {
	struct look *at;
	struct mapping_list *maps; /* of each; names owned */
	unsigned int nr;
};

/*
 * Read an array of looks, on top of what the target's last one left, which moves along.
 * array NULL: there are none.  0 or a negative errno with err filled; what was read until then
 * is to be freed in any case.
 */
must_check int record_looks_read(struct read_looks *looks, struct recorded *recorded,
				 struct json_object *array, struct error *err);
void record_looks_free(struct read_looks *looks);

/* The method of that name, or -1. */
int record_method(const char *word);

/* What is wrong with a recording: ERROR_USAGE, in words, or that the member is missing or wrong. */
int record_bad(const char *what, struct error *err);
int record_bad_key(const char *key, struct error *err);

/* -ENOMEM, that it cannot be read. */
int record_no_memory(struct error *err);

#endif
