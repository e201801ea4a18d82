/* SPDX-License-Identifier: GPL-2.0-or-later */
/* kernel/smaps.c and kernel/clear_refs.c: the kernel's lines, wrong ones, our own memory. */
#include "config.h"

#include "kernel/smaps.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>

#include "kernel/clear_refs.h"
#include "tap.h"

#define KIB UINT64_C(1024)
#define HEADER "1000-2000 rw-p 00000000 00:00 0 \n"

static struct smaps_list list;
static struct error err;
static char *text;

static int parse(const char *lines)
{
	free(text);
	text = strdup(lines);
	err = (struct error){ 0 };
	return text ? smaps_parse(&list, text, &err) : -ENOMEM;
}

static const char whole[] =
	"55d0a0a00000-55d0a0c21000 rw-p 00000000 00:00 0                          [heap]\n"
	"Size:               2180 kB\n"
	"KernelPageSize:        4 kB\n"
	"MMUPageSize:           4 kB\n"
	"Rss:                1284 kB\n"
	"Pss:                1283 kB\n"
	"Pss_Dirty:          1282 kB\n"
	"Referenced:         1281 kB\n"
	"Anonymous:          1280 kB\n"
	"KSM:                   8 kB\n"
	"AnonHugePages:      2048 kB\n"
	"ShmemPmdMapped:     4096 kB\n"
	"FilePmdMapped:      8192 kB\n"
	"Shared_Hugetlb:        2 kB\n"
	"Private_Hugetlb:       1 kB\n"
	"Swap:                 12 kB\n"
	"SwapPss:              11 kB\n"
	"Locked:                4 kB\n"
	"THPeligible:           1\n"
	"ProtectionKey:         0\n"
	"VmFlags: rd wr mr mw me ac sd ur \n";

static void test_values(void)
{
	const struct smaps_entry *entry;

	ok(!parse("") && !list.nr, "SMAPS01: nothing, no mappings");
	ok(!parse(whole) && list.nr == 1, "SMAPS02: a whole mapping");
	entry = list.at;
	ok(entry->range.start == 0x55d0a0a00000 && entry->range.end == 0x55d0a0c21000,
	   "SMAPS03: its range");
	is_u64(entry->rss_bytes, 1284 * KIB, "SMAPS04: Rss, not Pss");
	is_u64(entry->referenced_bytes, 1281 * KIB, "SMAPS05: Referenced");
	is_u64(entry->swap_bytes, 12 * KIB, "SMAPS06: Swap, not SwapPss");
	is_u64(entry->anon_huge_bytes, 2048 * KIB, "SMAPS07: AnonHugePages");
	is_u64(entry->shmem_huge_bytes, 4096 * KIB, "SMAPS08: ShmemPmdMapped");
	is_u64(entry->hugetlb_bytes, 3 * KIB, "SMAPS09: both kinds of hugetlb");
	is_u64(entry->locked_bytes, 4 * KIB, "SMAPS10: Locked");
	is_u64(entry->ksm_bytes, 8 * KIB, "SMAPS11: KSM");
	ok(entry->flags == (SMAPS_SOFT_DIRTY | SMAPS_UFFD_RWP | SMAPS_MAY_WRITE),
	   "SMAPS12: flags, unknown ones passed over");
}

static void test_flags(void)
{
	ok(!parse(HEADER "VmFlags: um uw ui ur lo mg ht sd wf io pf mm de dd mw ss dp \n") &&
		   list.at[0].flags == (1u << 17) - 1,
	   "SMAPS13: all flags");
	ok(!parse(HEADER "VmFlags: rd um\n") && list.at[0].flags == SMAPS_UFFD_MISSING,
	   "SMAPS14: the last flag without its blank");
	ok(!parse(HEADER "VmFlags: \n") && !list.at[0].flags, "SMAPS15: no flags");
	ok(!parse(HEADER "VmFlags: umuw u\n") && !list.at[0].flags,
	   "SMAPS16: flags of other lengths are unknown");
	ok(!parse(HEADER "VmFlagsum: uw\nVmFlag: uw\n") && !list.at[0].flags,
	   "SMAPS17: other keys are no flags");
}

static void test_several(void)
{
	ok(!parse("1000-2000 ---p 00000000 00:00 0 \nSize: 4 kB\n"
		  "2000-3000 rw-s 00000000 00:01 7   /memfd:Rss: 4 kB\nRss: 4 kB\n"
		  "5000-6000 rw-p 00000000 00:00 0 \nRss: 8 kB\nNew_in_Linux_9: what ever\n"
		  "ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0 [vsyscall]\nRss: 4 kB") &&
		   list.nr == 3,
	   "SMAPS18: three mappings, without what is above user space");
	ok(!list.at[0].rss_bytes && list.at[1].rss_bytes == 4 * KIB &&
		   list.at[2].rss_bytes == 8 * KIB,
	   "SMAPS19: each has its own values, and names give none");
	ok(!smaps_find(&list, 0xfff) && smaps_find(&list, 0x1000) == &list.at[0] &&
		   smaps_find(&list, 0x1fff) == &list.at[0] &&
		   smaps_find(&list, 0x2000) == &list.at[1],
	   "SMAPS20: found by address");
	ok(smaps_first(&list, 0) == 0 && smaps_first(&list, 0x2000) == 1 &&
		   smaps_first(&list, 0x3000) == 2 && smaps_first(&list, 0x6000) == 3,
	   "SMAPS32: the first from an address on");
	ok(!smaps_find(&list, 0x3000) && !smaps_find(&list, 0x4fff) &&
		   smaps_find(&list, 0x5fff) == &list.at[2] && !smaps_find(&list, 0x6000),
	   "SMAPS21: holes hold nothing");
	ok(!parse("1000-2000 rw-p 00000000 00:00 0 \n") && !list.at[0].rss_bytes &&
		   !list.at[0].flags,
	   "SMAPS22: a mapping of which nothing is told, after others");
}

