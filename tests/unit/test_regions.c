/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * model/regions.c: random sequences of mappings against a plain map of pages, each
 * with what it is mapped to; and a few by hand.
 */
#include "config.h"

#include "model/regions.h"

#include <string.h>

#include "rng.h"
#include "tap.h"

#define NR_STORIES 300u
#define NR_LOOKS 25u
#define NR_SLOTS 96u
#define BASE UINT64_C(0x7f00001fa000) /* chunks of 2 MiB begin in the middle */

/* What can be mapped: two of these are the same memory only if they are one. */
static const struct thing {
	const char *name;
	unsigned int perms;
	uint64_t dev, inode, shift;
} things[] = {
	{ "", 0, 0, 0, 0 }, /* nothing */
	{ "", PERM_READ, 0, 0, 0 },
	{ "[heap]", PERM_READ, 0, 0, 0 },
	{ "/memfd:ram (deleted)", PERM_READ | PERM_SHARED, 1, 100, 0 },
	{ "/memfd:ram (deleted)", PERM_READ | PERM_SHARED, 1, 100, 64 * PAGE_BYTES },
	{ "/memfd:ram (deleted)", PERM_READ | PERM_SHARED, 1, 101, 0 },
	{ "/memfd:ram (deleted)", PERM_READ, 1, 100, 0 },
	{ "/dev/zero (deleted)", PERM_READ | PERM_SHARED, 1, 300, 0 },
	{ "/usr/lib/libx.so", PERM_READ, 8, 200, 0 },
	{ "/usr/lib/libx.so", PERM_READ, 9, 200, 0 },
};

struct slot {
	unsigned int thing; /* 0: nothing */
	bool writable;
	unsigned int stamp; /* 0: nothing known */
};

/* The naive view of a region: what it was when last looked at. */
struct seen_region {
	unsigned int first, end, thing;
	bool writable;
	enum region_method method;
	enum region_reason reason;
	unsigned int since;
};

static struct world {
	struct rng rng;
	struct slot slot[NR_SLOTS];
	struct seen_region was[NR_SLOTS];
	unsigned int nr_was;
	struct slot slot_was[NR_SLOTS];
	struct pages *pages;
	struct epochs epochs;
	struct region_set set;
	struct mapping map[NR_SLOTS];
	struct mapping_list maps;
	struct region_changes changes;
} w;

static const struct edges edges = { .nr = 2, .ns = { 0, 1000000000 } };

static uint64_t addr_of(unsigned int slot)
{
	return BASE + slot * PAGE_BYTES;
}

static bool same_line(const struct slot *a, const struct slot *b)
{
	return a->thing == b->thing && a->writable == b->writable;
}

static struct mapping mapping_of(unsigned int first, unsigned int end)
{
	const struct thing *thing = &things[w.slot[first].thing];

	return (struct mapping){
		.range = { addr_of(first), addr_of(end) },
		.perms = thing->perms | (w.slot[first].writable ? PERM_WRITE : 0),
		.offset = thing->inode ? first * PAGE_BYTES + thing->shift : 0,
		.dev = thing->dev,
		.inode = thing->inode,
		.name = thing->name,
	};
}

static void make_maps(void)
{
	w.maps = (struct mapping_list){ .at = w.map };
	for (unsigned int i = 0, end; i < NR_SLOTS; i = end) {
		for (end = i + 1; end < NR_SLOTS && same_line(&w.slot[i], &w.slot[end]);)
			end++;
		if (w.slot[i].thing)
			w.map[w.maps.nr++] = mapping_of(i, end);
	}
}

/* Map, unmap, protect and move around at random; mostly little. */
static void change_slots(void)
{
	for (unsigned int n = rng_below(&w.rng, 4); n > 0; n--) {
		unsigned int first = rng_below(&w.rng, NR_SLOTS);
		unsigned int end = first + 1 + rng_below(&w.rng, rng_percent(&w.rng, 50) ? 4 : 40);
		unsigned int thing = rng_below(&w.rng, ARRAY_LEN(things));
		bool protect = rng_percent(&w.rng, 40), writable = rng_percent(&w.rng, 60);

		for (unsigned int i = first; i < end && i < NR_SLOTS; i++) {
			if (!protect)
				w.slot[i].thing = thing;
			w.slot[i].writable = writable;
		}
	}
}

static bool wrong(const char *what, size_t at)
{
	printf("# %s, mapping %zu\n", what, at);
	return false;
}

static unsigned int slot_at(uint64_t addr)
{
	return (unsigned int)((addr - BASE) >> PAGE_SHIFT);
}

struct expected {
	enum region_state state;
	enum region_method method;
	unsigned int since;
	unsigned int fresh; /* slots that were not this thing before */
	bool heap_tail;
};

/* A region that was in these very bounds stays; else it goes on from those it overlaps. */
static struct expected expect_region(unsigned int first, unsigned int end)
{
	struct expected e = { .state = REGION_NEW };

