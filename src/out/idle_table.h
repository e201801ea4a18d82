/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table of bytes by idle time, with bars, of the text form. */
#ifndef WSSTAT_OUT_IDLE_TABLE_H
#define WSSTAT_OUT_IDLE_TABLE_H

struct output;
struct snapshot;

/*
 * Shares are of the resident bytes, "within" adds them up: the working-set curve.
 * Buckets that cannot be filled yet are left out.  Untracked memory has the last
 * row, so that the table always ends at 100 %.
 */
void idle_table_print(const struct output *out, const struct snapshot *snap);

#endif
