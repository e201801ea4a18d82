/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What one look at a target's mappings and pages told, for recordings: enough for
 * books_relive() to bring the books to where it brought them.  A sample is mostly one look;
 * more if the mappings changed under it.
 */
#ifndef WSSTAT_CORE_LOOK_H
#define WSSTAT_CORE_LOOK_H

#include "model/region.h"
#include "model/seen_pages.h"

enum answer_kind {
	ANSWER_KEPT,	   /* as before: collected if it is observed */
	ANSWER_ARMED,	   /* observed from now on */
	ANSWER_UNOBSERVED, /* from now on, for .reason */
};

/* Pages of a mapping that are only counted. */
struct page_counts {
	uint64_t untracked, swapped, referenced;
};

struct answer {
	enum answer_kind kind;
	struct armed armed;
	enum region_reason reason;
	bool lost;    /* another mapping was there: its books began anew first */
	bool unarmed; /* the next window cannot be told */
	struct page_counts counts;
};

struct owners;

struct look {
	const struct mapping_list *maps; /* as of this look; not owned */
	struct answer *answer;		 /* one a mapping */
	size_t cap;
	struct seen_pages bits;	     /* of the mappings that are observed */
	const struct owners *owners; /* whose stacks there are; not owned */
};

/* Begin a look, in the place of the last one.  0 or -ENOMEM. */
must_check int look_begin(struct look *look, const struct mapping_list *maps);
void look_free(struct look *look);

/* What is counted of a region, and back. */
struct page_counts region_counts(const struct region *region);
void region_set_counts(struct region *region, struct page_counts counts);

#endif
