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

#define NUMBERS_WIDTH 36 /* of "%9s  %9s  %12s  " */
#define NAME_MIN 20

static void print_numbers(FILE *stream, const char *hot, const char *resident, const char *median)
{
	fprintf(stream, "%9s  %9s  %12s  ", hot, resident, median);
}

/* Of several regions the lower edge of the bucket is known, or no edge below. */
static const char *row_median(char buf[FORMAT_LEN], const struct row *row,
			      const struct edges *edges)
{
	char edge[FORMAT_LEN];

	if (!row->known)
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
	return row->known || !row->reason ? "" : region_reason_name(row->reason);
}

static void print_name(const struct output *out, const struct row *row, char *name)
{
	const char *reason = row_reason(row);
	int width = out->columns - NUMBERS_WIDTH;
	int name_width = width - (int)strlen(reason) - (int)strlen("  ()");
	bool shown = *reason && (name_width >= NAME_MIN || out->verbose);

	if (!out->verbose)
		name = words_tail(name, shown ? name_width : width);
	fputs(name, out->stream);
	if (shown)
		fprintf(out->stream, "  (%s)", reason);
	fputc('\n', out->stream);
}

static int print_row(const struct output *out, const struct row *row)
{
	auto_free char *name = words_printable(*row->name ? row->name : "anonymous", out->utf8);
	char hot[FORMAT_LEN], resident[FORMAT_LEN], median[FORMAT_LEN];

	if (!name)
		return -ENOMEM;
	print_numbers(out->stream, words_bytes(hot, row->hot_bytes, row->known),
		      format_bytes(resident, row->resident_bytes),
		      row_median(median, row, out->info->edges));
	print_name(out, row, name);
	return 0;
}

static bool row_shown(const struct output *out, const struct row *row)
{
	return row->resident_bytes || out->verbose;
}

/* What the rows from `first` on come to, so that the table never hides bytes. */
static void print_rest(const struct output *out, const struct rows *rows, unsigned int first)
{
	char hot[FORMAT_LEN], resident[FORMAT_LEN];
	struct row rest = { 0 };

	for (unsigned int i = first; i < rows->nr; i++) {
		const struct row *row = &rows->at[i];

		rest.nr_regions += row_shown(out, row);
		rest.known = rest.known || row->known;
		rest.hot_bytes += row->hot_bytes;
		rest.resident_bytes += row->resident_bytes;
	}
	if (!rest.nr_regions)
		return;
	print_numbers(out->stream, words_bytes(hot, rest.hot_bytes, rest.known),
		      format_bytes(resident, rest.resident_bytes), "");
	fprintf(out->stream, "%u more (all with -v)\n", rest.nr_regions);
}

static int print_rows(const struct output *out, const struct rows *rows)
{
	unsigned int nr_shown = 0;
	unsigned int i;

	print_numbers(out->stream, "hot", "resident", "idle p50");
	fputs("mapping\n", out->stream);
	for (i = 0; i < rows->nr; i++) {
		if (!row_shown(out, &rows->at[i]))
			continue;
		if (nr_shown++ == MAP_TABLE_ROWS && !out->verbose)
			break;
		if (print_row(out, &rows->at[i]) < 0)
			return -ENOMEM;
	}
	print_rest(out, rows, i);
	return 0;
}

int map_table_print(const struct output *out, const struct snapshot *snap)
{
	struct rows rows;
	int ret = rows_build(&rows, snap, out->info->edges);

	if (!ret)
		ret = print_rows(out, &rows);
	rows_free(&rows);
	return ret;
}
