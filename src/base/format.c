/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Integers throughout: the same text on every machine, and no locale can turn
 * the point into a comma.
 */
#include "config.h"

#include "base/format.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/util.h"

#define NS_PER_MS (NS_PER_S / 1000)

/* What the helpers may fill: one byte is left for a sign before it. */
#define TEXT_LEN (FORMAT_LEN - 1)

/* part * factor / whole, rounded to nearest. */
static uint64_t scale_round(uint64_t part, uint64_t factor, uint64_t whole)
{
	return (uint64_t)(((unsigned __int128)part * factor + whole / 2) / whole);
}

/* Three digits that matter, so the first of these that stays below 1000. */
static bool bytes_in_unit(char *buf, uint64_t bytes, uint64_t unit, const char *name)
{
	uint64_t value = scale_round(bytes, 100, unit);

	if (value < 1000) {
		snprintf(buf, TEXT_LEN, "%" PRIu64 ".%02" PRIu64 " %s", value / 100, value % 100,
			 name);
		return true;
	}
	value = scale_round(bytes, 10, unit);
	if (value < 1000) {
		snprintf(buf, TEXT_LEN, "%" PRIu64 ".%" PRIu64 " %s", value / 10, value % 10, name);
		return true;
	}
	value = scale_round(bytes, 1, unit);
	if (value < 1024) {
		snprintf(buf, TEXT_LEN, "%" PRIu64 " %s", value, name);
		return true;
	}
	return false;
}

char *format_bytes(char buf[FORMAT_LEN], uint64_t bytes)
{
	static const char *const units[] = { "KiB", "MiB", "GiB", "TiB", "PiB", "EiB" };
	unsigned int i = 0;

	if (bytes < 1024) {
		snprintf(buf, FORMAT_LEN, "%" PRIu64 " B", bytes);
		return buf;
	}
	while (!bytes_in_unit(buf, bytes, UINT64_C(1024) << (10 * i), units[i]))
		i++;
	return buf;
}

/* "1.5": at most three decimals, none that are zero at the end. */
static void print_decimal(char *buf, uint64_t thousandths, const char *unit)
{
	char text[TEXT_LEN];
	size_t len;

	len = (size_t)snprintf(text, sizeof(text), "%" PRIu64 ".%03" PRIu64, thousandths / 1000,
			       thousandths % 1000);
	while (text[len - 1] == '0')
		len--;
	if (text[len - 1] == '.')
		len--;
	snprintf(buf, TEXT_LEN, "%.*s %s", (int)len, text, unit);
}

/* Below a minute: one unit, with decimals. */
static bool short_duration(char *buf, uint64_t ns)
{
	static const struct {
		uint64_t unit_ns;
		uint64_t below; /* of this unit */
		const char *name;
	} rows[] = {
		{ 1, 1000, "ns" },
		{ 1000, 1000, "us" },
		{ NS_PER_MS, 1000, "ms" },
		{ NS_PER_S, 60, "s" },
	};

	if (ns >= UINT64_C(60) * NS_PER_S)
		return false;
	for (unsigned int i = 0; i < ARRAY_LEN(rows); i++) {
		uint64_t thousandths = scale_round(ns, 1000, rows[i].unit_ns);

		if (thousandths < rows[i].below * 1000) {
			print_decimal(buf, thousandths, rows[i].name);
			return true;
		}
	}
	return false;
}

/* A minute and more: a large unit and, unless zero, the next smaller one. */
static void long_duration(char *buf, uint64_t ns)
{
	static const struct {
		uint64_t small_ns;
		unsigned int ratio;
		unsigned int below; /* of the large unit */
		const char *large;
		const char *small;
	} rows[] = {
		{ NS_PER_S, 60, 60, "m", "s" },
		{ 60 * NS_PER_S, 60, 24, "h", "m" },
		{ 3600 * NS_PER_S, 24, UINT32_MAX, "d", "h" },
	};

	for (unsigned int i = 0; i < ARRAY_LEN(rows); i++) {
		uint64_t total = scale_round(ns, 1, rows[i].small_ns);
		unsigned int large = (unsigned int)(total / rows[i].ratio);
		unsigned int small = (unsigned int)(total % rows[i].ratio);

		if (large >= rows[i].below)
			continue;
		if (small)
			snprintf(buf, TEXT_LEN, "%u %s %u %s", large, rows[i].large, small,
				 rows[i].small);
		else
			snprintf(buf, TEXT_LEN, "%u %s", large, rows[i].large);
		return;
	}
}

