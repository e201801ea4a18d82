/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Text to numbers, for the command line and for files.  Strict: the whole text
 * must be consumed, no sign, no overflow, no white space around it.  Every
 * failure is ERROR_USAGE and its text quotes what was given.
 */
#ifndef WSSTAT_BASE_PARSE_H
#define WSSTAT_BASE_PARSE_H

#include <stdint.h>

#include "base/error.h"

/* Decimal digits only. */
must_check int parse_u64(const char *text, uint64_t *value, struct error *err);

/*
 * "5", "5s", "0.25", "250ms", "1.5m", "2h", "10us", "100ns": nanoseconds.
 * A bare number is seconds.  Zero is accepted; negative, empty, exponent,
 * infinity and more than 292 years are not.  A fraction finer than a nanosecond
 * is cut.
 */
must_check int parse_duration(const char *text, int64_t *ns, struct error *err);

/*
 * "0.2", "0.2%", "12": percent, in millionths of it, to which finer fractions are cut; at most
 * a million percent.
 */
must_check int parse_percent(const char *text, uint64_t *millionths, struct error *err);

/* A process id: decimal, 1 to 2^22. */
must_check int parse_pid(const char *text, int *pid, struct error *err);

/*
 * "7f00a000-7f00b000", hexadecimal, "0x" before either is allowed: half open,
 * start < end.
 */
must_check int parse_addr_range(const char *text, uint64_t *start, uint64_t *end,
				struct error *err);

/*
 * "1s,5s,1m": at most max ascending durations above zero.  *nr is how many.
 */
must_check int parse_duration_list(const char *text, int64_t *ns, unsigned int max,
				   unsigned int *nr, struct error *err);

#endif
