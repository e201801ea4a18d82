/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Three bytes are four letters. */
#include "config.h"

#include "base/base64.h"

#include <errno.h>
#include <string.h>

static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

char *base64_text(const uint8_t *bytes, size_t len)
{
	char *text = malloc((len + 2) / 3 * 4 + 1), *at = text;

	if (!text)
		return NULL;
	for (size_t i = 0; i < len; i += 3) {
		const size_t left = len - i;
		uint32_t group = (uint32_t)bytes[i] << 16;

		group |= left > 1 ? (uint32_t)bytes[i + 1] << 8 : 0;
		group |= left > 2 ? bytes[i + 2] : 0;
		*at++ = letters[group >> 18];
		*at++ = letters[group >> 12 & 63];
		*at++ = left > 1 ? letters[group >> 6 & 63] : '=';
		*at++ = left > 2 ? letters[group & 63] : '=';
	}
	*at = '\0';
	return text;
}

/* 64 for what is no letter. */
static unsigned int value_of(char letter)
{
	const char *found = letter ? strchr(letters, letter) : NULL;

	return found ? (unsigned int)(found - letters) : 64;
}

/* Values of all letters, once: strchr() for each would be slow. */
static void make_table(uint8_t table[256])
{
	for (unsigned int i = 0; i < 256; i++)
		table[i] = (uint8_t)value_of((char)i);
}

uint8_t *base64_bytes(const char *text, size_t text_len, size_t *len, int *rc)
{
	size_t padding = 0, groups = text_len / 4;
	uint8_t table[256], *bytes, *at;

	make_table(table);
	while (padding < 2 && padding < text_len && text[text_len - 1 - padding] == '=')
		padding++;
	*rc = -EINVAL;
	if (text_len % 4)
		return NULL;
	for (size_t i = 0; i < text_len - padding; i++)
		if (table[(unsigned char)text[i]] == 64)
			return NULL;
	*rc = -ENOMEM;
	bytes = at = calloc(groups + 1, 3);
	if (!bytes)
		return NULL;
	for (size_t g = 0; g < groups; g++, text += 4) {
		uint32_t group = 0;

		for (unsigned int i = 0; i < 4; i++)
			group = group << 6 | (table[(unsigned char)text[i]] & 63u);
		*at++ = (uint8_t)(group >> 16);
		*at++ = (uint8_t)(group >> 8);
		*at++ = (uint8_t)group;
	}
	*len = groups * 3 - padding;
	*rc = 0;
	return bytes;
}
