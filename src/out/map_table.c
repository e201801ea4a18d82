/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Names come last and lose their beginning where the terminal ends: a path's
 * end tells more.
 */
#include "config.h"

#include "out/map_table.h"

#include <errno.h>
#include <string.h>

#include "model/groups.h"
#include "out/group_words.h"
#include "out/habits.h"
#include "out/output.h"
#include "out/words.h"

#define NUMBERS_WIDTH 38 /* of "%9s  %9s %13s  " and the blanks behind the method */
#define NAME_MIN 16
#define HABITS_INDENT 8

/* The mappings of which the same is seen, and what it is called. */
struct part {
	enum region_sees sees;
	bool others; /* and those of which nothing is seen */
	const char *bytes_title, *median_title;
};

struct table {
	const struct output *out;
	const struct groups *groups;
	const struct snapshot *snap;
	int how_width;
};

static void print_numbers(FILE *stream, const char *bytes, const char *resident, const char *median)
{
	fprintf(stream, "%9s  %9s %13s  ", bytes, resident, median);
}

static void print_name(const struct table *table, const struct group *row, char *name)
{
	const struct output *out = table->out;
	const char *reason = group_reason(row);
	/* What follows a comma explains; the line of all that is untracked has it. */
	int reason_len = (int)(out->verbose ? strlen(reason) : strcspn(reason, ","));
	int width = out->columns - NUMBERS_WIDTH - table->how_width;
	int name_width = width - reason_len - (int)strlen("  ()");
	bool shown = *reason && (name_width >= NAME_MIN || out->verbose);

	if (!out->verbose)
		name = words_tail(name, shown ? name_width : width);
	fputs(name, out->stream);
	if (shown)
		fprintf(out->stream, "  (%.*s)", reason_len, reason);
	fputc('\n', out->stream);
}

static int print_row(const struct table *table, const struct group *row)
{
	const struct output *out = table->out;
	auto_free char *own = group_label(row);
	auto_free char *name = own ? words_printable(own, out->utf8) : NULL;
	char bytes[FORMAT_LEN], resident[FORMAT_LEN], median[FORMAT_LEN];

	if (!name)
		return -ENOMEM;
	print_numbers(out->stream,
		      words_bytes(bytes, row->figures.hot_bytes, row->method != METHOD_NONE),
		      format_bytes(resident, row->resident_bytes),
		      group_median(median, row, out->info.edges));
	fprintf(out->stream, "%-*s  ", table->how_width, group_how(row));
	print_name(table, row, name);
	if (out->verbose && table->snap->groups && row->ages)
		habits_print(
			out, table->snap, &row->figures,
			&(struct habits_how){ .indent = HABITS_INDENT, .retouched = row->whole });
	return 0;
}

static bool row_shown(const struct table *table, const struct part *part, const struct group *row)
{
	if (row->sees != part->sees && (row->sees != SEES_NOTHING || !part->others))
		return false;
	return row->resident_bytes || table->out->verbose;
}

static void print_titles(const struct table *table, const struct part *part)
{
	print_numbers(table->out->stream, part->bytes_title, "resident", part->median_title);
	fprintf(table->out->stream, "%-*s  %s\n", table->how_width, "how",
		groups_by_name(table->groups->by));
}

/* What the rows from `first` on come to, so that the table never hides bytes. */
static void print_rest(const struct table *table, const struct part *part, unsigned int first)
{
	char bytes[FORMAT_LEN], resident[FORMAT_LEN];
	struct group rest = { 0 };

	for (unsigned int i = first; i < table->groups->nr; i++) {
		const struct group *row = &table->groups->at[i];

		if (!row_shown(table, part, row))
			continue;
		rest.nr_regions++;
		if (row->method != METHOD_NONE)
			rest.method = row->method;
		rest.figures.hot_bytes += row->figures.hot_bytes;
		rest.resident_bytes += row->resident_bytes;
	}
	if (!rest.nr_regions)
		return;
	print_numbers(table->out->stream,
		      words_bytes(bytes, rest.figures.hot_bytes, rest.method != METHOD_NONE),
		      format_bytes(resident, rest.resident_bytes), "");
	fprintf(table->out->stream, "%*s  %u more (all with -v)\n", table->how_width, "",
		rest.nr_regions);
}

static int print_part(const struct table *table, const struct part *part)
{
	const struct groups *groups = table->groups;
	unsigned int nr_shown = 0;
	unsigned int i;

	print_titles(table, part);
	for (i = 0; i < groups->nr; i++) {
		if (!row_shown(table, part, &groups->at[i]))
			continue;
		if (nr_shown++ == MAP_TABLE_ROWS && !table->out->verbose)
			break;
		if (print_row(table, &groups->at[i]) < 0)
			return -ENOMEM;
	}
	print_rest(table, part, i);
	if (groups->by >= BY_SECTION)
		fprintf(table->out->stream,
			"seen by page; a page that several %ss share is divided by bytes\n",
			groups_by_name(groups->by));
	fputc('\n', table->out->stream);
	return 0;
}

static int print_parts(const struct output *out, const struct groups *groups,
		       const struct snapshot *snap)
{
	bool hot = snap->tracked || !snap->writes_only;
	const struct part parts[] = {
		{ SEES_READS_WRITES, true, "hot", "idle p50" },
		{ SEES_WRITES, !hot, "written", "unwritten p50" },
	};
	struct table table = {
		.out = out, .groups = groups, .snap = snap, .how_width = (int)strlen("how")
	};
	int ret = 0;

	for (unsigned int i = 0; i < groups->nr; i++) {
		int width = (int)strlen(group_how(&groups->at[i]));

		table.how_width = width > table.how_width ? width : table.how_width;
	}
	if (hot)
		ret = print_part(&table, &parts[0]);
	if (!ret && (!hot || snap->writes.tracked_bytes))
		ret = print_part(&table, &parts[1]);
	return ret;
}

int map_table_print(const struct output *out, const struct snapshot *snap)
{
	struct groups own = { 0 };
	int ret;

	if (snap->groups)
		return print_parts(out, snap->groups, snap);
	ret = groups_of_snapshot(&own, BY_MAPPING, snap, out->info.edges);
	if (!ret)
		ret = print_parts(out, &own, snap);
	groups_free(&own);
	return ret;
}
