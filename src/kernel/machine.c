/* SPDX-License-Identifier: GPL-2.0-or-later */
/* /sys/kernel/mm and /proc/meminfo. */
#include "config.h"

#include "kernel/machine.h"

#include <fcntl.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/util.h"
#include "kernel/procfs.h"

#define KDAMONDS "/sys/kernel/mm/damon/admin/kdamonds"

bool machine_merges(void)
{
	return proc_number(AT_FDCWD, "/sys/kernel/mm/ksm/run") == 1;
}

uint64_t machine_collapses(void)
{
	return proc_number(AT_FDCWD,
			   "/sys/kernel/mm/transparent_hugepage/khugepaged/pages_collapsed");
}

uint64_t machine_file_huge_bytes(void)
{
	static const char *const names[] = { "ShmemHugePages:", "FileHugePages:" };
	auto_fclose FILE *file = fopen("/proc/meminfo", "re");
	uint64_t bytes = 0;
	char line[128];

	while (file && fgets(line, sizeof(line), file))
		for (unsigned int i = 0; i < ARRAY_LEN(names); i++)
			if (!strncmp(line, names[i], strlen(names[i])))
				bytes += (uint64_t)strtoull(line + strlen(names[i]), NULL, 10)
					 << 10;
	return bytes;
}

static bool says(const char *path, const char *word)
{
	char text[64];

	return !proc_read(AT_FDCWD, path, text, sizeof(text)) &&
	       !strncmp(text, word, strlen(word)) && strchr("\n", text[strlen(word)]);
}

/* KDAMONDS/N/contexts/N/schemes/N/action; its thread runs if KDAMONDS/N/state says so. */
static bool scheme_pages_out(const char *action)
{
	const int len = (int)(sizeof(KDAMONDS) + strcspn(action + sizeof(KDAMONDS), "/"));
	char state[128];

	snprintf(state, sizeof(state), "%.*s/state", len, action);
	return says(action, "pageout") && says(state, "on");
}

bool machine_pages_out(void)
{
	bool found = says("/sys/module/damon_reclaim/parameters/enabled", "Y");
	glob_t actions;

	if (glob(KDAMONDS "/*/contexts/*/schemes/*/action", GLOB_NOSORT, NULL, &actions))
		return found;
	for (size_t i = 0; i < actions.gl_pathc && !found; i++)
		found = scheme_pages_out(actions.gl_pathv[i]);
	globfree(&actions);
	return found;
}
