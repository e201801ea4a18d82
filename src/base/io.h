/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whole reads and writes on descriptors, interrupted calls resumed. */
#ifndef WSSTAT_BASE_IO_H
#define WSSTAT_BASE_IO_H

#include <stddef.h>

#include "base/error.h"

/*
 * Read fd from its present offset to the end into *buf, reallocated as needed;
 * *cap is its size and *len the bytes read; a NUL follows them.  The caller
 * keeps and finally frees *buf, so that a file read every sample allocates only
 * when it grows.  Returns 0 or a negative errno (no text: the caller knows the
 * name).
 */
must_check int io_read_all(int fd, char **buf, size_t *cap, size_t *len);

/* Write all of it.  Returns 0 or a negative errno. */
must_check int io_write_all(int fd, const void *buf, size_t len);

#endif
