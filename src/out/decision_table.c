/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the run says of each threshold, and what not. */
#include "config.h"

#include "out/decision_table.h"

#include "model/decide.h"
#include "out/words.h"

#define UNKNOWN "-"

static void print_row(FILE *stream, const struct decision *decision, unsigned int i)
{
	const struct decision_row *row = &decision->row[i];
	char threshold[FORMAT_LEN], mean[FORMAT_LEN], last[FORMAT_LEN], seen[FORMAT_LEN];
	char minute[FORMAT_LEN + 8] = UNKNOWN, cost[FORMAT_LEN + 8] = UNKNOWN;
	char size[FORMAT_LEN], share[FORMAT_LEN];

	if (row->windows) {
		format_bytes(size, row->retouched_bytes_per_minute);
		snprintf(minute, sizeof(minute), "%s/min", size);
		words_cost(share, row->cost);
		snprintf(cost, sizeof(cost), "%s/min", share);
	}
	fprintf(stream, "%-10s  %9s  %9s  %13s  %12s  %9s%s\n",
		format_duration(threshold, row->threshold_ns),
		row->samples ? format_bytes(mean, row->cold_mean_bytes) : UNKNOWN,
		row->last_known ? format_bytes(last, row->cold_last_bytes) : UNKNOWN, minute, cost,
		row->windows ? words_seconds(seen, row->windows_ns) : UNKNOWN,
		(int)i == decision->chosen ? "  <" : "");
}

static void print_chosen(FILE *stream, const struct decision_row *row)
{
	char threshold[FORMAT_LEN], cost[FORMAT_LEN], seen[FORMAT_LEN];

	fprintf(stream, "take away after %s (%s of the working set a minute, seen for %s)",
		format_duration(threshold, row->threshold_ns), words_cost(cost, row->cost),
		words_seconds(seen, row->windows_ns));
}

void decision_verdict_print(FILE *stream, const struct decision *decision)
{
	char threshold[FORMAT_LEN], cost[FORMAT_LEN];

	if (decision->chosen >= 0)
		print_chosen(stream, &decision->row[decision->chosen]);
	else if (decision->longest >= 0)
		fprintf(stream, "take away nothing: no time up to %s costs less than %s a minute",
			format_duration(threshold, decision->row[decision->longest].threshold_ns),
			words_cost(cost, decision->slo));
	else
		fprintf(stream, "too short a run to tell what can be taken away");
}

/* What the table leaves out, and what it has no cost for. */
static void print_unanswered(FILE *stream, const struct decision *decision)
{
	unsigned int first = (unsigned int)(decision->longest + 1);
	char threshold[FORMAT_LEN];

	if (first > 0 && first < decision->nr)
		fprintf(stream, "not answered, the run is too short: %s%s\n",
			format_duration(threshold, decision->row[first].threshold_ns),
			first + 1 < decision->nr ? " and longer" : "");
}

void decision_table_print(FILE *stream, const struct decision *decision)
{
	if (!decision->nr)
		return;
	fprintf(stream, "%-10s  %9s  %9s  %13s  %12s  %9s\n", "idle for", "cold mean", "cold last",
		"touched again", "working set", "seen for");
	for (unsigned int i = 0; i < decision->nr; i++)
		if (decision->row[i].samples)
			print_row(stream, decision, i);
	decision_verdict_print(stream, decision);
	fputc('\n', stream);
	print_unanswered(stream, decision);
}
