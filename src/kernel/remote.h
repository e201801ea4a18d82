/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The target's memory, read and written from here (process_vm_readv(2)): all of
 * len or an error.  In any state of the target; no allocation.  Reading a page
 * counts as an access to it.
 */
#ifndef WSSTAT_KERNEL_REMOTE_H
#define WSSTAT_KERNEL_REMOTE_H

#include <stddef.h>
#include <stdint.h>

#include "base/util.h"

/* 0, -EFAULT (not all of it is mapped so), -EPERM or -ESRCH. */
must_check int remote_read(int pid, uint64_t addr, void *buf, size_t len);

/* The same; with -EFAULT a beginning may have been written. */
must_check int remote_write(int pid, uint64_t addr, const void *buf, size_t len);

#endif
