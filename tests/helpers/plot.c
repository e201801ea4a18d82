/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Random operations on memory whose contents are known. */
#define _GNU_SOURCE 1
#include "plot.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <sys/uio.h>
#include <unistd.h>

#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE 25
#endif
#ifndef MADV_GUARD_INSTALL
#define MADV_GUARD_INSTALL 102
#define MADV_GUARD_REMOVE 103
#endif

#define PAGE 4096ul
#define WORDS (PAGE / sizeof(uint64_t))
#define RW (PROT_READ | PROT_WRITE)
#define SMALL_PAGES 64u
#define HUGE_BYTES (2ul << 20)
#define TEMPLATE_KEY UINT64_C(0x74656d70)

/* Beside the number of writes, of which 0 is what the page is born with. */
#define LOOSE (1u << 31) /* given to MADV_FREE: zero, or what it was */
#define GUARD (1u << 30) /* not to be touched */
#define WRITES(state) ((state) & ~(LOOSE | GUARD))

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

static void *must_map(const char *what, void *at)
{
	if (at == MAP_FAILED)
		wrong("%s: %s", what, strerror(errno));
	return at;
}

/* Every word tells where it is and what it is worth. */
static uint64_t base_of(uint64_t key, size_t page, uint32_t writes)
{
	uint64_t seed = key ^ (uint64_t)page << 32 ^ writes;

	return random_next(&seed);
}

static void fill(uint64_t *word, uint64_t base)
{
	for (size_t i = 0; i < WORDS; i++)
		word[i] = base + i;
}

static bool is_private_of_file(const struct plot *p)
{
	return p->kind == PLOT_FILE || p->kind == PLOT_MEMFD_OWN;
}

static bool is_anon(const struct plot *p)
{
	return p->kind == PLOT_ANON || p->kind == PLOT_HEAP;
}

static bool is_shared(const struct plot *p)
{
	return !is_anon(p) && !is_private_of_file(p);
}

static bool has_file(const struct plot *p)
{
	return p->kind == PLOT_MEMFD || p->kind == PLOT_DISK;
}

static uint64_t *page_of(const struct plot *p, size_t i)
{
	return (uint64_t *)(void *)(p->at + i * PAGE);
}

