/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * kernel/symbols.c and kernel/mapped_file.c: what processes have mapped.  No pidfd is needed
 * here, which the valgrind of contrib/check does not know.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include "elf_image.h"
#include "kernel/mapped_file.h"
#include "kernel/maps.h"
#include "kernel/symbols.h"
#include "tap.h"

char test_symbols_known[777] = { 1 };

struct child {
	struct proc proc;
	pid_t pid;
	int in;
	FILE *out;
};

static struct elf_object object;
static struct error err;

/* As proc_open(), which wants a pidfd. */
static struct proc hold(pid_t pid)
{
	struct proc proc = PROC_NONE;
	char path[32];

	snprintf(path, sizeof(path), "/proc/%d", pid);
	proc.pid = pid;
	proc.dirfd = open(path, O_DIRECTORY | O_RDONLY | O_CLOEXEC);
	return proc;
}

static bool read_maps(struct maps *maps, const struct proc *proc)
{
	auto_close int fd = openat(proc->dirfd, "maps", O_RDONLY | O_CLOEXEC);

	return fd >= 0 && !maps_read(maps, fd, &err);
}

static const struct mapping *mapping_of(const struct maps *maps, uint64_t addr)
{
	for (size_t i = 0; i < maps->list.nr; i++)
		if (maps->list.at[i].range.start <= addr && addr < maps->list.at[i].range.end)
			return &maps->list.at[i];
	return NULL;
}

/* The name of the part that this link-time address is in; its bounds in *range. */
static const char *part_at(uint64_t addr, struct range *range)
{
	for (size_t i = 0; i < object.nr_parts; i++)
		if (object.part[i].start <= addr && addr < object.part[i].end) {
			*range = (struct range){ object.part[i].start, object.part[i].end };
			return object.part[i].name;
		}
	return "none";
}

static int read_by(const struct proc *proc, const struct mapping *map, enum elf_parting by)
{
	elf_object_free(&object);
	return elf_object_read(&object, proc, map, by, &err);
}

/* Ours: any mapping of the file will do to find out where it is. */
static void test_self(void)
{
	const uint64_t addr = (uintptr_t)test_symbols_known;
	struct proc self = hold(getpid());
	struct maps maps = { 0 };
	struct range range = { 0 };
	const struct mapping *map = read_maps(&maps, &self) ? mapping_of(&maps, addr) : NULL;
	unsigned int nr = 0, alike = 0;
	uint64_t bias = 0, other;

	ok(map && !read_by(&self, map, ELF_BY_SYMBOL) && object.symbols == ELF_SYMBOLS_SYMTAB,
	   "SYML01: this program, by one of its mappings");
	ok(map && elf_object_bias(&object, &maps.list, map, &bias), "SYML02: where it is");
	is_str(part_at(addr - bias, &range), "test_symbols_known", "SYML03: a variable of it");
	ok(range.start == addr - bias && range_bytes(range) == sizeof(test_symbols_known),
	   "SYML04: its place and size");
	is_str(part_at((uintptr_t)test_self - bias, &range), "test_self",
	       "SYML05: a function that is not exported");
	for (size_t i = 0; map && i < maps.list.nr; i++) {
		if (maps.list.at[i].inode != map->inode || maps.list.at[i].dev != map->dev)
			continue;
		nr++;
		alike += elf_object_bias(&object, &maps.list, &maps.list.at[i], &other) &&
			 other == bias;
	}
	ok(nr > 2 && alike == nr, "SYML06: each of its mappings tells the same");
	ok(map && !read_by(&self, map, ELF_BY_SECTION) &&
		   !strcmp(part_at(addr - bias, &range), ".data"),
	   "SYML07: its section");
	maps_free(&maps);
	proc_close(&self);
}

