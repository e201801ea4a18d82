/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Segments, sections and symbols, through libelf (elf(5), gelf(3)).  Strings are
 * read without it: elf_strptr() unpacks a compressed table, however large it gets.
 */
#include "config.h"

#include "kernel/symbols.h"

#include <errno.h>
#include <fcntl.h>
#include <gelf.h>
#include <inttypes.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>

#include "kernel/build_id.h"
#include "kernel/elf_file.h"
#include "kernel/mapped_file.h"

/* Some times those of the largest programs. */
#define SYMBOLS_MAX ((size_t)8 << 20)
#define STRINGS_MAX_BYTES ((uint64_t)512 << 20)
#define SEGMENTS_MAX 512 /* of all kinds */

#define ADDR_MAX (UINT64_MAX - PAGE_BYTES) /* can be rounded up to a page */

/* What a file is read with: itself, and where debug files are. */
struct source {
	struct elf_file file;
	int root[2]; /* descriptors, or negative */
	enum elf_parting by;
};

/* Claims that are being collected. */
struct claims {
	struct elf_claim *at;
	size_t nr, cap;
	const char *names;
	size_t names_bytes;
};

static int by_addr(const void *first, const void *second)
{
	const struct elf_segment *a = first, *b = second;

	return (a->addr > b->addr) - (a->addr < b->addr);
}

static bool segment_is_sane(const GElf_Phdr *header)
{
	uint64_t end;

	return header->p_type == PT_LOAD && header->p_memsz &&
	       header->p_filesz <= header->p_memsz &&
	       !__builtin_add_overflow(header->p_vaddr, header->p_memsz, &end) && end <= ADDR_MAX &&
	       !__builtin_add_overflow(header->p_offset, header->p_filesz, &end) && end <= ADDR_MAX;
}

static int read_segments(struct elf_object *object, Elf *elf)
{
	GElf_Phdr header;
	size_t nr = 0;

	if (elf_getphdrnum(elf, &nr) || !nr || nr > SEGMENTS_MAX)
		return -ENOEXEC;
	object->segment = calloc(nr, sizeof(*object->segment));
	if (!object->segment)
		return -ENOMEM;
	for (size_t i = 0; i < nr; i++)
		if (gelf_getphdr(elf, (int)i, &header) && segment_is_sane(&header))
			object->segment[object->nr_segments++] = (struct elf_segment){
				.offset = header.p_offset,
				.addr = header.p_vaddr,
				.file_bytes = header.p_filesz,
				.mem_bytes = header.p_memsz,
				.executable = header.p_flags & PF_X,
			};
	qsort(object->segment, object->nr_segments, sizeof(*object->segment), by_addr);
	return object->nr_segments ? 0 : -ENOEXEC;
}

/* The segment that holds addr, or NULL. */
static const struct elf_segment *segment_of(const struct elf_object *object, uint64_t addr)
{
	size_t low = 0, high = object->nr_segments;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (object->segment[middle].addr <= addr)
			low = middle + 1;
		else
			high = middle;
	}
	if (!low || addr - object->segment[low - 1].addr >= object->segment[low - 1].mem_bytes)
		return NULL;
	return &object->segment[low - 1];
}

/* Take part in what the file is divided into, as far as it lies within a segment. */
static void claim_add(struct claims *claims, const struct elf_object *object, uint64_t addr,
		      uint64_t bytes, struct elf_claim claim)
{
	const struct elf_segment *segment = bytes && *claim.part.name ? segment_of(object, addr)
								      : NULL;
	uint64_t left;

	if (!segment || claims->nr == claims->cap)
		return;
	left = segment->addr + segment->mem_bytes - addr;
	claim.part.start = addr;
	claim.part.end = addr + (bytes < left ? bytes : left);
	claims->at[claims->nr++] = claim;
}

/* NULL: that is no place in the names. */
static const char *claim_name(const struct claims *claims, uint64_t offset)
{
	return offset < claims->names_bytes ? claims->names + offset : NULL;
}

static bool read_whole(int fd, char *buf, size_t len, uint64_t offset)
{
	while (len) {
		ssize_t got = TEMP_FAILURE_RETRY(pread(fd, buf, len, (off_t)offset));

		if (got <= 0)
			return false;
		buf += got;
		offset += (uint64_t)got;
		len -= (size_t)got;
	}
	return true;
}

