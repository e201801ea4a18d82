/* SPDX-License-Identifier: GPL-2.0-or-later */
/* --region: which mappings the user wants observed. */
#ifndef WSSTAT_CORE_SELECT_H
#define WSSTAT_CORE_SELECT_H

#include "base/error.h"
#include "model/region.h"

#define SELECT_MAX 32

struct selector {
	const char *text; /* as given; must outlive the selection */
	enum {
		SELECT_KIND,
		SELECT_NAME,
		SELECT_RANGE,
	} by;
	enum region_kind kind;
	struct range range;
};

struct selection {
	struct selector at[SELECT_MAX];
	unsigned int nr; /* 0: everything */
};

/*
 * Add "heap" (a kind), "7f00a000-7f00b000" (addresses) or anything else, a glob
 * for the mapping's name.  ERROR_USAGE when it is empty or a range that is wrong.
 */
must_check int selection_add(struct selection *selection, const char *text, struct error *err);

/* Does any of the selectors take this mapping? */
bool selection_takes(const struct selection *selection, const struct mapping *map);

#endif