/* Of a library, which has been loaded elsewhere. */
static void test_library(void)
{
	struct proc self = hold(getpid());
	struct maps maps = { 0 };
	struct range range = { 0 };
	const uint64_t addr = (uintptr_t)stdout; /* an object in its .data, if it is glibc's */
	const struct mapping *map = read_maps(&maps, &self) ? mapping_of(&maps, addr) : NULL;
	uint64_t bias = 0;

	ok(map && map->name[0] == '/' && !read_by(&self, map, ELF_BY_SYMBOL) &&
		   elf_object_bias(&object, &maps.list, map, &bias),
	   "SYML08: the C library");
	is_str(part_at(addr - bias, &range), "_IO_2_1_stdout_", "SYML09: its stdout");
	maps_free(&maps);
	proc_close(&self);
}

/* tests/helpers/parts, beside tests/unit/test_symbols_live. */
static bool child_start(struct child *child)
{
	char helper[4096];
	ssize_t len = readlink("/proc/self/exe", helper, sizeof(helper) - 32);
	char *slash = len > 0 ? memrchr(helper, '/', (size_t)len) : NULL;
	int in[2], out[2];

	if (!slash || pipe2(in, O_CLOEXEC) || pipe2(out, O_CLOEXEC))
		return false;
	snprintf(slash, 32, "/../helpers/parts");
	child->pid = fork();
	if (!child->pid) {
		dup2(in[0], STDIN_FILENO);
		dup2(out[1], STDOUT_FILENO);
		execl(helper, helper, NULL);
		_exit(127);
	}
	close(in[0]);
	close(out[1]);
	child->in = in[1];
	child->out = fdopen(out[0], "r");
	child->proc = hold(child->pid);
	return child->pid > 0 && child->out;
}

static void child_end(struct child *child)
{
	int status = -1;

	close(child->in);
	fclose(child->out);
	waitpid(child->pid, &status, 0);
	proc_close(&child->proc);
	ok(status == 0, "SYML10: the program ends well");
}

/* The mapping of the program that has the code. */
static const struct mapping *code_of(const struct maps *maps)
{
	for (size_t i = 0; i < maps->list.nr; i++)
		if (strstr(maps->list.at[i].name, "/parts") && maps->list.at[i].perms & PERM_EXEC)
			return &maps->list.at[i];
	return NULL;
}

struct saying {
	char name[64];
	uint64_t addr;
	size_t bytes;
};

/* "bss_room 55d3c0a04060 800000" */
static bool child_says(const struct child *child, struct saying *saying)
{
	char line[128], *end;
	size_t len;

	*saying = (struct saying){ .name = "" };
	if (!fgets(line, sizeof(line), child->out))
		return false;
	len = strcspn(line, " ");
	if (len >= sizeof(saying->name))
		return false;
	memcpy(saying->name, line, len);
	saying->addr = strtoull(line + len, &end, 16);
	saying->bytes = strtoull(end, &end, 16);
	return *end == '\n';
}

/* Are all the bytes of this part under this name, and are they in a segment's pages? */
static bool is_there(const struct saying *saying, uint64_t bias)
{
	const uint64_t addr = saying->addr;
	struct range range = { 0 };
	bool within = false;

	if (strcmp(part_at(addr - bias, &range), saying->name) != 0 || range.start != addr - bias ||
	    (saying->bytes > 1 && range_bytes(range) != saying->bytes))
		return false;
	for (size_t i = 0; i < object.nr_segments; i++) {
		struct range pages = elf_segment_range(&object.segment[i], bias);

		within |= pages.start <= addr && addr + saying->bytes <= pages.end;
	}
	return within;
}

/* What it says of itself is the truth. */
static void test_program(void)
{
	struct child child = { .proc = PROC_NONE };
	struct maps maps = { 0 };
	const struct mapping *map;
	struct saying saying;
	struct range range;
	unsigned int nr = 0;
	uint64_t bias = 0;

	if (!ok(child_start(&child), "SYML11: a program of known parts"))
		return;
	/* It is there when it speaks. */
	bool said = child_says(&child, &saying);

	map = said && read_maps(&maps, &child.proc) ? code_of(&maps) : NULL;
	ok(map && !read_by(&child.proc, map, ELF_BY_SYMBOL) &&
		   elf_object_bias(&object, &maps.list, map, &bias),
	   "SYML12: is read, and where it is");
	for (; said && saying.name[0] != '-'; nr++) {
		ok(is_there(&saying, bias), "SYML13: its %s", saying.name);
		said = child_says(&child, &saying);
	}
	is_u64(nr, 6, "SYML14: all that it told of");
	is_str(part_at(saying.addr - bias, &range), "none",
	       "SYML15: what each thread has is no part");
	child_end(&child);
	maps_free(&maps);
}

