/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Are reads and writes told apart, exactly? A child touches pages as it is told, and in
 * step with it they are zapped: every page's answer must be what was done to it,
 * afterwards nothing may be present, and at the end every byte must be right.
 *
 * usage: zap_exact memfd|anon|sysv|file|locked|hugetlb|moved [ROUNDS [SEED]]
 *   moved: a memfd's, all the time, between the first two nodes of this machine's memory
 * Prints "rounds N pages N wrong N overstated N present N harms N"; overstated: told as written,
 * but only read.  0 if it is all well, but for those; 77 when there is no such memory here.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/mempolicy.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/shm.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "kernel/pagemap.h"
#include "zap_kit.h"

#define NR_UNITS 2048u
#define NR_HUGE_UNITS 8u
#define SKIP 77
#define SHORT_NS 200000
#define LONG_NS 20000000

enum touch { UNTOUCHED, READ, WRITTEN };

struct area {
	unsigned char *at;
	size_t unit, nr;
};

static uint64_t random_next(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

/* What is to be done in a round: the same for who does it and for who checks. */
static void plan_round(uint64_t seed, enum touch *touch, size_t nr)
{
	uint64_t state = seed * 0x9e3779b97f4a7c15u | 1;
	const unsigned int density = random_next(&state) % 16;

	for (size_t i = 0; i < nr; i++) {
		const uint64_t r = random_next(&state) >> 20;

		touch[i] = r % 16 > density ? UNTOUCHED : r >> 8 & 1 ? WRITTEN : READ;
	}
}

static int file_of(const char *kind)
{
	char path[] = "zap_exact-XXXXXX";
	int fd;

	if (!strcmp(kind, "hugetlb"))
		return memfd_create("exact", MFD_CLOEXEC | MFD_HUGETLB);
	if (strcmp(kind, "file"))
		return memfd_create("exact", MFD_CLOEXEC);
	fd = mkstemp(path);
	unlink(path);
	return fd;
}

static void *map_file(const char *kind, size_t bytes)
{
	const int fd = file_of(kind);

	if (fd < 0 || ftruncate(fd, (off_t)bytes))
		return MAP_FAILED;
	return mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
}

static void *map_sysv(size_t bytes)
{
	const int id = shmget(IPC_PRIVATE, bytes, 0600);
	void *at = id < 0 ? MAP_FAILED : shmat(id, NULL, 0);

	if (id >= 0)
		shmctl(id, IPC_RMID, NULL);
	return at;
}

static bool area_make(struct area *area, const char *kind)
{
	const bool huge = !strcmp(kind, "hugetlb");

	area->unit = huge ? HUGE_BYTES : PAGE_BYTES;
	area->nr = huge ? NR_HUGE_UNITS : NR_UNITS;
	if (!strcmp(kind, "sysv"))
		area->at = map_sysv(area->unit * area->nr);
	else if (!strcmp(kind, "anon"))
		area->at = mmap(NULL, area->unit * area->nr, PROT_READ | PROT_WRITE,
				MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	else
		area->at = map_file(kind, area->unit * area->nr);
	return area->at != MAP_FAILED;
}

/*
 * Whoever reclaims memory meanwhile takes pages out of page tables, and what was done to
 * them is lost (a DAMON scheme does that also where there is memory enough).  From pages
 * that somebody has locked they keep away; the child's mapping is locked for kind
 * "locked" only.
 */
static bool keep(const struct area *area)
{
	return !mlock(area->at, area->unit * area->nr);
}

static _Atomic unsigned long *nr_moved; /* shared with who moves */

static void move_to(const struct area *area, int pid, int node)
{
	void *page[NR_UNITS];
	int to[NR_UNITS], status[NR_UNITS];

	for (size_t i = 0; i < area->nr; i++) {
		page[i] = area->at + i * area->unit;
		to[i] = node;
	}
	if (syscall(SYS_move_pages, pid, area->nr, page, to, status, MPOL_MF_MOVE_ALL) < 0)
		_exit(1);
	for (size_t i = 0; i < area->nr; i++)
		*nr_moved += status[i] == node;
}

/* A process that moves the area's pages until we end, as compaction and NUMA balancing do. */
static void mover_start(const struct area *area, int pid)
{
	nr_moved = mmap(NULL, PAGE_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
			0);
	if (nr_moved == MAP_FAILED || fork())
		return;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (int node = 0;; node = !node)
		move_to(area, pid, node);
}

/* In the child; returns 0: what it read is looked at in the end. */
static uint64_t do_round(const struct area *area, uint64_t seed)
{
	enum touch touch[NR_UNITS];

	plan_round(seed, touch, area->nr);
	for (size_t i = 0; i < area->nr; i++) {
		volatile uint64_t *word = (void *)(area->at + i * area->unit + seed % 500 * 8);

		if (touch[i] == WRITTEN)
			*word = seed ^ i;
		else if (touch[i] == READ)
			(void)*word;
	}
	return 0;
}

/* All writes of all rounds, repeated on paper. */
static uint64_t check_all(const struct area *area, uint64_t first, uint64_t last)
{
	const size_t words = PAGE_BYTES / sizeof(uint64_t);
	auto_free uint64_t *want = calloc(area->nr * words, sizeof(*want));
	enum touch touch[NR_UNITS];
	uint64_t harms = 0;

	for (uint64_t seed = first; want && seed < last; seed++) {
		plan_round(seed, touch, area->nr);
		for (size_t i = 0; i < area->nr; i++)
			if (touch[i] == WRITTEN)
				want[i * words + seed % 500] = seed ^ i;
	}
	for (size_t i = 0; want && i < area->nr; i++)
		harms += memcmp(area->at + i * area->unit, want + i * words, PAGE_BYTES) != 0;
	return want ? harms : 1;
}

struct order {
	uint64_t first, seed; /* seed 0: check everything since first */
};

static void child_main(const struct area *area, bool locked, int orders, int answers)
{
	struct order order;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (locked && !keep(area))
		_exit(1);
	while (read(orders, &order, sizeof(order)) == sizeof(order)) {
		const uint64_t harms = order.first ? check_all(area, order.first, order.seed)
						   : do_round(area, order.seed);

		if (write(answers, &harms, sizeof(harms)) != sizeof(harms))
			break;
	}
	_exit(0);
}

struct child {
	int pid, orders, answers;
};

static struct child child_start(const struct area *area, bool locked)
{
	struct child child;
	int orders[2], answers[2];

	if (pipe(orders) || pipe(answers))
		exit(2);
	child.pid = fork();
	if (!child.pid)
		child_main(area, locked, orders[0], answers[1]);
	child.orders = orders[1];
	child.answers = answers[0];
	return child;
}

static uint64_t child_do(const struct child *child, uint64_t first, uint64_t seed)
{
	const struct order order = { first, seed };
	uint64_t harms;

	if (write(child->orders, &order, sizeof(order)) != sizeof(order) ||
	    read(child->answers, &harms, sizeof(harms)) != sizeof(harms))
		exit(2);
	return harms;
}

/* Zaps all of it, in as many calls as it takes; what was seen goes to touch. */
static void zap_area(struct kit *kit, const struct mapping *map, const struct area *area,
		     enum touch *touch)
{
	struct mapping rest = *map;
	struct error err;
	struct zap zap;

	memset(touch, 0, area->nr * sizeof(*touch));
	while (!range_empty(rest.range)) {
		int rc;

		/* Now in one stop, now in many. */
		kit->limit_ns = kit->limit_ns == SHORT_NS ? LONG_NS : SHORT_NS;
		rc = kit_zap(kit, &rest, 16 * area->unit, &zap, &err);

		if (rc && rc != -EAGAIN) {
			fprintf(stderr, "zap_exact: %d: %s\n", rc, err.text);
			exit(1);
		}
		for (size_t i = 0; i < zap.nr_runs; i++)
			for (uint64_t at = zap.vec[i].start; at < zap.vec[i].end; at += area->unit)
				touch[(at - map->range.start) / area->unit] =
					zap.vec[i].categories & PAGE_IS_WRITTEN ? WRITTEN : READ;
		if (zap.done)
			rest.range.start = kit->piece[zap.done - 1].end;
		rest.offset = map->offset + (rest.range.start - map->range.start);
	}
}

static uint64_t present(const struct kit *kit, struct range range)
{
	const struct pagemap_query query = { .range = range, .mask = PAGE_IS_PRESENT };
	uint64_t walked;
	const ssize_t nr = pagemap_scan(kit->pagemap, &query, kit->vec, kit->vec_len, &walked);

	return nr < 0 ? 1 : (uint64_t)nr;
}

static bool attach(struct kit *kit, const struct area *area, const struct child *child,
		   struct mapping *map)
{
	enum touch touch[NR_UNITS];

	kit_open(kit, child->pid, (size_t)NR_UNITS * HUGE_PAGES);
	if (!kit_find(kit, (uintptr_t)area->at, map) || kit_arm(kit, map->range))
		return false;
	zap_area(kit, map, area, touch);
	return true;
}

int main(int argc, char **argv)
{
	static struct kit kit;
	const char *kind = argc > 1 ? argv[1] : "memfd";
	const uint64_t rounds = argc > 2 ? strtoull(argv[2], NULL, 10) : 100;
	const uint64_t first = argc > 3 ? strtoull(argv[3], NULL, 10) : 1;
	uint64_t wrong = 0, overstated = 0, left = 0, harms = 0, pages = 0;
	struct mapping map;
	struct area area;

	const bool moved = !strcmp(kind, "moved");

	if (!area_make(&area, kind) || (moved && access("/sys/devices/system/node/node1", F_OK)))
		return SKIP;
	const struct child child = child_start(&area, !strcmp(kind, "locked"));
	/* Before it is observed: in the end the child finds what it finds now. */
	if (!keep(&area) || child_do(&child, first, first))
		return 1;
	if (!attach(&kit, &area, &child, &map))
		return 1;
	if (moved)
		mover_start(&area, getpid());
	for (uint64_t seed = first; seed < first + rounds; seed++) {
		enum touch want[NR_UNITS], got[NR_UNITS];

		harms += child_do(&child, 0, seed);
		plan_round(seed, want, area.nr);
		zap_area(&kit, &map, &area, got);
		left += present(&kit, map.range);
		for (size_t i = 0; i < area.nr; i++) {
			if (want[i] == READ && got[i] == WRITTEN)
				overstated++;
			else
				wrong += want[i] != got[i];
			pages += want[i] != UNTOUCHED;
		}
	}
	harms += child_do(&child, first, first + rounds);
	printf("rounds %lu pages %lu wrong %lu overstated %lu present %lu harms %lu\n", rounds,
	       pages, wrong, overstated, left, harms);
	kit_close(&kit);
	if (moved)
		printf("moved %lu\n", *nr_moved);
	return wrong || left || harms || !pages || (moved && !*nr_moved);
}