	for (unsigned int i = first; i < end; i++)
		e.fresh += w.slot_was[i].thing != w.slot[i].thing;
	for (unsigned int i = 0; i < w.nr_was; i++) {
		const struct seen_region *was = &w.was[i];

		if (was->thing != w.slot[first].thing)
			continue;
		e.heap_tail |= was->thing == 2 && was->end == first;
		if (was->end <= first || was->first >= end)
			continue;
		if (was->first == first && was->end == end) {
			bool retry = was->method == METHOD_NONE &&
				     (was->writable != w.slot[first].writable ||
				      was->reason == REASON_OTHER_UFFD);

			e.state = retry ? REGION_NEW : REGION_KEPT;
			e.method = was->method;
			e.since = was->since;
		} else if (was->method != METHOD_NONE) {
			e.since = e.state == REGION_NEW || was->since < e.since ? was->since
										: e.since;
			e.state = REGION_CHANGED;
			e.method = was->method;
		}
	}
	return e;
}

static bool tally_matches(const struct region *region, unsigned int first, unsigned int end)
{
	uint64_t resident = 0;

	for (unsigned int i = first; i < end; i++)
		resident += w.slot[i].stamp != 0;
	return region->tally.resident_pages == resident;
}

static bool check_region(size_t at)
{
	const struct region *region = &w.set.at[at];
	unsigned int first = slot_at(w.map[at].range.start), end = slot_at(w.map[at].range.end);
	struct expected e = expect_region(first, end);

	if (!range_equal(region->map.range, w.map[at].range) ||
	    strcmp(region->map.name, w.map[at].name) != 0 || region->map.perms != w.map[at].perms)
		return wrong("another mapping", at);
	if (region->state != e.state)
		return wrong("another state", at);
	if (region->method != e.method || (e.method && region->since_sample != e.since))
		return wrong("another method or age", at);
	if ((e.state == REGION_NEW || e.method) && region->untracked_pages)
		return wrong("untracked pages are left from before", at);
	if (!tally_matches(region, first, end))
		return wrong("another number of pages", at);
	return true;
}

/* Ages stay where the same thing is mapped, and only there. */
static bool check_pages(void)
{
	for (unsigned int i = 0; i < NR_SLOTS; i++)
		if (pages_age(w.pages, addr_of(i)).stamp != w.slot[i].stamp)
			return wrong("another age of page", i);
	return true;
}

static const struct region_change *find_change(enum region_change_kind kind, struct range range)
{
	for (size_t i = 0; i < w.changes.nr; i++)
		if (w.changes.at[i].kind == kind && range_equal(w.changes.at[i].range, range))
			return &w.changes.at[i];
	return NULL;
}

/* What became of an old region: 1 if a change was to be told and was, 0 if none, -1. */
static int check_retired(const struct seen_region *was, const struct slot *before)
{
	struct range left = { 0, 0 };
	unsigned int lost = 0, resident = 0;
	const struct region_change *change;

	for (unsigned int i = was->first; i < was->end; i++) {
		resident += before[i].stamp != 0;
		if (w.slot[i].thing != was->thing) {
			lost++;
			continue;
		}
		left.start = left.end ? left.start : addr_of(i);
		left.end = addr_of(i + 1);
	}
	if (!lost)
		return 0;
	if (left.end) {
		change = find_change(CHANGE_SHRUNK, left);
		return change && change->bytes == lost * PAGE_BYTES ? 1 : -1;
	}
	change = find_change(CHANGE_GONE, (struct range){ addr_of(was->first), addr_of(was->end) });
	return change && change->observed == (was->method != METHOD_NONE) &&
			       change->tracked_pages == resident &&
			       change->bytes == lost * PAGE_BYTES
		       ? 1
		       : -1;
}

static int check_appeared(size_t at)
{
	unsigned int first = slot_at(w.map[at].range.start), end = slot_at(w.map[at].range.end);
	struct expected e = expect_region(first, end);
	const struct region_change *change;

	if (!e.fresh)
		return 0;
	change = find_change(e.fresh == end - first && !e.heap_tail ? CHANGE_NEW : CHANGE_GROWN,
			     w.map[at].range);
	return change && change->bytes == e.fresh * PAGE_BYTES &&
			       !strcmp(change->name, w.map[at].name)
		       ? 1
		       : -1;
}

static bool check_changes(const struct slot *before)
{
	size_t nr = 0;

	for (unsigned int i = 0; i < w.nr_was; i++) {
		int told = check_retired(&w.was[i], before);

		if (told < 0)
			return wrong("a loss not told", i);
		nr += (unsigned int)told;
	}
	for (size_t i = 0; i < w.maps.nr; i++) {
		int told = check_appeared(i);

		if (told < 0)
			return wrong("a gain not told", i);
		nr += (unsigned int)told;
	}
	return nr == w.changes.nr || wrong("more told than happened", nr);
}

