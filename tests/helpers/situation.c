/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A process with named areas of memory that does to them what it is told on
 * stdin, one command a line, and answers each with one line on stdout, "ok ..."
 * or "error ...", when it is done.  The tests take the truth from here.
 *
 * Its own buffers are static and it allocates nothing, so a named area is
 * touched by the commands that name it and by nothing else.  The table at the
 * end lists the commands; pages are counted in units of the area's page size.
 */
#define _GNU_SOURCE 1
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "access.h"
#include "area.h"

#define MAX_PAGES (1u << 20) /* that "random" can choose from */
#define MAX_WORDS 8

static bool silent;			 /* after "quiet", until "loud": errors only */
static uint64_t touched[MAX_PAGES / 64]; /* bitmap of the last "random" */
static struct area *touched_area;
static pid_t child_pid;
static int child_pipe = -1;

static int answer_ok(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
static int answer_error(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

__attribute__((format(printf, 2, 0))) static void answer_line(const char *word, const char *fmt,
							      va_list args)
{
	printf("%s ", word);
	vprintf(fmt, args);
	putchar('\n');
	fflush(stdout);
}

static int answer_ok(const char *fmt, ...)
{
	va_list args;

	if (silent)
		return 0;
	va_start(args, fmt);
	answer_line("ok", fmt, args);
	va_end(args);
	return 0;
}

static int answer_error(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	answer_line("error", fmt, args);
	va_end(args);
	return -1;
}

static int answer_errno(const char *what)
{
	return answer_error("%s: %s", what, strerror(errno));
}

/* Sizes and numbers: 64M, 4k, 2G, 1000, 0x1000; anything else reads as 0. */
static size_t number(const char *text)
{
	char *end;
	size_t n = strtoull(text, &end, 0);

	return n << (*end == 'G' ? 30 : *end == 'M' ? 20 : *end == 'k' ? 10 : 0);
}

/* The pages a command names, checked; optional numbers default to the whole area. */
static int range_parse(const struct area *a, char **argv, struct pages *r)
{
	r->first = argv[0] ? number(argv[0]) : 0;
	r->count = argv[0] && argv[1] ? number(argv[1]) : area_pages(a) - r->first;
	r->step = argv[0] && argv[1] && argv[2] ? number(argv[2]) : 1;
	if (!r->step || (r->count && r->first + (r->count - 1) * r->step >= area_pages(a)))
		return answer_error("no such pages in %s: it has %zu", a->name, area_pages(a));
	return 0;
}

static int pages_touch(const struct area *a, const struct pages *r, const struct access *how)
{
	return access_pages(how, a, r) ? answer_errno("touch") : 0;
}

static int cmd_touch(struct area *a, char **argv)
{
	struct pages r;

	if (range_parse(a, argv + 2, &r) || pages_touch(a, &r, access_find(argv[0])))
		return -1;
	return answer_ok("%s %s %zu", argv[0], a->name, r.count);
}

static uint64_t random_next(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

static int cmd_random(struct area *a, char **argv)
{
	const size_t count = number(argv[2]);
	const struct access *how = access_find(argv[4]);
	uint64_t state = number(argv[3]) * 2654435761u + 88172645463325252u;

	if (!how || count > area_pages(a) || area_pages(a) > MAX_PAGES)
		return answer_error("random NAME COUNT SEED ACCESS");
	memset(touched, 0, sizeof(touched));
	touched_area = a;
	for (size_t done = 0; done < count;) {
		struct pages r = { random_next(&state) % area_pages(a), 1, 1 };
		const uint64_t bit = 1ull << (r.first % 64);

		if (touched[r.first / 64] & bit)
			continue;
		touched[r.first / 64] |= bit;
		if (pages_touch(a, &r, how))
			return -1;
		done++;
	}
	return answer_ok("random %s %zu", a->name, count);
}

static bool was_touched(size_t page)
{
	return touched[page / 64] & (1ull << (page % 64));
}

/* "ok list 3,7-9,12": the pages of the last "random". */
static int cmd_list(struct area *a, char **argv)
{
	const char *comma = "";

	(void)a, (void)argv;
	printf("ok list ");
	for (size_t i = 0; touched_area && i < area_pages(touched_area); i++) {
		size_t first = i;

		if (!was_touched(i))
			continue;
		while (i + 1 < area_pages(touched_area) && was_touched(i + 1))
			i++;
		printf(first == i ? "%s%zu" : "%s%zu-%zu", comma, first, i);
		comma = ",";
	}
	putchar('\n');
	return fflush(stdout);
}

static int cmd_checksum(struct area *a, char **argv)
{
	const uint64_t *word = (const uint64_t *)(const void *)a->start;
	uint64_t sum = 14695981039346656037u;

	(void)argv;
	for (size_t i = 0; i < a->size / sizeof(*word); i++)
		sum = (sum ^ word[i]) * 1099511628211u;
	return answer_ok("checksum %s %016llx", a->name, (unsigned long long)sum);
}

/* What the kernel itself says of this process: the truth for resident and swapped. */
static int cmd_pagemap(struct area *a, char **argv)
{
	static uint64_t entry[4096];
	size_t present = 0, swapped = 0;
	const int fd = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
	off_t at = (off_t)((uintptr_t)a->start / SMALL_PAGE * sizeof(entry[0]));
	size_t left = a->size / SMALL_PAGE;

	(void)argv;
	while (left) {
		const size_t want = left < 4096 ? left : 4096;

		if (pread(fd, entry, want * 8, at) != (ssize_t)(want * 8)) {
			close(fd);
			return answer_errno("pagemap");
		}
		for (size_t i = 0; i < want; i++) {
			present += entry[i] >> 63 & 1;
			swapped += (entry[i] >> 62 & 1) & ~(entry[i] >> 58); /* 58: guard page */
		}
		at += (off_t)(want * 8);
		left -= want;
	}
	close(fd);
	return answer_ok("pagemap %s present_bytes %zu swapped_bytes %zu", a->name,
			 present * SMALL_PAGE, swapped * SMALL_PAGE);
}

static int answer_area(const char *command, const struct area *a)
{
	return answer_ok("%s %s 0x%zx 0x%zx pages %zu page_bytes %zu", command, a->name,
			 (size_t)a->start, (size_t)a->start + a->size, area_pages(a),
			 a->page_bytes);
}

static int cmd_map(struct area *a, char **argv)
{
	if (area_find(argv[1]))
		return answer_error("%s is there already", argv[1]);
	a = area_make(argv[1], argv[2], number(argv[3]), argv[4]);
	return a ? answer_area("map", a) : answer_errno(argv[2]);
}

static int cmd_beside(struct area *a, char **argv)
{
	if (area_find(argv[2]))
		return answer_error("%s is there already", argv[2]);
	a = area_beside(argv[2], a);
	return a ? answer_area("beside", a) : answer_errno(argv[2]);
}

static int cmd_unmap(struct area *a, char **argv)
{
	if (munmap(a->start, a->size))
		return answer_errno("munmap");
	area_forget(a);
	return answer_ok("unmap %s", argv[1]);
}

/* New mappings in place of the old ones: what was registered is so no longer. */
static int cmd_remap(struct area *a, char **argv)
{
	struct pages r;

	if (range_parse(a, argv + 2, &r))
		return -1;
	if (area_map(a, r.first * a->page_bytes, r.count * a->page_bytes))
		return answer_errno("mmap");
	return answer_area(argv[0], a);
}

/* The mapping as it is, in a new size, in place or elsewhere. */
static int cmd_mremap(struct area *a, char **argv)
{
	const size_t size = number(argv[2]);
	char *start = mremap(a->start, a->size, size, MREMAP_MAYMOVE);

	if (start == MAP_FAILED)
		return answer_errno("mremap");
	a->start = start;
	a->size = size;
	return answer_area(argv[0], a);
}

static int cmd_mprotect(struct area *a, char **argv)
{
	const int prot = (strchr(argv[2], 'r') ? PROT_READ : 0) |
			 (strchr(argv[2], 'w') ? PROT_WRITE : 0);
	struct pages r;

	if (range_parse(a, argv + 3, &r))
		return -1;
	if (mprotect(a->start + r.first * a->page_bytes, r.count * a->page_bytes, prot))
		return answer_errno("mprotect");
	return answer_ok("mprotect %s", a->name);
}

static int cmd_advise(struct area *a, char **argv)
{
	struct pages r;

	if (range_parse(a, argv + 2, &r))
		return -1;
	if (area_advise(a, argv[0], r.first * a->page_bytes, r.count * a->page_bytes))
		return answer_errno(argv[0]);
	return answer_ok("%s %s %zu", argv[0], a->name, r.count);
}

/* The first call begins on a page of its own: area "heap" is nobody else's. */
static int cmd_grow_heap(struct area *a, char **argv)
{
	const size_t size = (number(argv[1]) + SMALL_PAGE - 1) & ~(SMALL_PAGE - 1);
	const size_t odd = -(size_t)sbrk(0) % SMALL_PAGE;
	char *start;

	if (sbrk((intptr_t)odd) == (void *)-1 || (start = sbrk((intptr_t)size)) == (void *)-1)
		return answer_errno("brk");
	a = area_heap(start, size);
	madvise(start, size, MADV_NOHUGEPAGE);
	return answer_area("grow-heap", a);
}

/* The child does the rest of the line, if there is one, and waits for "reap". */
static int cmd_fork(struct area *a, char **argv)
{
	struct pages r;
	int wait_pipe[2], ready[2];
	char byte = 0;

	a = argv[1] && argv[2] ? area_find(argv[2]) : NULL;
	if (child_pipe >= 0 || pipe2(wait_pipe, O_CLOEXEC) || pipe2(ready, O_CLOEXEC))
		return answer_error("fork: one child at a time");
	child_pid = fork();
	if (!child_pid) {
		close(wait_pipe[1]);
		if (a && access_find(argv[1]) && !range_parse(a, argv + 3, &r))
			pages_touch(a, &r, access_find(argv[1]));
		close(ready[1]);
		_exit(read(wait_pipe[0], &byte, 1) ? 1 : 0);
	}
	close(ready[1]);
	close(wait_pipe[0]);
	(void)!read(ready[0], &byte, 1);
	close(ready[0]);
	child_pipe = wait_pipe[1];
	return child_pid < 0 ? answer_errno("fork") : answer_ok("fork %d", child_pid);
}

static int cmd_reap(struct area *a, char **argv)
{
	int status = 0;

	(void)a, (void)argv;
	close(child_pipe);
	child_pipe = -1;
	if (waitpid(child_pid, &status, 0) != child_pid)
		return answer_errno("waitpid");
	return answer_ok("reap %d", status);
}

/* The new program answers, when it is there. */
static int cmd_exec(struct area *a, char **argv)
{
	(void)a;
	execl("/proc/self/exe", "situation", "--again", (char *)NULL);
	return answer_errno(argv[0]);
}

static void *thread_main(void *arg)
{
	pthread_barrier_wait(arg);
	while (pause() < 0)
		;
	return NULL;
}

static int cmd_thread(struct area *a, char **argv)
{
	static pthread_barrier_t barrier;
	const unsigned int n = (unsigned int)number(argv[1]);
	pthread_t thread;

	(void)a;
	pthread_barrier_init(&barrier, NULL, n + 1);
	for (unsigned int i = 0; i < n; i++) {
		const int rc = pthread_create(&thread, NULL, thread_main, &barrier);

		if (rc)
			return answer_error("thread: %s", strerror(rc));
	}
	pthread_barrier_wait(&barrier);
	pthread_barrier_destroy(&barrier);
	return answer_ok("thread %u", n);
}

static int cmd_exit(struct area *a, char **argv)
{
	(void)a;
	answer_ok("exit");
	_exit((int)number(argv[1]));
}

static int cmd_kill(struct area *a, char **argv)
{
	(void)a;
	answer_ok("kill");
	return kill(getpid(), (int)number(argv[1]));
}

static int cmd_nothing(struct area *a, char **argv)
{
	(void)a;
	if (strcmp(argv[0], "touch-none"))
		silent = !strcmp(argv[0], "quiet");
	return answer_ok("%s", argv[0]);
}

static const struct command {
	const char *name;
	int (*fn)(struct area *a, char **argv);
	int min_words;
	bool on_area; /* the second word names an area that is there */
	const char *rest;
} commands[] = {
	{ "map", cmd_map, 4, false, "NAME KIND SIZE [populate]" },
	{ "beside", cmd_beside, 3, true, "NEW_NAME" },
	{ "unmap", cmd_unmap, 2, true, "" },
	{ "read", cmd_touch, 2, true, "[FIRST [COUNT [STEP]]]" },
	{ "write", cmd_touch, 2, true, "[FIRST [COUNT [STEP]]]" },
	{ "sys-write", cmd_touch, 2, true, "[FIRST [COUNT [STEP]]]" },
	{ "sys-read", cmd_touch, 2, true, "[FIRST [COUNT [STEP]]]" },
	{ "vm-read", cmd_touch, 2, true, "[FIRST [COUNT [STEP]]]" },
	{ "random", cmd_random, 5, true, "COUNT SEED ACCESS" },
	{ "list", cmd_list, 1, false, "" },
	{ "checksum", cmd_checksum, 2, true, "" },
	{ "pagemap", cmd_pagemap, 2, true, "" },
	{ "remap-same", cmd_remap, 2, true, "" },
	{ "split-remap", cmd_remap, 4, true, "FIRST COUNT" },
	{ "mremap-grow", cmd_mremap, 3, true, "SIZE" },
	{ "mprotect", cmd_mprotect, 3, true, "none|r|rw [FIRST [COUNT]]" },
	{ "dontneed", cmd_advise, 2, true, "[FIRST [COUNT]]" },
	{ "free", cmd_advise, 2, true, "[FIRST [COUNT]]" },
	{ "remove", cmd_advise, 2, true, "[FIRST [COUNT]]" },
	{ "cold", cmd_advise, 2, true, "[FIRST [COUNT]]" },
	{ "swapout", cmd_advise, 2, true, "[FIRST [COUNT]]" },
	{ "collapse", cmd_advise, 2, true, "[FIRST [COUNT]]" },
	{ "mergeable", cmd_advise, 2, true, "[FIRST [COUNT]]" },
	{ "guard", cmd_advise, 2, true, "[FIRST [COUNT]]" },
	{ "unguard", cmd_advise, 2, true, "[FIRST [COUNT]]" },
	{ "grow-heap", cmd_grow_heap, 2, false, "BYTES" },
	{ "fork", cmd_fork, 1, false, "[ACCESS NAME [FIRST [COUNT [STEP]]]]" },
	{ "reap", cmd_reap, 1, false, "" },
	{ "exec", cmd_exec, 1, false, "" },
	{ "thread", cmd_thread, 2, false, "N" },
	{ "exit", cmd_exit, 2, false, "CODE" },
	{ "kill", cmd_kill, 2, false, "SIGNAL" },
	{ "touch-none", cmd_nothing, 1, false, "" },
	{ "quiet", cmd_nothing, 1, false, "" },
	{ "loud", cmd_nothing, 1, false, "" },
};

static int command_run(const struct command *c, int words, char **argv)
{
	struct area *a = NULL;

	if (words < c->min_words)
		return answer_error("%s %s%s", c->name, c->on_area ? "NAME " : "", c->rest);
	if (c->on_area && !(a = area_find(argv[1])))
		return answer_error("no area %s", argv[1]);
	return c->fn(a, argv);
}

static int line_run(char *line)
{
	char *argv[MAX_WORDS + 1] = { NULL };
	int words = 0;

	for (char *word = strtok(line, " \n"); word && words < MAX_WORDS;
	     word = strtok(NULL, " \n"))
		argv[words++] = word;
	if (!words)
		return 0;
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		if (!strcmp(commands[i].name, argv[0]))
			return command_run(&commands[i], words, argv);
	return answer_error("no command %s", argv[0]);
}

int main(int argc, char **argv)
{
	static char out[1 << 16], line[512];

	if (argc > 2 && !strcmp(argv[1], "--peer"))
		return access_peer_main((int)strtol(argv[2], NULL, 10));
	setvbuf(stdin, NULL, _IONBF, 0); /* lines not yet read are for the program after exec */
	setvbuf(stdout, out, _IOFBF, sizeof(out));
	if (argc > 1 && !strcmp(argv[1], "--again"))
		answer_ok("exec");
	else
		printf("pid %d\n", getpid());
	fflush(stdout);
	while (fgets(line, sizeof(line), stdin))
		line_run(line);
	return 0;
}