/* 0, -ENOENT: that is no string table, -EFBIG, -ENOMEM. */
static int read_names(struct elf_object *object, const struct elf_file *file, size_t index,
		      struct claims *claims)
{
	GElf_Shdr header;
	struct stat st;
	uint64_t end;

	if (!gelf_getshdr(elf_getscn(file->elf, index), &header) || header.sh_type != SHT_STRTAB ||
	    header.sh_flags & SHF_COMPRESSED || fstat(file->fd, &st) ||
	    __builtin_add_overflow(header.sh_offset, header.sh_size, &end) ||
	    end > (uint64_t)st.st_size)
		return -ENOENT;
	if (header.sh_size > STRINGS_MAX_BYTES)
		return -EFBIG;
	free(object->names);
	object->names = malloc(header.sh_size + 1);
	if (!object->names)
		return -ENOMEM;
	if (!read_whole(file->fd, object->names, header.sh_size, header.sh_offset))
		return -ENOENT;
	object->names[header.sh_size] = '\0';
	claims->names = object->names;
	claims->names_bytes = header.sh_size;
	return 0;
}

static int claims_room(struct claims *claims, size_t nr)
{
	claims->at = calloc(nr + 1, sizeof(*claims->at));
	claims->cap = nr;
	return claims->at ? 0 : -ENOMEM;
}

static bool is_memory(const GElf_Shdr *header)
{
	/* .tbss is a size for each thread's block, at an address that is the next section's. */
	return header->sh_flags & SHF_ALLOC &&
	       !(header->sh_flags & SHF_TLS && header->sh_type == SHT_NOBITS);
}

/* 0 also where there are none. */
static int claim_sections(struct elf_object *object, const struct elf_file *file,
			  struct claims *claims)
{
	size_t nr = 0, names = 0;
	Elf_Scn *section = NULL;
	GElf_Shdr header;
	int rc;

	if (elf_getshdrnum(file->elf, &nr) || elf_getshdrstrndx(file->elf, &names))
		return 0;
	rc = read_names(object, file, names, claims);
	if (!rc)
		rc = claims_room(claims, nr);
	while (!rc && (section = elf_nextscn(file->elf, section))) {
		const char *name = gelf_getshdr(section, &header) && is_memory(&header)
					   ? claim_name(claims, header.sh_name)
					   : NULL;

		if (name)
			claim_add(claims, object, header.sh_addr, header.sh_size,
				  (struct elf_claim){ .part.name = name });
	}
	return rc == -ENOENT ? 0 : rc;
}

static unsigned int binding_rank(unsigned char binding)
{
	switch (binding) {
	case STB_GLOBAL:
	case STB_GNU_UNIQUE:
		return 0;
	case STB_WEAK:
		return 1;
	default:
		return 2;
	}
}

/* Is it the name of bytes in memory?  Not of a section, a file, a thread's own variable. */
static bool names_memory(const struct elf_file *file, const GElf_Sym *symbol)
{
	const unsigned char type = GELF_ST_TYPE(symbol->st_info);
	GElf_Shdr header;

	if (type != STT_OBJECT && type != STT_FUNC && type != STT_GNU_IFUNC && type != STT_NOTYPE)
		return false;
	/* SHN_UNDEF, SHN_ABS, SHN_COMMON and the like are no sections of memory. */
	return symbol->st_size && gelf_getshdr(elf_getscn(file->elf, symbol->st_shndx), &header) &&
	       header.sh_flags & SHF_ALLOC;
}

/* The first section of this type, its data not too large; or NULL.  *rc: -EFBIG. */
static Elf_Scn *find_table(const struct elf_file *file, unsigned int type, GElf_Shdr *header,
			   int *rc)
{
	const size_t entry_bytes = gelf_fsize(file->elf, ELF_T_SYM, 1, EV_CURRENT);
	Elf_Scn *section = NULL;

	while ((section = elf_nextscn(file->elf, section)))
		if (gelf_getshdr(section, header) && header->sh_type == type &&
		    !(header->sh_flags & SHF_COMPRESSED))
			break;
	*rc = section && header->sh_size / entry_bytes > SYMBOLS_MAX ? -EFBIG : 0;
	return *rc ? NULL : section;
}