/* Two segments begin in the same page of the file, both mapped to be read. */
static void test_ambiguous(void)
{
	struct elf_segment segment[] = {
		{ 0, 0, 0x500, 0x500, false },
		{ 0x1000, 0x1000, 0x800, 0x800, true },
		{ 0x2000, 0x2000, 0x120, 0x120, false },
		{ 0x2df0, 0x3df0, 0x300, 0x9300, false },
	};
	const struct elf_object two = { .segment = segment, .nr_segments = ARRAY_LEN(segment) };
	struct mapping map[] = {
		{ { 0x50000, 0x51000 }, PERM_READ, 0, 1, 9, "/a" },
		{ { 0x51000, 0x52000 }, PERM_READ | PERM_EXEC, 0x1000, 1, 9, "/a" },
		{ { 0x52000, 0x53000 }, PERM_READ, 0x2000, 1, 9, "/a" },
		{ { 0x53000, 0x54000 }, PERM_READ, 0x2000, 1, 9, "/a" },
		{ { 0x54000, 0x55000 }, PERM_READ | PERM_WRITE, 0x3000, 1, 9, "/a" },
		{ { 0x55000, 0x5d000 }, PERM_READ | PERM_WRITE, 0, 0, 0, "" },
		{ { 0x70000, 0x75000 }, PERM_READ, 0, 1, 9, "/a" },
		{ { 0x80000, 0x81000 }, PERM_READ, 0, 1, 9, "/a" },
		{ { 0x81000, 0x82000 }, PERM_READ | PERM_EXEC, 0x1000, 1, 9, "/a" },
		{ { 0x82000, 0x83000 }, PERM_READ, 0x2000, 1, 8, "/b" },
		{ { 0x83000, 0x84000 }, PERM_READ, 0x2000, 1, 9, "/a" },
		{ { 0x90000, 0x91000 }, PERM_READ, 0x9000, 1, 9, "/a" },
		{ { 0xa0000, 0xa1000 }, PERM_READ, 0, 1, 9, "/a" },
		{ { 0xa1000, 0xa2000 }, PERM_READ | PERM_EXEC, 0x1000, 1, 8, "/b" },
		{ { 0xa2000, 0xa3000 }, PERM_READ, 0x2000, 1, 8, "/b" },
		{ { 0xa3000, 0xa4000 }, PERM_READ, 0x2000, 1, 8, "/b" },
		{ { 0xb0000, 0xb1000 }, PERM_READ, 0, 1, 9, "/a" },
		{ { 0xb1000, 0xb2000 }, PERM_READ | PERM_EXEC, 0x1000, 2, 9, "/b" },
		{ { 0xb2000, 0xb3000 }, PERM_READ, 0x2000, 2, 9, "/b" },
		{ { 0xb3000, 0xb4000 }, PERM_READ, 0x2000, 2, 9, "/b" },
	};
	const struct mapping_list list = { map, ARRAY_LEN(map), ARRAY_LEN(map) };
	uint64_t bias = 0;

	for (unsigned int i = 0; i < 5; i++)
		ok(elf_object_bias(&two, &list, &map[i], &bias) && bias == 0x50000,
		   "SYML16: mapping %u, which others resemble", i);
	ok(!elf_object_bias(&two, &list, &map[5], &bias), "SYML17: a mapping of no file");
	ok(!elf_object_bias(&two, &list, &map[6], &bias),
	   "SYML18: a file that is read, not loaded");
	ok(elf_object_bias(&two, &list, &map[10], &bias) && bias == 0x80000,
	   "SYML19: loaded a second time, and part of it gone");
	ok(!elf_object_bias(&two, &list, &map[11], &bias), "SYML20: beyond all segments");
	ok(!elf_object_bias(&two, &list, &map[12], &bias) &&
		   !elf_object_bias(&two, &list, &map[16], &bias),
	   "SYML33: between other files");
	ok(range_equal(elf_segment_range(&segment[3], 0x50000), (struct range){ 0x53000, 0x5e000 }),
	   "SYML21: the pages of a segment with .bss");
}

