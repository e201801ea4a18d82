/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sizes are given in MiB; the books are made to close. */
#include "config.h"

#include "out_fixture.h"

#include <string.h>

#include "base/clock.h"

#define MIB (UINT64_C(1) << 20)
#define NR_TRACKED 6
#define WALL_NS (INT64_C(1795197605) * NS_PER_S) /* 2026-11-20T18:00:05Z */

/* What is idle for less than 5 s, 5 s to 10 s, 30 s to 1 m, and since the start. */
struct ages {
	uint64_t hot_mib, warm_mib, older_mib, start_mib;
};

static unsigned int bucket_of(const struct edges *edges, int64_t seconds)
{
	return edges_bucket(edges, seconds * NS_PER_S);
}

static struct figures figures_of(const struct edges *edges, const struct ages *ages)
{
	struct figures figures = {
		.hot_bytes = ages->hot_mib * MIB,
		.warm_bytes = (ages->warm_mib + ages->older_mib) * MIB,
		.cold_bytes = ages->start_mib * MIB,
		.since_start_bytes = ages->start_mib * MIB,
		.heat_bytes = { [0] = (ages->older_mib + ages->start_mib) * MIB,
				[1] = ages->warm_mib * MIB,
				[8] = ages->hot_mib * MIB },
		.retouched_since_start_bytes = ages->hot_mib / 16 * MIB,
		.idle_median_ns = 30 * NS_PER_S,
	};

	figures.tracked_bytes = figures.hot_bytes + figures.warm_bytes + figures.cold_bytes;
	figures.idle_bytes[bucket_of(edges, 0)] = ages->hot_mib * MIB;
	figures.idle_bytes[bucket_of(edges, 5)] = ages->warm_mib * MIB;
	figures.idle_bytes[bucket_of(edges, 30)] = ages->older_mib * MIB;
	figures.retouched_bytes[bucket_of(edges, 5)] = ages->hot_mib / 2 * MIB;
	return figures;
}

static struct snapshot_region region_of(const char *name, enum region_kind kind,
					struct figures figures)
{
	return (struct snapshot_region){
		.name = name,
		.kind = kind,
		.method = METHOD_RWP,
		.sees = SEES_READS_WRITES,
		.ages = true,
		.unit_bytes = kind == KIND_HUGETLB ? HUGE_BYTES : PAGE_BYTES,
		.since_sample = 1,
		.resident_bytes = figures.tracked_bytes,
		.figures = figures,
	};
}

static struct snapshot_region untracked_of(const char *name, enum region_kind kind,
					   enum region_reason reason, uint64_t bytes)
{
	return (struct snapshot_region){
		.name = name,
		.kind = kind,
		.reason = reason,
		.resident_bytes = bytes,
		.untracked_bytes = bytes,
		.figures.idle_median_ns = -1,
	};
}

static void make_tracked(struct snapshot_region *regions, const struct edges *edges)
{
	const struct ages heap = { 180, 40, 31, 978 }, ram = { 24, 16, 64, 280 },
			  small = { 4, 0, 0, 1 }, none = { 0, 0, 0, 0 };

	regions[0] = region_of("[heap]", KIND_HEAP, figures_of(edges, &heap));
	regions[0].figures.swapped_bytes = 12 * MIB;
	regions[1] = region_of("/memfd:guest-ram (deleted)", KIND_HUGETLB, figures_of(edges, &ram));
	regions[1].figures.huge_bytes = regions[1].resident_bytes;
	regions[2] = region_of("", KIND_ANON, figures_of(edges, &small));
	regions[2].figures.zero_bytes = MIB;
	regions[3] = region_of(FIXTURE_HOSTILE, KIND_SHMEM, figures_of(edges, &small));
	regions[4] = region_of("", KIND_ANON, figures_of(edges, &small));
	regions[5] = region_of("[stack]", KIND_STACK, figures_of(edges, &none));
	regions[5].figures.idle_median_ns = -1;
}

