/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Named points at which a test can let wsstat die by SIGKILL:
 * WSSTAT_FAULT=NAME in the environment.  In the shipped program, so that what
 * is tested is what is run; a set-user-ID wsstat ignores it.
 */
#ifndef WSSTAT_BASE_FAULT_H
#define WSSTAT_BASE_FAULT_H

enum fault_point {
	FAULT_NONE,
	FAULT_SEIZED,	     /* threads seized, still running */
	FAULT_STOPPED,	     /* all threads stopped, nothing changed */
	FAULT_FRAME_WRITTEN, /* dead man's frame on the stack, registers not yet changed */
	FAULT_REGS_SET,	     /* registers changed, signals not yet blocked */
	FAULT_ENTERED,	     /* stopped at the entry of the injected userfaultfd(2) */
	FAULT_RETURNED,	     /* userfaultfd(2) done, descriptor in the target only */
	FAULT_TAKEN,	     /* descriptor duplicated into wsstat */
	FAULT_CLOSE_SET,     /* registers set for the injected close(2) */
	FAULT_CLOSED,	     /* close(2) done */
	FAULT_MASK_RESTORED, /* signal mask back, registers not yet */
	FAULT_REGS_RESTORED, /* registers back, frame bytes not yet */
	FAULT_RESTORED,	     /* everything back, still stopped */
	FAULT_DETACHED,	     /* threads run again */
	FAULT_ZAP_CHECKED,   /* all that a zap needs is verified, nothing changed */
	FAULT_ZAP_ENTERED,   /* at the entry of the harmless call, before the pages are read */
	FAULT_ZAP_SET,	     /* the harmless call is an madvise(2) now, and not yet let go */
	FAULT_ZAP_DONE,	     /* madvise(2) done, still in the frame */
	FAULT_REGISTERED,    /* first region registered, not armed */
	FAULT_ARMED,	     /* first region armed */
	FAULT_SCANNED,	     /* touched pages read, not armed again */
	FAULT_NR,
};

/* Read WSSTAT_FAULT; an unknown name is ignored.  Call once, first. */
void fault_init(void);

/* Name of a point, as WSSTAT_FAULT takes it: "stopped", "frame-written". */
const char *fault_name(enum fault_point point);

/* Die here if this point was chosen.  Makes no call otherwise. */
void fault_here(enum fault_point point);

#endif
