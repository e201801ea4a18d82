/* SPDX-License-Identifier: GPL-2.0-or-later */
/* kernel/symbols.c: ELF files made here, sound, strange and broken. */
#include "config.h"

#include "kernel/symbols.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "base/clock.h"
#include "elf_image.h"
#include "rng.h"
#include "tap.h"

#define MEMORY (SHF_ALLOC | SHF_WRITE)
#define ID "\x01\x23\xab\xcd\xef\x00\x10\xff"
#define ID_TEXT "0123abcdef0010ff"

static char dir[] = "/tmp/test_symbols.XXXXXX";
static char path[sizeof(dir) + 64];
static struct elf_object object;
static struct error err;

/* Code at 0x1000, and at 0x3f00 data, 0x100 bytes in the file and 0x2000 in memory. */
static const struct image_segment segments[] = {
	{ 0x3000, 0x3f00, 0x100, 0x2000, PF_R | PF_W },
	{ 0x1000, 0x1000, 0x1000, 0x1000, PF_R | PF_X },
};

static const struct image_section sections[] = {
	{ ".text", SHT_NOBITS, SHF_ALLOC | SHF_EXECINSTR, 0x1000, 0x800 },
	{ ".tbss", SHT_NOBITS, MEMORY | SHF_TLS, 0x3f00, 0x80 },
	{ ".data", SHT_NOBITS, MEMORY, 0x3f00, 0x100 },
	{ ".bss", SHT_NOBITS, MEMORY, 0x4000, 0x1f00 },
	{ ".comment", SHT_NOBITS, 0, 0x1000, 0x100 },
	{ ".empty", SHT_NOBITS, MEMORY, 0x4000, 0 },
	{ ".beyond", SHT_NOBITS, MEMORY, 0x5f00, 0x100 },
	{ ".half", SHT_NOBITS, MEMORY, 0x5e80, 0x100 },
};

static const struct image_symbol symbols[] = {
	{ "main", 0x1000, 0x100, STT_FUNC, STB_GLOBAL, 1 },
	{ "resolver", 0x1100, 0x100, STT_GNU_IFUNC, STB_LOCAL, 1 },
	{ "label", 0x1200, 0, STT_NOTYPE, STB_GLOBAL, 1 },
	{ "assembled", 0x1300, 0x10, STT_NOTYPE, STB_LOCAL, 1 },
	{ "empty", 0x1400, 0, STT_FUNC, STB_GLOBAL, 1 },
	{ "undefined", 0x1500, 0x10, STT_FUNC, STB_GLOBAL, SHN_UNDEF },
	{ "absolute", 0x1500, 0x10, STT_OBJECT, STB_GLOBAL, SHN_ABS },
	{ "common", 0x1500, 0x10, STT_OBJECT, STB_GLOBAL, SHN_COMMON },
	{ "thread", 0x1500, 0x10, STT_TLS, STB_GLOBAL, 2 },
	{ "section", 0x1500, 0x10, STT_SECTION, STB_LOCAL, 1 },
	{ "file.c", 0x1500, 0x10, STT_FILE, STB_LOCAL, 1 },
	{ "comment", 0x1500, 0x10, STT_OBJECT, STB_LOCAL, 5 },
	{ "nowhere", 0x1500, 0x10, STT_OBJECT, STB_LOCAL, 99 },
	{ "", 0x1500, 0x10, STT_OBJECT, STB_LOCAL, 1 },
	{ "room", 0x3f00, 0x1000, STT_OBJECT, STB_GLOBAL, 3 },
	{ "_room", 0x3f00, 0x1000, STT_OBJECT, STB_GLOBAL, 3 },
	{ "a", 0x3f00, 0x1000, STT_OBJECT, STB_WEAK, 3 },
	{ "A", 0x3f00, 0x1000, STT_OBJECT, STB_LOCAL, 3 },
	{ "inner", 0x4000, 0x10, STT_OBJECT, STB_GNU_UNIQUE, 4 },
	{ "in", 0x4000, 0x10, STT_OBJECT, STB_WEAK, 4 },
	{ "high", UINT64_MAX - 1, 0x10, STT_OBJECT, STB_GLOBAL, 4 },
	{ "gap", 0x2800, 0x2000, STT_OBJECT, STB_GLOBAL, 4 },
	{ "past", 0x5f00, 0x10, STT_OBJECT, STB_GLOBAL, 4 },
	{ "last", 0x5e00, UINT64_MAX, STT_OBJECT, STB_GLOBAL, 4 },
};

