/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A target for zaps that checks every byte of its memory all the time.
 *
 * usage: zapee MODE [THREADS [MB]]
 *   memfd, file, sysv, locked, hugetlb, anon: threads that read and write a shared mapping of that
 *       kind, and a private mapping of the same file beside it (where there is a file)
 *   adversary: each thread has a place of its own, where a shared mapping and a private
 *       one take turns as fast as they can
 *   kin: the same, done in turns by the threads and by processes that share the memory
 *       but are no threads
 *   breeder: the same, each turn in a thread made for it
 *   sharer: memfd, and one such process that stays
 *   sqpoll: memfd, and a kernel's thread of io_uring that never rests
 *   dispatch: memfd, and a main thread that decides by a byte which calls are the kernel's
 *   idle: memfd, threads that sleep
 * Prints "pid N", "map ADDR..." and "ready".  Ends when stdin does, and says "rounds N
 * harms N": 0 if M is 0.  The first deviation prints "HARM what: got, want".
 */
#define _GNU_SOURCE 1
#include <errno.h>
#include <fcntl.h>
#include <linux/io_uring.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/shm.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define SKIP 77
#define PAGE 4096ul
#define WORDS (PAGE / sizeof(uint64_t))
#define HUGE (2ul << 20)
#define MAX_THREADS 256
#define ADVERSARY_PAGES 16ul
#define STACK_BYTES 65536
#define LONG_REST_US 200000
#define SPARE_PAGES 16ul /* unmapped, between places */

static atomic_ulong nr_rounds, nr_harms;
static atomic_bool stopping;

struct worker {
	unsigned int number, nr; /* this one of so many */
	uint64_t seed;
	uint64_t *shared, *beside; /* beside: private, or NULL */
	uint64_t *seen;		   /* what each page of ours shall hold */
	size_t pages;
	int fd;
	char *stack; /* of kin */
};

static void die(const char *what)
{
	perror(what);
	exit(2);
}

static void expect(const char *what, uint64_t got, uint64_t want)
{
	if (got == want)
		return;
	if (atomic_fetch_add(&nr_harms, 1) == 0)
		dprintf(STDOUT_FILENO, "HARM %s: got 0x%lx, want 0x%lx\n", what, got, want);
}

