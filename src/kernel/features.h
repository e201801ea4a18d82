/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What this kernel can do for wsstat, tried and not guessed: absent, forbidden,
 * broken and there are four answers.  The probes touch only wsstat's own memory.
 */
#ifndef WSSTAT_KERNEL_FEATURES_H
#define WSSTAT_KERNEL_FEATURES_H

#include <stdbool.h>
#include <stdint.h>

enum feature_answer {
	FEATURE_YES,
	FEATURE_NO,	   /* this kernel, or this process, does not have it */
	FEATURE_FORBIDDEN, /* it may, but wsstat is not permitted */
	FEATURE_BROKEN,	   /* the kernel says that it has it, but a trial went wrong */
};

/* Best first. */
enum feature_method {
	FEATURE_RWP,
	FEATURE_ZAP,
	FEATURE_WP,
	FEATURE_REFS,
	FEATURE_METHODS,
};

struct feature {
	const char *name; /* "rwp", "attach" */
	enum feature_answer answer;
	char why[512];	  /* "" when yes */
	char remedy[256]; /* "" when yes, when there is none, or when it stands elsewhere */
};

struct features {
	char kernel[65];    /* release */
	uint64_t uffd;	    /* UFFD_FEATURE_* bits, 0 if no userfaultfd */
	bool scan_accessed; /* PAGEMAP_SCAN knows PAGE_IS_ACCESSED */
	bool soft_dirty;    /* PAGEMAP_SCAN tells soft-dirty pages, and there are any */
	int want;	    /* errno, if descriptors or memory were wanting for a trial */
	struct feature method[FEATURE_METHODS];

	/* Of the process that was asked about; pid 0 if none, and then nothing below. */
	int pid;
	struct feature attach;			 /* may it be attached to? */
	struct feature process[FEATURE_METHODS]; /* can it be observed so? */
};

/*
 * Cheap enough to run before every attach, a tenth of a millisecond; never fails:
 * what cannot be asked is "no" with the reason.
 */
void features_probe(struct features *features);

/*
 * After features_probe(): what of it holds for this process, which is not touched.
 * For zap and attach this is what is known beforehand; a stop may still be refused.
 */
struct proc;
void features_ask_process(struct features *features, const struct proc *proc);

static inline const struct feature *features_method(const struct features *features,
						    enum feature_method method)
{
	return &features->method[method];
}

/* "yes", "no", "not permitted", "broken" */
const char *feature_answer_name(enum feature_answer what);

#endif
