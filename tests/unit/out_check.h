/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the tests of the output forms share: a run as text, and what must be in it. */
#ifndef WSSTAT_TESTS_UNIT_OUT_CHECK_H
#define WSSTAT_TESTS_UNIT_OUT_CHECK_H

#include <stddef.h>

#include "out/output.h"
#include "out_fixture.h"

struct out_expected {
	const char *name; /* of the check, with its id */
	const char *text; /* that must be there */
};

/* An output of that form without a file, for names in UTF-8. */
void out_check_setup(struct output *out, const struct output_ops *ops,
		     const struct out_fixture *fixture, int columns);

/* A whole run as one text, to be freed.  NULL: no memory. */
char *out_check_render(struct output *out, const struct out_fixture *fixture);

void out_check_expected(const char *text, const struct out_expected *list, size_t nr);

#endif
