/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * When the samples were: a stamp is 16 bits that stand for a point in time, 0
 * for "never", 1 for the start, then one for each sample.  When stamps run out
 * the oldest are merged (epochs_compact) and the stamps of all pages renumbered.
 */
#ifndef WSSTAT_MODEL_EPOCHS_H
#define WSSTAT_MODEL_EPOCHS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/util.h"

#define EPOCH_NEVER 0
#define EPOCH_START 1
#define EPOCH_MAX 65535u
#define EDGES_MAX 40

/*
 * The edges of the idle-age histogram: bucket i holds [ns[i], ns[i + 1]), the
 * last one everything from ns[nr - 1] on.  ns[0] is 0.
 */
struct edges {
	unsigned int nr;
	int64_t ns[EDGES_MAX];
};

/*
 * The ladder 0 1s 5s 10s 30s 1m 2m 5m 10m 30m 1h, cut to what the interval can
 * tell (the first edge above 0 is the interval), with cold_after_ns as an edge.
 */
void edges_default(struct edges *edges, int64_t interval_ns, int64_t cold_after_ns);

/* The bucket that idle_ns falls into. */
unsigned int edges_bucket(const struct edges *edges, int64_t idle_ns);

struct epochs {
	const struct edges *edges;
	int64_t *at_ns;	  /* by stamp: nominal time of that sample; [0] unused */
	uint8_t *bucket;  /* by stamp: the bucket its pages were in at the sample before `now` */
	unsigned int now; /* stamp of the present sample; EPOCH_START until the first */
	unsigned int cap;
};

/* Begin at start_ns; edges must outlive it.  0 or -ENOMEM. */
must_check int epochs_init(struct epochs *epochs, const struct edges *edges, int64_t start_ns);
void epochs_free(struct epochs *epochs);

/* A copy to ask for idle times; samples cannot be added to it.  0 or -ENOMEM. */
must_check int epochs_copy(struct epochs *copy, const struct epochs *epochs);

/* Is no stamp left for another sample? Then compact first. */
bool epochs_full(const struct epochs *epochs);

/* A new sample at at_ns, not before the last one.  0 or -ENOMEM. */
must_check int epochs_next(struct epochs *epochs, int64_t at_ns);

/* Nominal time from the stamp to the present sample: the idle time, or a bound on it. */
int64_t epochs_idle_ns(const struct epochs *epochs, unsigned int stamp);

/* How warm a page is that was touched last at a stamp. */
enum warmth {
	WARMTH_HOT,  /* in the window that ends with the present sample */
	WARMTH_WARM, /* before */
	WARMTH_COLD, /* idle for cold_after_ns or longer, or untouched since the start */
};

bool epochs_hot(const struct epochs *epochs, unsigned int stamp);
enum warmth epochs_warmth(const struct epochs *epochs, unsigned int stamp, int64_t cold_after_ns);

/*
 * Make room.  Samples idle for keep_ns or longer become one; if that frees less
 * than half, pairs of the older half are merged too, to the later of both, so
 * that no page is called idle longer than it was.  The last 8 and EPOCH_START
 * stay.  renumber[old] is the new stamp, for EPOCH_MAX + 1 entries.
 */
void epochs_compact(struct epochs *epochs, int64_t keep_ns, uint16_t *renumber);

#endif
