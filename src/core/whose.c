/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An ELF file is read once, when a mapping of it is first seen; where it lies is found anew for
 * each sample.
 */
#include "config.h"

#include "core/whose.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "base/log.h"
#include "base/units.h"
#include "kernel/symbols.h"

/* A mapped file. */
struct object {
	uint64_t dev, inode;
	char *name;
	bool known; /* it is ELF, and read */
	struct elf_object elf;
	uint64_t *size; /* for each part: of all parts of its name */
	bool placed;	/* in this sample */
	uint64_t bias;
};

/* The memory of one segment of an object, .bss included. */
struct extent {
	struct range range;
	const struct object *object;
};

struct whose {
	enum groups_by by;
	struct object **object;
	size_t nr_objects, objects_cap;
	struct extent *extent; /* of this sample, ascending */
	size_t nr_extents, extents_cap;
	struct mapping_list maps; /* of this sample; names not owned */
	char **name;		  /* made for this sample */
	size_t nr_names, names_cap;
	struct groups groups;
};

struct whose *whose_new(enum groups_by by)
{
	struct whose *whose = malloc(sizeof(*whose));

	if (whose)
		*whose = (struct whose){ .by = by };
	return whose;
}

static void object_free(struct object *object)
{
	if (!object)
		return;
	elf_object_free(&object->elf);
	free(object->size);
	free(object->name);
	free(object);
}

static void forget_sample(struct whose *whose)
{
	for (size_t i = 0; i < whose->nr_names; i++)
		free(whose->name[i]);
	whose->nr_names = whose->nr_extents = whose->maps.nr = 0;
	whose->groups.nr = 0;
}

void whose_free(struct whose *whose)
{
	if (!whose)
		return;
	forget_sample(whose);
	for (size_t i = 0; i < whose->nr_objects; i++)
		object_free(whose->object[i]);
	free(whose->object);
	free(whose->extent);
	free(whose->maps.at);
	free(whose->name);
	groups_free(&whose->groups);
	free(whose);
}

static bool is_of_file(const struct mapping *map)
{
	return map->inode && map->name[0] == '/' &&
	       (region_classify(map) == KIND_PRIVATE_FILE ||
		region_classify(map) == KIND_SHARED_FILE);
}

static struct object *object_find(const struct whose *whose, const struct mapping *map)
{
	for (size_t i = 0; i < whose->nr_objects; i++) {
		struct object *object = whose->object[i];

		if (object->inode == map->inode && object->dev == map->dev &&
		    !strcmp(object->name, map->name))
			return object;
	}
	return NULL;
}

/* Of a recording: is the file what it was then? */
static bool is_as_then(const struct mapping *map, const struct whose_source *source)
{
	struct stat st;

	if (stat(map->name, &st) || !S_ISREG(st.st_mode) || st.st_ino != map->inode)
		return false;
	return st.st_mtim.tv_sec * NS_PER_S + st.st_mtim.tv_nsec <= source->wall_ns;
}

static int compare_part_names(const void *a, const void *b)
{
	const struct elf_part *const *left = a, *const *right = b;

	return strcmp((*left)->name, (*right)->name);
}

/* Static symbols may have one name, and an interrupted one has several parts. */
static int add_sizes(struct object *object)
{
	const size_t nr = object->elf.nr_parts;
	const struct elf_part *first = object->elf.part;
	auto_free const struct elf_part **sorted = calloc(nr + 1, sizeof(*sorted));

	object->size = calloc(nr + 1, sizeof(*object->size));
	if (!sorted || !object->size)
		return -ENOMEM;
	for (size_t i = 0; i < nr; i++)
		sorted[i] = &first[i];
	qsort(sorted, nr, sizeof(*sorted), compare_part_names);
	for (size_t i = 0, next; i < nr; i = next) {
		uint64_t bytes = 0;

		for (next = i; next < nr && !strcmp(sorted[next]->name, sorted[i]->name); next++)
			bytes += sorted[next]->end - sorted[next]->start;
		for (size_t j = i; j < next; j++)
			object->size[sorted[j] - first] = bytes;
	}
	return 0;
}

