/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A target whose memory, threads, children and program never stay as they are, and
 * which knows at any time what every byte of it shall be (plot.h).
 *
 * usage: churn [--seed N] [--dir FOLDER] [--workers N] [--exec-ms N] [--no-forks]
 * 	[--headless] [--births-us N]
 *   --exec-ms: every so often, about, it runs itself anew; 0: never
 *   --headless: the main thread exits, the others go on
 *   --births-us: the pause between threads that are born and die; 0: none are
 *
 * SIGTERM, by which it may be ended at any time, also across exec, has it look at
 * all once more and say "fine ops N execs N forks N threads N": 0.  Anything wrong, also
 * a signal or a call that was interrupted, is told as "WRONG ...": 1.
 */
#define _GNU_SOURCE 1
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "plot.h"

#define MAX_WORKERS 16
#define STUCK_S 30 /* a call that takes so long never ends */
#define THREAD_TRIES 1000
#define BATCH 6 /* threads born at once */
#define LOOK_US 50000
#define LOOKS_A_SECOND 20
#define NS_PER_MS 1000000l

struct options {
	uint64_t seed;
	char dir[256];
	unsigned int workers, exec_ms, births_us;
	bool forks, headless;
};

/* What is handed over. */
struct life {
	struct options options;
	unsigned long execs, forks, threads;
};

static struct life life = {
	.options = { .seed = 1,
		     .dir = "/tmp",
		     .workers = 3,
		     .exec_ms = 0,
		     .births_us = 1000,
		     .forks = true },
};
static struct worker {
	pthread_t thread;
	pthread_mutex_t busy;
	struct plots plots;
} workers[MAX_WORKERS];
static pthread_t midwife;
static pthread_mutex_t exec_lock = PTHREAD_MUTEX_INITIALIZER;
static atomic_bool ending;
static atomic_ulong nr_forks, nr_threads;
static struct timespec begun;
static long exec_after_ms;

static long now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (now.tv_sec - begun.tv_sec) * 1000 + (now.tv_nsec - begun.tv_nsec) / NS_PER_MS;
}

/* Nothing sends a signal: a sleep that ends early is a difference too. */
static void rest(long us)
{
	const struct timespec pause = { .tv_nsec = us * 1000 };

	if (us && nanosleep(&pause, NULL))
		wrong("nanosleep: %s", strerror(errno));
}

static void on_signal(int number, siginfo_t *info, void *context)
{
	(void)context;
	wrong("signal %d, code %d, from %d, at %p", number, info->si_code, info->si_pid,
	      info->si_addr);
}

static void watch_signals(void)
{
	struct sigaction action = { .sa_sigaction = on_signal, .sa_flags = SA_SIGINFO };

	for (int number = 1; number < NSIG; number++)
		if (number != SIGCHLD && number != SIGTERM && number != SIGWINCH &&
		    number != SIGCONT)
			sigaction(number, &action, NULL); /* but those that cannot be caught */
}

static void check_child(pid_t child, const char *what)
{
	int status;

	if (must("waitpid", waitpid(child, &status, 0)) != child || status)
		wrong("%s ended with status 0x%x", what, status);
}

/* The child finds all as it was, and what it writes is its own. */
static void fork_one(struct worker *w)
{
	pid_t child = (pid_t)must("fork", fork());

	if (!child) {
		plots_spoil(&w->plots);
		_exit(0);
	}
	atomic_fetch_add(&nr_forks, 1);
	check_child(child, "a child");
	plots_verify(&w->plots);
}

static void spawn_one(void)
{
	pid_t child = (pid_t)must("vfork", vfork());

	if (!child) {
		execl("/bin/true", "true", (char *)NULL);
		_exit(1);
	}
	atomic_fetch_add(&nr_forks, 1);
	check_child(child, "/bin/true");
}

