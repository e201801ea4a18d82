/* SPDX-License-Identifier: GPL-2.0-or-later */
/* /proc/PID/maps. */
#include "config.h"

#include "kernel/maps.h"

#include <errno.h>
#include <string.h>

#include "base/io.h"
#include "kernel/uapi.h"

#define READ_TRIES 64

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* A number in the given base, then the one character that must follow it. */
static bool take_number(char **at, unsigned int base, char follows, uint64_t *value)
{
	char *p = *at;

	*value = 0;
	for (int digit; (digit = hex_digit(*p)) >= 0 && (unsigned int)digit < base; p++) {
		if (__builtin_mul_overflow(*value, base, value) ||
		    __builtin_add_overflow(*value, (unsigned int)digit, value))
			return false;
	}
	if (p == *at || *p != follows)
		return false;
	*at = p + 1;
	return true;
}

static bool take_perms(char **at, unsigned int *perms)
{
	static const char letters[] = "rwx";
	char *p = *at;

	*perms = 0;
	for (int i = 0; i < 3; i++) {
		if (p[i] != '-' && p[i] != letters[i])
			return false;
		*perms |= p[i] == '-' ? 0 : 1u << i;
	}
	if ((p[3] != 'p' && p[3] != 's') || p[4] != ' ')
		return false;
	*perms |= p[3] == 's' ? PERM_SHARED : 0;
	*at = p + 5;
	return true;
}

/*
 * 7f2c4a600000-7f2c4a800000 rw-s 00001000 00:01 1027         /memfd:guest ram (deleted)
 * The name may hold blanks; a newline in it is written as \012.
 */
bool maps_parse_line(struct mapping *map, char *line)
{
	uint64_t major, minor;

	if (!take_number(&line, 16, '-', &map->range.start) ||
	    !take_number(&line, 16, ' ', &map->range.end) || !take_perms(&line, &map->perms) ||
	    !take_number(&line, 16, ' ', &map->offset) || !take_number(&line, 16, ':', &major) ||
	    !take_number(&line, 16, ' ', &minor) || (major | minor) > UINT32_MAX)
		return false;
	map->dev = major << 32 | minor;
	/* The inode is followed by a blank, also when there is no name (show_map_vma). */
	if (!take_number(&line, 10, ' ', &map->inode))
		return false;
	map->name = line + strspn(line, " ");
	return !range_empty(map->range) && map->range.start % PAGE_BYTES == 0 &&
	       map->range.end % PAGE_BYTES == 0;
}

static struct mapping *list_grow(struct mapping_list *list)
{
	if (list->nr == list->cap) {
		size_t cap = list->cap ? 2 * list->cap : 128;
		struct mapping *grown = realloc(list->at, cap * sizeof(*grown));

		if (!grown)
			return NULL;
		list->at = grown;
		list->cap = cap;
	}
	return &list->at[list->nr];
}

int maps_parse(struct mapping_list *list, char *text, struct error *err)
{
	uint64_t before = 0;

	list->nr = 0;
	for (char *line = text, *next; *line; line = next) {
		struct mapping *map = list_grow(list);
		size_t len = strcspn(line, "\n");

		if (!map)
			return error_set(err, ERROR_FAILED, ENOMEM, "reading the target's maps");
		next = line + len + (line[len] == '\n');
		line[len] = '\0';
		if (!maps_parse_line(map, line))
			return error_set(err, ERROR_FAILED, 0, "cannot understand maps line '%s'",
					 line);
		if (map->range.start < before)
			return error_set(err, ERROR_FAILED, EAGAIN,
					 "cannot understand maps line '%s': it overlaps the one "
					 "before",
					 line);
		before = map->range.end;
		if (map->range.end <= MAPS_USER_END)
			list->nr++;
	}
	return 0;
}

static int read_once(struct maps *maps, int fd, struct error *err)
{
	size_t len;
	int rc;

	if (lseek(fd, 0, SEEK_SET) < 0)
		return error_errno(err, errno, "cannot rewind the target's maps");
	rc = io_read_all(fd, &maps->text, &maps->cap, &len);
	if (rc)
		return error_errno(err, -rc, "cannot read the target's maps");
	return maps_parse(&maps->list, maps->text, err);
}

/* It is read in pieces, between which a mapping may grow over what has been read already. */
int maps_read(struct maps *maps, int fd, struct error *err)
{
	int rc = read_once(maps, fd, err);

	for (int i = 1; rc == -EAGAIN && i < READ_TRIES; i++)
		rc = read_once(maps, fd, err);
	return rc;
}

uint64_t maps_page_bytes(int fd, uint64_t addr)
{
	struct procmap_query query = { .size = sizeof(query), .query_addr = addr };

	return ioctl(fd, PROCMAP_QUERY, &query) ? 0 : query.vma_page_size;
}

int maps_bounds(int fd, uint64_t addr, struct range *range)
{
	struct procmap_query query = { .size = sizeof(query), .query_addr = addr };

	if (ioctl(fd, PROCMAP_QUERY, &query))
		return -errno;
	*range = (struct range){ query.vma_start, query.vma_end };
	return 0;
}

void maps_free(struct maps *maps)
{
	free(maps->list.at);
	free(maps->text);
	*maps = (struct maps){ 0 };
}
