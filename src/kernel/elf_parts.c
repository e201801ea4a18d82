/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Claims in the order of their starts, and a stack of those that are open. */
#include "config.h"

#include "kernel/elf_parts.h"

#include <errno.h>
#include <string.h>

#define NAME_LOOK 256 /* a file may have a million names that differ after a megabyte */

static int compare(uint64_t a, uint64_t b)
{
	return (a > b) - (a < b);
}

static size_t underscores(const char *name)
{
	size_t nr = 0;

	while (nr < NAME_LOOK && name[nr] == '_')
		nr++;
	return nr;
}

/* Below 0: a is the better name.  0 only for one and the same. */
static int compare_names(const char *a, const char *b)
{
	int order = compare(underscores(a), underscores(b));

	if (!order)
		order = compare(strnlen(a, NAME_LOOK), strnlen(b, NAME_LOOK));
	if (!order)
		order = strncmp(a, b, NAME_LOOK);
	return order ? order : compare((uintptr_t)a, (uintptr_t)b);
}

/* By start; then who is to have the bytes comes last. */
static int by_start(const void *first, const void *second)
{
	const struct elf_claim *a = first, *b = second;
	int order = compare(a->part.start, b->part.start);

	if (!order)
		order = compare(b->part.end, a->part.end);
	if (!order)
		order = compare(b->rank, a->rank);
	return order ? order : compare_names(b->part.name, a->part.name);
}

struct carving {
	struct elf_claim *open; /* the one on top began last */
	size_t nr_open;
	struct elf_part *part;
	size_t nr_parts;
};

/* Give the bytes from at to next to those that are open. */
static void settle(struct carving *carving, uint64_t at, uint64_t next)
{
	while (carving->nr_open && at < next) {
		const struct elf_part *top = &carving->open[carving->nr_open - 1].part;
		const uint64_t end = top->end < next ? top->end : next;

		if (end > at) {
			carving->part[carving->nr_parts++] = (struct elf_part){ at, end,
										top->name };
			at = end;
		}
		if (top->end <= at)
			carving->nr_open--;
	}
}

int elf_parts_carve(struct elf_part **part, size_t *nr_parts, struct elf_claim *claim, size_t nr)
{
	/* The stack grows over claims that have been taken. */
	struct carving carving = { .open = claim };
	struct elf_part *fitting;
	uint64_t at = 0;

	/* Each claim ends one part as it begins and one as it ends, at most. */
	carving.part = calloc(2 * nr + 1, sizeof(*carving.part));
	if (!carving.part)
		return -ENOMEM;
	if (nr)
		qsort(claim, nr, sizeof(*claim), by_start);
	for (size_t i = 0; i < nr; i++) {
		settle(&carving, at, claim[i].part.start);
		at = claim[i].part.start;
		carving.open[carving.nr_open++] = claim[i];
	}
	settle(&carving, at, UINT64_MAX);
	fitting = realloc(carving.part, (carving.nr_parts + 1) * sizeof(*fitting));
	*part = fitting ? fitting : carving.part;
	*nr_parts = carving.nr_parts;
	return 0;
}
