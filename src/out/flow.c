/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Items are short: names of the target are at most 16 bytes here, 64 escaped. */
#include "config.h"

#include "out/flow.h"

#include <stdarg.h>
#include <string.h>

#include "out/words.h"

#define ITEM_LEN 512

static void separate(struct flow *flow, int width)
{
	int mark = (int)strlen(flow->mark);

	if (!flow->begun)
		return;
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
