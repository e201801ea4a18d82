/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A target that checks itself all the time: registers, FPU and vector state,
 * red zone, system call results, signals, stacks, memory and descriptors.  The first
 * deviation prints "HARM what: got, want"; all are counted.
 *
 * usage: selfcheck [--main STATE] [--threads N] [--others STATE] [--one STATE] [--eintr counts]
 * Prints "pid N", "map ADDR", of memory that is shared, and "ready".  On stdin: "status", "quit",
 * or "end": the main thread does, the others go on.  SIGTERM quits too.  These answer "checks N
 * harms M uffds K threads T"; the end is 0 if M is 0.
 * --eintr counts: calls that any stop of a thread interrupts (signal(7)) may say so, and "eintrs N"
 * tells how often: a tracer that dies before a thread has stopped cannot prevent it.
 */
#define _GNU_SOURCE 1
#include <dirent.h>
#include <errno.h>
#include <linux/futex.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "selfcheck.h"

#define MAX_THREADS 64
#define MEMORY_WORDS 65536
#define PRIVATE_WORDS 8192
#define HANDLER_ROOM 1024 /* of stack, beside the signal frame */

struct state {
	const char *name;
	void (*check)(struct worker *w);
};

static atomic_ulong nr_checks, nr_harms, nr_eintrs;
static bool eintr_counts;
static __thread volatile unsigned long handled;
static __thread struct worker *self;
static atomic_bool stopping;
static struct worker workers[MAX_THREADS + 1];
static uint64_t *memory; /* of all workers; shared, so that it can be zapped */
static pthread_barrier_t all_ready;

void expect(const char *what, uint64_t got, uint64_t want)
{
	atomic_fetch_add(&nr_checks, 1);
	if (got == want)
		return;
	if (atomic_fetch_add(&nr_harms, 1) == 0)
		dprintf(STDOUT_FILENO, "HARM %s: got 0x%lx, want 0x%lx\n", what, (unsigned long)got,
			(unsigned long)want);
}

int64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000L + t.tv_nsec;
}

void expect_slept(const char *what, int64_t since)
{
	const int64_t slept = now_ns() - since;

	expect(what, (uint64_t)(slept < NAP_NS ? slept : NAP_NS), NAP_NS);
}