static uint64_t random_next(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

/* Every word tells where it is, so that a page in another's place shows. */
static uint64_t word_of(uint64_t base, size_t page, size_t i)
{
	return base * 0x9e3779b97f4a7c15u ^ (uint64_t)page << 16 ^ i;
}

static void fill(uint64_t *at, uint64_t base, size_t page)
{
	for (size_t i = 0; i < WORDS; i++)
		at[i] = word_of(base, page, i);
}

static void check(const char *what, const uint64_t *at, uint64_t base, size_t page)
{
	for (size_t i = 0; i < WORDS; i++)
		if (((const volatile uint64_t *)at)[i] != word_of(base, page, i))
			expect(what, at[i], word_of(base, page, i));
}

/* Threads have every nr-th page each: neighbours in the page tables, strangers in the data. */
static void check_shared(struct worker *w)
{
	const uint64_t r = random_next(&w->seed);
	const size_t i = r % (w->pages / w->nr), page = i * w->nr + w->number;
	uint64_t *at = w->shared + page * WORDS;

	check("shared page", at, w->seen[i], page);
	if (r >> 32 & 1) {
		w->seen[i] = r;
		fill(at, r, page);
	}
	if (w->beside)
		check("private page", w->beside + page * WORDS, ~(uint64_t)page, page);
}

static void *shared_main(void *arg)
{
	struct worker *w = arg;

	while (!atomic_load(&stopping)) {
		check_shared(w);
		atomic_fetch_add(&nr_rounds, 1);
	}
	for (size_t i = 0; i < w->pages / w->nr; i++)
		check("shared page at the end", w->shared + (i * w->nr + w->number) * WORDS,
		      w->seen[i], i * w->nr + w->number);
	return NULL;
}

static void *idle_main(void *arg)
{
	(void)arg;
	while (!atomic_load(&stopping))
		poll(NULL, 0, 1000000);
	return NULL;
}

static void map_here(struct worker *w, int flags, int fd)
{
	if (mmap(w->shared, w->pages * PAGE, PROT_READ | PROT_WRITE, flags | MAP_FIXED, fd,
		 (off_t)(w->number * w->pages * PAGE)) == MAP_FAILED)
		die("mmap");
}

/*
 * A private mapping for a while, then the shared one again; that sometimes stays
 * long enough to be observed.
 */
static void adversary_turn(struct worker *w)
{
	const uint64_t base = random_next(&w->seed);
	const unsigned int looks = base >> 20 & 3;

	map_here(w, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	for (size_t page = 0; page < w->pages; page++)
		fill(w->shared + page * WORDS, base, page);
	for (unsigned int look = 0; look <= looks; look++)
		for (size_t page = 0; page < w->pages; page++)
			check("private page", w->shared + page * WORDS, base, page);
	map_here(w, MAP_SHARED, w->fd);
	if (!(base >> 40 & 255))
		usleep(LONG_REST_US);
	else if (base >> 24 & 1)
		usleep((base >> 25 & 255) + 1);
}

static void adversary_round(struct worker *w)
{
	adversary_turn(w);
	for (size_t page = 0; page < w->pages; page++) {
		uint64_t *at = w->shared + page * WORDS;

		check("shared page", at, w->seen[page], page);
		if (random_next(&w->seed) & 1)
			fill(at, ++w->seen[page], page);
	}
	atomic_fetch_add(&nr_rounds, 1);
}

static void *adversary_main(void *arg)
{
	while (!atomic_load(&stopping))
		adversary_round(arg);
	return NULL;
}

static void *turn_main(void *arg)
{
	adversary_round(arg);
	return NULL;
}

/* Its threads come while others are being stopped. */
static void *breeder_main(void *arg)
{
	pthread_t thread;

	while (!atomic_load(&stopping))
		if (pthread_create(&thread, NULL, turn_main, arg) || pthread_join(thread, NULL))
			die("pthread_create");
	return NULL;
}

static int kin_once(void *arg)
{
	for (int i = 0; i < 3; i++)
		adversary_round(arg);
	return 0;
}

/* Only one of the two is at it at any time; the other sleeps, and can be stopped. */
static void *kin_main(void *arg)
{
	const struct timespec nap = { .tv_nsec = 2000000 };
	struct worker *w = arg;

	w->stack = malloc(STACK_BYTES);
	while (!atomic_load(&stopping)) {
		const int pid = clone(kin_once, w->stack + STACK_BYTES, CLONE_VM | SIGCHLD, w);

		if (pid < 0 || waitpid(pid, NULL, 0) != pid)
			die("clone");
		adversary_round(arg);
		nanosleep(&nap, NULL);
	}
	return NULL;
}

static int file_for(const char *mode, size_t bytes)
{
	char path[] = "zapee-XXXXXX";
	int fd;

	if (!strcmp(mode, "file")) {
		fd = mkstemp(path);
		unlink(path);
	} else {
		fd = memfd_create("zapee", strcmp(mode, "hugetlb") ? 0 : MFD_HUGETLB);
	}
	if (fd < 0 || ftruncate(fd, (off_t)bytes))
		die("file");
	return fd;
}

static uint64_t *map_sysv(size_t bytes)
{
	int id = shmget(IPC_PRIVATE, bytes, 0600);
	void *at = id < 0 ? (void *)-1 : shmat(id, NULL, 0);

	if (at == (void *)-1)
		die("shm");
	shmctl(id, IPC_RMID, NULL);
	return at;
}

static uint64_t *map_shared(const char *mode, size_t bytes, int *fd)
{
	void *at;

	*fd = -1;
	if (!strcmp(mode, "sysv"))
		return map_sysv(bytes);
	if (strcmp(mode, "anon"))
		*fd = file_for(mode, bytes);
	at = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | (*fd < 0 ? MAP_ANONYMOUS : 0),
		  *fd, 0);
	if (at == MAP_FAILED || (!strcmp(mode, "locked") && mlock(at, bytes)))
		die("mmap");
	return at;
}

/* As changed by this program, and as the file knows nothing of. */
static uint64_t *map_beside(int fd, size_t bytes)
{
	uint64_t *at = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);

	if (at == MAP_FAILED)
		die("mmap beside");
	for (size_t page = 0; page < bytes / PAGE; page++)
		fill(at + page * WORDS, ~(uint64_t)page, page);
	return at;
}

static void shared_prepare(struct worker *w, const char *mode, size_t bytes)
{
	static uint64_t *shared, *beside;
	static int fd;

	if (!shared) {
		shared = map_shared(mode, bytes, &fd);
		if (fd >= 0 && strcmp(mode, "hugetlb"))
			beside = map_beside(fd, bytes);
		printf("map %lx\n", (unsigned long)shared);
	}
	w->shared = shared;
	w->beside = beside;
	w->pages = bytes / PAGE;
	w->seen = calloc(w->pages, sizeof(*w->seen));
	for (size_t i = 0; i < w->pages / w->nr; i++)
		fill(shared + (i * w->nr + w->number) * WORDS, 0, i * w->nr + w->number);
}

