/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ELF files: what is read of one is in order, within its segments, and terminated. */
#include "config.h"

#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fuzz.h"
#include "kernel/symbols.h"

static void check_parts(const struct elf_object *object)
{
	uint64_t before = 0;

	for (size_t i = 0; i < object->nr_parts; i++) {
		const struct elf_part *part = &object->part[i];
		bool within = false;

		fuzz_check(part->start >= before && part->start < part->end && *part->name);
		for (size_t s = 0; s < object->nr_segments; s++)
			within |= part->start - object->segment[s].addr <
					  object->segment[s].mem_bytes &&
				  part->end - object->segment[s].addr <=
					  object->segment[s].mem_bytes;
		fuzz_check(within);
		before = part->end;
	}
}

/* Loaded as the program headers have it, from each of its mappings a bias is to be had. */
static void check_bias(const struct elf_object *object)
{
	struct mapping map = { { 0x7000000, 0x7001000 }, PERM_READ, 0, 1, 9, "/file" };
	const struct mapping_list maps = { &map, 1, 1 };
	uint64_t bias;

	for (size_t i = 0; i < object->nr_segments; i++) {
		map.offset = object->segment[i].offset & ~(PAGE_BYTES - 1);
		map.perms = object->segment[i].executable ? PERM_READ | PERM_EXEC : PERM_READ;
		if (elf_object_bias(object, &maps, &map, &bias))
			fuzz_check((bias & (PAGE_BYTES - 1)) == 0);
		else
			fuzz_check(object->nr_segments > 1 || !object->segment[i].file_bytes);
		(void)elf_segment_range(&object->segment[i], bias);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int fd = memfd_create("fuzz", MFD_CLOEXEC);
	struct elf_object object;
	struct error err = { 0 };
	char path[32];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	fuzz_check(fd >= 0 && write(fd, data, size) == (ssize_t)size);
	for (int by = ELF_BY_SECTION; by <= ELF_BY_SYMBOL; by++) {
		if (elf_object_read_path(&object, path, "/nonexistent", (enum elf_parting)by,
					 &err)) {
			fuzz_check(err.kind != ERROR_NONE && *err.text && !object.segment);
			continue;
		}
		fuzz_check(object.nr_segments && strlen(object.build_id) < BUILD_ID_MAX);
		check_parts(&object);
		check_bias(&object);
		elf_object_free(&object);
	}
	close(fd);
	return 0;
}
