/* SPDX-License-Identifier: GPL-2.0-or-later */
/* /proc/PID/smaps: what is taken is in order, and can be found. */
#include "config.h"

#include "fuzz.h"
#include "kernel/maps.h"
#include "kernel/smaps.h"

static void check_list(const struct smaps_list *list)
{
	uint64_t before = 0;

	for (size_t i = 0; i < list->nr; i++) {
		const struct smaps_entry *entry = &list->at[i];

		fuzz_check(entry->range.start >= before && !range_empty(entry->range));
		fuzz_check(entry->range.end <= MAPS_USER_END);
		fuzz_check(smaps_find(list, entry->range.start) == entry);
		fuzz_check(smaps_find(list, entry->range.end - 1) == entry);
		fuzz_check(entry->rss_bytes % 1024 == 0);
		before = entry->range.end;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_text(data, size);
	struct smaps_list list = { 0 };
	struct error err = { 0 };

	if (smaps_parse(&list, text, &err))
		fuzz_check(err.kind == ERROR_FAILED && *err.text);
	else
		check_list(&list);
	free(list.at);
	free(text);
	return 0;
}
