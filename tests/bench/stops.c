/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How long an attach stops its target, as the target itself sees it (make bench-stops).
 * One of its threads reads the clock all the time, and keeps the longest gap between
 * two readings: once around each attach, and once for as long without any, in turn.
 * A machine that does other work has gaps of its own; the columns beside each other
 * tell them apart.  What wsstat reports of the same stops stands beside, too.
 *
 * usage: stops [ATTACHES [MIB THREADS]...]
 */
#include "config.h"

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "base/clock.h"
#include "base/parse.h"
#include "kernel/inject.h"

#define MAX_ATTACHES 100000u
#define MAX_THREADS 10000u
#define NR_RUNNERS 3u /* threads that work now and then, of more than that */
#define WORK_NS 100000
#define REST_NS 400000
#define PAUSE_NS 200000 /* between attaches */
#define LAW_NS 1000000

/* Shared with the target. */
struct board {
	atomic_uint round, seen; /* asked for and begun */
	atomic_uint ready;	 /* threads that are where they shall be */
	_Atomic(int64_t) gap_ns; /* the longest of the round before ->seen */
};

struct target {
	struct board *board;
	uint64_t bytes;
	unsigned int threads;
	int pid;
};

struct times {
	unsigned int nr;
	int64_t *ns;
};

/* The thread that looks at the clock. */
static void tick(struct board *board)
{
	unsigned int round = atomic_load(&board->round);
	int64_t last = clock_ns(CLOCK_MONOTONIC), longest = 0;

	atomic_fetch_add(&board->ready, 1);
	for (;;) {
		const int64_t now = clock_ns(CLOCK_MONOTONIC);

		if (now - last > longest)
			longest = now - last;
		last = now;
		if (atomic_load(&board->round) == round)
			continue;
		round = atomic_load(&board->round);
		atomic_store(&board->gap_ns, longest);
		atomic_store(&board->seen, round);
		longest = 0;
	}
}

static void run(struct board *board)
{
	const struct timespec rest = { .tv_nsec = REST_NS };

	atomic_fetch_add(&board->ready, 1);
	for (;;) {
		const int64_t end = clock_ns(CLOCK_MONOTONIC) + WORK_NS;

		while (clock_ns(CLOCK_MONOTONIC) < end)
			;
		nanosleep(&rest, NULL);
	}
}

/* In one of the calls in which threads of servers are asleep. */
static void sleep_for_good(struct board *board, unsigned int kind)
{
	static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
	static pthread_cond_t never = PTHREAD_COND_INITIALIZER;
	const struct timespec hour = { .tv_sec = 3600 };
	int ends[2];
	char byte;

	atomic_fetch_add(&board->ready, 1);
	for (;;) {
		if (kind == 0)
			nanosleep(&hour, NULL);
		else if (kind == 1)
			poll(NULL, 0, -1);
		else if (kind == 2 && !pipe(ends))
			(void)!read(ends[0], &byte, 1);
		pthread_mutex_lock(&mutex);
		pthread_cond_wait(&never, &mutex);
		pthread_mutex_unlock(&mutex);
	}
}

struct worker {
	struct board *board;
	unsigned int nr;
};

static void *worker_main(void *arg)
{
	const struct worker *worker = arg;

	if (worker->nr == 1)
		tick(worker->board);
	else if (worker->nr <= 1 + NR_RUNNERS)
		run(worker->board);
	else
		sleep_for_good(worker->board, worker->nr % 4);
	return NULL;
}

