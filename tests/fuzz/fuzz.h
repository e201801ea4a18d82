/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the fuzz targets share: libFuzzer's entry, and input as a string. */
#ifndef WSSTAT_TESTS_FUZZ_FUZZ_H
#define WSSTAT_TESTS_FUZZ_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A copy with a NUL after it, in a block of just that size: any step beyond is seen. */
static inline char *fuzz_text(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);

	if (!text)
		abort();
	if (size)
		memcpy(text, data, size);
	text[size] = '\0';
	return text;
}

/* What must hold for any input. */
#define fuzz_check(condition)     \
	do {                      \
		if (!(condition)) \
			abort();  \
	} while (0)

#endif
