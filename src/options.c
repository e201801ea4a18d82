/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The option table, and its checks. */
#include "config.h"

#include "options.h"

#include <errno.h>
#include <popt.h>
#include <string.h>

#include "base/clock.h"
#include "base/parse.h"
#include "base/units.h"

#define MIN_INTERVAL_NS INT64_C(1000000)

/* What popt gives: strings belong to us. */
struct options_text {
	poptContext popt;
	char *interval, *count, *duration, *ages, *cold_after, *output, *replay, *record, *pages,
		*cells, *by, *method, *slo;
	char *region[SELECT_MAX], *pid[PIDS_MAX];
	unsigned int nr_regions, nr_pids;
	int follow, json, brief, live, features, quiet, version, help, exact, soft_dirty, decide;
	unsigned int verbose;
};

enum option_code {
	OPTION_PID = 1,
	OPTION_REGION,
	OPTION_VERBOSE,
	OPTION_VALUE, /* any other with a value */
};

/* One instance for popt's table, which wants addresses; copied out afterwards. */
static struct options_text given;
static char *one_value;

static const struct poptOption option_table[] = {
	{ "pid", 'p', POPT_ARG_STRING, &one_value, OPTION_PID,
	  "observe this running process; repeatable", "PID" },
	{ "follow", 'f', POPT_ARG_NONE, &given.follow, 0, "observe its children, too", NULL },
	{ "interval", 'i', POPT_ARG_STRING, &given.interval, OPTION_VALUE,
	  "time between samples (5s; a bare number is seconds)", "TIME" },
	{ "count", 'n', POPT_ARG_STRING, &given.count, OPTION_VALUE, "end after so many samples",
	  "N" },
	{ "duration", 'd', POPT_ARG_STRING, &given.duration, OPTION_VALUE, "end after this time",
	  "TIME" },
	{ "region", 'r', POPT_ARG_STRING, &one_value, OPTION_REGION,
	  "observe only mappings of this kind, name (glob) or START-END; repeatable", "SELECT" },
	{ "method", 'm', POPT_ARG_STRING, &given.method, OPTION_VALUE,
	  "how accesses are seen: auto (the best for each mapping), rwp, zap, wp, refs", "METHOD" },
	{ "exact", '\0', POPT_ARG_NONE, &given.exact, 0,
	  "split huge pages to see 4 KiB; they are put together again at the end", NULL },
	{ "soft-dirty", '\0', POPT_ARG_NONE, &given.soft_dirty, 0,
	  "tell reads from writes where rwp sees them, by clearing soft-dirty bits", NULL },
	{ "json", 'j', POPT_ARG_NONE, &given.json, 0, "JSON Lines", NULL },
	{ "brief", '\0', POPT_ARG_NONE, &given.brief, 0, "one line a sample", NULL },
	{ "live", 'l', POPT_ARG_NONE, &given.live, 0, "full-screen view; h in it shows its keys",
	  NULL },
	{ "output", 'o', POPT_ARG_STRING, &given.output, OPTION_VALUE,
	  "write the results to this file", "FILE" },
	{ "ages", '\0', POPT_ARG_STRING, &given.ages, OPTION_VALUE,
	  "edges of the idle-age histogram, as 1s,10s,5m", "LIST" },
	{ "cold-after", '\0', POPT_ARG_STRING, &given.cold_after, OPTION_VALUE,
	  "idle for so long is cold (2m)", "TIME" },
	{ "decide", '\0', POPT_ARG_NONE, &given.decide, 0,
	  "show with each sample, too, what taking cold memory away would have cost", NULL },
	{ "by", '\0', POPT_ARG_STRING, &given.by, OPTION_VALUE,
	  "whose memory it is: by mapping, kind, section or symbol", "WHAT" },
	{ "cells", '\0', POPT_ARG_STRING, &given.cells, OPTION_VALUE,
	  "with --json: show each mapping in N pieces, too", "N" },
	{ "slo", '\0', POPT_ARG_STRING, &given.slo, OPTION_VALUE,
	  "that shall cost less than this share of the working set a minute (0.2%)", "PERCENT" },
	{ "record", '\0', POPT_ARG_STRING, &given.record, OPTION_VALUE,
	  "write the run to this file, too, for --replay", "FILE" },
	{ "replay", '\0', POPT_ARG_STRING, &given.replay, OPTION_VALUE,
	  "show a recorded run instead of a process", "FILE" },
	{ "pages", '\0', POPT_ARG_STRING, &given.pages, OPTION_VALUE,
	  "with --replay: list the pages that are hot or cold in the end", "hot|cold" },
	{ "features", '\0', POPT_ARG_NONE, &given.features, 0, "tell what works here, and why not",
	  NULL },
	{ "quiet", 'q', POPT_ARG_NONE, &given.quiet, 0, "no warnings", NULL },
	{ "verbose", 'v', POPT_ARG_NONE, NULL, OPTION_VERBOSE,
	  "more words, all mappings, mapping events", NULL },
	{ "version", 'V', POPT_ARG_NONE, &given.version, 0, "tell the version", NULL },
	{ "help", 'h', POPT_ARG_NONE, &given.help, 0, "show this help", NULL },
	POPT_TABLEEND,
};

