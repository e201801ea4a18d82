/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The Test Anything Protocol for tests in C.  Every check prints one line and
 * returns whether it passed, so that a test can stop where going on makes no
 * sense.  Names begin with a stable id: "PARSE01: ...".
 */
#ifndef WSSTAT_TESTS_UNIT_TAP_H
#define WSSTAT_TESTS_UNIT_TAP_H

#include <stdbool.h>
#include <stdint.h>

bool ok(bool pass, const char *name, ...) __attribute__((format(printf, 2, 3)));
bool is_u64(uint64_t got, uint64_t want, const char *name);
bool is_i64(int64_t got, int64_t want, const char *name);
bool is_str(const char *got, const char *want, const char *name);

/* Print the plan.  Returns main()'s exit status: 0 when every check passed. */
int done(void);

/* How many descriptors this process has, give or take what it takes to count them. */
unsigned int open_files(void);

#endif
