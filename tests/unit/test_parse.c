/* SPDX-License-Identifier: GPL-2.0-or-later */
/* base/parse.c: what is accepted, what it means, what is refused and how. */
#include "config.h"

#include "base/parse.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "tap.h"

static const char *const not_numbers[] = {
	"", " ", "-1", "+1", "1 ", " 1", "0x10", "1e3", "1.0", "abc", "18446744073709551616", "\n1"
};

static const struct {
	const char *text;
	int64_t ns;
} durations[] = {
	{ "0", 0 },
	{ "5", 5000000000 },
	{ "5s", 5000000000 },
	{ "0.25", 250000000 },
	{ "250ms", 250000000 },
	{ "1.5m", 90000000000 },
	{ "2h", 7200000000000 },
	{ "10us", 10000 },
	{ "100ns", 100 },
	{ "1.9ns", 1 },
	{ "0.0000000019", 1 },
	{ "0.1h", 360000000000 },
	{ "0.333333333333333333h", 1199999999999 },
	{ "0.00000000000000000000000000000009", 0 },
	{ "0.50000000000000000000000000000000000000000000000000000000000000000", 500000000 },
	{ "9223372036", 9223372036000000000 },
	{ "9223372036854775807ns", INT64_MAX },
};

static const char *const not_durations[] = {
	"",
	"-1",
	"+1",
	"s",
	".5",
	"5.",
	"5.s",
	"1e3",
	"inf",
	"nan",
	"5 s",
	" 5",
	"5s ",
	"5sm",
	"5min",
	"5d",
	"5S",
	"0x5",
	"1..5",
	"1.5.5",
	"5,5s",
	"1,5",
	"9223372036854775808ns",
	"9223372036.9",
	"2562048h",
	"99999999999999999999999999",
};

static const struct {
	const char *text;
	bool good;
} pids[] = {
	{ "1", true },	  { "4194304", true },
	{ "0", false },	  { "4194305", false },
	{ "-1", false },  { "", false },
	{ "12a", false }, { " 12", false },
	{ "1.0", false }, { "18446744073709551617", false },
};

static const char *const not_ranges[] = {
	"",	     "-",	   "1000",	  "1000-",    "-2000",	   "2000-1000",
	"1000-1000", "1000-2000-", "1000 - 2000", "xyz-2000", "0x-0x2000", "1-10000000000000000",
};

static void test_u64(void)
{
	struct error err = { 0 };
	uint64_t value = 1;

	ok(parse_u64("0", &value, &err) == 0 && value == 0, "PARSE01: zero is a number");
	ok(parse_u64("18446744073709551615", &value, &err) == 0 && value == UINT64_MAX,
	   "PARSE02: the largest number");
	for (unsigned int i = 0; i < ARRAY_LEN(not_numbers); i++) {
		err = (struct error){ 0 };
		ok(parse_u64(not_numbers[i], &value, &err) == -EINVAL && err.kind == ERROR_USAGE &&
			   strstr(err.text, not_numbers[i]),
		   "PARSE03: number %u is refused and quoted", i);
	}
}

static void test_duration(void)
{
	struct error err = { 0 };
	int64_t ns;

	for (unsigned int i = 0; i < ARRAY_LEN(durations); i++) {
		ns = -1;
		ok(parse_duration(durations[i].text, &ns, &err) == 0 && ns == durations[i].ns,
		   "PARSE04: %s is %" PRId64 " ns", durations[i].text, durations[i].ns);
	}
	for (unsigned int i = 0; i < ARRAY_LEN(not_durations); i++) {
		err = (struct error){ 0 };
		ok(parse_duration(not_durations[i], &ns, &err) == -EINVAL &&
			   err.kind == ERROR_USAGE && strstr(err.text, not_durations[i]),
		   "PARSE05: duration '%s' is refused and quoted", not_durations[i]);
	}
}

