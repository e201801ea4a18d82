/* SPDX-License-Identifier: GPL-2.0-or-later */
/* /proc/PID/maps: what is taken is in order, and can be classified. */
#include "config.h"

#include "fuzz.h"
#include "kernel/maps.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_text(data, size);
	struct mapping_list list = { 0 };
	struct error err = { 0 };
	uint64_t before = 0;

	if (maps_parse(&list, text, &err))
		fuzz_check(err.kind == ERROR_FAILED && *err.text);
	else
		for (size_t i = 0; i < list.nr; i++) {
			const struct mapping *map = &list.at[i];

			fuzz_check(map->range.start >= before && map->range.start < map->range.end);
			fuzz_check(map->name >= text && map->name <= text + size);
			fuzz_check(region_classify(map) < KIND_NR);
			before = map->range.end;
		}
	free(list.at);
	free(text);
	return 0;
}
