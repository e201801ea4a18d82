/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A line of items which goes on below, indented, where the terminal ends. */
#ifndef WSSTAT_OUT_FLOW_H
#define WSSTAT_OUT_FLOW_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/util.h"

struct flow {
	FILE *stream;
	int columns;	  /* where the terminal ends */
	int indent;	  /* of the lines that follow */
	int first_indent; /* of the first one */
	const char *mark; /* behind every item but the last: "" or "," */
	int gap;	  /* blanks between items */
	int at;		  /* columns written in this line */
	bool begun;	  /* an item is there */
};

/* indent: of the lines that follow. */
struct flow flow_begin(FILE *stream, int columns, int indent, int gap);

/* "cold 1.02 GiB (63.0%)", a share of the resident bytes; bytes NULL: not known. */
void flow_add_figure(struct flow *flow, const char *name, const uint64_t *bytes,
		     uint64_t resident_bytes);

/* Add an item; it is never broken up. */
void flow_add(struct flow *flow, const char *fmt, ...) printf_like(2, 3);

/* End the line. */
void flow_end(struct flow *flow);

#endif
