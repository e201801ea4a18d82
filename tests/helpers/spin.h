/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Known values in every register a program can have, kept there for a while,
 * and what they are afterwards.  x86-64.
 */
#ifndef WSSTAT_TESTS_SPIN_H
#define WSSTAT_TESTS_SPIN_H

#include <stddef.h>
#include <stdint.h>

#define SPIN_NR_X87 4

/* The code in spin.c knows the offsets. */
struct spin {
	uint64_t gpr[15]; /* all but the stack pointer */
	uint64_t red_zone[16];
	uint64_t vector[32 * 8]; /* as many as this CPU has, packed */
	uint64_t opmask[8];
	double x87[SPIN_NR_X87];
	uint64_t loops;
	uint64_t flags; /* out; carry and direction are set meanwhile */
	uint32_t mxcsr;
	uint32_t x87_cw;
};

/* Load all of in, spin, store all to out.  Uses little stack. */
void spin_run(const struct spin *in, struct spin *out);

/* How much of vector and opmask this CPU has. */
size_t spin_vector_bytes(void);
size_t spin_opmask_bytes(void);

#endif
