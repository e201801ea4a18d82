/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A fuzz target without a fuzzer: its corpus, file by file, as a TAP test.  Which corpus
 * is in the name of the program: corpus_elf has tests/fuzz/corpus/elf.
 */
#include "config.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>

#include "../unit/tap.h"
#include "base/io.h"
#include "base/util.h"
#include "fuzz.h"

static bool try_file(const char *dir, const char *name)
{
	char path[PATH_MAX];
	auto_free char *data = NULL;
	size_t cap = 0, size;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	auto_fclose FILE *file = fopen(path, "re");
	if (!file || io_read_all(fileno(file), &data, &cap, &size))
		return false;
	/* What must hold is checked there, and aborts. */
	LLVMFuzzerTestOneInput((const uint8_t *)data, size);
	return true;
}

static int not_hidden(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

int main(void)
{
	const char *source = getenv("WSSTAT_SRCDIR"), *name = program_invocation_short_name;
	struct dirent **entry = NULL;
	char dir[PATH_MAX - NAME_MAX - 1];
	int nr;

	name = strchr(name, '_') ? strchr(name, '_') + 1 : name;
	snprintf(dir, sizeof(dir), "%s/tests/fuzz/corpus/%s", source ? source : ".", name);
	nr = scandir(dir, &entry, not_hidden, alphasort);
	ok(nr > 0, "FUZZ00: %s has files", dir);
	for (int i = 0; i < nr; i++) {
		ok(try_file(dir, entry[i]->d_name), "FUZZ01: %s %s", name, entry[i]->d_name);
		free(entry[i]);
	}
	free(entry);
	return done();
}
