/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ELF files, opened with care. */
#include "config.h"

#include "kernel/elf_file.h"

#include <elf.h>
#include <errno.h>
#include <stdbool.h>
#include <sys/stat.h>

/*
 * Where e_shnum is 0 the number of sections stands in the first of them and may be any;
 * libelf takes memory for all.  Linked files have fewer than 65,280 and do without.
 */
static bool counts_sections(int fd)
{
	union {
		unsigned char ident[EI_NIDENT];
		Elf32_Ehdr narrow;
		Elf64_Ehdr wide;
	} header = { { 0 } };

	if (pread(fd, &header, sizeof(header), 0) < (ssize_t)sizeof(header.narrow))
		return false;
	if (header.ident[EI_CLASS] == ELFCLASS32)
		return header.narrow.e_shnum || !header.narrow.e_shoff;
	return header.wide.e_shnum || !header.wide.e_shoff;
}

int elf_file_begin(struct elf_file *file, int fd, Elf_Cmd how)
{
	struct stat st;

	*file = (struct elf_file){ .fd = fd };
	if (fd < 0)
		return fd;
	elf_version(EV_CURRENT);
	if (!fstat(fd, &st) && S_ISREG(st.st_mode) && counts_sections(fd))
		file->elf = elf_begin(fd, how, NULL);
	if (file->elf && elf_kind(file->elf) == ELF_K_ELF)
		return 0;
	elf_file_end(file);
	return -ENOEXEC;
}

void elf_file_end(struct elf_file *file)
{
	elf_end(file->elf);
	util_close(&file->fd);
	*file = (struct elf_file){ .fd = -1 };
}
