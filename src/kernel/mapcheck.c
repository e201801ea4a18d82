/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One question to /proc/PID/maps (Linux 6.18 fs/proc/task_mmu.c, do_procmap_query). */
#include "config.h"

#include "kernel/mapcheck.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "kernel/uapi.h"

static unsigned int perms_of(uint64_t flags)
{
	return (flags & PROCMAP_QUERY_VMA_READABLE ? PERM_READ : 0u) |
	       (flags & PROCMAP_QUERY_VMA_WRITABLE ? PERM_WRITE : 0u) |
	       (flags & PROCMAP_QUERY_VMA_EXECUTABLE ? PERM_EXEC : 0u) |
	       (flags & PROCMAP_QUERY_VMA_SHARED ? PERM_SHARED : 0u);
}

static int query(int fd, uint64_t addr, struct mapping *map)
{
	struct procmap_query q = { .size = sizeof(q), .query_addr = addr };

	if (ioctl(fd, PROCMAP_QUERY, &q))
		return -errno;
	*map = (struct mapping){
		.range = { q.vma_start, q.vma_end },
		.perms = perms_of(q.vma_flags),
		.offset = q.vma_offset,
		.dev = (uint64_t)q.dev_major << 32 | q.dev_minor,
		.inode = q.inode,
		.name = "",
	};
	return 0;
}

int mapcheck_open(struct mapcheck *check, const struct proc *proc, struct error *err)
{
	auto_close int fd = proc_open_file(proc, "maps", O_RDONLY, err);
	struct mapping map;
	int rc;

	*check = (struct mapcheck){ .proc = proc, .fd = -1 };
	if (fd < 0)
		return fd;
	rc = query(fd, 0, &map);
	check->query = !rc || rc == -ENOENT;
	return 0;
}

/* Twice what is there now, for both the text and the mappings. */
static bool grow(struct maps *maps)
{
	size_t cap = 2 * maps->list.nr + 256, bytes = 2 * maps->cap + 65536;
	struct mapping *at = realloc(maps->list.at, cap * sizeof(*at));
	char *text = realloc(maps->text, bytes);

	if (at) {
		maps->list.at = at;
		maps->list.cap = cap;
	}
	if (text) {
		maps->text = text;
		maps->cap = bytes;
	}
	return at && text;
}

int mapcheck_prepare(struct mapcheck *check, struct error *err)
{
	int rc;

	if (check->query)
		return 0;
	auto_close int fd = proc_open_file(check->proc, "maps", O_RDONLY, err);
	rc = fd < 0 ? fd : maps_read(&check->maps, fd, err);
	if (!rc && !grow(&check->maps))
		rc = error_errno(err, ENOMEM, "reading the target's maps");
	return rc;
}

void mapcheck_close(struct mapcheck *check)
{
	util_close(&check->fd);
	maps_free(&check->maps);
	*check = (struct mapcheck){ .fd = -1 };
}

static int read_text(const struct mapcheck *check)
{
	size_t used = 0;
	ssize_t got;

	if (!check->maps.text)
		return -ENOBUFS;
	while ((got = read(check->fd, check->maps.text + used, check->maps.cap - 1 - used)) > 0)
		used += (size_t)got;
	if (got < 0)
		return -errno;
	if (used == check->maps.cap - 1)
		return -ENOBUFS;
	check->maps.text[used] = '\0';
	return 0;
}

/* A line is a mapping: maps_parse() shall not have to grow its list. */
static bool lines_fit(const struct mapcheck *check)
{
	size_t nr = 1;

	for (const char *at = check->maps.text; (at = strchr(at, '\n')); at++)
		nr++;
	return nr < check->maps.list.cap;
}

int mapcheck_begin(struct mapcheck *check, int tid)
{
	struct error err;
	char path[48];
	int rc;

	snprintf(path, sizeof(path), "task/%d/maps", tid);
	check->fd = openat(check->proc->dirfd, path, O_RDONLY | O_CLOEXEC);
	if (check->fd < 0)
		return errno == ENOENT ? -ESRCH : -errno;
	if (check->query)
		return 0;
	rc = read_text(check);
	if (!rc && !lines_fit(check))
		rc = -ENOBUFS;
	return rc ? rc : maps_parse(&check->maps.list, check->maps.text, &err);
}

int mapcheck_find(const struct mapcheck *check, uint64_t addr, struct mapping *map)
{
	const struct mapping_list *list = &check->maps.list;

	if (check->query)
		return query(check->fd, addr, map);
	for (size_t i = 0; i < list->nr; i++) {
		if (addr < list->at[i].range.start || addr >= list->at[i].range.end)
			continue;
		*map = list->at[i];
		return 0;
	}
	return -ENOENT;
}

void mapcheck_end(struct mapcheck *check)
{
	util_close(&check->fd);
	check->fd = -1;
}