static bool look(void)
{
	struct slot before[NR_SLOTS];

	memcpy(before, w.slot, sizeof(before));
	memcpy(w.slot_was, w.slot, sizeof(before));
	change_slots();
	for (unsigned int i = 0; i < NR_SLOTS; i++)
		if (w.slot[i].thing != before[i].thing)
			w.slot[i].stamp = 0;
	make_maps();
	region_changes_free(&w.changes);
	if (regions_update(&w.set, &w.maps, w.pages, w.epochs.now, &w.changes) ||
	    w.set.nr != w.maps.nr)
		return wrong("not the mappings", w.set.nr);
	for (size_t i = 0; i < w.maps.nr; i++)
		if (!check_region(i))
			return false;
	return check_pages() && check_changes(before);
}

/* As books do: refuse some new ones, arm the others; then some pages are touched. */
static bool arm(struct region *region, unsigned int since)
{
	if (region->state == REGION_NEW) {
		unsigned int chance = rng_below(&w.rng, 10);

		region->method = chance < 3 ? METHOD_NONE : METHOD_REPLAY;
		region->reason = chance == 0  ? REASON_OTHER_UFFD
				 : chance < 3 ? REASON_FILE
					      : REASON_NONE;
		region->since_sample = since;
	}
	region->state = REGION_KEPT;
	if (region->method == METHOD_NONE)
		region->untracked_pages = 1 + rng_below(&w.rng, 9);
	return region->method == METHOD_NONE;
}

static bool touch(struct region *region)
{
	for (uint64_t addr = region->map.range.start; addr < region->map.range.end;
	     addr += PAGE_BYTES) {
		unsigned int chance = rng_below(&w.rng, 4);
		unsigned int bits = chance == 0	  ? 0
				    : chance == 1 ? PAGE_BIT_PRESENT
						  : PAGE_BIT_PRESENT | PAGE_BIT_TOUCHED;
		struct slot *slot = &w.slot[slot_at(addr)];

		if (pages_see(w.pages, &region->tally, (struct range){ addr, addr + PAGE_BYTES },
			      bits, &w.epochs))
			return false;
		if (!bits || bits & PAGE_BIT_TOUCHED || !slot->stamp)
			slot->stamp = bits ? w.epochs.now : 0;
	}
	return true;
}

static bool settle(unsigned int sample)
{
	w.nr_was = 0;
	for (size_t i = 0; i < w.set.nr; i++) {
		struct region *region = &w.set.at[i];
		unsigned int first = slot_at(region->map.range.start);

		if (!arm(region, sample + 1) && !touch(region))
			return false;
		w.was[w.nr_was++] = (struct seen_region){
			.first = first,
			.end = slot_at(region->map.range.end),
			.thing = w.slot[first].thing,
			.writable = w.slot[first].writable,
			.method = region->method,
			.reason = region->reason,
			.since = region->since_sample,
		};
	}
	return true;
}

static bool tell_story(uint64_t seed)
{
	bool right;

	memset(&w, 0, sizeof(w));
	w.rng.state = seed;
	w.pages = pages_new();
	right = w.pages && !epochs_init(&w.epochs, &edges, 0);
	for (unsigned int i = 0; i < NR_LOOKS && right; i++)
		right = look() && settle(i) && !epochs_next(&w.epochs, i);
	region_changes_free(&w.changes);
	region_set_free(&w.set);
	epochs_free(&w.epochs);
	pages_free(w.pages);
	return right;
}

static void test_random(void)
{
	unsigned int right = 0;

	for (unsigned int seed = 1; seed <= NR_STORIES; seed++) {
		bool pass = tell_story(seed);

		right += pass;
		if (!pass)
			ok(false, "REGIONS01: story %u", seed);
	}
	ok(right == NR_STORIES, "REGIONS01: %u random sequences of mappings, as by the plain map",
	   NR_STORIES);
}

/* A name may change under a mapping: unlinked, or named by prctl(). */
static void test_names(void)
{
	struct mapping map = { .range = { BASE, BASE + PAGE_BYTES }, .name = "" };
	struct mapping_list maps = { .at = &map, .nr = 1 };
	struct region_changes changes = { 0 };
	struct region_set set = { 0 };
	struct pages *pages = pages_new();

	ok(!regions_update(&set, &maps, pages, 1, &changes) && set.at[0].state == REGION_NEW &&
		   changes.nr == 1 && changes.at[0].kind == CHANGE_NEW,
	   "REGIONS02: a first mapping");
	map.name = "[anon:arena]";
	ok(!regions_update(&set, &maps, pages, 1, &changes) && set.at[0].state == REGION_KEPT &&
		   changes.nr == 1,
	   "REGIONS03: it gets a name and is kept");
	is_str(set.at[0].map.name, "[anon:arena]", "REGIONS04: under that name");
	ok(!region_changes_lost(&changes, &set.at[0]) && changes.at[1].kind == CHANGE_LOST &&
		   !region_reset(&set.at[0], pages),
	   "REGIONS05: lost, and begun anew");
	maps.nr = 0;
	ok(!regions_update(&set, &maps, pages, 1, &changes) && !set.nr && changes.nr == 3 &&
		   changes.at[2].kind == CHANGE_GONE,
	   "REGIONS06: no mappings are left");
	region_changes_free(&changes);
	region_set_free(&set);
	pages_free(pages);
}

int main(void)
{
	test_random();
	test_names();
	return done();
}
