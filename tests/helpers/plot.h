/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Plots of memory that a thread of churn.c keeps and turns over: mapped, moved,
 * resized, protected, advised.  What each page shall hold is noted apart and looked
 * at again and again; the first difference, or a call that fails as it should not,
 * is told on stdout, and ends the program with status 1.
 */
#ifndef WSSTAT_TESTS_PLOT_H
#define WSSTAT_TESTS_PLOT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PLOT_PAGES 2048u /* of the largest */
#define PLOTS 16u	 /* of one thread */

enum plot_kind {
	PLOT_NONE, /* a free slot */
	PLOT_ANON,
	PLOT_HEAP, /* grown by brk(2): one thread's only */
	PLOT_SHARED,
	PLOT_SYSV,
	PLOT_MEMFD,
	PLOT_DISK,	/* a shared mapping of a file */
	PLOT_FILE,	/* a private mapping of a file */
	PLOT_MEMFD_OWN, /* a private mapping of a memfd */
	PLOT_KINDS,
};

struct plot {
	enum plot_kind kind;
	unsigned char *at;
	size_t first, pages; /* of the file, or of what it was at first */
	int fd;		     /* its own, or -1 */
	int prot;
	bool apart; /* it may be several VMAs, which cannot grow, nor move where observed (EFAULT)
		     */
	uint64_t key;
	uint32_t *state; /* of each page: how often it was written, and what else is known */
};

struct plots {
	struct plot at[PLOTS];
	uint64_t seed;		    /* the next random number */
	bool heap;		    /* may it use brk(2)? */
	volatile unsigned long ops; /* begun */
	const char *volatile doing; /* the present one */
	struct plot *volatile to;
};

/* The files that private mappings are of; before anything else. */
void plots_init(const char *dir);

uint64_t random_next(uint64_t *seed);
unsigned int random_below(uint64_t *seed, unsigned int n);

/* Do something to one of them. */
void plots_turn(struct plots *ps);

/* Every byte of all of them. */
void plots_verify(const struct plots *ps);

/* As plots_verify(), then write to what is private: for the child of a fork. */
void plots_spoil(struct plots *ps);

/* Hand what outlives exec over, through a file at its present place, and take it. */
void plots_give(const struct plots *ps, int fd);
void plots_take(struct plots *ps, int fd);

/* Words on the present operation. */
void plots_tell(const struct plots *ps, char *text, size_t size);

/* Tell what is wrong, and end all. */
_Noreturn void wrong(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* Of a call that must not fail: its result. */
long must(const char *what, long result);

void write_all(int fd, const void *buf, size_t len);
void read_all(int fd, void *buf, size_t len);

#endif
