/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Selecting mappings. */
#include "config.h"

#include "core/select.h"

#include <errno.h>
#include <fnmatch.h>
#include <string.h>

#include "base/parse.h"

static bool is_kind(const char *text, enum region_kind *kind)
{
	for (unsigned int k = 0; k < KIND_NR; k++) {
		if (!strcmp(text, region_kind_name((enum region_kind)k))) {
			*kind = (enum region_kind)k;
			return true;
		}
	}
	return false;
}

/* No mapping has such a name: what looks like a range is to be one. */
static bool looks_like_range(const char *text)
{
	return strchr(text, '-') && !text[strspn(text, "0123456789abcdefABCDEFx-")];
}

int selection_add(struct selection *selection, const char *text, struct error *err)
{
	struct selector *selector = &selection->at[selection->nr];

	if (selection->nr == SELECT_MAX)
		return error_set(err, ERROR_USAGE, 0, "--region: at most %d can be given",
				 SELECT_MAX);
	if (!*text)
		return error_set(err, ERROR_USAGE, 0,
				 "--region: empty; give a kind, a name or START-END");
	*selector = (struct selector){ .text = text, .by = SELECT_NAME };
	if (is_kind(text, &selector->kind))
		selector->by = SELECT_KIND;
	else if (looks_like_range(text))
		selector->by = SELECT_RANGE;
	if (selector->by == SELECT_RANGE &&
	    parse_addr_range(text, &selector->range.start, &selector->range.end, err)) {
		error_context(err, "--region");
		return -EINVAL;
	}
	selection->nr++;
	return 0;
}

static bool selector_takes(const struct selector *selector, const struct mapping *map)
{
	switch (selector->by) {
	case SELECT_KIND:
		return region_classify(map) == selector->kind;
	case SELECT_RANGE:
		return range_overlaps(selector->range, map->range);
	default:
		/* "[heap]" is meant as written, though it is a set of characters to a glob. */
		return !strcmp(selector->text, map->name) || !fnmatch(selector->text, map->name, 0);
	}
}

bool selection_takes(const struct selection *selection, const struct mapping *map)
{
	if (!selection->nr)
		return true;
	for (unsigned int i = 0; i < selection->nr; i++)
		if (selector_takes(&selection->at[i], map))
			return true;
	return false;
}
