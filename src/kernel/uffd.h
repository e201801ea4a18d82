/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * userfaultfd ioctls, one function each, no policy.  The descriptor belongs to
 * the memory of the task that made it; the calls may be made by any process that
 * holds it, in any state of the target (running, stopped, dying).
 *
 * All return 0 or a negative errno.  Which error means what is stated from
 * Linux 7.3.4 mm/userfaultfd.c: userfaultfd_api, userfaultfd_register,
 * userfaultfd_unregister, userfaultfd_rwprotect.
 */
#ifndef WSSTAT_KERNEL_UFFD_H
#define WSSTAT_KERNEL_UFFD_H

#include "base/util.h"
#include "model/range.h"

/*
 * A descriptor for wsstat's own memory, for probes; the caller closes it.  UFFD_USER_MODE_ONLY
 * needs no privilege.  Returns it, or -ENOSYS (not configured), -EPERM (seccomp).
 */
must_check int uffd_open_self(void);

/*
 * The handshake, once for each descriptor.  features: wanted; *have (may be NULL):
 * what the kernel has.  With features 0 this is the probe, and uses the descriptor up.
 * -EINVAL: a wanted bit is unknown, or the handshake was made before.
 */
must_check int uffd_api(int fd, uint64_t features, uint64_t *have);

/*
 * Register one mapping for RWP.  The whole call fails at the first mapping that
 * cannot be had, so give it one.  -EINVAL: not anonymous, shmem or hugetlb, or
 * PROT_NONE; -EPERM: shared and never writable; -EBUSY: owned by another
 * userfaultfd; -ENOMEM: no memory, map count reached, or the target's memory is
 * gone.  Registering again what is registered is a no-op.  Takes mmap_lock for
 * writing, briefly.
 */
must_check int uffd_register_rwp(int fd, struct range range);

/*
 * Register one mapping for WP; with WP_ASYNC that may be any mapping that is not
 * special to the kernel.  Errors as uffd_register_rwp(), but -EPERM for every
 * mapping, private ones too, that can never be written (VM_MAYWRITE), and -EBUSY
 * also where this descriptor has RWP.  Mappings of files get no fault-around while
 * they are registered (uffd_disable_fault_around).
 */
must_check int uffd_register_wp(int fd, struct range range);

/* -EINVAL: nothing of ours there; -ENOMEM: the target's memory is gone. */
must_check int uffd_unregister(int fd, struct range range);

/*
 * Arm: take access away from every present page, mark swap entries.  Only what is
 * not armed yet costs.  -ENOENT: some mapping in the range is not registered, and
 * then nothing was armed; -ESRCH: the target's memory is gone; -EINVAL: cuts a
 * hugetlb page.  Holds mmap_lock for reading all the time: keep the range small.
 */
must_check int uffd_rwprotect(int fd, struct range range);

/*
 * Write-protect every page, and put a marker into every empty entry: this makes
 * page tables for the whole range, so name only what is populated.  Costs as much
 * for what is protected already.  Errors as uffd_rwprotect().
 */
must_check int uffd_wp(int fd, struct range range);

/* Let writes through again; such a page then counts as written.  Errors as uffd_rwprotect(). */
must_check int uffd_wp_clear(int fd, struct range range);

/* Disarm.  As uffd_rwprotect(); a cleared page then counts as accessed. */
must_check int uffd_rwp_clear(int fd, struct range range);

#endif
