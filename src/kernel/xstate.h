/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * x86: the extended state of a thread (x87, SSE, AVX, AVX-512, AMX, ...) as ptrace
 * gives it and as a signal frame holds it (arch/x86/kernel/fpu/signal.c).  Pure.
 */
#ifndef WSSTAT_KERNEL_XSTATE_H
#define WSSTAT_KERNEL_XSTATE_H

#include <stddef.h>

#define XSTATE_LEGACY 512		/* all there is on a processor without XSAVE */
#define XSTATE_MIN (XSTATE_LEGACY + 64) /* with its header */
#define XSTATE_TAIL 4			/* bytes that follow it in a frame */

/*
 * Where a component (2 and up) ends in the standard, not compacted, format; 0 where the
 * processor has none such.
 */
typedef size_t (*xstate_end_fn)(unsigned int component);

size_t xstate_end(unsigned int component); /* of this processor */

/*
 * The state, len bytes as ptrace has it, as a frame holds it: up to the last component in
 * use, with the kernel's magic words.  `to` has room for len + XSTATE_TAIL; returns how
 * much of that it is.
 */
size_t xstate_put(const unsigned char *state, size_t len, xstate_end_fn end, unsigned char *to);

#endif
