/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The command line, checked: what main() is to do. */
#ifndef WSSTAT_OPTIONS_H
#define WSSTAT_OPTIONS_H

#include "core/sampler.h"
#include "out/output.h"

#define PIDS_MAX 256

enum run_mode {
	MODE_ATTACH,
	MODE_LAUNCH,
	MODE_REPLAY,
	MODE_FEATURES,
	MODE_VERSION,
	MODE_HELP,
};

struct options {
	enum run_mode mode;
	int pid[PIDS_MAX]; /* in the order given */
	unsigned int nr_pids;
	const char **command; /* NULL-terminated, for MODE_LAUNCH */
	const char *replay_path;
	const char *output_path; /* NULL: standard output, or standard error when launching */
	const char *record_path; /* NULL: not recorded */
	enum {
		PAGES_NONE,
		PAGES_HOT,
		PAGES_COLD,
	} pages;			 /* of a recording, to be listed */
	const struct output_ops *output; /* unless live */
	bool live;
	bool quiet;
	bool verbose;
	bool cold_after_given, slo_given; /* else those of a recording are taken */
	struct sampler_config config;

	struct options_text *text; /* owns the strings */
};

/*
 * Parse and check.  On failure nothing is to be freed and err says what was wrong
 * and what to do.  *launching tells even then whether a command was given.
 */
must_check int options_parse(struct options *options, int argc, const char **argv, bool *launching,
			     struct error *err);

void options_print_help(FILE *stream);

void options_free(struct options *options);

#endif
