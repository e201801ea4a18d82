/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sorted by name, neighbours put together, sorted by heat.  Medians cannot be
 * added up, so a row of several regions takes its own from the added buckets.
 */
#include "config.h"

#include "out/rows.h"

#include <errno.h>
#include <string.h>

#include "base/util.h"

typedef int compare_fn(const void *, const void *);

/*
 * What is found in this sample goes with what is observed under its name, whichever
 * way, so it comes last; what is never observed only with what may be called hot.
 */
static int rank(const struct snapshot_region *region)
{
	if (region->method == METHOD_NONE)
		return region_reason_passes(region->reason) ? METHOD_NR + 1 : 0;
	return region->sees == SEES_WRITES ? METHOD_NR : (int)region->method;
}

static int compare_names(const void *a, const void *b)
{
	const struct snapshot_region *const *left = a;
	const struct snapshot_region *const *right = b;
	int order = strcmp((*left)->name, (*right)->name);

	return order ? order : rank(*left) - rank(*right);
}

/* May the region, the next by name and rank, be part of the row? */
static bool row_takes(const struct row *row, const struct snapshot_region *region)
{
	/* Its first region gave it a name. */
	/* NOLINTNEXTLINE(clang-analyzer-core.NonNullParamChecker) */
	if (strcmp(row->name, region->name) != 0)
		return false;
	if (region->method == METHOD_NONE)
		return true; /* it comes before what is observed, or is to go with it */
	if (row->method == METHOD_NONE)
		return region->sees == SEES_READS_WRITES;
	return row->method == region->method && row->sees == region->sees;
}

static int compare_bytes(uint64_t a, uint64_t b)
{
	return a < b ? 1 : a > b ? -1 : 0;
}

/* No two rows have both name and method, so that the order never depends on the sort. */
static int compare_heat(const void *a, const void *b)
{
	const struct row *left = a;
	const struct row *right = b;
	int order = compare_bytes(left->hot_bytes, right->hot_bytes);

	if (!order)
		order = compare_bytes(left->resident_bytes, right->resident_bytes);
	if (!order)
		order = strcmp(left->name, right->name);
	return order ? order : (int)left->method - (int)right->method;
}

static void add_known(struct row *row, const struct figures *figures, const struct edges *edges)
{
	for (unsigned int i = 0; i < edges->nr; i++)
		row->idle_bytes[i] += figures->idle_bytes[i];
	row->idle_bytes[edges->nr] += figures->since_start_bytes;
	row->hot_bytes += figures->hot_bytes;
	row->tracked_bytes += figures->tracked_bytes;
	row->median_ns = figures->idle_median_ns;
	row->median_bound = figures->idle_median_since_start;
}

static void add_region(struct row *row, const struct snapshot_region *region,
		       const struct edges *edges)
{
	row->name = region->name;
	row->nr_regions++;
	row->resident_bytes += region->resident_bytes;
	if (region->untracked_bytes)
		row->reason = region->reason;
	if (!buckets_known(region))
		return;
	row->method = region->method;
	row->sees = region->sees;
	row->ages = region->ages;
	add_known(row, &region->figures, edges);
}

static void set_median(struct row *row, const struct edges *edges, int64_t observed_ns)
{
	uint64_t sum = 0;
	unsigned int i;

	row->median_bound = true;
	row->median_ns = -1;
	if (!row->tracked_bytes)
		return;
	for (i = 0; i < edges->nr; i++) {
		sum += row->idle_bytes[i];
		if (sum >= row->tracked_bytes - sum)
			break;
	}
	row->median_ns = i < edges->nr ? edges->ns[i] : observed_ns;
}

static void merge(struct rows *rows, const struct snapshot_region *const *sorted,
		  const struct snapshot *snap, const struct edges *edges)
{
	for (unsigned int i = 0; i < snap->nr_regions; i++) {
		if (!rows->nr || !row_takes(&rows->at[rows->nr - 1], sorted[i]))
			rows->at[rows->nr++] = (struct row){ .median_ns = -1 };
		add_region(&rows->at[rows->nr - 1], sorted[i], edges);
	}
	for (unsigned int i = 0; i < rows->nr; i++) {
		if (rows->at[i].nr_regions > 1)
			set_median(&rows->at[i], edges, snap->observed_ns);
	}
}

/* At least as many as there will be rows. */
static unsigned int count_groups(const struct snapshot_region *const *sorted, unsigned int nr)
{
	unsigned int nr_groups = nr ? 1 : 0;

	for (unsigned int i = 1; i < nr; i++)
		nr_groups += compare_names(&sorted[i], &sorted[i - 1]) != 0;
	return nr_groups;
}

int rows_build(struct rows *rows, const struct snapshot *snap, const struct edges *edges)
{
	size_t nr = snap->nr_regions;
	auto_free const struct snapshot_region **sorted = calloc(nr + 1, sizeof(*sorted));

	*rows = (struct rows){ 0 };
	if (!sorted)
		return -ENOMEM;
	for (size_t i = 0; i < nr; i++)
		sorted[i] = &snap->regions[i];
	qsort(sorted, nr, sizeof(*sorted), compare_names);

	rows->at = calloc(count_groups(sorted, snap->nr_regions) + 1, sizeof(*rows->at));
	if (!rows->at)
		return -ENOMEM;
	merge(rows, sorted, snap, edges);
	qsort(rows->at, rows->nr, sizeof(*rows->at), compare_heat);
	return 0;
}

void rows_free(struct rows *rows)
{
	free(rows->at);
	*rows = (struct rows){ 0 };
}
