/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "base/escape.h"

#include <stdbool.h>
#include <string.h>

static bool is_plain(unsigned char byte)
{
	return byte >= ' ' && byte <= '~' && byte != '\\';
}

char *escape_bytes(const char *text)
{
	char *escaped = malloc(4 * strlen(text) + 1), *at = escaped;

	if (!escaped)
		return NULL;
	for (; *text; text++) {
		if (is_plain((unsigned char)*text))
			*at++ = *text;
		else
			at += sprintf(at, "\\x%02x", (unsigned char)*text);
	}
	*at = '\0';
	return escaped;
}

static int hex_value(char c)
{
	const char *digits = "0123456789abcdef";
	const char *found = c ? strchr(digits, c) : NULL;

	return found ? (int)(found - digits) : -1;
}

void escape_undo(char *text)
{
	char *to = text;

	while (*text) {
		int high = -1, low = -1;

		if (text[0] == '\\' && text[1] == 'x')
			high = hex_value(text[2]);
		if (high >= 0)
			low = hex_value(text[3]);
		if (low >= 0 && (high || low)) {
			*to++ = (char)(high << 4 | low);
			text += 4;
		} else {
			*to++ = *text++;
		}
	}
	*to = '\0';
}
