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

/* With a copy of the threads, which comes back sorted. */
static bool look(struct owners *owners, const struct region_set *regions,
		 const struct thread_stack *thread, size_t nr)
{
	struct thread_stacks threads = { .at = calloc(nr, sizeof(*thread)), .nr = nr };
	bool updated;

	if (!threads.at)
		return false;
	memcpy(threads.at, thread, nr * sizeof(*thread));
	updated = !owners_update(owners, &threads, regions);
	free(threads.at);
	return updated;
}

static int tid_at(const struct owners *owners, uint64_t start)
{
	const struct owner *owner = owners_find(owners, start);

	return owner ? owner->tid : 0;
}

#define MANY 5000u
#define STACK_BYTES 0x3000u

static uint64_t stack_start(unsigned int i)
{
	return 0x100000u + (uint64_t)i * 2 * STACK_BYTES;
}

/* Numbers and addresses have nothing to do with each other. */
static int tid_of(unsigned int i)
{
	return (int)(100 + i * 2741 % MANY);
}

/* How many of the stacks, every `step`th one, are known to be whose they are. */
static unsigned int count_known(const struct owners *owners, unsigned int step)
{
	unsigned int known = 0;

	for (unsigned int i = 0; i < MANY; i += step)
		known += tid_at(owners, stack_start(i)) == tid_of(i) &&
			 !tid_at(owners, stack_start(i) + 1) && !tid_at(owners, stack_start(i) - 1);
	return known;
}

static void test_many(void)
{
	static struct region stack[MANY];
	static struct thread_stack thread[MANY];
	const struct region_set stacks = { .at = stack, .nr = MANY };
	struct owners owners = { 0 };

	for (unsigned int i = 0; i < MANY; i++) {
		const uint64_t start = stack_start(i), end = start + STACK_BYTES;

		stack[i] = (struct region){ .map.range = { start, end }, .kind = KIND_ANON };
		thread[i] = (struct thread_stack){ .tid = tid_of(i), .sp = end - 8 };
	}
	ok(look(&owners, &stacks, thread, MANY) && count_known(&owners, 1) == MANY,
	   "OWNERS09: many threads, in no order");
	for (unsigned int i = 0; i < MANY; i++)
		thread[i].sp = 0;
	ok(look(&owners, &stacks, thread, MANY) && count_known(&owners, 1) == MANY,
	   "OWNERS10: which all run");
	for (unsigned int i = 0; i < MANY / 2; i++)
		thread[i] = thread[2 * i];
	ok(look(&owners, &stacks, thread, MANY / 2) && owners.nr == MANY / 2 &&
		   count_known(&owners, 2) == MANY / 2,
	   "OWNERS11: of which every other one ends");
	owners_free(&owners);
}

static void test_settle(void)
{
	static const struct owner added[] = {
		{ .start = 0x4000, .tid = 9 },
		{ .start = 0x1000, .tid = 3 },
		{ .start = 0x4000, .tid = 8 },
		{ .start = 0x3000, .tid = 1 },
	};
	struct owners owners = { 0 };
	int rc = 0;

	owners_settle(&owners);
	ok(!owners.nr && !owners_find(&owners, 0), "OWNERS12: nobody");
	for (unsigned int i = 0; i < ARRAY_LEN(added); i++)
		rc |= owners_add(&owners, &added[i]);
	owners_settle(&owners);
	ok(!rc && owners.nr == 3 && tid_at(&owners, 0x1000) == 3 && tid_at(&owners, 0x3000) == 1 &&
		   tid_at(&owners, 0x4000) == 8,
	   "OWNERS13: added in no order, one mapping twice");
	owners_free(&owners);
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
	test_many();
	test_settle();
	return done();
}