/* What is no ELF file, or cannot be read, stays whole. */
static void object_read(struct object *object, enum groups_by by, const struct whose_source *source,
			const struct mapping *map)
{
	const enum elf_parting parting = by == BY_SECTION ? ELF_BY_SECTION : ELF_BY_SYMBOL;
	struct error err = { 0 };
	int rc = -ESTALE;

	if (source->proc)
		rc = elf_object_read(&object->elf, source->proc, map, parting, &err);
	else if (is_as_then(map, source))
		rc = elf_object_read_path(&object->elf, map->name, "/", parting, &err);
	object->known = !rc && !add_sizes(object);
	if (rc == -ESTALE)
		log_warn("%s is not the file that was mapped: its memory is told as a whole",
			 map->name);
	else if (rc && rc != -ENOEXEC)
		log_warn("%s: its memory is told as a whole", err.text);
	else if (!rc && by == BY_SYMBOL)
		log_info("symbols of %s: %s", map->name, elf_symbols_name(object->elf.symbols));
}

static struct object *object_get(struct whose *whose, const struct whose_source *source,
				 const struct mapping *map)
{
	struct object *object = object_find(whose, map);

	if (object)
		return object;
	if (util_reserve(&whose->object, whose->nr_objects, &whose->objects_cap,
			 sizeof(struct object *)))
		return NULL;
	object = malloc(sizeof(*object));
	if (!object)
		return NULL;
	*object = (struct object){ .dev = map->dev, .inode = map->inode };
	object->name = strdup(map->name);
	if (!object->name) {
		free(object);
		return NULL;
	}
	object_read(object, whose->by, source, map);
	whose->object[whose->nr_objects++] = object;
	return object;
}

static int list_maps(struct whose *whose, const struct books *books)
{
	for (size_t i = 0; i < books->regions.nr; i++) {
		if (util_reserve(&whose->maps.at, whose->maps.nr, &whose->maps.cap,
				 sizeof(*whose->maps.at)))
			return -ENOMEM;
		whose->maps.at[whose->maps.nr++] = books->regions.at[i].map;
	}
	return 0;
}

static int add_extents(struct whose *whose, const struct object *object)
{
	for (size_t i = 0; i < object->elf.nr_segments; i++) {
		struct range range = elf_segment_range(&object->elf.segment[i], object->bias);

		if (range_empty(range))
			continue;
		if (util_reserve(&whose->extent, whose->nr_extents, &whose->extents_cap,
				 sizeof(*whose->extent)))
			return -ENOMEM;
		whose->extent[whose->nr_extents++] = (struct extent){ range, object };
	}
	return 0;
}

static int compare_extents(const void *a, const void *b)
{
	const struct extent *left = a, *right = b;

	return left->range.start < right->range.start	? -1
	       : left->range.start > right->range.start ? 1
							: 0;
}

/* Which objects are mapped now, and where. */
static int place(struct whose *whose, const struct whose_source *source)
{
	for (size_t i = 0; i < whose->nr_objects; i++)
		whose->object[i]->placed = false;
	for (size_t i = 0; i < whose->maps.nr; i++) {
		const struct mapping *map = &whose->maps.at[i];
		struct object *object;

		if (!is_of_file(map))
			continue;
		object = object_get(whose, source, map);
		if (!object)
			return -ENOMEM;
		if (!object->known || object->placed ||
		    !elf_object_bias(&object->elf, &whose->maps, map, &object->bias))
			continue;
		object->placed = true;
		if (add_extents(whose, object))
			return -ENOMEM;
	}
	if (whose->nr_extents)
		qsort(whose->extent, whose->nr_extents, sizeof(*whose->extent), compare_extents);
	return 0;
}

/* The first extent that ends above addr. */
static size_t extent_from(const struct whose *whose, uint64_t addr)
{
	size_t i = 0;

	while (i < whose->nr_extents && whose->extent[i].range.end <= addr)
		i++;
	return i;
}

/* "[stack:4243 worker]"; what has no name is anonymous. */
static const char *name_of(struct whose *whose, const struct region *region,
			   const struct owners *owners)
{
	const struct owner *owner = *region->map.name
					    ? NULL
					    : owners_find(owners, region->map.range.start);
	char *name;

	if (!owner)
		return region->map.name;
	if (util_reserve(&whose->name, whose->nr_names, &whose->names_cap, sizeof(char *)) ||
	    asprintf(&name, OWNER_FORMAT, owner->tid, owner->comm) < 0)
		return NULL;
	return whose->name[whose->nr_names++] = name;
}

