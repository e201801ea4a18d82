/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sums by threshold, from the buckets of each sample. */
#include "config.h"

#include "model/decide.h"

#include "base/units.h"
#include "model/snapshot.h"

#define NS_PER_MINUTE ((uint64_t)(60 * NS_PER_S))

static void add_window(struct decide_sum *sum, unsigned int b, const struct snapshot *snap)
{
	const struct figures *figures = &snap->figures;

	sum->windows++;
	sum->windows_ns += snap->window_ns;
	sum->retouched_bytes += figures_retouched_bytes(figures, b);
	sum->working_set_bytes += figures->hot_bytes + figures->warm_bytes;
}

void decide_add(struct decide *decide, const struct snapshot *snap)
{
	const struct figures *figures = &snap->figures;

	for (unsigned int b = 1; b < decide->edges->nr; b++) {
		struct decide_sum *sum = &decide->sum[b];
		const int64_t threshold_ns = decide->edges->ns[b];

		sum->last_known = snap->ages && snap->observed_ns >= threshold_ns;
		if (!sum->last_known)
			continue;
		sum->samples++;
		sum->cold_last_bytes = figures_idle_bytes(figures, b);
		sum->cold_bytes += sum->cold_last_bytes;
		if (snap->observed_ns - snap->window_ns >= threshold_ns)
			add_window(sum, b, snap);
	}
}

/* a * b / c, to the nearest, at most UINT64_MAX. */
static uint64_t scale(uint64_t a, unsigned __int128 b, unsigned __int128 c)
{
	unsigned __int128 result = c ? (a * b + c / 2) / c : 0;

	return result > UINT64_MAX ? UINT64_MAX : (uint64_t)result;
}

static struct decision_row tell_row(int64_t threshold_ns, const struct decide_sum *sum)
{
	const uint64_t windows_ns = (uint64_t)sum->windows_ns;
	struct decision_row row = {
		.threshold_ns = threshold_ns,
		.samples = sum->samples,
		.last_known = sum->last_known,
		.cold_last_bytes = sum->cold_last_bytes,
		.windows = sum->windows,
		.windows_ns = sum->windows_ns,
		.retouched_bytes = sum->retouched_bytes,
	};

	if (sum->samples)
		row.cold_mean_bytes = (uint64_t)(sum->cold_bytes / sum->samples);
	if (!sum->windows)
		return row;
	row.working_set_bytes = (uint64_t)(sum->working_set_bytes / sum->windows);
	row.retouched_bytes_per_minute = scale(row.retouched_bytes, NS_PER_MINUTE, windows_ns);
	row.cost = scale(row.retouched_bytes, NS_PER_MINUTE * (unsigned __int128)100 * PERCENT,
			 windows_ns * (unsigned __int128)row.working_set_bytes);
	return row;
}

void decide_tell(const struct decide *decide, struct decision *decision)
{
	*decision = (struct decision){ .slo = decide->slo, .chosen = -1, .longest = -1 };
	for (unsigned int b = 1; b < decide->edges->nr; b++) {
		struct decision_row *row = &decision->row[decision->nr];

		*row = tell_row(decide->edges->ns[b], &decide->sum[b]);
		if (row->windows)
			decision->longest = (int)decision->nr;
		if (row->windows && row->cost < decision->slo && decision->chosen < 0)
			decision->chosen = (int)decision->nr;
		decision->nr++;
	}
}
