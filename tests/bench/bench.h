/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One child that is observed, and what is done to it in the bench. */
#ifndef WSSTAT_TESTS_BENCH_BENCH_H
#define WSSTAT_TESTS_BENCH_BENCH_H

#include <stdint.h>

#include "core/books.h"

#define MAX_ROUNDS 256u
#define VEC_LEN 65536u

enum touch_way {
	TOUCH_READ,
	TOUCH_WRITE,
	TOUCH_BOTH, /* each second page is written, the others read */
};

/* What the child is told to do. */
struct pattern {
	const char *name;
	unsigned int percent;
	bool scattered;
};

struct bench;

/* A method's bare calls.  All return 0 or a negative errno. */
struct bare_ops {
	enum region_method method;
	enum touch_way way;
	bool shared; /* memory: a memfd mapped shared; else private and anonymous */
	const char *memory, *compared;
	int (*sample)(struct bench *bench, struct range piece);
	const char *beside; /* another figure, for information, or NULL */
	int (*beside_sample)(struct bench *bench, struct range piece);
};

extern const struct bare_ops bare_rwp, bare_wp, bare_zap;

/* How long the child was stopped. */
struct stops {
	uint64_t nr;
	int64_t ns, longest_ns;
};

struct bench {
	const struct bare_ops *bare;
	struct target *target; /* NULL: not attached */
	struct books books;
	struct selection selection;
	struct edges edges;
	struct range area;
	struct page_region *vec; /* VEC_LEN */
	int to_child, from_child, child;
	unsigned int samples;
	int64_t now_ns;
	struct stops bare_stops;
};

/* Start a child with so much memory of the method's kind and attach to it. */
must_check int bench_begin(struct bench *bench, const struct bare_ops *bare, uint64_t bytes,
			   struct error *err);
void bench_end(struct bench *bench);

/* Returns when it has touched all of the pattern. */
must_check int bench_touch(struct bench *bench, struct pattern pattern);

/* One sample as the sampler takes it; the time that it took. */
must_check int bench_sample(struct bench *bench, int64_t *took_ns, struct error *err);

/* A bare call over the area, in pieces; the time that it took. */
must_check int bench_bare(struct bench *bench, int (*sample)(struct bench *, struct range),
			  int64_t *took_ns);

#endif
