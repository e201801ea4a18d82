/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a histogram by idle time does not tell: how often, how lately, after how long again. */
#include "config.h"

#include "out/habits.h"

#include "out/buckets.h"
#include "out/flow.h"
#include "out/output.h"

#define LEAD 8 /* more, of what goes on below */

static struct flow line_begin(const struct output *out, int indent)
{
	struct flow flow = flow_begin(out->stream, out->columns, indent + LEAD, 3);

	flow.first_indent = indent;
	return flow;
}

static void print_heat(const struct output *out, const struct figures *figures, int indent)
{
	const char *lead = "touched in n of the last 8 windows:";
	struct flow flow = line_begin(out, indent);
	char size[FORMAT_LEN];
	bool first = true;

	for (unsigned int n = HEAT_WINDOWS + 1; n-- > 0;) {
		if (!figures->heat_bytes[n])
			continue;
		format_bytes(size, figures->heat_bytes[n]);
		if (first)
			flow_add(&flow, "%s %u: %s", lead, n, size);
		else
			flow_add(&flow, "%u: %s", n, size);
		first = false;
	}
	if (first)
		flow_add(&flow, "%s nothing resident", lead);
	flow_end(&flow);
}

/* "touched again, idle before for < 5 s: 200 MiB   5 s - 10 s: 12.0 MiB" */
static void print_come_back(const struct output *out, const struct snapshot *snap,
			    const struct figures *figures, int indent)
{
	struct bucket list[BUCKETS_MAX];
	unsigned int nr = buckets_retouched(out->info.edges, figures, snap, list);
	const char *lead = "touched again, idle before for";
	struct flow flow = line_begin(out, indent);
	char label[BUCKET_LABEL_LEN], size[FORMAT_LEN];

	for (unsigned int i = 0; i < nr; i++) {
		if (!list[i].bytes)
			continue;
		bucket_label(label, &list[i]);
		format_bytes(size, list[i].bytes);
		if (flow.begun)
			flow_add(&flow, "%s: %s", label, size);
		else
			flow_add(&flow, "%s %s: %s", lead, label, size);
	}
	if (flow.begun)
		flow_end(&flow);
}

/* The line that people quote. */
static void print_coldness(const struct output *out, const struct snapshot *snap,
			   const struct figures *figures, int indent)
{
	struct flow flow = line_begin(out, indent);
	char name[FORMAT_LEN], within[FORMAT_LEN];
	bool known = false;

	for (enum recent i = 0; i < RECENT_NR; i++) {
		known = buckets_recent_known(snap, recent_ns(i));
		snprintf(name, sizeof(name), "%s%.16s", i ? "" : "touched within ",
			 format_duration(within, recent_ns(i)));
		flow_add_figure(&flow, name, known ? &figures->recent_bytes[i] : NULL,
				snap->resident_bytes);
	}
	flow_add_figure(&flow, "colder", known ? &figures->colder_bytes : NULL,
			snap->resident_bytes);
	flow_end(&flow);
}

void habits_print(const struct output *out, const struct snapshot *snap,
		  const struct figures *figures, const struct habits_how *how)
{
	print_coldness(out, snap, figures, how->indent);
	print_heat(out, figures, how->indent);
	if (how->retouched)
		print_come_back(out, snap, figures, how->indent);
}
