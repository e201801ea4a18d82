/* SPDX-License-Identifier: GPL-2.0-or-later */
/* model/region.c: kinds of mappings, reasons of refusals, words. */
#include "config.h"

#include "model/region.h"

#include <errno.h>
#include <string.h>

#include "tap.h"

#define RW (PERM_READ | PERM_WRITE)

static const struct {
	const char *name;
	unsigned int perms;
	uint64_t inode;
	enum region_kind kind;
} mappings[] = {
	{ "", RW, 0, KIND_ANON },
	{ "", 0, 0, KIND_ANON },
	{ "[heap]", RW, 0, KIND_HEAP },
	{ "[stack]", RW, 0, KIND_STACK },
	{ "[anon:malloc arena]", RW, 0, KIND_ANON },
	{ "[anon_shmem:cache]", RW | PERM_SHARED, 9, KIND_SHMEM },
	{ "[vdso]", PERM_READ, 0, KIND_KERNEL },
	{ "[vvar]", PERM_READ, 0, KIND_KERNEL },
	{ "[uprobes]", PERM_EXEC, 0, KIND_KERNEL },
	{ "[something new]", PERM_READ, 0, KIND_KERNEL },
	{ "/memfd:guest-ram (deleted)", RW | PERM_SHARED, 1027, KIND_MEMFD },
	{ "/memfd:private (deleted)", RW, 1027, KIND_MEMFD },
	{ "/anon_hugepage (deleted)", RW, 77, KIND_HUGETLB },
	{ "/dev/hugepages/vm0", RW | PERM_SHARED, 77, KIND_HUGETLB },
	{ "/dev/shm/cache", RW | PERM_SHARED, 5, KIND_SHMEM },
	{ "/dev/zero (deleted)", RW | PERM_SHARED, 1028, KIND_SHMEM },
	{ "/dev/zero", RW, 4, KIND_ANON },
	{ "/dev/nvidia0", RW | PERM_SHARED, 600, KIND_DEVICE },
	{ "/SYSV00000000 (deleted)", RW | PERM_SHARED, 3, KIND_SYSV },
	{ "/secretmem (deleted)", RW | PERM_SHARED, 3, KIND_SECRET },
	{ "anon_inode:[kvm-gmem]", RW | PERM_SHARED, 3, KIND_GUEST },
	{ "anon_inode:[io_uring]", RW | PERM_SHARED, 3, KIND_DEVICE },
	{ "/[aio] (deleted)", RW | PERM_SHARED, 3, KIND_DEVICE },
	{ "/usr/bin/true", PERM_READ | PERM_EXEC, 42, KIND_PRIVATE_FILE },
	{ "/usr/bin/true (deleted)", RW, 42, KIND_PRIVATE_FILE },
	{ "/var/lib/db/data", RW | PERM_SHARED, 42, KIND_SHARED_FILE },
	{ "/tmp/memfd:not", RW | PERM_SHARED, 42, KIND_SHARED_FILE },
};

static void test_kinds(void)
{
	for (unsigned int i = 0; i < ARRAY_LEN(mappings); i++) {
		const struct mapping map = {
			.name = mappings[i].name,
			.perms = mappings[i].perms,
			.inode = mappings[i].inode,
		};

		ok(region_classify(&map) == mappings[i].kind, "REGION01: '%s' is %s",
		   mappings[i].name, region_kind_name(mappings[i].kind));
	}
}

static void test_reasons(void)
{
	const struct mapping anon = { .name = "", .perms = RW }, closed = { .name = "" },
			     file = { .name = "/bin/true", .perms = RW, .inode = 1 },
			     text = { .name = "/bin/true", .perms = PERM_READ, .inode = 1 },
			     vdso = { .name = "[vdso]", .perms = PERM_READ },
			     sysv = { .name = "/SYSV00000000", .perms = RW | PERM_SHARED },
			     secret = { .name = "/secretmem", .perms = RW | PERM_SHARED };

	ok(region_refusal(&anon, EBUSY) == REASON_OTHER_UFFD, "REGION02: EBUSY");
	ok(region_refusal(&file, EPERM) == REASON_NOT_WRITABLE, "REGION03: EPERM");
	ok(region_refusal(&closed, ENOMEM) == REASON_NO_MEMORY, "REGION04: ENOMEM, whatever it is");
	ok(region_refusal(&closed, EINVAL) == REASON_NO_ACCESS, "REGION05: PROT_NONE");
	ok(region_refusal(&file, EINVAL) == REASON_FILE, "REGION06: a file");
	ok(region_refusal(&text, EINVAL) == REASON_READ_ONLY &&
		   region_refusal(&vdso, EINVAL) == REASON_KERNEL,
	   "REGION12: without write permission");
	ok(region_refusal(&anon, EAGAIN) == REASON_NOT_STOPPED, "REGION13: EAGAIN");
	ok(region_refusal(&sysv, EINVAL) == REASON_SYSV, "REGION07: SysV shared memory");
	ok(region_refusal(&secret, EINVAL) == REASON_SECRET, "REGION08: secret memory");
	ok(region_refusal(&anon, EINVAL) == REASON_REFUSED,
	   "REGION09: for no reason that is known");
}

/* Words are values in JSON: each there, no two alike. */
static void test_words(void)
{
	bool fine = true;
	unsigned int passing = 0;

	for (unsigned int a = 0; a < KIND_NR; a++)
		for (unsigned int b = 0; b < a; b++)
			fine = fine && strcmp(region_kind_name(a), region_kind_name(b)) != 0;
	for (unsigned int a = 0; a < REASON_NR; a++)
		for (unsigned int b = 0; b < a; b++)
			fine = fine && strcmp(region_reason_name(a), region_reason_name(b)) != 0;
	for (unsigned int a = 0; a < METHOD_NR; a++)
		for (unsigned int b = 0; b < a; b++)
			fine = fine && (!b || strcmp(region_method_name(a), region_method_name(b)));
	for (unsigned int a = 0; a < REASON_NR; a++)
		passing += region_reason_passes(a);
	ok(region_reason_passes(REASON_NEW) && region_reason_passes(REASON_UNARMED) && passing == 2,
	   "REGION14: two reasons pass");
	ok(fine, "REGION10: every kind and every reason has a word of its own");
	ok(!region_method_name(METHOD_NONE) && !region_sees_name(SEES_NOTHING) &&
		   !strcmp(region_method_name(METHOD_RWP), "rwp") &&
		   !strcmp(region_sees_name(SEES_READS_WRITES), "reads+writes") &&
		   !strcmp(region_sees_name(SEES_WRITES), "writes"),
	   "REGION11: methods and what they see");
}

int main(void)
{
	test_kinds();
	test_reasons();
	test_words();
	return done();
}
