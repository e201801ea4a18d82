/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One table of what is called hot or cold, and one of what is only known to be
 * written or not.  Bars are drawn to the scale of the longest of both and fill what
 * the terminal leaves.
 */
#include "config.h"

#include "out/idle_table.h"

#include <string.h>

#include "out/idle_rows.h"
#include "out/output.h"
#include "out/words.h"

#define LABEL_MIN 11
#define NUMBERS_WIDTH 33 /* of a line, but its label, its word and its bar */

/* The columns that all tables have in common. */
struct layout {
	int label_width, word_width, bar_width;
	uint64_t longest_bytes;
	uint64_t resident_bytes;
};

static void fit(struct layout *layout, const struct idle_rows *table)
{
	if (!table->nr)
		return;
	if ((int)strlen(table->title) > layout->label_width)
		layout->label_width = (int)strlen(table->title);
	for (unsigned int i = 0; i < table->nr; i++) {
		const struct idle_row *line = &table->at[i];

		if (line->bytes > layout->longest_bytes)
			layout->longest_bytes = line->bytes;
		if ((int)strlen(line->label) > layout->label_width)
			layout->label_width = (int)strlen(line->label);
		if ((int)strlen(line->word) > layout->word_width)
			layout->word_width = (int)strlen(line->word);
	}
}

static void print_bar(FILE *stream, const struct layout *layout, uint64_t bytes)
{
	int len;

	if (!bytes || layout->bar_width <= 0)
		return;
	len = (int)((double)bytes / (double)layout->longest_bytes * layout->bar_width + 0.5);
	fputs("  #", stream); /* never nothing for something */
	for (int i = 1; i < len; i++)
		fputc('#', stream);
}

static void print_line(const struct output *out, const struct layout *layout,
		       const struct idle_row *line, uint64_t sum_bytes)
{
	char size[FORMAT_LEN], share[FORMAT_LEN], within[FORMAT_LEN];

	fprintf(out->stream, "%-*s  %-*s  %9s  %7s  %7s", layout->label_width, line->label,
		layout->word_width, line->word, format_bytes(size, line->bytes),
		format_percent(share, line->bytes, layout->resident_bytes),
		format_percent(within, sum_bytes, layout->resident_bytes));
	print_bar(out->stream, layout, line->bytes);
	fputc('\n', out->stream);
}

static void print_table(const struct output *out, const struct layout *layout,
			const struct idle_rows *table)
{
	uint64_t sum_bytes = 0;

	if (!table->nr)
		return;
	fprintf(out->stream, "%-*s  %*s  %9s  %7s  %7s\n", layout->label_width, table->title,
		layout->word_width, "", "size", "share", "within");
	for (unsigned int i = 0; i < table->nr; i++) {
		sum_bytes += table->at[i].bytes;
		print_line(out, layout, &table->at[i], sum_bytes);
	}
	fputc('\n', out->stream);
}

/* Both tables of a sample, of which either may be empty. */
struct tables {
	struct idle_rows idle, unwritten;
	struct layout layout;
};

static void make_tables(struct tables *tables, const struct output *out,
			const struct snapshot *snap)
{
	struct layout *layout = &tables->layout;

	idle_rows_make(&tables->idle, &tables->unwritten, &out->info, snap);
	fit(layout, &tables->idle);
	fit(layout, &tables->unwritten);
	layout->bar_width = out->columns - layout->label_width - layout->word_width - NUMBERS_WIDTH;
}

static struct tables empty_tables(const struct snapshot *snap)
{
	return (struct tables){
		.layout = { .label_width = LABEL_MIN, .resident_bytes = snap->resident_bytes },
	};
}

void idle_table_print(const struct output *out, const struct snapshot *snap)
{
	struct tables tables = empty_tables(snap);

	make_tables(&tables, out, snap);
	print_table(out, &tables.layout, &tables.idle);
}

void idle_table_print_writes(const struct output *out, const struct snapshot *snap)
{
	struct tables tables = empty_tables(snap);

	make_tables(&tables, out, snap);
	print_table(out, &tables.layout, &tables.unwritten);
}
