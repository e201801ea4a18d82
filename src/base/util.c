/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "base/util.h"

#include <errno.h>
#include <string.h>

#define FIRST_CAP 32

int util_reserve(void *array, size_t nr, size_t *cap, size_t size)
{
	size_t wanted = *cap ? 2 * *cap : FIRST_CAP;
	void *items, *grown;

	memcpy(&items, array, sizeof(items)); /* a pointer of any type */
	if (items && nr < *cap)
		return 0;
	grown = reallocarray(items, wanted, size);
	if (!grown)
		return -ENOMEM;
	memcpy(array, &grown, sizeof(grown));
	*cap = wanted;
	/* It is where the caller has it. */
	/* cppcheck-suppress memleak */
	return 0;
}
