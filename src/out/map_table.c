/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Names come last and lose their beginning where the terminal ends: a path's
 * end tells more.
 */
#include "config.h"

#include "out/map_table.h"

#include <errno.h>
#include <string.h>

#include "out/output.h"
#include "out/rows.h"
#include "out/words.h"

#define NUMBERS_WIDTH 38 /* of "%9s  %9s %13s  " and the blanks behind the method */
#define NAME_MIN 16

/* The mappings of which the same is seen, and what it is called. */
struct part {
	enum region_sees sees;
	bool others; /* and those of which nothing is seen */
	const char *bytes_title, *median_title;
};

struct table {
	const struct output *out;
	const struct rows *rows;
	int how_width;
};

static const char *row_how(const struct row *row)
{
	return row->method == METHOD_NONE ? "-" : region_method_name(row->method);
}

static void print_numbers(FILE *stream, const char *bytes, const char *resident, const char *median)
{
	fprintf(stream, "%9s  %9s %13s  ", bytes, resident, median);
}

/* Of several regions the lower edge of the bucket is known, or no edge below. */
static const char *row_median(char buf[FORMAT_LEN], const struct row *row,
			      const struct edges *edges)
{
	char edge[FORMAT_LEN];

	if (!row->ages)
		return "n/a";
	if (row->median_ns < 0)
		return "-";
	if (!row->median_bound)
		return format_duration(buf, row->median_ns);
	if (row->median_ns)
		return words_at_least(buf, row->median_ns);
	if (edges->nr < 2)
		return ">= 0 s";
	snprintf(buf, FORMAT_LEN, "< %.29s", format_duration(edge, edges->ns[1]));
	return buf;
}

/* Why nothing is seen of it; "" when it is, or when there is nothing to see. */
static const char *row_reason(const struct row *row)
{
	return row->method != METHOD_NONE || !row->reason ? "" : region_reason_name(row->reason);
}

static void print_name(const struct table *table, const struct row *row, char *name)
{
	const struct output *out = table->out;
	const char *reason = row_reason(row);
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

static int print_row(const struct table *table, const struct row *row)
{
	const struct output *out = table->out;
	auto_free char *name = words_printable(*row->name ? row->name : "anonymous", out->utf8);
	char bytes[FORMAT_LEN], resident[FORMAT_LEN], median[FORMAT_LEN];

	if (!name)
		return -ENOMEM;
	print_numbers(out->stream, words_bytes(bytes, row->hot_bytes, row->method != METHOD_NONE),
		      format_bytes(resident, row->resident_bytes),
		      row_median(median, row, out->info.edges));
	fprintf(out->stream, "%-*s  ", table->how_width, row_how(row));
	print_name(table, row, name);
	return 0;
}

static bool row_shown(const struct table *table, const struct part *part, const struct row *row)
{
	if (row->sees != part->sees && (row->sees != SEES_NOTHING || !part->others))
		return false;
	return row->resident_bytes || table->out->verbose;
}

static void print_titles(const struct table *table, const struct part *part)
{
	print_numbers(table->out->stream, part->bytes_title, "resident", part->median_title);
	fprintf(table->out->stream, "%-*s  mapping\n", table->how_width, "how");
}

/* What the rows from `first` on come to, so that the table never hides bytes. */
static void print_rest(const struct table *table, const struct part *part, unsigned int first)
{
	char bytes[FORMAT_LEN], resident[FORMAT_LEN];
	struct row rest = { 0 };

	for (unsigned int i = first; i < table->rows->nr; i++) {
		const struct row *row = &table->rows->at[i];

		if (!row_shown(table, part, row))
			continue;
		rest.nr_regions++;
		if (row->method != METHOD_NONE)
			rest.method = row->method;
		rest.hot_bytes += row->hot_bytes;
		rest.resident_bytes += row->resident_bytes;
	}
	if (!rest.nr_regions)
		return;
	print_numbers(table->out->stream,
		      words_bytes(bytes, rest.hot_bytes, rest.method != METHOD_NONE),
		      format_bytes(resident, rest.resident_bytes), "");
	fprintf(table->out->stream, "%*s  %u more (all with -v)\n", table->how_width, "",
		rest.nr_regions);
}

static int print_part(const struct table *table, const struct part *part)
{
	const struct rows *rows = table->rows;
	unsigned int nr_shown = 0;
	unsigned int i;

	print_titles(table, part);
	for (i = 0; i < rows->nr; i++) {
		if (!row_shown(table, part, &rows->at[i]))
			continue;
		if (nr_shown++ == MAP_TABLE_ROWS && !table->out->verbose)
			break;
		if (print_row(table, &rows->at[i]) < 0)
			return -ENOMEM;
	}
	print_rest(table, part, i);
	fputc('\n', table->out->stream);
	return 0;
}

static int print_parts(const struct output *out, const struct rows *rows,
		       const struct snapshot *snap)
{
	bool hot = snap->tracked || !snap->writes_only;
	const struct part parts[] = {
		{ SEES_READS_WRITES, true, "hot", "idle p50" },
		{ SEES_WRITES, !hot, "written", "unwritten p50" },
	};
	struct table table = { .out = out, .rows = rows, .how_width = (int)strlen("how") };
	int ret = 0;

	for (unsigned int i = 0; i < rows->nr; i++) {
		int width = (int)strlen(row_how(&rows->at[i]));

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
	struct rows rows;
	int ret = rows_build(&rows, snap, out->info.edges);

	if (!ret)
		ret = print_parts(out, &rows, snap);
	rows_free(&rows);
	return ret;
}