static void make_untracked(struct snapshot_region *regions)
{
	const char *libc = "/usr/lib/x86_64-linux-gnu/libc.so.6";

	regions[0] = untracked_of(libc, KIND_PRIVATE_FILE, REASON_FILE, 20 * MIB);
	regions[1] = untracked_of(libc, KIND_PRIVATE_FILE, REASON_FILE, 3 * PAGE_BYTES);
	for (unsigned int i = REASON_NONE + 1; i < REASON_NR; i++)
		regions[1 + i] = untracked_of(region_reason_name(i), KIND_DEVICE, i,
					      i * PAGE_BYTES);
}

static void place(struct snapshot_region *regions)
{
	uint64_t addr = UINT64_C(0x7f0000000000);

	for (unsigned int i = 0; i < FIXTURE_NR_REGIONS; i++) {
		regions[i].range = (struct range){ addr, addr + (MIB << 11) };
		addr += MIB << 12;
	}
}

static void make_events(struct out_fixture *fixture)
{
	for (unsigned int i = 0; i < EVENT_NR; i++) {
		fixture->events[i] = (struct event){
			.kind = i,
			.pid = fixture->info.pid,
			.sample = 13,
			.wall_ns = WALL_NS,
			.elapsed_ns = 65 * NS_PER_S,
			.text = event_name(i),
		};
		if (i <= EVENT_REGION_LOST) {
			fixture->events[i].range = fixture->regions[3].range;
			fixture->events[i].name = FIXTURE_HOSTILE;
		}
	}
	fixture->events[EVENT_EXEC].name = "/bin/true";
	fixture->events[EVENT_EXEC].text = NULL;
}

static void make_summary(struct out_fixture *fixture)
{
	fixture->decision = (struct decision){
		.slo = PERCENT / 5,
		.chosen = -1,
		.longest = -1,
	};
	fixture->summary = (struct run_summary){
		.decision = &fixture->decision,
		.end = END_EXITED,
		.pid = fixture->info.pid,
		.comm = fixture->info.comm,
		.wall_ns = WALL_NS,
		.elapsed_ns = 65 * NS_PER_S,
		.samples = 13,
		.late_samples = 1,
		.tracked = true,
		.ages = true,
		.resident_max_bytes = fixture->snap.resident_bytes,
		.hot_mean_bytes = 200 * MIB,
		.hot_min_bytes = 20 * MIB,
		.hot_max_bytes = 300 * MIB,
		.cold_mean_bytes = 1000 * MIB,
		.gone_regions = 2,
		.gone_tracked_bytes = 3 * MIB,
		.cost = { .ioctl_ns = 13 * 1200000,
			  .faults = 680000,
			  .stopped_ns = 104000,
			  .longest_stop_ns = 104000,
			  .stops = 1,
			  .cpu_ns = 13 * 2500000 },
		.last = &fixture->snap,
	};
}

bool out_fixture_make(struct out_fixture *fixture)
{
	*fixture = (struct out_fixture){
		.info = { .pid = 4242,
			  .comm = "redis-server",
			  .version = "0.1",
			  .kernel = "7.3.4",
			  .wall_ns = WALL_NS - 65 * NS_PER_S,
			  .interval_ns = 5 * NS_PER_S,
			  .cold_after_ns = 120 * NS_PER_S,
			  .stopped_ns = 104000 },
		.snap = { .sample = 13,
			  .pid = 4242,
			  .comm = "redis-server",
			  .wall_ns = WALL_NS,
			  .elapsed_ns = 65 * NS_PER_S,
			  .observed_ns = 65 * NS_PER_S,
			  .window_ns = 5 * NS_PER_S + 123456,
			  .nr_regions = FIXTURE_NR_REGIONS,
			  .cost = { .ioctl_ns = 1200000, .faults = 54272, .cpu_ns = 2500000 } },
	};
	edges_default(&fixture->edges, fixture->info.interval_ns, fixture->info.cold_after_ns);
	fixture->info.edges = &fixture->edges;
	make_tracked(fixture->regions, &fixture->edges);
	make_untracked(fixture->regions + NR_TRACKED);
	place(fixture->regions);
	fixture->snap.regions = fixture->regions;
	make_events(fixture);
	bool closed = snapshot_sum(&fixture->snap);
	make_summary(fixture);
	return closed;
}

