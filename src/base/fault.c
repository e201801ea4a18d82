/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The choice is made once, so that fault_here() costs one comparison. */
#include "config.h"

#include "base/fault.h"

#include <signal.h>
#include <string.h>

#include "base/util.h"

static const char *const names[FAULT_NR] = {
	[FAULT_NONE] = "none",
	[FAULT_SEIZED] = "seized",
	[FAULT_STOPPED] = "stopped",
	[FAULT_FRAME_WRITTEN] = "frame-written",
	[FAULT_REGS_SET] = "regs-set",
	[FAULT_ENTERED] = "entered",
	[FAULT_RETURNED] = "returned",
	[FAULT_TAKEN] = "taken",
	[FAULT_CLOSE_SET] = "close-set",
	[FAULT_CLOSED] = "closed",
	[FAULT_MASK_RESTORED] = "mask-restored",
	[FAULT_REGS_RESTORED] = "regs-restored",
	[FAULT_RESTORED] = "restored",
	[FAULT_DETACHED] = "detached",
	[FAULT_ZAP_CHECKED] = "zap-checked",
	[FAULT_ZAP_ENTERED] = "zap-entered",
	[FAULT_ZAP_SET] = "zap-set",
	[FAULT_ZAP_DONE] = "zap-done",
	[FAULT_REGISTERED] = "registered",
	[FAULT_ARMED] = "armed",
	[FAULT_SCANNED] = "scanned",
};

static enum fault_point chosen = FAULT_NONE;
static int main_pid;

void fault_init(void)
{
	const char *name = secure_getenv("WSSTAT_FAULT");

	main_pid = getpid();
	for (enum fault_point point = FAULT_NONE; name && point < FAULT_NR; point++) {
		if (!strcmp(name, names[point]))
			chosen = point;
	}
}

const char *fault_name(enum fault_point point)
{
	return names[point];
}

void fault_here(enum fault_point point)
{
	if (point != chosen || chosen == FAULT_NONE)
		return;
	/* A guardian (kernel/guardian.h) is a process of its own: both die. */
	kill(main_pid, SIGKILL);
	kill(getpid(), SIGKILL);
}
