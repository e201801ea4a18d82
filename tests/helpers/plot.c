/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a plot is: made, noted, compared, handed over; what is done to it is in plot_ops.c. */
#define _GNU_SOURCE 1
#include "plot_work.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <unistd.h>

#define WORDS (PAGE / sizeof(uint64_t))
#define HUGE_BYTES (2ul << 20)
#define TEMPLATE_KEY UINT64_C(0x74656d70)

static int template[2] = { -1, -1 }; /* a file and a memfd of PLOT_PAGES pages */
static char folder[4096];

_Noreturn void wrong(const char *fmt, ...)
{
	char text[512];
	int len = snprintf(text, sizeof(text), "WRONG pid %d: ", getpid());
	va_list args;

	va_start(args, fmt);
	len += vsnprintf(text + len, sizeof(text) - (size_t)len - 1, fmt, args);
	va_end(args);
	len = len < (int)sizeof(text) - 1 ? len : (int)sizeof(text) - 2;
	text[len++] = '\n';
	(void)!write(STDOUT_FILENO, text, (size_t)len);
	_exit(1);
}

long must(const char *what, long result)
{
	if (result == -1)
		wrong("%s: %s", what, strerror(errno));
	return result;
}

void write_all(int fd, const void *buf, size_t len)
{
	if (must("write", write(fd, buf, len)) != (long)len)
		wrong("write: short");
}

void read_all(int fd, void *buf, size_t len)
{
	if (must("read", read(fd, buf, len)) != (long)len)
		wrong("read: short");
}

