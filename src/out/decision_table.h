/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The decision table of the text form, and its verdict in words. */
#ifndef WSSTAT_OUT_DECISION_TABLE_H
#define WSSTAT_OUT_DECISION_TABLE_H

#include <stdio.h>

struct decision;

/*
 * A row for each threshold of which any sample speaks, "-" where no window does; then the
 * verdict, and for which threshold the run was too short.  Nothing where there is no threshold.
 */
void decision_table_print(FILE *stream, const struct decision *decision);

/* "take away after 2 m (0.05% of the working set a minute, seen for 65.0 s)", or why not. */
void decision_verdict_print(FILE *stream, const struct decision *decision);

#endif
