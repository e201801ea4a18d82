/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a mapped ELF file consists of: its segments, and its sections or symbols as parts
 * that do not overlap; and where a process has it.  Names as they stand in the file, not
 * demangled.  The symbols of .gnu_debugdata (MiniDebugInfo) are not read, and those of debug
 * files only where the build ID names the file.
 *
 * Any bytes may be in the file: parts beyond the segments are left out, and one that is
 * larger than any known program's tables is refused.
 */
#ifndef WSSTAT_KERNEL_SYMBOLS_H
#define WSSTAT_KERNEL_SYMBOLS_H

#include <stdbool.h>

#include "kernel/build_id.h"
#include "kernel/elf_parts.h"
#include "kernel/procfs.h"
#include "model/region.h"

enum elf_parting {
	ELF_BY_SECTION, /* those that are memory; .tbss is none */
	ELF_BY_SYMBOL,	/* objects and functions; between them are bytes of no symbol */
};

/* Where the symbols are from. */
enum elf_symbols {
	ELF_SYMBOLS_NONE,   /* there are none, or they were not asked for */
	ELF_SYMBOLS_DYNSYM, /* of a stripped file: what it exports, without all that is static */
	ELF_SYMBOLS_SYMTAB,
	ELF_SYMBOLS_DEBUG, /* .symtab of the debug file that its build ID names */
};

/* PT_LOAD.  mem_bytes > 0; no sum of these overflows. */
struct elf_segment {
	uint64_t offset, addr, file_bytes, mem_bytes; /* addr: link-time, virtual */
	bool executable;
};

struct elf_object {
	struct elf_segment *segment; /* by addr, at least one */
	size_t nr_segments;
	struct elf_part *part; /* each within one segment */
	size_t nr_parts;
	enum elf_symbols symbols;
	char build_id[BUILD_ID_MAX]; /* lower-case hex, "" if there is none */
	char *names;		     /* what the parts' names point into */
};

/*
 * Read the file that this mapping of the target shows (see mapped_file_find()).  Debug files are
 * looked for in the target's root, then in ours.  Any state of the target; it is not
 * touched.  0, -ESTALE: the file has been replaced, -ENOEXEC: it is no linked ELF file,
 * -EFBIG or another negative errno; the object is empty then, and err filled.
 */
must_check int elf_object_read(struct elf_object *object, const struct proc *proc,
			       const struct mapping *map, enum elf_parting by, struct error *err);

/*
 * The same of the file at path, with debug files looked for below root ("/").  Whether it is
 * the right file, by build_id, is for the caller to see.
 */
must_check int elf_object_read_path(struct elf_object *object, const char *path, const char *root,
				    enum elf_parting by, struct error *err);

void elf_object_free(struct elf_object *object);

/*
 * The load bias: run-time address = link-time address + bias (mod 2^64).  map, of maps, shows
 * the object's file; which of its segments one mapping shows can be ambiguous, so the
 * others are looked at.  False: this is not how a loader maps the object; its file is only
 * read through this mapping.
 */
bool elf_object_bias(const struct elf_object *object, const struct mapping_list *maps,
		     const struct mapping *map, uint64_t *bias);

/*
 * The pages of one segment at run time, also those without file (.bss), which the caller
 * finds in the anonymous mapping that follows.  Empty if it does not fit there.
 */
struct range elf_segment_range(const struct elf_segment *segment, uint64_t bias);

/* "debug file", ".symtab", ".dynsym", "none". */
const char *elf_symbols_name(enum elf_symbols symbols);

#endif
