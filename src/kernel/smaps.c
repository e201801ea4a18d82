/* SPDX-License-Identifier: GPL-2.0-or-later */
/* /proc/PID/smaps: a line of maps for each mapping, then "Key: value" lines. */
#include "config.h"

#include "kernel/smaps.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "base/io.h"
#include "kernel/maps.h"

struct key {
	const char *name;
	size_t offset; /* of the field that it is added to */
};

static const struct key keys[] = {
	{ "Rss", offsetof(struct smaps_entry, rss_bytes) },
	{ "Referenced", offsetof(struct smaps_entry, referenced_bytes) },
	{ "Swap", offsetof(struct smaps_entry, swap_bytes) },
	{ "AnonHugePages", offsetof(struct smaps_entry, anon_huge_bytes) },
	{ "ShmemPmdMapped", offsetof(struct smaps_entry, shmem_huge_bytes) },
	{ "Shared_Hugetlb", offsetof(struct smaps_entry, hugetlb_bytes) },
	{ "Private_Hugetlb", offsetof(struct smaps_entry, hugetlb_bytes) },
	{ "Locked", offsetof(struct smaps_entry, locked_bytes) },
	{ "KSM", offsetof(struct smaps_entry, ksm_bytes) },
};

struct letters {
	char text[3];
	unsigned int flag;
};

static const struct letters letters[] = {
	{ "um", SMAPS_UFFD_MISSING }, { "uw", SMAPS_UFFD_WP },	  { "ui", SMAPS_UFFD_MINOR },
	{ "ur", SMAPS_UFFD_RWP },     { "lo", SMAPS_LOCKED },	  { "mg", SMAPS_MERGEABLE },
	{ "ht", SMAPS_HUGETLB },      { "sd", SMAPS_SOFT_DIRTY }, { "wf", SMAPS_WIPE_ON_FORK },
	{ "io", SMAPS_IO },	      { "pf", SMAPS_PFN_MAP },	  { "mm", SMAPS_MIXED_MAP },
	{ "de", SMAPS_DONT_EXPAND },  { "dd", SMAPS_DONT_DUMP },  { "mw", SMAPS_MAY_WRITE },
	{ "ss", SMAPS_SHADOW_STACK }, { "dp", SMAPS_DROPPABLE },
};

/*             2048 kB */
static bool parse_kib(const char *text, uint64_t *bytes)
{
	uint64_t kib = 0;

	text += strspn(text, " ");
	if (!isdigit((unsigned char)*text))
		return false;
	for (; isdigit((unsigned char)*text); text++)
		if (__builtin_mul_overflow(kib, 10u, &kib) ||
		    __builtin_add_overflow(kib, (unsigned int)(*text - '0'), &kib))
			return false;
	return !strcmp(text, " kB") && !__builtin_mul_overflow(kib, 1024u, bytes);
}

/* " rd wr mr mw me ac sd " */
static unsigned int parse_flags(const char *text)
{
	unsigned int flags = 0;

	for (size_t len; *(text += strspn(text, " ")); text += len) {
		len = strcspn(text, " ");
		for (size_t i = 0; len == 2 && i < ARRAY_LEN(letters); i++)
			if (!memcmp(text, letters[i].text, 2))
				flags |= letters[i].flag;
	}
	return flags;
}

static bool add_bytes(struct smaps_entry *entry, const struct key *key, const char *value)
{
	uint64_t *field = (uint64_t *)(void *)((char *)entry + key->offset);
	uint64_t bytes;

	return parse_kib(value, &bytes) && !__builtin_add_overflow(*field, bytes, field);
}

/*
 * Referenced:         2048 kB
 * Keys begin with a capital letter, and lines of maps never do: one of those that
 * cannot be read is not passed over as an unknown key.
 */
static bool parse_value(struct smaps_entry *entry, const char *line)
{
	size_t len = 0;

	while (isalnum((unsigned char)line[len]) || line[len] == '_')
		len++;
	if (!isupper((unsigned char)*line) || line[len] != ':')
		return false;
	if (len == strlen("VmFlags") && !memcmp(line, "VmFlags", len))
		entry->flags = parse_flags(line + len + 1);
	for (size_t i = 0; i < ARRAY_LEN(keys); i++)
		if (strlen(keys[i].name) == len && !memcmp(line, keys[i].name, len))
			return add_bytes(entry, &keys[i], line + len + 1);
	return true;
}

static struct smaps_entry *list_grow(struct smaps_list *list)
{
	if (list->nr == list->cap) {
		size_t cap = list->cap ? 2 * list->cap : 128;
		struct smaps_entry *grown = realloc(list->at, cap * sizeof(*grown));

		if (!grown)
			return NULL;
		list->at = grown;
		list->cap = cap;
	}
	return &list->at[list->nr];
}

/* 1: a mapping begins here; 0: not so; -EINVAL: it lies before the last one; -ENOMEM. */
static int parse_header(struct smaps_list *list, char *line)
{
	uint64_t before = list->nr ? list->at[list->nr - 1].range.end : 0;
	struct smaps_entry *entry;
	struct mapping map;

	if (!maps_parse_line(&map, line))
		return 0;
	if (map.range.start < before)
		return -EINVAL;
	entry = list_grow(list);
	if (!entry)
		return -ENOMEM;
	*entry = (struct smaps_entry){ .range = map.range };
	list->nr++;
	return 1;
}

static int parse_line(struct smaps_list *list, char *line)
{
	int header = parse_header(list, line);

	if (header)
		return header < 0 ? header : 0;
	if (!list->nr || !parse_value(&list->at[list->nr - 1], line))
		return -EINVAL;
	return 0;
}

static int wrong_line(int rc, const char *line, struct error *err)
{
	if (rc == -ENOMEM)
		return error_set(err, ERROR_FAILED, ENOMEM, "reading the target's smaps");
	return error_set(err, ERROR_FAILED, 0, "cannot understand smaps line '%s'", line);
}

int smaps_parse(struct smaps_list *list, char *text, struct error *err)
{
	list->nr = 0;
	for (char *line = text, *next; *line; line = next) {
		size_t len = strcspn(line, "\n");
		int rc;

		next = line + len + (line[len] == '\n');
		line[len] = '\0';
		rc = parse_line(list, line);
		if (rc)
			return wrong_line(rc, line, err);
	}
	while (list->nr && list->at[list->nr - 1].range.end > MAPS_USER_END)
		list->nr--;
	return 0;
}

int smaps_read(struct smaps *smaps, int fd, struct error *err)
{
	size_t len;
	int rc;

	if (lseek(fd, 0, SEEK_SET) < 0)
		return error_errno(err, errno, "cannot rewind the target's smaps");
	rc = io_read_all(fd, &smaps->text, &smaps->cap, &len);
	if (rc)
		return error_errno(err, -rc, "cannot read the target's smaps");
	return smaps_parse(&smaps->list, smaps->text, err);
}

size_t smaps_first(const struct smaps_list *list, uint64_t addr)
{
	size_t low = 0, high = list->nr;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (list->at[mid].range.end <= addr)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

const struct smaps_entry *smaps_find(const struct smaps_list *list, uint64_t addr)
{
	size_t i = smaps_first(list, addr);

	return i < list->nr && list->at[i].range.start <= addr ? &list->at[i] : NULL;
}

void smaps_free(struct smaps *smaps)
{
	free(smaps->list.at);
	free(smaps->text);
	*smaps = (struct smaps){ 0 };
}
