/* SPDX-License-Identifier: GPL-2.0-or-later */
/* kernel/maps.c: lines as the kernel writes them, and lines that it does not. */
#include "config.h"

#include "kernel/maps.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>

#include "base/clock.h"
#include "tap.h"

static struct mapping_list list;
static struct error err;
static char *text;

static int parse(const char *lines)
{
	free(text);
	text = strdup(lines);
	err = (struct error){ 0 };
	return text ? maps_parse(&list, text, &err) : -ENOMEM;
}

static void test_good(void)
{
	const struct mapping *map;

	ok(!parse("") && !list.nr, "MAPS01: no lines, no mappings");
	ok(!parse("7f2c4a600000-7f2c4a800000 rw-s 00001000 00:01 1027         "
		  "/memfd:guest ram (deleted)\n") &&
		   list.nr == 1,
	   "MAPS02: a whole line");
	map = list.at;
	ok(map->range.start == 0x7f2c4a600000 && map->range.end == 0x7f2c4a800000,
	   "MAPS03: its range");
	ok(map->perms == (PERM_READ | PERM_WRITE | PERM_SHARED) && map->offset == 0x1000 &&
		   map->dev == 1 && map->inode == 1027,
	   "MAPS04: permissions, offset, device, inode");
	is_str(map->name, "/memfd:guest ram (deleted)", "MAPS05: a name with blanks");

	ok(!parse("1000-2000 ---p 00000000 00:00 0 \n"
		  "2000-3000 r-xp fffff000 fe:01 18446744073709551615          /a\\012b\n"
		  "7ffe000-7fff000 rwxp 00000000 00:00 0   [stack]") &&
		   list.nr == 3,
	   "MAPS06: three lines that touch, the last without its newline");
	ok(!list.at[0].perms && !*list.at[0].name, "MAPS07: no permission, no name");
	ok(list.at[1].dev == (UINT64_C(0xfe) << 32 | 1) && list.at[1].inode == UINT64_MAX &&
		   list.at[1].offset == 0xfffff000 && list.at[1].perms == (PERM_READ | PERM_EXEC),
	   "MAPS08: large numbers");
	is_str(list.at[1].name, "/a\\012b", "MAPS09: a newline in a name stays escaped");
	is_str(list.at[2].name, "[stack]", "MAPS10: the kernel's own names");
	ok(!parse("1000-2000 rw-p 00000000 00:00 0 \n"
		  "ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0 [vsyscall]\n") &&
		   list.nr == 1,
	   "MAPS11: what is above user space is left out");
}

static const char *const wrong[] = {
	"\n",
	"garbage\n",
	"1000 rw-p 00000000 00:00 0 \n",
	"-2000 rw-p 00000000 00:00 0 \n",
	"1000- rw-p 00000000 00:00 0 \n",
	"1000-2000\n",
	"1000-2000 rw-\n",
	"1000-2000 rw-p\n",
	"1000-2000 rw-x 00000000 00:00 0 \n",
	"1000-2000 wr-p 00000000 00:00 0 \n",
	"1000-2000 rw-pp 00000000 00:00 0 \n",
	"1000-2000 rw-p_00000000 00:00 0 \n",
	"1000-2000 rw-p  00000000 00:00 0 \n",
	"1000-2000 rw-p 00:00 0 \n",
	"1000-2000 rw-p 00000000 0000 0 \n",
	"1000-2000 rw-p 00000000 00: 0 \n",
	"1000-2000 rw-p 00000000 00:00\n",
	"1000-2000 rw-p 00000000 00:00 \n",
	"1000-2000 rw-p 00000000 00:00 0\n", /* the kernel ends the inode with a blank */
	"1000-2000 rw-p 00000000 00:00 0a \n",
	"1000-2000 rw-p 00000000 00:00 -1 \n",
	"1000-1000 rw-p 00000000 00:00 0 \n",
	"2000-1000 rw-p 00000000 00:00 0 \n",
	"1001-2000 rw-p 00000000 00:00 0 \n",
	"1000-2001 rw-p 00000000 00:00 0 \n",
	"0x1000-0x2000 rw-p 00000000 00:00 0 \n",
	"A000-B000 rw-p 00000000 00:00 0 \n",
	" 1000-2000 rw-p 00000000 00:00 0 \n",
	"10000000000001000-10000000000002000 rw-p 00000000 00:00 0 \n",
	"1000-2000 rw-p 10000000000000000 00:00 0 \n",
	"1000-2000 rw-p 00000000 100000000:00 0 \n",
	"1000-2000 rw-p 00000000 00:100000000 0 \n",
	"1000-2000 rw-p 00000000 00:00 18446744073709551616 \n",
	"1000-2000 rw-p 00000000 00:00 99999999999999999999 \n",
	"1000-2000 rw-p 00000000 00:00 0 \n\n",
};

