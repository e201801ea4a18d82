/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which of a stopped process' threads is borrowed. */
#ifndef WSSTAT_KERNEL_CHOOSE_H
#define WSSTAT_KERNEL_CHOOSE_H

#include "kernel/halt.h"

/*
 * The thread that notices least if its call has to be made again out of the dead man's frame:
 * best one that runs in user space, then one asleep in a call that is made again like any
 * other, last one whose time limit would begin anew.  Of those that are alike, the one seized
 * last.  The others are taken only if a call in them is sure to be as good: no seccomp
 * filter of their own, no 32-bit code.  All are stopped by halt_all().
 */
int choose_thread(const struct halt *halt);

#endif