/* Of two places that could be, the one where all is as it should be. */
static void test_best(void)
{
	struct elf_segment segment[] = {
		{ 0, 0, 0x1000, 0x1000, false },
		{ 0, 0x1000, 0x1000, 0x1000, false },
		{ 0, 0x2000, 0x1000, 0x1000, false },
	};
	const struct elf_object three = { .segment = segment, .nr_segments = ARRAY_LEN(segment) };
	const struct elf_object one = { .segment = segment, .nr_segments = 1 };
	struct mapping map[] = {
		{ { 0x10000, 0x11000 }, PERM_READ, 0, 1, 9, "/a" },
		{ { 0x11000, 0x12000 }, PERM_READ, 0, 1, 9, "/a" },
		{ { 0x12000, 0x13000 }, PERM_READ, 0, 1, 9, "/a" },
		{ { 0x20000, 0x21000 }, PERM_READ, 0, 0, 0, "" },
	};
	const struct mapping_list list = { map, ARRAY_LEN(map), ARRAY_LEN(map) };
	uint64_t bias = 0;

	for (unsigned int i = 0; i < 3; i++)
		ok(elf_object_bias(&three, &list, &map[i], &bias) && bias == 0x10000,
		   "SYML34: mapping %u, of three that are all alike", i);
	ok(!elf_object_bias(&one, &list, &map[3], &bias), "SYML35: anonymous memory is no file");
}

/* A file is mapped, and then something happens to it. */
#define FILE_BYTES 4096u
static char dir[] = "/tmp/test_symbols_live.XXXXXX";

static const char *below(char path[64], const char *name)
{
	snprintf(path, 64, "%s/%s", dir, name);
	return path;
}

static bool make_file(const char *name, const char *symbol)
{
	static const struct image_segment segment = { 0, 0x1000, 0x1000, 0x1000, PF_R };
	static const struct image_section section = { ".data", SHT_NOBITS, SHF_ALLOC, 0x1000,
						      0x1000 };
	const struct image_symbol one = { symbol, 0x1000, 16, STT_OBJECT, STB_GLOBAL, 1 };
	const struct image image = { .segment = &segment,
				     .nr_segments = 1,
				     .section = &section,
				     .nr_sections = 1,
				     .symbol = &one,
				     .nr_symbols = 1,
				     .table = SHT_SYMTAB };
	char path[64];

	return image_write(&image, below(path, name));
}

static void *map_file(const char *name)
{
	char path[64];
	auto_close int fd = open(below(path, name), O_RDONLY | O_CLOEXEC);

	return mmap(NULL, FILE_BYTES, PROT_READ, MAP_PRIVATE, fd, 0);
}

/* Read by the mapping at this address; or as if map_files had no such mapping, by its name. */
static const char *symbol_of(pid_t pid, const void *at, bool by_name)
{
	struct proc proc = hold(pid);
	struct maps maps = { 0 };
	const struct mapping *found = read_maps(&maps, &proc) ? mapping_of(&maps, (uintptr_t)at)
							      : NULL;
	struct mapping map = found ? *found : (struct mapping){ .name = "" };
	char name[256], *deleted;
	int rc;

	snprintf(name, sizeof(name), "%s", map.name);
	deleted = strstr(name, " (deleted)");
	if (by_name) {
		map.name = name;
		map.range.start++;
		if (deleted)
			*deleted = '\0';
	}
	rc = read_by(&proc, &map, ELF_BY_SYMBOL);
	maps_free(&maps);
	proc_close(&proc);
	return rc ? strerrorname_np(-rc) : object.nr_parts == 1 ? object.part[0].name : "none";
}

