/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The clocks, in nanoseconds. */
#ifndef WSSTAT_BASE_CLOCK_H
#define WSSTAT_BASE_CLOCK_H

#include <stdint.h>
#include <sys/resource.h>
#include <time.h>

#include "base/units.h"

static inline int64_t clock_ns(clockid_t id)
{
	struct timespec ts;

	clock_gettime(id, &ts);
	return (int64_t)ts.tv_sec * NS_PER_S + ts.tv_nsec;
}

/* Counts on during suspend, so that a window that slept is told honestly. */
static inline int64_t clock_boot_ns(void)
{
	return clock_ns(CLOCK_BOOTTIME);
}

static inline int64_t clock_wall_ns(void)
{
	return clock_ns(CLOCK_REALTIME);
}

/* Of this process, and of those that it made for itself and waited for (kernel/guardian.h). */
static inline int64_t clock_cpu_ns(void)
{
	struct rusage children = { 0 };
	int64_t us;

	getrusage(RUSAGE_CHILDREN, &children);
	us = (children.ru_utime.tv_sec + children.ru_stime.tv_sec) * INT64_C(1000000) +
	     children.ru_utime.tv_usec + children.ru_stime.tv_usec;
	return clock_ns(CLOCK_PROCESS_CPUTIME_ID) + us * 1000;
}

#endif
