/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Stamps and their times, and the edges that idle times are sorted by. */
#include "config.h"

#include "model/epochs.h"

#include <errno.h>
#include <string.h>

#include "base/units.h"

static const int64_t ladder_s[] = { 1, 5, 10, 30, 60, 120, 300, 600, 1800, 3600 };

static void edges_insert(struct edges *edges, int64_t ns)
{
	unsigned int i = edges->nr;

	while (i > 0 && edges->ns[i - 1] > ns)
		i--;
	if (edges->nr == EDGES_MAX || (i > 0 && edges->ns[i - 1] == ns))
		return;
	memmove(edges->ns + i + 1, edges->ns + i, (edges->nr - i) * sizeof(*edges->ns));
	edges->ns[i] = ns;
	edges->nr++;
}

void edges_default(struct edges *edges, int64_t interval_ns, int64_t cold_after_ns)
{
	edges->nr = 0;
	edges_insert(edges, 0);
	edges_insert(edges, interval_ns);
	for (unsigned int i = 0; i < ARRAY_LEN(ladder_s); i++)
		if (ladder_s[i] * NS_PER_S > interval_ns)
			edges_insert(edges, ladder_s[i] * NS_PER_S);
	if (cold_after_ns > interval_ns)
		edges_insert(edges, cold_after_ns);
}

unsigned int edges_bucket(const struct edges *edges, int64_t idle_ns)
{
	unsigned int bucket = edges->nr - 1;

	while (bucket > 0 && idle_ns < edges->ns[bucket])
		bucket--;
	return bucket;
}

static int epochs_reserve(struct epochs *epochs, unsigned int cap)
{
	int64_t *at_ns = realloc(epochs->at_ns, cap * sizeof(*at_ns));
	uint8_t *bucket;

	if (!at_ns)
		return -ENOMEM;
	epochs->at_ns = at_ns;
	bucket = realloc(epochs->bucket, cap * sizeof(*bucket));
	if (!bucket)
		return -ENOMEM;
	epochs->bucket = bucket;
	epochs->cap = cap;
	return 0;
}

int epochs_init(struct epochs *epochs, const struct edges *edges, int64_t start_ns)
{
	*epochs = (struct epochs){ .edges = edges, .now = EPOCH_START };
	if (epochs_reserve(epochs, 64)) {
		epochs_free(epochs);
		return -ENOMEM;
	}
	epochs->at_ns[EPOCH_START] = start_ns;
	epochs->bucket[EPOCH_START] = 0;
	return 0;
}

void epochs_free(struct epochs *epochs)
{
	free(epochs->at_ns);
	free(epochs->bucket);
	*epochs = (struct epochs){ 0 };
}

int epochs_copy(struct epochs *copy, const struct epochs *epochs)
{
	const size_t bytes = (epochs->now + 1) * sizeof(*epochs->at_ns);

	*copy = *epochs;
	copy->bucket = NULL;
	copy->cap = epochs->now + 1;
	copy->at_ns = malloc(bytes);
	if (!copy->at_ns)
		return -ENOMEM;
	memcpy(copy->at_ns, epochs->at_ns, bytes);
	return 0;
}

bool epochs_full(const struct epochs *epochs)
{
	return epochs->now == EPOCH_MAX;
}

int epochs_next(struct epochs *epochs, int64_t at_ns)
{
	if (epochs->now + 1 == epochs->cap && epochs_reserve(epochs, 2 * epochs->cap))
		return -ENOMEM;
	for (unsigned int s = EPOCH_START; s <= epochs->now; s++)
		epochs->bucket[s] = (uint8_t)edges_bucket(epochs->edges, epochs_idle_ns(epochs, s));
	epochs->at_ns[++epochs->now] = at_ns;
	epochs->bucket[epochs->now] = 0;
	return 0;
}

int64_t epochs_idle_ns(const struct epochs *epochs, unsigned int stamp)
{
	return epochs->at_ns[epochs->now] - epochs->at_ns[stamp];
}

bool epochs_hot(const struct epochs *epochs, unsigned int stamp)
{
	return stamp == epochs->now;
}

enum warmth epochs_warmth(const struct epochs *epochs, unsigned int stamp, int64_t cold_after_ns)
{
	if (epochs_hot(epochs, stamp))
		return WARMTH_HOT;
	/* Idle since before anybody looked: its time is a bound from below only. */
	if (stamp == EPOCH_START || epochs_idle_ns(epochs, stamp) >= cold_after_ns)
		return WARMTH_COLD;
	return WARMTH_WARM;
}

/*
 * May stamp be merged into the one after it? EPOCH_START means "untouched since
 * the start" and the last 8 carry histories: those stay.  Under pressure, pairs of the
 * older half go too.
 */
static bool epochs_mergeable(const struct epochs *epochs, unsigned int stamp, int64_t keep_ns,
			     bool pressure)
{
	if (stamp <= EPOCH_START || stamp + 1 + 2 * 8 > epochs->now)
		return false;
	if (epochs_idle_ns(epochs, stamp + 1) >= keep_ns)
		return true;
	return pressure && stamp < epochs->now / 2 && stamp % 2 == 0;
}

void epochs_compact(struct epochs *epochs, int64_t keep_ns, uint16_t *renumber)
{
	unsigned int old_now = epochs->now, next = 0, exact = 0;
	bool pressure;

	for (unsigned int s = EPOCH_START; s <= old_now; s++)
		exact += epochs_mergeable(epochs, s, keep_ns, false);
	pressure = exact < old_now / 2;

	memset(renumber, 0, (EPOCH_MAX + 1) * sizeof(*renumber));
	for (unsigned int s = EPOCH_START; s <= old_now; s++)
		renumber[s] = (uint16_t)(epochs_mergeable(epochs, s, keep_ns, pressure) ? next + 1
											: ++next);
	/* Ascending and never to a higher place: each is read before it is overwritten. */
	for (unsigned int s = EPOCH_START; s <= old_now; s++) {
		epochs->at_ns[renumber[s]] = epochs->at_ns[s];
		epochs->bucket[renumber[s]] = epochs->bucket[s];
	}
	epochs->now = next;
}
