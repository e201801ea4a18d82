/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A method: how accesses in a region are seen.  One file each, declared
 * below.  Methods keep no books: they arm memory and hand what they
 * see to a sink, run by run.
 */
#ifndef WSSTAT_TRACK_TRACKER_H
#define WSSTAT_TRACK_TRACKER_H

#include "base/error.h"
#include "model/pages.h"
#include "model/region.h"

/*
 * Takes runs of alike pages.  Within one call of a tracker's function the runs
 * ascend and tile the range that was asked for: every page is told exactly once.
 * bits: enum page_bits.  0, or -ENOMEM which the tracker passes on.
 */
struct sink {
	int (*run)(struct sink *sink, struct range range, unsigned int bits);
};

struct tracker {
	const struct tracker_ops *ops;
	int uffd;		 /* of the target; owned by the tracker */
	int pagemap;		 /* of the target; owned by the tracker */
	uint64_t unmapped_bytes; /* shared huge pages that arming took out of the page tables */
	int64_t ioctl_ns;	 /* time spent in the kernel so far, added up */
	void *state;		 /* the method's own; replay: struct replay, set before open */
};

/* Answers beside 0 and negative errnos (-ESRCH: the target's memory is gone; -ENOMEM). */
enum track_answer {
	TRACK_OK = 0,
	TRACK_REFUSED = 1, /* arm: not this region, *refusal says why */
	TRACK_STALE = 2, /* collect: the mappings changed since they were read: read, then again */
	TRACK_LOST = 3,	 /* collect: another mapping is there now: arm it anew */
};

struct tracker_ops {
	const char *name;
	enum region_method method;
	enum region_sees sees;

	/* Get ready; the tracker's descriptors are set.  Error filled. */
	int (*open)(struct tracker *tracker, struct error *err);

	/*
	 * Observe this mapping from now on: everything in it is armed, and what is
	 * resident or swapped is told to the sink, untouched.  *unit_bytes is the
	 * smallest that can be armed.  Arming what is armed is harmless but forgets
	 * accesses.  TRACK_REFUSED with *refusal a positive errno.
	 */
	int (*arm)(struct tracker *tracker, const struct mapping *map, uint64_t *unit_bytes,
		   int *refusal, struct sink *sink);

	/*
	 * Is a mapping whose bounds changed still observed?  1 yes (and made so as
	 * a whole, without forgetting an access), 0 no, or a negative errno.
	 */
	int (*confirm)(struct tracker *tracker, struct range range);

	/*
	 * What was touched in range (a piece of one armed mapping) since it was
	 * armed; touched pages are armed again before the sink hears of them.  With
	 * TRACK_STALE the sink has heard all, but not all is armed again; with
	 * TRACK_LOST it has heard nothing.
	 */
	int (*collect)(struct tracker *tracker, struct range range, struct sink *sink);

	/* Resident and swapped pages of a mapping that is not observed. */
	int (*survey)(struct tracker *tracker, const struct mapping *map, struct sink *sink);

	/* Disarm one mapping, softly; errors do not matter. */
	void (*disarm)(struct tracker *tracker, struct range range);

	/* Disarm all that is left and free; closes the descriptors. */
	void (*close)(struct tracker *tracker);
};

extern const struct tracker_ops tracker_rwp;
extern const struct tracker_ops tracker_replay;

#endif
