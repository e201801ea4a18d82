/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The attach alone: borrow a userfaultfd from PID, COUNT times, and give it back.
 * It needs no RWP, so the harm tests run it on any kernel, natively and fast; it
 * is the very code that wsstat runs (src/kernel/inject.c), fault points included.
 *
 * usage: borrow PID [COUNT]
 * Prints the stop times: "stopped min MEDIAN max N us, N threads".
 */
#include "config.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/fault.h"
#include "base/parse.h"
#include "kernel/inject.h"

static int by_value(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

static int fail(const struct error *err)
{
	fprintf(stderr, "borrow: %s\n", err->text);
	return error_exit_status(err->kind);
}

static int borrow_times(const struct proc *proc, uint64_t count)
{
	auto_free int64_t *times = calloc(count, sizeof(*times));
	struct injected injected = { .fd = -1 };
	struct error err = { 0 };

	if (!times)
		return 1;
	for (uint64_t i = 0; i < count; i++) {
		if (inject_userfaultfd(proc, &injected, &err))
			return fail(&err);
		close(injected.fd);
		times[i] = injected.stopped_ns;
	}
	qsort(times, count, sizeof(*times), by_value);
	printf("stopped min %.1f median %.1f max %.1f us, %u threads\n", (double)times[0] / 1e3,
	       (double)times[count / 2] / 1e3, (double)times[count - 1] / 1e3, injected.threads);
	return 0;
}

int main(int argc, char **argv)
{
	struct error err = { 0 };
	struct proc proc;
	uint64_t count = 1;
	int pid, status;

	fault_init();
	if (argc < 2 || argc > 3) {
		fputs("usage: borrow PID [COUNT]\n", stderr);
		return 2;
	}
	if (parse_pid(argv[1], &pid, &err) || (argc > 2 && parse_u64(argv[2], &count, &err)) ||
	    proc_open(&proc, pid, &err))
		return fail(&err);
	status = borrow_times(&proc, count ? count : 1);
	proc_close(&proc);
	return status;
}
