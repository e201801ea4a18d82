/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Recorded looks, taken into the books as the tracker's answers are (core/books.c). */
#include "config.h"

#include <errno.h>

#include "core/books.h"

struct reliving {
	struct books *books;
	struct region *region;
	struct page_counts counts; /* of what is recorded page by page and not to be shown */
};

static int see_run(void *ctx, struct range run, unsigned int bits)
{
	struct reliving *to = ctx;

	return pages_see(to->books->pages, &to->region->tally, run, bits, &to->books->epochs);
}

static int count_run(void *ctx, struct range run, unsigned int bits)
{
	struct page_counts *counts = &((struct reliving *)ctx)->counts;

	counts->untracked += bits & PAGE_BIT_PRESENT ? range_bytes(run) >> PAGE_SHIFT : 0;
	counts->swapped += bits & PAGE_BIT_SWAPPED && !(bits & PAGE_BIT_PRESENT)
				   ? range_bytes(run) >> PAGE_SHIFT
				   : 0;
	return 0;
}

static int see(struct reliving *to, const struct look *look)
{
	return seen_pages_each(&look->bits, to->region->map.range, see_run, to);
}

/* It was observed, and is not to be shown. */
static int hide(struct reliving *to, const struct look *look, const struct answer *answer)
{
	struct region *region = to->region;

	region_unobserved(region, REASON_NOT_SELECTED);
	to->counts = answer->counts;
	to->counts.referenced = 0;
	if (!answer->counts.untracked && !answer->counts.swapped &&
	    seen_pages_each(&look->bits, region->map.range, count_run, to))
		return -ENOMEM;
	region_set_counts(region, to->counts);
	return 0;
}

static int arm(struct reliving *to, const struct look *look, const struct answer *answer,
	       unsigned int sample)
{
	int rc = see(to, look);

	region_observed(to->region, &answer->armed, to->books->epochs.now, sample + 1);
	return rc;
}

static int keep(struct reliving *to, const struct look *look, const struct answer *answer,
		unsigned int sample)
{
	struct region *region = to->region;

	if (region->state == REGION_NEW)
		return -EINVAL;
	region->state = REGION_KEPT;
	if (region_only_counted(region))
		return 0;
	region_heard(region, sample);
	region->unarmed |= answer->unarmed;
	return see(to, look);
}

static int relive(struct reliving *to, const struct look *look, const struct answer *answer,
		  unsigned int sample)
{
	struct region *region = to->region;
	int rc = 0;

	if (answer->lost && (region_changes_lost(&to->books->changes, region) ||
			     region_reset(region, to->books->pages)))
		return -ENOMEM;
	switch (answer->kind) {
	case ANSWER_ARMED:
		rc = arm(to, look, answer, sample);
		break;
	case ANSWER_UNOBSERVED:
		region_unobserved(region, answer->reason);
		break;
	case ANSWER_KEPT:
		rc = keep(to, look, answer, sample);
		break;
	}
	if (!rc && region_only_counted(region))
		region_set_counts(region, answer->counts);
	return rc;
}

int books_relive(struct books *books, const struct look *look, const struct selection *selection,
		 unsigned int sample, struct error *err)
{
	int rc = regions_update(&books->regions, look->maps, books->pages, books->epochs.now,
				&books->changes);

	for (size_t i = 0; i < look->maps->nr && !rc; i++) {
		struct reliving to = { .books = books, .region = &books->regions.at[i] };

		if (selection_takes(selection, &to.region->map))
			rc = relive(&to, look, &look->answer[i], sample);
		else
			rc = hide(&to, look, &look->answer[i]);
	}
	if (rc == -EINVAL)
		(void)error_set(err, ERROR_USAGE, 0,
				"the recording does not say how a mapping is observed");
	else if (rc)
		(void)error_set(err, ERROR_FAILED, ENOMEM, "cannot keep the books of the target");
	return rc;
}
