/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Attributes and small helpers that every floor uses: cleanup on leaving a
 * scope, checked results, printf-like functions, array length.
 */
#ifndef WSSTAT_BASE_UTIL_H
#define WSSTAT_BASE_UTIL_H

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define must_check __attribute__((warn_unused_result))
#define printf_like(f, a) __attribute__((format(printf, f, a)))
#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

static inline void util_free(void *ptr)
{
	free(*(void **)ptr);
}

static inline void util_close(const int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

static inline void util_fclose(FILE **file)
{
	if (*file)
		fclose(*file);
}

/* Freed or closed when the variable leaves its scope. */
#define auto_free __attribute__((cleanup(util_free)))
#define auto_close __attribute__((cleanup(util_close)))
#define auto_fclose __attribute__((cleanup(util_fclose)))

/*
 * Room for one more item of that size in an array of nr with room for *cap, which may move.
 * array: the address of its pointer.  0 or -ENOMEM.
 */
must_check int util_reserve(void *array, size_t nr, size_t *cap, size_t size);

/* The descriptor or pointer, given away: the cleanup then finds nothing. */
static inline int util_take_fd(int *fd)
{
	int taken = *fd;

	*fd = -1;
	return taken;
}

#endif
