/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Have a running process make system calls: userfaultfd(2), whose descriptor is
 * taken from it, and madvise(2), by which a shared mapping's pages are taken out of
 * the page tables.  They run in one of its threads, at a `syscall; ret` in its own
 * code, while all its threads are stopped by ptrace.  No code is written into it.
 *
 * Whoever traces is a process of its own, which outlives wsstat if that is killed
 * (kernel/guardian.h).  And before the thread's registers change, a signal frame of
 * its original state lies on its stack, and the injected call returns into it: if the
 * tracer too is killed at any instruction, the thread restores itself (the dead
 * man's frame).  What can then remain is an idle userfaultfd in the target.
 *
 * Rests on Linux 7.3.4 kernel/ptrace.c, kernel/signal.c (do_jobctl_trap,
 * ptrace_stop), arch/x86/kernel/signal_64.c (rt_sigreturn).
 */
#ifndef WSSTAT_KERNEL_INJECT_H
#define WSSTAT_KERNEL_INJECT_H

#include <stddef.h>

#include "base/error.h"
#include "kernel/procfs.h"
#include "kernel/uapi.h"
#include "model/range.h"

struct mapping;

struct injected {
	int fd;		      /* the userfaultfd, close-on-exec, ours */
	int64_t stopped_ns;   /* from the first thread asked to stop to the last let go */
	unsigned int threads; /* that were stopped */
};

/*
 * Any running, sleeping or job-control-stopped process may be the target.
 * Refused with cause and remedy: not permitted (other user, Yama, already
 * traced, seccomp), kernel threads and zombies, 32-bit programs, shadow stacks,
 * no place for the frame.  Retries for about two seconds when threads do not
 * stop at once; they are let go in between.  Signals to wsstat, SIGKILL
 * excepted, are held meanwhile.
 */
must_check int inject_userfaultfd(const struct proc *proc, struct injected *out, struct error *err);

/* What was found out about a target once, reused from stop to stop. */
struct injector;

/*
 * proc must live longer.  Stops nobody.  Refuses what inject_userfaultfd() refuses.  Is
 * for the memory that the process has now: after an exec, close it and open another.
 */
must_check int injector_open(struct injector **out, const struct proc *proc, struct error *err);
void injector_close(struct injector *injector); /* NULL is allowed */

struct zap {
	/* in */
	const struct mapping *map; /* shared, as the maps had it; its name is not looked at */
	int uffd;		   /* the target's; map is registered for WP_ASYNC with it */
	int pagemap;		   /* /proc/PID/pagemap */
	bool protect;		   /* for writes; else _WRITTEN says nothing */
	const struct range *piece; /* ascending, within map, aligned to (huge) pages */
	size_t nr;
	struct page_region *vec; /* room for the answer: a run for each page of a piece, at least */
	size_t vec_len;
	int64_t limit_ns;    /* a piece but the first is begun only if one like the longest so far
				would end by then */
	int64_t patience_ns; /* for all threads to stop; 0: some milliseconds, as they need */
	/* out; right also when an error is returned */
	size_t done;	/* pieces done completely, from the first */
	size_t nr_runs; /* runs of pages in vec, of these pieces */
	int64_t stopped_ns;
	unsigned int threads;
};

/*
 * Take pieces of a shared mapping out of the target's page tables, so that each page shows by
 * its presence that it was accessed.  vec gets the pages that were present, with
 * PAGE_IS_PRESENT, _WRITTEN and _HUGE as PAGEMAP_SCAN tells them: present is what was
 * accessed since the last zap of its piece, written what was written since.  Both
 * are taken in one stop, in which the mapping is verified: nothing of the target's
 * own threads is lost in between, and the pages stay armed.  (What the kernel writes
 * in the target's name without any of its threads, by io_uring or vhost, can be.)
 *
 * Only if it is the mapping that it was (one or several, of the same file, shared, at the
 * same place, registered with this userfaultfd) is anything dropped.  A private mapping
 * in its place loses no byte, whatever the target does and whenever wsstat is killed.
 *
 * 0: done >= 1, unless nr is 0.  Else err is filled, and up to ->done all is as with 0:
 * -EAGAIN: now is not possible, later may be: a thread did not stop in time, the memory
 *   is shared with another process (vfork), vec has no room for the first piece;
 * -ESTALE: the mapping is another by now, or another's;
 * -EPERM: not permitted (traced by another, Yama, seccomp);
 * -ENOEXEC: 32-bit code; -ENOSYS: the kernel cannot tell who shares memory (kcmp(2));
 * -ESRCH: the process, or the memory that it had, is gone;
 * others: wsstat's own failure.
 */
must_check int inject_zap(struct injector *injector, struct zap *zap, struct error *err);

#endif