static uint64_t random_next(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

static void expect_words(const char *what, const void *got, const void *want, size_t bytes)
{
	const uint64_t *g = got, *w = want;

	for (size_t i = 0; i < bytes / sizeof(*g); i++)
		expect(what, g[i], w[i]);
}

/* Little stack is used, but for telling of a deviation. */
void spin_once(struct worker *w, uint64_t loops)
{
	struct spin *in = &w->in, *out = &w->out;

	for (uint64_t *word = in->gpr; word < in->opmask + 8; word++)
		*word = random_next(&w->seed);
	for (int i = 0; i < SPIN_NR_X87; i++)
		in->x87[i] = (double)random_next(&w->seed);
	in->loops = loops;
	in->mxcsr = 0x3f80;  /* rounds down; the default is to nearest */
	in->x87_cw = 0x0b7f; /* rounds up */
	errno = 4242;
	spin_run(in, out);
	expect("errno", (uint64_t)errno, 4242);
	expect_words("general register", out->gpr, in->gpr, sizeof(in->gpr));
	expect_words("red zone", out->red_zone, in->red_zone, sizeof(in->red_zone));
	expect_words("vector register", out->vector, in->vector, spin_vector_bytes());
	expect_words("opmask register", out->opmask, in->opmask, spin_opmask_bytes());
	expect_words("x87 register", out->x87, in->x87, sizeof(in->x87));
	expect("carry and direction flag", out->flags & 0x401, 0x401);
	expect("MXCSR", out->mxcsr, in->mxcsr);
	expect("x87 control word", out->x87_cw, in->x87_cw);
}

static void check_spin(struct worker *w)
{
	spin_once(w, SPIN_LOOPS);
}

static void check_nanosleep(struct worker *w)
{
	const struct timespec nap = { .tv_nsec = NAP_NS };
	const int64_t since = now_ns();

	(void)w;
	expect("nanosleep", (uint64_t)(long)syscall(SYS_nanosleep, &nap, NULL), 0);
	expect_slept("nanosleep time", since);
}

static void check_poll(struct worker *w)
{
	const struct timespec nap = { .tv_nsec = NAP_NS };
	int64_t since = now_ns();

	(void)w;
	expect("poll", (uint64_t)poll(NULL, 0, NAP_NS / 1000000), 0);
	expect_slept("poll time", since);
	since = now_ns();
	expect("ppoll", (uint64_t)ppoll(NULL, 0, &nap, NULL), 0);
	expect_slept("ppoll time", since);
}

static void check_epoll(struct worker *w)
{
	struct epoll_event event;
	const int64_t since = now_ns();
	const int nr = epoll_wait(w->epoll, &event, 1, NAP_NS / 1000000);

	if (eintr_counts && nr < 0 && errno == EINTR) {
		atomic_fetch_add(&nr_eintrs, 1);
		return;
	}
	expect("epoll_wait", (uint64_t)nr, 0);
	expect_slept("epoll_wait time", since);
}

static void check_futex(struct worker *w)
{
	static uint32_t word;
	const struct timespec nap = { .tv_nsec = NAP_NS };
	const int64_t since = now_ns();

	(void)w;
	errno = 0;
	expect("futex wait",
	       (uint64_t)syscall(SYS_futex, &word, FUTEX_WAIT_PRIVATE, 0, &nap, NULL, 0),
	       (uint64_t)-1);
	expect("futex wait errno", (uint64_t)errno, ETIMEDOUT);
	expect_slept("futex wait time", since);
}

static void check_read(struct worker *w)
{
	unsigned char byte = 0;

	expect("write", (uint64_t)write(w->ask, "", 1), 1);
	expect("read", (uint64_t)read(w->answer, &byte, 1), 1);
	expect("byte read", byte, w->fed);
	w->fed++;
}

static void timer_start(const struct worker *w)
{
	const struct itimerspec soon = { .it_value = { .tv_nsec = NAP_NS } };

	timer_settime(w->timer, 0, &soon, NULL);
}

static void check_sigsuspend(struct worker *w)
{
	const unsigned long before = handled;
	sigset_t wait_mask = w->mask, blocked;

	sigemptyset(&blocked);
	sigaddset(&blocked, SIGUSR1);
	pthread_sigmask(SIG_BLOCK, &blocked, NULL);
	timer_start(w);
	errno = 0;
	expect("sigsuspend", (uint64_t)sigsuspend(&wait_mask), (uint64_t)-1);
	expect("sigsuspend errno", (uint64_t)errno, EINTR);
	expect("signals handled", handled, before + 1);
	pthread_sigmask(SIG_SETMASK, &w->mask, NULL);
}

/* A handler of its own in the middle of the computation, on the same stack. */
static void check_signal(struct worker *w)
{
	const unsigned long before = handled;

	timer_start(w);
	while (handled == before)
		spin_once(w, SPIN_LOOPS / 10);
	expect("signals handled", handled, before + 1);
}

void expect_canary(const struct worker *w)
{
	static const unsigned char want[CANARY_BYTES];

	expect("bytes below the alternate stack",
	       (uint64_t)(long)memcmp(w->canary, want, sizeof(want)), 0);
}

/* In a handler, on whatever stack the thread has for that. */
static void check_handler(struct worker *w)
{
	const unsigned long before = handled;

	w->spin_in_handler = true;
	raise(SIGUSR1);
	w->spin_in_handler = false;
	expect("signals handled", handled, before + 1);
}

/* Computes on an alternate stack that has little room below it. */
static void check_altstack(struct worker *w)
{
	stack_t now;

	check_handler(w);
	expect_canary(w);
	sigaltstack(NULL, &now);
	expect("alternate stack", (uint64_t)now.ss_sp, (uint64_t)w->altstack.ss_sp);
	expect("alternate stack size", now.ss_size, w->altstack.ss_size);
}

static void fill(uint64_t *words, uint64_t nr, uint64_t base)
{
	for (uint64_t i = 0; i < nr; i++)
		words[i] = base ^ i;
}

static void expect_filled(const char *what, const uint64_t *words, uint64_t nr, uint64_t base)
{
	for (uint64_t i = 0; i < nr; i++)
		if (words[i] != (base ^ i))
			expect(what, words[i], base ^ i);
	expect(what, 0, 0);
}

static void check_memory(struct worker *w)
{
	const uint64_t base = random_next(&w->seed);

	fill(w->memory, MEMORY_WORDS, base);
	fill(w->private_memory, PRIVATE_WORDS, ~base);
	check_nanosleep(w);
	expect_filled("shared memory", w->memory, MEMORY_WORDS, base);
	expect_filled("private memory", w->private_memory, PRIVATE_WORDS, ~base);
}

static const struct state states[] = {
	{ "spin", check_spin },
	{ "nanosleep", check_nanosleep },
	{ "poll", check_poll },
	{ "futex", check_futex },
	{ "read", check_read },
	{ "epoll", check_epoll },
	{ "sigsuspend", check_sigsuspend },
	{ "altstack", check_altstack },
	{ "signal", check_signal },
	{ "memory", check_memory },
	{ "futex-untimed", check_futex_untimed },
	{ "wait", check_wait },
	{ "vfork", check_vfork },
	{ "handler", check_handler },
	{ "churn", check_churn },
	{ "edge", check_edge },
	{ "coroutine", check_coroutine },
	{ "vfork-long", check_vfork_long },
	{ "edge-long", check_edge_long },
};

#define NR_NAMED (sizeof(states) / sizeof(states[0]))
#define NR_STATES (NR_NAMED - 2) /* the last are only for who asks for them */

static const struct state *state_find(const char *name)
{
	for (size_t i = 0; i < NR_NAMED; i++)
		if (!strcmp(states[i].name, name))
			return &states[i];
	return NULL;
}

static void on_signal(int nr)
{
	const int saved = errno;

	(void)nr;
	handled++;
	if (self->spin_in_handler)
		spin_once(self, SPIN_LOOPS);
	errno = saved;
}

static void expect_same_mask(const struct worker *w)
{
	sigset_t mask;

	pthread_sigmask(SIG_BLOCK, NULL, &mask);
	expect("signal mask", (uint64_t)memcmp(&mask, &w->mask, _NSIG / 8), 0);
}

/* One check; a worker with no state of its own goes through all of them. */
static void round_run(struct worker *w)
{
	const struct state *state = w->state ? w->state : &states[w->round++ % NR_STATES];

	state->check(w);
	expect_same_mask(w);
}

void die(const char *what)
{
	perror(what);
	exit(2);
}

static void feeder_main(int parent, int ask, int answer)
{
	const struct timespec nap = { .tv_nsec = NAP_NS };
	struct pollfd asked = { .fd = ask, .events = POLLIN };
	unsigned char byte;

	/* The death of a parent's thread is no death of the parent: no PR_SET_PDEATHSIG. */
	for (unsigned char next = 0; getppid() == parent;) {
		if (poll(&asked, 1, 1000) < 1)
			continue;
		if (read(ask, &byte, 1) != 1)
			break;
		nanosleep(&nap, NULL);
		if (write(answer, &next, 1) != 1)
			break;
		next++;
	}
	_exit(0);
}

static void feeder_start(struct worker *w)
{
	const int parent = getpid();
	int ask[2], answer[2];

	if (pipe(ask) || pipe(answer))
		die("pipe");
	if (!fork())
		feeder_main(parent, ask[0], answer[1]);
	close(ask[0]);
	close(answer[1]);
	w->ask = ask[1];
	w->answer = answer[0];
}

/* Before any thread is made: it may fork. */
static void worker_prepare(struct worker *w, const struct state *state)
{
	const size_t size = getauxval(AT_MINSIGSTKSZ) + HANDLER_ROOM;

	w->state = state;
	w->seed = 0x9e3779b97f4a7c15u + (uintptr_t)w;
	w->epoll = epoll_create1(EPOLL_CLOEXEC);
	w->memory = memory + (w - workers) * MEMORY_WORDS;
	w->canary = calloc(1, CANARY_BYTES + size);
	w->private_memory = malloc(PRIVATE_WORDS * sizeof(*w->private_memory));
	if (w->epoll < 0 || !w->canary || !w->private_memory)
		die("worker");
	w->altstack = (stack_t){ .ss_sp = w->canary + CANARY_BYTES, .ss_size = size };
	if (!state || state->check == check_read)
		feeder_start(w);
	if (!state || state->check == check_futex_untimed)
		waker_start(w);
}

/* In the thread itself. */
static void worker_begin(struct worker *w)
{
	struct sigevent event = { .sigev_notify = SIGEV_THREAD_ID, .sigev_signo = SIGUSR1 };

	self = w;
	event._sigev_un._tid = gettid();
	if (timer_create(CLOCK_MONOTONIC, &event, &w->timer))
		die("timer_create");
	if ((!w->state || w->state->check == check_altstack) && sigaltstack(&w->altstack, NULL))
		die("sigaltstack");
	pthread_sigmask(SIG_BLOCK, NULL, &w->mask);
	check_spin(w); /* the dynamic linker needs much stack, once: not in the handler */
	pthread_barrier_wait(&all_ready);
}

static void *worker_main(void *arg)
{
	worker_begin(arg);
	while (!atomic_load(&stopping))
		round_run(arg);
	return NULL;
}

static int count_threads(void)
{
	DIR *d = opendir("/proc/self/task");
	int n = 0;

	for (struct dirent *e; d && (e = readdir(d));)
		n += e->d_name[0] != '.';
	if (d)
		closedir(d);
	return n;
}

static void report(void)
{
	expect_same_descriptors();
	printf("checks %lu harms %lu uffds %d threads %d", atomic_load(&nr_checks),
	       atomic_load(&nr_harms), count_userfaultfds(), count_threads());
	if (eintr_counts)
		printf(" eintrs %lu", atomic_load(&nr_eintrs));
	putchar('\n');
	fflush(stdout);
}

static bool main_ends;

/* SIGTERM is blocked, so that it disturbs no system call that is being checked. */
static bool quit_wanted(void)
{
	static struct pollfd in = { .fd = STDIN_FILENO, .events = POLLIN };
	const struct timespec at_once = { 0 };
	sigset_t term;
	char line[64];
	ssize_t n;

	sigemptyset(&term);
	sigaddset(&term, SIGTERM);
	if (sigtimedwait(&term, NULL, &at_once) == SIGTERM)
		return true;
	if (poll(&in, 1, 0) < 1)
		return false;
	n = read(STDIN_FILENO, line, sizeof(line) - 1);
	if (n <= 0)
		in.fd = -1;
	line[n < 0 ? 0 : n] = '\0';
	if (!strncmp(line, "status", 6))
		report();
	if (!strncmp(line, "end", 3))
		main_ends = true;
	return !strncmp(line, "quit", 4);
}

static void signals_prepare(void)
{
	struct sigaction action = { .sa_handler = on_signal, .sa_flags = SA_ONSTACK | SA_RESTART };
	sigset_t term;

	sigaction(SIGUSR1, &action, NULL);
	sigemptyset(&term);
	sigaddset(&term, SIGTERM);
	sigprocmask(SIG_BLOCK, &term, NULL);
}

static const struct state *others,
	*one; /* of all workers but the main thread, if set; of the first */

static unsigned int options_parse(int argc, char **argv, const struct state **main_state)
{
	unsigned long threads = NR_STATES;

	for (int i = 1; i + 1 < argc; i += 2) {
		if (!strcmp(argv[i], "--threads"))
			threads = strtoul(argv[i + 1], NULL, 10);
		else if (!strcmp(argv[i], "--main") && state_find(argv[i + 1]))
			*main_state = state_find(argv[i + 1]);
		else if (!strcmp(argv[i], "--others") && state_find(argv[i + 1]))
			others = state_find(argv[i + 1]);
		else if (!strcmp(argv[i], "--one") && state_find(argv[i + 1]))
			one = state_find(argv[i + 1]);
		else if (!strcmp(argv[i], "--eintr") && !strcmp(argv[i + 1], "counts"))
			eintr_counts = true;
		else
			threads = MAX_THREADS + 1;
	}
	if (argc % 2 == 0 || threads > MAX_THREADS) {
		fprintf(stderr, "usage: selfcheck [--main STATE] [--threads N] [--others STATE] "
				"[--one STATE] [--eintr counts]\n");
		exit(2);
	}
	return (unsigned int)threads;
}

static pthread_t threads[MAX_THREADS];
static unsigned int nr_threads;

static void threads_start(const struct state *main_state)
{
	pthread_barrier_init(&all_ready, NULL, nr_threads + 1);
	worker_prepare(&workers[nr_threads], main_state);
	for (unsigned int i = 0; i < nr_threads; i++)
		worker_prepare(&workers[i], i == 0 && one ? one : others ?: &states[i % NR_STATES]);
	for (unsigned int i = 0; i < nr_threads; i++)
		if (pthread_create(&threads[i], NULL, worker_main, &workers[i]))
			die("pthread_create");
	worker_begin(&workers[nr_threads]);
}

static int end(void)
{
	report();
	atomic_store(&stopping, true);
	for (unsigned int i = 0; i < nr_threads; i++)
		pthread_join(threads[i], NULL);
	return atomic_load(&nr_harms) != 0;
}

/* Where the main thread has ended. */
static void *end_main(void *unused)
{
	const struct timespec nap = { .tv_nsec = NAP_NS };

	(void)unused;
	while (!quit_wanted())
		nanosleep(&nap, NULL);
	exit(end());
}

int main(int argc, char **argv)
{
	const struct state *main_state = NULL;
	pthread_t last;

	nr_threads = options_parse(argc, argv, &main_state);
	printf("pid %d\n", getpid());
	fflush(stdout);
	signals_prepare();
	memory = mmap(NULL, sizeof(workers) / sizeof(workers[0]) * MEMORY_WORDS * sizeof(*memory),
		      PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (memory == MAP_FAILED)
		die("mmap");
	threads_start(main_state);
	descriptors_note();
	printf("map %lx\nready\n", (unsigned long)memory);
	fflush(stdout);
	do
		round_run(&workers[nr_threads]);
	while (!quit_wanted() && !main_ends);
	if (!main_ends)
		return end();
	if (pthread_create(&last, NULL, end_main, NULL))
		die("pthread_create");
	pthread_exit(NULL);
}
