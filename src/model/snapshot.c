/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From tallies to the figures that outputs show, and the books' check. */
#include "config.h"

#include "model/snapshot.h"

#include <string.h>

static uint64_t bytes_of(uint64_t pages)
{
	return pages << PAGE_SHIFT;
}

/* What figures_of_tally() hands through tally_each_stamp(). */
struct idle_sum {
	struct figures *figures;
	const struct epochs *epochs;
	int64_t cold_after_ns;
	uint64_t older_pages, total_pages;
};

static void idle_sum_add(void *ctx, unsigned int stamp, uint64_t pages)
{
	struct idle_sum *sum = ctx;
	struct figures *figures = sum->figures;
	int64_t idle_ns = epochs_idle_ns(sum->epochs, stamp);

	if (2 * sum->older_pages <= sum->total_pages) {
		figures->idle_median_ns = idle_ns;
		figures->idle_median_since_start = stamp == EPOCH_START;
	}
	sum->older_pages += pages;

	if (stamp == EPOCH_START)
		figures->since_start_bytes += bytes_of(pages);
	else
		figures->idle_bytes[edges_bucket(sum->epochs->edges, idle_ns)] += bytes_of(pages);

	if (stamp == sum->epochs->now)
		figures->hot_bytes += bytes_of(pages);
	else if (stamp == EPOCH_START || idle_ns >= sum->cold_after_ns)
		figures->cold_bytes += bytes_of(pages);
	else
		figures->warm_bytes += bytes_of(pages);
}

void figures_of_tally(struct figures *figures, const struct tally *tally,
		      const struct epochs *epochs, int64_t cold_after_ns)
{
	struct idle_sum sum = {
		.figures = figures,
		.epochs = epochs,
		.cold_after_ns = cold_after_ns,
		.total_pages = tally->resident_pages,
	};
	uint64_t heat[HEAT_WINDOWS + 1];

	*figures = (struct figures){
		.tracked_bytes = bytes_of(tally->resident_pages),
		.swapped_bytes = bytes_of(tally->swapped_pages),
		.zero_bytes = bytes_of(tally->zero_pages),
		.huge_bytes = bytes_of(tally->huge_pages),
		.retouched_since_start_bytes = bytes_of(tally->retouched[EDGES_MAX]),
		.idle_median_ns = -1,
	};
	tally_each_stamp(tally, idle_sum_add, &sum);
	tally_heat(tally, epochs->now, heat);
	for (unsigned int n = 0; n <= HEAT_WINDOWS; n++)
		figures->heat_bytes[n] = bytes_of(heat[n]);
	for (unsigned int b = 0; b < epochs->edges->nr; b++)
		figures->retouched_bytes[b] = bytes_of(tally->retouched[b]);
}

void figures_add(struct figures *sum, const struct figures *figures)
{
	sum->tracked_bytes += figures->tracked_bytes;
	sum->hot_bytes += figures->hot_bytes;
	sum->warm_bytes += figures->warm_bytes;
	sum->cold_bytes += figures->cold_bytes;
	sum->swapped_bytes += figures->swapped_bytes;
	sum->zero_bytes += figures->zero_bytes;
	sum->huge_bytes += figures->huge_bytes;
	sum->since_start_bytes += figures->since_start_bytes;
	sum->retouched_since_start_bytes += figures->retouched_since_start_bytes;
	for (unsigned int b = 0; b < EDGES_MAX; b++) {
		sum->idle_bytes[b] += figures->idle_bytes[b];
		sum->retouched_bytes[b] += figures->retouched_bytes[b];
	}
	for (unsigned int n = 0; n <= HEAT_WINDOWS; n++)
		sum->heat_bytes[n] += figures->heat_bytes[n];
}

bool figures_closed(const struct figures *figures)
{
	uint64_t idle = figures->since_start_bytes, heat = 0;

	for (unsigned int b = 0; b < EDGES_MAX; b++)
		idle += figures->idle_bytes[b];
	for (unsigned int n = 0; n <= HEAT_WINDOWS; n++)
		heat += figures->heat_bytes[n];
	return idle == figures->tracked_bytes && heat == figures->tracked_bytes &&
	       figures->hot_bytes + figures->warm_bytes + figures->cold_bytes ==
		       figures->tracked_bytes;
}

void snapshot_region_fill(struct snapshot_region *out, const struct region *region,
			  const struct epochs *epochs, int64_t cold_after_ns)
{
	*out = (struct snapshot_region){
		.range = region->map.range,
		.name = region->map.name,
		.kind = region->kind,
		.method = region->method,
		.sees = region->sees,
		.reason = region->reason,
		.unit_bytes = region->unit_bytes,
		.since_sample = region->since_sample,
		.untracked_bytes = bytes_of(region->untracked_pages),
	};
	if (region->reason == REASON_NEW) { /* armed from now on: nothing was seen of it yet */
		out->method = METHOD_NONE;
		out->sees = SEES_NOTHING;
		out->untracked_bytes = bytes_of(region->tally.resident_pages);
		out->figures.idle_median_ns = -1;
		out->figures.swapped_bytes = bytes_of(region->tally.swapped_pages);
	} else {
		figures_of_tally(&out->figures, &region->tally, epochs, cold_after_ns);
	}
	out->figures.swapped_bytes += bytes_of(region->untracked_swapped_pages);
	out->resident_bytes = out->figures.tracked_bytes + out->untracked_bytes;
}

bool snapshot_sum(struct snapshot *snap)
{
	uint64_t resident = 0, untracked = 0;
	bool closed = true;

	snap->figures = (struct figures){ .idle_median_ns = -1 };
	for (unsigned int i = 0; i < snap->nr_regions; i++) {
		const struct snapshot_region *region = &snap->regions[i];

		resident += region->resident_bytes;
		untracked += region->untracked_bytes;
		snap->untracked_bytes[region->reason] += region->untracked_bytes;
		figures_add(&snap->figures, &region->figures);
		snap->tracked |= region->sees == SEES_READS_WRITES;
		closed = closed && figures_closed(&region->figures);
	}
	snap->resident_bytes = resident;
	return closed && figures_closed(&snap->figures) &&
	       snap->figures.tracked_bytes + untracked == resident;
}

const char *event_name(enum event_kind kind)
{
	static const char *const names[EVENT_NR] = {
		[EVENT_REGION_NEW] = "region_new",
		[EVENT_REGION_GONE] = "region_gone",
		[EVENT_REGION_GROWN] = "region_grown",
		[EVENT_REGION_SHRUNK] = "region_shrunk",
		[EVENT_REGION_LOST] = "region_lost",
		[EVENT_FORK] = "fork",
		[EVENT_EXEC] = "exec",
		[EVENT_EXIT] = "exit",
		[EVENT_LATE] = "late",
		[EVENT_WARNING] = "warning",
	};

	return names[kind];
}

const char *run_end_name(enum run_end end)
{
	static const char *const names[END_NR] = {
		[END_EXITED] = "target exited",
		[END_COUNT] = "count reached",
		[END_DURATION] = "duration reached",
		[END_INTERRUPTED] = "interrupted",
		[END_FAILED] = "failed",
		[END_REPLAYED] = "recording ended",
	};

	return names[end];
}
