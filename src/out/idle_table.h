/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The table of bytes by idle time, with bars, of the text form; and one by the time
 * since the last write, of what only writes are seen of.
 */
#ifndef WSSTAT_OUT_IDLE_TABLE_H
#define WSSTAT_OUT_IDLE_TABLE_H

struct output;
struct snapshot;

/*
 * Shares are of the resident bytes, "within" adds them up: the working-set curve.
 * Buckets that cannot be filled yet are left out.  What the first table does not
 * speak of has its last rows, so that it always ends at 100 %.  A table that has
 * nothing to speak of is left out; below each is a blank line.  The columns of both
 * line up.
 */
void idle_table_print(const struct output *out, const struct snapshot *snap);
void idle_table_print_writes(const struct output *out, const struct snapshot *snap);

#endif
