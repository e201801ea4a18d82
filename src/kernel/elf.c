/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ELF files, through libelf (gelf(3), elf(5)). */
#include "config.h"

#include "kernel/elf.h"

#include <elf.h>
#include <errno.h>
#include <gelf.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>

#include "kernel/elf_file.h"
#include "kernel/remote.h"

#if defined(__x86_64__)
#define NATIVE_MACHINE EM_X86_64
#elif defined(__aarch64__)
#define NATIVE_MACHINE EM_AARCH64
#else
#define NATIVE_MACHINE EM_NONE
#endif

#define SCRIPT_DEPTH 4 /* as the kernel: fs/exec.c, exec_binprm */

struct elf_image {
	struct elf_file file;
	const char *bytes; /* the whole file, owned by file.elf */
	size_t len;
};

static int image_begin(struct elf_image *image, int fd)
{
	int rc = elf_file_begin(&image->file, fd, ELF_C_READ_MMAP);

	if (rc)
		return rc;
	image->bytes = elf_rawfile(image->file.elf, &image->len);
	if (image->bytes)
		return 0;
	elf_file_end(&image->file);
	return -ENOEXEC;
}

/* The offset of the pattern in [from, to) of the image, or -1. */
static int64_t image_find(const char *image, uint64_t from, uint64_t to,
			  const struct code_pattern *pattern)
{
	const char *found;

	if (from >= to)
		return -1;
	found = memmem(image + from, to - from, pattern->bytes, pattern->len);
	return found ? found - image : -1;
}

static bool stands_there(const struct proc *proc, uint64_t addr, const struct code_pattern *pattern)
{
	unsigned char code[32];

	return pattern->len <= sizeof(code) &&
	       !remote_read(proc_living_thread(proc), addr, code, pattern->len) &&
	       !memcmp(code, pattern->bytes, pattern->len);
}

/* Search one executable segment of the mapped file where the mapping shows it. */
static uint64_t segment_find(const struct proc *proc, const struct elf_image *image,
			     const GElf_Phdr *segment, const struct mapping *map,
			     const struct code_pattern *pattern)
{
	uint64_t map_end = map->offset + range_bytes(map->range);
	uint64_t end = segment->p_offset + segment->p_filesz;
	uint64_t from = segment->p_offset > map->offset ? segment->p_offset : map->offset;
	uint64_t to = end < map_end ? end : map_end;
	int64_t offset;

	if (to > image->len)
		to = image->len;
	while ((offset = image_find(image->bytes, from, to, pattern)) >= 0) {
		uint64_t addr = map->range.start + ((uint64_t)offset - map->offset);

		if (stands_there(proc, addr, pattern))
			return addr;
		from = (uint64_t)offset + 1;
	}
	return 0;
}

static uint64_t file_find(const struct proc *proc, const struct mapping *map,
			  const struct code_pattern *pattern)
{
	char path[PATH_MAX + 8];
	struct elf_image image;
	GElf_Phdr segment;
	size_t nr = 0;
	uint64_t addr = 0;

	/* Through the target's root, so that containers are seen as they see themselves. */
	if (snprintf(path, sizeof(path), "root%s", map->name) >= (int)sizeof(path) ||
	    image_begin(&image, proc_openat(proc, path, ELF_FILE_FLAGS)))
		return 0;
	if (!elf_getphdrnum(image.file.elf, &nr))
		for (size_t i = 0; i < nr && !addr; i++)
			if (gelf_getphdr(image.file.elf, (int)i, &segment) &&
			    segment.p_type == PT_LOAD && segment.p_flags & PF_X)
				addr = segment_find(proc, &image, &segment, map, pattern);
	elf_file_end(&image.file);
	return addr;
}

/* For mappings whose file cannot be had ([vdso], replaced libraries). */
static uint64_t memory_find(const struct proc *proc, const struct mapping *map,
			    const struct code_pattern *pattern)
{
	static char window[65536 + 32];
	const int tid = proc_living_thread(proc);

	for (uint64_t addr = map->range.start; addr < map->range.end; addr += 65536) {
		uint64_t left = map->range.end - addr;
		size_t len = left < sizeof(window) ? left : sizeof(window);
		int64_t offset;

		if (remote_read(tid, addr, window, len))
			return 0;
		offset = image_find(window, 0, len, pattern);
		if (offset >= 0)
			return addr + (uint64_t)offset;
	}
	return 0;
}

typedef uint64_t find_fn(const struct proc *, const struct mapping *, const struct code_pattern *);

