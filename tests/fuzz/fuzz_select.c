/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * --region on mappings: the first line is what the user gave, the rest is
 * /proc/PID/maps, whose names are the target's to choose.
 */
#include "config.h"

#include "core/select.h"
#include "fuzz.h"
#include "kernel/maps.h"

#define MOST_TEXT 64 /* fnmatch() takes long for many stars */
#define MOST_NAME 256

/* Only one way to select is in force, and it means what it says. */
static void check_one(const struct selection *selection, const struct mapping *map)
{
	const struct selector *selector = &selection->at[0];
	bool takes = selection_takes(selection, map);

	if (selector->by == SELECT_KIND)
		fuzz_check(takes == (region_classify(map) == selector->kind));
	else if (selector->by == SELECT_RANGE)
		fuzz_check(takes == (map->range.start < selector->range.end &&
				     selector->range.start < map->range.end));
	else if (!strcmp(selector->text, map->name) || !strcmp(selector->text, "*"))
		fuzz_check(takes);
}

static void check_all(const struct selection *selection, const struct mapping_list *list)
{
	for (size_t i = 0; i < list->nr; i++)
		if (strlen(list->at[i].name) <= MOST_NAME)
			check_one(selection, &list->at[i]);
}

/* One that is refused leaves the selection as it was; one too many is refused. */
static void check_limit(struct selection *selection, const char *text)
{
	struct error err = { 0 };

	for (unsigned int nr = selection->nr; nr < SELECT_MAX; nr++)
		fuzz_check(!selection_add(selection, text, &err) && selection->nr == nr + 1);
	fuzz_check(selection_add(selection, text, &err) && err.kind == ERROR_USAGE);
	fuzz_check(selection->nr == SELECT_MAX);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_text(data, size), *maps = strchr(text, '\n');
	struct selection selection = { .nr = 0 };
	struct mapping_list list = { 0 };
	struct error err = { 0 };

	if (maps)
		*maps++ = '\0';
	if (strlen(text) > MOST_TEXT) {
		free(text);
		return 0;
	}
	if (selection_add(&selection, text, &err)) {
		fuzz_check(err.kind == ERROR_USAGE && *err.text && !selection.nr);
	} else {
		if (maps && !maps_parse(&list, maps, &err))
			check_all(&selection, &list);
		check_limit(&selection, text);
	}
	free(list.at);
	free(text);
	return 0;
}
