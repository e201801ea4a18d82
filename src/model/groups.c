/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sorted by name, neighbours put together, sorted by heat.  Medians cannot be added up, so a
 * group of several regions takes its own from the added buckets.
 */
#include "config.h"

#include "model/groups.h"

#include <errno.h>
#include <string.h>

const char *groups_by_name(enum groups_by by)
{
	static const char *const names[] = {
		[BY_MAPPING] = "mapping",
		[BY_KIND] = "kind",
		[BY_SECTION] = "section",
		[BY_SYMBOL] = "symbol",
	};

	return names[by];
}

void groups_free(struct groups *groups)
{
	free(groups->at);
	*groups = (struct groups){ 0 };
}

struct group group_of_region(const struct snapshot_region *region)
{
	struct group group = {
		.name = region->name,
		.whole = true,
		.nr_regions = 1,
		.reason = region->untracked_bytes ? region->reason : REASON_NONE,
		.resident_bytes = region->resident_bytes,
		.figures = { .idle_median_ns = -1, .swapped_bytes = region->figures.swapped_bytes },
	};

	if (region->method == METHOD_NONE) {
		group.passes = region_reason_passes(region->reason);
		return group;
	}
	group.method = region->method;
	group.sees = region->sees;
	group.ages = region->ages;
	group.figures = region->figures;
	group.median_bound = region->figures.idle_median_since_start;
	return group;
}

int groups_add(struct groups *groups, const struct group *group)
{
	if (util_reserve(&groups->at, groups->nr, &groups->cap, sizeof(*groups->at)))
		return -ENOMEM;
	groups->at[groups->nr++] = *group;
	return 0;
}

/*
 * What is found in this sample goes with what is observed under its name, whichever
 * way, so it comes last; what is never observed only with what may be called hot.
 */
static int rank(const struct group *group)
{
	if (group->method == METHOD_NONE)
		return group->passes ? METHOD_NR + 1 : 0;
	return group->sees == SEES_WRITES ? METHOD_NR : (int)group->method;
}

static int compare_names(const struct group *a, const struct group *b)
{
	int order = strcmp(a->name, b->name);

	if (order)
		return order;
	return strcmp(a->object ? a->object : "", b->object ? b->object : "");
}

static int compare_keys(const void *a, const void *b)
{
	int order = compare_names(a, b);

	return order ? order : rank(a) - rank(b);
}

/* May the next by name and rank be part of the group? */
static bool group_takes(const struct group *group, const struct group *next)
{
	if (compare_names(group, next) != 0)
		return false;
	if (next->method == METHOD_NONE)
		return true; /* it comes before what is observed, or is to go with it */
	if (group->method == METHOD_NONE)
		return next->sees == SEES_READS_WRITES;
	return group->method == next->method && group->sees == next->sees;
}

static void group_put(struct group *group, const struct group *next)
{
	group->nr_regions += next->nr_regions;
	group->resident_bytes += next->resident_bytes;
	group->whole &= next->whole;
	if (next->reason)
		group->reason = next->reason;
	figures_add(&group->figures, &next->figures);
	if (next->method == METHOD_NONE)
		return;
	group->method = next->method;
	group->sees = next->sees;
	group->ages = next->ages;
}

static void set_median(struct group *group, const struct edges *edges, int64_t observed_ns)
{
	struct figures *figures = &group->figures;
	uint64_t sum = 0;
	unsigned int i;

	group->median_bound = true;
	figures->idle_median_ns = -1;
	if (!figures->tracked_bytes)
		return;
	for (i = 0; i < edges->nr; i++) {
		sum += figures->idle_bytes[i];
		if (sum >= figures->tracked_bytes - sum)
			break;
	}
	figures->idle_median_ns = i < edges->nr ? edges->ns[i] : observed_ns;
}

static int compare_bytes(uint64_t a, uint64_t b)
{
	return a < b ? 1 : a > b ? -1 : 0;
}

/* No two have name, object and method, so that the order never depends on the sort. */
static int compare_heat(const void *a, const void *b)
{
	const struct group *left = a, *right = b;
	int order = compare_bytes(left->figures.hot_bytes, right->figures.hot_bytes);

	if (!order)
		order = compare_bytes(left->resident_bytes, right->resident_bytes);
	if (!order)
		order = compare_names(left, right);
	return order ? order : (int)left->method - (int)right->method;
}

void groups_merge(struct groups *groups, const struct edges *edges, int64_t observed_ns)
{
	size_t nr = 0;

	if (!groups->nr)
		return;
	qsort(groups->at, groups->nr, sizeof(*groups->at), compare_keys);
	for (size_t i = 1; i < groups->nr; i++) {
		if (group_takes(&groups->at[nr], &groups->at[i]))
			group_put(&groups->at[nr], &groups->at[i]);
		else
			groups->at[++nr] = groups->at[i];
	}
	groups->nr = nr + 1;
	for (size_t i = 0; i < groups->nr; i++)
		if (groups->at[i].nr_regions > 1 || !groups->at[i].whole)
			set_median(&groups->at[i], edges, observed_ns);
	qsort(groups->at, groups->nr, sizeof(*groups->at), compare_heat);
}

int groups_of_snapshot(struct groups *groups, enum groups_by by, const struct snapshot *snap,
		       const struct edges *edges)
{
	*groups = (struct groups){ .by = by };
	for (unsigned int i = 0; i < snap->nr_regions; i++) {
		struct group group = group_of_region(&snap->regions[i]);

		if (by == BY_KIND)
			group.name = region_kind_name(snap->regions[i].kind);
		if (groups_add(groups, &group))
			return -ENOMEM;
	}
	groups_merge(groups, edges, snap->observed_ns);
	return 0;
}
