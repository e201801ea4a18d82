/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Views on mapped files, for mincore(2). */
#include "config.h"

#include "kernel/page_cache.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include "kernel/mapped_file.h"

#define HUGETLBFS_MAGIC 0x958458f6

struct view {
	struct range range; /* of the target's mapping */
	uint64_t offset, dev, inode;
	off_t size;
	blkcnt_t blocks;
	unsigned int sample; /* at which these were looked at */
	bool shrank;
	int fd;
	void *at; /* NULL: it cannot be had, which is not to be tried again */
};

struct page_cache {
	const struct proc *proc;
	struct view *view;
	size_t nr, cap;
};

struct page_cache *page_cache_new(const struct proc *proc)
{
	struct page_cache *cache = calloc(1, sizeof(*cache));

	if (cache)
		cache->proc = proc;
	return cache;
}

static void view_close(const struct view *view)
{
	if (view->at)
		munmap(view->at, range_bytes(view->range));
	util_close(&view->fd);
}

void page_cache_free(struct page_cache *cache)
{
	if (!cache)
		return;
	for (size_t i = 0; i < cache->nr; i++)
		view_close(&cache->view[i]);
	free(cache->view);
	free(cache);
}

/* Does the target hold the file open? */
static int open_descriptor(const struct proc *proc, const struct mapping *map)
{
	int dirfd = proc_openat(proc, "fd", O_RDONLY | O_DIRECTORY);
	DIR *dir = dirfd < 0 ? NULL : fdopendir(dirfd);
	const struct dirent *entry;
	int fd = -1;

	if (!dir)
		util_close(&dirfd);
	while (dir && fd < 0 && (entry = readdir(dir))) {
		struct stat st;

		if (!fstatat(dirfd, entry->d_name, &st, 0) && S_ISREG(st.st_mode) &&
		    mapped_file_is(&st, map))
			fd = openat(dirfd, entry->d_name, O_RDONLY | O_CLOEXEC);
	}
	if (dir)
		closedir(dir);
	return fd;
}

/*
 * Of a file that is not one's own to write, mincore(2) says that all is there
 * (can_do_mincore); hugetlb pages it sees only where they are mapped.
 */
static bool can_tell(int fd)
{
	struct statfs fs;
	struct stat st;

	if (fstatfs(fd, &fs) || fs.f_type == HUGETLBFS_MAGIC || fstat(fd, &st))
		return false;
	return geteuid() == 0 || st.st_uid == geteuid();
}

static void view_open(struct view *view, const struct proc *proc, const struct mapping *map)
{
	struct stat st;

	view->fd = mapped_file_open(proc, map, O_RDONLY);
	if (view->fd < 0)
		view->fd = open_descriptor(proc, map);
	if (view->fd < 0 || !can_tell(view->fd) || fstat(view->fd, &st))
		return;
	view->size = st.st_size;
	view->blocks = st.st_blocks;
	view->at = mmap(NULL, range_bytes(map->range), PROT_NONE, MAP_SHARED | MAP_NORESERVE,
			view->fd, (off_t)map->offset);
	if (view->at == MAP_FAILED)
		view->at = NULL;
}

/* The view that holds this piece of the mapping; NULL if there is none. */
static struct view *view_find(const struct page_cache *cache, const struct mapping *map,
			      struct range piece)
{
	for (size_t i = 0; i < cache->nr; i++) {
		struct view *view = &cache->view[i];

		if (view->range.start <= piece.start && piece.end <= view->range.end &&
		    view->dev == map->dev && view->inode == map->inode &&
		    view->offset - view->range.start == map->offset - map->range.start)
			return view;
	}
	return NULL;
}

int page_cache_open(struct page_cache *cache, const struct mapping *map)
{
	if (view_find(cache, map, map->range))
		return 0;
	page_cache_close(cache, map->range);
	if (cache->nr == cache->cap) {
		size_t cap = cache->cap ? 2 * cache->cap : 8;
		struct view *grown = realloc(cache->view, cap * sizeof(*grown));

		if (!grown)
			return -ENOMEM;
		cache->view = grown;
		cache->cap = cap;
	}
	cache->view[cache->nr] = (struct view){
		.range = map->range,
		.offset = map->offset,
		.dev = map->dev,
		.inode = map->inode,
	};
	view_open(&cache->view[cache->nr++], cache->proc, map);
	return 0;
}

void page_cache_close(struct page_cache *cache, struct range range)
{
	for (size_t i = cache->nr; i-- > 0;) {
		if (!range_overlaps(cache->view[i].range, range))
			continue;
		view_close(&cache->view[i]);
		cache->view[i] = cache->view[--cache->nr];
	}
}

bool page_cache_data(const struct page_cache *cache, const struct mapping *map, struct range range,
		     struct range *run)
{
	const struct view *view = cache ? view_find(cache, map, range) : NULL;
	uint64_t shift = map->range.start - map->offset; /* from the file to the target */
	off_t start, end;

	if (!view || !view->at)
		return false;
	start = lseek(view->fd, (off_t)(range.start - shift), SEEK_DATA);
	end = start < 0 ? -1 : lseek(view->fd, start, SEEK_HOLE);
	if (end < 0)
		return false;
	run->start = ((uint64_t)start + shift) & ~(PAGE_BYTES - 1);
	run->end = ((uint64_t)end + shift + PAGE_BYTES - 1) & ~(PAGE_BYTES - 1);
	*run = range_clip(*run, range);
	return !range_empty(*run);
}

bool page_cache_shrank(struct page_cache *cache, const struct mapping *map, unsigned int sample)
{
	struct view *view = cache ? view_find(cache, map, map->range) : NULL;
	struct stat st;

	if (!view || !view->at || (view->sample != sample && fstat(view->fd, &st)))
		return false;
	if (view->sample != sample) {
		view->shrank = st.st_size < view->size || st.st_blocks < view->blocks;
		view->size = st.st_size;
		view->blocks = st.st_blocks;
		view->sample = sample;
	}
	return view->shrank;
}

int page_cache_look(const struct page_cache *cache, const struct mapping *map, struct range range,
		    unsigned char *in_cache)
{
	const struct view *view = cache ? view_find(cache, map, range) : NULL;

	if (!view || !view->at)
		return -ENOENT;
	return mincore((char *)view->at + (range.start - view->range.start), range_bytes(range),
		       in_cache)
		       ? -errno
		       : 0;
}
