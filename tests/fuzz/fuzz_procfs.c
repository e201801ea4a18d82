/* SPDX-License-Identifier: GPL-2.0-or-later */
/* /proc/PID/status and stat. */
#include "config.h"

#include "fuzz.h"
#include "kernel/procfs.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_text(data, size);
	struct proc_facts facts = { 0 };

	if (!proc_parse_status(&facts, text))
		fuzz_check(facts.tgid > 0);
	if (!proc_parse_stat(&facts, text))
		fuzz_check(facts.state);
	free(text);
	return 0;
}
