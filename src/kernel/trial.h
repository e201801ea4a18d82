/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Trials of what methods rest on, on a few pages of wsstat's own: what a kernel
 * says it has is not always what it does.  Some ten system calls each, no
 * privilege, nothing is left behind.
 */
#ifndef WSSTAT_KERNEL_TRIAL_H
#define WSSTAT_KERNEL_TRIAL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

/*
 * pagemap: /proc/self/pagemap.  0 if it works.  Else the kind of err says why not:
 * ERROR_DENIED, a call is refused (a seccomp filter); ERROR_UNSUPPORTED, the kernel
 * has no PAGEMAP_SCAN; all others, a call failed or a page was told wrongly.
 */
must_check int trial_rwp(int pagemap, struct error *err);

/* Private anonymous memory; the same. */
must_check int trial_wp(int pagemap, struct error *err);

/* Shared memory, reads and writes apart, its data kept; the same. */
must_check int trial_zap(int pagemap, struct error *err);

/* Does PAGEMAP_SCAN know this category (PAGE_IS_*)? */
bool trial_scan_knows(int pagemap, uint64_t category);

/* Are fresh pages soft-dirty, as they are with CONFIG_MEM_SOFT_DIRTY? */
bool trial_soft_dirty(int pagemap);

#endif