/* The names in its maps are those that we see, not those that it sees. */
static void test_chrooted(const void *at)
{
	int ready[2] = { -1, -1 }, life[2] = { -1, -1 };
	bool made = !pipe(ready) && !pipe(life);
	pid_t pid = made ? fork() : -1;
	char byte;

	if (!pid) {
		close(ready[0]);
		close(life[1]);
		_exit(chroot(dir) || write(ready[1], "", 1) != 1 || read(life[0], &byte, 1));
	}
	close(ready[1]);
	close(life[0]);
	ok(pid > 0 && read(ready[0], &byte, 1) == 1, "SYML36: a process with another root");
	is_str(symbol_of(pid, at, true), "old_one", "SYML37: its file is found from ours");
	close(ready[0]);
	close(life[1]);
	waitpid(pid, NULL, 0);
}

static void test_replaced(void)
{
	char from[64], to[64];
	bool made = make_file("new\nline", "old_one") && make_file("other", "new_one");
	void *at = map_file("new\nline");
	bool may_open = !access("/proc/self/map_files", R_OK | X_OK) && geteuid() == 0;

	ok(made && at != MAP_FAILED, "SYML22: a mapped file");
	is_str(symbol_of(getpid(), at, false), "old_one", "SYML23: by its mapping");
	is_str(symbol_of(getpid(), at, true), "old_one",
	       "SYML24: by its name, with a newline in it");
	if (geteuid() == 0)
		test_chrooted(at);
	ok(!rename(below(from, "other"), below(to, "new\nline")), "SYML25: another in its place");
	is_str(symbol_of(getpid(), at, true), "ESTALE", "SYML26: that is not taken for it");
	ok(strstr(err.text, "has been replaced"), "SYML27: and it is said");
	if (may_open)
		is_str(symbol_of(getpid(), at, false), "old_one",
		       "SYML28: the mapping still has the old one");
	munmap(at, FILE_BYTES);
	at = mmap(NULL, FILE_BYTES, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	is_str(symbol_of(getpid(), at, false), "ENOEXEC", "SYML29: a mapping of no file");
	munmap(at, FILE_BYTES);
	unlink(to);
}

/* Device and inode: of the very file, of another, and where stat(2) does not tell. */
static void test_shows(void)
{
	char path[64], other[64];
	bool made = make_file("one", "one") && make_file("two", "two");
	auto_close int fd = open(below(path, "one"), O_RDONLY | O_CLOEXEC);
	auto_close int second = open(below(other, "two"), O_RDONLY | O_CLOEXEC);
	auto_close int null = open("/dev/zero", O_RDONLY | O_CLOEXEC);
	struct proc self = hold(getpid());
	void *at = map_file("one");
	struct maps maps = { 0 };
	const struct mapping *map = read_maps(&maps, &self) ? mapping_of(&maps, (uintptr_t)at)
							    : NULL;
	struct mapping elsewhere = map ? *map : (struct mapping){ .name = "" };

	elsewhere.dev++;
	ok(made && map && mapped_file_shows(fd, map) && !mapped_file_shows(second, map),
	   "SYML30: a file is told from another");
	ok(!mapped_file_shows(fd, &elsewhere) && !mapped_file_shows(null, map) &&
		   !mapped_file_shows(-1, map),
	   "SYML31: also from one of another device, and from what is no file");
	maps_free(&maps);
	proc_close(&self);
	munmap(at, FILE_BYTES);
	unlink(path);
	unlink(other);
}

int main(void)
{
	unsigned int open_before;

	if (!ok(mkdtemp(dir), "SYML00: room for files"))
		return done();
	open_before = open_files();
	test_self();
	test_library();
	test_program();
	test_ambiguous();
	test_best();
	test_replaced();
	test_shows();
	elf_object_free(&object);
	is_u64(open_files(), open_before, "SYML32: every descriptor was closed");
	rmdir(dir);
	return done();
}