/* Right by themselves: the kernel writes such where it is read in pieces. */
static const char *const overlapping[] = {
	"2000-4000 rw-p 00000000 00:00 0 \n3000-5000 rw-p 00000000 00:00 0 \n",
	"2000-3000 rw-p 00000000 00:00 0 \n1000-2000 rw-p 00000000 00:00 0 \n",
};

static void test_wrong(void)
{
	for (unsigned int i = 0; i < ARRAY_LEN(wrong); i++)
		ok(parse(wrong[i]) == -EINVAL && err.kind == ERROR_FAILED &&
			   strstr(err.text, "cannot understand maps line"),
		   "MAPS12: wrong line %u is refused", i);
	for (unsigned int i = 0; i < ARRAY_LEN(overlapping); i++)
		ok(parse(overlapping[i]) == -EAGAIN && strstr(err.text, "overlaps the one before"),
		   "MAPS19: lines that overlap, %u", i);
}

/* A name of 64 KiB, and more lines than the first list holds. */
static void test_large(void)
{
	static char lines[1000 * 64 + 70000];
	size_t used = 0;

	for (unsigned int i = 1; i <= 1000; i++)
		used += (size_t)snprintf(lines + used, sizeof(lines) - used,
					 "%x000-%x000 rw-p 00000000 00:00 0 \n", i, i + 1);
	used += (size_t)snprintf(lines + used, sizeof(lines) - used,
				 "7f0000000000-7f0000001000 r--p 00000000 08:01 5 /");
	memset(lines + used, 'x', 65536);
	strcpy(lines + used + 65536, "\n");
	ok(!parse(lines) && list.nr == 1001 && list.at[999].range.start == 1000 * 4096,
	   "MAPS13: a thousand lines");
	ok(strlen(list.at[1000].name) == 65537, "MAPS14: a name of 64 KiB");
}

static void test_own(void)
{
	struct maps maps = { 0 };
	int fd = open("/proc/self/maps", O_RDONLY | O_CLOEXEC);
	bool found = false;
	int first = maps_read(&maps, fd, &err), again = maps_read(&maps, fd, &err);

	ok(!first && !again, "MAPS15: our own, read twice");
	for (size_t i = 0; i < maps.list.nr; i++)
		found |= maps.list.at[i].range.start <= (uintptr_t)&list &&
			 (uintptr_t)&list < maps.list.at[i].range.end;
	ok(found, "MAPS16: it holds our own data");
	maps_free(&maps);
	close(fd);
	ok(maps_read(&maps, -1, &err) == -EBADF && strstr(err.text, "maps"),
	   "MAPS17: what cannot be read is an error");
	maps_free(&maps);
}

#define CHURN_PAGES 512
#define CHURN_NS INT64_C(1000000000)
static atomic_bool churning;

/* Neighbours become one mapping and two again, so that lines overlap between two reads. */
static void *churn(void *arg)
{
	char *area = arg;

	while (atomic_load(&churning)) {
		for (size_t i = 0; i < CHURN_PAGES; i += 2)
			mprotect(area + i * 4096, 4096, PROT_READ);
		mprotect(area, CHURN_PAGES * 4096, PROT_READ | PROT_WRITE);
	}
	return NULL;
}

static void test_churn(void)
{
	struct maps maps = { 0 };
	char *area = mmap(NULL, CHURN_PAGES * 4096, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int fd = open("/proc/self/maps", O_RDONLY | O_CLOEXEC), rc = 0;
	pthread_t thread;

	atomic_store(&churning, true);
	if (area == MAP_FAILED || pthread_create(&thread, NULL, churn, area))
		return;
	/* Some thousand times, where no valgrind lets one thread run at a time. */
	for (int64_t end_ns = clock_boot_ns() + CHURN_NS; clock_boot_ns() < end_ns && !rc;)
		rc = maps_read(&maps, fd, &err);
	atomic_store(&churning, false);
	pthread_join(thread, NULL);
	ok(!rc, "MAPS18: mappings that change while they are read");
	maps_free(&maps);
	close(fd);
	munmap(area, CHURN_PAGES * 4096);
}

int main(void)
{
	test_good();
	test_wrong();
	test_large();
	test_own();
	test_churn();
	free(text);
	free(list.at);
	return done();
}
