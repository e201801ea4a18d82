/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A method: how accesses in a region are seen.  One file each, declared
 * below.  Methods keep no books: they arm memory and hand what they
 * see to a sink, run by run.  All methods of one target share one
 * userfaultfd; each of its regions is on one of them.
 */
#ifndef WSSTAT_TRACK_TRACKER_H
#define WSSTAT_TRACK_TRACKER_H

#include "base/error.h"
#include "model/chunk_set.h"
#include "model/pages.h"
#include "model/region.h"

#define TRACK_VEC_LEN 32768u

/*
 * Takes runs of alike pages.  Within one call of a tracker's function the runs
 * ascend and tile the range that was asked for: every page is told exactly once.
 * bits: enum page_bits.  0, or -ENOMEM which the tracker passes on.
 */
struct sink {
	int (*run)(struct sink *sink, struct range range, unsigned int bits);
};

struct injector;
struct proc;
struct page_region;
struct page_cache;
struct smaps;

/* One target's memory, as all its methods see it. */
struct tracker {
	int uffd;		   /* -1: none, only refs; owned */
	int pagemap;		   /* owned */
	int clear_refs;		   /* opened when it is needed; owned */
	uint64_t features;	   /* that the userfaultfd was opened with */
	const struct proc *proc;   /* NULL: a replay */
	struct injector *injector; /* method zap; made when it is needed first; owned */
	struct page_region *vec;   /* TRACK_VEC_LEN, for answers of PAGEMAP_SCAN */
	bool exact;		   /* split huge pages */
	bool soft_dirty;	   /* ask for soft-dirty bits too */
	bool file_markers;	   /* protect pages of files, too: see track/protect.h */
	/*
	 * Chunks in which every page, there or not, was write-protected once: a
	 * page there that is not any more was written.
	 */
	struct chunk_set wp_armed;
	/* Of shared memory: some of their pages were taken out of the page tables. */
	struct chunk_set unmapped;
	struct page_cache *cache; /* track/absent.h */
	struct chunk_set split;	  /* anonymous huge pages that observing them took apart */

	struct smaps *smaps; /* of this sample, for method refs */
	int smaps_fd;
	int maps_fd; /* /proc/PID/maps, for single questions */

	char blocked[256]; /* why something could not be armed again; the reader empties it */
	int64_t ioctl_ns;  /* what it cost so far, added up */
	int64_t stopped_ns, longest_stop_ns;
	uint64_t stops;
	unsigned int sample; /* that is being taken */
	int64_t interval_ns; /* between two samples */
	void *state;	     /* replay: struct replay, set before open */
};

/*
 * Get a tracker for a target ready: proc outlives it, the userfaultfd (or -1) is
 * taken over, also on failure.  Error filled.
 */
must_check int tracker_open(struct tracker *tracker, const struct proc *proc, int uffd,
			    uint64_t features, struct error *err);

/* Disarm all that is left and free.  The costs stay, the settings too. */
void tracker_close(struct tracker *tracker);

/*
 * When all is disarmed: put the huge pages together again that observing took apart.
 * *split_bytes: those that are apart and still there; *collapsed_bytes: of those, huge
 * again.  0, or the first errno, negative, with which the kernel refused.
 */
int tracker_collapse(struct tracker *tracker, uint64_t *split_bytes, uint64_t *collapsed_bytes);

/* Answers beside 0 and negative errnos (-ESRCH: the target's memory is gone; -ENOMEM). */
enum track_answer {
	TRACK_OK = 0,
	TRACK_REFUSED = 1, /* arm: not this region, refusal says why */
	TRACK_STALE = 2, /* collect: the mappings changed since they were read: read, then again */
	TRACK_LOST = 3,	 /* collect: another mapping is there now: arm it anew */
	TRACK_UNARMED = 4, /* collect: all was seen, but the next window cannot be told */
};

struct tracker_ops {
	const char *name;
	enum region_method method;

	/* Could the method see anything of such a mapping? Asks nobody. */
	bool (*suits)(const struct tracker *tracker, const struct mapping *map);

	/*
	 * Observe this mapping from now on: everything in it is armed, and what is
	 * resident or swapped is told to the sink, untouched.  Arming what is armed
	 * is harmless but forgets accesses.
	 */
	int (*arm)(struct tracker *tracker, const struct mapping *map, struct armed *armed,
		   struct sink *sink);

	/*
	 * Is a mapping whose bounds changed still observed?  1 yes (and made so as
	 * a whole, without forgetting an access), 0 no, or a negative errno.
	 */
	int (*confirm)(struct tracker *tracker, const struct mapping *map);

	/*
	 * What was touched in range (a piece of map, which is armed) since it was
	 * armed; touched pages are armed again before the sink hears of them.  With
	 * TRACK_STALE the sink has heard all, but not all is armed again; with
	 * TRACK_LOST it has heard nothing.
	 */
	int (*collect)(struct tracker *tracker, const struct mapping *map, struct range range,
		       struct sink *sink);

	/* Resident and swapped pages of a mapping that is not observed. */
	int (*survey)(struct tracker *tracker, const struct mapping *map, struct sink *sink);

	/* May be NULL: before the first collect() of a sample, and after the last. */
	int (*begin)(struct tracker *tracker, struct error *err);
	int (*end)(struct tracker *tracker, struct error *err);

	/* Disarm one mapping, softly; errors do not matter. */
	void (*disarm)(struct tracker *tracker, struct range range);
};

extern const struct tracker_ops tracker_rwp;
extern const struct tracker_ops tracker_zap;
extern const struct tracker_ops tracker_wp;
extern const struct tracker_ops tracker_refs;
extern const struct tracker_ops tracker_replay;

#endif
