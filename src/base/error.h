/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Errors: a fallible function returns 0 or a negative errno, takes a struct
 * error last and fills it once, at the place that knows most.  The kind decides
 * the exit status of the program; the text is one line for the user, without
 * the program's name and without a newline.
 */
#ifndef WSSTAT_BASE_ERROR_H
#define WSSTAT_BASE_ERROR_H

#include <stdbool.h>

#include "base/util.h"

enum error_kind {
	ERROR_NONE,
	ERROR_FAILED,	   /* anything not below: exit status 1 */
	ERROR_USAGE,	   /* wrong options or arguments: 2 */
	ERROR_DENIED,	   /* not permitted: 3 */
	ERROR_UNSUPPORTED, /* this kernel, machine or target cannot: 4 */
	ERROR_GONE,	   /* no such process, or it ended meanwhile: 5 */
};

struct error {
	enum error_kind kind;
	int errnum; /* positive errno, 0 if none applies */
	char text[512];
};

/*
 * Fill *err.  When errnum is not 0, ": " and its name are appended to the text.
 * Returns -errnum, or -EINVAL when errnum is 0, so that callers can write
 * `return error_set(...)`.
 */
int error_set(struct error *err, enum error_kind kind, int errnum, const char *fmt, ...)
	printf_like(4, 5);

/*
 * As error_set(), the kind taken from errnum: EPERM and EACCES are
 * ERROR_DENIED, ESRCH is ERROR_GONE, ENOSYS and EOPNOTSUPP are
 * ERROR_UNSUPPORTED, all others ERROR_FAILED.
 */
int error_errno(struct error *err, int errnum, const char *fmt, ...) printf_like(3, 4);

/* clang-tidy sees one file at a time: tell it that neither ever returns 0. */
#ifdef __clang_analyzer__
#define error_set(...) (error_set(__VA_ARGS__), -1)
#define error_errno(...) (error_errno(__VA_ARGS__), -1)
#endif

/* Put "text: " before the text that is there. */
void error_context(struct error *err, const char *fmt, ...) printf_like(2, 3);

/* The exit status that stands for this kind (DESIGN 8). */
int error_exit_status(enum error_kind kind);

/* Is this errno about a want of descriptors or memory, whatever the call was about? */
bool error_is_want(int errnum);

#endif
