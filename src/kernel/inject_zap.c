/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Zap: madvise(MADV_DONTNEED) in the target, on a shared mapping.  On a private one it
 * would destroy data.  So between the check and the call nobody may run who could
 * change the mapping, and the call exists only from one ptrace request to the
 * next (borrow_become).
 */
#include "config.h"

#include <errno.h>
#include <sys/mman.h>

#include "base/clock.h"
#include "kernel/injector.h"
#include "kernel/pagemap.h"
#include "kernel/uffd.h"

#ifndef MADV_DONTNEED_LOCKED
#define MADV_DONTNEED_LOCKED 24
#endif

/*
 * All threads wait for the last to stop; with a wait for the disk in it, rather come again.
 * A machine that is slow itself (emulated, or overloaded) needs more, and gets it.
 */
#define PATIENCE_NS (5 * INT64_C(1000000))
#define PATIENCE_MAX_NS (40 * INT64_C(1000000))

/* One zap under way, in the guardian. */
struct zapping {
	struct injector *injector;
	struct zap *zap;
	struct range verified; /* what has been verified within this stop */
	int advice;
};

/* Another part of what the mapping was: the same file, at the same place in it. */
static bool same_mapping(const struct mapping *was, const struct mapping *now)
{
	return now->perms & PERM_SHARED && now->dev == was->dev && now->inode == was->inode &&
	       now->offset - now->range.start == was->offset - was->range.start;
}

/*
 * Is this mapping registered for WP_ASYNC (asked first: to register would make it
 * so), and by us? Registering again what is ours changes nothing.
 */
static int verify_owner(const struct zap *zap, const struct mapping *now)
{
	const struct range part = range_clip(now->range, zap->map->range);
	const struct pagemap_query query = {
		.range = { part.start, part.start + PAGE_BYTES },
		.mask = PAGE_IS_PRESENT,
		.flags = PM_SCAN_CHECK_WPASYNC,
	};
	uint64_t walked;
	ssize_t nr = pagemap_scan(zap->pagemap, &query, NULL, 0, &walked);
	int rc = nr < 0 ? (int)nr : uffd_register_wp(zap->uffd, part);

	/* Neither means here what it means to others: see inject_zap(). */
	if (rc == -EPERM || rc == -EBUSY || rc == -EINVAL)
		return -ESTALE;
	return rc == -ENOMEM ? -ESRCH : rc;
}

/* Mapping by mapping, until the piece is covered. */
static int verify(struct zapping *z, struct range piece)
{
	struct range *verified = &z->verified;
	struct mapping now;
	int rc;

	if (piece.start < verified->start || piece.start > verified->end || range_empty(*verified))
		*verified = (struct range){ piece.start, piece.start };
	while (verified->end < piece.end) {
		rc = mapcheck_find(&z->injector->check, verified->end, &now);
		if (rc == -ENOENT || (!rc && !same_mapping(z->zap->map, &now)))
			return -ESTALE;
		if (!rc)
			rc = verify_owner(z->zap, &now);
		if (rc)
			return rc;
		verified->end = now.range.end;
	}
	return 0;
}

/* Every page could be a run of its own. */
static bool fits(const struct zap *zap, struct range piece)
{
	return range_bytes(piece) >> PAGE_SHIFT <= zap->vec_len - zap->nr_runs;
}

/* What is present, to be written anew: read and armed again in one. */
static int scan(const struct zap *zap, struct range piece, size_t *nr)
{
	const struct pagemap_query query = {
		.range = piece,
		.anyof = PAGE_IS_MAPPED,
		.returned = PAGE_IS_PRESENT | PAGE_IS_WRITTEN | PAGE_IS_HUGE,
		.flags = PM_SCAN_CHECK_WPASYNC | (zap->protect ? PM_SCAN_WP_MATCHING : 0),
	};
	uint64_t walked = 0;
	ssize_t got = pagemap_scan(zap->pagemap, &query, zap->vec + zap->nr_runs,
				   zap->vec_len - zap->nr_runs, &walked);

	if (got < 0)
		return got == -EPERM ? -ESTALE : (int)got;
	*nr = (size_t)got;
	return walked == piece.end ? 0 : -EPROTO;
}

static int drop(struct borrow *b, struct range piece, int advice)
{
	const struct arch_request request = {
		.nr = SYS_madvise,
		.args = { piece.start, range_bytes(piece), (uint64_t)advice },
	};
	long result = 0;
	int rc = borrow_become(b, &request, &result);

	return rc ? rc : (int)result;
}

/* Where some of it is locked into memory the call says so, and is made in another way. */
static int drop_any(struct borrow *b, struct zapping *z, struct range piece)
{
	int rc = drop(b, piece, z->advice);

	if (rc != -EINVAL || z->advice == MADV_DONTNEED_LOCKED)
		return rc;
	z->advice = MADV_DONTNEED_LOCKED;
	rc = borrow_enter(b);
	return rc ? rc : drop(b, piece, z->advice);
}

