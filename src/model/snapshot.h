/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What outputs see: constant records of a run, its samples, its events and its
 * end.  All bytes are bytes, all times nanoseconds.  Nothing in here belongs to
 * the reader; a record lives until the call that got it returns.
 */
#ifndef WSSTAT_MODEL_SNAPSHOT_H
#define WSSTAT_MODEL_SNAPSHOT_H

#include "model/cells.h"
#include "model/decide.h"
#include "model/epochs.h"
#include "model/region.h"

/* The times that people quote the share of memory for that was touched within them. */
enum recent { RECENT_1M, RECENT_2M, RECENT_5M, RECENT_NR };

int64_t recent_ns(enum recent recent);

/*
 * The books of a region or of the target: hot + warm + cold = tracked = sum of
 * idle[] + since_start.  Where only writes are seen the same words stand for them:
 * hot is what was written in the window, idle the time since the last write, and
 * warm and cold mean nothing: never show them.
 */
struct figures {
	uint64_t tracked_bytes;
	uint64_t hot_bytes, warm_bytes, cold_bytes;
	uint64_t swapped_bytes; /* beside the books, untracked regions' too */
	uint64_t zero_bytes;	/* of tracked: pages that map the shared zero page */
	uint64_t huge_bytes;	/* of tracked: seen in huge units, 2 MiB for anonymous memory */
	uint64_t idle_bytes[EDGES_MAX]; /* by bucket of run_info.edges */
	uint64_t since_start_bytes;	/* untouched since the start; also cold */
	/*
	 * Of hot, where reads are told from writes: written, and only read.  The rest
	 * of hot was touched in a way that is not known.
	 */
	uint64_t written_bytes, only_read_bytes;
	uint64_t heat_bytes[HEAT_WINDOWS + 1]; /* touched in n of the last 8 windows */
	uint64_t retouched_bytes[EDGES_MAX];   /* touched in this window, by idle time before */
	uint64_t retouched_since_start_bytes;
	/* Touched within that time; where it was observed for less, a bound from below. */
	uint64_t recent_bytes[RECENT_NR];
	uint64_t colder_bytes;	/* tracked, but touched within none of them */
	int64_t idle_median_ns; /* half of a region is idle for no longer; -1: none, or a sum */
	bool idle_median_since_start; /* the median page was untouched since the start */
};

/* From a region's tally; cold is idle for cold_after_ns or more, or since the start. */
void figures_of_tally(struct figures *figures, const struct tally *tally,
		      const struct epochs *epochs, int64_t cold_after_ns);

/*
 * Count bytes of one age in, but what only the whole region is known by: what was touched again,
 * written or only read, huge pages, the zero page, the median.
 */
void figures_add_bytes(struct figures *figures, uint64_t bytes, struct page_age age,
		       const struct epochs *epochs, int64_t cold_after_ns);

/* Add to a sum, all but the median. */
void figures_add(struct figures *sum, const struct figures *figures);

/* Idle for the edge's time or longer, untouched since the start included. */
uint64_t figures_idle_bytes(const struct figures *figures, unsigned int edge);

/* Touched in this window after having been idle for so long. */
uint64_t figures_retouched_bytes(const struct figures *figures, unsigned int edge);

/* hot + warm + cold = tracked = idle + since start, and the heat likewise? */
bool figures_closed(const struct figures *figures);

struct snapshot_region {
	struct range range;
	const char *name; /* as the kernel escapes it; "" if none */
	enum region_kind kind;
	enum region_method method; /* METHOD_NONE: only resident and untracked hold */
	enum region_sees sees;
	enum region_reason reason;
	uint64_t unit_bytes;
	bool told_apart; /* reads from writes: figures.written_bytes and .only_read_bytes hold */
	bool ages; /* are page ages known? Not with refs: only hot, resident, untracked hold */
	unsigned int since_sample;
	uint64_t resident_bytes;  /* figures.tracked_bytes + untracked_bytes */
	uint64_t untracked_bytes; /* for .reason */
	struct figures figures;
	const struct cells *cells; /* where page ages are known, if they are wanted; else NULL */
};

struct cost {
	int64_t ioctl_ns;   /* spent in scans, arming and registering */
	uint64_t faults;    /* minor faults that the target took because pages were armed */
	int64_t stopped_ns; /* the target's threads held at most this long, all stops together */
	int64_t longest_stop_ns;
	uint64_t stops;
	int64_t cpu_ns; /* processor time of wsstat itself */
	bool target_cpu_known;
	int64_t target_cpu_ns;		  /* of the target in the same time, what faults took too */
	uint64_t lost_access_bound_bytes; /* accesses that may have gone unseen; 0: none */
};

struct groups;
struct inspect;