/* A region that is being divided: its pages in the order of their addresses. */
struct dividing {
	struct whose *whose;
	const struct books *books;
	int64_t cold_after_ns;
	size_t extent;		 /* the first that ends above what was told */
	size_t part;		 /* the same, of that extent's object */
	struct group part_group; /* of ->part; resident_bytes 0: nothing yet */
	struct group gap;	 /* of no part of the object whose gap it is */
	struct group rest;	 /* of no object */
};

static void count(const struct dividing *to, struct group *group, uint64_t bytes,
		  struct page_age age)
{
	figures_add_bytes(&group->figures, bytes, age, &to->books->epochs, to->cold_after_ns);
	group->resident_bytes += bytes;
}

static int flush(struct dividing *to, struct group *group)
{
	int rc = group->resident_bytes ? groups_add(&to->whose->groups, group) : 0;

	group->resident_bytes = 0;
	group->figures = (struct figures){ .idle_median_ns = -1 };
	return rc;
}

static struct range part_range(const struct object *object, size_t i)
{
	return (struct range){ object->elf.part[i].start + object->bias,
			       object->elf.part[i].end + object->bias };
}

/* The first part that ends above addr. */
static size_t part_from(const struct object *object, uint64_t addr)
{
	size_t low = 0, high = object->elf.nr_parts;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (part_range(object, mid).end > addr)
			high = mid;
		else
			low = mid + 1;
	}
	return low;
}

static const char *gap_name(const struct whose *whose)
{
	return whose->by == BY_SECTION ? "(no section)" : "(no symbol)";
}

/* What lies at the beginning of run: whose it is, and how far. */
struct holding {
	struct group *owner;
	uint64_t end;
};