static int zap_piece(struct borrow *b, struct zapping *z, struct range piece)
{
	struct zap *zap = z->zap;
	size_t nr = 0;
	int rc;

	b->step = "checking a mapping";
	rc = verify(z, piece);
	if (rc)
		return rc;
	b->step = "running madvise(2) in it";
	rc = borrow_enter(b);
	if (!rc)
		rc = scan(zap, piece, &nr);
	if (!rc && nr)
		rc = drop_any(b, z, piece);
	if (rc)
		return rc;
	zap->nr_runs += nr;
	zap->done++;
	return 0;
}

/* Before a piece that may last as long as the longest so far: is there time for it? */
static int zap_pieces(struct borrow *b, void *arg)
{
	struct zapping *z = arg;
	struct zap *zap = z->zap;
	const int64_t end_ns = z->injector->halt.began_ns + zap->limit_ns;
	int64_t longest_ns = 0, now_ns = clock_boot_ns();
	int rc = 0;

	while (!rc && zap->done < zap->nr && fits(zap, zap->piece[zap->done])) {
		const int64_t before_ns = now_ns;

		if (zap->done && now_ns + longest_ns > end_ns)
			break;
		rc = zap_piece(b, z, zap->piece[zap->done]);
		now_ns = clock_boot_ns();
		if (now_ns - before_ns > longest_ns)
			longest_ns = now_ns - before_ns;
	}
	return rc;
}

/* All are stopped; is it the right thing to go on? */
static int zap_ready(struct injector *injector, void *arg)
{
	struct zapping *z = arg;
	int rc;

	injector->borrow->step = "looking for who shares its memory";
	rc = sharers_look_again(&injector->sharers, injector->borrow->tid);
	injector->borrow->step = "checking a mapping";
	if (!rc)
		rc = verify(z, z->zap->piece[0]);
	fault_here(FAULT_ZAP_CHECKED);
	return rc;
}

static int explain(const struct injector *injector, int rc, const struct zap *zap,
		   struct error *err)
{
	const struct range range = zap->map->range;
	const int pid = injector->proc->pid, sharer = injector->sharers.found;

	if (rc == -ESTALE)
		error_set(err, ERROR_FAILED, 0,
			  "the mapping at 0x%llx of process %d is not what it was",
			  (unsigned long long)range.start, pid);
	else if (rc == -EAGAIN && sharer)
		error_set(err, ERROR_FAILED, 0,
			  "process %d shares the memory of process %d (vfork?); try again later",
			  sharer, pid);
	else if (rc == -ENOSYS)
		error_set(err, ERROR_UNSUPPORTED, 0,
			  "this kernel cannot tell who shares the memory of process %d (it has no "
			  "kcmp, or forbids it)",
			  pid);
	else
		return injector_explain(injector, rc, err);
	return rc;
}

/* A thread that is slow, but not asleep in the kernel: the machine is slow. */
static void learn_patience(struct injector *injector, int rc)
{
	struct halt_thread thread;

	if (rc == -EAGAIN && !injector->threads && injector->halt.failed &&
	    injector->patience_ns < PATIENCE_MAX_NS &&
	    !halt_look(injector->halt.task_fd, injector->halt.failed, &thread) &&
	    thread.state != 'D')
		injector->patience_ns *= 2;
}

static int zap_stop(struct injector *injector, struct zapping *z)
{
	const struct injector_stop stop = {
		.ready = zap_ready,
		.calls = zap_pieces,
		.arg = z,
		.patience_ns = z->zap->patience_ns ?: injector->patience_ns,
	};
	int rc;

	injector->borrow->step = "looking for who shares its memory";
	rc = sharers_look(&injector->sharers);
	if (rc)
		return rc;
	rc = injector_stop(injector, &stop);
	z->zap->stopped_ns = injector->stopped_ns;
	z->zap->threads = injector->threads;
	learn_patience(injector, rc);
	return rc;
}

int inject_zap(struct injector *injector, struct zap *zap, struct error *err)
{
	struct zapping z = { .injector = injector, .zap = zap, .advice = MADV_DONTNEED };
	int rc;

	zap->done = zap->nr_runs = 0;
	zap->stopped_ns = 0;
	zap->threads = 0;
	if (!injector->patience_ns)
		injector->patience_ns = PATIENCE_NS;
	if (!zap->nr)
		return 0;
	injector->borrow->step = "there is no room for the answer";
	injector->halt.failed = injector->sharers.found = 0;
	rc = fits(zap, zap->piece[0]) ? zap_stop(injector, &z) : -EAGAIN;
	if (rc == -ENXIO || rc == -ENOBUFS) {
		rc = injector_replan(injector, err);
		if (rc)
			return injector_explain(injector, rc, err);
		rc = zap_stop(injector, &z);
	}
	if (rc == -ENXIO || rc == -ENOBUFS)
		rc = -EAGAIN;
	return rc ? explain(injector, rc, zap, err) : 0;
}
