/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the target's address space consists of: mappings as /proc/PID/maps shows
 * them, their kind, and regions, a mapping with what wsstat knows of it.
 */
#ifndef WSSTAT_MODEL_REGION_H
#define WSSTAT_MODEL_REGION_H

#include <stdbool.h>

#include "base/util.h"
#include "model/range.h"
#include "model/tally.h"

enum mapping_perms {
	PERM_READ = 1,
	PERM_WRITE = 2,
	PERM_EXEC = 4,
	PERM_SHARED = 8,
};

/* One line of /proc/PID/maps. */
struct mapping {
	struct range range;
	unsigned int perms; /* enum mapping_perms */
	uint64_t offset;    /* bytes into the file */
	uint64_t dev;	    /* major << 32 | minor */
	uint64_t inode;
	const char *name; /* "" when the line has none; escapes as the kernel writes them */
};

/* Sorted by address, no two overlap. Names live as long as the list's owner says. */
struct mapping_list {
	struct mapping *at;
	size_t nr, cap;
};

enum region_kind {
	KIND_ANON,
	KIND_HEAP,
	KIND_STACK,
	KIND_MEMFD,
	KIND_SHMEM, /* shared anonymous, /dev/shm, tmpfs where the name tells */
	KIND_HUGETLB,
	KIND_SYSV,
	KIND_PRIVATE_FILE,
	KIND_SHARED_FILE,
	KIND_SECRET,
	KIND_GUEST, /* guest_memfd */
	KIND_DEVICE,
	KIND_KERNEL, /* [vdso], [vvar] and the like */
	KIND_NR,
};

/* The word for it in outputs and for --region: "anon", "heap", ... */
const char *region_kind_name(enum region_kind kind);

enum region_method {
	METHOD_NONE, /* untracked */
	METHOD_RWP,
	METHOD_ZAP,
	METHOD_WP,
	METHOD_REFS,
	METHOD_REPLAY,
	METHOD_NR,
};

/* What a method sees. */
enum region_sees {
	SEES_NOTHING,
	SEES_READS_WRITES,
	SEES_WRITES,
};

const char *region_method_name(enum region_method method); /* NULL for METHOD_NONE */
const char *region_sees_name(enum region_sees sees);	   /* "reads+writes", ... */

/* Why resident memory is not observed. */
enum region_reason {
	REASON_NONE,
	REASON_NEW,	     /* found in this sample, armed from now on */
	REASON_UNARMED,	     /* seen before, but could not be armed for this window */
	REASON_NO_AGES,	     /* method refs: not referenced in this window, no more is known */
	REASON_NOT_SELECTED, /* --region */
	REASON_FILE,	     /* regular file: RWP covers anonymous and shared memory */
	REASON_SYSV,
	REASON_SECRET,
	REASON_GUEST,
	REASON_DEVICE,
	REASON_KERNEL,
	REASON_NO_ACCESS,    /* PROT_NONE */
	REASON_READ_ONLY,    /* no write permission, and no method sees reads there */
	REASON_NOT_STOPPED,  /* method zap: the threads could not be stopped */
	REASON_NOT_WRITABLE, /* shared mapping that can never be written (EPERM) */
	REASON_OTHER_UFFD,   /* owned by another userfaultfd (EBUSY) */
	REASON_NO_MEMORY,    /* the kernel had none, or vm.max_map_count is reached (ENOMEM) */
	REASON_REFUSED,	     /* the kernel refuses it, cause not known (EINVAL) */
	REASON_NR,
};

/*
 * Is what is seen of the region in this sample not to be relied on, for a reason
 * that passes?
 */
bool region_reason_passes(enum region_reason reason);

/* Stable words, used as the JSON value and in text. */
const char *region_reason_name(enum region_reason reason);

/* The kind of a mapping, from its permissions, device and name alone. */
enum region_kind region_classify(const struct mapping *map);

/*
 * The reason why no method takes this mapping, from the errno with which REGISTER
 * failed; EAGAIN: the target could not be stopped; 0: no method suits it.
 */
enum region_reason region_refusal(const struct mapping *map, int errnum);

/* What arming a mapping led to. */
struct armed {
	enum region_method method; /* as the caller set it; a replay puts the recorded one */
	enum region_sees sees;
	bool told_apart;     /* reads from writes */
	uint64_t unit_bytes; /* the smallest that can be armed */
	int refusal;	     /* a positive errno, with TRACK_REFUSED */
};

/* How a region came out of regions_update(). */
enum region_state {
	REGION_KEPT,	/* the same mapping as before */
	REGION_CHANGED, /* other bounds, the same memory: is it still armed? */
	REGION_NEW,	/* nothing is known of it yet */
};

/*
 * A mapping with its method and its books.  map.name is owned by the region.
 */
struct region {
	enum region_state state;
	struct mapping map;
	enum region_kind kind;
	enum region_method method;
	enum region_sees sees;
	enum region_reason reason; /* REASON_NONE when observed */
	bool told_apart;	   /* reads from writes */
	uint64_t unit_bytes;	   /* what the method arms at least; huge pages are told apart */
	bool unarmed;		   /* the next window cannot be told */
	unsigned int since_sample; /* the first sample that spoke of any part of it */
	unsigned int
		speaks_from; /* the first that can speak of all of it; until then reason says why */
	struct tally tally;  /* of pages observed; see model/pages.h */
	uint64_t untracked_pages; /* resident, not observed */
	uint64_t untracked_swapped_pages;
	uint64_t referenced_pages; /* method refs: of the untracked, referenced in this window */
};

/*
 * It is observed from now on, the stamp of the present sample; since: the first sample that
 * speaks of it.
 */
void region_observed(struct region *region, const struct armed *armed, unsigned int now,
		     unsigned int since);

void region_unobserved(struct region *region, enum region_reason reason);

/* This sample is told of it: what kept it silent for a while may be over. */
void region_heard(struct region *region, unsigned int sample);

/* Are the ages of its pages known in this sample? */
bool region_tells_ages(const struct region *region);

/* Are its pages only counted, by kind, and not kept one by one? */
bool region_only_counted(const struct region *region);

#endif
