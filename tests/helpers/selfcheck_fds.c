/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The descriptors of selfcheck.c: what came, went or changed. */
#define _GNU_SOURCE 1
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "selfcheck.h"

#define MAX_FDS 1024

/* What each descriptor is, as it was when all began. */
static struct descriptor {
	uint64_t dev, ino, file_flags, flags;
} descriptors[MAX_FDS];

static struct descriptor descriptor_of(int fd)
{
	struct stat st;

	if (fstat(fd, &st))
		return (struct descriptor){ 0 };
	return (struct descriptor){ st.st_dev, st.st_ino, (uint64_t)fcntl(fd, F_GETFL),
				    (uint64_t)fcntl(fd, F_GETFD) };
}

void descriptors_note(void)
{
	for (int fd = 0; fd < MAX_FDS; fd++)
		descriptors[fd] = descriptor_of(fd);
}

static bool is_userfaultfd(int fd)
{
	char path[32], text[64];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	const ssize_t len = readlink(path, text, sizeof(text) - 1);

	text[len < 0 ? 0 : len] = '\0';
	return !strcmp(text, "anon_inode:[userfaultfd]");
}

void expect_same_descriptors(void)
{
	for (int fd = 0; fd < MAX_FDS; fd++) {
		const struct descriptor now = descriptor_of(fd), *was = &descriptors[fd];

		if (!was->ino && is_userfaultfd(fd))
			continue;
		expect("descriptor's file", now.ino ^ now.dev, was->ino ^ was->dev);
		expect("descriptor's file flags", now.file_flags, was->file_flags);
		expect("descriptor's flags", now.flags, was->flags);
	}
}

int count_userfaultfds(void)
{
	int n = 0;

	for (int fd = 0; fd < MAX_FDS; fd++)
		n += is_userfaultfd(fd);
	return n;
}
