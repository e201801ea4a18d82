/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * /proc/PID/clear_refs: forget what was accessed or written (Linux 7.3.4
 * fs/proc/task_mmu.c: clear_refs_write).
 *
 * Neither call is harmless.  The target's mmap_lock is held for writing while
 * all of its page tables are walked, some 25 ns a resident page: its page faults,
 * mmap(2) and the like wait for that.  And what is forgotten is forgotten for
 * everybody: reclaim, and other tools that use the same bits.
 *
 * fd: clear_refs, opened for writing, which needs the owner of the process or
 * root.  It means the memory that the process has at the call, after exec the new
 * one; other than a pagemap.  Any state of the target.  0, also when it has no
 * memory any more, or a negative errno; -ESRCH: the process is gone.
 */
#ifndef WSSTAT_KERNEL_CLEAR_REFS_H
#define WSSTAT_KERNEL_CLEAR_REFS_H

#include "base/util.h"

/*
 * Referenced in smaps is 0 from now on, and counts what is accessed.  Clears the
 * accessed bits of all pages, with no TLB flush: an access by way of a TLB entry
 * that is still there is not seen, so what is hot can look idle in a short window.
 * The pages look older to reclaim than they are.
 */
must_check int refs_clear(int fd);

/*
 * PAGE_IS_SOFT_DIRTY and the "sd" of smaps begin anew: they mean written from now
 * on.  Write-protects every writable page, so each is one fault at its next write,
 * and flushes the TLB.  A mapping made after it is soft-dirty as a whole.  Without
 * CONFIG_MEM_SOFT_DIRTY it does nothing and answers 0.
 */
must_check int soft_dirty_clear(int fd);

#endif
