/* SPDX-License-Identifier: GPL-2.0-or-later */
/* MADV_COLLAPSE in another process (mm/khugepaged.c, madvise_collapse). */
#include "config.h"

#include "kernel/collapse.h"

#include <errno.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>

#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE 25
#endif
#ifndef SYS_process_madvise
#define SYS_process_madvise 440
#endif

int collapse_huge(const struct proc *proc, struct range range)
{
	const struct iovec there = { (void *)(uintptr_t)range.start, range_bytes(range) };

	return syscall(SYS_process_madvise, proc->pidfd, &there, 1UL, MADV_COLLAPSE, 0U) < 0
		       ? -errno
		       : 0;
}
