/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Targets by their pids; an ended one stays, since outputs may point to what it had. */
#include "config.h"

#include "core/player.h"

#include <errno.h>
#include <string.h>

#include "core/inspect.h"
#include "core/tell.h"
#include "core/whose.h"

struct played {
	struct run_info info;
	struct edges edges;
	char *comm, *version, *kernel;
	struct tell tell;
	struct books books;
	struct whose *whose;  /* NULL unless --by */
	struct owners owners; /* as of the last sample */
	struct inspect inspect;
	bool armed, ended;
	int64_t wall_ns, elapsed_ns; /* of the last sample */
	struct cost cost;	     /* of wsstat, added up */
	struct played *next;
};

struct player {
	const struct player_config *config;
	struct played *first; /* the latest header first */
	unsigned int samples;
};

struct player *player_new(const struct player_config *config)
{
	struct player *player = malloc(sizeof(*player));

	if (player)
		*player = (struct player){ .config = config };
	return player;
}

static void played_free(struct played *played)
{
	if (!played)
		return;
	books_close(&played->books);
	whose_free(played->whose);
	owners_free(&played->owners);
	tell_free(&played->tell);
	free(played->comm);
	free(played->version);
	free(played->kernel);
	free(played);
}

void player_free(struct player *player)
{
	struct played *next;

	for (struct played *played = player ? player->first : NULL; played; played = next) {
		next = played->next;
		played_free(played);
	}
	free(player);
}

unsigned int player_samples(const struct player *player)
{
	return player->samples;
}

static int no_memory(struct error *err)
{
	return error_set(err, ERROR_FAILED, ENOMEM, "cannot show the recording");
}

static int misfit(const char *what, struct error *err)
{
	return error_set(err, ERROR_USAGE, 0, "the recording has %s", what);
}

static struct played *find(struct player *player, int pid)
{
	struct played *played = player->first;

	while (played && played->info.pid != pid)
		played = played->next;
	return played;
}

/* An exec gives it another name. */
static int set_comm(struct played *played, const char *comm, struct error *err)
{
	char *copy;

	if (played->comm && !strcmp(played->comm, comm))
		return 0;
	copy = strdup(comm);
	if (!copy)
		return no_memory(err);
	free(played->comm);
	played->comm = copy;
	played->info.comm = played->tell.comm = copy;
	return 0;
}

/* What the user asks for now goes before what was asked for then. */
static void choose(struct played *played, const struct player_config *config,
		   const struct record *record)
{
	if (config->slo)
		played->info.slo = config->slo;
	if (config->cold_after_ns)
		played->info.cold_after_ns = config->cold_after_ns;
	if (config->ages)
		played->edges = *config->ages;
	else if (record->ages.nr)
		played->edges = record->ages;
	else
		edges_default(&played->edges, played->info.interval_ns, played->info.cold_after_ns);
	played->info.edges = &played->edges;
}

static int take_header(struct player *player, const struct record *record, struct error *err)
{
	const struct player_config *config = player->config;
	struct played *played = calloc(1, sizeof(*played));

	if (!played)
		return no_memory(err);
	played->next = player->first;
	player->first = played;
	played->info = record->info;
	played->info.cells = config->cells;
	played->whose = config->by ? whose_new(config->by) : NULL;
	if (config->by && !played->whose)
		return no_memory(err);
	played->version = strdup(record->info.version);
	played->kernel = strdup(record->info.kernel);
	played->info.version = played->version;
	played->info.kernel = played->kernel;
	if (!played->version || !played->kernel)
		return no_memory(err);
	choose(played, config, record);
	played->cost.stopped_ns = played->cost.longest_stop_ns = record->info.stopped_ns;
	played->tell = (struct tell){
		.listener = config->listener,
		.decide = { .edges = &played->edges, .slo = played->info.slo },
		.decide_each = config->decide,
	};
	if (set_comm(played, record->comm, err))
		return -ENOMEM;
	return tell_header(&played->tell, &played->info, err);
}

/* The looks of a record, from one of them on. */
static int relive(const struct player *player, struct played *played, const struct record *record,
		  unsigned int from, unsigned int sample, struct error *err)
{
	int rc = 0;

	for (; from < record->nr_looks && !rc; from++)
		rc = books_relive(&played->books, &record->looks[from], player->config->selection,
				  sample, err);
	return rc;
}

