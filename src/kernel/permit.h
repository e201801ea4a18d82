/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * May a process be attached to, and if not, why not and what helps?  Asked before
 * anybody is stopped; touches nothing.
 */
#ifndef WSSTAT_KERNEL_PERMIT_H
#define WSSTAT_KERNEL_PERMIT_H

#include "base/error.h"
#include "kernel/procfs.h"

#define PERMIT_SUSPEND_SECCOMP (1u << 21) /* PTRACE_O_SUSPEND_SECCOMP, not in every libc */

/* Is it a living process, with memory of its own, and not wsstat itself? */
must_check int permit_target(const struct proc *proc, struct error *err);

/* That, and may it be attached to? */
must_check int permit_attach(const struct proc *proc, struct error *err);

/*
 * If it is under a seccomp filter: can that be suspended?  A filter may kill the target
 * for a call that it never makes itself, so it is suspended for the thread that makes
 * it, which takes CAP_SYS_ADMIN and a caller that is under no filter (kernel/ptrace.c,
 * check_ptrace_options).
 */
must_check int permit_filters(const struct proc *proc, struct error *err);

/* A filter is in the way: fills err, and returns its negative errno. */
int permit_filtered(const struct proc *proc, struct error *err);

/* ptrace has said EPERM: fills err with the cause, and returns its negative errno. */
int permit_denied(const struct proc *proc, struct error *err);

/*
 * Who traces this thread: a process, or PERMIT_GUARDIAN, another wsstat's, which lets go by
 * itself, or 0: nobody does (any more).
 */
#define PERMIT_GUARDIAN (-1)
int permit_tracer(const struct proc *proc, int tid);

#endif