static uint64_t least(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* Among the parts of an object, all of run lies in whose extent. */
static int holding_of_object(struct dividing *to, const struct object *object, struct range run,
			     struct holding *holding)
{
	struct range part;

	if (to->gap.object != object->name) {
		if (flush(to, &to->gap) || flush(to, &to->part_group))
			return -ENOMEM;
		to->gap.object = object->name;
		to->gap.name = gap_name(to->whose);
		to->part = part_from(object, run.start);
	}
	for (; to->part < object->elf.nr_parts && part_range(object, to->part).end <= run.start;
	     to->part++)
		if (flush(to, &to->part_group))
			return -ENOMEM;
	*holding = (struct holding){ &to->gap, run.end };
	if (to->part == object->elf.nr_parts)
		return 0;
	part = part_range(object, to->part);
	if (part.start > run.start) {
		holding->end = least(part.start, run.end);
		return 0;
	}
	*holding = (struct holding){ &to->part_group, least(part.end, run.end) };
	to->part_group.name = object->elf.part[to->part].name;
	to->part_group.object = object->name;
	to->part_group.size_bytes = object->size[to->part];
	return 0;
}

static int holding_at(struct dividing *to, struct range run, struct holding *holding)
{
	const struct whose *whose = to->whose;
	const struct extent *extent;

	while (to->extent < whose->nr_extents && whose->extent[to->extent].range.end <= run.start)
		to->extent++;
	*holding = (struct holding){ &to->rest, run.end };
	if (to->extent == whose->nr_extents)
		return 0;
	extent = &whose->extent[to->extent];
	if (extent->range.start > run.start) {
		holding->end = least(extent->range.start, run.end);
		return 0;
	}
	run.end = least(extent->range.end, run.end);
	return holding_of_object(to, extent->object, run, holding);
}

static int divide_run(void *ctx, struct range run, struct page_age age)
{
	struct dividing *to = ctx;

	while (run.start < run.end) {
		struct holding holding;

		if (holding_at(to, run, &holding))
			return -ENOMEM;
		count(to, holding.owner, holding.end - run.start, age);
		run.start = holding.end;
	}
	return 0;
}

/* Does any object have a part in it? */
static bool is_divided(const struct whose *whose, const struct region *region)
{
	const size_t i = extent_from(whose, region->map.range.start);

	if (!region_tells_ages(region) || i == whose->nr_extents ||
	    whose->extent[i].range.start >= region->map.range.end)
		return false;
	/* What lies over an object without being its file or its .bss is something else. */
	return !region->map.inode || !strcmp(region->map.name, whose->extent[i].object->name);
}

static int divide(struct whose *whose, const struct books *books, const struct region *region,
		  const struct group *whole, int64_t cold_after_ns)
{
	struct dividing to = {
		.whose = whose,
		.books = books,
		.cold_after_ns = cold_after_ns,
		.extent = extent_from(whose, region->map.range.start),
		.rest = *whole,
	};
	int rc;

	to.rest.whole = false;
	to.rest.resident_bytes = 0;
	to.rest.figures = (struct figures){ .idle_median_ns = -1 };
	to.part_group = to.gap = to.rest;
	rc = pages_each(books->pages, region->map.range, divide_run, &to);
	if (!rc)
		rc = flush(&to, &to.part_group);
	if (!rc)
		rc = flush(&to, &to.gap);
	if (!rc)
		rc = flush(&to, &to.rest);
	return rc;
}

static int by_parts(struct whose *whose, const struct books *books, const struct owners *owners,
		    int64_t cold_after_ns, const struct snapshot *snap)
{
	for (size_t i = 0; i < books->regions.nr; i++) {
		const struct region *region = &books->regions.at[i];
		struct group group = group_of_region(&snap->regions[i]);

		group.name = name_of(whose, region, owners);
		if (!group.name)
			return -ENOMEM;
		if (is_divided(whose, region) ? divide(whose, books, region, &group, cold_after_ns)
					      : groups_add(&whose->groups, &group))
			return -ENOMEM;
	}
	return 0;
}

/* All that is resident is somebody's. */
static bool closed(const struct groups *groups, const struct snapshot *snap)
{
	uint64_t resident = 0, tracked = 0;

	for (size_t i = 0; i < groups->nr; i++) {
		resident += groups->at[i].resident_bytes;
		tracked += groups->at[i].figures.tracked_bytes;
	}
	return resident == snap->resident_bytes && tracked == snap->tracked_bytes;
}

/* The objects of this sample. */
static int look(struct whose *whose, const struct whose_source *source, const struct books *books)
{
	int rc;

	forget_sample(whose);
	rc = list_maps(whose, books);
	return rc ? rc : place(whose, source);
}

static int no_memory(struct error *err)
{
	return error_set(err, ERROR_FAILED, ENOMEM, "cannot tell whose the memory is");
}

int whose_look(struct whose *whose, const struct whose_source *source, const struct books *books,
	       struct error *err)
{
	return look(whose, source, books) ? no_memory(err) : 0;
}

bool whose_at(const struct whose *whose, uint64_t addr, struct whose_part *part)
{
	const size_t i = extent_from(whose, addr);
	const struct object *object;
	size_t at;

	if (i == whose->nr_extents || whose->extent[i].range.start > addr)
		return false;
	object = whose->extent[i].object;
	at = part_from(object, addr);
	*part = (struct whose_part){ object->name, gap_name(whose), whose->extent[i].range };
	if (at == object->elf.nr_parts || part_range(object, at).start > addr)
		return true;
	part->name = object->elf.part[at].name;
	part->range = part_range(object, at);
	return true;
}

static int fill(struct whose *whose, const struct whose_source *source, const struct books *books,
		const struct owners *owners, int64_t cold_after_ns, const struct snapshot *snap)
{
	int rc;

	whose->groups.by = whose->by;
	if (whose->by == BY_MAPPING || whose->by == BY_KIND) {
		groups_free(&whose->groups);
		return groups_of_snapshot(&whose->groups, whose->by, snap, books->epochs.edges);
	}
	rc = look(whose, source, books);
	if (!rc)
		rc = by_parts(whose, books, owners, cold_after_ns, snap);
	if (!rc)
		groups_merge(&whose->groups, books->epochs.edges, snap->observed_ns);
	return rc;
}

int whose_fill(struct whose *whose, const struct whose_source *source, const struct books *books,
	       const struct owners *owners, int64_t cold_after_ns, struct snapshot *snap,
	       struct error *err)
{
	if (fill(whose, source, books, owners, cold_after_ns, snap))
		return no_memory(err);
	if (!closed(&whose->groups, snap))
		return error_set(
			err, ERROR_FAILED, 0,
			"the books of sample %u do not close by %s: this is a bug in wsstat",
			snap->sample, groups_by_name(whose->by));
	snap->groups = &whose->groups;
	return 0;
}
