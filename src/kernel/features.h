/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What this kernel can do for wsstat, asked and not guessed: absent, forbidden
 * and present are three answers.  Probes touch only wsstat's own memory.
 */
#ifndef WSSTAT_KERNEL_FEATURES_H
#define WSSTAT_KERNEL_FEATURES_H

#include <stdbool.h>
#include <stdint.h>

enum feature_answer {
	FEATURE_YES,
	FEATURE_NO,	   /* this kernel does not have it */
	FEATURE_FORBIDDEN, /* it may, but this process is not permitted */
};

struct feature {
	enum feature_answer answer;
	char why[512];	  /* "" when yes */
	char remedy[160]; /* "" when yes */
};

struct features {
	char kernel[65];    /* release */
	uint64_t uffd;	    /* UFFD_FEATURE_* bits, 0 if no userfaultfd */
	bool scan_accessed; /* PAGEMAP_SCAN knows PAGE_IS_ACCESSED */
	struct feature rwp;
	int pid;	       /* of the process that was asked about, 0 if none */
	struct feature attach; /* may that one be attached to? */
};

/* Cheap (four system calls); never fails: what cannot be asked is "no" with the reason. */
void features_probe(struct features *features);

/* Ask whether this process may be attached to, without touching it. */
struct proc;
void features_ask_process(struct features *features, const struct proc *proc);

const char *feature_answer_name(enum feature_answer what); /* "yes", "no", "not permitted" */

#endif
