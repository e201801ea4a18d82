/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What happens is drawn so that every change of a page's state occurs often. */
#include "config.h"

#include "story.h"

#include <string.h>

#define SECOND INT64_C(1000000000)

static bool empty(struct naive_run run)
{
	return run.first >= run.end;
}

/* Its mapping has other bounds: what the method says of new pages is the same. */
static bool region_count(struct story *story, struct story_region *region)
{
	uint16_t born = region->tally.born;

	tally_free(&region->tally);
	region->tally.born = born;
	naive_set_born(&story->naive, region->run, region->born);
	return !pages_count(story->pages, &region->tally, naive_range(region->run),
			    story->epochs.now);
}

static bool see(struct story *story, struct story_region *region, struct naive_run run,
		unsigned int bits)
{
	naive_see(&story->naive, run, bits);
	return !pages_see(story->pages, &region->tally, naive_range(run), bits, &story->epochs);
}

/* Armed: half of the methods see writes only, so that unwritten pages are as old as this. */
static void set_born(struct story *story, struct story_region *region)
{
	bool writes_only = rng_percent(&story->rng, 50);

	region->born = writes_only ? (int)story->naive.now : -1;
	region->tally.born = writes_only ? (uint16_t)story->epochs.now : EPOCH_NEVER;
	naive_set_born(&story->naive, region->run, region->born);
}

static bool drop(struct story *story, struct naive_run run)
{
	naive_drop(&story->naive, run);
	return !pages_drop(story->pages, naive_range(run));
}

static unsigned int random_bits(struct story *story, bool arming)
{
	static const unsigned int seen[] = {
		PAGE_BIT_PRESENT,
		PAGE_BIT_PRESENT,
		PAGE_BIT_PRESENT | PAGE_BIT_TOUCHED,
		PAGE_BIT_PRESENT | PAGE_BIT_TOUCHED,
		PAGE_BIT_PRESENT | PAGE_BIT_TOUCHED | PAGE_BIT_ZERO,
		PAGE_BIT_PRESENT | PAGE_BIT_ZERO,
		PAGE_BIT_SWAPPED,
		PAGE_BIT_SWAPPED | PAGE_BIT_TOUCHED,
		PAGE_BIT_PRESENT | PAGE_BIT_TOUCHED | PAGE_BIT_WRITTEN,
		PAGE_BIT_PRESENT | PAGE_BIT_TOUCHED | PAGE_BIT_ONLY_READ,
		PAGE_BIT_PRESENT | PAGE_BIT_TOUCHED | PAGE_BIT_ONLY_READ | PAGE_BIT_ZERO,
		PAGE_BIT_KEPT,
		PAGE_BIT_SWAPPED | PAGE_BIT_KEPT,
		PAGE_BIT_SWAPPED | PAGE_BIT_KEPT | PAGE_BIT_TOUCHED | PAGE_BIT_WRITTEN,
		0,
	};
	const unsigned int of_accesses = PAGE_BIT_TOUCHED | PAGE_BIT_WRITTEN | PAGE_BIT_ONLY_READ;
	unsigned int bits = seen[rng_below(&story->rng, sizeof(seen) / sizeof(*seen))];

	return arming ? bits & ~of_accesses : bits;
}

/* Runs are short or long, or end where a chunk does. */
static unsigned int random_end(struct story *story, struct naive_run left)
{
	static const unsigned int longest[] = { 1, 8, 64, 700, NAIVE_PAGES };
	unsigned int end = left.first + 1 +
			   rng_below(&story->rng, longest[rng_below(&story->rng, 5)]);

	if (rng_percent(&story->rng, 30))
		end = (left.first / HUGE_PAGES + 1) * HUGE_PAGES;
	return end < left.end ? end : left.end;
}

/* Every page of the region is told once. */
static bool see_region(struct story *story, struct story_region *region, bool arming)
{
	struct naive_run left = region->run;

	while (!empty(left)) {
		struct naive_run run = { left.first, random_end(story, left) };
		unsigned int bits = random_bits(story, arming);

		if (story->huge && (bits & PAGE_BIT_PRESENT) && rng_percent(&story->rng, 40))
			bits |= PAGE_BIT_HUGE;
		if (!see(story, region, run, bits))
			return false;
		left.first = run.end;
	}
	return true;
}

/* Mappings changed under the scan: what was seen touched is seen once more. */
static bool see_again(struct story *story, struct story_region *region)
{
	struct naive_run run = region->run;

	run.first += rng_below(&story->rng, run.end - run.first);
	run.end = random_end(story, run);
	return see(story, region, run, PAGE_BIT_PRESENT) &&
	       see(story, region, run, PAGE_BIT_PRESENT | PAGE_BIT_TOUCHED);
}

static struct story_region *free_region(struct story *story)
{
	for (unsigned int i = 0; i < STORY_REGIONS; i++)
		if (empty(story->region[i].run))
			return &story->region[i];
	return NULL;
}

/* The pages from run->first on that no region has, at most up to run->end. */
static struct naive_run gap_at(const struct story *story, struct naive_run run)
{
	for (unsigned int i = 0; i < STORY_REGIONS; i++) {
		struct naive_run taken = story->region[i].run;

		if (empty(taken) || taken.end <= run.first)
			continue;
		if (taken.first <= run.first)
			return (struct naive_run){ run.first, run.first };
		if (taken.first < run.end)
			run.end = taken.first;
	}
	return run;
}

