/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A list of stretches of memory, as scripts want it (--pages). */
#ifndef WSSTAT_MODEL_PAGE_RUNS_H
#define WSSTAT_MODEL_PAGE_RUNS_H

#include "model/region.h"

struct page_run {
	int pid;
	const struct mapping *map; /* that it is a part of; not owned */
	struct range range;
};

struct page_runs {
	struct page_run *at;
	size_t nr, cap;
};

/* Add a run; one right behind the last of the same mapping makes that longer.  0 or -ENOMEM. */
must_check int page_runs_add(struct page_runs *runs, const struct page_run *run);
void page_runs_free(struct page_runs *runs);

/* Where in its file the run begins; false: it is no file's. */
bool page_run_offset(const struct page_run *run, uint64_t *offset);

#endif