/* All others stand still, or do what nobody keeps. */
static void exec_self(struct worker *self)
{
	char fd_text[16];
	int fd;

	if (pthread_mutex_trylock(&exec_lock))
		return;
	for (unsigned int i = 0; i < life.options.workers; i++)
		if (&workers[i] != self)
			pthread_mutex_lock(&workers[i].busy);
	if (atomic_load(&ending)) {
		for (unsigned int i = 0; i < life.options.workers; i++)
			if (&workers[i] != self)
				pthread_mutex_unlock(&workers[i].busy);
		pthread_mutex_unlock(&exec_lock);
		return;
	}
	life.execs++;
	life.forks += atomic_load(&nr_forks);
	life.threads += atomic_load(&nr_threads);
	fd = (int)must("memfd_create", memfd_create("churn-life", 0));
	write_all(fd, &life, sizeof(life));
	for (unsigned int i = 0; i < life.options.workers; i++)
		plots_give(&workers[i].plots, fd);
	must("lseek", lseek(fd, 0, SEEK_SET));
	snprintf(fd_text, sizeof(fd_text), "%d", fd);
	execl("/proc/thread-self/exe", "churn", "--life", fd_text, (char *)NULL);
	wrong("exec: %s", strerror(errno));
}

static void worker_turn(struct worker *w)
{
	const unsigned int what = random_below(&w->plots.seed, 100);

	plots_turn(&w->plots);
	if (what < 2 && life.options.forks)
		fork_one(w);
	else if (what == 2 && life.options.forks)
		spawn_one();
	else if (what == 3)
		plots_verify(&w->plots);
	if (exec_after_ms && now_ms() > exec_after_ms)
		exec_self(w);
}

static void *worker_main(void *arg)
{
	struct worker *w = arg;

	while (!atomic_load(&ending)) {
		pthread_mutex_lock(&w->busy);
		worker_turn(w);
		pthread_mutex_unlock(&w->busy);
		rest(random_below(&w->plots.seed, 2000));
	}
	return NULL;
}

/* A short life, of which the stack is the memory. */
static void *short_main(void *arg)
{
	volatile uint64_t word[512];
	uint64_t seed = (uintptr_t)arg;
	const uint64_t base = random_next(&seed);

	for (unsigned int i = 0; i < 512; i++)
		word[i] = base + i;
	rest(random_below(&seed, 200));
	for (unsigned int i = 0; i < 512; i++)
		if (word[i] != base + i)
			wrong("a thread's stack is otherwise");
	return NULL;
}

/* Right after exec there may be none for a moment (EAGAIN), whoever observes it. */
static pthread_t new_thread(void *(*fn)(void *), void *arg)
{
	pthread_t thread = 0;
	int rc = EAGAIN;

	for (int tries = 0; rc == EAGAIN && tries < THREAD_TRIES; tries++) {
		rest(tries ? 1000 : 0);
		rc = pthread_create(&thread, NULL, fn, arg);
	}
	if (rc)
		wrong("pthread_create: %s", strerror(rc));
	return thread;
}

static void *midwife_main(void *arg)
{
	uint64_t seed = life.options.seed;
	pthread_t born[BATCH];

	(void)arg;
	while (!atomic_load(&ending)) {
		unsigned int nr = 1 + random_below(&seed, BATCH);

		for (unsigned int i = 0; i < nr; i++)
			born[i] = new_thread(short_main, (void *)(uintptr_t)random_next(&seed));
		for (unsigned int i = 0; i < nr; i++)
			pthread_join(born[i], NULL);
		atomic_fetch_add(&nr_threads, nr);
		rest(life.options.births_us);
	}
	return NULL;
}

/* What was handed over, if anything was. */
static void take_life(const char *fd_text)
{
	int fd = fd_text ? (int)strtol(fd_text, NULL, 10) : -1;

	if (fd >= 0)
		read_all(fd, &life, sizeof(life));
	plots_init(life.options.dir);
	for (unsigned int i = 0; i < life.options.workers; i++) {
		struct worker *w = &workers[i];

		if (fd >= 0)
			plots_take(&w->plots, fd);
		else
			w->plots = (struct plots){ .seed = life.options.seed * MAX_WORKERS + i,
						   .heap = i == 0 };
		pthread_mutex_init(&w->busy, NULL);
	}
	if (fd >= 0)
		must("close", close(fd));
}

static void finish(void)
{
	unsigned long ops = 0;

	atomic_store(&ending, true);
	for (unsigned int i = 0; i < life.options.workers; i++) {
		pthread_join(workers[i].thread, NULL);
		plots_verify(&workers[i].plots);
		ops += workers[i].plots.ops;
	}
	if (life.options.births_us)
		pthread_join(midwife, NULL);
	printf("fine ops %lu execs %lu forks %lu threads %lu\n", ops, life.execs,
	       life.forks + atomic_load(&nr_forks), life.threads + atomic_load(&nr_threads));
	exit(fflush(stdout) ? 1 : 0);
}