static int take_armed(const struct player *player, struct played *played,
		      const struct record *record, struct error *err)
{
	int rc;

	if (!record->nr_looks)
		return misfit("memory that was armed unseen", err);
	played->inspect.books = NULL;
	books_close(&played->books);
	rc = books_open(&played->books, &played->edges, 0, err);
	/* Those before are of a sample that came to nothing, of the memory before. */
	if (!rc)
		rc = relive(player, played, record, record->nr_looks - 1, played->tell.samples,
			    err);
	region_changes_free(&played->books.changes); /* at the start all is new */
	played->armed = true;
	return rc;
}

/* Samples come in the order of their times. */
static int check_times(const struct played *played, const struct snapshot *snap, struct error *err)
{
	const struct epochs *epochs = &played->books.epochs;

	if (!played->armed)
		return misfit("a sample of memory that was never armed", err);
	if (snap->nominal_ns < epochs->at_ns[epochs->now] ||
	    snap->sample != played->tell.samples + 1 ||
	    snap->elapsed_ns < played->elapsed_ns + snap->window_ns)
		return misfit("samples that are not in their order", err);
	if (snap->window_ns > snap->observed_ns || snap->nominal_ns > snap->observed_ns ||
	    snap->observed_ns > snap->elapsed_ns)
		return misfit("a sample with times that cannot be", err);
	return 0;
}

/* Anybody may have written the file. */
static void add_ns(int64_t *sum, int64_t ns)
{
	if (__builtin_add_overflow(*sum, ns, sum))
		*sum = INT64_MAX;
}

static void add_cost(struct cost *sum, const struct cost *cost)
{
	add_ns(&sum->ioctl_ns, cost->ioctl_ns);
	add_ns(&sum->cpu_ns, cost->cpu_ns);
	add_ns(&sum->target_cpu_ns, cost->target_cpu_ns);
	sum->target_cpu_known = sum->target_cpu_ns > 0;
	add_ns(&sum->stopped_ns, cost->stopped_ns);
	sum->stops += cost->stops;
	if (cost->longest_stop_ns > sum->longest_stop_ns)
		sum->longest_stop_ns = cost->longest_stop_ns;
}

/* The summary's costs; what the samples add up stands in .sum already. */
static void set_cost(struct cost *told, const struct cost *cost)
{
	const struct cost summed = *told;

	*told = *cost;
	told->faults = summed.faults;
	told->lost_access_bound_bytes = summed.lost_access_bound_bytes;
}

static int end(struct played *played, enum run_end why, int64_t wall_ns, int64_t elapsed_ns,
	       struct error *err)
{
	const struct tick tick = { .now_ns = elapsed_ns, .wall_ns = wall_ns };

	played->ended = true;
	return tell_summary(&played->tell, why, &tick, 0, err);
}

/* Where no summary was recorded, or the user wants no more. */
static int end_early(struct played *played, enum run_end why, struct error *err)
{
	set_cost(&played->tell.sum.cost, &played->cost);
	return end(played, why, played->wall_ns, played->elapsed_ns, err);
}

static int begin_inspect(struct played *played, const struct record *record, struct snapshot *snap,
			 struct error *err)
{
	if (owners_copy(&played->owners, record->owners))
		return no_memory(err);
	played->inspect = (struct inspect){
		.books = &played->books,
		.owners = &played->owners,
		.wall_ns = played->info.wall_ns,
		.observed_ns = snap->observed_ns,
		.cold_after_ns = played->info.cold_after_ns,
	};
	snap->inspect = &played->inspect;
	return 0;
}

static int take_sample(struct player *player, struct played *played, const struct record *record,
		       struct error *err)
{
	const struct books_view view = { .cold_after_ns = played->info.cold_after_ns,
					 .cells = player->config->cells };
	const struct whose_source source = { .wall_ns = played->info.wall_ns };
	struct snapshot snap = record->snap;
	int rc = check_times(played, &snap, err);

