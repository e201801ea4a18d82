/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "model/page_runs.h"

#include <errno.h>

int page_runs_add(struct page_runs *runs, const struct page_run *run)
{
	struct page_run *last = runs->nr ? &runs->at[runs->nr - 1] : NULL;

	if (last && last->pid == run->pid && last->map == run->map &&
	    last->range.end == run->range.start) {
		last->range.end = run->range.end;
		return 0;
	}
	if (util_reserve(&runs->at, runs->nr, &runs->cap, sizeof(*runs->at)))
		return -ENOMEM;
	runs->at[runs->nr++] = *run;
	return 0;
}

void page_runs_free(struct page_runs *runs)
{
	free(runs->at);
	*runs = (struct page_runs){ 0 };
}

bool page_run_offset(const struct page_run *run, uint64_t *offset)
{
	if (!run->map->inode)
		return false;
	*offset = run->map->offset + (run->range.start - run->map->range.start);
	return true;
}
