/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A range of addresses as cells, for the map and its zoom. */
#ifndef WSSTAT_OUT_LIVE_STRIP_H
#define WSSTAT_OUT_LIVE_STRIP_H

#include "out/live/view.h"

#define ADDRESS_WIDTH 13 /* columns left of the cells */

/* "[heap]"; "anonymous" where it has no name. */
const char *strip_name(const struct snapshot_region *region);

/* At most `most` cells; cells->at is to be freed.  False: there are no page ages, or no memory. */
bool strip_make(struct cells *cells, const struct inspect *inspect, struct range range,
		unsigned int most);

/* The cursor: a full block that is reversed would look like nothing. */
void strip_point(const struct area *area, int row, int column);

/* In STRIP_TOLD rows: what the cell is, of these cells that begin at start. */
#define STRIP_TOLD 2
void strip_tell(struct live *live, const struct area *area, int row,
		const struct snapshot_region *region, const struct cells *cells, unsigned int cell);

/* The addresses of a cell. */
struct range strip_range(const struct cells *cells, struct range range, unsigned int cell);

#endif