/*
 * Who is stuck in the kernel may hold the lock of this memory, and that makes all wait who
 * look at this process (ps): it is told, and ends at once.
 */
static void look_for_stuck(void)
{
	static unsigned long before[MAX_WORKERS];
	static int since_s[MAX_WORKERS];
	char text[256];

	for (unsigned int i = 0; i < life.options.workers; i++) {
		const unsigned long ops = workers[i].plots.ops;

		since_s[i] = ops == before[i] ? since_s[i] + 1 : 0;
		before[i] = ops;
		if (since_s[i] < STUCK_S)
			continue;
		plots_tell(&workers[i].plots, text, sizeof(text));
		dprintf(STDOUT_FILENO, "WRONG pid %d: stuck: %s\n", getpid(), text);
		kill(getpid(), SIGKILL);
	}
}

/* SIGTERM stays pending, so that the next program finds it if another thread runs one now. */
static bool told_to_end(void)
{
	sigset_t pending;

	sigpending(&pending);
	return sigismember(&pending, SIGTERM);
}

static void *wait_for_end(void *arg)
{
	(void)arg;
	for (unsigned int looks = 1; !told_to_end(); looks++) {
		rest(LOOK_US);
		if (looks % LOOKS_A_SECOND == 0)
			look_for_stuck();
	}
	signal(SIGALRM, SIG_DFL);
	alarm(STUCK_S);
	finish();
	return NULL;
}

static void begin(void)
{
	sigset_t end;
	uint64_t seed = life.options.seed + life.execs;

	sigemptyset(&end);
	sigaddset(&end, SIGTERM);
	sigprocmask(SIG_BLOCK, &end, NULL);
	watch_signals();
	clock_gettime(CLOCK_MONOTONIC, &begun);
	if (life.options.exec_ms)
		exec_after_ms = 1 + random_below(&seed, 2 * life.options.exec_ms);
	for (unsigned int i = 0; i < life.options.workers; i++)
		workers[i].thread = new_thread(worker_main, &workers[i]);
	if (life.options.births_us)
		midwife = new_thread(midwife_main, NULL);
}

static const struct option long_options[] = {
	{ "seed", required_argument, NULL, 's' },
	{ "dir", required_argument, NULL, 'd' },
	{ "workers", required_argument, NULL, 'w' },
	{ "exec-ms", required_argument, NULL, 'e' },
	{ "births-us", required_argument, NULL, 'b' },
	{ "no-forks", no_argument, NULL, 'f' },
	{ "headless", no_argument, NULL, 'h' },
	{ "life", required_argument, NULL, 'l' },
	{ NULL, 0, NULL, 0 },
};

/* 0, or -1; *fd: the descriptor of what is handed over. */
static int parse(int argc, char **argv, const char **fd)
{
	struct options *o = &life.options;

	for (int c; (c = getopt_long(argc, argv, "", long_options, NULL)) != -1;) {
		unsigned long number = optarg ? strtoul(optarg, NULL, 0) : 0;

		if (c == 's')
			o->seed = number;
		else if (c == 'd')
			snprintf(o->dir, sizeof(o->dir), "%s", optarg);
		else if (c == 'w' && number && number <= MAX_WORKERS)
			o->workers = (unsigned int)number;
		else if (c == 'e')
			o->exec_ms = (unsigned int)number;
		else if (c == 'b')
			o->births_us = (unsigned int)number;
		else if (c == 'f')
			o->forks = false;
		else if (c == 'h')
			o->headless = true;
		else if (c == 'l')
			*fd = optarg;
		else
			return -1;
	}
	return optind == argc ? 0 : -1;
}

int main(int argc, char **argv)
{
	const char *fd = NULL;

	if (parse(argc, argv, &fd)) {
		fputs("usage: see churn.c\n", stderr);
		return 2;
	}
	take_life(fd);
	begin();
	if (life.options.headless) {
		new_thread(wait_for_end, NULL);
		pthread_exit(NULL);
	}
	wait_for_end(NULL);
	return 1;
}
