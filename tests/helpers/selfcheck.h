/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the parts of selfcheck share: selfcheck.c, places.c and selfcheck_fds.c. */
#ifndef WSSTAT_TESTS_SELFCHECK_H
#define WSSTAT_TESTS_SELFCHECK_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "spin.h"

#define NAP_NS 5000000L
#define CANARY_BYTES 8192
#define SPIN_LOOPS 5000000 /* some milliseconds */

struct worker {
	const struct state *state;
	unsigned int round;
	uint64_t seed;
	int ask, answer;   /* pipes to a process that answers after NAP_NS */
	unsigned char fed; /* what it will answer */
	uint32_t *word;	   /* another process adds one every NAP_NS, and wakes */
	int epoll;
	timer_t timer; /* sends SIGUSR1 to this thread alone */
	char *canary;  /* CANARY_BYTES, then the alternate stack */
	stack_t altstack;
	sigset_t mask;
	uint64_t *memory, *private_memory;
	bool spin_in_handler;
	struct spin in, out;
};

void expect(const char *what, uint64_t got, uint64_t want);
int64_t now_ns(void);
void expect_slept(const char *what, int64_t since);
void expect_canary(const struct worker *w);
void spin_once(struct worker *w, uint64_t loops); /* uses little stack */
void die(const char *what);

/* What each descriptor is now, and that it is so still; a userfaultfd that came is no harm. */
void descriptors_note(void);
void expect_same_descriptors(void);
int count_userfaultfds(void);

/* Places that a thread can be in, of places.c. */
void waker_start(struct worker *w);
void check_futex_untimed(struct worker *w);
void check_wait(struct worker *w);
void check_vfork(struct worker *w);
void check_vfork_long(struct worker *w); /* until the child is killed */
void check_churn(struct worker *w);
void check_edge(struct worker *w);
void check_edge_long(struct worker *w); /* until something is on stdin */
void check_coroutine(struct worker *w);

#endif
