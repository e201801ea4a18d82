/* SPDX-License-Identifier: GPL-2.0-or-later */
/* /proc/PID/status and stat, and stat of a thread. */
#include "config.h"

#include "fuzz.h"
#include "kernel/halt.h"
#include "kernel/procfs.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_text(data, size);
	struct halt_thread thread = { 0 };
	struct proc_facts facts = { 0 };
	bool whole;

	if (!proc_parse_status(&facts, text))
		fuzz_check(facts.tgid > 0);
	whole = !proc_parse_stat(&facts, text);
	/* The thread's parser reads the same line, and less of it. */
	if (!halt_parse_thread(&thread, text))
		fuzz_check(thread.state && (!whole || thread.state == facts.state));
	else
		fuzz_check(!whole);
	free(text);
	return 0;
}
