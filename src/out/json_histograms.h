/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bytes by idle time, by heat, by idle time before, and the working-set curve, in JSON. */
#ifndef WSSTAT_OUT_JSON_HISTOGRAMS_H
#define WSSTAT_OUT_JSON_HISTOGRAMS_H

#include "model/snapshot.h"
#include "out/json_write.h"

/* What is known of the target, of a region or of a group. */
struct json_known {
	const struct figures *figures; /* NULL: nothing */
	bool ages;		       /* of pages; else only what was referenced */
	bool retouched;		       /* what was touched again */
};

/* "idle", "heat", "retouched", "working_set"; null where it is not known. */
void json_put_histograms(struct json *json, struct json_object *object, const struct output *out,
			 const struct snapshot *snap, const struct json_known *known);

/* "idle" alone; figures NULL: not known. */
void json_put_idle(struct json *json, struct json_object *object, const struct output *out,
		   const struct snapshot *snap, const struct figures *figures);

/* "coldness"; figures NULL: not known. */
void json_put_coldness(struct json *json, struct json_object *object, const struct snapshot *snap,
		       const struct figures *figures);

#endif
