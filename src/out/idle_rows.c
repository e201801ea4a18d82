/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "out/idle_rows.h"

#include <stdio.h>

/* By whether the bucket holds what is hot, warm, cold. */
typedef const char *bucket_words[2][2][2];

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

static void add_bucket(struct idle_rows *rows, const struct bucket *bucket, const char *word)
{
	struct idle_row *row = &rows->at[rows->nr++];

	bucket_label(row->label, bucket);
	row->word = word;
	row->bytes = bucket->bytes;
	row->ge_ns = bucket->ge_ns;
	row->since_start = bucket->since_start;
}

static void add_buckets(struct idle_rows *rows, const bucket_words *words,
			const struct run_info *info, const struct snapshot *snap,
			const struct figures *figures)
{
	struct bucket list[BUCKETS_MAX];
	unsigned int nr = buckets_idle(info->edges, figures, snap->observed_ns, list);

	for (unsigned int i = 0; i < nr; i++) {
		bool possible = list[i].ge_ns < snap->observed_ns || list[i].since_start;

		if (possible || list[i].bytes)
			add_bucket(rows, &list[i], bucket_word(words, &list[i], info));
	}
}

/* Without page ages: what was referenced, and no more. */
static void add_referenced(struct idle_rows *rows, const struct run_info *info,
			   const struct snapshot *snap)
{
	struct bucket list[BUCKETS_MAX];

	buckets_referenced(info->edges, &snap->figures, list);
	add_bucket(rows, &list[0], "hot");
}

static void add_beside(struct idle_rows *rows, const char *label, uint64_t bytes)
{
	struct idle_row *row = &rows->at[rows->nr++];

	snprintf(row->label, sizeof(row->label), "%s", label);
	row->word = "";
	row->bytes = bytes;
	row->beside = true;
}

void idle_rows_make(struct idle_rows *idle, struct idle_rows *unwritten,
		    const struct run_info *info, const struct snapshot *snap)
{
	struct idle_rows *first;

	*idle = (struct idle_rows){ .title = "idle for" };
	*unwritten = (struct idle_rows){ .title = "unwritten for" };
	if (snap->ages)
		add_buckets(idle, &idle_words, info, snap, &snap->figures);
	else if (snap->tracked)
		add_referenced(idle, info, snap);
	if (snap->writes.tracked_bytes)
		add_buckets(unwritten, &write_words, info, snap, &snap->writes);
	first = idle->nr ? idle : unwritten;
	if (!first->nr)
		return;
	if (first == idle && snap->writes.tracked_bytes)
		add_beside(first, "writes only", snap->writes.tracked_bytes);
	if (snap->resident_bytes > snap->tracked_bytes)
		add_beside(first, "untracked", snap->resident_bytes - snap->tracked_bytes);
}