int elf_find_code(const struct proc *proc, const struct mapping_list *maps,
		  const struct code_pattern *patterns, unsigned int nr, uint64_t *addr,
		  struct error *err)
{
	static find_fn *const ways[] = { file_find, memory_find };
	unsigned char probe;

	for (unsigned int way = 0; way < ARRAY_LEN(ways); way++) {
		for (size_t m = 0; m < maps->nr; m++) {
			const struct mapping *map = &maps->at[m];

			if (!(map->perms & PERM_EXEC))
				continue;
			for (unsigned int p = 0; p < nr; p++) {
				*addr = ways[way](proc, map, &patterns[p]);
				if (*addr)
					return 0;
			}
		}
	}
	/* Nothing there, or nothing to be seen? */
	if (maps->nr &&
	    remote_read(proc_living_thread(proc), maps->at[0].range.start, &probe, 1) == -EPERM)
		return error_set(err, ERROR_DENIED, EPERM,
				 "cannot read the memory of process %d (needs CAP_SYS_PTRACE)",
				 proc->pid);
	return -ENOENT;
}

static enum elf_verdict judge_file(const struct elf_file *file)
{
	GElf_Ehdr header;
	GElf_Phdr segment;
	size_t nr = 0;

	if (!gelf_getehdr(file->elf, &header) || elf_getphdrnum(file->elf, &nr))
		return ELF_UNKNOWN;
	if (header.e_machine != NATIVE_MACHINE || header.e_ident[EI_CLASS] != ELFCLASS64)
		return ELF_FOREIGN;
	for (size_t i = 0; i < nr; i++)
		if (gelf_getphdr(file->elf, (int)i, &segment) && segment.p_type == PT_INTERP)
			return ELF_PRELOADABLE;
	return ELF_STATIC;
}

/* #!/usr/bin/env -S python3 */
static bool script_interpreter(int fd, char *path, size_t size)
{
	char line[PATH_MAX];
	ssize_t got = pread(fd, line, sizeof(line) - 1, 0);
	char *start;

	if (got < 3 || line[0] != '#' || line[1] != '!')
		return false;
	line[got] = '\0';
	start = line + 2 + strspn(line + 2, " \t");
	start[strcspn(start, " \t\n")] = '\0';
	return *start && snprintf(path, size, "%s", start) < (int)size;
}

static bool gains_privilege(int fd)
{
	struct stat st;

	if (fstat(fd, &st))
		return false;
	return ((st.st_mode & S_ISUID) && st.st_uid != geteuid()) ||
	       ((st.st_mode & S_ISGID) && (st.st_mode & S_IXGRP) && st.st_gid != getegid()) ||
	       (geteuid() != 0 && fgetxattr(fd, "security.capability", NULL, 0) > 0);
}

enum elf_verdict elf_judge_running(const struct proc *proc)
{
	enum elf_verdict verdict;
	struct elf_file file;

	if (elf_file_begin(&file, openat(proc->dirfd, "exe", ELF_FILE_FLAGS), ELF_C_READ))
		return ELF_UNKNOWN;
	verdict = judge_file(&file);
	elf_file_end(&file);
	return verdict;
}

enum elf_verdict elf_judge(const char *path)
{
	char script[PATH_MAX];

	for (int depth = 0; depth < SCRIPT_DEPTH; depth++) {
		int fd = open(path, ELF_FILE_FLAGS);
		enum elf_verdict verdict;
		struct elf_file file;

		if (fd < 0)
			return ELF_UNKNOWN;
		if (script_interpreter(fd, script, sizeof(script))) {
			close(fd);
			path = script;
			continue;
		}
		if (gains_privilege(fd)) {
			close(fd);
			return ELF_PRIVILEGED;
		}
		if (elf_file_begin(&file, fd, ELF_C_READ))
			return ELF_UNKNOWN;
		verdict = judge_file(&file);
		elf_file_end(&file);
		return verdict;
	}
	return ELF_UNKNOWN;
}

const char *elf_verdict_text(enum elf_verdict verdict)
{
	static const char *const texts[] = {
		[ELF_PRELOADABLE] = "dynamically linked",
		[ELF_STATIC] = "statically linked",
		[ELF_PRIVILEGED] = "set-user-ID, set-group-ID or has file capabilities",
		[ELF_FOREIGN] = "a program for another architecture",
		[ELF_UNKNOWN] = "not a program that can be read",
	};

	return texts[verdict];
}