/* 1: claims made, 0: there is no such table, or it is broken or of no use; or an error. */
static int claim_symbols(struct elf_object *object, const struct elf_file *file, unsigned int type,
			 struct claims *claims)
{
	GElf_Shdr header;
	GElf_Sym symbol;
	int rc;
	Elf_Scn *section = find_table(file, type, &header, &rc);
	Elf_Data *data = section ? elf_getdata(section, NULL) : NULL;
	const size_t nr = data ? data->d_size / gelf_fsize(file->elf, ELF_T_SYM, 1, EV_CURRENT) : 0;

	if (nr)
		rc = read_names(object, file, header.sh_link, claims);
	if (!nr || rc)
		return rc == -ENOENT ? 0 : rc;
	free(claims->at); /* of no use, or this would not be asked for */
	rc = claims_room(claims, nr);
	for (size_t i = 0; !rc && i < nr; i++) {
		const char *name = gelf_getsym(data, (int)i, &symbol) && names_memory(file, &symbol)
					   ? claim_name(claims, symbol.st_name)
					   : NULL;
		struct elf_claim claim = { .part.name = name };

		if (!name)
			continue;
		claim.rank = binding_rank(GELF_ST_BIND(symbol.st_info));
		claim_add(claims, object, symbol.st_value, symbol.st_size, claim);
	}
	return rc ? rc : claims->nr > 0;
}

/* As claim_symbols(), of the debug file below this root. */
static int claim_debug_below(struct elf_object *object, int root, struct claims *claims)
{
	const char *id = object->build_id;
	char path[BUILD_ID_MAX + 64], other[BUILD_ID_MAX];
	struct elf_file file;
	int rc = 0;

	snprintf(path, sizeof(path), "/usr/lib/debug/.build-id/%.2s/%s.debug", id, id + 2);
	if (elf_file_begin(&file, mapped_file_open_below(root, path, ELF_FILE_FLAGS), ELF_C_READ))
		return 0;
	build_id_read(file.elf, other);
	if (!strcmp(id, other))
		rc = claim_symbols(object, &file, SHT_SYMTAB, claims);
	elf_file_end(&file);
	return rc;
}

static int claim_debug(struct elf_object *object, const struct source *source,
		       struct claims *claims)
{
	int rc = 0;

	for (unsigned int i = 0; i < ARRAY_LEN(source->root) && !rc && object->build_id[0]; i++)
		if (source->root[i] >= 0)
			rc = claim_debug_below(object, source->root[i], claims);
	return rc;
}

/* The best there are. */
static int claim_best_symbols(struct elf_object *object, const struct source *source,
			      struct claims *claims)
{
	int rc = claim_symbols(object, &source->file, SHT_SYMTAB, claims);

	object->symbols = ELF_SYMBOLS_SYMTAB;
	if (!rc) {
		rc = claim_debug(object, source, claims);
		object->symbols = ELF_SYMBOLS_DEBUG;
	}
	if (!rc) {
		rc = claim_symbols(object, &source->file, SHT_DYNSYM, claims);
		object->symbols = ELF_SYMBOLS_DYNSYM;
	}
	if (!rc)
		object->symbols = ELF_SYMBOLS_NONE;
	return rc < 0 ? rc : 0;
}

static int read_object(struct elf_object *object, const struct source *source)
{
	struct claims claims = { 0 };
	GElf_Ehdr header;
	int rc;

	if (!gelf_getehdr(source->file.elf, &header) ||
	    (header.e_type != ET_EXEC && header.e_type != ET_DYN))
		return -ENOEXEC;
	rc = read_segments(object, source->file.elf);
	if (rc)
		return rc;
	build_id_read(source->file.elf, object->build_id);
	rc = source->by == ELF_BY_SECTION ? claim_sections(object, &source->file, &claims)
					  : claim_best_symbols(object, source, &claims);
	if (!rc)
		rc = elf_parts_carve(&object->part, &object->nr_parts, claims.at, claims.nr);
	free(claims.at);
	return rc;
}

/* Takes fd. */
static int read_source(struct elf_object *object, struct source *source, int fd, const char *name,
		       struct error *err)
{
	int rc = elf_file_begin(&source->file, fd, ELF_C_READ);

	if (!rc) {
		rc = read_object(object, source);
		elf_file_end(&source->file);
	}
	if (!rc)
		return 0;
	elf_object_free(object);
	if (rc == -ENOEXEC)
		return error_set(err, ERROR_FAILED, ENOEXEC, "%s is not an ELF program or library",
				 name);
	return error_errno(err, -rc, "cannot read the %s of %s",
			   source->by == ELF_BY_SECTION ? "sections" : "symbols", name);
}