static const char *const wrong[] = {
	"\n",
	"Rss: 4 kB\n",
	"garbage\n",
	HEADER "garbage\n",
	HEADER "\n",
	HEADER ": 4 kB\n",
	HEADER "Rss 4 kB\n",
	HEADER "Rss:\n",
	HEADER "Rss: kB\n",
	HEADER "Rss: 4\n",
	HEADER "Rss: 4 MB\n",
	HEADER "Rss: 4 kB \n",
	HEADER "Rss: -4 kB\n",
	HEADER "Rss: 0x4 kB\n",
	HEADER "Rss: 18446744073709551616 kB\n",
	HEADER "Rss: 18014398509481984 kB\n",
	HEADER "Rss: 18014398509481983 kB\nRss: 18014398509481983 kB\n",
	HEADER "Referenced: many kB\n",
	/* Headers that cannot be read: the values that follow would be the former's. */
	HEADER "2000-3000 rw-p 00000000 00:00\nRss: 4 kB\n",
	HEADER "2000-3001 rw-p 00000000 00:00 0 \nRss: 4 kB\n",
	HEADER "2000:3000 rw-p 00000000 00:00 0 \nRss: 4 kB\n",
	HEADER "a000:b000 rw-p 00000000 00:00 0 \nRss: 4 kB\n",
	HEADER HEADER,
	"2000-3000 rw-p 00000000 00:00 0 \n1000-2000 rw-p 00000000 00:00 0 \n",
};

static void test_wrong(void)
{
	for (unsigned int i = 0; i < ARRAY_LEN(wrong); i++)
		ok(parse(wrong[i]) == -EINVAL && err.kind == ERROR_FAILED &&
			   strstr(err.text, "cannot understand smaps line"),
		   "SMAPS23: wrong line %u is refused", i);
}

static void test_many(void)
{
	static char lines[1000 * 80];
	size_t used = 0;

	for (unsigned int i = 1; i <= 1000; i++)
		used += (size_t)snprintf(lines + used, sizeof(lines) - used,
					 "%x000-%x000 rw-p 00000000 00:00 0 \nRss: %u kB\n", i,
					 i + 1, i);
	ok(!parse(lines) && list.nr == 1000 && list.at[999].rss_bytes == 1000 * KIB,
	   "SMAPS24: a thousand mappings");
}

static const struct smaps_entry *own(struct smaps *smaps, const volatile char *ptr)
{
	int fd = open("/proc/self/smaps", O_RDONLY | O_CLOEXEC);
	int rc = smaps_read(smaps, fd, &err);

	if (!rc)
		rc = smaps_read(smaps, fd, &err); /* from the beginning again */
	close(fd);
	return rc ? NULL : smaps_find(&smaps->list, (uintptr_t)ptr);
}

/* Our own memory: four pages of which three are touched, two of those again. */
static void test_own(void)
{
	volatile char *memory = mmap(NULL, 4 * PAGE_BYTES, PROT_READ | PROT_WRITE,
				     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int refs = open("/proc/self/clear_refs", O_WRONLY | O_CLOEXEC);
	struct smaps smaps = { 0 };
	const struct smaps_entry *entry;

	for (unsigned int i = 0; i < 3; i++)
		memory[i * PAGE_BYTES] = 1;
	entry = own(&smaps, memory);
	ok(entry && entry->rss_bytes == 3 * PAGE_BYTES && !(entry->flags & SMAPS_UFFD) &&
		   entry->flags & SMAPS_MAY_WRITE,
	   "SMAPS25: our own smaps");
	ok(entry && entry->referenced_bytes == 3 * PAGE_BYTES, "SMAPS26: all referenced");
	ok(!refs_clear(refs), "SMAPS27: references are forgotten");
	entry = own(&smaps, memory);
	ok(entry && entry->rss_bytes == 3 * PAGE_BYTES && !entry->referenced_bytes,
	   "SMAPS28: none is left");
	ok(!soft_dirty_clear(refs), "SMAPS29: soft-dirty pages are forgotten");
	smaps_free(&smaps);
	munmap((void *)(uintptr_t)memory, 4 * PAGE_BYTES);
	close(refs);
}

static void test_failures(void)
{
	struct smaps smaps = { 0 };
	int full = open("/dev/full", O_WRONLY | O_CLOEXEC);

	ok(smaps_read(&smaps, -1, &err) == -EBADF && strstr(err.text, "smaps"),
	   "SMAPS30: what cannot be read is an error");
	ok(refs_clear(-1) == -EBADF && soft_dirty_clear(full) == -ENOSPC,
	   "SMAPS31: what cannot be written is an error");
	close(full);
	smaps_free(&smaps);
}

int main(void)
{
	test_values();
	test_flags();
	test_several();
	test_wrong();
	test_many();
	test_own();
	test_failures();
	free(text);
	free(list.at);
	return done();
}
