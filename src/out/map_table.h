/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The table of mappings, hottest first, of the text form; and one of those of which
 * only writes are seen.
 */
#ifndef WSSTAT_OUT_MAP_TABLE_H
#define WSSTAT_OUT_MAP_TABLE_H

#include "base/util.h"

struct output;
struct snapshot;

/*
 * By name, in each table at most MAP_TABLE_ROWS of those that are resident, and one
 * line for the rest; all when out->verbose.  Below each is a blank line.  0 or
 * -ENOMEM.
 */
#define MAP_TABLE_ROWS 10
must_check int map_table_print(const struct output *out, const struct snapshot *snap);

#endif
