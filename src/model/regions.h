/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The regions of one target, carried from sample to sample: what was kept, what
 * changed its bounds, what is gone and what is new.
 */
#ifndef WSSTAT_MODEL_REGIONS_H
#define WSSTAT_MODEL_REGIONS_H

#include "model/pages.h"
#include "model/region.h"

struct region_set {
	struct region *at; /* sorted by address */
	size_t nr, cap;
};

enum region_change_kind {
	CHANGE_NEW,
	CHANGE_GONE,
	CHANGE_GROWN,
	CHANGE_SHRUNK,
	CHANGE_LOST, /* replaced at the same place: observed anew */
};

struct region_change {
	enum region_change_kind kind;
	struct range range;	/* now (of a shrunk one what is left); of a gone one what it was */
	char *name;		/* owned by the list */
	uint64_t bytes;		/* how much came or went */
	bool observed;		/* of a gone region: had it a method? */
	uint64_t tracked_pages; /* of a gone region: what it held when last seen */
};

struct region_changes {
	struct region_change *at;
	size_t nr, cap;
};

/*
 * Bring the set up to the mappings in maps.  Kept regions keep their books;
 * changed ones are counted anew from pages; pages that are no longer mapped, or
 * that another mapping took the place of, are dropped.  What happened is
 * appended to changes.  now: the stamp of the present sample.
 * Returns 0, or -ENOMEM: the set is then fit only for region_set_free().
 */
must_check int regions_update(struct region_set *set, const struct mapping_list *maps,
			      struct pages *pages, unsigned int now,
			      struct region_changes *changes);

/* A copy without books: its tallies are empty.  0 or -ENOMEM, then nothing is left of it. */
must_check int regions_copy(struct region_set *copy, const struct region_set *set);

/* Forget all, as after exec. */
void region_set_free(struct region_set *set);

void region_changes_free(struct region_changes *changes);

/* Note that a region was found to be another mapping by now.  0 or -ENOMEM. */
must_check int region_changes_lost(struct region_changes *changes, const struct region *region);

/* Start the books of a region anew: its pages are forgotten.  0 or -ENOMEM. */
must_check int region_reset(struct region *region, struct pages *pages);

#endif