static poptContext make_context(int argc, const char **argv)
{
	poptContext popt = poptGetContext("wsstat", argc, argv, option_table,
					  POPT_CONTEXT_POSIXMEHARDER);

	if (popt)
		poptSetOtherOptionHelp(popt,
				       "[OPTION...] -p PID | [OPTION...] -- COMMAND [ARG...]");
	return popt;
}

void options_print_help(FILE *stream)
{
	static const char *no_args[] = { "wsstat", NULL };
	poptContext popt = make_context(1, no_args);

	if (!popt)
		return;
	poptPrintHelp(popt, stream, 0);
	poptFreeContext(popt);
	fputs("\nShows which memory of a process is hot, which is cold, and for how long.\n"
	      "TIME is a number with ns, us, ms, s, m or h. See wsstat(1).\n",
	      stream);
}

/* popt has no word for it when it has no memory for a value: the value is not there. */
static bool value_lost(poptContext popt, int code)
{
	auto_free char *copy = code == OPTION_VALUE ? poptGetOptArg(popt) : NULL;

	if (code == OPTION_VALUE)
		return !copy;
	return code != OPTION_VERBOSE && !one_value;
}

static int keep_value(char **list, unsigned int *nr, unsigned int max, const char *name,
		      char *value, struct error *err)
{
	if (*nr == max) {
		free(value);
		return error_set(err, ERROR_USAGE, 0, "%s: at most %u can be given", name, max);
	}
	list[(*nr)++] = value;
	return 0;
}

/* Options that may be given several times. */
static int take_repeated(int code, struct error *err)
{
	char *value = one_value;

	one_value = NULL;
	switch (code) {
	case OPTION_PID:
		return keep_value(given.pid, &given.nr_pids, PIDS_MAX, "--pid", value, err);
	case OPTION_REGION:
		return keep_value(given.region, &given.nr_regions, SELECT_MAX, "--region", value,
				  err);
	case OPTION_VERBOSE:
		given.verbose++;
		return 0;
	default:
		return 0;
	}
}

static int read_options(poptContext popt, struct error *err)
{
	int code, rc;

	while ((code = poptGetNextOpt(popt)) > 0) {
		if (value_lost(popt, code))
			return error_set(err, ERROR_FAILED, ENOMEM, "cannot read the options");
		rc = take_repeated(code, err);
		if (rc)
			return rc;
	}
	if (code < -1)
		return error_set(err, ERROR_USAGE, 0, "%s: %s (see wsstat --help)",
				 poptBadOption(popt, POPT_BADOPTION_NOALIAS), poptStrerror(code));
	return 0;
}