uint64_t random_next(uint64_t *seed)
{
	uint64_t z = *seed += UINT64_C(0x9e3779b97f4a7c15); /* splitmix64 */

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

unsigned int random_below(uint64_t *seed, unsigned int n)
{
	return (unsigned int)((random_next(seed) >> 32) % n);
}

void *must_map(const char *what, void *at)
{
	if (at == MAP_FAILED)
		wrong("%s: %s", what, strerror(errno));
	return at;
}

/* Every word tells where it is and what it is worth. */
uint64_t plot_base(uint64_t key, size_t page, uint32_t writes)
{
	uint64_t seed = key ^ (uint64_t)page << 32 ^ writes;

	return random_next(&seed);
}

void plot_fill(uint64_t *word, uint64_t base)
{
	for (size_t i = 0; i < WORDS; i++)
		word[i] = base + i;
}

bool plot_is_private_of_file(const struct plot *p)
{
	return p->kind == PLOT_FILE || p->kind == PLOT_MEMFD_OWN;
}

bool plot_is_anon(const struct plot *p)
{
	return p->kind == PLOT_ANON || p->kind == PLOT_HEAP;
}

bool plot_is_shared(const struct plot *p)
{
	return !plot_is_anon(p) && !plot_is_private_of_file(p);
}

bool plot_has_file(const struct plot *p)
{
	return p->kind == PLOT_MEMFD || p->kind == PLOT_DISK;
}

static uint64_t *page_of(const struct plot *p, size_t i)
{
	return (uint64_t *)(void *)(p->at + i * PAGE);
}

void plot_check_page(const struct plot *p, size_t i)
{
	const volatile uint64_t *word = page_of(p, i);
	const uint32_t writes = WRITES(p->state[i]);
	const bool zero = !writes && !plot_is_private_of_file(p), loose = p->state[i] & LOOSE;
	uint64_t base = writes ? plot_base(p->key, p->first + i, writes)
			       : plot_base(TEMPLATE_KEY, p->first + i, 0);

	for (size_t w = 0; w < WORDS; w++) {
		uint64_t want = zero ? 0 : base + w, got = word[w];

		if (got != want && !(loose && !got))
			wrong("kind %d, page %zu of %zu at %p, written %u times%s: word %zu is "
			      "%llx, not %llx",
			      p->kind, i, p->pages, (void *)(p->at + i * PAGE), writes,
			      loose ? ", loose" : "", w, (unsigned long long)got,
			      (unsigned long long)want);
	}
}

void plot_check(const struct plot *p, size_t from, size_t nr)
{
	for (size_t i = from; i < from + nr && p->prot & PROT_READ; i++)
		if (!(p->state[i] & GUARD))
			plot_check_page(p, i);
}

void plot_write(struct plot *p, size_t from, size_t nr)
{
	for (size_t i = from; i < from + nr && p->prot & PROT_WRITE; i++) {
		if (p->state[i] & GUARD)
			continue;
		p->state[i] = WRITES(p->state[i]) + 1;
		plot_fill(page_of(p, i), plot_base(p->key, p->first + i, p->state[i]));
	}
}

void plot_forget(struct plot *p, size_t from, size_t nr)
{
	for (size_t i = from; i < from + nr; i++)
		p->state[i] &= GUARD;
}

bool plot_any_guard(const struct plot *p, size_t from, size_t nr)
{
	for (size_t i = from; i < from + nr; i++)
		if (p->state[i] & GUARD)
			return true;
	return false;
}

uint32_t *plot_new_state(void)
{
	return must_map("mmap", mmap(NULL, PLOT_PAGES * sizeof(uint32_t), RW,
				     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
}

void plot_drop(struct plot *p)
{
	must("munmap", munmap(p->state, PLOT_PAGES * sizeof(uint32_t)));
	if (p->fd >= 0)
		must("close", close(p->fd));
	*p = (struct plot){ .fd = -1 };
}

static void fill_template(int fd)
{
	uint64_t page[WORDS];

	for (size_t i = 0; i < PLOT_PAGES; i++) {
		plot_fill(page, plot_base(TEMPLATE_KEY, i, 0));
		write_all(fd, page, sizeof(page));
	}
}

static int new_file(void)
{
	char path[sizeof(folder) + 32];
	int fd;

	snprintf(path, sizeof(path), "%s/churn-XXXXXX", folder);
	fd = (int)must("mkostemp", mkostemp(path, O_CLOEXEC));
	must("unlink", unlink(path));
	return fd;
}

void plots_init(const char *dir)
{
	snprintf(folder, sizeof(folder), "%s", dir);
	template[0] = new_file();
	template[1] = (int)must("memfd_create", memfd_create("churn-template", MFD_CLOEXEC));
	fill_template(template[0]);
	fill_template(template[1]);
}

static void map_sysv(struct plot *p)
{
	int id = (int)must("shmget", shmget(IPC_PRIVATE, p->pages * PAGE, IPC_CREAT | 0600));

	p->at = must_map("shmat", shmat(id, NULL, 0));
	must("shmctl", shmctl(id, IPC_RMID, NULL));
}

static void map_file(struct plot *p)
{
	int flags = plot_is_private_of_file(p) ? MAP_PRIVATE : MAP_SHARED;
	int fd = plot_has_file(p) ? p->fd : template[p->kind == PLOT_MEMFD_OWN];

	p->at = must_map("mmap of a file",
			 mmap(NULL, p->pages * PAGE, RW, flags, fd, (off_t)(p->first * PAGE)));
}

/* A huge page's worth is aligned like one. */
static void map_anon(struct plot *p)
{
	size_t len = p->pages * PAGE, more = len < HUGE_BYTES ? 0 : HUGE_BYTES;
	int flags = p->kind == PLOT_SHARED ? MAP_SHARED : MAP_PRIVATE;
	unsigned char *at = must_map(
		"mmap", mmap(NULL, len + more, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
	size_t skip = more ? -(uintptr_t)at % HUGE_BYTES : 0;

	p->at = must_map("mmap fixed",
			 mmap(at + skip, len, RW, flags | MAP_ANONYMOUS | MAP_FIXED, -1, 0));
	if (skip)
		must("munmap", munmap(at, skip));
	if (more - skip)
		must("munmap", munmap(at + skip + len, more - skip));
}

static void map_heap(struct plot *p)
{
	unsigned char *brk = sbrk(0);

	must("brk", sbrk((intptr_t)(-(uintptr_t)brk % PAGE)) == (void *)-1 ? -1 : 0);
	p->at = sbrk((intptr_t)(p->pages * PAGE));
	must("brk", p->at == (void *)-1 ? -1 : 0);
}

static bool has_heap(const struct plots *ps)
{
	for (unsigned int i = 0; i < PLOTS; i++)
		if (ps->at[i].kind == PLOT_HEAP)
			return true;
	return false;
}

void plot_make(struct plots *ps, struct plot *p)
{
	bool large = !random_below(&ps->seed, 8);

	*p = (struct plot){ .fd = -1, .prot = RW, .key = random_next(&ps->seed) };
	p->kind = 1 + random_below(&ps->seed, PLOT_KINDS - 1);
	if (p->kind == PLOT_HEAP && (!ps->heap || has_heap(ps)))
		p->kind = PLOT_ANON;
	p->pages = 1 + random_below(&ps->seed, large ? PLOT_PAGES : SMALL_PAGES);
	p->state = plot_new_state();
	if (plot_is_private_of_file(p))
		p->first = random_below(&ps->seed, (unsigned int)(PLOT_PAGES - p->pages + 1));
	if (plot_has_file(p)) {
		p->fd = p->kind == PLOT_DISK
				? new_file()
				: (int)must("memfd_create", memfd_create("churn", MFD_CLOEXEC));
		must("ftruncate", ftruncate(p->fd, (off_t)(p->pages * PAGE)));
	}
	if (p->kind == PLOT_SYSV)
		map_sysv(p);
	else if (p->kind == PLOT_HEAP)
		map_heap(p);
	else if (plot_is_anon(p) || p->kind == PLOT_SHARED)
		map_anon(p);
	else
		map_file(p);
	plot_write(p, 0, large ? p->pages : random_below(&ps->seed, (unsigned int)p->pages));
}

void plots_tell(const struct plots *ps, char *text, size_t size)
{
	const struct plot *p = ps->to;

	snprintf(text, size, "%s, kind %d, %zu pages at %p", ps->doing ? ps->doing : "nothing",
		 p ? p->kind : 0, p ? p->pages : 0, p ? (void *)p->at : NULL);
}

void plots_verify(const struct plots *ps)
{
	for (unsigned int i = 0; i < PLOTS; i++)
		plot_check(&ps->at[i], 0, ps->at[i].pages);
}

void plots_spoil(struct plots *ps)
{
	plots_verify(ps);
	for (unsigned int i = 0; i < PLOTS; i++) {
		struct plot *p = &ps->at[i];

		if (plot_is_shared(p))
			continue;
		plot_write(p, 0, p->pages);
		plot_check(p, 0, p->pages);
	}
}

void plots_give(const struct plots *ps, int fd)
{
	write_all(fd, ps, sizeof(*ps));
	for (unsigned int i = 0; i < PLOTS; i++) {
		const struct plot *p = &ps->at[i];

		if (!plot_has_file(p))
			continue;
		must("fcntl", fcntl(p->fd, F_SETFD, 0));
		write_all(fd, p->state, p->pages * sizeof(*p->state));
	}
}

void plots_take(struct plots *ps, int fd)
{
	read_all(fd, ps, sizeof(*ps));
	for (unsigned int i = 0; i < PLOTS; i++) {
		struct plot *p = &ps->at[i];

		if (!plot_has_file(p)) {
			*p = (struct plot){ .fd = -1 };
			continue;
		}
		p->state = plot_new_state();
		read_all(fd, p->state, p->pages * sizeof(*p->state));
		must("fcntl", fcntl(p->fd, F_SETFD, FD_CLOEXEC));
		for (size_t page = 0; page < p->pages; page++)
			p->state[page] &= ~GUARD; /* a new mapping has none */
		p->prot = RW;
		map_file(p);
		plot_check(p, 0, p->pages);
	}
}
