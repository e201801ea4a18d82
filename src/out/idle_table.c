/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bars are drawn to the scale of the longest and fill what the terminal leaves. */
#include "config.h"

#include "out/idle_table.h"

#include <string.h>

#include "out/buckets.h"
#include "out/output.h"
#include "out/words.h"

#define LABEL_LEN (2 * FORMAT_LEN + 16)
#define LABEL_MIN 11
#define NUMBERS_WIDTH 33 /* of a line, but its label, its word and its bar */

struct line {
	char label[LABEL_LEN];
	const char *word;
	uint64_t bytes;
};

struct table {
	struct line lines[BUCKETS_MAX + 1];
	unsigned int nr;
	int label_width, word_width, bar_width;
	uint64_t longest_bytes;
};

/*
 * hot: touched in the last window, so idle for 0.  cold: idle for cold_after or
 * longer.  --ages may set edges that cut neither here nor there.
 */
static const char *bucket_word(const struct bucket *bucket, const struct run_info *info)
{
	bool hot = bucket->ge_ns == 0;
	bool warm = bucket->lt_ns > info->interval_ns && bucket->ge_ns < info->cold_after_ns;
	bool cold = bucket->lt_ns > info->cold_after_ns;
	static const char *const words[2][2][2] = {
		{ { "warm", "cold" }, { "warm", "warm+cold" } },
		{ { "hot", "hot+cold" }, { "hot+warm", "hot..cold" } },
	};

	if (bucket->since_start)
		return "cold";
	return words[hot][warm][cold];
}

static void bucket_label(char label[LABEL_LEN], const struct bucket *bucket)
{
	char from[FORMAT_LEN], to[FORMAT_LEN];

	format_duration(from, bucket->ge_ns);
	format_duration(to, bucket->lt_ns);
	if (bucket->since_start)
		snprintf(label, LABEL_LEN, "since start, %s", words_at_least(from, bucket->ge_ns));
	else if (bucket->lt_ns == BUCKET_NO_END)
		snprintf(label, LABEL_LEN, ">= %s", from);
	else if (!bucket->ge_ns)
		snprintf(label, LABEL_LEN, "< %s", to);
	else
		snprintf(label, LABEL_LEN, "%s - %s", from, to);
}

static void table_add(struct table *table, const char *label, const char *word, uint64_t bytes)
{
	struct line *line = &table->lines[table->nr++];

	snprintf(line->label, sizeof(line->label), "%s", label);
	line->word = word;
	line->bytes = bytes;
	if (bytes > table->longest_bytes)
		table->longest_bytes = bytes;
	if ((int)strlen(label) > table->label_width)
		table->label_width = (int)strlen(label);
	if ((int)strlen(word) > table->word_width)
		table->word_width = (int)strlen(word);
}

static void add_buckets(struct table *table, const struct run_info *info,
			const struct snapshot *snap)
{
	struct bucket list[BUCKETS_MAX];
	unsigned int nr = buckets_idle(info->edges, &snap->figures, snap->observed_ns, list);
	char label[LABEL_LEN];

	for (unsigned int i = 0; i < nr; i++) {
		bool possible = list[i].ge_ns < snap->observed_ns || list[i].since_start;

		if (!possible && !list[i].bytes)
			continue;
		bucket_label(label, &list[i]);
		table_add(table, label, bucket_word(&list[i], info), list[i].bytes);
	}
}

static void print_bar(FILE *stream, uint64_t bytes, uint64_t longest_bytes, int width)
{
	int len;

	if (!bytes || width <= 0)
		return;
	len = (int)((double)bytes / (double)longest_bytes * width + 0.5);
	fputs("  #", stream); /* never nothing for something */
	for (int i = 1; i < len; i++)
		fputc('#', stream);
}

static void print_line(const struct output *out, const struct table *table, const struct line *line,
		       const char *percents[2])
{
	char size[FORMAT_LEN];

	fprintf(out->stream, "%-*s  %-*s  %9s  %7s  %7s", table->label_width, line->label,
		table->word_width, line->word, format_bytes(size, line->bytes), percents[0],
		percents[1]);
	print_bar(out->stream, line->bytes, table->longest_bytes, table->bar_width);
	fputc('\n', out->stream);
}

static void print_table(const struct output *out, const struct table *table,
			uint64_t resident_bytes)
{
	char share[FORMAT_LEN], within[FORMAT_LEN];
	const char *percents[] = { share, within };
	uint64_t sum = 0;

	fprintf(out->stream, "%-*s  %*s  %9s  %7s  %7s\n", table->label_width, "idle for",
		table->word_width, "", "size", "share", "within");
	for (unsigned int i = 0; i < table->nr; i++) {
		sum += table->lines[i].bytes;
		format_percent(share, table->lines[i].bytes, resident_bytes);
		format_percent(within, sum, resident_bytes);
		print_line(out, table, &table->lines[i], percents);
	}
}

void idle_table_print(const struct output *out, const struct snapshot *snap)
{
	struct table table = { .label_width = LABEL_MIN };

	add_buckets(&table, out->info, snap);
	if (snap->resident_bytes > snap->figures.tracked_bytes)
		table_add(&table, "untracked", "",
			  snap->resident_bytes - snap->figures.tracked_bytes);
	table.bar_width = out->columns - table.label_width - table.word_width - NUMBERS_WIDTH;
	print_table(out, &table, snap->resident_bytes);
}
