/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "model/cells.h"

struct filling {
	struct cells *cells;
	uint64_t start; /* of the mapping */
	const struct epochs *epochs;
	int64_t observed_ns;
};

static void add(struct cell *cell, uint64_t bytes, bool hot, int64_t idle_ns)
{
	cell->resident_bytes += bytes;
	cell->hot_bytes += hot ? bytes : 0;
	if (cell->idle_ns < 0 || idle_ns < cell->idle_ns)
		cell->idle_ns = idle_ns;
}

/* Of one age; it may lie in several cells. */
static int add_run(void *ctx, struct range run, struct page_age age)
{
	const struct filling *filling = ctx;
	const uint64_t cell_bytes = filling->cells->cell_bytes;
	const bool hot = epochs_hot(filling->epochs, age.stamp);
	const int64_t idle_ns = age.stamp == EPOCH_START
					? filling->observed_ns
					: epochs_idle_ns(filling->epochs, age.stamp);

	while (run.start < run.end) {
		uint64_t i = (run.start - filling->start) / cell_bytes;
		uint64_t end = filling->start + (i + 1) * cell_bytes;

		if (end > run.end)
			end = run.end;
		add(&filling->cells->at[i], end - run.start, hot, idle_ns);
		run.start = end;
	}
	return 0;
}

void cells_fill(struct cells *cells, unsigned int most, const struct pages *pages,
		struct range range, const struct epochs *epochs, int64_t observed_ns)
{
	const uint64_t nr_pages = range_bytes(range) >> PAGE_SHIFT;
	const uint64_t cell_pages = (nr_pages + most - 1) / most;
	struct filling filling = { cells, range.start, epochs, observed_ns };

	cells->cell_bytes = cell_pages << PAGE_SHIFT;
	cells->nr = (unsigned int)((nr_pages + cell_pages - 1) / cell_pages);
	for (unsigned int i = 0; i < cells->nr; i++)
		cells->at[i] = (struct cell){ .idle_ns = -1 };
	(void)pages_each(pages, range, add_run, &filling);
}
