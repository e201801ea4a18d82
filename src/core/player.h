/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A recording, shown as the run was: record by record into books of each target, and what they
 * say to a listener.  The records come from whoever reads them (out/record.h).
 */
#ifndef WSSTAT_CORE_PLAYER_H
#define WSSTAT_CORE_PLAYER_H

#include "core/record.h"
#include "core/sampler.h"
#include "model/page_runs.h"

struct player_config {
	const struct listener *listener;
	const struct selection *selection; /* what of it to show */
	const struct edges *ages;	   /* NULL: as recorded */
	int64_t cold_after_ns;		   /* 0: as recorded */
	uint64_t slo;			   /* 0: as recorded */
	uint64_t count;			   /* samples of each target; 0: all */
	int64_t duration_ns;		   /* 0: all */
	bool decide;			   /* tell the decision table with each sample */
	unsigned int cells;		   /* that each mapping is shown in; 0: none */
	enum groups_by by;
};

struct player;

/* config outlives it.  NULL when memory ran out. */
struct player *player_new(const struct player_config *config);

/* Show the next record.  0 or a negative errno with err filled; of a misfit, ERROR_USAGE. */
must_check int player_take(struct player *player, const struct record *record, struct error *err);

/* The recording ends here: tell the summary of each target that has none yet. */
must_check int player_end(struct player *player, enum run_end why, struct error *err);

/* How many samples have been shown, of all targets. */
unsigned int player_samples(const struct player *player);

/*
 * List the hot or the cold pages of memory whose reads and writes are seen, as of the last sample
 * of each target.  The runs live as long as the player takes no more.  0 or -ENOMEM.
 */
enum player_want { PLAYER_HOT, PLAYER_COLD };
must_check int player_pages(const struct player *player, enum player_want want,
			    struct page_runs *runs);

void player_free(struct player *player);

#endif
