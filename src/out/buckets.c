/* SPDX-License-Identifier: GPL-2.0-or-later */
/* No figure is computed here, only put in order. */
#include "config.h"

#include "out/buckets.h"

#include <stdio.h>

#include "out/words.h"

static unsigned int fill(const struct edges *edges, const uint64_t *bytes, struct bucket *list)
{
	for (unsigned int i = 0; i < edges->nr; i++) {
		list[i] = (struct bucket){
			.ge_ns = edges->ns[i],
			.lt_ns = i + 1 < edges->nr ? edges->ns[i + 1] : BUCKET_NO_END,
			.bytes = bytes[i],
		};
	}
	return edges->nr;
}

static struct bucket since_start(int64_t ge_ns, uint64_t bytes)
{
	return (struct bucket){
		.ge_ns = ge_ns > 0 ? ge_ns : 0,
		.lt_ns = BUCKET_NO_END,
		.bytes = bytes,
		.since_start = true,
	};
}

unsigned int buckets_idle(const struct edges *edges, const struct figures *figures,
			  int64_t observed_ns, struct bucket list[BUCKETS_MAX])
{
	unsigned int nr = fill(edges, figures->idle_bytes, list);

	list[nr] = since_start(observed_ns, figures->since_start_bytes);
	return nr + 1;
}

unsigned int buckets_referenced(const struct edges *edges, const struct figures *figures,
				struct bucket list[BUCKETS_MAX])
{
	list[0] = (struct bucket){
		.ge_ns = edges->ns[0],
		.lt_ns = edges->nr > 1 ? edges->ns[1] : BUCKET_NO_END,
		.bytes = figures->idle_bytes[0],
	};
	return 1;
}

unsigned int buckets_retouched(const struct edges *edges, const struct figures *figures,
			       const struct snapshot *snap, struct bucket list[BUCKETS_MAX])
{
	unsigned int nr = fill(edges, figures->retouched_bytes, list);

	list[nr] = since_start(snap->observed_ns - snap->window_ns,
			       figures->retouched_since_start_bytes);
	return nr + 1;
}

bool buckets_recent_known(const struct snapshot *snap, int64_t within_ns)
{
	return snap->ages && snap->observed_ns >= within_ns;
}

bool buckets_known(const struct snapshot_region *region)
{
	return region->method != METHOD_NONE && region->sees != SEES_NOTHING;
}

bool buckets_hot(const struct snapshot_region *region)
{
	return buckets_known(region) && region->sees == SEES_READS_WRITES;
}

void bucket_label(char label[BUCKET_LABEL_LEN], const struct bucket *bucket)
{
	char from[FORMAT_LEN], to[FORMAT_LEN];

	format_duration(from, bucket->ge_ns);
	format_duration(to, bucket->lt_ns);
	if (bucket->since_start)
		snprintf(label, BUCKET_LABEL_LEN, "since start, %s",
			 words_at_least(from, bucket->ge_ns));
	else if (bucket->lt_ns == BUCKET_NO_END)
		snprintf(label, BUCKET_LABEL_LEN, ">= %s", from);
	else if (!bucket->ge_ns)
		snprintf(label, BUCKET_LABEL_LEN, "< %s", to);
	else
		snprintf(label, BUCKET_LABEL_LEN, "%s - %s", from, to);
}
