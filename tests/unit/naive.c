/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Everything is found anew from the lists, whatever that takes. */
#include "config.h"

#include "naive.h"

#include <string.h>

struct range naive_range(struct naive_run run)
{
	return (struct range){ NAIVE_BASE + run.first * PAGE_BYTES,
			       NAIVE_BASE + run.end * PAGE_BYTES };
}

void naive_begin(struct naive *naive, const struct edges *edges, int64_t start_ns)
{
	memset(naive, 0, sizeof(*naive));
	naive->edges = *edges;
	naive->at_ns[0] = start_ns;
	for (unsigned int i = 0; i < NAIVE_PAGES; i++)
		naive->born[i] = -1;
}

/* The last window in which the page was touched; else the one that found it. */
static unsigned int last_of(const struct naive_page *page, unsigned int now)
{
	for (unsigned int w = now; w > page->first; w--)
		if (page->touched[w])
			return w;
	return page->first;
}

static bool ever_touched(const struct naive_page *page, unsigned int now)
{
	return page->touched[last_of(page, now)];
}

void naive_window(struct naive *naive, int64_t at_ns)
{
	for (unsigned int i = 0; i < NAIVE_PAGES; i++) {
		naive->page[i].retouched = false;
		naive->page[i].ways = 0;
	}
	naive->at_ns[++naive->now] = at_ns;
}

static void forget(struct naive_page *page)
{
	memset(page, 0, sizeof(*page));
}

/* Known or not, it is touched now. */
static void touch_page(struct naive *naive, struct naive_page *page, unsigned int bits)
{
	unsigned int last = last_of(page, naive->now);

	if (page->known && last == naive->now) {
		page->touched[naive->now] = true;
		return; /* not for the first time, or it was found in this window */
	}
	page->retouched = page->known;
	page->last_before = last;
	if (!page->known)
		page->first = naive->now;
	if (!(bits & PAGE_BIT_SWAPPED))
		page->ways = bits & (PAGE_BIT_WRITTEN | PAGE_BIT_ONLY_READ);
	page->touched[naive->now] = true;
}

static void see_page(struct naive *naive, unsigned int i, unsigned int bits)
{
	struct naive_page *page = &naive->page[i];

	if (!(bits & (PAGE_BIT_PRESENT | PAGE_BIT_SWAPPED)) ||
	    (bits & PAGE_BIT_KEPT && !page->known)) {
		forget(page);
		return;
	}
	if (bits & PAGE_BIT_TOUCHED)
		touch_page(naive, page, bits);
	else if (!page->known)
		page->first = naive->born[i] < 0 ? naive->now : (unsigned int)naive->born[i];
	page->known = true;
	page->swapped = bits & PAGE_BIT_SWAPPED;
	if (page->swapped)
		page->zero = false;
	else if (bits & (PAGE_BIT_TOUCHED | PAGE_BIT_ZERO))
		page->zero = bits & PAGE_BIT_ZERO;
}

/* Whether a chunk is a huge page is told by all but a plain "present". */
static void see_huge(struct naive *naive, struct naive_run run, unsigned int bits)
{
	if (bits == PAGE_BIT_PRESENT)
		return;
	for (unsigned int c = 0; c < NAIVE_PAGES / HUGE_PAGES; c++) {
		unsigned int first = c * HUGE_PAGES, end = first + HUGE_PAGES;

		if (run.first >= end || run.end <= first)
			continue;
		naive->huge[c] = (bits & PAGE_BIT_HUGE) && (bits & PAGE_BIT_PRESENT) &&
				 run.first <= first && run.end >= end;
	}
}

void naive_see(struct naive *naive, struct naive_run run, unsigned int bits)
{
	if (bits == PAGE_BIT_KEPT)
		return; /* all that was known holds on */
	see_huge(naive, run, bits);
	for (unsigned int i = run.first; i < run.end; i++)
		see_page(naive, i, bits);
}

void naive_set_born(struct naive *naive, struct naive_run run, int window)
{
	for (unsigned int i = run.first; i < run.end; i++)
		naive->born[i] = window;
}

void naive_drop(struct naive *naive, struct naive_run run)
{
	see_huge(naive, run, 0);
	for (unsigned int i = run.first; i < run.end; i++)
		forget(&naive->page[i]);
}

void naive_cut(struct naive *naive, unsigned int page)
{
	if (page % HUGE_PAGES)
		naive->huge[page / HUGE_PAGES] = false;
}

