/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Huge pages put together again: process_madvise(MADV_COLLAPSE), Linux 6.1.  Any
 * state of the target; needs CAP_SYS_NICE and the right to read it.
 */
#ifndef WSSTAT_KERNEL_COLLAPSE_H
#define WSSTAT_KERNEL_COLLAPSE_H

#include "kernel/procfs.h"
#include "model/range.h"

/*
 * One huge page, at most: range is one chunk of 2 MiB.  0, also where it is huge
 * already; -EPERM: not permitted; -EINVAL: nothing there that can be huge, or a page
 * is still armed; -ENOMEM, -EBUSY, -EAGAIN: no huge page to be had now; -ESRCH.
 */
must_check int collapse_huge(const struct proc *proc, struct range range);

#endif
