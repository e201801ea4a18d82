/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A family of processes that each touch a known number of pages, for the tests of
 * several targets.
 *
 *	tree SECONDS MEMBER...		MEMBER: fork, exec, vfork or late
 *
 * The parent is number 0, the children 1, 2, ...: made by fork(), the same and exec, by
 * vfork() and exec, or by fork() in the middle of the time.  Number n writes to the first
 * 10 * (n + 1) pages of a shared mapping /memfd:treeN all the time, and says "N PID" on
 * standard output.  Exits with 1 if its memory is not what it wrote, or a child's was not.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PAGE 4096
#define PAGES 512
#define PAUSE_NS 10000000

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static unsigned char *make_memory(int number)
{
	char name[16];
	int fd;
	void *at;

	snprintf(name, sizeof(name), "tree%d", number);
	fd = memfd_create(name, MFD_CLOEXEC);
	if (fd < 0 || ftruncate(fd, PAGES * PAGE))
		exit(2);
	at = mmap(NULL, PAGES * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (at == MAP_FAILED)
		exit(2);
	close(fd);
	memset(at, 0, PAGES * PAGE);
	return at;
}

/* Until the time is over; false if a page is not what it was. */
static int live(int number, unsigned char *memory, double until)
{
	unsigned char round = 0;
	int pages = 10 * (number + 1), good = 1;

	for (; now() < until; round++) {
		const struct timespec pause = { .tv_nsec = PAUSE_NS };

		for (int i = 0; i < pages; i++) {
			good &= memory[i * PAGE] == round;
			memory[i * PAGE] = (unsigned char)(round + 1);
		}
		nanosleep(&pause, NULL);
	}
	return good;
}

static int member(int number, double until)
{
	unsigned char *memory = make_memory(number);

	printf("%d %d\n", number, (int)getpid());
	fflush(stdout);
	return live(number, memory, until) ? 0 : 1;
}

static int become(const char *self, int number, double until)
{
	char text[2][32];

	snprintf(text[0], sizeof(text[0]), "%d", number);
	snprintf(text[1], sizeof(text[1]), "%.9f", until);
	execl(self, self, "--member", text[0], text[1], (char *)NULL);
	_exit(2);
}

static void make_child(const char *self, const char *how, int number, double until)
{
	int pid = !strcmp(how, "vfork") ? vfork() : fork();

	if (pid < 0)
		exit(2);
	if (pid)
		return;
	if (!strcmp(how, "exec") || !strcmp(how, "vfork"))
		become(self, number, until);
	exit(member(number, until));
}

int main(int argc, char **argv)
{
	double begin = now(), seconds, until;
	unsigned char *memory;
	int failed = 0, status;

	if (argc == 4 && !strcmp(argv[1], "--member"))
		return member((int)strtol(argv[2], NULL, 10), strtod(argv[3], NULL));
	if (argc < 2)
		return 2;
	seconds = strtod(argv[1], NULL);
	until = begin + seconds;
	for (int i = 2; i < argc; i++)
		if (strcmp(argv[i], "late"))
			make_child(argv[0], argv[i], i - 1, until);
	memory = make_memory(0);
	printf("0 %d\n", (int)getpid());
	fflush(stdout);
	failed |= !live(0, memory, begin + seconds / 2);
	for (int i = 2; i < argc; i++)
		if (!strcmp(argv[i], "late"))
			make_child(argv[0], argv[i], i - 1, until);
	for (int i = 0; i < 10; i++)
		memory[i * PAGE] = 0; /* as live() begins */
	failed |= !live(0, memory, until);
	while (wait(&status) > 0 || errno == EINTR)
		failed |= status != 0;
	return failed;
}
