/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Plan last: a test that dies before done() has none and so fails as a whole. */
#include "config.h"

#include "tap.h"

#include <dirent.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static unsigned int nr_checks;
static unsigned int nr_failed;

bool ok(bool pass, const char *name, ...)
{
	va_list args;

	nr_checks++;
	nr_failed += !pass;
	printf("%sok %u - ", pass ? "" : "not ", nr_checks);
	va_start(args, name);
	vprintf(name, args);
	va_end(args);
	putchar('\n');
	fflush(stdout);
	return pass;
}

bool is_u64(uint64_t got, uint64_t want, const char *name)
{
	if (got != want)
		printf("# got %" PRIu64 ", want %" PRIu64 "\n", got, want);
	return ok(got == want, "%s", name);
}

bool is_i64(int64_t got, int64_t want, const char *name)
{
	if (got != want)
		printf("# got %" PRId64 ", want %" PRId64 "\n", got, want);
	return ok(got == want, "%s", name);
}

bool is_str(const char *got, const char *want, const char *name)
{
	if (strcmp(got, want))
		printf("# got \"%s\", want \"%s\"\n", got, want);
	return ok(!strcmp(got, want), "%s", name);
}

int done(void)
{
	printf("1..%u\n", nr_checks);
	return nr_failed ? 1 : 0;
}

unsigned int open_files(void)
{
	DIR *dir = opendir("/proc/self/fd");
	unsigned int nr = 0;

	while (dir && readdir(dir))
		nr++;
	if (dir)
		closedir(dir);
	return nr;
}
