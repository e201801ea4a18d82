/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An ELF file that is open, for those who read one through libelf (gelf(3)).  It may be
 * somebody else's: whatever it holds must do no harm.
 */
#ifndef WSSTAT_KERNEL_ELF_FILE_H
#define WSSTAT_KERNEL_ELF_FILE_H

#include <fcntl.h>
#include <libelf.h>

#include "base/util.h"

/* How to open it: with a pipe in its place we would wait for ever. */
#define ELF_FILE_FLAGS (O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)

struct elf_file {
	int fd;
	Elf *elf;
};

/*
 * Take fd, which is closed also on failure; a negative errno in its place is handed back.
 * how: ELF_C_READ_MMAP maps the file, so that one which is cut short meanwhile kills us
 * (SIGBUS); ELF_C_READ reads what is asked for.  -ENOEXEC: not a regular file, or not a
 * linked ELF file.
 */
must_check int elf_file_begin(struct elf_file *file, int fd, Elf_Cmd how);
void elf_file_end(struct elf_file *file);

#endif