/* The first thread after the main one ticks, unless there is none. */
static void target_main(const struct target *target)
{
	static struct worker workers[MAX_THREADS];
	char *memory = mmap(NULL, target->bytes, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	pthread_attr_t small;
	pthread_t thread;

	prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	if (memory == MAP_FAILED || pthread_attr_init(&small) ||
	    pthread_attr_setstacksize(&small, 65536))
		_exit(1);
	madvise(memory, target->bytes, MADV_NOHUGEPAGE);
	memset(memory, 1, target->bytes);
	for (unsigned int i = 1; i < target->threads; i++) {
		workers[i] = (struct worker){ target->board, i };
		if (pthread_create(&thread, &small, worker_main, &workers[i]))
			_exit(1);
	}
	if (target->threads == 1)
		tick(target->board);
	sleep_for_good(target->board, 0);
}

static void pause_ns(int64_t ns)
{
	const struct timespec pause = { .tv_sec = ns / NS_PER_S, .tv_nsec = ns % NS_PER_S };

	nanosleep(&pause, NULL);
}

static int target_start(struct target *target)
{
	target->board = mmap(NULL, sizeof(*target->board), PROT_READ | PROT_WRITE,
			     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (target->board == MAP_FAILED)
		return -1;
	target->pid = fork();
	if (!target->pid)
		target_main(target);
	while (target->pid > 0 && atomic_load(&target->board->ready) < target->threads) {
		if (waitpid(target->pid, NULL, WNOHANG))
			return -1;
		pause_ns(PAUSE_NS);
	}
	return target->pid < 0 ? -1 : 0;
}

static void target_stop(struct target *target)
{
	if (target->pid > 0) {
		kill(target->pid, SIGKILL);
		waitpid(target->pid, NULL, 0);
	}
	munmap(target->board, sizeof(*target->board));
}

/* Begin another round; the longest gap of the one before. */
static int64_t round_next(struct board *board)
{
	const unsigned int round = atomic_fetch_add(&board->round, 1) + 1;

	while (atomic_load(&board->seen) != round)
		pause_ns(PAUSE_NS / 10);
	return atomic_load(&board->gap_ns);
}

static void times_add(struct times *times, int64_t ns)
{
	times->ns[times->nr++] = ns;
}

/* One attach, and a while as long without any. */
static int attach(const struct target *target, const struct proc *proc, struct times *quiet,
		  struct times *gaps, struct times *told, struct error *err)
{
	struct injected injected;
	int64_t began;

	pause_ns(PAUSE_NS);
	round_next(target->board);
	began = clock_boot_ns();
	if (inject_userfaultfd(proc, &injected, err))
		return -1;
	close(injected.fd);
	times_add(gaps, round_next(target->board));
	times_add(told, injected.stopped_ns);
	if (injected.threads != target->threads)
		return error_set(err, ERROR_FAILED, 0, "%u threads were stopped, not %u",
				 injected.threads, target->threads);
	began = clock_boot_ns() - began;
	pause_ns(PAUSE_NS);
	round_next(target->board);
	pause_ns(began);
	times_add(quiet, round_next(target->board));
	return 0;
}

static int by_value(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

static void tell(const char *what, struct times *times)
{
	unsigned int above = 0;

	qsort(times->ns, times->nr, sizeof(*times->ns), by_value);
	for (unsigned int i = 0; i < times->nr; i++)
		above += times->ns[i] >= LAW_NS;
	printf("    %-22s %9.3f %9.3f %9.3f ms %6u of %u\n", what,
	       (double)times->ns[times->nr / 2] / 1e6,
	       (double)times->ns[times->nr - 1 - times->nr / 100] / 1e6,
	       (double)times->ns[times->nr - 1] / 1e6, above, times->nr);
}

static int measure(const struct target *target, unsigned int attaches, struct error *err)
{
	auto_free int64_t *room = calloc(3 * (size_t)attaches, sizeof(*room));
	struct times quiet = { 0, room }, gaps = { 0, room + attaches },
		     told = { 0, room + 2 * (size_t)attaches };
	struct proc proc;
	int rc = room ? proc_open(&proc, target->pid, err)
		      : error_set(err, ERROR_FAILED, 0, "out of memory");

	if (rc)
		return rc; /* cppcheck-suppress memleak */
	for (unsigned int i = 0; !rc && i < attaches; i++)
		rc = attach(target, &proc, &quiet, &gaps, &told, err);
	proc_close(&proc);
	if (rc)
		return rc;
	printf("%llu MiB, %u threads\n", (unsigned long long)target->bytes >> 20, target->threads);
	tell("gap without attach", &quiet);
	tell("gap at attach", &gaps);
	tell("stop, told by wsstat", &told);
	return 0;
}

struct size {
	uint64_t mib, threads;
};

static int bench(const struct size *size, unsigned int attaches)
{
	struct target target = {
		.bytes = size->mib << 20,
		.threads = (unsigned int)size->threads,
	};
	struct error err = { 0 };
	int rc;

	fflush(stdout);
	if (target_start(&target))
		rc = error_set(&err, ERROR_FAILED, 0, "cannot start a target of %llu MiB",
			       (unsigned long long)size->mib);
	else
		rc = measure(&target, attaches, &err);
	target_stop(&target);
	if (rc)
		fprintf(stderr, "stops: %s\n", err.text);
	return rc;
}

static const struct size defaults[] = { { 10, 1 }, { 10, 200 }, { 8192, 1 }, { 8192, 200 } };

static int usage(void)
{
	fputs("usage: stops [ATTACHES [MIB THREADS]...]\n", stderr);
	return 2;
}

int main(int argc, char **argv)
{
	struct error err = { 0 };
	struct size size;
	uint64_t attaches = 1000;
	int rc = 0;

	if (argc > 1 && (argc % 2 || parse_u64(argv[1], &attaches, &err) || !attaches ||
			 attaches > MAX_ATTACHES))
		return usage();
	printf("%-27s%9s %9s %9s    %6s\n", "", "median", "99 %", "worst", ">= 1 ms");
	for (size_t i = 0; argc <= 2 && !rc && i < ARRAY_LEN(defaults); i++)
		rc = bench(&defaults[i], (unsigned int)attaches);
	for (int i = 2; !rc && i < argc; i += 2) {
		if (parse_u64(argv[i], &size.mib, &err) ||
		    parse_u64(argv[i + 1], &size.threads, &err) || !size.mib || !size.threads ||
		    size.threads > MAX_THREADS)
			return usage();
		rc = bench(&size, (unsigned int)attaches);
	}
	return rc ? 1 : 0;
}