/* At most one of each pair. */
static int check_exclusive(bool command, struct error *err)
{
	const struct {
		bool first, second;
		const char *names;
	} pairs[] = {
		{ given.nr_pids, command, "--pid and a command" },
		{ given.nr_pids, given.replay, "--pid and --replay" },
		{ given.replay, command, "--replay and a command" },
		{ given.replay, given.interval, "--replay and --interval" },
		{ given.json, given.brief, "--json and --brief" },
		{ given.live, given.json, "--live and --json" },
		{ given.live, given.brief, "--live and --brief" },
		{ given.live, given.output, "--live and --output" },
		{ given.live, given.features, "--live and --features" },
		{ given.live, given.pages, "--live and --pages" },
		{ given.pages, given.brief, "--pages and --brief" },
		{ given.pages, given.record, "--pages and --record" },
		{ given.pages, given.decide, "--pages and --decide" },
		{ given.pages, given.cells, "--pages and --cells" },
		{ given.features, given.cells, "--features and --cells" },
		{ given.features, given.by, "--features and --by" },
		{ given.pages, given.by, "--pages and --by" },
		{ given.brief, given.by, "--brief and --by" },
		{ given.quiet, given.verbose, "--quiet and --verbose" },
		{ given.features, given.replay, "--features and --replay" },
		{ given.features, command, "--features and a command" },
		{ given.features, given.brief, "--features and --brief" },
		{ given.features, given.decide, "--features and --decide" },
		{ given.features, given.slo, "--features and --slo" },
		{ given.features, given.record, "--features and --record" },
		{ given.replay, given.follow, "--replay and --follow" },
		{ given.features, given.follow, "--features and --follow" },
		{ given.replay, given.method, "--replay and --method" },
		{ given.replay, given.exact, "--replay and --exact" },
		{ given.replay, given.soft_dirty, "--replay and --soft-dirty" },
	};

	for (unsigned int i = 0; i < ARRAY_LEN(pairs); i++)
		if (pairs[i].first && pairs[i].second)
			return error_set(err, ERROR_USAGE, 0, "%s cannot be given together",
					 pairs[i].names);
	if (given.features && given.nr_pids > 1)
		return error_set(err, ERROR_USAGE, 0,
				 "--pid was given %u times; --features tells of one process",
				 given.nr_pids);
	return 0;
}

static int take_duration(const char *name, const char *text, int64_t least_ns, int64_t *ns,
			 struct error *err)
{
	int rc;

	if (!text)
		return 0;
	rc = parse_duration(text, ns, err);
	if (rc) {
		error_context(err, "%s", name);
		return rc;
	}
	if (*ns < least_ns)
		return error_set(err, ERROR_USAGE, 0, "%s: '%s' is too short; at least %s", name,
				 text, least_ns > 1 ? "1ms" : "more than 0");
	if (*ns > LONGEST_NS)
		return error_set(err, ERROR_USAGE, 0, "%s: '%s' is too long a time", name, text);
	return 0;
}

static int take_count(uint64_t *count, struct error *err)
{
	int rc;

	if (!given.count)
		return 0;
	rc = parse_u64(given.count, count, err);
	if (rc) {
		error_context(err, "--count");
		return rc;
	}
	return *count ? 0 : error_set(err, ERROR_USAGE, 0, "--count: '0' samples show nothing");
}

static int take_ages(struct sampler_config *config, struct error *err)
{
	struct edges *edges = &config->edges;
	int rc;

	if (!given.ages) {
		/* In the live view the interval can be changed, the edges cannot. */
		edges_default(edges,
			      given.live && config->interval_ns > NS_PER_S ? NS_PER_S
									   : config->interval_ns,
			      config->cold_after_ns);
		return 0;
	}
	edges->ns[0] = 0;
	rc = parse_duration_list(given.ages, edges->ns + 1, EDGES_MAX - 2, &edges->nr, err);
	if (rc) {
		error_context(err, "--ages");
		return rc;
	}
	edges->nr++;
	config->ages_given = true;
	return 0;
}

static int take_slo(struct sampler_config *config, struct error *err)
{
	int rc;

	config->slo = PERCENT / 5;
	if (!given.slo)
		return 0;
	rc = parse_percent(given.slo, &config->slo, err);
	if (rc) {
		error_context(err, "--slo");
		return rc;
	}
	return config->slo ? 0
			   : error_set(err, ERROR_USAGE, 0,
				       "--slo: nothing costs less than '%s'; at least 0.000001",
				       given.slo);
}

