/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "core/owners.h"

#include <errno.h>
#include <string.h>

void owners_free(struct owners *owners)
{
	free(owners->at);
	stacks_free(&owners->threads);
	*owners = (struct owners){ 0 };
}

static int compare_start(const void *key, const void *item)
{
	const uint64_t *start = key;
	const struct owner *owner = item;

	if (*start != owner->start)
		return *start < owner->start ? -1 : 1;
	return 0;
}

/* bsearch(3) and qsort(3) want an array even where there is nothing in it. */
const struct owner *owners_find(const struct owners *owners, uint64_t start)
{
	return owners->nr
		       ? bsearch(&start, owners->at, owners->nr, sizeof(*owners->at), compare_start)
		       : NULL;
}

/* The region that holds addr, or NULL. */
static const struct region *region_at(const struct region_set *regions, uint64_t addr)
{
	size_t low = 0, high = regions->nr;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (regions->at[mid].map.range.end > addr)
			high = mid;
		else
			low = mid + 1;
	}
	return low < regions->nr && regions->at[low].map.range.start <= addr ? &regions->at[low]
									     : NULL;
}

static int compare_tids(const void *a, const void *b)
{
	const struct thread_stack *left = a, *right = b;

	return left->tid - right->tid;
}

static void sort_threads(struct thread_stacks *threads)
{
	if (threads->nr)
		qsort(threads->at, threads->nr, sizeof(*threads->at), compare_tids);
}

/* Of threads that are sorted. */
static const struct thread_stack *thread_of(const struct thread_stacks *threads, int tid)
{
	const struct thread_stack key = { .tid = tid };

	return threads->nr
		       ? bsearch(&key, threads->at, threads->nr, sizeof(*threads->at), compare_tids)
		       : NULL;
}

/* Is the thread still there, not seen elsewhere, and its mapping too? */
static bool owner_holds(const struct owner *owner, const struct thread_stacks *threads,
			const struct region_set *regions)
{
	const struct thread_stack *thread = thread_of(threads, owner->tid);
	const struct region *region = region_at(regions, owner->start);

	return thread && !thread->sp && region && region->map.range.start == owner->start;
}

int owners_add(struct owners *owners, const struct owner *owner)
{
	if (util_reserve(&owners->at, owners->nr, &owners->cap, sizeof(*owners->at)))
		return -ENOMEM;
	owners->at[owners->nr++] = *owner;
	return 0;
}

int owners_copy(struct owners *owners, const struct owners *others)
{
	owners->nr = 0;
	for (size_t i = 0; others && i < others->nr; i++)
		if (owners_add(owners, &others->at[i]))
			return -ENOMEM;
	return 0;
}

static int compare_owners(const void *a, const void *b)
{
	const struct owner *left = a, *right = b;

	if (left->start != right->start)
		return left->start < right->start ? -1 : 1;
	return left->tid - right->tid;
}

void owners_settle(struct owners *owners)
{
	size_t nr = 0;

	if (!owners->nr)
		return;
	qsort(owners->at, owners->nr, sizeof(*owners->at), compare_owners);
	for (size_t i = 1; i < owners->nr; i++)
		if (owners->at[i].start != owners->at[nr].start)
			owners->at[++nr] = owners->at[i];
	owners->nr = nr + 1;
}

int owners_update(struct owners *owners, struct thread_stacks *threads,
		  const struct region_set *regions)
{
	size_t nr = 0;

	sort_threads(threads);
	for (size_t i = 0; i < owners->nr; i++)
		if (owner_holds(&owners->at[i], threads, regions))
			owners->at[nr++] = owners->at[i];
	owners->nr = nr;
	for (size_t i = 0; i < threads->nr; i++) {
		const struct thread_stack *thread = &threads->at[i];
		const struct region *region = thread->sp ? region_at(regions, thread->sp) : NULL;
		struct owner owner = { .tid = thread->tid };

		if (!region || region->kind != KIND_ANON)
			continue; /* [stack] has its name from the kernel */
		owner.start = region->map.range.start;
		memcpy(owner.comm, thread->comm, sizeof(owner.comm));
		if (owners_add(owners, &owner))
			return -ENOMEM;
	}
	owners_settle(owners);
	return 0;
}

int owners_look(struct owners *owners, const struct proc *proc, const struct region_set *regions)
{
	struct error ignored = { 0 };
	int rc = stacks_read(&owners->threads, proc, &ignored);

	if (rc == -ENOMEM)
		return rc;
	if (rc)
		owners->threads.nr = 0;
	return owners_update(owners, &owners->threads, regions);
}
