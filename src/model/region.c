/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Kinds of mappings and the words for them. */
#include "config.h"

#include "model/region.h"

#include <errno.h>
#include <string.h>

static const char *const kind_names[KIND_NR] = {
	[KIND_ANON] = "anon",
	[KIND_HEAP] = "heap",
	[KIND_STACK] = "stack",
	[KIND_MEMFD] = "memfd",
	[KIND_SHMEM] = "shmem",
	[KIND_HUGETLB] = "hugetlb",
	[KIND_SYSV] = "sysv",
	[KIND_PRIVATE_FILE] = "private_file",
	[KIND_SHARED_FILE] = "shared_file",
	[KIND_SECRET] = "secret",
	[KIND_GUEST] = "guest_memfd",
	[KIND_DEVICE] = "device",
	[KIND_KERNEL] = "kernel",
};

static const char *const reason_names[REASON_NR] = {
	[REASON_NONE] = "observed",
	[REASON_NEW] = "new in this sample",
	[REASON_UNARMED] = "could not be armed for this window",
	[REASON_NO_AGES] = "not referenced, no page ages (refs)",
	[REASON_NOT_SELECTED] = "not selected",
	[REASON_FILE] = "regular file",
	[REASON_SYSV] = "SysV shared memory",
	[REASON_SECRET] = "secret memory",
	[REASON_GUEST] = "guest_memfd",
	[REASON_DEVICE] = "device or special mapping",
	[REASON_KERNEL] = "mapping of the kernel",
	[REASON_NO_ACCESS] = "no access (PROT_NONE)",
	[REASON_READ_ONLY] = "no write permission, reads cannot be seen",
	[REASON_NOT_STOPPED] = "threads could not be stopped",
	[REASON_NOT_WRITABLE] = "shared memory that may never be written",
	[REASON_OTHER_UFFD] = "owned by another userfaultfd",
	[REASON_NO_MEMORY] = "out of memory or vm.max_map_count reached",
	[REASON_REFUSED] = "refused by the kernel",
};

const char *region_kind_name(enum region_kind kind)
{
	return kind_names[kind];
}

const char *region_reason_name(enum region_reason reason)
{
	return reason_names[reason];
}

bool region_reason_passes(enum region_reason reason)
{
	return reason == REASON_NEW || reason == REASON_UNARMED;
}

const char *region_method_name(enum region_method method)
{
	static const char *const names[] = {
		[METHOD_RWP] = "rwp",	[METHOD_ZAP] = "zap",	    [METHOD_WP] = "wp",
		[METHOD_REFS] = "refs", [METHOD_REPLAY] = "replay",
	};

	return names[method];
}

const char *region_sees_name(enum region_sees sees)
{
	static const char *const names[] = {
		[SEES_READS_WRITES] = "reads+writes",
		[SEES_WRITES] = "writes",
	};

	return names[sees];
}

/* Names that the kernel gives, by their beginning; the first match counts. */
static const struct {
	const char *prefix;
	enum region_kind kind;
} known_names[] = {
	{ "[heap]", KIND_HEAP },
	{ "[stack]", KIND_STACK },
	{ "[anon:", KIND_ANON },
	{ "[anon_shmem:", KIND_SHMEM },
	{ "[", KIND_KERNEL },
	{ "/memfd:", KIND_MEMFD },
	{ "/anon_hugepage", KIND_HUGETLB },
	{ "/dev/hugepages/", KIND_HUGETLB },
	{ "/dev/shm/", KIND_SHMEM },
	{ "/SYSV", KIND_SYSV },
	{ "/secretmem", KIND_SECRET },
	{ "/[kvm-gmem]", KIND_GUEST },
	{ "anon_inode:[kvm-gmem]", KIND_GUEST },
	{ "anon_inode:", KIND_DEVICE },
	{ "/[aio]", KIND_DEVICE },
};

enum region_kind region_classify(const struct mapping *map)
{
	bool shared = map->perms & PERM_SHARED;

	for (unsigned int i = 0; i < ARRAY_LEN(known_names); i++)
		if (!strncmp(map->name, known_names[i].prefix, strlen(known_names[i].prefix)))
			return known_names[i].kind;
	if (!strncmp(map->name, "/dev/zero", 9))
		return shared ? KIND_SHMEM : KIND_ANON;
	if (!strncmp(map->name, "/dev/", 5))
		return KIND_DEVICE;
	if (!map->inode)
		return KIND_ANON;
	return shared ? KIND_SHARED_FILE : KIND_PRIVATE_FILE;
}

static enum region_reason reason_of_kind(enum region_kind kind)
{
	switch (kind) {
	case KIND_SYSV:
		return REASON_SYSV;
	case KIND_SECRET:
		return REASON_SECRET;
	case KIND_GUEST:
		return REASON_GUEST;
	case KIND_DEVICE:
		return REASON_DEVICE;
	case KIND_KERNEL:
		return REASON_KERNEL;
	case KIND_PRIVATE_FILE:
	case KIND_SHARED_FILE:
		return REASON_FILE;
	default:
		return REASON_REFUSED;
	}
}

enum region_reason region_refusal(const struct mapping *map, int errnum)
{
	enum region_kind kind;

	switch (errnum) {
	case EBUSY:
		return REASON_OTHER_UFFD;
	case EPERM:
		return REASON_NOT_WRITABLE;
	case ENOMEM:
		return REASON_NO_MEMORY;
	case EAGAIN:
		return REASON_NOT_STOPPED;
	case ENOENT:
		return REASON_NEW; /* it is not as it was read: the next sample sees what is */
	default:
		break;
	}
	if (!(map->perms & (PERM_READ | PERM_WRITE | PERM_EXEC)))
		return REASON_NO_ACCESS;
	kind = region_classify(map);
	if (kind == KIND_KERNEL || kind == KIND_DEVICE || map->perms & PERM_WRITE)
		return reason_of_kind(kind);
	return REASON_READ_ONLY;
}

void region_observed(struct region *region, const struct armed *armed, unsigned int now,
		     unsigned int since)
{
	region->state = REGION_KEPT;
	region->method = armed->method;
	region->sees = armed->sees;
	region->told_apart = armed->told_apart;
	/* Where only writes are seen, a page that appears unwritten is as old as this. */
	region->tally.born = armed->sees == SEES_WRITES ? (uint16_t)now : EPOCH_NEVER;
	region->unit_bytes = armed->unit_bytes;
	region->since_sample = since;
	region->speaks_from = since;
	/* Found in the middle of a run: this sample's window says nothing of it. */
	region->reason = now > EPOCH_START ? REASON_NEW : REASON_NONE;
	if (armed->method == METHOD_REFS)
		region->reason = REASON_NO_AGES;
}

void region_unobserved(struct region *region, enum region_reason reason)
{
	region->state = REGION_KEPT;
	region->method = METHOD_NONE;
	region->sees = SEES_NOTHING;
	region->told_apart = false;
	region->reason = reason;
	region->unit_bytes = 0;
}

void region_heard(struct region *region, unsigned int sample)
{
	if (region_reason_passes(region->reason) && region->speaks_from <= sample)
		region->reason = REASON_NONE;
}

bool region_only_counted(const struct region *region)
{
	return region->method == METHOD_NONE || region->method == METHOD_REFS;
}

bool region_tells_ages(const struct region *region)
{
	return !region_only_counted(region) && !region_reason_passes(region->reason);
}