static int take_by(struct sampler_config *config, struct error *err)
{
	if (!given.by)
		return 0;
	for (enum groups_by by = BY_MAPPING; by <= BY_SYMBOL; by++)
		if (!strcmp(given.by, groups_by_name(by)))
			config->by = by;
	return config->by ? 0
			  : error_set(err, ERROR_USAGE, 0,
				      "--by: '%s' is none of mapping, kind, section, symbol",
				      given.by);
}

static int take_cells(struct sampler_config *config, struct error *err)
{
	uint64_t cells;
	int rc;

	if (!given.cells)
		return 0;
	rc = parse_u64(given.cells, &cells, err);
	if (rc) {
		error_context(err, "--cells");
		return rc;
	}
	if (!cells || cells > CELLS_MAX)
		return error_set(err, ERROR_USAGE, 0, "--cells: '%s' is not of 1 to %u",
				 given.cells, CELLS_MAX);
	if (!given.json)
		return error_set(err, ERROR_USAGE, 0, "--cells are shown with --json only");
	config->cells = (unsigned int)cells;
	return 0;
}

static int take_method(struct target_config *config, struct error *err)
{
	static const enum region_method methods[] = { METHOD_RWP, METHOD_ZAP, METHOD_WP,
						      METHOD_REFS };

	config->exact = given.exact;
	config->soft_dirty = given.soft_dirty;
	if (!given.method || !strcmp(given.method, "auto"))
		return 0;
	for (unsigned int i = 0; i < ARRAY_LEN(methods); i++)
		if (!strcmp(given.method, region_method_name(methods[i])))
			config->method = methods[i];
	if (!config->method)
		return error_set(err, ERROR_USAGE, 0,
				 "--method: '%s' is none of auto, rwp, zap, wp, refs",
				 given.method);
	if (config->soft_dirty && config->method != METHOD_RWP)
		return error_set(
			err, ERROR_USAGE, 0,
			"--soft-dirty tells reads from writes on method rwp only, not on %s",
			given.method);
	if (config->exact && config->method == METHOD_REFS)
		return error_set(err, ERROR_USAGE, 0,
				 "--exact: method refs sees no pages, huge or small");
	return 0;
}

static int take_regions(struct selection *selection, struct error *err)
{
	for (unsigned int i = 0; i < given.nr_regions; i++) {
		int rc = selection_add(selection, given.region[i], err);

		if (rc)
			return rc;
	}
	return 0;
}

static int take_pids(struct options *options, struct error *err)
{
	for (unsigned int i = 0; i < given.nr_pids; i++) {
		int rc = parse_pid(given.pid[i], &options->pid[i], err);

		if (rc) {
			error_context(err, "--pid");
			return rc;
		}
		for (unsigned int j = 0; j < i; j++)
			if (options->pid[j] == options->pid[i])
				return error_set(err, ERROR_USAGE, 0, "--pid: %d was given twice",
						 options->pid[i]);
	}
	options->nr_pids = given.nr_pids;
	return 0;
}

/* Is there time for a sample? A recording's interval is not known yet. */
static int check_duration(const struct sampler_config *config, struct error *err)
{
	if (!config->duration_ns || given.replay || config->duration_ns >= config->interval_ns)
		return 0;
	return error_set(err, ERROR_USAGE, 0, "--duration: '%s' is shorter than the interval (%s)",
			 given.duration, given.interval ? given.interval : "5s");
}

static int take_config(struct sampler_config *config, struct error *err)
{
	int rc;

	config->interval_ns = 5 * NS_PER_S;
	config->cold_after_ns = 120 * NS_PER_S;
	config->follow = given.follow;
	config->decide = given.decide || given.live;
	rc = take_duration("--interval", given.interval, MIN_INTERVAL_NS, &config->interval_ns,
			   err);
	if (!rc)
		rc = take_duration("--duration", given.duration, 1, &config->duration_ns, err);
	if (!rc)
		rc = check_duration(config, err);
	if (!rc)
		rc = take_duration("--cold-after", given.cold_after, 1, &config->cold_after_ns,
				   err);
	if (!rc)
		rc = take_count(&config->count, err);
	if (!rc)
		rc = take_ages(config, err);
	if (!rc)
		rc = take_slo(config, err);
	if (!rc)
		rc = take_cells(config, err);
	if (!rc)
		rc = take_by(config, err);
	if (!rc)
		rc = take_method(&config->target, err);
	return rc ? rc : take_regions(&config->selection, err);
}

