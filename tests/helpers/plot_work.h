/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Between plot.c, which knows what a plot holds, and plot_ops.c, which changes it. */
#ifndef WSSTAT_TESTS_PLOT_WORK_H
#define WSSTAT_TESTS_PLOT_WORK_H

#include <sys/mman.h>

#include "plot.h"

#define PAGE 4096ul
#define RW (PROT_READ | PROT_WRITE)
#define SMALL_PAGES 64u

/* Beside the number of writes, of which 0 is what the page is born with. */
#define LOOSE (1u << 31) /* given to MADV_FREE: zero, or what it was */
#define GUARD (1u << 30) /* not to be touched */
#define WRITES(state) ((state) & ~(LOOSE | GUARD))

bool plot_is_private_of_file(const struct plot *p);
bool plot_is_anon(const struct plot *p);
bool plot_is_shared(const struct plot *p);
bool plot_has_file(const struct plot *p);

/* In a free slot, of a random kind and size. */
void plot_make(struct plots *ps, struct plot *p);

/* What is noted of it, and its file; it is unmapped already. */
void plot_drop(struct plot *p);

/* Notes for a plot of any size. */
uint32_t *plot_new_state(void);

/* Pages from there on: compared where they can be read, and written where they can be written. */
void plot_check(const struct plot *p, size_t from, size_t nr);
void plot_check_page(const struct plot *p, size_t i);
void plot_write(struct plot *p, size_t from, size_t nr);

/* The pages are as they were born: guards stay. */
void plot_forget(struct plot *p, size_t from, size_t nr);

bool plot_any_guard(const struct plot *p, size_t from, size_t nr);

/* The first word of a page that was written so often, and all words of it. */
uint64_t plot_base(uint64_t key, size_t page, uint32_t writes);
void plot_fill(uint64_t *word, uint64_t base);

/* Of mmap(2) or mremap(2): its result, which must be none of failure. */
void *must_map(const char *what, void *at);

#endif