#define PARTS_BY_SYMBOL                                                                   \
	"main 1000-1100, resolver 1100-1200, assembled 1300-1310, room 3f00-4000, inner " \
	"4000-4010, room 4010-4f00, last 5e00-5f00"

static const struct image whole = {
	.segment = segments,
	.nr_segments = ARRAY_LEN(segments),
	.section = sections,
	.nr_sections = ARRAY_LEN(sections),
	.symbol = symbols,
	.nr_symbols = ARRAY_LEN(symbols),
	.table = SHT_SYMTAB,
	.build_id = ID,
	.build_id_bytes = sizeof(ID) - 1,
};

static const char *below(const char *name)
{
	snprintf(path, sizeof(path), "%s/%s", dir, name);
	return path;
}

static int read_file(const char *name, enum elf_parting by)
{
	elf_object_free(&object);
	err = (struct error){ 0 };
	return elf_object_read_path(&object, below(name), dir, by, &err);
}

static int read_image(const struct image *image, enum elf_parting by)
{
	return image_write(image, below("image")) ? read_file("image", by) : -EIO;
}

/* "main 1000-1100, ..." */
static const char *parts(void)
{
	static char said[4096];
	size_t used = 0;

	said[0] = '\0';
	for (size_t i = 0; i < object.nr_parts && used < sizeof(said); i++)
		used += (size_t)snprintf(said + used, sizeof(said) - used,
					 "%s%s %" PRIx64 "-%" PRIx64, i ? ", " : "",
					 object.part[i].name, object.part[i].start,
					 object.part[i].end);
	return said;
}

static void test_parts(void)
{
	ok(!read_image(&whole, ELF_BY_SECTION), "SYM01: a file by its sections");
	is_str(parts(), ".text 1000-1800, .data 3f00-4000, .bss 4000-5e80, .half 5e80-5f00",
	       "SYM02: those in memory, as far as they are in segments");
	is_str(object.build_id, ID_TEXT, "SYM03: its build ID");
	ok(object.nr_segments == 2 && object.segment[0].addr == 0x1000 &&
		   object.segment[0].executable && object.segment[1].offset == 0x3000 &&
		   object.segment[1].file_bytes == 0x100 && object.segment[1].mem_bytes == 0x2000 &&
		   !object.segment[1].executable,
	   "SYM04: its segments, sorted");
	is_str(elf_symbols_name(object.symbols), "none", "SYM05: symbols were not asked for");
	ok(!read_image(&whole, ELF_BY_SYMBOL), "SYM06: by its symbols");
	is_str(parts(), PARTS_BY_SYMBOL, "SYM07: each byte once, by the best name");
	is_str(elf_symbols_name(object.symbols), ".symtab", "SYM08: of its own");
}

static void test_classes(void)
{
	static const struct image_symbol narrow_symbols[] = {
		{ "main", 0x1000, 0x100, STT_FUNC, STB_GLOBAL, 1 },
		{ "room", 0x3f00, UINT32_MAX, STT_OBJECT, STB_GLOBAL, 3 },
	};
	struct image image = whole;

	image.order = ELFDATA2MSB;
	ok(!read_image(&image, ELF_BY_SYMBOL), "SYM09: of the other byte order");
	is_str(parts(), PARTS_BY_SYMBOL, "SYM10: the same parts");
	is_str(object.build_id, ID_TEXT, "SYM11: the same build ID");
	image = whole;
	image.class = ELFCLASS32;
	image.type = ET_EXEC;
	image.symbol = narrow_symbols;
	image.nr_symbols = ARRAY_LEN(narrow_symbols);
	ok(!read_image(&image, ELF_BY_SYMBOL), "SYM12: of 32 bits");
	is_str(parts(), "main 1000-1100, room 3f00-5f00", "SYM13: its parts");
	is_str(object.build_id, ID_TEXT, "SYM14: its build ID");
}

static void make_debug_dir(void)
{
	static const char *const dirs[] = { "usr", "usr/lib", "elsewhere", "elsewhere/.build-id",
					    "elsewhere/.build-id/01" };

	for (unsigned int i = 0; i < ARRAY_LEN(dirs); i++)
		mkdir(below(dirs[i]), 0700);
	ok(!symlink("../../elsewhere", below("usr/lib/debug")), "SYM15: a debug directory");
}

