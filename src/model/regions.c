/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The difference between two looks at the target's mappings. */
#include "config.h"

#include "model/regions.h"

#include <errno.h>
#include <string.h>

static void region_free(struct region *region)
{
	free((char *)region->map.name);
	tally_free(&region->tally);
}

void region_set_free(struct region_set *set)
{
	for (size_t i = 0; i < set->nr; i++)
		region_free(&set->at[i]);
	free(set->at);
	*set = (struct region_set){ 0 };
}

int regions_copy(struct region_set *copy, const struct region_set *set)
{
	*copy = (struct region_set){ .cap = set->nr };
	copy->at = calloc(set->nr + 1, sizeof(*copy->at));
	if (!copy->at)
		return -ENOMEM;
	for (; copy->nr < set->nr; copy->nr++) {
		struct region *region = &copy->at[copy->nr];

		*region = set->at[copy->nr];
		region->tally = (struct tally){ 0 };
		region->map.name = strdup(region->map.name);
		if (!region->map.name) {
			region_set_free(copy);
			return -ENOMEM;
		}
	}
	return 0;
}

void region_changes_free(struct region_changes *changes)
{
	for (size_t i = 0; i < changes->nr; i++)
		free(changes->at[i].name);
	free(changes->at);
	*changes = (struct region_changes){ 0 };
}

int region_reset(struct region *region, struct pages *pages)
{
	tally_free(&region->tally);
	region->untracked_pages = 0;
	region->untracked_swapped_pages = 0;
	return pages_drop(pages, region->map.range);
}

/* Is it the same memory, perhaps with other bounds or permissions? */
static bool mapping_same(const struct region *region, const struct mapping *map)
{
	const struct mapping *old = &region->map;

	if (region->kind != region_classify(map) || old->dev != map->dev ||
	    old->inode != map->inode || (old->perms ^ map->perms) & PERM_SHARED)
		return false;
	return !map->inode || old->range.start - old->offset == map->range.start - map->offset;
}

static int change_add(struct region_changes *changes, struct region_change change, const char *name)
{
	if (changes->nr == changes->cap) {
		size_t cap = changes->cap ? 2 * changes->cap : 16;
		struct region_change *grown = realloc(changes->at, cap * sizeof(*grown));

		if (!grown)
			return -ENOMEM;
		changes->at = grown;
		changes->cap = cap;
	}
	change.name = strdup(name);
	if (!change.name)
		return -ENOMEM;
	changes->at[changes->nr++] = change;
	return 0;
}

/* Index of the first mapping that ends above addr. */
static size_t maps_find(const struct mapping_list *maps, uint64_t addr)
{
	size_t low = 0, high = maps->nr;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (maps->at[mid].range.end > addr)
			high = mid;
		else
			low = mid + 1;
	}
	return low;
}

/* What is still mapped of an old region: from the first to the last byte, and how many. */
struct remains {
	struct range hull;
	uint64_t bytes;
};

static void remains_add(struct remains *left, struct range range)
{
	if (!left->bytes)
		left->hull.start = range.start;
	left->hull.end = range.end;
	left->bytes += range_bytes(range);
}

/* Drop the pages of an old region where the same memory is no longer mapped. */
static int region_drop_lost(const struct region *old, const struct mapping_list *maps,
			    struct pages *pages, struct remains *left)
{
	uint64_t at = old->map.range.start;
	uint64_t end = old->map.range.end;

	*left = (struct remains){ 0 };
	for (size_t i = maps_find(maps, at); i < maps->nr && at < end; i++) {
		const struct mapping *map = &maps->at[i];
		struct range both = range_clip(map->range, old->map.range);

		if (range_empty(both))
			break;
		if (!mapping_same(old, map))
			continue; /* its part stays in [at, ...) and is dropped below */
		remains_add(left, both);
		if (at < both.start && pages_drop(pages, (struct range){ at, both.start }))
			return -ENOMEM;
		at = both.end;
	}
	return at < end ? pages_drop(pages, (struct range){ at, end }) : 0;
}

static int region_ended(const struct region *old, enum region_change_kind kind,
			struct region_changes *changes)
{
	return change_add(changes,
			  (struct region_change){
				  .kind = kind,
				  .range = old->map.range,
				  .bytes = range_bytes(old->map.range),
				  .observed = old->method != METHOD_NONE,
				  .tracked_pages = old->tally.resident_pages,
			  },
			  old->map.name);
}

int region_changes_lost(struct region_changes *changes, const struct region *region)
{
	return region_ended(region, CHANGE_LOST, changes);
}

static int region_shrunk(const struct region *old, const struct remains *left,
			 struct region_changes *changes)
{
	return change_add(changes,
			  (struct region_change){
				  .kind = CHANGE_SHRUNK,
				  .range = left->hull,
				  .bytes = range_bytes(old->map.range) - left->bytes,
			  },
			  old->map.name);
}

/* Old regions that were not kept as they are: drop what they lost, and tell of it. */
static int regions_retire(const struct region_set *old, const bool *kept,
			  const struct mapping_list *maps, struct pages *pages,
			  struct region_changes *changes)
{
	for (size_t i = 0; i < old->nr; i++) {
		const struct region *was = &old->at[i];
		struct remains left;
		int rc = 0;

		if (kept[i])
			continue;
		if (region_drop_lost(was, maps, pages, &left))
			return -ENOMEM;
		if (!left.bytes)
			rc = region_ended(was, CHANGE_GONE, changes);
		else if (left.bytes < range_bytes(was->map.range))
			rc = region_shrunk(was, &left, changes);
		if (rc)
			return rc;
	}
	return 0;
}