char *format_duration(char buf[FORMAT_LEN], int64_t ns)
{
	uint64_t magnitude_ns = ns < 0 ? -(uint64_t)ns : (uint64_t)ns;
	char *text = buf;

	if (ns < 0)
		*text++ = '-';
	if (!ns)
		strcpy(text, "0 s");
	else if (!short_duration(text, magnitude_ns))
		long_duration(text, magnitude_ns);
	return buf;
}

char *format_percent(char buf[FORMAT_LEN], uint64_t part, uint64_t whole)
{
	uint64_t value;

	if (!whole) {
		strcpy(buf, "-");
		return buf;
	}
	value = scale_round(part, 1000, whole);
	snprintf(buf, FORMAT_LEN, "%" PRIu64 ".%" PRIu64 "%%", value / 10, value % 10);
	return buf;
}

char *format_time(char buf[FORMAT_LEN], int64_t wall_ns)
{
	int64_t ms = wall_ns / NS_PER_MS;
	time_t seconds = (time_t)(ms / 1000);
	struct tm tm;
	size_t len;

	gmtime_r(&seconds, &tm);
	len = strftime(buf, FORMAT_LEN, "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(buf + len, FORMAT_LEN - len, ".%03dZ", (int)(ms % 1000));
	return buf;
}

/*
 * Length of the well-formed UTF-8 sequence at text, 0 when there is none: no
 * overlong form, no surrogate, nothing above U+10FFFF (Unicode, table 3-7).
 */
static size_t utf8_len(const unsigned char *text)
{
	static const struct {
		unsigned char first, last;   /* of the first byte */
		unsigned char second, until; /* of the second byte */
		size_t len;
	} rows[] = {
		{ 0x00, 0x7f, 0x00, 0xff, 1 }, { 0xc2, 0xdf, 0x80, 0xbf, 2 },
		{ 0xe0, 0xe0, 0xa0, 0xbf, 3 }, { 0xe1, 0xec, 0x80, 0xbf, 3 },
		{ 0xed, 0xed, 0x80, 0x9f, 3 }, { 0xee, 0xef, 0x80, 0xbf, 3 },
		{ 0xf0, 0xf0, 0x90, 0xbf, 4 }, { 0xf1, 0xf3, 0x80, 0xbf, 4 },
		{ 0xf4, 0xf4, 0x80, 0x8f, 4 },
	};

	for (unsigned int i = 0; i < ARRAY_LEN(rows); i++) {
		size_t len = rows[i].len;

		if (text[0] < rows[i].first || text[0] > rows[i].last)
			continue;
		if (len > 1 && (text[1] < rows[i].second || text[1] > rows[i].until))
			return 0;
		for (size_t at = 2; at < len; at++) {
			if ((text[at] & 0xc0) != 0x80)
				return 0;
		}
		return len;
	}
	return 0;
}

/* C0, DEL, and C1, which UTF-8 spells 0xc2 0x80 to 0xc2 0x9f. */
static bool is_control(const unsigned char *text)
{
	return text[0] < ' ' || text[0] == 0x7f || (text[0] == 0xc2 && text[1] < 0xa0);
}

char *format_printable(char *buf, size_t size, const char *text)
{
	const unsigned char *in = (const unsigned char *)text;
	size_t used = 0;

	while (*in) {
		char piece[5]; /* "\xNN", or four bytes of UTF-8 */
		size_t in_len = utf8_len(in);
		size_t len = in_len;

		if (!in_len || is_control(in)) {
			in_len = 1;
			len = (size_t)snprintf(piece, sizeof(piece), "\\x%02x", *in);
		} else {
			memcpy(piece, in, len);
		}
		if (used + len >= size)
			break;
		memcpy(buf + used, piece, len);
		used += len;
		in += in_len;
	}
	buf[used] = '\0';
	return buf;
}