static void adversary_prepare(struct worker *w)
{
	static char *places;
	static int fd;
	const size_t size = (ADVERSARY_PAGES + SPARE_PAGES) * PAGE;

	if (!places) {
		places = mmap(NULL, size * w->nr, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		fd = file_for("memfd", ADVERSARY_PAGES * PAGE * w->nr);
		if (places == MAP_FAILED)
			die("mmap");
		printf("map");
	}
	w->shared = (void *)(places + size * w->number);
	w->pages = ADVERSARY_PAGES;
	w->fd = fd;
	w->seen = calloc(w->pages, sizeof(*w->seen));
	map_here(w, MAP_SHARED, fd);
	for (size_t page = 0; page < w->pages; page++)
		fill(w->shared + page * WORDS, 0, page);
	printf(w->number + 1 < w->nr ? " %lx" : " %lx\n", (unsigned long)w->shared);
}

static int sharer_main(void *arg)
{
	(void)arg;
	prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	while (!atomic_load(&stopping))
		poll(NULL, 0, 10);
	return 0;
}

static void share(void)
{
	static char stack[STACK_BYTES] __attribute__((aligned(16)));

	if (clone(sharer_main, stack + sizeof(stack), CLONE_VM | SIGCHLD, NULL) < 0)
		die("clone");
}

static void poll_ring(void)
{
	struct io_uring_params params = { .flags = IORING_SETUP_SQPOLL, .sq_thread_idle = 100000 };

	if (syscall(SYS_io_uring_setup, 1, &params) < 0)
		exit(SKIP);
}

#ifndef PR_SET_SYSCALL_USER_DISPATCH
#define PR_SET_SYSCALL_USER_DISPATCH 59
#endif

static void dispatch(void)
{
	static char selector; /* 0: they are */

	if (prctl(PR_SET_SYSCALL_USER_DISPATCH, 1, 0, 0, &selector))
		exit(SKIP);
}

static void await_end_of_input(void)
{
	char byte;

	while (read(STDIN_FILENO, &byte, 1) > 0)
		;
	atomic_store(&stopping, true);
}

static const struct mode {
	const char *name;
	void *(*main)(void *arg);
	void (*also)(void);
	bool adversary;
} modes[] = {
	{ .name = "memfd", .main = shared_main },
	{ .name = "file", .main = shared_main },
	{ .name = "sysv", .main = shared_main },
	{ .name = "locked", .main = shared_main },
	{ .name = "hugetlb", .main = shared_main },
	{ .name = "anon", .main = shared_main },
	{ .name = "sharer", .main = shared_main, .also = share },
	{ .name = "sqpoll", .main = shared_main, .also = poll_ring },
	{ .name = "dispatch", .main = shared_main, .also = dispatch },
	{ .name = "idle", .main = idle_main },
	{ .name = "adversary", .main = adversary_main, .adversary = true },
	{ .name = "breeder", .main = breeder_main, .adversary = true },
	{ .name = "kin", .main = kin_main, .adversary = true },
};

static const struct mode *mode_find(const char *name)
{
	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++)
		if (!strcmp(modes[i].name, name))
			return &modes[i];
	return NULL;
}

int main(int argc, char **argv)
{
	static struct worker workers[MAX_THREADS];
	pthread_t threads[MAX_THREADS];
	const struct mode *mode = argc > 1 ? mode_find(argv[1]) : NULL;
	const unsigned int nr = argc > 2 ? (unsigned int)strtoul(argv[2], NULL, 10) : 2;
	const size_t bytes = (argc > 3 ? strtoul(argv[3], NULL, 10) : 64) << 20;

	if (!mode || !nr || nr > MAX_THREADS || bytes < HUGE) {
		fputs("usage: zapee MODE [THREADS [MB]]\n", stderr);
		return 2;
	}
	printf("pid %d\n", getpid());
	for (unsigned int i = 0; i < nr; i++) {
		workers[i] =
			(struct worker){ .number = i, .nr = nr, .seed = 88172645463325252 + i };
		if (mode->adversary)
			adversary_prepare(&workers[i]);
		else
			shared_prepare(&workers[i], mode->name, bytes);
	}
	if (mode->also)
		mode->also();
	for (unsigned int i = 0; i < nr; i++)
		if (pthread_create(&threads[i], NULL, mode->main, &workers[i]))
			die("pthread_create");
	puts("ready");
	fflush(stdout);
	await_end_of_input();
	for (unsigned int i = 0; i < nr && mode->main != idle_main; i++)
		pthread_join(threads[i], NULL);
	printf("rounds %lu harms %lu\n", atomic_load(&nr_rounds), atomic_load(&nr_harms));
	return atomic_load(&nr_harms) != 0;
}
