/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Preloaded into wsstat by life.bats to upset it; in other programs it does nothing.
 *
 * UPSET_MALLOC=N[+]: the Nth allocation fails, with a "+" every later one too.
 * UPSET_COUNT=FILE: how many allocations there were is left there.
 * UPSET_CLOCKS=FILE: "BOOT WALL", seconds by which CLOCK_BOOTTIME and CLOCK_REALTIME are
 * ahead of what the kernel tells, read anew each time; none while there is no such file.
 */
#define _GNU_SOURCE 1
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

void *__libc_malloc(size_t bytes);
void *__libc_calloc(size_t nr, size_t bytes);
void *__libc_realloc(void *ptr, size_t bytes);

static unsigned long fails_at; /* 0: never */
static bool and_later;
static unsigned long allocations;
static const char *clocks, *count_to;

static void __attribute__((constructor)) upset_start(void)
{
	const char *number = getenv("UPSET_MALLOC");
	char *end = NULL;

	if (strcmp(program_invocation_short_name, "wsstat") != 0)
		return;
	clocks = getenv("UPSET_CLOCKS");
	count_to = getenv("UPSET_COUNT");
	and_later = number && strchr(number, '+');
	fails_at = number ? strtoul(number, &end, 10) : 0;
}

static void __attribute__((destructor)) upset_end(void)
{
	const char *path = count_to;
	FILE *file;
	unsigned long nr = allocations;

	fails_at = 0;
	file = path ? fopen(path, "we") : NULL;
	if (!file)
		return;
	fprintf(file, "%lu\n", nr);
	fclose(file);
}

static bool fails(void)
{
	allocations++;
	if (!fails_at || allocations < fails_at || (allocations > fails_at && !and_later))
		return false;
	errno = ENOMEM;
	return true;
}

/* NOLINTBEGIN(readability-inconsistent-declaration-parameter-name): the C library has its own. */
void *malloc(size_t bytes)
{
	return fails() ? NULL : __libc_malloc(bytes);
}

void *calloc(size_t nr, size_t bytes)
{
	return fails() ? NULL : __libc_calloc(nr, bytes);
}

void *realloc(void *ptr, size_t bytes)
{
	return fails() ? NULL : __libc_realloc(ptr, bytes);
}

/* "3600 -86400" */
static long ahead(clockid_t id)
{
	char text[64], *second;
	int fd = clocks ? open(clocks, O_RDONLY | O_CLOEXEC) : -1;
	ssize_t got = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
	long boot;

	if (fd >= 0)
		close(fd);
	if (got <= 0)
		return 0;
	text[got] = '\0';
	boot = strtol(text, &second, 10);
	return id == CLOCK_BOOTTIME ? boot : strtol(second, NULL, 10);
}

int clock_gettime(clockid_t id, struct timespec *ts)
{
	int kept = errno, rc = (int)syscall(SYS_clock_gettime, id, ts);

	if (!rc && (id == CLOCK_BOOTTIME || id == CLOCK_REALTIME)) {
		ts->tv_sec += ahead(id);
		errno = kept;
	}
	return rc;
}
/* NOLINTEND(readability-inconsistent-declaration-parameter-name) */
