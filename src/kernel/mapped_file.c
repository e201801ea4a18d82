/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which file a mapping shows: /proc/PID/map_files, names, and our own maps to compare with. */
#include "config.h"

#include "kernel/mapped_file.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>

#include "kernel/maps.h"

/* /proc/PID/map_files/7f2c4a600000-7f2c4a800000 */
int mapped_file_open(const struct proc *proc, const struct mapping *map, int flags)
{
	char name[64];

	snprintf(name, sizeof(name), "map_files/%" PRIx64 "-%" PRIx64, map->range.start,
		 map->range.end);
	return proc_openat(proc, name, flags);
}

bool mapped_file_is(const struct stat *st, const struct mapping *map)
{
	return st->st_ino == map->inode && major(st->st_dev) == map->dev >> 32 &&
	       minor(st->st_dev) == (map->dev & UINT32_MAX);
}

/* Our own mapping at this address, compared with that of the target. */
static bool looks_alike(uint64_t addr, const struct mapping *map)
{
	auto_close int fd = open("/proc/self/maps", O_RDONLY | O_CLOEXEC);
	struct maps maps = { 0 };
	struct error ignored;
	bool alike = false;

	if (fd < 0 || maps_read(&maps, fd, &ignored))
		maps.list.nr = 0;
	for (size_t i = 0; i < maps.list.nr; i++)
		if (maps.list.at[i].range.start == addr)
			alike = maps.list.at[i].dev == map->dev &&
				maps.list.at[i].inode == map->inode;
	maps_free(&maps);
	return alike;
}

bool mapped_file_shows(int fd, const struct mapping *map)
{
	struct stat st;
	bool alike;
	void *at;

	if (fstat(fd, &st) || !S_ISREG(st.st_mode))
		return false;
	if (mapped_file_is(&st, map))
		return true;
	at = mmap(NULL, PAGE_BYTES, PROT_NONE, MAP_PRIVATE, fd, 0);
	if (at == MAP_FAILED)
		return false;
	alike = looks_alike((uintptr_t)at, map);
	munmap(at, PAGE_BYTES);
	return alike;
}

/* Where openat2(2) is unknown or filtered, absolute links lead out of root. */
int mapped_file_open_below(int root, const char *path, int flags)
{
	const struct open_how how = {
		.flags = (unsigned int)flags | O_CLOEXEC,
		.resolve = RESOLVE_IN_ROOT,
	};
	int fd = (int)syscall(SYS_openat2, root, path, &how, sizeof(how));

	if (fd < 0 && (errno == ENOSYS || errno == EPERM))
		fd = openat(root, path + strspn(path, "/"), flags | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

/* A newline in a name is written as \012, and a backslash as itself. */
static void take_name(char *path, const char *name)
{
	while (*name) {
		const bool newline = !strncmp(name, "\\012", 4);

		*path++ = newline ? '\n' : *name;
		name += newline ? 4 : 1;
	}
	*path = '\0';
}

/* -ENOENT: no file there, or not that one. */
static int open_named(int root, const char *path, const struct mapping *map, int flags)
{
	int fd = mapped_file_open_below(root, path, flags);

	if (fd < 0 || mapped_file_shows(fd, map))
		return fd;
	close(fd);
	return -ENOENT;
}

static int refuse(int rc, const struct proc *proc, const struct mapping *map, const char *why,
		  struct error *err)
{
	(void)error_set(err, ERROR_FAILED, 0, "what process %d has mapped as '%s' %s", proc->pid,
			map->name, why);
	return rc;
}

static int find_by_name(const struct proc *proc, const struct mapping *map, int flags,
			struct error *err)
{
	auto_close int own = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	auto_close int root = proc_open_file(proc, "root", O_PATH | O_DIRECTORY, err);
	char path[PATH_MAX];
	int fd;

	if (root < 0)
		return root;
	if (strlen(map->name) >= sizeof(path))
		return error_errno(err, ENAMETOOLONG, "cannot open %s", map->name);
	take_name(path, map->name);
	fd = open_named(root, path, map, flags);
	if (fd == -ENOENT && own >= 0) /* a target that has called chroot(2) */
		fd = open_named(own, path, map, flags);
	if (fd == -ENOENT)
		return error_errno(
			err, ESTALE,
			"the file %s has been replaced or deleted since process %d mapped it",
			map->name, proc->pid);
	return fd < 0 ? error_errno(err, -fd, "cannot open %s", map->name) : fd;
}

int mapped_file_find(const struct proc *proc, const struct mapping *map, int flags,
		     struct error *err)
{
	int fd = mapped_file_open(proc, map, flags);

	/* There may be another one now. */
	if (fd >= 0 && mapped_file_shows(fd, map))
		return fd;
	util_close(&fd);
	if (map->name[0] != '/')
		return refuse(-ENOEXEC, proc, map, "is not a file", err);
	return find_by_name(proc, map, flags, err);
}
