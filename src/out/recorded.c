/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "out/recorded.h"

#include <json-c/json.h>

void known_free(struct known_list *list)
{
	for (size_t i = 0; i < list->nr; i++)
		free((char *)list->at[i].map.name);
	free(list->at);
	*list = (struct known_list){ 0 };
}

struct known *known_find(const struct known_list *list, uint64_t start)
{
	size_t low = 0, high = list->nr;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (list->at[mid].map.range.start < start)
			low = mid + 1;
		else
			high = mid;
	}
	return low < list->nr && list->at[low].map.range.start == start ? &list->at[low] : NULL;
}

struct recorded *recorded_find(struct recorded *list, int pid)
{
	while (list && list->pid != pid)
		list = list->next;
	return list;
}

struct recorded *recorded_get(struct recorded **list, int pid)
{
	struct recorded *recorded = recorded_find(*list, pid);

	if (recorded)
		return recorded;
	recorded = malloc(sizeof(*recorded));
	if (!recorded)
		return NULL;
	*recorded = (struct recorded){ .pid = pid, .next = *list };
	*list = recorded;
	return recorded;
}

void recorded_drop(struct recorded **list, int pid)
{
	struct recorded *found;

	while (*list && (*list)->pid != pid)
		list = &(*list)->next;
	found = *list;
	if (!found)
		return;
	*list = found->next;
	known_free(&found->known);
	seen_pages_free(&found->pages);
	owners_free(&found->owners);
	json_object_put(found->looks);
	free(found);
}
