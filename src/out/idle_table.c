/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One table of what is called hot or cold, and one of what is only known to be
 * written or not.  Bars are drawn to the scale of the longest of both and fill what
 * the terminal leaves.
 */
#include "config.h"

#include "out/idle_table.h"

#include <string.h>

#include "out/buckets.h"
#include "out/output.h"
#include "out/words.h"

#define LABEL_LEN BUCKET_LABEL_LEN
#define LABEL_MIN 11
#define NUMBERS_WIDTH 33 /* of a line, but its label, its word and its bar */

struct line {
	char label[LABEL_LEN];
	const char *word;
	uint64_t bytes;
};

/* By whether the bucket holds what is hot, warm, cold. */
typedef const char *bucket_words[2][2][2];

struct table {
	const char *title;
	const bucket_words *words;
	struct line lines[BUCKETS_MAX + 2];
	unsigned int nr;
};

/* The columns that all tables have in common. */
struct layout {
	int label_width, word_width, bar_width;
	uint64_t longest_bytes;
	uint64_t resident_bytes;
};

/* --ages may set edges that cut neither at hot nor at cold. */
static const bucket_words idle_words = {
	{ { "warm", "cold" }, { "warm", "warm+cold" } },
	{ { "hot", "hot+cold" }, { "hot+warm", "hot..cold" } },
};

/* What was not read is not known: there is no word for a bit of both. */
static const bucket_words write_words = {
	{ { "", "unwritten" }, { "", "" } },
	{ { "written", "" }, { "", "" } },
};

/*
 * hot: touched in the last window, so idle for 0.  cold: idle for cold_after or
 * longer.
 */
static const char *bucket_word(const bucket_words *words, const struct bucket *bucket,
			       const struct run_info *info)
{
	bool hot = bucket->ge_ns == 0;
	bool warm = bucket->lt_ns > info->interval_ns && bucket->ge_ns < info->cold_after_ns;
	bool cold = bucket->lt_ns > info->cold_after_ns;

	return bucket->since_start ? (*words)[0][0][1] : (*words)[hot][warm][cold];
}

static void table_add(struct table *table, const char *label, const char *word, uint64_t bytes)
{
	struct line *line = &table->lines[table->nr++];

	snprintf(line->label, sizeof(line->label), "%s", label);
	line->word = word;
	line->bytes = bytes;
}

static void add_buckets(struct table *table, const struct output *out, const struct snapshot *snap,
			const struct figures *figures)
{
	struct bucket list[BUCKETS_MAX];
	unsigned int nr = buckets_idle(out->info.edges, figures, snap->observed_ns, list);
	char label[LABEL_LEN];

	for (unsigned int i = 0; i < nr; i++) {
		bool possible = list[i].ge_ns < snap->observed_ns || list[i].since_start;

		if (!possible && !list[i].bytes)
			continue;
		bucket_label(label, &list[i]);
		table_add(table, label, bucket_word(table->words, &list[i], &out->info),
			  list[i].bytes);
	}
}

/* Without page ages: what was referenced, and no more. */
static void add_referenced(struct table *table, const struct output *out,
			   const struct snapshot *snap)
{
	struct bucket list[BUCKETS_MAX];
	char label[LABEL_LEN];

	buckets_referenced(out->info.edges, &snap->figures, list);
	bucket_label(label, &list[0]);
	table_add(table, label, "hot", list[0].bytes);
}

/* What the table's buckets leave out of resident, so that it ends at 100 %. */
static void add_others(struct table *table, const struct snapshot *snap)
{
	if (table->words == &idle_words && snap->writes.tracked_bytes)
		table_add(table, "writes only", "", snap->writes.tracked_bytes);
	if (snap->resident_bytes > snap->tracked_bytes)
		table_add(table, "untracked", "", snap->resident_bytes - snap->tracked_bytes);
}

static void fit(struct layout *layout, const struct table *table)
{
	if (!table->nr)
		return;
	if ((int)strlen(table->title) > layout->label_width)
		layout->label_width = (int)strlen(table->title);
	for (unsigned int i = 0; i < table->nr; i++) {
		const struct line *line = &table->lines[i];

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
		       const struct line *line, uint64_t sum_bytes)
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
			const struct table *table)
{
	uint64_t sum_bytes = 0;

	if (!table->nr)
		return;
	fprintf(out->stream, "%-*s  %*s  %9s  %7s  %7s\n", layout->label_width, table->title,
		layout->word_width, "", "size", "share", "within");
	for (unsigned int i = 0; i < table->nr; i++) {
		sum_bytes += table->lines[i].bytes;
		print_line(out, layout, &table->lines[i], sum_bytes);
	}
	fputc('\n', out->stream);
}

/* Both tables of a sample, of which either may be empty. */
struct tables {
	struct table idle, unwritten;
	struct layout layout;
};

static void make_tables(struct tables *tables, const struct output *out,
			const struct snapshot *snap)
{
	struct table *idle = &tables->idle, *unwritten = &tables->unwritten;
	struct layout *layout = &tables->layout;

	if (snap->ages)
		add_buckets(idle, out, snap, &snap->figures);
	else if (snap->tracked)
		add_referenced(idle, out, snap);
	if (snap->writes.tracked_bytes)
		add_buckets(unwritten, out, snap, &snap->writes);
	if (idle->nr || unwritten->nr)
		add_others(idle->nr ? idle : unwritten, snap);
	fit(layout, idle);
	fit(layout, unwritten);
	layout->bar_width = out->columns - layout->label_width - layout->word_width - NUMBERS_WIDTH;
}

static struct tables empty_tables(const struct snapshot *snap)
{
	return (struct tables){
		.idle = { .title = "idle for", .words = &idle_words },
		.unwritten = { .title = "unwritten for", .words = &write_words },
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