static int take_pages(struct options *options, struct error *err)
{
	if (!given.pages)
		return 0;
	if (!strcmp(given.pages, "hot"))
		options->pages = PAGES_HOT;
	else if (!strcmp(given.pages, "cold"))
		options->pages = PAGES_COLD;
	else
		return error_set(err, ERROR_USAGE, 0, "--pages: '%s' is neither hot nor cold",
				 given.pages);
	if (!given.replay)
		return error_set(err, ERROR_USAGE, 0,
				 "--pages lists pages of a recording: give --replay FILE");
	return 0;
}

static int choose_mode(struct options *options, struct error *err)
{
	if (given.help)
		options->mode = MODE_HELP;
	else if (given.version)
		options->mode = MODE_VERSION;
	else if (given.features)
		options->mode = MODE_FEATURES;
	else if (given.replay)
		options->mode = MODE_REPLAY;
	else if (options->command)
		options->mode = MODE_LAUNCH;
	else if (given.nr_pids)
		options->mode = MODE_ATTACH;
	else
		return error_set(
			err, ERROR_USAGE, 0,
			"nothing to observe: give -p PID or -- COMMAND (see wsstat --help)");
	return 0;
}

static int take_all(struct options *options, struct error *err)
{
	int rc = choose_mode(options, err);

	if (rc || options->mode == MODE_HELP || options->mode == MODE_VERSION)
		return rc;
	rc = check_exclusive(options->command != NULL, err);
	if (!rc)
		rc = take_pids(options, err);
	if (!rc)
		rc = take_config(&options->config, err);
	options->replay_path = given.replay;
	options->output_path = given.output;
	options->output = given.json ? &output_json : given.brief ? &output_brief : &output_text;
	options->live = given.live;
	options->quiet = given.quiet;
	options->verbose = given.verbose;
	options->record_path = given.record;
	if (!rc)
		rc = take_pages(options, err);
	options->cold_after_given = given.cold_after != NULL;
	options->slo_given = given.slo != NULL;
	if (!rc && given.record && given.output && !strcmp(given.record, given.output))
		return error_set(err, ERROR_USAGE, 0,
				 "--record and --output name the same file '%s'", given.record);
	if (!rc && given.record && given.replay && !strcmp(given.record, given.replay))
		return error_set(err, ERROR_USAGE, 0,
				 "--record and --replay name the same file '%s'", given.record);
	return rc;
}

int options_parse(struct options *options, int argc, const char **argv, bool *launching,
		  struct error *err)
{
	int rc;

	*options = (struct options){ 0 };
	*launching = false;
	given = (struct options_text){ 0 };
	given.popt = make_context(argc, argv);
	if (!given.popt)
		return error_set(err, ERROR_FAILED, ENOMEM, "cannot read the options");
	rc = read_options(given.popt, err);
	options->text = &given;
	options->command = poptGetArgs(given.popt);
	*launching = options->command != NULL;
	for (int i = 1; i < argc && !*launching; i++)
		*launching = !strcmp(argv[i], "--");
	if (!rc)
		rc = take_all(options, err);
	if (rc)
		options_free(options);
	return rc;
}

void options_free(struct options *options)
{
	if (!options->text)
		return;
	poptFreeContext(given.popt);
	for (unsigned int i = 0; i < given.nr_regions; i++)
		free(given.region[i]);
	for (unsigned int i = 0; i < given.nr_pids; i++)
		free(given.pid[i]);
	free(given.interval);
	free(given.count);
	free(given.duration);
	free(given.ages);
	free(given.cold_after);
	free(given.output);
	free(given.replay);
	free(given.record);
	free(given.pages);
	free(given.cells);
	free(given.by);
	free(given.method);
	free(given.slo);
	free(one_value);
	given = (struct options_text){ 0 };
	options->text = NULL;
}
