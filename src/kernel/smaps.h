/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * /proc/PID/smaps (Linux 7.3.4 Documentation/filesystems/proc.rst).  Expensive:
 * the kernel walks all page tables of the target under mmap_lock, for reading.
 */
#ifndef WSSTAT_KERNEL_SMAPS_H
#define WSSTAT_KERNEL_SMAPS_H

#include <stddef.h>

#include "base/error.h"
#include "model/range.h"

/* The letters of VmFlags that matter here; the kernel's names are VM_... */
enum smaps_flags {
	SMAPS_UFFD_MISSING = 1 << 0,  /* um */
	SMAPS_UFFD_WP = 1 << 1,	      /* uw */
	SMAPS_UFFD_MINOR = 1 << 2,    /* ui */
	SMAPS_UFFD_RWP = 1 << 3,      /* ur */
	SMAPS_LOCKED = 1 << 4,	      /* lo: mlock(2) */
	SMAPS_MERGEABLE = 1 << 5,     /* mg: KSM may merge its pages */
	SMAPS_HUGETLB = 1 << 6,	      /* ht */
	SMAPS_SOFT_DIRTY = 1 << 7,    /* sd: all of it counts as soft-dirty */
	SMAPS_WIPE_ON_FORK = 1 << 8,  /* wf */
	SMAPS_IO = 1 << 9,	      /* io */
	SMAPS_PFN_MAP = 1 << 10,      /* pf */
	SMAPS_MIXED_MAP = 1 << 11,    /* mm */
	SMAPS_DONT_EXPAND = 1 << 12,  /* de */
	SMAPS_DONT_DUMP = 1 << 13,    /* dd */
	SMAPS_MAY_WRITE = 1 << 14,    /* mw: could be made writable by mprotect(2) */
	SMAPS_SHADOW_STACK = 1 << 15, /* ss */
	SMAPS_DROPPABLE = 1 << 16,    /* dp */

	/* Some userfaultfd owns it. */
	SMAPS_UFFD = SMAPS_UFFD_MISSING | SMAPS_UFFD_WP | SMAPS_UFFD_MINOR | SMAPS_UFFD_RWP,
};

/* One mapping.  What this kernel does not tell is 0. */
struct smaps_entry {
	struct range range;
	uint64_t rss_bytes;	   /* without hugetlb pages and the zero page */
	uint64_t referenced_bytes; /* of those accessed since clear_refs was last written */
	uint64_t swap_bytes;
	uint64_t anon_huge_bytes; /* in huge pages, mapped as such */
	uint64_t shmem_huge_bytes;
	uint64_t hugetlb_bytes; /* shared and private */
	uint64_t locked_bytes;
	uint64_t ksm_bytes;
	unsigned int flags; /* enum smaps_flags */
};

/* Sorted by address, no two overlap. */
struct smaps_list {
	struct smaps_entry *at;
	size_t nr, cap;
};

struct smaps {
	struct smaps_list list;
	char *text;
	size_t cap;
};

/*
 * Parse the text of a smaps file in place (newlines become NUL).  Lines and flags
 * that are not known are passed over, mappings above user space left out.
 * -EINVAL with err filled on what no kernel writes, -ENOMEM.
 */
must_check int smaps_parse(struct smaps_list *list, char *text, struct error *err);

/*
 * Read and parse, reusing the buffers.  A target that has no memory (exiting,
 * zombie) gives an empty list.  fd: /proc/PID/smaps, opened by the caller, re-read
 * from its beginning.
 */
must_check int smaps_read(struct smaps *smaps, int fd, struct error *err);

/* Which is the first that ends above this address; list->nr: none does. */
size_t smaps_first(const struct smaps_list *list, uint64_t addr);

/* The mapping that holds this address; NULL: none does. */
const struct smaps_entry *smaps_find(const struct smaps_list *list, uint64_t addr);

void smaps_free(struct smaps *smaps);

#endif