/* As it is for one who has this directory for his root.  valgrind does not know openat2(2). */
static void test_absolute_link(const struct image *image)
{
	const bool known = syscall(SYS_openat2, -1, NULL, NULL, 0) && errno != ENOSYS;

	unlink(below("usr/lib/debug"));
	ok(!symlink("/elsewhere", below("usr/lib/debug")) && !read_image(image, ELF_BY_SYMBOL) &&
		   (!known || object.symbols == ELF_SYMBOLS_DEBUG),
	   "SYM48: a link to the root's elsewhere%s", known ? "" : " # SKIP no openat2");
}

static void test_debug(void)
{
	struct image image = whole, debug = whole;

	image.table = SHT_DYNSYM;
	image.nr_symbols = 2;
	ok(!read_image(&image, ELF_BY_SYMBOL), "SYM16: a stripped file");
	is_str(parts(), "main 1000-1100, resolver 1100-1200", "SYM17: what it exports");
	is_str(elf_symbols_name(object.symbols), ".dynsym", "SYM18: and it is said so");
	make_debug_dir();
	debug.build_id = "\x01\x23\xab\xcd\xef\x00\x10\xfe";
	ok(image_write(&debug, below("elsewhere/.build-id/01/23abcdef0010ff.debug")) &&
		   !read_image(&image, ELF_BY_SYMBOL) && object.symbols == ELF_SYMBOLS_DYNSYM,
	   "SYM19: a debug file of another build ID is not taken");
	ok(image_write(&whole, below("elsewhere/.build-id/01/23abcdef0010ff.debug")) &&
		   !read_image(&image, ELF_BY_SYMBOL) && object.symbols == ELF_SYMBOLS_DEBUG,
	   "SYM20: the right one is");
	is_str(parts(), PARTS_BY_SYMBOL, "SYM21: and has all symbols");
	is_str(elf_symbols_name(object.symbols), "debug file", "SYM22: and it is said so");
	test_absolute_link(&image);
	ok(!read_image(&whole, ELF_BY_SYMBOL) && object.symbols == ELF_SYMBOLS_SYMTAB,
	   "SYM23: a file's own come first");
	image.nr_symbols = 0;
	image.build_id_bytes = 0;
	ok(!read_image(&image, ELF_BY_SYMBOL) && !object.nr_parts && !object.build_id[0] &&
		   object.symbols == ELF_SYMBOLS_NONE,
	   "SYM24: neither symbols nor a build ID");
	unlink(below("elsewhere/.build-id/01/23abcdef0010ff.debug"));
}

static void test_segments(void)
{
	static const struct image_segment strange[] = {
		{ 0, UINT64_MAX - 0x1000, 0x10, 0x1000, PF_R },
		{ 0, UINT64_MAX - 0x10, 0x10, 0x100, PF_R },
		{ UINT64_MAX - 1, 0x1000, 0x10, 0x100, PF_R },
		{ 0, 0x1000, 0x200, 0x100, PF_R },
		{ 0, 0x1000, 0, 0, PF_R },
	};
	struct image image = whole;

	image.segment = strange;
	image.nr_segments = ARRAY_LEN(strange);
	ok(read_image(&image, ELF_BY_SECTION) == -ENOEXEC && !object.segment && !object.part,
	   "SYM25: no segment that could be");
	ok(err.kind == ERROR_FAILED && strstr(err.text, "image is not an ELF program"),
	   "SYM26: what is wrong is said");
	image.nr_segments = 0;
	ok(read_image(&image, ELF_BY_SECTION) == -ENOEXEC, "SYM27: no segment at all");
	image = whole;
	image.type = ET_REL;
	ok(read_image(&image, ELF_BY_SECTION) == -ENOEXEC, "SYM28: not linked yet");
}

static bool write_text(const char *name, const void *text, size_t len)
{
	auto_close int fd = open(below(name), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	return fd >= 0 && write(fd, text, len) == (ssize_t)len;
}

static void test_other_files(void)
{
	ok(read_file("absent", ELF_BY_SECTION) == -ENOENT && strstr(err.text, "cannot open"),
	   "SYM29: no file");
	ok(write_text("text", "text", 4) && read_file("text", ELF_BY_SECTION) == -ENOEXEC,
	   "SYM30: not ELF");
	ok(write_text("text", "", 0) && read_file("text", ELF_BY_SECTION) == -ENOEXEC,
	   "SYM31: empty");
	ok(write_text("text", "!<arch>\n", 8) && read_file("text", ELF_BY_SECTION) == -ENOEXEC,
	   "SYM32: an archive");
	unlink(path);
	ok(!mkfifo(below("fifo"), 0600) && read_file("fifo", ELF_BY_SECTION) == -ENOEXEC,
	   "SYM33: a pipe, on which nobody waits");
	unlink(path);
	ok(read_file("", ELF_BY_SECTION) == -ENOEXEC, "SYM34: a directory");
}

/* The bytes of a file made whole. */
static unsigned char *load(size_t *len)
{
	unsigned char *bytes = NULL;
	struct stat st;

	if (!image_write(&whole, below("image")))
		return NULL;
	auto_close int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0 && !fstat(fd, &st))
		bytes = malloc((size_t)st.st_size);
	if (bytes && read(fd, bytes, (size_t)st.st_size) != st.st_size) {
		free(bytes);
		return NULL;
	}
	*len = bytes ? (size_t)st.st_size : 0;
	return bytes;
}