	played->inspect.books = NULL;
	if (!rc)
		rc = set_comm(played, record->comm, err);
	if (!rc)
		rc = books_window(&played->books, snap.nominal_ns, snap.sample, err);
	if (!rc)
		rc = relive(player, played, record, 0, snap.sample, err);
	if (rc)
		return rc;
	snap.pid = played->info.pid;
	snap.comm = played->comm;
	rc = books_snapshot(&played->books, &view, &snap, err);
	if (!rc && played->whose)
		rc = whose_fill(played->whose, &source, &played->books, record->owners,
				played->info.cold_after_ns, &snap, err);
	if (rc)
		return rc;
	rc = begin_inspect(played, record, &snap, err);
	if (rc)
		return rc;
	tell_count_gone(&played->tell, &played->books.changes);
	add_cost(&played->cost, &snap.cost);
	played->wall_ns = snap.wall_ns;
	played->elapsed_ns = snap.elapsed_ns;
	player->samples++;
	rc = tell_sample_only(&played->tell, &snap, err);
	if (!rc && player->config->count && played->tell.samples >= player->config->count)
		rc = end_early(played, END_COUNT, err);
	return rc;
}

static int take_summary(struct played *played, const struct record *record, struct error *err)
{
	struct run_summary *sum = &played->tell.sum;

	if (set_comm(played, record->comm, err))
		return -ENOMEM;
	set_cost(&sum->cost, &record->summary.cost);
	sum->split_bytes = record->summary.split_bytes;
	sum->collapsed_bytes = record->summary.collapsed_bytes;
	return end(played, record->summary.end, record->summary.wall_ns, record->summary.elapsed_ns,
		   err);
}

/* Is it later than the user wants to see? */
static bool too_late(const struct player *player, const struct record *record)
{
	const int64_t elapsed_ns = record->kind == RECORD_SAMPLE  ? record->snap.elapsed_ns
				   : record->kind == RECORD_EVENT ? record->event.elapsed_ns
								  : 0;

	return player->config->duration_ns && elapsed_ns > player->config->duration_ns;
}

int player_take(struct player *player, const struct record *record, struct error *err)
{
	const struct listener *listener = player->config->listener;
	struct played *played = find(player, record->pid);

	if (record->kind == RECORD_HEADER)
		return played && !played->ended ? misfit("two headers of a process", err)
						: take_header(player, record, err);
	if (!played)
		return misfit("no header of a process", err);
	if (played->ended)
		return 0;
	if (too_late(player, record))
		return end_early(played, END_DURATION, err);
	switch (record->kind) {
	case RECORD_ARMED:
		return take_armed(player, played, record, err);
	case RECORD_SAMPLE:
		return take_sample(player, played, record, err);
	case RECORD_EVENT:
		return listener->event(listener->ctx, &record->event, err);
	default:
		return take_summary(played, record, err);
	}
}

/* What player_pages() hands through pages_each(). */
struct page_finder {
	const struct played *played;
	struct page_run run;
	enum warmth want;
	struct page_runs *runs;
};

static int add_run(void *ctx, struct range range, struct page_age age)
{
	struct page_finder *finder = ctx;
	const struct played *played = finder->played;
	const enum warmth warmth = epochs_warmth(&played->books.epochs, age.stamp,
						 played->info.cold_after_ns);

	finder->run.range = range;
	return warmth == finder->want ? page_runs_add(finder->runs, &finder->run) : 0;
}

static int add_played(const struct played *played, enum warmth want, struct page_runs *runs)
{
	const struct region_set *regions = &played->books.regions;
	int rc = 0;

	for (size_t i = 0; i < regions->nr && !rc; i++) {
		const struct region *region = &regions->at[i];
		struct page_finder finder = {
			.played = played,
			.run = { .pid = played->info.pid, .map = &region->map },
			.want = want,
			.runs = runs,
		};

		if (region_tells_ages(region) && region->sees == SEES_READS_WRITES)
			rc = pages_each(played->books.pages, region->map.range, add_run, &finder);
	}
	return rc;
}

/* In the order of their headers. */
static int add_from(const struct played *played, enum warmth want, struct page_runs *runs)
{
	int rc = played ? add_from(played->next, want, runs) : 0;

	return rc || !played || !played->tell.samples ? rc : add_played(played, want, runs);
}

int player_pages(const struct player *player, enum player_want want, struct page_runs *runs)
{
	return add_from(player->first, want == PLAYER_HOT ? WARMTH_HOT : WARMTH_COLD, runs);
}

static int end_from(struct played *played, enum run_end why, struct error *err)
{
	int rc = played ? end_from(played->next, why, err) : 0;

	return rc || !played || played->ended ? rc : end_early(played, why, err);
}

int player_end(struct player *player, enum run_end why, struct error *err)
{
	return end_from(player->first, why, err);
}
