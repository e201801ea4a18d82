/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Integers throughout, as in base/format.c: no locale, no rounding surprises. */
#include "config.h"

#include "out/words.h"

#include <inttypes.h>
#include <string.h>

#include "base/clock.h"

/* How many decimals keep three digits that matter. */
static int decimals_for(uint64_t ns)
{
	if (ns < NS_PER_S)
		return 3;
	return ns < 10 * NS_PER_S ? 2 : 1;
}

char *words_seconds(char buf[FORMAT_LEN], int64_t ns)
{
	uint64_t magnitude_ns = ns < 0 ? 0 : (uint64_t)ns;
	int decimals = decimals_for(magnitude_ns);
	uint64_t scale = decimals == 3 ? 1000 : decimals == 2 ? 100 : 10;
	uint64_t step_ns = NS_PER_S / scale;
	uint64_t value = magnitude_ns / step_ns + (magnitude_ns % step_ns >= step_ns / 2);

	snprintf(buf, FORMAT_LEN, "%" PRIu64 ".%0*" PRIu64 " s", value / scale, decimals,
		 value % scale);
	return buf;
}

char *words_bytes(char buf[FORMAT_LEN], uint64_t bytes, bool known)
{
	return known ? format_bytes(buf, bytes) : strcpy(buf, "n/a");
}

char *words_column(char buf[FORMAT_LEN], uint64_t bytes, bool known)
{
	char *unit;

	words_bytes(buf, bytes, known);
	unit = strchr(buf, ' ');
	if (unit) {
		unit[0] = unit[1] == 'B' ? '\0' : unit[1];
		unit[1] = '\0';
	}
	return buf;
}

char *words_unit(char buf[FORMAT_LEN], uint64_t bytes)
{
	static const char names[] = "KMGT";
	unsigned int i = 0;

	bytes >>= 10;
	while (names[i + 1] && bytes >= 1024) {
		bytes >>= 10;
		i++;
	}
	snprintf(buf, FORMAT_LEN, "%" PRIu64 " %ciB", bytes, names[i]);
	return buf;
}

char *words_cost(char buf[FORMAT_LEN], uint64_t millionths)
{
	uint64_t least = 100 * PERCENT; /* of this on no digit behind the point counts */
	int digits = 0, len;

	for (; millionths && millionths < least && digits < 6; least /= 10)
		digits++;
	len = snprintf(buf, FORMAT_LEN, "%.*f", digits, (double)millionths / (double)PERCENT);
	while (digits && buf[len - 1] == '0') {
		digits--;
		len -= digits ? 1 : 2; /* the point, too */
	}
	snprintf(buf + len, FORMAT_LEN - (size_t)len, "%%");
	return buf;
}

char *words_at_least(char buf[FORMAT_LEN], int64_t ns)
{
	char text[FORMAT_LEN];
	int64_t step_ns = 1;

	while (ns / step_ns >= 1000)
		step_ns *= 10;
	if (ns >= 60 * NS_PER_S && step_ns < NS_PER_S)
		step_ns = NS_PER_S;
	snprintf(buf, FORMAT_LEN, ">= %.28s", format_duration(text, ns - ns % step_ns));
	return buf;
}

/* "\xNN" for all bytes above 126: the terminal would show them as it likes. */
static void escape_high(char *out, const char *text)
{
	for (; *text; text++) {
		if ((unsigned char)*text > 126)
			out += sprintf(out, "\\x%02x", (unsigned char)*text);
		else
			*out++ = *text;
	}
	*out = '\0';
}

char *words_printable(const char *text, bool utf8)
{
	size_t size = 4 * strlen(text) + 1; /* each byte may become "\xNN" */
	auto_free char *shown = malloc(size);
	char *escaped;

	if (!shown)
		return NULL;
	format_printable(shown, size, text);
	if (utf8)
		return strdup(shown);

	escaped = malloc(4 * strlen(shown) + 1);
	if (escaped)
		escape_high(escaped, shown);
	return escaped;
}

static bool begins_character(char byte)
{
	return (byte & 0xc0) != 0x80;
}

int words_columns(const char *text)
{
	int columns = 0;

	for (; *text; text++)
		columns += begins_character(*text);
	return columns;
}

char *words_tail(char *text, int columns)
{
	int excess = words_columns(text) - columns;
	char *tail = text;

	if (excess <= 0)
		return text;
	for (excess += 3; excess > 0 || !begins_character(*tail); tail++)
		excess -= begins_character(*tail);
	tail -= 3; /* at least three bytes were passed over */
	memcpy(tail, "...", 3);
	return tail;
}