/* Whatever was read is in order. */
static bool is_sane(void)
{
	uint64_t at = 0;

	for (size_t i = 0; i < object.nr_parts; at = object.part[i++].end)
		if (object.part[i].start < at || object.part[i].start >= object.part[i].end ||
		    !*object.part[i].name)
			return false;
	return true;
}

static bool is_harmless(const void *bytes, size_t len)
{
	for (int by = ELF_BY_SECTION; by <= ELF_BY_SYMBOL; by++) {
		if (!write_text("broken", bytes, len))
			return false;
		if (read_file("broken", (enum elf_parting)by)
			    ? object.part || object.segment || !*err.text
			    : !is_sane())
			return false;
	}
	return true;
}

#define ROUNDS 3000

static void test_broken(void)
{
	size_t len = 0, good = 0;
	struct rng rng = { 7 };
	unsigned char *bytes = load(&len), *broken = malloc(len + 1);

	while (bytes && broken && good < len && is_harmless(bytes, good))
		good++;
	ok(len && good == len, "SYM35: a file cut short anywhere");
	for (good = 0; len && bytes && broken && good < ROUNDS; good++) {
		memcpy(broken, bytes, len);
		for (unsigned int i = 1 + rng_below(&rng, 8); i; i--)
			broken[rng_below(&rng, (unsigned int)len)] =
				rng_percent(&rng, 50) ? 0xff : (unsigned char)rng_next(&rng);
		if (!is_harmless(broken, len))
			break;
	}
	is_u64(good, ROUNDS, "SYM36: a file with any bytes changed");
	free(bytes);
	free(broken);
	unlink(below("broken"));
}

/* Without libelf, which would make no such file. */
static void test_hostile(void)
{
	size_t len = 0;
	unsigned char *bytes = load(&len);
	Elf64_Ehdr *header = (void *)bytes;
	struct image image = whole;
	Elf64_Shdr *section;

	if (!ok(bytes, "SYM37: a file to be broken"))
		return;
	section = (void *)(bytes + header->e_shoff);
	for (unsigned int i = 0; i < header->e_shnum; i++)
		section[i].sh_link = header->e_shstrndx - 2u; /* the symbols: their own names */
	ok(write_text("hostile", bytes, len) && !read_file("hostile", ELF_BY_SYMBOL) &&
		   !object.nr_parts && object.symbols == ELF_SYMBOLS_NONE,
	   "SYM38: names that are no names");
	header->e_shnum = 0;
	section->sh_size = UINT64_C(1) << 20;
	ok(write_text("hostile", bytes, len) && !truncate(path, INT64_C(1) << 30) &&
		   read_file("hostile", ELF_BY_SECTION) == -ENOEXEC,
	   "SYM39: more sections than there can be");
	free(bytes);
	image.names_flags = SHF_COMPRESSED;
	ok(!read_image(&image, ELF_BY_SECTION) && !object.nr_parts &&
		   !read_image(&image, ELF_BY_SYMBOL) && !object.nr_parts,
	   "SYM40: names that would have to be unpacked");
	unlink(below("hostile"));
}

/* The symbols' names are followed by those of the note and the table of names itself. */
#define OTHER_NAMES (sizeof(".note.id") + sizeof(".strtab"))