static unsigned int bucket_of(const struct naive *naive, int64_t idle_ns)
{
	unsigned int bucket = 0;

	for (unsigned int i = 1; i < naive->edges.nr; i++)
		if (idle_ns >= naive->edges.ns[i])
			bucket = i;
	return bucket;
}

static unsigned int heat_of(const struct naive *naive, const struct naive_page *page)
{
	unsigned int n = 0;

	for (unsigned int past = 0; past < HEAT_WINDOWS && past <= naive->now; past++)
		n += page->touched[naive->now - past];
	return n;
}

/* Touched in this window and known before: how long had it been idle? */
static void add_retouch(const struct naive *naive, const struct naive_page *page,
			struct figures *figures, uint64_t *armed)
{
	int64_t before_ns;

	if (!page->known || !page->retouched)
		return;
	before_ns = naive->at_ns[naive->now - 1] - naive->at_ns[page->last_before];
	*armed += 1;
	if (page->last_before == 0)
		figures->retouched_since_start_bytes += PAGE_BYTES;
	else
		figures->retouched_bytes[bucket_of(naive, before_ns)] += PAGE_BYTES;
}

static void add_resident(const struct naive *naive, const struct naive_page *page,
			 int64_t cold_after_ns, struct figures *figures)
{
	unsigned int last = last_of(page, naive->now);
	int64_t idle_ns = naive->at_ns[naive->now] - naive->at_ns[last];
	bool since_start = last == 0 && !ever_touched(page, naive->now);

	figures->tracked_bytes += PAGE_BYTES;
	figures->zero_bytes += page->zero ? PAGE_BYTES : 0;
	figures->heat_bytes[heat_of(naive, page)] += PAGE_BYTES;
	figures->written_bytes += page->ways & PAGE_BIT_WRITTEN ? PAGE_BYTES : 0;
	figures->only_read_bytes += page->ways & PAGE_BIT_ONLY_READ ? PAGE_BYTES : 0;
	if (last == naive->now)
		figures->hot_bytes += PAGE_BYTES;
	else if (since_start || idle_ns >= cold_after_ns)
		figures->cold_bytes += PAGE_BYTES;
	else
		figures->warm_bytes += PAGE_BYTES;
	for (unsigned int i = 0; i < RECENT_NR; i++) {
		static const int64_t minutes[RECENT_NR] = { 1, 2, 5 };

		if (!since_start && idle_ns < minutes[i] * 60 * INT64_C(1000000000))
			figures->recent_bytes[i] += PAGE_BYTES;
	}
	if (since_start || idle_ns >= 300 * INT64_C(1000000000))
		figures->colder_bytes += PAGE_BYTES;
	if (since_start)
		figures->since_start_bytes += PAGE_BYTES;
	else
		figures->idle_bytes[bucket_of(naive, idle_ns)] += PAGE_BYTES;
}

/* The shortest time that at least half of the pages have not been idle longer than. */
static void find_median(const struct naive *naive, struct naive_run run, struct figures *figures)
{
	uint64_t younger_bytes = 0;

	figures->idle_median_ns = -1;
	if (!figures->tracked_bytes)
		return;
	for (unsigned int w = naive->now + 1; w-- > 0;) {
		for (unsigned int i = run.first; i < run.end; i++) {
			const struct naive_page *page = &naive->page[i];

			if (page->known && !page->swapped && last_of(page, naive->now) == w)
				younger_bytes += PAGE_BYTES;
		}
		if (2 * younger_bytes < figures->tracked_bytes)
			continue;
		figures->idle_median_ns = naive->at_ns[naive->now] - naive->at_ns[w];
		figures->idle_median_since_start = w == 0;
		return;
	}
}

void naive_figures(const struct naive *naive, struct naive_run run, int64_t cold_after_ns,
		   struct figures *figures, uint64_t *armed)
{
	memset(figures, 0, sizeof(*figures));
	*armed = 0;
	for (unsigned int i = run.first; i < run.end; i++) {
		const struct naive_page *page = &naive->page[i];

		add_retouch(naive, page, figures, armed);
		if (page->known && page->swapped)
			figures->swapped_bytes += PAGE_BYTES;
		else if (page->known)
			add_resident(naive, page, cold_after_ns, figures);
	}
	for (unsigned int c = 0; c < NAIVE_PAGES / HUGE_PAGES; c++)
		if (naive->huge[c] && run.first <= c * HUGE_PAGES &&
		    run.end >= (c + 1) * HUGE_PAGES)
			figures->huge_bytes += HUGE_BYTES;
	find_median(naive, run, figures);
}
