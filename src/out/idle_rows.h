/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The lines of the histogram by idle time, in words, for the forms for people. */
#ifndef WSSTAT_OUT_IDLE_ROWS_H
#define WSSTAT_OUT_IDLE_ROWS_H

#include "out/buckets.h"

struct idle_row {
	char label[BUCKET_LABEL_LEN]; /* "5 s - 10 s", "untracked" */
	const char *word;	      /* "hot", "written", "" */
	uint64_t bytes;
	int64_t ge_ns; /* idle for so long or longer */
	bool since_start;
	bool beside; /* what the buckets leave out: no idle time */
};

struct idle_rows {
	const char *title;
	struct idle_row at[BUCKETS_MAX + 2];
	unsigned int nr;
};

/*
 * What is called hot or cold, and what is only known to be written or not; either may be empty.
 * Buckets that cannot be filled yet are left out.  The first that is not empty ends with what the
 * buckets do not speak of, so that both together are what is resident.
 */
void idle_rows_make(struct idle_rows *idle, struct idle_rows *unwritten,
		    const struct run_info *info, const struct snapshot *snap);

#endif