static bool map_new(struct story *story)
{
	struct story_region *region = free_region(story);
	struct naive_run run = { rng_below(&story->rng, NAIVE_PAGES), NAIVE_PAGES };

	if (!region)
		return true;
	if (rng_percent(&story->rng, 25))
		run.first = run.first / HUGE_PAGES * HUGE_PAGES;
	run = gap_at(story, run);
	if (empty(run))
		return true;
	run.end = random_end(story, run);
	region->run = run;
	set_born(story, region);
	return see_region(story, region, true);
}

static bool unmap(struct story *story, struct story_region *region)
{
	struct naive_run run = region->run;

	tally_free(&region->tally);
	region->run = (struct naive_run){ 0 };
	return drop(story, run);
}

static bool shrink(struct story *story, struct story_region *region)
{
	struct naive_run lost = region->run;
	unsigned int pages = region->run.end - region->run.first;

	if (pages < 2)
		return true;
	if (rng_percent(&story->rng, 50))
		region->run.end = lost.first += 1 + rng_below(&story->rng, pages - 1);
	else
		region->run.first = lost.end -= 1 + rng_below(&story->rng, pages - 1);
	return drop(story, lost) && region_count(story, region);
}

static bool extend(struct story *story, struct story_region *region)
{
	struct naive_run gap = gap_at(story, (struct naive_run){ region->run.end, NAIVE_PAGES });

	if (empty(gap))
		return true;
	region->run.end = random_end(story, gap);
	return region_count(story, region);
}

/* mprotect() in the middle: two mappings of the same memory. */
static bool split(struct story *story, struct story_region *region)
{
	struct story_region *other = free_region(story);
	unsigned int pages = region->run.end - region->run.first;

	if (!other || pages < 2)
		return true;
	other->run.end = region->run.end;
	region->run.end = region->run.first + 1 + rng_below(&story->rng, pages - 1);
	other->run.first = region->run.end;
	other->born = region->born;
	other->tally.born = region->tally.born;
	naive_cut(&story->naive, other->run.first);
	return region_count(story, region) && region_count(story, other);
}

static bool merge(struct story *story, struct story_region *region)
{
	for (unsigned int i = 0; i < STORY_REGIONS; i++) {
		struct story_region *other = &story->region[i];

		if (empty(other->run) || other->run.first != region->run.end)
			continue;
		region->run.end = other->run.end;
		other->run = (struct naive_run){ 0 };
		tally_free(&other->tally);
		return region_count(story, region);
	}
	return true;
}

static bool change_region(struct story *story, struct story_region *region)
{
	switch (rng_below(&story->rng, 30)) {
	case 0:
		return unmap(story, region);
	case 1:
		return shrink(story, region);
	case 2:
		return split(story, region);
	case 3:
		return merge(story, region);
	case 4:
		return extend(story, region);
	case 5: /* lost: another mapping has its place */
		tally_free(&region->tally);
		set_born(story, region);
		return drop(story, region->run);
	default:
		return true;
	}
}

bool story_begin(struct story *story, uint64_t seed)
{
	static const int64_t edges_s[] = { 0, 1, 3, 5, 10, 20, 40 };

	memset(story, 0, sizeof(*story));
	story->rng.state = seed;
	story->huge = seed % 2;
	story->edges.nr = sizeof(edges_s) / sizeof(*edges_s);
	for (unsigned int i = 0; i < story->edges.nr; i++)
		story->edges.ns[i] = edges_s[i] * SECOND;
	naive_begin(&story->naive, &story->edges, 7 * SECOND);
	story->pages = pages_new();
	if (!story->pages || epochs_init(&story->epochs, &story->edges, 7 * SECOND))
		return false;
	for (unsigned int i = 0; i < 4; i++)
		if (!map_new(story))
			return false;
	return true;
}

void story_end(struct story *story)
{
	for (unsigned int i = 0; i < STORY_REGIONS; i++)
		tally_free(&story->region[i].tally);
	epochs_free(&story->epochs);
	pages_free(story->pages);
}

/* Mostly on time; now and then very late, and twice at once. */
static int64_t random_interval(struct story *story)
{
	if (rng_percent(&story->rng, 10))
		return (1 + rng_below(&story->rng, 9)) * SECOND;
	return rng_percent(&story->rng, 5) ? 0 : SECOND;
}

bool story_window(struct story *story)
{
	int64_t at_ns = story->naive.at_ns[story->naive.now] + random_interval(story);
	bool fine = !epochs_next(&story->epochs, at_ns);

	naive_window(&story->naive, at_ns);
	for (unsigned int i = 0; i < STORY_REGIONS; i++)
		tally_window(&story->region[i].tally, story->epochs.now);
	for (unsigned int i = 0; i < STORY_REGIONS && fine; i++)
		if (!empty(story->region[i].run))
			fine = change_region(story, &story->region[i]);
	for (unsigned int i = 0; i < STORY_REGIONS && fine; i++)
		if (!empty(story->region[i].run) && !rng_percent(&story->rng, 10))
			fine = see_region(story, &story->region[i], false);
	for (unsigned int i = 0; i < STORY_REGIONS && fine; i++)
		if (!empty(story->region[i].run) && rng_percent(&story->rng, 10))
			fine = see_again(story, &story->region[i]);
	if (fine && rng_percent(&story->rng, 20))
		fine = map_new(story);
	return fine;
}

bool story_compact(struct story *story, int64_t keep_ns)
{
	static uint16_t renumber[EPOCH_MAX + 1];
	bool fine = true;

	epochs_compact(&story->epochs, keep_ns, renumber);
	pages_renumber(story->pages, renumber);
	story->renewed = true;
	for (unsigned int i = 0; i < STORY_REGIONS; i++) {
		struct story_region *region = &story->region[i];

		region->tally.born = renumber[region->tally.born];
		if (fine && !empty(region->run))
			fine = region_count(story, region);
	}
	return fine;
}
