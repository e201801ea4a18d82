/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The decision table, as samples and summaries in JSON have it. */
#ifndef WSSTAT_OUT_JSON_DECISION_H
#define WSSTAT_OUT_JSON_DECISION_H

#include "out/json_write.h"

struct decision;

/* What the run says nothing of is null.  decision NULL: there are no page ages, null too. */
void json_put_decision(struct json *json, struct json_object *object,
		       const struct decision *decision);

#endif
