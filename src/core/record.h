/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a recording holds, record by record, as a player takes it: all that the figures are
 * computed from, and none of them.
 */
#ifndef WSSTAT_CORE_RECORD_H
#define WSSTAT_CORE_RECORD_H

#include "core/look.h"
#include "core/owners.h"
#include "model/snapshot.h"

enum record_kind {
	RECORD_HEADER,
	RECORD_ARMED,
	RECORD_SAMPLE,
	RECORD_EVENT,
	RECORD_SUMMARY,
};

/* What it points to belongs to who made it, and lives until the next one. */
struct record {
	enum record_kind kind;
	int pid;
	const char *comm;	  /* header, sample, summary: as of then */
	struct run_info info;	  /* header: all but the edges */
	struct edges ages;	  /* header: with --ages; else none */
	struct snapshot snap;	  /* sample: number, times, cost of wsstat, use of huge pages */
	const struct look *looks; /* armed, sample: in their order */
	unsigned int nr_looks;
	const struct owners *owners; /* armed, sample: as of the last look */
	struct event event;	     /* event */
	struct run_summary summary;  /* summary: end, times, cost of wsstat, split huge pages */
};

#endif
