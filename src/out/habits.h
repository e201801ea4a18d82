/* SPDX-License-Identifier: GPL-2.0-or-later */
/* In text: what was touched within minutes, in how many windows, and again after how long. */
#ifndef WSSTAT_OUT_HABITS_H
#define WSSTAT_OUT_HABITS_H

#include <stdbool.h>

struct figures;
struct output;
struct snapshot;

struct habits_how {
	int indent;
	bool retouched; /* is it known what was touched again? */
};

/* Of the target, or of a part of it, whose page ages are known. */
void habits_print(const struct output *out, const struct snapshot *snap,
		  const struct figures *figures, const struct habits_how *how);

#endif
