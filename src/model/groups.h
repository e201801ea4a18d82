/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The memory of a snapshot put together by whose it is, as people ask for it: all mappings of one
 * library are one group, or each section or symbol of it.  But no group has memory of two
 * methods: what is seen of it cannot be added up.
 */
#ifndef WSSTAT_MODEL_GROUPS_H
#define WSSTAT_MODEL_GROUPS_H

#include "model/snapshot.h"

enum groups_by {
	BY_NONE,
	BY_MAPPING, /* its name */
	BY_KIND,
	BY_SECTION, /* of ELF files; what is of none by the name of its mapping */
	BY_SYMBOL,
};

struct group {
	const char *name;	   /* "" for anonymous memory */
	const char *object;	   /* the ELF file that it is a part of; NULL: of none */
	uint64_t size_bytes;	   /* of all such parts, resident or not; 0: of none */
	enum region_method method; /* METHOD_NONE: nothing is seen, hot is n/a */
	enum region_sees sees;	   /* SEES_WRITES: hot is what was written */
	bool ages;		   /* else warm, cold, idle times and heat are n/a */
	bool whole;  /* of whole mappings, so that it is known what was touched again */
	bool passes; /* nothing is seen, for a reason that passes */
	unsigned int nr_regions;
	enum region_reason reason; /* of its last region that is not wholly observed */
	uint64_t resident_bytes;
	/*
	 * Of what is observed.  The median (half is idle for less or as long) is a bound from
	 * below where median_bound: of several regions, or untouched since the start.
	 */
	struct figures figures;
	bool median_bound;
};

struct groups {
	enum groups_by by;
	struct group *at; /* by hot bytes, then resident, largest first */
	size_t nr, cap;
};

/* "mapping", "kind", "section", "symbol"; NULL for BY_NONE. */
const char *groups_by_name(enum groups_by by);

void groups_free(struct groups *groups);

/* A region as a group; its name and object can be put in their places. */
struct group group_of_region(const struct snapshot_region *region);

/* Add one, still unsorted.  0 or -ENOMEM. */
must_check int groups_add(struct groups *groups, const struct group *group);

/* Put together what has one name, object and method; sort.  observed_ns: of the snapshot. */
void groups_merge(struct groups *groups, const struct edges *edges, int64_t observed_ns);

/*
 * All regions of a snapshot, BY_MAPPING or BY_KIND.  0 or -ENOMEM.  They live no longer than
 * snap.
 */
must_check int groups_of_snapshot(struct groups *groups, enum groups_by by,
				  const struct snapshot *snap, const struct edges *edges);

#endif
