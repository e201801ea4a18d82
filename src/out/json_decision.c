/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "out/json_decision.h"

#include <json-c/json.h>

#include "model/decide.h"

/* Percent are written as seconds are: digit by digit. */
static void put_percent(struct json *json, struct json_object *object, const char *key,
			uint64_t millionths)
{
	const uint64_t most = INT64_MAX / 1000;

	json_put_seconds(json, object, key,
			 (int64_t)(millionths < most ? millionths : most) * 1000);
}

static struct json_object *new_row(struct json *json, const struct decision_row *row)
{
	struct json_object *object = json_new_object(json);

	json_put_seconds(json, object, "threshold_seconds", row->threshold_ns);
	json_put_number(json, object, "samples", row->samples);
	json_put_number_if(json, object, "cold_last_bytes",
			   row->last_known ? &row->cold_last_bytes : NULL);
	json_put_number_if(json, object, "cold_mean_bytes",
			   row->samples ? &row->cold_mean_bytes : NULL);
	json_put_number(json, object, "windows", row->windows);
	json_put_seconds(json, object, "windows_seconds", row->windows_ns);
	json_put_number_if(json, object, "working_set_bytes",
			   row->windows ? &row->working_set_bytes : NULL);
	json_put_number_if(json, object, "retouched_bytes",
			   row->windows ? &row->retouched_bytes : NULL);
	json_put_number_if(json, object, "retouched_bytes_per_minute",
			   row->windows ? &row->retouched_bytes_per_minute : NULL);
	if (row->windows)
		put_percent(json, object, "retouched_percent_per_minute", row->cost);
	else
		json_put_null(json, object, "retouched_percent_per_minute");
	return object;
}

static struct json_object *new_rows(struct json *json, const struct decision *decision)
{
	struct json_object *array = json_new_array(json);

	for (unsigned int i = 0; i < decision->nr; i++)
		json_append(json, array, new_row(json, &decision->row[i]));
	return array;
}

void json_put_decision(struct json *json, struct json_object *object,
		       const struct decision *decision)
{
	struct json_object *table;

	if (!decision) {
		json_put_null(json, object, "decision");
		return;
	}
	table = json_new_object(json);
	put_percent(json, table, "slo_percent_per_minute", decision->slo);
	if (decision->chosen >= 0)
		json_put_seconds(json, table, "threshold_seconds",
				 decision->row[decision->chosen].threshold_ns);
	else
		json_put_null(json, table, "threshold_seconds");
	if (decision->longest >= 0)
		json_put_seconds(json, table, "answered_up_to_seconds",
				 decision->row[decision->longest].threshold_ns);
	else
		json_put_null(json, table, "answered_up_to_seconds");
	json_put(json, table, "thresholds", new_rows(json, decision));
	json_put(json, object, "decision", table);
}