/* The regions have changed.  Books that do not close leave a snapshot without regions. */
static void sum_again(struct out_fixture *fixture)
{
	struct snapshot *snap = &fixture->snap;

	for (unsigned int i = 0; i < REASON_NR; i++)
		snap->untracked_bytes[i] = 0;
	snap->tracked = snap->ages = snap->told_apart = snap->writes_only = false;
	if (!snapshot_sum(snap))
		snap->nr_regions = 0;
	fixture->summary.tracked = snap->tracked;
	fixture->summary.ages = snap->ages;
	fixture->summary.writes = snap->writes_only;
}

void out_fixture_blind(struct out_fixture *fixture)
{
	fixture->snap.regions = fixture->regions + NR_TRACKED;
	fixture->snap.nr_regions = FIXTURE_NR_REGIONS - NR_TRACKED;
	sum_again(fixture);
}

static void make_writes(struct snapshot_region *region)
{
	region->method = METHOD_WP;
	region->sees = SEES_WRITES;
}

static void make_zap(struct snapshot_region *region, uint64_t written_mib, uint64_t only_read_mib)
{
	region->method = METHOD_ZAP;
	region->told_apart = true;
	region->figures.written_bytes = written_mib * MIB;
	region->figures.only_read_bytes = only_read_mib * MIB;
}

void out_fixture_mixed(struct out_fixture *fixture)
{
	struct snapshot_region *regions = fixture->regions;

	fixture->info.exact = true;
	fixture->info.soft_dirty = true;
	fixture->snap.huge_backed_bytes = 1024 * MIB;
	fixture->snap.huge_touched_bytes = 120 * MIB;
	fixture->snap.cost.stopped_ns = 1200000;
	fixture->snap.cost.longest_stop_ns = 104000;
	fixture->snap.cost.stops = 13;
	make_writes(&regions[0]);
	make_zap(&regions[1], 6, 16);
	make_writes(&regions[2]);
	make_zap(&regions[3], 4, 0);
	sum_again(fixture);
	fixture->summary.written_mean_bytes = 150 * MIB;
	fixture->summary.written_max_bytes = 190 * MIB;
	fixture->summary.split_bytes = 1024 * MIB;
	fixture->summary.collapsed_bytes = 980 * MIB;
}

void out_fixture_writes(struct out_fixture *fixture)
{
	fixture->info.method = METHOD_WP;
	for (unsigned int i = 0; i < NR_TRACKED; i++)
		make_writes(&fixture->regions[i]);
	sum_again(fixture);
}

static void make_refs(struct snapshot_region *region)
{
	uint64_t referenced_bytes = region->figures.hot_bytes;

	region->method = METHOD_REFS;
	region->unit_bytes = 0;
	region->ages = false;
	region->reason = REASON_NO_AGES;
	region->untracked_bytes = region->resident_bytes - referenced_bytes;
	region->figures = (struct figures){
		.tracked_bytes = referenced_bytes,
		.hot_bytes = referenced_bytes,
		.idle_bytes[0] = referenced_bytes,
		.heat_bytes[1] = referenced_bytes,
		.idle_median_ns = -1,
	};
}

void out_fixture_refs(struct out_fixture *fixture)
{
	fixture->info.method = METHOD_REFS;
	for (unsigned int i = 0; i < NR_TRACKED; i++)
		make_refs(&fixture->regions[i]);
	sum_again(fixture);
}

void out_fixture_sum_up(struct out_fixture *fixture, unsigned int samples)
{
	struct run_summary *summary = &fixture->summary;
	const struct figures *figures = &fixture->snap.figures;

	summary->samples = samples;
	summary->tracked = samples && fixture->snap.tracked;
	summary->ages = samples && fixture->snap.ages;
	summary->writes = samples && fixture->snap.writes_only;
	summary->hot_mean_bytes = figures->hot_bytes;
	summary->hot_min_bytes = summary->hot_max_bytes = figures->hot_bytes;
	summary->cold_mean_bytes = figures->cold_bytes;
	summary->written_mean_bytes = fixture->snap.writes.hot_bytes;
	summary->written_max_bytes = fixture->snap.writes.hot_bytes;
}
