/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Parsers that move a cursor: take_*() and scan_*() consume what belongs to
 * them or fail, and each public function then demands the end of the text.
 */
#include "config.h"

#include "base/parse.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "base/clock.h"

#define PID_MAX (1U << 22)
#define PERCENT_MAX 1000000

/* More digits of a fraction than these cannot change a nanosecond count. */
#define FRACTION_DIGITS 18

struct fraction {
	uint64_t part;
	uint64_t whole; /* a power of ten */
};

static int digit_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return 16;
}

static bool is_decimal(char c)
{
	return digit_value(c) < 10;
}

/* 0, -EINVAL when no digit is there, -ERANGE when it does not fit. */
static int take_number(const char **cursor, unsigned int base, uint64_t *value)
{
	const char *text = *cursor;
	unsigned int digit;
	uint64_t sum = 0;

	for (; (digit = (unsigned int)digit_value(*text)) < base; text++) {
		if (__builtin_mul_overflow(sum, base, &sum) ||
		    __builtin_add_overflow(sum, digit, &sum))
			return -ERANGE;
	}
	if (text == *cursor)
		return -EINVAL;

	*cursor = text;
	*value = sum;
	return 0;
}

int parse_u64(const char *text, uint64_t *value, struct error *err)
{
	const char *cursor = text;
	int ret = take_number(&cursor, 10, value);

	if (ret == -ERANGE)
		return error_set(err, ERROR_USAGE, 0, "'%s' is too large", text);
	if (ret < 0 || *cursor)
		return error_set(err, ERROR_USAGE, 0, "'%s' is not a whole number", text);
	return 0;
}

/* ".25": nothing there is a fraction of 0, a point without digits is wrong. */
static int take_fraction(const char **cursor, struct fraction *fraction)
{
	const char *text = *cursor;

	*fraction = (struct fraction){ .part = 0, .whole = 1 };
	if (*text != '.')
		return 0;
	if (!is_decimal(*++text))
		return -EINVAL;

	for (int nr_digits = 0; is_decimal(*text); text++, nr_digits++) {
		if (nr_digits >= FRACTION_DIGITS)
			continue;
		fraction->part = fraction->part * 10 + (uint64_t)digit_value(*text);
		fraction->whole *= 10;
	}
	*cursor = text;
	return 0;
}

/* "ms": nanoseconds of the unit, seconds when there is none. */
static int64_t take_unit(const char **cursor)
{
	static const struct {
		const char *name;
		int64_t ns;
	} units[] = {
		{ "ns", 1 },	   { "us", NS_PER_S / 1000000 }, { "ms", NS_PER_S / 1000 },
		{ "s", NS_PER_S }, { "m", 60 * NS_PER_S },	 { "h", 3600 * NS_PER_S },
	};

	for (unsigned int i = 0; i < ARRAY_LEN(units); i++) {
		size_t len = strlen(units[i].name);

		if (!strncmp(*cursor, units[i].name, len)) {
			*cursor += len;
			return units[i].ns;
		}
	}
	return NS_PER_S;
}

/* "1.5m" */
static int scan_duration(const char **cursor, int64_t *ns)
{
	struct fraction fraction;
	int64_t total_ns;
	int64_t unit_ns;
	int64_t part_ns;
	uint64_t whole;
	int ret;

	ret = take_number(cursor, 10, &whole);
	if (ret < 0)
		return ret;
	ret = take_fraction(cursor, &fraction);
	if (ret < 0)
		return ret;

	unit_ns = take_unit(cursor);
	part_ns = (int64_t)((unsigned __int128)fraction.part * (uint64_t)unit_ns / fraction.whole);
	if (__builtin_mul_overflow(whole, unit_ns, &total_ns) ||
	    __builtin_add_overflow(total_ns, part_ns, &total_ns))
		return -ERANGE;

	*ns = total_ns;
	return 0;
}

static int bad_duration(const char *text, int reason, struct error *err)
{
	if (reason == -ERANGE)
		return error_set(err, ERROR_USAGE, 0, "'%s' is too long a time", text);
	return error_set(err, ERROR_USAGE, 0,
			 "'%s' is not a duration (such as 5, 250ms, 1.5m or 2h)", text);
}

int parse_duration(const char *text, int64_t *ns, struct error *err)
{
	const char *cursor = text;
	int ret = scan_duration(&cursor, ns);

	if (ret < 0 || *cursor)
		return bad_duration(text, ret, err);
	return 0;
}

int parse_percent(const char *text, uint64_t *millionths, struct error *err)
{
	const char *cursor = text;
	struct fraction fraction = { 0, 1 };
	uint64_t whole;
	int ret = take_number(&cursor, 10, &whole);

	if (!ret)
		ret = take_fraction(&cursor, &fraction);
	if (!ret && *cursor == '%')
		cursor++;
	if (ret == -ERANGE || (!ret && whole > PERCENT_MAX))
		return error_set(err, ERROR_USAGE, 0, "'%s' is too large a percentage", text);
	if (ret < 0 || *cursor)
		return error_set(err, ERROR_USAGE, 0,
				 "'%s' is not a percentage (such as 0.2 or 1.5%%)", text);
	*millionths = whole * PERCENT +
		      (uint64_t)((unsigned __int128)fraction.part * PERCENT / fraction.whole);
	return 0;
}

int parse_pid(const char *text, int *pid, struct error *err)
{
	const char *cursor = text;
	uint64_t value;

	if (take_number(&cursor, 10, &value) < 0 || *cursor || value < 1 || value > PID_MAX)
		return error_set(err, ERROR_USAGE, 0, "'%s' is not a process id", text);

	*pid = (int)value;
	return 0;
}

/* "0x7f00a000" */
static int take_addr(const char **cursor, uint64_t *addr)
{
	if (!strncmp(*cursor, "0x", 2))
		*cursor += 2;
	return take_number(cursor, 16, addr);
}

int parse_addr_range(const char *text, uint64_t *start, uint64_t *end, struct error *err)
{
	const char *cursor = text;

	if (take_addr(&cursor, start) < 0 || *cursor++ != '-' || take_addr(&cursor, end) < 0 ||
	    *cursor)
		return error_set(err, ERROR_USAGE, 0,
				 "'%s' is not an address range (such as 7f00a000-7f00b000)", text);
	if (*start >= *end)
		return error_set(err, ERROR_USAGE, 0, "'%s' ends before it starts", text);
	return 0;
}

int parse_duration_list(const char *text, int64_t *ns, unsigned int max, unsigned int *nr,
			struct error *err)
{
	const char *cursor = text;
	int64_t before_ns = 0;

	for (*nr = 0;; cursor++) {
		int64_t edge_ns;
		int ret = scan_duration(&cursor, &edge_ns);

		if (ret < 0 || (*cursor && *cursor != ','))
			return bad_duration(text, ret, err);
		if (edge_ns <= before_ns)
			return error_set(err, ERROR_USAGE, 0, "'%s' must ascend, from above zero",
					 text);
		if (*nr == max)
			return error_set(err, ERROR_USAGE, 0, "'%s' has more than %u items", text,
					 max);
		ns[(*nr)++] = before_ns = edge_ns;
		if (!*cursor)
			return 0;
	}
}
