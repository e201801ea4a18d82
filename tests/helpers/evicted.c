/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Maps a file of its own in DIR, shared and private, and at each line on standard
 * input but "quit" takes it out of memory, has mlock(2) bring it back, and says "locked".  A lock
 * that never ends is ended by SIGALRM.  Exits with 1 if a byte is not what it was.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define PAGE 4096
#define PAGES 64
#define BYTES (PAGES * PAGE)
#define PATIENCE_S 20

static int own_file(const char *dir)
{
	char path[4096], page[PAGE];
	int fd;

	snprintf(path, sizeof(path), "%s/evictedXXXXXX", dir);
	fd = mkstemp(path);
	unlink(path);
	for (int i = 0; i < PAGES; i++) {
		memset(page, 'a' + i % 26, PAGE);
		if (pwrite(fd, page, PAGE, i * PAGE) != PAGE)
			exit(2);
	}
	return fsync(fd) ? -1 : fd;
}

static unsigned char *map(int fd, int flags)
{
	unsigned char *at = mmap(NULL, BYTES, PROT_READ | PROT_WRITE, flags, fd, 0);

	if (fd < 0 || at == MAP_FAILED)
		exit(2);
	return at;
}

/* Every page is read, every fourth was written to. */
static int touch(const unsigned char *at, int written)
{
	int good = 1;

	for (int i = 0; i < PAGES; i++)
		good &= at[i * PAGE] == (written && i % 4 == 0 ? 'A' : 'a' + i % 26);
	return good;
}

static void evict(int fd, unsigned char *at)
{
	if (msync(at, BYTES, MS_SYNC) || madvise(at, BYTES, MADV_PAGEOUT) ||
	    posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED))
		exit(3);
}

int main(int argc, char **argv)
{
	int fd = own_file(argc > 1 ? argv[1] : "."), other = own_file(argc > 1 ? argv[1] : ".");
	unsigned char *shared = map(fd, MAP_SHARED), *copied = map(other, MAP_PRIVATE);
	int good = touch(shared, 0) && touch(copied, 0);
	char line[64];

	for (int i = 0; i < PAGES; i += 4)
		copied[i * PAGE] = 'A';
	printf("pid %d\n", (int)getpid());
	fflush(stdout);
	while (fgets(line, sizeof(line), stdin) && strcmp(line, "quit\n") != 0) {
		evict(fd, shared);
		evict(other, copied);
		alarm(PATIENCE_S);
		if (mlock(shared, BYTES) || mlock(copied, BYTES))
			return 4;
		alarm(0);
		good &= touch(shared, 0) && touch(copied, 1);
		munlock(shared, BYTES);
		munlock(copied, BYTES);
		printf("ok locked\n");
		fflush(stdout);
	}
	return !good;
}
