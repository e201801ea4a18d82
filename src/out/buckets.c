/* SPDX-License-Identifier: GPL-2.0-or-later */
/* No figure is computed here, only put in order. */
#include "config.h"

#include "out/buckets.h"

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

unsigned int buckets_retouched(const struct edges *edges, const struct snapshot *snap,
			       struct bucket list[BUCKETS_MAX])
{
	unsigned int nr = fill(edges, snap->figures.retouched_bytes, list);

	list[nr] = since_start(snap->observed_ns - snap->window_ns,
			       snap->figures.retouched_since_start_bytes);
	return nr + 1;
}

bool buckets_known(const struct snapshot_region *region)
{
	return region->method != METHOD_NONE && region->sees != SEES_NOTHING;
}

bool buckets_hot(const struct snapshot_region *region)
{
	return buckets_known(region) && region->sees == SEES_READS_WRITES;
}
