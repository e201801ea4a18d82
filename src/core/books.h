/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The books of one target's memory: regions, page ages and their times, and how
 * the tracker's answers, or recorded ones, get into them.
 */
#ifndef WSSTAT_CORE_BOOKS_H
#define WSSTAT_CORE_BOOKS_H

#include "core/look.h"
#include "core/select.h"
#include "core/target.h"
#include "model/regions.h"
#include "model/snapshot.h"

struct books {
	struct pages *pages;
	struct epochs epochs;
	struct region_set regions;
	struct region_changes changes; /* since the last look that was told */
	struct snapshot_region *shown; /* reused from sample to sample */
	size_t shown_cap;
	struct cells *cells; /* of the regions shown, if they are wanted; reused, too */
	struct cell *cell;
	size_t cells_cap;
	struct look *look; /* where to note what the tracker tells, or NULL; not owned */
};

/* An answer beside 0 and negative errnos: look at the mappings and collect again. */
#define BOOKS_STALE 1

/*
 * All return 0 or a negative errno with err filled; -ESRCH is the target's memory
 * gone, with err not filled: the caller finds out why.
 */
must_check int books_open(struct books *books, const struct edges *edges, int64_t now_ns,
			  struct error *err);

/* Read the mappings and bring the regions up to them. */
must_check int books_look(struct books *books, struct target *target,
			  const struct selection *selection, struct error *err);

/* Arm every region, for the first time; the next sample speaks of them. */
must_check int books_begin(struct books *books, struct target *target, unsigned int samples,
			   struct error *err);

/* A new window ends at at_ns (nominal) with this sample. */
must_check int books_window(struct books *books, int64_t at_ns, unsigned int sample,
			    struct error *err);

/* Collect every region; arm the new ones, which this sample cannot speak of. */
must_check int books_collect(struct books *books, struct target *target, unsigned int sample,
			     struct error *err);

/*
 * What books_look() and books_begin() or books_collect() once led to, once more: with the same
 * books before, it leads to the same ones.  selection: what of it to show.  -EINVAL with err
 * filled: the look does not fit to the books.
 */
must_check int books_relive(struct books *books, const struct look *look,
			    const struct selection *selection, unsigned int sample,
			    struct error *err);

/* What of the books a snapshot is to show. */
struct books_view {
	int64_t cold_after_ns;
	unsigned int cells;	       /* of each mapping; 0: none */
	const struct chunk_set *split; /* with --exact: huge pages that were taken apart, or NULL */
};

/*
 * Fill the snapshot's regions and sums, valid until the next call; checks that they close.
 */
must_check int books_snapshot(struct books *books, const struct books_view *view,
			      struct snapshot *snap, struct error *err);

/* The methods of the regions, each as 1 << method; 0: none is observed. */
unsigned int books_methods(const struct books *books);

/* Disarm region by region. */
void books_disarm(struct books *books, struct target *target);

void books_close(struct books *books);

#endif