/* Why a region was refused may have changed: try again. */
static bool region_retry(const struct region *region, const struct mapping *map)
{
	if (region->method != METHOD_NONE)
		return false;
	return region->map.perms != map->perms || region->reason == REASON_OTHER_UFFD ||
	       region->reason == REASON_NO_MEMORY || region->reason == REASON_NOT_STOPPED ||
	       region->reason == REASON_NEW;
}

/* The region is what this old one was, or goes on from several. */
static void region_inherit(struct region *region, const struct region *was)
{
	if (was->method == METHOD_NONE)
		return;
	if (region->state == REGION_NEW || was->since_sample < region->since_sample)
		region->since_sample = was->since_sample;
	if (was->speaks_from > region->speaks_from)
		region->speaks_from = was->speaks_from;
	if (region_reason_passes(was->reason))
		region->reason = was->reason;
	region->state = REGION_CHANGED;
	region->method = was->method;
	region->sees = was->sees;
	region->unit_bytes = was->unit_bytes;
	region->told_apart = was->told_apart;
	region->unarmed |= was->unarmed;
	region->tally.born = was->tally.born;
}

/* A region over map, with what the old ones that it overlaps were. */
static int region_make(struct region *region, const struct mapping *map,
		       const struct region_set *old, size_t from, struct pages *pages,
		       unsigned int now, struct region_changes *changes)
{
	uint64_t fresh = range_bytes(map->range);
	bool heap_tail = false;
	enum region_change_kind kind;

	*region = (struct region){ .state = REGION_NEW, .map = *map, .kind = region_classify(map) };
	region->map.name = strdup(map->name);
	if (!region->map.name)
		return -ENOMEM;
	for (size_t i = from; i < old->nr; i++) {
		const struct region *was = &old->at[i];

		if (was->map.range.start >= map->range.end)
			break;
		if (!mapping_same(was, map))
			continue;
		heap_tail |= region->kind == KIND_HEAP && was->map.range.end == map->range.start;
		if (!range_overlaps(was->map.range, map->range))
			continue;
		fresh -= range_bytes(range_clip(was->map.range, map->range));
		region_inherit(region, was);
	}
	if (region->state == REGION_CHANGED && pages_count(pages, &region->tally, map->range, now))
		return -ENOMEM;
	if (!fresh)
		return 0;
	kind = fresh < range_bytes(map->range) || heap_tail ? CHANGE_GROWN : CHANGE_NEW;
	return change_add(
		changes,
		(struct region_change){ .kind = kind, .range = map->range, .bytes = fresh },
		map->name);
}

/* The same line again: move the region over, with its books. */
static int region_keep(struct region *region, struct region *was, const struct mapping *map)
{
	*region = *was;
	region->state = REGION_KEPT;
	if (region_retry(was, map)) {
		region->state = REGION_NEW;
		region->untracked_pages = 0; /* or they stay, should it be observed now */
		region->untracked_swapped_pages = 0;
		region->referenced_pages = 0;
	}
	was->map.name = NULL;
	was->tally = (struct tally){ 0 };
	region->map.perms = map->perms;
	if (strcmp(region->map.name, map->name) != 0) { /* "... (deleted)", a new [anon:name] */
		char *name = strdup(map->name);

		if (!name)
			return -ENOMEM;
		free((char *)region->map.name);
		region->map.name = name;
	}
	return 0;
}

/* For each mapping the index of the old region with the very same bounds, or -1. */
static void regions_match(const struct region_set *old, const struct mapping_list *maps,
			  ssize_t *match, bool *kept)
{
	size_t o = 0;

	for (size_t m = 0; m < maps->nr; m++) {
		match[m] = -1;
		while (o < old->nr && old->at[o].map.range.start < maps->at[m].range.start)
			o++;
		if (o < old->nr && range_equal(old->at[o].map.range, maps->at[m].range) &&
		    mapping_same(&old->at[o], &maps->at[m])) {
			match[m] = (ssize_t)o;
			kept[o] = true;
		}
	}
}

static int regions_build(struct region_set *set, struct region_set *old,
			 const struct mapping_list *maps, const ssize_t *match, struct pages *pages,
			 unsigned int now, struct region_changes *changes)
{
	size_t from = 0;

	for (size_t m = 0; m < maps->nr; m++) {
		const struct mapping *map = &maps->at[m];
		struct region *region = &set->at[set->nr++];
		int rc;

		/* One before may end where this one starts: the heap's tail. */
		while (from < old->nr && old->at[from].map.range.end < map->range.start)
			from++;
		rc = match[m] >= 0 ? region_keep(region, &old->at[match[m]], map)
				   : region_make(region, map, old, from, pages, now, changes);
		if (rc)
			return rc;
	}
	return 0;
}

int regions_update(struct region_set *set, const struct mapping_list *maps, struct pages *pages,
		   unsigned int now, struct region_changes *changes)
{
	struct region_set old = *set;
	auto_free ssize_t *match = calloc(maps->nr + 1, sizeof(*match));
	auto_free bool *kept = calloc(old.nr + 1, sizeof(*kept));
	int rc = -ENOMEM;

	*set = (struct region_set){ .at = calloc(maps->nr + 1, sizeof(*set->at)),
				    .cap = maps->nr + 1 };
	if (match && kept && set->at) {
		regions_match(&old, maps, match, kept);
		rc = regions_retire(&old, kept, maps, pages, changes);
		if (!rc)
			rc = regions_build(set, &old, maps, match, pages, now, changes);
	}
	region_set_free(&old);
	return rc;
}