static void test_names(void)
{
	static const char id[80] = "too long";
	size_t len = 0;
	unsigned char *bytes = load(&len);
	Elf64_Ehdr *header = (void *)bytes;
	struct image image = whole;
	Elf64_Shdr *names;

	if (!ok(bytes, "SYM49: a file to be given other names"))
		return;
	names = (Elf64_Shdr *)(void *)(bytes + header->e_shoff) + header->e_shstrndx;
	names->sh_size -= OTHER_NAMES + 1;
	ok(write_text("hostile", bytes, len) && !read_file("hostile", ELF_BY_SYMBOL),
	   "SYM50: the end of the last name is missing");
	is_str(parts(), PARTS_BY_SYMBOL, "SYM51: and made up for");
	names->sh_size = UINT64_C(1) << 36;
	ok(write_text("hostile", bytes, len) && !read_file("hostile", ELF_BY_SYMBOL) &&
		   !object.nr_parts,
	   "SYM52: names beyond the end of the file");
	unlink(path);
	free(bytes);
	image.build_id = id;
	image.build_id_bytes = sizeof(id);
	ok(!read_image(&image, ELF_BY_SECTION) && object.nr_parts && !object.build_id[0],
	   "SYM53: a build ID that is too long");
}

/* A file of many gigabytes takes no space on the disk, and must take none in memory. */
static void test_huge(void)
{
	size_t len = 0;
	unsigned char *bytes = load(&len);
	Elf64_Ehdr *header = (void *)bytes;
	Elf64_Shdr *section;

	if (!ok(bytes, "SYM41: a file to be made huge"))
		return;
	section = (void *)(bytes + header->e_shoff);
	section[header->e_shstrndx].sh_size = UINT64_C(1) << 36;
	ok(write_text("huge", bytes, len) && !truncate(path, INT64_C(1) << 37) &&
		   read_file("huge", ELF_BY_SECTION) == -EFBIG && strstr(err.text, "too large"),
	   "SYM42: huge names are refused");
	for (unsigned int i = 0; i < header->e_shnum; i++)
		if (section[i].sh_type == SHT_SYMTAB)
			section[i].sh_size = UINT64_C(1) << 36;
	ok(write_text("huge", bytes, len) && !truncate(path, INT64_C(1) << 37) &&
		   read_file("huge", ELF_BY_SYMBOL) == -EFBIG,
	   "SYM43: and so are huge tables");
	unlink(path);
	free(bytes);
}

#define MANY 1000000u
#define MANY_NS INT64_C(60000000000)

static void test_many(void)
{
	static const struct image_segment big = { 0, 0, 1, (uint64_t)MANY * 16, PF_R };
	static const struct image_section all = { ".all", SHT_NOBITS, MEMORY, 0,
						  (uint64_t)MANY * 16 };
	struct image_symbol *many = calloc(MANY, sizeof(*many));
	char(*name)[16] = calloc(MANY, sizeof(*name));
	struct image image = {
		.segment = &big,
		.nr_segments = 1,
		.section = &all,
		.nr_sections = 1,
		.symbol = many,
		.nr_symbols = MANY,
		.table = SHT_SYMTAB,
	};
	const int64_t began_ns = clock_boot_ns();

	for (unsigned int i = 0; i < MANY && many && name; i++) {
		snprintf(name[i], sizeof(name[i]), "symbol%u", i);
		many[i] = (struct image_symbol){ name[i],    (uint64_t)16 * i, 16,
						 STT_OBJECT, STB_LOCAL,	       1 };
	}
	ok(many && name && !read_image(&image, ELF_BY_SYMBOL) && object.nr_parts == MANY,
	   "SYM44: a million symbols");
	ok(object.nr_parts == MANY && !strcmp(object.part[777777].name, "symbol777777") &&
		   object.part[777777].start == 777777 * 16,
	   "SYM45: all in their places");
	ok(clock_boot_ns() - began_ns < MANY_NS, "SYM46: in less than a minute");
	free(many);
	free(name);
}

static void remove_all(void)
{
	static const char *const names[] = { "image", "text", "usr/lib/debug" };
	static const char *const dirs[] = {
		"usr/lib", "usr", "elsewhere/.build-id/01", "elsewhere/.build-id", "elsewhere", "."
	};

	for (unsigned int i = 0; i < ARRAY_LEN(names); i++)
		unlink(below(names[i]));
	for (unsigned int i = 0; i < ARRAY_LEN(dirs) - 1; i++)
		rmdir(below(dirs[i]));
	rmdir(dir);
}

int main(void)
{
	unsigned int open_before;

	if (!ok(mkdtemp(dir), "SYM00: room for files"))
		return done();
	open_before = open_files();
	test_parts();
	test_classes();
	test_debug();
	test_segments();
	test_other_files();
	test_broken();
	test_hostile();
	test_names();
	test_huge();
	test_many();
	elf_object_free(&object);
	is_u64(open_files(), open_before, "SYM47: every descriptor was closed");
	remove_all();
	return done();
}
