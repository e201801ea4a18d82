/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "core/look.h"

#include <errno.h>
#include <string.h>

int look_begin(struct look *look, const struct mapping_list *maps)
{
	if (maps->nr > look->cap) {
		struct answer *grown = reallocarray(look->answer, maps->nr, sizeof(*grown));

		if (!grown)
			return -ENOMEM;
		look->answer = grown;
		look->cap = maps->nr;
	}
	if (maps->nr)
		memset(look->answer, 0, maps->nr * sizeof(*look->answer));
	seen_pages_free(&look->bits);
	look->maps = maps;
	return 0;
}

void look_free(struct look *look)
{
	seen_pages_free(&look->bits);
	free(look->answer);
	*look = (struct look){ 0 };
}

struct page_counts region_counts(const struct region *region)
{
	return (struct page_counts){
		.untracked = region->untracked_pages,
		.swapped = region->untracked_swapped_pages,
		.referenced = region->referenced_pages,
	};
}

void region_set_counts(struct region *region, struct page_counts counts)
{
	region->untracked_pages = counts.untracked;
	region->untracked_swapped_pages = counts.swapped;
	region->referenced_pages = counts.referenced;
}
