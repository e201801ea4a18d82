/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Filling struct error: always terminated, cut rather than overrun. */
#include "config.h"

#include "base/error.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>

#undef error_set
#undef error_errno

static printf_like(2, 0) void set_text(struct error *err, const char *fmt, va_list args)
{
	if (vsnprintf(err->text, sizeof(err->text), fmt, args) < 0)
		err->text[0] = '\0';
}

static void append_text(struct error *err, const char *text)
{
	size_t used = strlen(err->text);
	size_t len = strnlen(text, sizeof(err->text) - used - 1);

	memcpy(err->text + used, text, len);
	err->text[used + len] = '\0';
}

static int fill(struct error *err, enum error_kind kind, int errnum)
{
	char name[128];

	err->kind = kind;
	err->errnum = errnum;
	if (!errnum)
		return -EINVAL;

	append_text(err, ": ");
	append_text(err, strerror_r(errnum, name, sizeof(name)));
	return -errnum;
}

static enum error_kind kind_of(int errnum)
{
	switch (errnum) {
	case EPERM:
	case EACCES:
		return ERROR_DENIED;
	case ESRCH:
		return ERROR_GONE;
	case ENOSYS:
	case EOPNOTSUPP:
		return ERROR_UNSUPPORTED;
	default:
		return ERROR_FAILED;
	}
}

int error_set(struct error *err, enum error_kind kind, int errnum, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	set_text(err, fmt, args);
	va_end(args);
	return fill(err, kind, errnum);
}

int error_errno(struct error *err, int errnum, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	set_text(err, fmt, args);
	va_end(args);
	return fill(err, kind_of(errnum), errnum);
}

void error_context(struct error *err, const char *fmt, ...)
{
	char inner[sizeof(err->text)];
	va_list args;

	memcpy(inner, err->text, sizeof(inner));
	va_start(args, fmt);
	set_text(err, fmt, args);
	va_end(args);
	append_text(err, ": ");
	append_text(err, inner);
}

int error_exit_status(enum error_kind kind)
{
	static const int status[] = {
		[ERROR_NONE] = 0,   [ERROR_FAILED] = 1,	     [ERROR_USAGE] = 2,
		[ERROR_DENIED] = 3, [ERROR_UNSUPPORTED] = 4, [ERROR_GONE] = 5,
	};

	return status[kind];
}

bool error_is_want(int errnum)
{
	return errnum == EMFILE || errnum == ENFILE || errnum == ENOMEM;
}
