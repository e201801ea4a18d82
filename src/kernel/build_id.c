/* SPDX-License-Identifier: GPL-2.0-or-later */
/* NT_GNU_BUILD_ID, in the notes of sections or segments. */
#include "config.h"

#include "kernel/build_id.h"

#include <gelf.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define NOTES_MAX_BYTES (1u << 20) /* libelf keeps what it has read */
#define SEGMENTS_MAX 512

static void write_hex(char *text, const unsigned char *bytes, size_t nr)
{
	for (size_t i = 0; i < nr; i++)
		sprintf(text + 2 * i, "%02x", bytes[i]);
}

/* Look for the build ID in notes; what is read of them all is counted in *bytes. */
static bool notes_build_id(Elf *elf, uint64_t offset, uint64_t size, uint64_t align,
			   uint64_t *bytes, char id[static BUILD_ID_MAX])
{
	const Elf_Type type = align == 8 ? ELF_T_NHDR8 : ELF_T_NHDR;
	size_t at = 0, next, name, desc;
	const Elf_Data *data;
	GElf_Nhdr note;

	if (!size || offset > INT64_MAX || size > NOTES_MAX_BYTES || *bytes > NOTES_MAX_BYTES)
		return false;
	*bytes += size;
	data = elf_getdata_rawchunk(elf, (int64_t)offset, size, type);
	while (data && (next = gelf_getnote((Elf_Data *)data, at, &note, &name, &desc)) > at) {
		const char *text = data->d_buf;

		if (note.n_type == NT_GNU_BUILD_ID && note.n_namesz == sizeof(ELF_NOTE_GNU) &&
		    !memcmp(text + name, ELF_NOTE_GNU, sizeof(ELF_NOTE_GNU)) &&
		    note.n_descsz <= BUILD_ID_MAX / 2) {
			write_hex(id, (const unsigned char *)text + desc, note.n_descsz);
			return true;
		}
		at = next;
	}
	return false;
}

/* By sections first: in a debug file the segments' places in the file are those of the other. */
void build_id_read(Elf *elf, char id[static BUILD_ID_MAX])
{
	Elf_Scn *section = NULL;
	uint64_t bytes = 0;
	GElf_Phdr segment;
	GElf_Shdr header;
	size_t nr = 0;

	id[0] = '\0';
	while ((section = elf_nextscn(elf, section)))
		if (gelf_getshdr(section, &header) && header.sh_type == SHT_NOTE &&
		    notes_build_id(elf, header.sh_offset, header.sh_size, header.sh_addralign,
				   &bytes, id))
			return;
	if (elf_getphdrnum(elf, &nr) || nr > SEGMENTS_MAX)
		return;
	for (size_t i = 0; i < nr; i++)
		if (gelf_getphdr(elf, (int)i, &segment) && segment.p_type == PT_NOTE &&
		    notes_build_id(elf, segment.p_offset, segment.p_filesz, segment.p_align, &bytes,
				   id))
			return;
}
