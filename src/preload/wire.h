/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the shim and core/launch.c say to each other, over a SOCK_SEQPACKET
 * socket in the abstract namespace.  The shim says hello with the userfaultfd
 * attached (SCM_RIGHTS); the answer means "go on" and comes when the memory is
 * armed, or at once when wsstat does not want this process.
 *
 * WSSTAT_SHIM=PID:NAME in the environment: only the process with this pid calls,
 * again after each exec; its children find another pid and do nothing.  With WIRE_ALL
 * for the pid (--follow) each child calls, too: when it is made by fork(), and after
 * exec.  NAME ends in how many seccomp filters wsstat is under; who is under others does
 * nothing either.
 */
#ifndef WSSTAT_PRELOAD_WIRE_H
#define WSSTAT_PRELOAD_WIRE_H

#include <stdint.h>

#define WIRE_FILTERS "\nSeccomp_filters:\t" /* in /proc/self/status; not without CONFIG_SECCOMP */
#define WIRE_ENV "WSSTAT_SHIM"
#define WIRE_ALL 0
#define WIRE_MAGIC 0x57535754u /* "WSWT" */
#define WIRE_VERSION 1u
#define WIRE_WAIT_MS 10000 /* the shim goes on without an answer after this long */

struct wire_hello {
	uint32_t magic;
	uint32_t version;
	int32_t pid;
};

struct wire_answer {
	uint32_t magic;
};

#endif
