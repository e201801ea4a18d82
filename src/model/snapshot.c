/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From tallies to the figures that outputs show, and the books' check. */
#include "config.h"

#include "model/snapshot.h"

#include <string.h>

#include "base/units.h"

static uint64_t bytes_of(uint64_t pages)
{
	return pages << PAGE_SHIFT;
}

int64_t recent_ns(enum recent recent)
{
	static const int64_t minutes[RECENT_NR] = { 1, 2, 5 };

	return 60 * NS_PER_S * minutes[recent];
}

/* What figures_of_tally() hands through tally_each_stamp(). */
struct idle_sum {
	struct figures *figures;
	const struct epochs *epochs;
	int64_t cold_after_ns;
	uint64_t older_pages, total_pages;
};

static void add_by_warmth(struct figures *figures, enum warmth warmth, uint64_t bytes)
{
	switch (warmth) {
	case WARMTH_HOT:
		figures->hot_bytes += bytes;
		break;
	case WARMTH_WARM:
		figures->warm_bytes += bytes;
		break;
	case WARMTH_COLD:
		figures->cold_bytes += bytes;
		break;
	}
}

/* All that only depends on the idle time. */
static void add_by_idle(struct figures *figures, unsigned int stamp, uint64_t bytes,
			const struct epochs *epochs, int64_t cold_after_ns)
{
	const int64_t idle_ns = epochs_idle_ns(epochs, stamp);

	if (stamp == EPOCH_START)
		figures->since_start_bytes += bytes;
	else
		figures->idle_bytes[edges_bucket(epochs->edges, idle_ns)] += bytes;

	for (enum recent i = 0; i < RECENT_NR && stamp != EPOCH_START; i++)
		if (idle_ns < recent_ns(i))
			figures->recent_bytes[i] += bytes;

	add_by_warmth(figures, epochs_warmth(epochs, stamp, cold_after_ns), bytes);
}

void figures_add_bytes(struct figures *figures, uint64_t bytes, struct page_age age,
		       const struct epochs *epochs, int64_t cold_after_ns)
{
	add_by_idle(figures, age.stamp, bytes, epochs, cold_after_ns);
	figures->tracked_bytes += bytes;
	figures->heat_bytes[tally_windows(age, epochs->now)] += bytes;
	figures->colder_bytes = figures->tracked_bytes - figures->recent_bytes[RECENT_NR - 1];
}

static void idle_sum_add(void *ctx, unsigned int stamp, uint64_t pages)
{
	struct idle_sum *sum = ctx;

	if (2 * sum->older_pages <= sum->total_pages) {
		sum->figures->idle_median_ns = epochs_idle_ns(sum->epochs, stamp);
		sum->figures->idle_median_since_start = stamp == EPOCH_START;
	}
	sum->older_pages += pages;
	add_by_idle(sum->figures, stamp, bytes_of(pages), sum->epochs, sum->cold_after_ns);
}

/*
 * A page that was touched and went away within one window is counted there still,
 * but no longer as hot: never tell more than there is.
 */
static void set_ways(struct figures *figures, const struct tally *tally)
{
	uint64_t left = figures->hot_bytes, written = bytes_of(tally->written_pages);
	uint64_t only_read = bytes_of(tally->only_read_pages);

	figures->written_bytes = written < left ? written : left;
	left -= figures->written_bytes;
	figures->only_read_bytes = only_read < left ? only_read : left;
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
	figures->colder_bytes = figures->tracked_bytes - figures->recent_bytes[RECENT_NR - 1];
	set_ways(figures, tally);
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
	sum->written_bytes += figures->written_bytes;
	sum->only_read_bytes += figures->only_read_bytes;
	sum->retouched_since_start_bytes += figures->retouched_since_start_bytes;
	for (unsigned int b = 0; b < EDGES_MAX; b++) {
		sum->idle_bytes[b] += figures->idle_bytes[b];
		sum->retouched_bytes[b] += figures->retouched_bytes[b];
	}
	for (unsigned int n = 0; n <= HEAT_WINDOWS; n++)
		sum->heat_bytes[n] += figures->heat_bytes[n];
	for (unsigned int i = 0; i < RECENT_NR; i++)
		sum->recent_bytes[i] += figures->recent_bytes[i];
	sum->colder_bytes += figures->colder_bytes;
}

