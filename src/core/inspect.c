/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "core/inspect.h"

#include <errno.h>

struct frozen {
	struct inspect inspect;
	struct books books; /* pages, times and regions alone */
};

static const struct region *region_of(const struct books *books, struct range range)
{
	for (size_t i = 0; i < books->regions.nr; i++) {
		const struct region *region = &books->regions.at[i];

		if (region->map.range.start <= range.start && range.end <= region->map.range.end)
			return region;
	}
	return NULL;
}

bool inspect_cells(const struct inspect *inspect, struct range range, unsigned int most,
		   struct cells *cells)
{
	const struct books *books = inspect->books;
	const struct region *region = books ? region_of(books, range) : NULL;

	if (!region || !region_tells_ages(region))
		return false;
	cells_fill(cells, most, books->pages, range, &books->epochs, inspect->observed_ns);
	return true;
}

/* One that has ended has no files to be had through it: they are found as a recording's. */
static const struct proc *living(const struct inspect *inspect)
{
	return inspect->proc && !proc_ended(inspect->proc) ? inspect->proc : NULL;
}

static struct whose_source source_of(const struct inspect *inspect)
{
	return (struct whose_source){ .proc = living(inspect), .wall_ns = inspect->wall_ns };
}

int asker_begin(struct asker *asker, enum groups_by by)
{
	asker_end(asker);
	asker->whose = whose_new(by);
	return asker->whose ? 0 : -ENOMEM;
}

void asker_end(struct asker *asker)
{
	whose_free(asker->whose);
	owners_free(&asker->owners);
	asker->whose = NULL;
}

/* Of a process that has ended stays what was seen last. */
static int look_for_owners(const struct inspect *inspect, struct asker *asker, struct error *err)
{
	const struct proc *proc = living(inspect);
	int rc = 0;

	if (proc)
		rc = owners_look(&asker->owners, proc, &inspect->books->regions);
	else if (inspect->owners)
		rc = owners_copy(&asker->owners, inspect->owners);
	return rc ? error_set(err, ERROR_FAILED, ENOMEM, "cannot tell whose stacks there are") : 0;
}

int inspect_groups(const struct inspect *inspect, struct asker *asker, struct snapshot *snap,
		   struct error *err)
{
	const struct whose_source source = source_of(inspect);
	int rc = look_for_owners(inspect, asker, err);

	return rc ? rc
		  : whose_fill(asker->whose, &source, inspect->books, &asker->owners,
			       inspect->cold_after_ns, snap, err);
}

int inspect_look(const struct inspect *inspect, struct asker *asker, struct error *err)
{
	const struct whose_source source = source_of(inspect);
	int rc = look_for_owners(inspect, asker, err);

	return rc ? rc : whose_look(asker->whose, &source, inspect->books, err);
}

bool asker_at(const struct asker *asker, uint64_t start, uint64_t addr, struct asked *asked)
{
	struct whose_part part;

	*asked = (struct asked){ .object = NULL };
	if (whose_at(asker->whose, addr, &part)) {
		asked->object = part.object;
		asked->part = part.name;
	} else {
		asked->owner = owners_find(&asker->owners, start);
	}
	return asked->object || asked->owner;
}

struct inspect *inspect_freeze(const struct inspect *inspect)
{
	struct frozen *frozen = calloc(1, sizeof(*frozen));
	struct books *books;

	if (!frozen || !inspect->books) {
		free(frozen);
		return NULL;
	}
	books = &frozen->books;
	frozen->inspect = *inspect;
	frozen->inspect.books = books;
	books->pages = pages_copy(inspect->books->pages);
	if (books->pages && !epochs_copy(&books->epochs, &inspect->books->epochs) &&
	    !regions_copy(&books->regions, &inspect->books->regions))
		return &frozen->inspect;
	inspect_thaw(&frozen->inspect);
	return NULL;
}

void inspect_thaw(struct inspect *inspect)
{
	struct frozen *frozen = (struct frozen *)inspect;

	if (!frozen)
		return;
	pages_free(frozen->books.pages);
	epochs_free(&frozen->books.epochs);
	region_set_free(&frozen->books.regions);
	free(frozen);
}