int elf_object_read(struct elf_object *object, const struct proc *proc, const struct mapping *map,
		    enum elf_parting by, struct error *err)
{
	auto_close int theirs = proc_openat(proc, "root", O_PATH | O_DIRECTORY);
	auto_close int ours = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct source source = { .root = { theirs, ours }, .by = by };
	int fd = mapped_file_find(proc, map, ELF_FILE_FLAGS, err);

	*object = (struct elf_object){ 0 };
	return fd < 0 ? fd : read_source(object, &source, fd, map->name, err);
}

int elf_object_read_path(struct elf_object *object, const char *path, const char *root,
			 enum elf_parting by, struct error *err)
{
	auto_close int below = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct source source = { .root = { below, -1 }, .by = by };
	int fd = open(path, ELF_FILE_FLAGS);

	*object = (struct elf_object){ 0 };
	if (fd < 0)
		return error_errno(err, errno, "cannot open %s", path);
	return read_source(object, &source, fd, path, err);
}

void elf_object_free(struct elf_object *object)
{
	free(object->segment);
	free(object->part);
	free(object->names);
	*object = (struct elf_object){ 0 };
}

static uint64_t page_floor(uint64_t addr)
{
	return addr & ~(PAGE_BYTES - 1);
}

/* addr <= ADDR_MAX */
static uint64_t page_ceil(uint64_t addr)
{
	return page_floor(addr + PAGE_BYTES - 1);
}

struct range elf_segment_range(const struct elf_segment *segment, uint64_t bias)
{
	return (struct range){
		.start = page_floor(segment->addr) + bias,
		.end = page_ceil(segment->addr + segment->mem_bytes) + bias,
	};
}

/* The mapping that holds addr, or NULL. */
static const struct mapping *mapping_at(const struct mapping_list *maps, uint64_t addr)
{
	size_t low = 0, high = maps->nr;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (maps->at[middle].range.end <= addr)
			low = middle + 1;
		else
			high = middle;
	}
	return low < maps->nr && maps->at[low].range.start <= addr ? &maps->at[low] : NULL;
}

/* Does the segment's first page lie there, in a mapping of the same file as map? */
static bool segment_lies(const struct elf_segment *segment, const struct mapping_list *maps,
			 const struct mapping *map, uint64_t bias)
{
	const uint64_t start = page_floor(segment->addr) + bias;
	const struct mapping *there = mapping_at(maps, start);

	return there && there->dev == map->dev && there->inode == map->inode &&
	       there->offset + (start - there->range.start) == page_floor(segment->offset) &&
	       segment->executable == !!(there->perms & PERM_EXEC);
}

/* How many segments with file lie as they would with this bias, and how many there are. */
static size_t count_lying(const struct elf_object *object, const struct mapping_list *maps,
			  const struct mapping *map, uint64_t bias, size_t *nr)
{
	size_t lying = 0;

	*nr = 0;
	for (size_t i = 0; i < object->nr_segments; i++) {
		if (!object->segment[i].file_bytes)
			continue;
		*nr += 1;
		lying += segment_lies(&object->segment[i], maps, map, bias);
	}
	return lying;
}

bool elf_object_bias(const struct elf_object *object, const struct mapping_list *maps,
		     const struct mapping *map, uint64_t *bias)
{
	size_t best = 0;

	for (size_t i = 0; i < object->nr_segments && map->inode; i++) {
		const struct elf_segment *segment = &object->segment[i];
		const uint64_t guess = map->range.start - map->offset +
				       page_floor(segment->offset) - page_floor(segment->addr);
		size_t nr, lying;

		if (map->offset < page_floor(segment->offset) ||
		    map->offset >= page_ceil(segment->offset + segment->file_bytes))
			continue;
		lying = count_lying(object, maps, map, guess, &nr);
		if (2 * lying > nr && lying > best) {
			best = lying;
			*bias = guess;
		}
	}
	return best > 0;
}

const char *elf_symbols_name(enum elf_symbols symbols)
{
	static const char *const names[] = {
		[ELF_SYMBOLS_NONE] = "none",
		[ELF_SYMBOLS_DYNSYM] = ".dynsym",
		[ELF_SYMBOLS_SYMTAB] = ".symtab",
		[ELF_SYMBOLS_DEBUG] = "debug file",
	};

	return names[symbols];
}