struct snapshot {
	unsigned int sample; /* 1 is the first */
	int pid;
	const char *comm;
	int64_t wall_ns;     /* of the scan */
	int64_t elapsed_ns;  /* since the start of the run: end of the first arming */
	int64_t observed_ns; /* since this memory was first armed: elapsed, or less after exec */
	int64_t nominal_ns;  /* observed, as idle times count it: until it was due, if not late */
	int64_t window_ns;   /* from arming to this scan */
	int64_t late_ns;     /* how much later than planned; 0 if within a tenth of the interval */
	uint64_t resident_bytes; /* tracked + all untracked */
	uint64_t tracked_bytes;	 /* figures.tracked + writes.tracked */
	uint64_t swapped_bytes;	 /* of all regions, beside the books */
	bool tracked;	  /* is any region's reads and writes seen? Else hot/warm/cold are n/a */
	bool ages;	  /* and with page ages? Else warm, cold, idle and heat are n/a (refs) */
	bool told_apart;  /* are reads told from writes anywhere? Else written/only_read are n/a */
	bool writes_only; /* is there any region of which only writes are seen? */
	struct figures figures; /* of all regions whose reads and writes are seen */
	struct figures writes;	/* of all regions of which only writes are seen */
	/* --exact, else 0: in huge pages that were split to see their 4 KiB pages */
	uint64_t huge_backed_bytes;	       /* resident in them */
	uint64_t huge_touched_bytes;	       /* of those: touched since the start */
	uint64_t untracked_bytes[REASON_NR];   /* by reason */
	const struct snapshot_region *regions; /* sorted by address */
	unsigned int nr_regions;
	struct cost cost;		 /* of this sample */
	const struct decision *decision; /* of the run up to here; NULL unless --decide */
	const struct groups *groups;	 /* whose it is, as asked for; NULL unless --by */
	const struct inspect *inspect;	 /* what more can be asked: core/inspect.h */
};

/* One region as outputs see it. */
void snapshot_region_fill(struct snapshot_region *out, const struct region *region,
			  const struct epochs *epochs, int64_t cold_after_ns);

/*
 * Sum up what .regions hold into resident, figures, untracked and tracked.
 * Returns whether the books close, for every region and for the target.
 */
must_check bool snapshot_sum(struct snapshot *snap);

enum event_kind {
	EVENT_REGION_NEW,
	EVENT_REGION_GONE,
	EVENT_REGION_GROWN,
	EVENT_REGION_SHRUNK,
	EVENT_REGION_LOST, /* replaced at the same address: armed anew */
	EVENT_FORK,	   /* the target has a new child */
	EVENT_EXEC,	   /* the target runs another program: observed anew */
	EVENT_EXIT,	   /* the target ended */
	EVENT_LATE,	   /* a sample was late */
	EVENT_WARNING,
	EVENT_NR,
};

const char *event_name(enum event_kind kind); /* "region_new", "exec", ... */

struct event {
	enum event_kind kind;
	int pid;
	int child_pid;	     /* of EVENT_FORK, else 0 */
	unsigned int sample; /* the last sample taken before */
	int64_t wall_ns;
	int64_t elapsed_ns;
	struct range range; /* of region events, else empty */
	const char *name;   /* of the mapping or the program, or NULL */
	const char *text;   /* one line for people */
};

/* What is known before the first sample. */
struct run_info {
	int pid;
	int parent_pid; /* --follow: that it was found by; else 0 */
	bool several;	/* there may be other targets in this run */
	const char *comm;
	const char *version; /* of wsstat */
	const char *kernel;  /* release, or "replay" */
	bool launched;
	int64_t wall_ns;
	int64_t interval_ns;
	int64_t cold_after_ns;
	const struct edges *edges;
	bool ages_given;	   /* the edges, by --ages; else they come from the two above */
	uint64_t slo;		   /* see model/decide.h */
	unsigned int cells;	   /* that each mapping is cut into; 0: none */
	enum region_method method; /* asked for; METHOD_NONE: the best for each region (auto) */
	bool exact;		   /* huge pages are split */
	bool soft_dirty;	   /* reads are told from writes by soft-dirty bits too */
	int64_t stopped_ns;	   /* by the attach; 0 when launched */
};

enum run_end {
	END_EXITED,	 /* the target ended */
	END_COUNT,	 /* --count reached */
	END_DURATION,	 /* --duration reached */
	END_INTERRUPTED, /* SIGINT, SIGTERM, SIGHUP */
	END_FAILED,	 /* an error of wsstat's own, told on stderr */
	END_REPLAYED,	 /* the recording ended */
	END_NR,
};

const char *run_end_name(enum run_end end); /* "target exited", ... */

struct run_summary {
	enum run_end end;
	int pid;
	const char *comm;
	int64_t wall_ns;
	int64_t elapsed_ns;
	unsigned int samples;
	unsigned int late_samples;
	bool tracked; /* did any sample see reads and writes? Else hot and cold are n/a */
	bool ages;    /* and page ages? Else cold is n/a */
	bool writes;  /* did any sample have regions of which only writes are seen? */
	uint64_t written_mean_bytes, written_max_bytes; /* of those regions */
	/* --exact: what was split, and how much of that is in huge pages again */
	uint64_t split_bytes, collapsed_bytes;
	uint64_t resident_max_bytes;
	uint64_t hot_mean_bytes, hot_min_bytes, hot_max_bytes;
	uint64_t cold_mean_bytes;
	uint64_t gone_regions;		 /* that were observed and went away */
	uint64_t gone_tracked_bytes;	 /* what they held when last seen */
	struct cost cost;		 /* of the whole run, attach included */
	const struct decision *decision; /* never NULL where ages is true */
	const struct snapshot *last;	 /* the last sample, NULL if none was taken */
};

#endif
