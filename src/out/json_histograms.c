/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "out/json_histograms.h"

#include "out/buckets.h"
#include "out/output.h"

/* The keys of a list of buckets. */
struct bucket_keys {
	const char *ge, *lt;
};

static const struct bucket_keys idle_keys = { "ge_seconds", "lt_seconds" };
static const struct bucket_keys retouched_keys = { "idle_ge_seconds", "idle_lt_seconds" };

static struct json_object *new_bucket(struct json *json, const struct bucket *bucket,
				      const struct bucket_keys *keys)
{
	struct json_object *object = json_new_object(json);

	json_put_seconds(json, object, keys->ge, bucket->ge_ns);
	if (bucket->lt_ns == BUCKET_NO_END)
		json_put_null(json, object, keys->lt);
	else
		json_put_seconds(json, object, keys->lt, bucket->lt_ns);
	if (bucket->since_start)
		json_put_bool(json, object, "since_start", true);
	json_put_number(json, object, "bytes", bucket->bytes);
	return object;
}

static struct json_object *new_buckets(struct json *json, const struct bucket *list,
				       unsigned int nr, const struct bucket_keys *keys)
{
	struct json_object *array = json_new_array(json);

	for (unsigned int i = 0; i < nr; i++)
		json_append(json, array, new_bucket(json, &list[i], keys));
	return array;
}

static struct json_object *new_heat(struct json *json, const struct figures *figures)
{
	struct json_object *array = json_new_array(json);

	for (unsigned int n = HEAT_WINDOWS + 1; n-- > 0;) {
		struct json_object *object = json_new_object(json);

		json_put_number(json, object, "windows", n);
		json_put_number(json, object, "bytes", figures->heat_bytes[n]);
		json_append(json, array, object);
	}
	return array;
}

/* figures NULL: nothing is known of pages. */
void json_put_idle(struct json *json, struct json_object *object, const struct output *out,
		   const struct snapshot *snap, const struct figures *figures)
{
	struct bucket list[BUCKETS_MAX];
	unsigned int nr;

	if (!figures) {
		json_put_null(json, object, "idle");
		return;
	}
	nr = buckets_idle(out->info.edges, figures, snap->observed_ns, list);
	json_put(json, object, "idle", new_buckets(json, list, nr, &idle_keys));
}

/* The books are to close where only what was referenced is known, too. */
static void put_referenced(struct json *json, struct json_object *object, const struct output *out,
			   const struct figures *figures)
{
	struct bucket list[BUCKETS_MAX];
	unsigned int nr = buckets_referenced(out->info.edges, figures, list);

	json_put(json, object, "idle", new_buckets(json, list, nr, &idle_keys));
}

/* figures NULL: not known. */
static void put_heat(struct json *json, struct json_object *object, const struct figures *figures)
{
	json_put(json, object, "heat", figures ? new_heat(json, figures) : NULL);
}

/* figures NULL: not known. */
static void put_retouched(struct json *json, struct json_object *object, const struct output *out,
			  const struct snapshot *snap, const struct figures *figures)
{
	struct bucket list[BUCKETS_MAX];
	unsigned int nr;

	if (!figures) {
		json_put_null(json, object, "retouched");
		return;
	}
	nr = buckets_retouched(out->info.edges, figures, snap, list);
	json_put(json, object, "retouched", new_buckets(json, list, nr, &retouched_keys));
}

/* Touched within the last t, for each edge; null for a t that is longer than what was observed. */
static void put_working_set(struct json *json, struct json_object *object, const struct output *out,
			    const struct snapshot *snap, const struct figures *figures)
{
	const struct edges *edges = out->info.edges;
	struct json_object *array;
	uint64_t bytes = 0;

	if (!figures) {
		json_put_null(json, object, "working_set");
		return;
	}
	array = json_new_array(json);
	for (unsigned int i = 1; i < edges->nr; i++) {
		bool known = buckets_recent_known(snap, edges->ns[i]);
		struct json_object *point = json_new_object(json);

		bytes += figures->idle_bytes[i - 1];
		json_put_seconds(json, point, "within_seconds", edges->ns[i]);
		json_put_number_if(json, point, "bytes", known ? &bytes : NULL);
		json_append(json, array, point);
	}
	json_put(json, object, "working_set", array);
}

/* figures NULL: not known. */
void json_put_coldness(struct json *json, struct json_object *object, const struct snapshot *snap,
		       const struct figures *figures)
{
	static const char *const keys[RECENT_NR] = {
		[RECENT_1M] = "within_1m_bytes",
		[RECENT_2M] = "within_2m_bytes",
		[RECENT_5M] = "within_5m_bytes",
	};
	struct json_object *coldness;

	if (!figures) {
		json_put_null(json, object, "coldness");
		return;
	}
	coldness = json_new_object(json);
	for (enum recent i = 0; i < RECENT_NR; i++) {
		bool known = buckets_recent_known(snap, recent_ns(i));

		json_put_number_if(json, coldness, keys[i],
				   known ? &figures->recent_bytes[i] : NULL);
	}
	json_put_number_if(json, coldness, "colder_bytes",
			   buckets_recent_known(snap, recent_ns(RECENT_5M)) ? &figures->colder_bytes
									    : NULL);
	json_put(json, object, "coldness", coldness);
}

void json_put_histograms(struct json *json, struct json_object *object, const struct output *out,
			 const struct snapshot *snap, const struct json_known *known)
{
	const struct figures *aged = known->ages ? known->figures : NULL;

	if (known->figures && !known->ages)
		put_referenced(json, object, out, known->figures);
	else
		json_put_idle(json, object, out, snap, known->figures);
	put_heat(json, object, aged);
	put_retouched(json, object, out, snap, known->retouched ? aged : NULL);
	put_working_set(json, object, out, snap, aged);
}
