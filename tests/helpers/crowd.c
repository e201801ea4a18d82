/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * As many mappings as the kernel allows (vm.max_map_count), but for a few.
 *
 * usage: crowd ROOM
 * Says "pid N" and "ready"; at "quit", or the end of stdin, it counts how many more it can
 * make, compares what it wrote, and says "mappings N room N was N wrong N": 0 if all is as it was.
 */
#define _GNU_SOURCE 1
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define PAGE 4096ul
#define PAIRS (1ul << 20) /* of a page that may be written and one that may not, at most */

static void die(const char *what)
{
	perror(what);
	exit(1);
}

/* Until the kernel says that there are too many: how many pairs there are. */
static size_t fill(char *at)
{
	size_t nr = 0;

	while (nr < PAIRS && !mprotect(at + 2 * nr * PAGE, PAGE, PROT_READ | PROT_WRITE))
		nr++;
	if (nr == PAIRS || errno != ENOMEM)
		die("crowd: mprotect");
	return nr;
}

/* How many more mappings can be made?  They are of different kinds, or they would be one. */
static unsigned int count_room(void)
{
	void *made[256];
	unsigned int nr = 0;

	for (; nr < 256; nr++) {
		made[nr] = mmap(NULL, PAGE, nr % 2 ? PROT_READ : PROT_NONE,
				MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		if (made[nr] == MAP_FAILED)
			break;
	}
	for (unsigned int i = 0; i < nr; i++)
		munmap(made[i], PAGE);
	return nr;
}

static void leave_room(char *at, size_t *nr, unsigned int room)
{
	while (count_room() < room && *nr)
		if (mprotect(at + 2 * --*nr * PAGE, PAGE, PROT_NONE))
			die("crowd: mprotect back");
}

static unsigned int compare(const char *at, size_t nr)
{
	unsigned int wrong = 0;

	for (size_t i = 0; i < nr; i++)
		wrong += *(const volatile size_t *)(const void *)(at + 2 * i * PAGE) != i;
	return wrong;
}

int main(int argc, char **argv)
{
	const unsigned int want = argc == 2 ? (unsigned int)strtoul(argv[1], NULL, 10) : 0;
	unsigned int room, left;
	char line[64], *at;
	size_t nr;

	if (!want || want > 200) {
		fputs("usage: crowd ROOM, from 1 to 200\n", stderr);
		return 2;
	}
	at = mmap(NULL, 2 * PAIRS * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
		  -1, 0);
	if (at == MAP_FAILED)
		die("crowd: mmap");
	nr = fill(at);
	leave_room(at, &nr, want);
	for (size_t i = 0; i < nr; i++)
		*(volatile size_t *)(void *)(at + 2 * i * PAGE) = i;
	setvbuf(stdin, NULL, _IONBF, 0); /* its buffer would be a mapping */
	printf("pid %d\n", getpid());
	fflush(stdout);
	room = count_room();
	printf("ready\n");
	fflush(stdout);
	while (fgets(line, sizeof(line), stdin) && strncmp(line, "quit", 4))
		;
	left = count_room();
	printf("mappings %zu room %u was %u wrong %u\n", 2 * nr, left, room, compare(at, nr));
	return left != room || compare(at, nr);
}