static void test_percent(void)
{
	static const struct {
		const char *text;
		uint64_t millionths;
	} percents[] = {
		{ "0", 0 },	    { "0.2", 200000 },	{ "0.2%", 200000 },
		{ "12", 12000000 }, { "0.0000019", 1 }, { "1000000%", 1000000000000 },
	};
	static const char *const not_percents[] = { "",
						    "%",
						    "-1",
						    "1.",
						    ".5",
						    "1e3",
						    "1 %",
						    "2%%",
						    "nan",
						    "1000001",
						    "99999999999999999999" };
	struct error err = { 0 };
	uint64_t millionths;

	for (unsigned int i = 0; i < ARRAY_LEN(percents); i++)
		ok(parse_percent(percents[i].text, &millionths, &err) == 0 &&
			   millionths == percents[i].millionths,
		   "PARSE12: %s is %" PRIu64 " millionths", percents[i].text,
		   percents[i].millionths);
	for (unsigned int i = 0; i < ARRAY_LEN(not_percents); i++) {
		err = (struct error){ 0 };
		ok(parse_percent(not_percents[i], &millionths, &err) == -EINVAL &&
			   err.kind == ERROR_USAGE && strstr(err.text, not_percents[i]),
		   "PARSE13: percentage '%s' is refused and quoted", not_percents[i]);
	}
}

static void test_pid(void)
{
	struct error err;
	int pid;

	for (unsigned int i = 0; i < ARRAY_LEN(pids); i++)
		ok((parse_pid(pids[i].text, &pid, &err) == 0) == pids[i].good,
		   "PARSE06: pid '%s' is %s", pids[i].text, pids[i].good ? "taken" : "refused");
	ok(parse_pid("4242", &pid, &err) == 0 && pid == 4242, "PARSE07: the pid's value");
}

static void test_addr_range(void)
{
	struct error err = { 0 };
	uint64_t start;
	uint64_t end;

	ok(parse_addr_range("7f00a000-7F00B000", &start, &end, &err) == 0 && start == 0x7f00a000 &&
		   end == 0x7f00b000,
	   "PARSE08: an address range, either case");
	ok(parse_addr_range("0x1-0xffffffffffffffff", &start, &end, &err) == 0 && start == 1 &&
		   end == UINT64_MAX,
	   "PARSE09: 0x before either, the largest address");
	for (unsigned int i = 0; i < ARRAY_LEN(not_ranges); i++) {
		err = (struct error){ 0 };
		ok(parse_addr_range(not_ranges[i], &start, &end, &err) == -EINVAL &&
			   err.kind == ERROR_USAGE && strstr(err.text, not_ranges[i]),
		   "PARSE10: range '%s' is refused and quoted", not_ranges[i]);
	}
}

static void test_duration_list(void)
{
	static const char *const refused[] = {
		"",	  "0",	 "0,1s",  "1s,1s", "5s,1s",	  "1s,,2s",
		"1s,2s,", ",1s", "1s 2s", "1s,x",  "1s,2s,3s,4s",
	};
	struct error err;
	unsigned int nr = 0;
	int64_t ns[3];

	ok(parse_duration_list("1s,5s,1m", ns, 3, &nr, &err) == 0 && nr == 3 &&
		   ns[0] == 1000000000 && ns[1] == 5000000000 && ns[2] == 60000000000,
	   "PARSE11: a list of durations, as many as fit");
	ok(parse_duration_list("0.5", ns, 3, &nr, &err) == 0 && nr == 1 && ns[0] == 500000000,
	   "PARSE12: a list of one");
	for (unsigned int i = 0; i < ARRAY_LEN(refused); i++) {
		err = (struct error){ 0 };
		ok(parse_duration_list(refused[i], ns, 3, &nr, &err) == -EINVAL &&
			   err.kind == ERROR_USAGE && strstr(err.text, refused[i]),
		   "PARSE13: list '%s' is refused and quoted", refused[i]);
	}
}

int main(void)
{
	test_u64();
	test_duration();
	test_percent();
	test_pid();
	test_addr_range();
	test_duration_list();
	return done();
}
