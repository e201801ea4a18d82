/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kernel takes one number for each write. */
#include "config.h"

#include "kernel/clear_refs.h"

#include "base/io.h"

int refs_clear(int fd)
{
	return io_write_all(fd, "1", 1);
}

int soft_dirty_clear(int fd)
{
	return io_write_all(fd, "4", 1);
}
