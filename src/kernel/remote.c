/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The target's memory. */
#include "config.h"

#include "kernel/remote.h"

#include <errno.h>
#include <sys/uio.h>

static int whole(ssize_t done, size_t len)
{
	if (done < 0)
		return -errno;
	return (size_t)done == len ? 0 : -EFAULT;
}

int remote_read(int pid, uint64_t addr, void *buf, size_t len)
{
	const struct iovec here = { buf, len }, there = { (void *)(uintptr_t)addr, len };

	return whole(process_vm_readv(pid, &here, 1, &there, 1, 0), len);
}

int remote_write(int pid, uint64_t addr, const void *buf, size_t len)
{
	const struct iovec here = { (void *)(uintptr_t)buf, len };
	const struct iovec there = { (void *)(uintptr_t)addr, len };

	return whole(process_vm_writev(pid, &here, 1, &there, 1, 0), len);
}
