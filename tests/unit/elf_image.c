/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ELF files, by libelf. */
#include "config.h"

#include "elf_image.h"

#include <fcntl.h>
#include <gelf.h>
#include <string.h>

#include "base/util.h"

#define NAMES_BYTES (64u << 20)

/* What is being written, and what libelf points to until it is. */
struct writing {
	Elf *elf;
	char *names; /* one table for sections and symbols */
	size_t names_bytes;
	void *symbols, *note;
};

static size_t name_at(struct writing *writing, const char *name)
{
	const size_t at = writing->names_bytes, len = strlen(name) + 1;

	if (at + len > NAMES_BYTES)
		return 0;
	memcpy(writing->names + at, name, len);
	writing->names_bytes += len;
	return at;
}

static Elf_Scn *add_section(struct writing *writing, const struct image_section *wanted,
			    Elf_Type type, void *buf, size_t len)
{
	Elf_Scn *section = elf_newscn(writing->elf);
	Elf_Data *data = elf_newdata(section);
	GElf_Shdr header;

	if (!data || !gelf_getshdr(section, &header))
		return NULL;
	*data = (Elf_Data){
		.d_buf = buf,
		.d_type = type,
		.d_size = len,
		.d_align = 8,
		.d_version = EV_CURRENT,
	};
	header.sh_name = (GElf_Word)name_at(writing, wanted->name);
	header.sh_type = wanted->type;
	header.sh_flags = wanted->flags;
	header.sh_addr = wanted->addr;
	header.sh_size = wanted->bytes;
	return gelf_update_shdr(section, &header) ? section : NULL;
}

static bool add_sections(struct writing *writing, const struct image *image)
{
	for (size_t i = 0; i < image->nr_sections; i++)
		if (!add_section(writing, &image->section[i], ELF_T_BYTE, NULL,
				 image->section[i].bytes))
			return false;
	return true;
}

static bool add_symbols(struct writing *writing, const struct image *image, size_t names)
{
	const struct image_section wanted = { .name = ".symtab", .type = image->table };
	const size_t entry_bytes = gelf_fsize(writing->elf, ELF_T_SYM, 1, EV_CURRENT);
	const size_t len = (image->nr_symbols + 1) * entry_bytes;
	GElf_Shdr header;
	Elf_Scn *section;

	writing->symbols = calloc(image->nr_symbols + 1, entry_bytes);
	section = add_section(writing, &wanted, ELF_T_SYM, writing->symbols, len);
	if (!section || !gelf_getshdr(section, &header))
		return false;
	header.sh_link = (GElf_Word)names;
	header.sh_entsize = entry_bytes;
	for (size_t i = 0; i < image->nr_symbols; i++) {
		const struct image_symbol *from = &image->symbol[i];
		GElf_Sym symbol = {
			.st_name = (GElf_Word)name_at(writing, from->name),
			.st_value = from->value,
			.st_size = from->bytes,
			.st_info = (unsigned char)GELF_ST_INFO(from->binding, from->type),
			.st_shndx = from->section,
		};

		if (!gelf_update_sym(elf_getdata(section, NULL), (int)i + 1, &symbol))
			return false;
	}
	return gelf_update_shdr(section, &header);
}

/* The note's header, "GNU" and the ID, which is a multiple of four long. */
static bool add_build_id(struct writing *writing, const struct image *image)
{
	const struct image_section wanted = { .name = ".note.id", .type = SHT_NOTE };
	const Elf64_Nhdr note = { 4, (Elf64_Word)image->build_id_bytes, NT_GNU_BUILD_ID };
	const size_t len = sizeof(note) + 4 + image->build_id_bytes;
	char *to = writing->note = calloc(1, len);
	GElf_Shdr header;
	Elf_Scn *section;

	if (!to)
		return false;
	memcpy(to, &note, sizeof(note));
	memcpy(to + sizeof(note), "GNU", 4);
	memcpy(to + sizeof(note) + 4, image->build_id, image->build_id_bytes);
	section = add_section(writing, &wanted, ELF_T_NHDR, to, len);
	if (!section || !gelf_getshdr(section, &header))
		return false;
	header.sh_addralign = 4;
	elf_getdata(section, NULL)->d_align = 4;
	return gelf_update_shdr(section, &header);
}

static bool add_segments(Elf *elf, const struct image *image)
{
	if (image->nr_segments && !gelf_newphdr(elf, image->nr_segments))
		return false;
	for (size_t i = 0; i < image->nr_segments; i++) {
		const struct image_segment *from = &image->segment[i];
		GElf_Phdr header = {
			.p_type = PT_LOAD,
			.p_flags = from->flags,
			.p_offset = from->offset,
			.p_vaddr = from->addr,
			.p_paddr = from->addr,
			.p_filesz = from->file_bytes,
			.p_memsz = from->mem_bytes,
			.p_align = 4096,
		};

		if (!gelf_update_phdr(elf, (int)i, &header))
			return false;
	}
	return true;
}

/* The table of names comes last: by then all are in it. */
static bool write_all(struct writing *writing, const struct image *image)
{
	const struct image_section names = { .name = ".strtab",
					     .type = SHT_STRTAB,
					     .flags = image->names_flags };
	const size_t names_index = 1 + image->nr_sections + (image->table != 0) +
				   (image->build_id_bytes != 0);
	GElf_Ehdr header;
	Elf_Scn *section;

	if (!gelf_newehdr(writing->elf, image->class ? image->class : ELFCLASS64) ||
	    !gelf_getehdr(writing->elf, &header) || !add_segments(writing->elf, image) ||
	    !add_sections(writing, image) ||
	    (image->table && !add_symbols(writing, image, names_index)) ||
	    (image->build_id_bytes && !add_build_id(writing, image)))
		return false;
	section = add_section(writing, &names, ELF_T_BYTE, writing->names, 0);
	if (!section || !gelf_getehdr(writing->elf, &header))
		return false;
	elf_getdata(section, NULL)->d_size = writing->names_bytes;
	header.e_ident[EI_DATA] = image->order ? image->order : ELFDATA2LSB;
	header.e_type = image->type ? image->type : ET_DYN;
	header.e_machine = EM_X86_64;
	header.e_version = EV_CURRENT;
	header.e_shstrndx = (GElf_Half)names_index;
	return gelf_update_ehdr(writing->elf, &header) && elf_update(writing->elf, ELF_C_WRITE) > 0;
}

bool image_write(const struct image *image, const char *path)
{
	auto_close int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	struct writing writing = { .names_bytes = 1 };
	bool written;

	elf_version(EV_CURRENT);
	writing.elf = fd < 0 ? NULL : elf_begin(fd, ELF_C_WRITE, NULL);
	writing.names = calloc(1, NAMES_BYTES);
	written = writing.elf && writing.names && write_all(&writing, image);
	elf_end(writing.elf);
	free(writing.names);
	free(writing.symbols);
	free(writing.note);
	return written;
}
