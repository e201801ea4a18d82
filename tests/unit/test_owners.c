/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whose stack is where, as threads sleep, run, move and end. */
#include "config.h"

#include "core/owners.h"

#include <string.h>

#include "tap.h"

#define NR 3u

static struct region region[NR] = {
	{ .map.range = { 0x1000, 0x3000 }, .kind = KIND_ANON },
	{ .map.range = { 0x4000, 0x6000 }, .kind = KIND_ANON },
	{ .map.range = { 0x8000, 0x9000 }, .kind = KIND_STACK },
};
static const struct region_set all = { .at = region, .nr = NR };
static const struct region_set last_two = { .at = region + 1, .nr = NR - 1 };

static bool look(struct owners *owners, const struct region_set *regions,
		 struct thread_stack *thread, size_t nr)
{
	const struct thread_stacks threads = { .at = thread, .nr = nr };

	return !owners_update(owners, &threads, regions);
}

static int tid_at(const struct owners *owners, uint64_t start)
{
	const struct owner *owner = owners_find(owners, start);

	return owner ? owner->tid : 0;
}

int main(void)
{
	struct thread_stack thread[] = {
		{ .tid = 7, .sp = 0x2000, .comm = "seven" },
		{ .tid = 8, .sp = 0x4000, .comm = "eight" },
		{ .tid = 6, .sp = 0x8800, .comm = "main" },
	};
	struct owners owners = { 0 };

	ok(look(&owners, &all, thread, 3) && tid_at(&owners, 0x1000) == 7 &&
		   tid_at(&owners, 0x4000) == 8 &&
		   !strcmp(owners_find(&owners, 0x4000)->comm, "eight"),
	   "OWNERS01: a stack pointer tells whose the mapping is");
	is_i64(tid_at(&owners, 0x8000), 0, "OWNERS02: [stack] has its name from the kernel");
	thread[0].sp = 0;
	ok(look(&owners, &all, thread, 3) && tid_at(&owners, 0x1000) == 7,
	   "OWNERS03: of a thread that runs what was known holds");
	thread[0].sp = 0x5000;
	ok(look(&owners, &all, thread, 3) && !tid_at(&owners, 0x1000) &&
		   tid_at(&owners, 0x4000) == 7,
	   "OWNERS04: one that is seen elsewhere has its stack there; of two the lower number");
	thread[1].sp = 0;
	ok(look(&owners, &all, thread + 1, 2) && !tid_at(&owners, 0x4000),
	   "OWNERS05: one that has ended has none");
	thread[0].sp = 0x2ff8;
	ok(look(&owners, &all, thread, 1) && tid_at(&owners, 0x1000) == 7,
	   "OWNERS06: up to its end");
	thread[0].sp = 0;
	ok(look(&owners, &last_two, thread, 1) && !owners.nr,
	   "OWNERS07: with the mapping goes what was known of it");
	thread[0].sp = 0x3000;
	ok(look(&owners, &all, thread, 1) && !owners.nr, "OWNERS08: between mappings is nobody's");
	owners_free(&owners);
	return done();
}
