/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * To whom each byte of an ELF object belongs, where its sections or symbols claim it, some
 * of them the same bytes.  Pure.
 */
#ifndef WSSTAT_KERNEL_ELF_PARTS_H
#define WSSTAT_KERNEL_ELF_PARTS_H

#include <stddef.h>
#include <stdint.h>

#include "base/util.h"

/* Link-time virtual addresses, half open. */
struct elf_part {
	uint64_t start, end;
	const char *name;
};

struct elf_claim {
	struct elf_part part; /* not empty */
	unsigned int rank;    /* of claims to the very same bytes the lowest is preferred */
};

/*
 * Each byte goes to the claim that begins last, of these to the shortest: what lies within
 * another is cut out of it.  Of claims to the very same bytes one gets them: by rank, then
 * the name with fewer underscores before it, the shorter, the lesser by strcmp(3); of names
 * only the first 256 bytes count.  O(n log n).
 *
 * *part, of *nr_parts, is the caller's to free: ascending, none empty, no two overlap, names
 * as of the claims.  An interrupted claim has several parts.  claim is used up.
 * 0 or -ENOMEM.
 */
must_check int elf_parts_carve(struct elf_part **part, size_t *nr_parts, struct elf_claim *claim,
			       size_t nr);

#endif
