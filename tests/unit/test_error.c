/* SPDX-License-Identifier: GPL-2.0-or-later */
/* base/error.c: kind, text and exit status, also when the text is too long. */
#include "config.h"

#include "base/error.h"

#include <errno.h>
#include <string.h>

#include "tap.h"

static const struct {
	int errnum;
	enum error_kind kind;
	int exit_status;
} kinds[] = {
	{ EPERM, ERROR_DENIED, 3 },
	{ EACCES, ERROR_DENIED, 3 },
	{ ESRCH, ERROR_GONE, 5 },
	{ ENOSYS, ERROR_UNSUPPORTED, 4 },
	{ EOPNOTSUPP, ERROR_UNSUPPORTED, 4 },
	{ EIO, ERROR_FAILED, 1 },
};

static void test_set(void)
{
	struct error err;

	is_i64(error_set(&err, ERROR_USAGE, 0, "bad %s", "thing"), -EINVAL,
	       "ERROR01: without an errno the answer is -EINVAL");
	is_str(err.text, "bad thing", "ERROR02: without an errno nothing is appended");
	ok(err.kind == ERROR_USAGE && err.errnum == 0, "ERROR03: kind and errno are kept");

	is_i64(error_set(&err, ERROR_GONE, ENOENT, "cannot open %d", 7), -ENOENT,
	       "ERROR04: the errno comes back negative");
	is_str(err.text, "cannot open 7: No such file or directory",
	       "ERROR05: the errno's words are appended");
	ok(err.kind == ERROR_GONE && err.errnum == ENOENT,
	   "ERROR06: a kind that is given wins over the errno's own");
}

static void test_errno(void)
{
	struct error err;

	for (unsigned int i = 0; i < ARRAY_LEN(kinds); i++) {
		int ret = error_errno(&err, kinds[i].errnum, "x");

		ok(ret == -kinds[i].errnum && err.kind == kinds[i].kind &&
			   err.errnum == kinds[i].errnum &&
			   error_exit_status(err.kind) == kinds[i].exit_status,
		   "ERROR07: kind and exit status of: %s", strerror(kinds[i].errnum));
	}
	is_i64(error_exit_status(ERROR_NONE), 0, "ERROR08: no error, no status");
	is_i64(error_exit_status(ERROR_USAGE), 2, "ERROR09: usage");
}

static void test_long(void)
{
	struct error err;
	char text[sizeof(err.text) * 2];

	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';

	error_errno(&err, EIO, "%s", text);
	is_u64(strlen(err.text), sizeof(err.text) - 1, "ERROR10: a long text is cut");
	error_set(&err, ERROR_FAILED, 0, "end");
	error_context(&err, "%s", text);
	is_u64(strlen(err.text), sizeof(err.text) - 1, "ERROR11: a long context is cut");
}

static void test_context(void)
{
	struct error err;

	error_errno(&err, EPERM, "cannot stop");
	error_context(&err, "process %d", 41);
	is_str(err.text, "process 41: cannot stop: Operation not permitted",
	       "ERROR12: context comes first");
	ok(err.kind == ERROR_DENIED && err.errnum == EPERM, "ERROR13: context changes words only");
}

int main(void)
{
	test_set();
	test_errno();
	test_long();
	test_context();
	return done();
}
