/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Random operations on memory whose contents are known: each leaves the notes right. */
#define _GNU_SOURCE 1
#include "plot_work.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
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

/* A random part of it. */
static size_t pick_run(struct plots *ps, const struct plot *p, size_t *from)
{
	*from = random_below(&ps->seed, (unsigned int)p->pages);
	return 1 + random_below(&ps->seed, (unsigned int)(p->pages - *from));
}

static void op_write(struct plots *ps, struct plot *p)
{
	size_t from, nr = pick_run(ps, p, &from);

	plot_check(p, from, nr);
	plot_write(p, from, nr);
}

static void op_read(struct plots *ps, struct plot *p)
{
	size_t from, nr = pick_run(ps, p, &from);

	plot_check(p, from, nr);
}

static void op_unmap(struct plots *ps, struct plot *p)
{
	(void)ps;
	plot_check(p, 0, p->pages);
	if (p->kind == PLOT_SYSV)
		must("shmdt", shmdt(p->at));
	else if (p->kind == PLOT_HEAP)
		/* The last that was grown: nobody else does (the main thread allocates nothing). */
		must("brk", brk(p->at));
	else
		must("munmap", munmap(p->at, p->pages * PAGE));
	plot_drop(p);
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
	q->state = plot_new_state();
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
	size_t room = PLOT_PAGES - p->pages - (plot_is_private_of_file(p) ? p->first : 0);
	size_t more = 1 + random_below(&ps->seed, SMALL_PAGES);

	if (p->kind == PLOT_SYSV || p->kind == PLOT_SHARED || p->kind == PLOT_HEAP || p->apart ||
	    more > room)
		return;
	if (plot_has_file(p)) {
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
		plot_check(p, from, nr);
	must("mprotect back", mprotect(p->at + from * PAGE, nr * PAGE, p->prot));
}

static void op_dontneed(struct plots *ps, struct plot *p)
{
	size_t from, nr = pick_run(ps, p, &from);

	must("MADV_DONTNEED", madvise(p->at + from * PAGE, nr * PAGE, MADV_DONTNEED));
	if (!plot_is_shared(p))
		plot_forget(p, from, nr);
}

static void op_free(struct plots *ps, struct plot *p)
{
	size_t from, nr = pick_run(ps, p, &from);

	if (!plot_is_anon(p))
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

	if (plot_any_guard(p, from, nr) || !(p->prot & PROT_READ) || (writes && p->prot != RW))
		return;
	must("MADV_POPULATE", madvise(p->at + from * PAGE, nr * PAGE,
				      writes ? MADV_POPULATE_WRITE : MADV_POPULATE_READ));
}

static void op_guard(struct plots *ps, struct plot *p)
{
	size_t from, nr = pick_run(ps, p, &from);
	bool guard = !plot_any_guard(p, from, nr);

	/*
	 * In other memory, on which WP_ASYNC leaves markers, MADV_GUARD_INSTALL goes
	 * round in circles (guard_install_pte_entry, seen on 6.18.44).
	 */
	if (!plot_is_anon(p))
		return;
	if (madvise(p->at + from * PAGE, nr * PAGE,
		    guard ? MADV_GUARD_INSTALL : MADV_GUARD_REMOVE)) {
		if (errno != EINVAL) /* of this kernel, or of this kind of memory */
			wrong("MADV_GUARD on kind %d: %s", p->kind, strerror(errno));
		return;
	}
	if (guard)
		plot_forget(p, from, nr);
	for (size_t i = from; i < from + nr; i++)
		p->state[i] = guard ? p->state[i] | GUARD : p->state[i] & ~GUARD;
}

static void op_punch(struct plots *ps, struct plot *p)
{
	size_t from, nr = pick_run(ps, p, &from);

	if (!plot_has_file(p))
		return;
	if (fallocate(p->fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
		      (off_t)((p->first + from) * PAGE), (off_t)(nr * PAGE))) {
		if (errno != EOPNOTSUPP)
			wrong("fallocate: %s", strerror(errno));
		return;
	}
	plot_forget(p, from, nr);
}

/* Make the file shorter and long again. */
static void op_truncate(struct plots *ps, struct plot *p)
{
	size_t end = p->first + p->pages, keep = random_below(&ps->seed, (unsigned int)p->pages);
	off_t size;

	if (!plot_has_file(p) || has_sibling(ps, p))
		return;
	size = (off_t)must("lseek", lseek(p->fd, 0, SEEK_END));
	if (size != (off_t)(end * PAGE))
		return;
	must("ftruncate", ftruncate(p->fd, (off_t)((p->first + keep) * PAGE)));
	must("ftruncate", ftruncate(p->fd, size));
	plot_forget(p, keep, p->pages - keep);
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
	plot_check_page(p, i);
	p->state[i] = WRITES(p->state[i]) + 1;
	plot_fill((uint64_t *)(void *)page, plot_base(p->key, p->first + i, p->state[i]));
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
	plot_check_page(p, i);
}

static void op_lock(struct plots *ps, struct plot *p)
{
	size_t from, nr = pick_run(ps, p, &from);

	if (plot_any_guard(p, from, nr) || p->prot != RW)
		return;
	p->apart = true;
	/* Locked memory refuses MADV_DONTNEED: only for a moment. */
	if (mlock(p->at + from * PAGE, nr * PAGE)) {
		if (errno != ENOMEM && errno != EPERM) /* of the limit */
			wrong("mlock: %s", strerror(errno));
	} else {
		plot_check(p, from, nr);
	}
	must("munlock", munlock(p->at + from * PAGE, nr * PAGE));
}

static void op_verify(struct plots *ps, struct plot *p)
{
	(void)ps;
	plot_check(p, 0, p->pages);
}

/* Another mapping of the same pages. */
static void op_alias(struct plots *ps, struct plot *p)
{
	struct plot other = *p;

	(void)ps;
	if (!plot_has_file(p))
		return;
	other.prot = RW;
	other.at = must_map("mmap", mmap(NULL, p->pages * PAGE, RW, MAP_SHARED, p->fd,
					 (off_t)(p->first * PAGE)));
	plot_check(&other, 0, p->pages);
	plot_write(&other, 0, p->pages / 2);
	must("munmap", munmap(other.at, p->pages * PAGE));
	plot_check(p, 0, p->pages);
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
		plot_make(ps, p);
	else
		op->fn(ps, p);
	ps->doing = "nothing";
}
