/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A line of items which goes on below, indented, where the terminal ends. */
#ifndef WSSTAT_OUT_FLOW_H
#define WSSTAT_OUT_FLOW_H

#include <stdbool.h>
#include <stdio.h>

#include "base/util.h"

struct flow {
	FILE *stream;
	int columns;	  /* where the terminal ends */
	int indent;	  /* of the lines that follow */
	const char *mark; /* behind every item but the last: "" or "," */
	int gap;	  /* blanks between items */
	int at;		  /* columns written in this line */
	bool begun;	  /* an item is there */
};

/* Add an item; it is never broken up. */
void flow_add(struct flow *flow, const char *fmt, ...) printf_like(2, 3);

/* End the line. */
void flow_end(struct flow *flow);

#endif