/* Of a histogram by idle time: all from an edge on.  Behind the last edge there is nothing. */
static uint64_t sum_from(const uint64_t bytes[EDGES_MAX], unsigned int edge)
{
	uint64_t sum = 0;

	for (; edge < EDGES_MAX; edge++)
		sum += bytes[edge];
	return sum;
}

uint64_t figures_idle_bytes(const struct figures *figures, unsigned int edge)
{
	return sum_from(figures->idle_bytes, edge) + figures->since_start_bytes;
}

uint64_t figures_retouched_bytes(const struct figures *figures, unsigned int edge)
{
	return sum_from(figures->retouched_bytes, edge) + figures->retouched_since_start_bytes;
}

bool figures_closed(const struct figures *figures)
{
	uint64_t idle = figures_idle_bytes(figures, 0), heat = 0;

	for (unsigned int n = 0; n <= HEAT_WINDOWS; n++)
		heat += figures->heat_bytes[n];
	return idle == figures->tracked_bytes && heat == figures->tracked_bytes &&
	       figures->hot_bytes + figures->warm_bytes + figures->cold_bytes ==
		       figures->tracked_bytes &&
	       figures->written_bytes + figures->only_read_bytes <= figures->hot_bytes;
}

/* Nothing is known of the pages for now, or only how many there are. */
static void fill_unknown(struct snapshot_region *out, const struct region *region)
{
	out->method = METHOD_NONE;
	out->sees = SEES_NOTHING;
	out->told_apart = out->ages = false;
	out->untracked_bytes = bytes_of(region->tally.resident_pages);
	out->figures.idle_median_ns = -1;
	out->figures.swapped_bytes = bytes_of(region->tally.swapped_pages);
}

/* Method refs: a sum for the region, no ages. */
static void fill_referenced(struct snapshot_region *out, const struct region *region)
{
	uint64_t bytes = bytes_of(region->referenced_pages);

	out->ages = false;
	out->untracked_bytes -= bytes;
	out->figures = (struct figures){
		.tracked_bytes = bytes,
		.hot_bytes = bytes,
		.idle_bytes[0] = bytes,
		.heat_bytes[1] = bytes,
		.idle_median_ns = -1,
	};
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
		.told_apart = region->told_apart,
		.ages = region->method != METHOD_NONE,
		.since_sample = region->since_sample,
		.untracked_bytes = bytes_of(region->untracked_pages),
	};
	if (region->method == METHOD_REFS)
		fill_referenced(out, region);
	else if (region_reason_passes(region->reason))
		fill_unknown(out, region);
	else
		figures_of_tally(&out->figures, &region->tally, epochs, cold_after_ns);
	out->figures.swapped_bytes += bytes_of(region->untracked_swapped_pages);
	out->resident_bytes = out->figures.tracked_bytes + out->untracked_bytes;
}

bool snapshot_sum(struct snapshot *snap)
{
	uint64_t resident = 0, untracked = 0;
	bool closed = true;

	snap->figures = snap->writes = (struct figures){ .idle_median_ns = -1 };
	for (unsigned int i = 0; i < snap->nr_regions; i++) {
		const struct snapshot_region *region = &snap->regions[i];

		resident += region->resident_bytes;
		untracked += region->untracked_bytes;
		snap->untracked_bytes[region->reason] += region->untracked_bytes;
		figures_add(region->sees == SEES_WRITES ? &snap->writes : &snap->figures,
			    &region->figures);
		snap->tracked |= region->sees == SEES_READS_WRITES;
		snap->ages |= region->sees == SEES_READS_WRITES && region->ages;
		snap->told_apart |= region->told_apart;
		snap->writes_only |= region->sees == SEES_WRITES;
		closed = closed && figures_closed(&region->figures);
	}
	snap->resident_bytes = resident;
	snap->tracked_bytes = snap->figures.tracked_bytes + snap->writes.tracked_bytes;
	snap->swapped_bytes = snap->figures.swapped_bytes + snap->writes.swapped_bytes;
	return closed && figures_closed(&snap->figures) && figures_closed(&snap->writes) &&
	       snap->tracked_bytes + untracked == resident;
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
