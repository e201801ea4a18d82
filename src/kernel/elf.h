/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Questions about ELF files, answered with libelf: where in the target's own
 * mappings a given piece of code stands, and whether a program can be preloaded.
 */
#ifndef WSSTAT_KERNEL_ELF_H
#define WSSTAT_KERNEL_ELF_H

#include <stddef.h>

#include "base/error.h"
#include "kernel/procfs.h"
#include "model/region.h"

struct code_pattern {
	const unsigned char *bytes;
	size_t len;
};

/*
 * The first address in an executable mapping of the target where one of the
 * patterns stands.  The mapped files' executable segments are searched, so that
 * the target's pages are not touched; the find is then verified in its memory.
 * Mappings without a readable file are read directly.  0 and *addr, -ENOENT with
 * nothing in err when there is none, or another negative errno with err filled.
 */
must_check int elf_find_code(const struct proc *proc, const struct mapping_list *maps,
			     const struct code_pattern *patterns, unsigned int nr, uint64_t *addr,
			     struct error *err);

enum elf_verdict {
	ELF_PRELOADABLE,
	ELF_STATIC,	/* no dynamic linker reads LD_PRELOAD */
	ELF_PRIVILEGED, /* set-user-ID, set-group-ID or file capabilities: LD_PRELOAD is ignored */
	ELF_FOREIGN,	/* another architecture or word size */
	ELF_UNKNOWN,	/* not an ELF file, cannot be read */
};

/* Judge the program at path; a script is judged by its interpreter. */
enum elf_verdict elf_judge(const char *path);

/* Judge the program that a process runs, deleted by now or not. */
enum elf_verdict elf_judge_running(const struct proc *proc);

/* "statically linked", ...: completes "PATH is". */
const char *elf_verdict_text(enum elf_verdict verdict);

#endif
