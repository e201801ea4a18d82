/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Items are short: names of the target are at most 16 bytes here, 64 escaped. */
#include "config.h"

#include "out/flow.h"

#include <stdarg.h>
#include <string.h>

#include "base/format.h"
#include "out/words.h"

#define ITEM_LEN 512

struct flow flow_begin(FILE *stream, int columns, int indent, int gap)
{
	return (struct flow){
		.stream = stream,
		.columns = columns,
		.indent = indent,
		.mark = "",
		.gap = gap,
	};
}

static void separate(struct flow *flow, int width)
{
	int mark = (int)strlen(flow->mark);

	if (!flow->begun) {
		fprintf(flow->stream, "%*s", flow->first_indent, "");
		flow->at = flow->first_indent;
		return;
	}
	/* The mark of this item may need a column, too. */
	if (flow->at + mark + flow->gap + width + mark <= flow->columns) {
		fprintf(flow->stream, "%s%*s", flow->mark, flow->gap, "");
		flow->at += mark + flow->gap;
		return;
	}
	fprintf(flow->stream, "%s\n%*s", flow->mark, flow->indent, "");
	flow->at = flow->indent;
}

void flow_add(struct flow *flow, const char *fmt, ...)
{
	char item[ITEM_LEN];
	va_list args;
	int width;

	va_start(args, fmt);
	vsnprintf(item, sizeof(item), fmt, args);
	va_end(args);

	width = words_columns(item);
	separate(flow, width);
	fputs(item, flow->stream);
	flow->at += width;
	flow->begun = true;
}

void flow_end(struct flow *flow)
{
	fputc('\n', flow->stream);
}

void flow_add_figure(struct flow *flow, const char *name, const uint64_t *bytes,
		     uint64_t resident_bytes)
{
	char size[FORMAT_LEN], share[FORMAT_LEN];

	if (bytes)
		flow_add(flow, "%s %s (%s)", name, format_bytes(size, *bytes),
			 format_percent(share, *bytes, resident_bytes));
	else
		flow_add(flow, "%s n/a", name);
}
