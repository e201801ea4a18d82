/* SPDX-License-Identifier: GPL-2.0-or-later */
/* base/format.c: rounding at every border, and what a hostile name becomes. */
#include "config.h"

#include "base/format.h"

#include <string.h>

#include "base/util.h"
#include "tap.h"

static const struct {
	uint64_t bytes;
	const char *text;
} sizes[] = {
	{ 0, "0 B" },
	{ 1, "1 B" },
	{ 1023, "1023 B" },
	{ 1024, "1.00 KiB" },
	{ 4096, "4.00 KiB" },
	{ 10234, "9.99 KiB" },
	{ 10235, "10.0 KiB" },
	{ 102348, "99.9 KiB" },
	{ 102349, "100 KiB" },
	{ 1023 << 10, "1023 KiB" },
	{ (1024 << 10) - 513, "1023 KiB" },
	{ (1024 << 10) - 512, "1.00 MiB" },
	{ UINT64_C(212) << 20, "212 MiB" },
	{ UINT64_C(1739461755), "1.62 GiB" },
	{ UINT64_C(1) << 40, "1.00 TiB" },
	{ UINT64_C(3) << 49, "1.50 PiB" },
	{ UINT64_MAX, "16.0 EiB" },
};

static const struct {
	int64_t ns;
	const char *text;
} durations[] = {
	{ 0, "0 s" },
	{ 1, "1 ns" },
	{ 999, "999 ns" },
	{ 1500, "1.5 us" },
	{ 999999, "999.999 us" },
	{ 250000000, "250 ms" },
	{ 12345678, "12.346 ms" },
	{ 999999499, "999.999 ms" },
	{ 999999500, "1 s" },
	{ 1000000000, "1 s" },
	{ 1500000000, "1.5 s" },
	{ 5000000000, "5 s" },
	{ 10000000000, "10 s" },
	{ 30000000000, "30 s" },
	{ 59999499999, "59.999 s" },
	{ 59999500000, "1 m" },
	{ 60000000000, "1 m" },
	{ 90000000000, "1 m 30 s" },
	{ 120000000000, "2 m" },
	{ 600000000000, "10 m" },
	{ 3599499999999, "59 m 59 s" },
	{ 3599500000000, "1 h" },
	{ 3600000000000, "1 h" },
	{ 5400000000000, "1 h 30 m" },
	{ 86399000000000, "1 d" },
	{ 97200000000000, "1 d 3 h" },
	{ -1500000000, "-1.5 s" },
	{ 18446744073709551 * 60, "12810 d 6 h" },
	{ INT64_MAX, "106752 d" },
	{ INT64_MIN, "-106752 d" },
};

static const struct {
	const char *text;
	const char *shown;
} names[] = {
	{ "", "" },
	{ "/usr/lib/lib c.so", "/usr/lib/lib c.so" },
	{ "a\nb\tc\x7f", "a\\x0ab\\x09c\\x7f" },
	{ "\033[2J", "\\x1b[2J" },
	{ "gr\xc3\xbcn", "gr\xc3\xbcn" },
	{ "\xe2\x82\xac \xf0\x9f\x98\x80", "\xe2\x82\xac \xf0\x9f\x98\x80" },
	{ "\xc2\x9bm", "\\xc2\\x9bm" },
	{ "\xc2\xa0", "\xc2\xa0" },
	{ "\xff\xfe", "\\xff\\xfe" },
	{ "\xc0\xaf", "\\xc0\\xaf" },
	{ "\xe0\x9f\xbf", "\\xe0\\x9f\\xbf" },
	{ "\xed\xa0\x80", "\\xed\\xa0\\x80" },
	{ "\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80" },
	{ "\xf5\x80\x80\x80", "\\xf5\\x80\\x80\\x80" },
	{ "\xc3", "\\xc3" },
	{ "\xe2\x82", "\\xe2\\x82" },
	{ "\xe2\x82\xc0", "\\xe2\\x82\\xc0" },
	{ "\xf0\x9f\x98x", "\\xf0\\x9f\\x98x" },
};

static void test_percent(void)
{
	char buf[FORMAT_LEN];

	is_str(format_percent(buf, 129, 1000), "12.9%", "FORMAT03: a share");
	is_str(format_percent(buf, 1, 0), "-", "FORMAT04: a share of nothing");
	is_str(format_percent(buf, 0, 5), "0.0%", "FORMAT05: nothing of something");
	is_str(format_percent(buf, 1, 2000), "0.1%", "FORMAT06: half of the last digit rounds up");
	is_str(format_percent(buf, UINT64_MAX, UINT64_MAX), "100.0%",
	       "FORMAT07: all of the largest number");
}

static void test_time(void)
{
	char buf[FORMAT_LEN];

	is_str(format_time(buf, 0), "1970-01-01T00:00:00.000Z", "FORMAT08: the epoch");
	is_str(format_time(buf, INT64_C(1795197605000999999)), "2026-11-20T18:00:05.000Z",
	       "FORMAT09: milliseconds are cut, not rounded");
	is_str(format_time(buf, INT64_C(1795197605999000000)), "2026-11-20T18:00:05.999Z",
	       "FORMAT10: milliseconds");
}

static void test_cut(void)
{
	char buf[8];

	is_str(format_printable(buf, sizeof(buf), "1234567"), "1234567", "FORMAT12: just fits");
	is_str(format_printable(buf, sizeof(buf), "12345678"), "1234567", "FORMAT13: cut");
	is_str(format_printable(buf, sizeof(buf), "12345\n"), "12345",
	       "FORMAT14: no half of an escape");
	is_str(format_printable(buf, sizeof(buf), "123456\xc3\xbc"), "123456",
	       "FORMAT15: no half of a character");
	is_str(format_printable(buf, 1, "1"), "", "FORMAT16: no room but for the end");
}

int main(void)
{
	char buf[FORMAT_LEN];
	char shown[64];

	for (unsigned int i = 0; i < ARRAY_LEN(sizes); i++)
		is_str(format_bytes(buf, sizes[i].bytes), sizes[i].text, "FORMAT01: bytes");
	for (unsigned int i = 0; i < ARRAY_LEN(durations); i++)
		is_str(format_duration(buf, durations[i].ns), durations[i].text,
		       "FORMAT02: a duration");
	test_percent();
	test_time();
	for (unsigned int i = 0; i < ARRAY_LEN(names); i++)
		is_str(format_printable(shown, sizeof(shown), names[i].text), names[i].shown,
		       "FORMAT11: a name is made printable");
	test_cut();
	return done();
}
