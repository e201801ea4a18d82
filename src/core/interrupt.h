/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The signals that end a run: SIGINT, SIGTERM, SIGHUP.  The first is remembered
 * and the run ends in order; the second finds the default action and ends wsstat
 * at once, whatever it is waiting for (the kernel disarms the target then).
 */
#ifndef WSSTAT_CORE_INTERRUPT_H
#define WSSTAT_CORE_INTERRUPT_H

#include <poll.h>
#include <stdbool.h>
#include <stdint.h>

/*
 * They are unblocked, whatever the parent left blocked, unless they are ignored; SIGPIPE is
 * ignored, and SIGCHLD is not, so that children can be waited for.
 */
void interrupt_install(void);

/*
 * Call this, in a signal handler, before wsstat ends at once by a signal that can be caught: by a
 * second one of the above, or by a fault; what was ignored before stays so.  last_words may only
 * call what is safe there.
 */
void interrupt_set_last_words(void (*last_words)(void));

/* For a program that wsstat starts: masks and ignored signals as wsstat found them. */
void interrupt_undo(void);

/* The signal that came, or 0. */
int interrupt_signal(void);

/* Did a process send it, rather than the terminal to all in its group? */
bool interrupt_sent_by_process(void);

/*
 * poll() for at most timeout_ns (-1: for ever) that cannot miss a signal: returns
 * -EINTR if one came before or during.  Else the number of ready descriptors or
 * another negative errno.
 */
int interrupt_poll(struct pollfd *fds, unsigned int nr, int64_t timeout_ns);

#endif