static void check_page(const struct plot *p, size_t i)
{
	const volatile uint64_t *word = page_of(p, i);
	const uint32_t writes = WRITES(p->state[i]);
	const bool zero = !writes && !is_private_of_file(p), loose = p->state[i] & LOOSE;
	uint64_t base = writes ? base_of(p->key, p->first + i, writes)
			       : base_of(TEMPLATE_KEY, p->first + i, 0);

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

static void check_run(const struct plot *p, size_t from, size_t nr)
{
	for (size_t i = from; i < from + nr && p->prot & PROT_READ; i++)
		if (!(p->state[i] & GUARD))
			check_page(p, i);
}

static void write_run(struct plot *p, size_t from, size_t nr)
{
	for (size_t i = from; i < from + nr && p->prot & PROT_WRITE; i++) {
		if (p->state[i] & GUARD)
			continue;
		p->state[i] = WRITES(p->state[i]) + 1;
		fill(page_of(p, i), base_of(p->key, p->first + i, p->state[i]));
	}
}

/* The pages are as they were born: guards stay. */
static void forget_run(struct plot *p, size_t from, size_t nr)
{
	for (size_t i = from; i < from + nr; i++)
		p->state[i] &= GUARD;
}

static bool any_guard(const struct plot *p, size_t from, size_t nr)
{
	for (size_t i = from; i < from + nr; i++)
		if (p->state[i] & GUARD)
			return true;
	return false;
}

/* A random part of it. */
static size_t pick_run(struct plots *ps, const struct plot *p, size_t *from)
{
	*from = random_below(&ps->seed, (unsigned int)p->pages);
	return 1 + random_below(&ps->seed, (unsigned int)(p->pages - *from));
}

static uint32_t *new_state(void)
{
	return must_map("mmap", mmap(NULL, PLOT_PAGES * sizeof(uint32_t), RW,
				     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
}

static void drop(struct plot *p)
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
		fill(page, base_of(TEMPLATE_KEY, i, 0));
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
	int flags = is_private_of_file(p) ? MAP_PRIVATE : MAP_SHARED;
	int fd = has_file(p) ? p->fd : template[p->kind == PLOT_MEMFD_OWN];

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

static void make(struct plots *ps, struct plot *p)
{
	bool large = !random_below(&ps->seed, 8);

	*p = (struct plot){ .fd = -1, .prot = RW, .key = random_next(&ps->seed) };
	p->kind = 1 + random_below(&ps->seed, PLOT_KINDS - 1);
	if (p->kind == PLOT_HEAP && (!ps->heap || has_heap(ps)))
		p->kind = PLOT_ANON;
	p->pages = 1 + random_below(&ps->seed, large ? PLOT_PAGES : SMALL_PAGES);
	p->state = new_state();
	if (is_private_of_file(p))
		p->first = random_below(&ps->seed, (unsigned int)(PLOT_PAGES - p->pages + 1));
	if (has_file(p)) {
		p->fd = p->kind == PLOT_DISK
				? new_file()
				: (int)must("memfd_create", memfd_create("churn", MFD_CLOEXEC));
		must("ftruncate", ftruncate(p->fd, (off_t)(p->pages * PAGE)));
	}
	if (p->kind == PLOT_SYSV)
		map_sysv(p);
	else if (p->kind == PLOT_HEAP)
		map_heap(p);
	else if (is_anon(p) || p->kind == PLOT_SHARED)
		map_anon(p);
	else
		map_file(p);
	write_run(p, 0, large ? p->pages : pick_run(ps, p, &(size_t){ 0 }) / 2);
}

/* From here on: operations, each of which leaves the notes right. */

static void op_write(struct plots *ps, struct plot *p)
{
	size_t from, nr = pick_run(ps, p, &from);

	check_run(p, from, nr);
	write_run(p, from, nr);
}

static void op_read(struct plots *ps, struct plot *p)
{
	size_t from, nr = pick_run(ps, p, &from);

	check_run(p, from, nr);
}

static void op_unmap(struct plots *ps, struct plot *p)
{
	(void)ps;
	check_run(p, 0, p->pages);
	if (p->kind == PLOT_SYSV)
		must("shmdt", shmdt(p->at));
	else if (p->kind == PLOT_HEAP)
		/* The last that was grown: nobody else does (the main thread allocates nothing). */
		must("brk", brk(p->at));
	else
		must("munmap", munmap(p->at, p->pages * PAGE));
	drop(p);
}

/* Cut the end or the beginning off. */
static void op_trim(struct plots *ps, struct plot *p)
{
	size_t cut, keep;

	if (p->pages < 2 || p->kind == PLOT_SYSV || p->kind == PLOT_HEAP)
		return;
	keep = 1 + random_below(&ps->seed, (unsigned int)(p->pages - 1));
	cut = p->pages - keep;
	switch (random_below(&ps->seed, 3)) {
	case 0:
		must("munmap", munmap(p->at + keep * PAGE, cut * PAGE));
		break;
	case 1:
		must_map("mremap", mremap(p->at, p->pages * PAGE, keep * PAGE, 0));
		break;
	default:
		must("munmap", munmap(p->at, cut * PAGE));
		p->at += cut * PAGE;
		p->first += cut;
		memmove(p->state, p->state + cut, keep * sizeof(*p->state));
	}
	memset(p->state + keep, 0, cut * sizeof(*p->state));
	p->pages = keep;
}

/* Take something out of the middle: two are left. */
static void op_split(struct plots *ps, struct plot *p)
{
	struct plot *q = ps->at;
	size_t hole, rest;

	while (q < ps->at + PLOTS && q->kind)
		q++;
	if (q == ps->at + PLOTS || p->pages < 3 || p->kind == PLOT_SYSV || p->kind == PLOT_HEAP)
		return;
	hole = 1 + random_below(&ps->seed, (unsigned int)(p->pages - 2));
	must("munmap", munmap(p->at + hole * PAGE, PAGE));
	rest = p->pages - hole - 1;
	*q = *p;
	q->state = new_state();
	memcpy(q->state, p->state + hole + 1, rest * sizeof(*q->state));
	memset(p->state + hole, 0, (rest + 1) * sizeof(*p->state));
	q->at += (hole + 1) * PAGE;
	q->first += hole + 1;
	q->pages = rest;
	q->fd = p->fd < 0 ? -1 : (int)must("dup", fcntl(p->fd, F_DUPFD_CLOEXEC, 0));
	p->pages = hole;
}

/* Is a part of the same file, split off, somewhere else? */
static bool has_sibling(const struct plots *ps, const struct plot *p)
{
	for (unsigned int i = 0; i < PLOTS; i++)
		if (&ps->at[i] != p && ps->at[i].kind && ps->at[i].key == p->key)
			return true;
	return false;
}

static void op_grow(struct plots *ps, struct plot *p)
{
	size_t room = PLOT_PAGES - p->pages - (is_private_of_file(p) ? p->first : 0);
	size_t more = 1 + random_below(&ps->seed, SMALL_PAGES);

	if (p->kind == PLOT_SYSV || p->kind == PLOT_SHARED || p->kind == PLOT_HEAP || p->apart ||
	    more > room)
		return;
	if (has_file(p)) {
		off_t end = (off_t)((p->first + p->pages) * PAGE);

		/* Only zeros may lie there. */
		if (has_sibling(ps, p) || lseek(p->fd, end, SEEK_DATA) >= 0 || errno != ENXIO)
			return;
		if (must("lseek", lseek(p->fd, 0, SEEK_END)) < end + (off_t)(more * PAGE))
			must("ftruncate", ftruncate(p->fd, end + (off_t)(more * PAGE)));
	}
	p->at = must_map("mremap to grow",
			 mremap(p->at, p->pages * PAGE, (p->pages + more) * PAGE, MREMAP_MAYMOVE));
	p->pages += more;
}

static void op_move(struct plots *ps, struct plot *p)
{
	size_t len = p->pages * PAGE;
	int flags = MREMAP_MAYMOVE | MREMAP_FIXED;
	unsigned char *to, *from = p->at;

	if (p->kind == PLOT_SYSV || p->kind == PLOT_HEAP || p->apart)
		return;
	to = must_map("mmap", mmap(NULL, len, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
	if (p->kind == PLOT_ANON && random_below(&ps->seed, 2))
		flags |= MREMAP_DONTUNMAP;
	p->at = must_map("mremap to move", mremap(p->at, len, len, flags, to));
	if (flags & MREMAP_DONTUNMAP)
		must("munmap", munmap(from, len));
}

/* For a while, or for a moment and a part of it. */
static void op_protect(struct plots *ps, struct plot *p)
{
	static const int prots[] = { PROT_NONE, PROT_READ, RW, RW };
	size_t from, nr = pick_run(ps, p, &from);
	int prot = prots[random_below(&ps->seed, 4)];

	if (random_below(&ps->seed, 2)) {
		p->prot = prot;
		must("mprotect", mprotect(p->at, p->pages * PAGE, prot));
		return;
	}
	p->apart = true;
	must("mprotect of a part", mprotect(p->at + from * PAGE, nr * PAGE, prot));
	if (prot & p->prot & PROT_READ)
		check_run(p, from, nr);
	must("mprotect back", mprotect(p->at + from * PAGE, nr * PAGE, p->prot));
}

static void op_dontneed(struct plots *ps, struct plot *p)
{
	size_t from, nr = pick_run(ps, p, &from);

	must("MADV_DONTNEED", madvise(p->at + from * PAGE, nr * PAGE, MADV_DONTNEED));
	if (!is_shared(p))
		forget_run(p, from, nr);
}

static void op_free(struct plots *ps, struct plot *p)
{
	size_t from, nr = pick_run(ps, p, &from);

	if (!is_anon(p))
		return;
	must("MADV_FREE", madvise(p->at + from * PAGE, nr * PAGE, MADV_FREE));
	for (size_t i = from; i < from + nr; i++)
		if (WRITES(p->state[i]))
			p->state[i] |= LOOSE;
}

static void op_advise(struct plots *ps, struct plot *p)
{
	static const int advice[] = { MADV_PAGEOUT,    MADV_COLD,   MADV_WILLNEED, MADV_HUGEPAGE,
				      MADV_NOHUGEPAGE, MADV_RANDOM, MADV_NORMAL,   MADV_COLLAPSE };
	size_t from, nr = pick_run(ps, p, &from);
	int what = advice[random_below(&ps->seed, 8)];

	p->apart = true;
	if (!madvise(p->at + from * PAGE, nr * PAGE, what))
		return;
	/* Memory that is observed, locked or busy need not collapse, nor such that has no pages. */
	if (what == MADV_COLLAPSE &&
	    (errno == EINVAL || errno == EAGAIN || errno == EBUSY || errno == ENOMEM))
		return;
	if (errno == EINVAL && (what == MADV_HUGEPAGE || what == MADV_NOHUGEPAGE))
		return; /* kernels without */
	wrong("madvise %d on kind %d: %s", what, p->kind, strerror(errno));
}

static void op_populate(struct plots *ps, struct plot *p)
{
	size_t from, nr = pick_run(ps, p, &from);
	bool writes = random_below(&ps->seed, 2);

	if (any_guard(p, from, nr) || !(p->prot & PROT_READ) || (writes && p->prot != RW))
		return;
	must("MADV_POPULATE", madvise(p->at + from * PAGE, nr * PAGE,
				      writes ? MADV_POPULATE_WRITE : MADV_POPULATE_READ));
}

static void op_guard(struct plots *ps, struct plot *p)
{
	size_t from, nr = pick_run(ps, p, &from);
	bool guard = !any_guard(p, from, nr);

	/*
	 * In other memory, on which WP_ASYNC leaves markers, MADV_GUARD_INSTALL goes
	 * round in circles (guard_install_pte_entry, seen on 6.18.44).
	 */
	if (!is_anon(p))
		return;
	if (madvise(p->at + from * PAGE, nr * PAGE,
		    guard ? MADV_GUARD_INSTALL : MADV_GUARD_REMOVE)) {
		if (errno != EINVAL) /* of this kernel, or of this kind of memory */
			wrong("MADV_GUARD on kind %d: %s", p->kind, strerror(errno));
		return;
	}
	if (guard)
		forget_run(p, from, nr);
	for (size_t i = from; i < from + nr; i++)
		p->state[i] = guard ? p->state[i] | GUARD : p->state[i] & ~GUARD;
}

static void op_punch(struct plots *ps, struct plot *p)
{
	size_t from, nr = pick_run(ps, p, &from);

	if (!has_file(p))
		return;
	if (fallocate(p->fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
		      (off_t)((p->first + from) * PAGE), (off_t)(nr * PAGE))) {
		if (errno != EOPNOTSUPP)
			wrong("fallocate: %s", strerror(errno));
		return;
	}
	forget_run(p, from, nr);
}

/* Make the file shorter and long again. */
static void op_truncate(struct plots *ps, struct plot *p)
{
	size_t end = p->first + p->pages, keep = random_below(&ps->seed, (unsigned int)p->pages);
	off_t size;

	if (!has_file(p) || has_sibling(ps, p))
		return;
	size = (off_t)must("lseek", lseek(p->fd, 0, SEEK_END));
	if (size != (off_t)(end * PAGE))
		return;
	must("ftruncate", ftruncate(p->fd, (off_t)((p->first + keep) * PAGE)));
	must("ftruncate", ftruncate(p->fd, size));
	forget_run(p, keep, p->pages - keep);
}

/* What the kernel reads from there and writes to there. */
static void op_kernel(struct plots *ps, struct plot *p)
{
	size_t i = random_below(&ps->seed, (unsigned int)p->pages);
	unsigned char page[PAGE], *at = p->at + i * PAGE;
	struct iovec there = { at, PAGE }, here = { page, PAGE };
	int pipes[2];

	if (p->prot != RW || p->state[i] & GUARD)
		return;
	check_page(p, i);
	p->state[i] = WRITES(p->state[i]) + 1;
	fill((uint64_t *)(void *)page, base_of(p->key, p->first + i, p->state[i]));
	if (random_below(&ps->seed, 2)) {
		if (must("process_vm_writev",
			 process_vm_writev(gettid(), &here, 1, &there, 1, 0)) != PAGE)
			wrong("process_vm_writev: short");
	} else {
		must("pipe", pipe2(pipes, O_CLOEXEC));
		write_all(pipes[1], page, PAGE);
		read_all(pipes[0], at, PAGE);
		write_all(pipes[1], at, PAGE);
		read_all(pipes[0], page, PAGE);
		close(pipes[0]);
		close(pipes[1]);
		if (memcmp(at, page, PAGE))
			wrong("a page went through a pipe and came back otherwise");
	}
	check_page(p, i);
}

static void op_lock(struct plots *ps, struct plot *p)
{
	size_t from, nr = pick_run(ps, p, &from);

	/*
	 * A locked mapping of a file on disk, with a marker of WP_ASYNC where the page is
	 * not in the cache, faults for ever (filemap_fault_recheck_pte_none, seen on 6.18.44).
	 */
	if (any_guard(p, from, nr) || p->prot != RW || p->kind == PLOT_DISK || p->kind == PLOT_FILE)
		return;
	p->apart = true;
	/* Locked memory refuses MADV_DONTNEED: only for a moment. */
	if (mlock(p->at + from * PAGE, nr * PAGE)) {
		if (errno != ENOMEM && errno != EPERM) /* of the limit */
			wrong("mlock: %s", strerror(errno));
	} else {
		check_run(p, from, nr);
	}
	must("munlock", munlock(p->at + from * PAGE, nr * PAGE));
}

static void op_verify(struct plots *ps, struct plot *p)
{
	(void)ps;
	check_run(p, 0, p->pages);
}

/* Another mapping of the same pages. */
static void op_alias(struct plots *ps, struct plot *p)
{
	struct plot other = *p;

	(void)ps;
	if (!has_file(p))
		return;
	other.prot = RW;
	other.at = must_map("mmap", mmap(NULL, p->pages * PAGE, RW, MAP_SHARED, p->fd,
					 (off_t)(p->first * PAGE)));
	check_run(&other, 0, p->pages);
	write_run(&other, 0, p->pages / 2);
	must("munmap", munmap(other.at, p->pages * PAGE));
	check_run(p, 0, p->pages);
}

#define OP(name, times)                 \
	{                               \
		op_##name, #name, times \
	}

static const struct op {
	void (*fn)(struct plots *ps, struct plot *p);
	const char *name;
	unsigned int times; /* as often as the others */
} ops[] = {
	OP(write, 3),  OP(read, 1),	OP(unmap, 2),	OP(trim, 1),	 OP(split, 1),
	OP(grow, 1),   OP(move, 1),	OP(protect, 2), OP(dontneed, 1), OP(free, 1),
	OP(advise, 2), OP(populate, 1), OP(guard, 1),	OP(punch, 1),	 OP(truncate, 1),
	OP(kernel, 1), OP(lock, 1),	OP(alias, 1),	OP(verify, 1),
};

static const struct op *pick_op(struct plots *ps)
{
	const size_t nr = sizeof(ops) / sizeof(*ops);
	unsigned int all = 0, at;
	size_t i = 0;

	for (size_t j = 0; j < nr; j++)
		all += ops[j].times;
	at = random_below(&ps->seed, all);
	while (at >= ops[i].times)
		at -= ops[i++].times;
	return &ops[i];
}

void plots_turn(struct plots *ps)
{
	struct plot *p = &ps->at[random_below(&ps->seed, PLOTS)];
	const struct op *op = pick_op(ps);

	ps->to = p;
	ps->doing = p->kind ? op->name : "make";
	ps->ops++;
	if (!p->kind)
		make(ps, p);
	else
		op->fn(ps, p);
	ps->doing = "nothing";
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
		check_run(&ps->at[i], 0, ps->at[i].pages);
}

void plots_spoil(struct plots *ps)
{
	plots_verify(ps);
	for (unsigned int i = 0; i < PLOTS; i++) {
		struct plot *p = &ps->at[i];

		if (is_shared(p))
			continue;
		write_run(p, 0, p->pages);
		check_run(p, 0, p->pages);
	}
}

void plots_give(const struct plots *ps, int fd)
{
	write_all(fd, ps, sizeof(*ps));
	for (unsigned int i = 0; i < PLOTS; i++) {
		const struct plot *p = &ps->at[i];

		if (!has_file(p))
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

		if (!has_file(p)) {
			*p = (struct plot){ .fd = -1 };
			continue;
		}
		p->state = new_state();
		read_all(fd, p->state, p->pages * sizeof(*p->state));
		must("fcntl", fcntl(p->fd, F_SETFD, FD_CLOEXEC));
		for (size_t page = 0; page < p->pages; page++)
			p->state[page] &= ~GUARD; /* a new mapping has none */
		p->prot = RW;
		map_file(p);
		check_run(p, 0, p->pages);
	}
}
