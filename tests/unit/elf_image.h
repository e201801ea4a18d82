/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Small ELF files of a test's own making: headers and tables, and nothing in the sections. */
#ifndef WSSTAT_TESTS_UNIT_ELF_IMAGE_H
#define WSSTAT_TESTS_UNIT_ELF_IMAGE_H

#include <elf.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct image_segment {
	uint64_t offset, addr, file_bytes, mem_bytes;
	uint32_t flags; /* PF_R, ... */
};

struct image_section {
	const char *name;
	uint32_t type;
	uint64_t flags, addr, bytes;
};

struct image_symbol {
	const char *name;
	uint64_t value, bytes;
	unsigned char type, binding;
	uint16_t section; /* 1: the first of the image's */
};

struct image {
	unsigned char class, order; /* ELFCLASS64 and ELFDATA2LSB if 0 */
	uint16_t type;		    /* ET_DYN if 0 */
	const struct image_segment *segment;
	const struct image_section *section;
	const struct image_symbol *symbol;
	size_t nr_segments, nr_sections, nr_symbols;
	uint32_t table;	      /* SHT_SYMTAB, SHT_DYNSYM; 0: none */
	uint64_t names_flags; /* of the table's names */
	const void *build_id;
	size_t build_id_bytes; /* 0: none */
};

bool image_write(const struct image *image, const char *path);

#endif
