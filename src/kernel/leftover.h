/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What an attach can leave in a target if wsstat and its guardian were killed between
 * the injected userfaultfd(2) and close(2): a descriptor that is good for nothing, as its
 * handshake (UFFDIO_API) was never made.  A program that makes one for itself does the
 * handshake at once; so what is still idle a while later, and was made just as ours
 * are, is taken for a leftover.
 */
#ifndef WSSTAT_KERNEL_LEFTOVER_H
#define WSSTAT_KERNEL_LEFTOVER_H

#include "kernel/borrow.h"

#define LEFTOVER_MAX 16

struct leftovers {
	struct {
		int fd; /* in the target */
		uint64_t inode;
	} at[LEFTOVER_MAX];
	size_t nr;
	size_t closed;
};

/*
 * Before the stop.  Returns at once if there is nothing idle, else after a second look a tenth
 * of a second later.  A target that is stopped has none: there no time passes.
 */
void leftover_find(const struct proc *proc, struct leftovers *left);

/*
 * Within calls() of borrow_thread(): close those that are still what they were.  What is
 * closed is counted in ->closed.  0, or what borrow_call() failed with.
 */
must_check int leftover_close(struct leftovers *left, struct borrow *b);

/* Tell what was closed; afterwards. */
void leftover_tell(const struct leftovers *left, const struct proc *proc);

/*
 * For its test: does the text of /proc/PID/fdinfo/FD tell of a userfaultfd made as ours are,
 * whose handshake has not been made?
 */
bool leftover_is_idle(const char *fdinfo);

#endif
