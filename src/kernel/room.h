/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where in a stopped process the dead man's frame may lie, so that nothing of the
 * program's is lost even if it is never taken away again:
 *
 *  1. the far end of [stack], if nothing but zeros is there: it has never been used;
 *  2. below the stack pointer of the thread that returns into the frame, as the kernel's own
 *     signal frames do; a thread's own stack is known by what the C library keeps at its top;
 *  3. below all that there is of [stack], which is made to grow for that;
 *  4. below the stack of another thread, as far as it will not soon come.
 *
 * Nowhere else: below what may be a coroutine's stack lies foreign data.
 */
#ifndef WSSTAT_KERNEL_ROOM_H
#define WSSTAT_KERNEL_ROOM_H

#include "kernel/halt.h"
#include "kernel/mapcheck.h"

struct room {
	struct mapcheck *check; /* begun */
	const struct halt *halt;
	struct range stack;   /* the target's [stack], right at this moment; empty if none */
	uint64_t stack_limit; /* what it may grow to */
};

/*
 * Room for `bytes` that can be read, below *top, for a frame that thread tid returns
 * into.  All threads are stopped.  scratch: room for as many bytes.  0; -EAGAIN: there is
 * none at this moment; -ESRCH.
 */
must_check int room_find(struct room *room, int tid, size_t bytes, void *scratch, uint64_t *top);

#endif
