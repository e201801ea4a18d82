/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Words for the user, on stderr, one line each, "wsstat: " before it.  Never
 * results: those go through out/.  Never called while the target is changed
 * (see kernel/inject.h).
 */
#ifndef WSSTAT_BASE_LOG_H
#define WSSTAT_BASE_LOG_H

#include "base/error.h"

enum log_level {
	LOG_ERROR = 0, /* always shown */
	LOG_WARN = 1,  /* shown unless -q */
	LOG_INFO = 2,  /* shown with -v */
};

/* Show messages up to this level; LOG_WARN at the start. */
void log_set_level(enum log_level level);

/*
 * From now on lines go to take, without the prefix and the newline, instead of stderr; NULL:
 * to stderr again.  For whoever has the terminal to himself.
 */
void log_divert(void (*take)(const char *line));

/* Show an error; wsstat's exit status for it. */
int log_report(const struct error *err);

void log_error(const char *fmt, ...) printf_like(1, 2);
void log_warn(const char *fmt, ...) printf_like(1, 2);
void log_info(const char *fmt, ...) printf_like(1, 2);

#endif
