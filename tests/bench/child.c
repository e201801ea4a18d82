/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A child with memory, and wsstat's own code that observes it. */
#include "config.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include "base/clock.h"
#include "bench.h"
#include "kernel/pagemap.h"

#define PIECE_BYTES (UINT64_C(64) << 20)

struct order {
	struct pattern pattern;
	enum touch_way way;
};

static void touch_page(volatile char *area, uint64_t page, enum touch_way way)
{
	volatile char *byte = &area[page * PAGE_BYTES];

	if (way == TOUCH_WRITE || (way == TOUCH_BOTH && page & 1))
		*byte = 1;
	else
		(void)*byte;
}

/* `percent` of a hundred pages, spread evenly or from the start. */
static void touch(volatile char *area, uint64_t pages, const struct order *order)
{
	const unsigned int percent = order->pattern.percent;
	const uint64_t step = order->pattern.scattered ? 100 / percent : 1;
	const uint64_t end = order->pattern.scattered ? pages : pages * percent / 100;

	for (uint64_t i = 0; i < end; i += step)
		touch_page(area, i, order->way);
}

static void child_main(volatile char *area, uint64_t pages, int from, int to)
{
	struct order order;
	char ok = 1;

	while (read(from, &order, sizeof(order)) == sizeof(order)) {
		touch(area, pages, &order);
		if (write(to, &ok, 1) != 1)
			break;
	}
	_exit(0);
}

static char *make_area(bool shared, uint64_t bytes)
{
	auto_close int fd = shared ? memfd_create("bench", MFD_CLOEXEC) : -1;
	char *area;

	if (shared && (fd < 0 || ftruncate(fd, (off_t)bytes)))
		return MAP_FAILED;
	area = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
		    shared ? MAP_SHARED : MAP_PRIVATE | MAP_ANONYMOUS, fd, 0);
	if (area != MAP_FAILED)
		madvise(area, bytes, MADV_NOHUGEPAGE);
	return area;
}

static int start_child(struct bench *bench, uint64_t bytes)
{
	int to[2], from[2];
	char *area = make_area(bench->bare->shared, bytes);

	if (area == MAP_FAILED || pipe(to) || pipe(from))
		return -errno;
	bench->area = (struct range){ (uintptr_t)area, (uintptr_t)area + bytes };
	bench->child = fork();
	if (!bench->child) {
		memset(area, 1, bytes);
		child_main(area, bytes >> PAGE_SHIFT, to[0], from[1]);
	}
	munmap(area, bytes);
	util_close(&to[0]);
	util_close(&from[1]);
	bench->to_child = to[1];
	bench->from_child = from[0];
	return bench->child < 0 ? -errno : 0;
}

int bench_touch(struct bench *bench, struct pattern pattern)
{
	const struct order order = { pattern, bench->bare->way };
	char ok;

	if (write(bench->to_child, &order, sizeof(order)) != sizeof(order) ||
	    read(bench->from_child, &ok, 1) != 1)
		return -EPIPE;
	return 0;
}

int bench_sample(struct bench *bench, int64_t *took_ns, struct error *err)
{
	const int64_t before = clock_boot_ns();
	const struct books_view view = { .cold_after_ns = 120 * NS_PER_S };
	struct snapshot snap = { 0 };
	int rc;

	bench->now_ns += NS_PER_S;
	bench->samples++;
	rc = books_window(&bench->books, bench->now_ns, bench->samples, err);
	if (!rc)
		rc = books_look(&bench->books, bench->target, &bench->selection, err);
	if (!rc)
		rc = books_collect(&bench->books, bench->target, bench->samples, err);
	if (!rc)
		rc = books_snapshot(&bench->books, &view, &snap, err);
	*took_ns = clock_boot_ns() - before;
	return rc;
}

int bench_bare(struct bench *bench, int (*sample)(struct bench *, struct range), int64_t *took_ns)
{
	const int64_t before = clock_boot_ns();
	int rc = 0;

	for (uint64_t at = bench->area.start; at < bench->area.end && !rc; at += PIECE_BYTES)
		rc = sample(bench, range_clip((struct range){ at, at + PIECE_BYTES }, bench->area));
	*took_ns = clock_boot_ns() - before;
	return rc;
}

static int select_area(struct bench *bench, struct error *err)
{
	char where[64];

	snprintf(where, sizeof(where), "%llx-%llx", (unsigned long long)bench->area.start,
		 (unsigned long long)bench->area.end);
	return selection_add(&bench->selection, where, err);
}

/* Attach, arm, and have the first sample out of the way. */
static int observe(struct bench *bench, struct error *err)
{
	const struct target_config config = { .method = bench->bare->method };
	int64_t took_ns;
	int rc = target_attach(&bench->target, bench->child, &config, err);

	if (rc)
		return rc;
	edges_default(&bench->edges, NS_PER_S, 120 * NS_PER_S);
	rc = select_area(bench, err);
	if (!rc)
		rc = books_open(&bench->books, &bench->edges, 0, err);
	if (!rc)
		rc = books_look(&bench->books, bench->target, &bench->selection, err);
	if (!rc)
		rc = books_begin(&bench->books, bench->target, 0, err);
	return rc ? rc : bench_sample(bench, &took_ns, err);
}

int bench_begin(struct bench *bench, const struct bare_ops *bare, uint64_t bytes, struct error *err)
{
	const struct pattern none = { "none", 0, false };
	int rc;

	*bench = (struct bench){ .bare = bare, .to_child = -1, .from_child = -1 };
	bench->vec = malloc(VEC_LEN * sizeof(*bench->vec));
	rc = bench->vec ? start_child(bench, bytes) : -ENOMEM;
	if (!rc)
		rc = bench_touch(bench, none); /* its memory is populated by then */
	return rc ? error_set(err, ERROR_FAILED, -rc, "cannot start a child") : observe(bench, err);
}

void bench_end(struct bench *bench)
{
	books_close(&bench->books);
	if (bench->target)
		target_close(bench->target);
	if (bench->child > 0) {
		kill(bench->child, SIGKILL);
		waitpid(bench->child, NULL, 0);
	}
	util_close(&bench->to_child);
	util_close(&bench->from_child);
	free(bench->vec);
}
