/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The states that PAGEMAP_SCAN must tell: Linux 7.3.4
 * Documentation/admin-guide/mm/{userfaultfd,pagemap}.rst.
 */
#include "config.h"

#include "kernel/trial.h"

#include <errno.h>
#include <sys/mman.h>

#include "kernel/pagemap.h"
#include "kernel/uffd.h"

#define PAGES 3u

struct trial {
	int uffd;
	int pagemap;
	volatile char *memory; /* volatile: its accesses are what is tried */
	uint64_t scope;	       /* what a page must be to be told of at all */
	struct error *err;
};

static struct range page_range(const struct trial *trial, unsigned int page)
{
	uint64_t start = (uintptr_t)trial->memory + page * PAGE_BYTES;

	return (struct range){ start, start + PAGE_BYTES };
}

static struct range whole_range(const struct trial *trial)
{
	return (struct range){ page_range(trial, 0).start, page_range(trial, PAGES - 1).end };
}

static volatile char *page_ptr(const struct trial *trial, unsigned int page)
{
	return trial->memory + page * PAGE_BYTES;
}

/* rc: of the call. */
static int tried(const struct trial *trial, const char *call, int rc)
{
	if (rc >= 0)
		return 0;
	return error_errno(trial->err, -rc, "%s fails", call);
}

static void trial_end(const struct trial *trial)
{
	if (trial->memory)
		munmap((void *)(uintptr_t)trial->memory, PAGES * PAGE_BYTES);
	util_close(&trial->uffd);
}

/* Pages that are present, each with its number in it. */
static int populate(struct trial *trial, int sharing)
{
	void *memory = mmap(NULL, PAGES * PAGE_BYTES, PROT_READ | PROT_WRITE,
			    sharing | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED)
		return tried(trial, "mmap(2)", -errno);
	trial->memory = memory;
	for (unsigned int i = 0; i < PAGES; i++)
		*page_ptr(trial, i) = (char)(i + 1);
	return 0;
}

static int handshake(struct trial *trial, uint64_t features)
{
	trial->uffd = uffd_open_self();
	if (trial->uffd < 0)
		return tried(trial, "userfaultfd(2)", trial->uffd);
	return tried(trial, "UFFDIO_API", uffd_api(trial->uffd, features, NULL));
}

/* "present, written", or "absent" */
static void describe(char buf[64], uint64_t categories)
{
	snprintf(buf, 64, "%s%s%s", categories & PAGE_IS_PRESENT ? "present" : "absent",
		 categories & PAGE_IS_WRITTEN ? ", written" : "",
		 categories & PAGE_IS_ACCESSED ? ", accessed" : "");
}

/* what: has been done to the page. */
static int expect(const struct trial *trial, unsigned int page, const char *what, uint64_t want)
{
	const struct pagemap_query query = {
		.range = page_range(trial, page),
		.mask = trial->scope,
		.returned = PAGE_IS_PRESENT |
			    (trial->scope == PAGE_IS_PRESENT ? PAGE_IS_ACCESSED : PAGE_IS_WRITTEN),
	};
	struct page_region region = { 0 };
	char told[64], wanted[64];
	uint64_t walked;
	ssize_t nr = pagemap_scan(trial->pagemap, &query, &region, 1, &walked);

	if (nr == -ENOTTY)
		return error_set(trial->err, ERROR_UNSUPPORTED, 0,
				 "this kernel has no PAGEMAP_SCAN (Linux 6.7 brought it)");
	if (nr < 0)
		return tried(trial, "PAGEMAP_SCAN", (int)nr);
	if (nr && region.categories == want)
		return 0;
	describe(wanted, want);
	describe(told, region.categories);
	return error_set(trial->err, ERROR_FAILED, 0, "a page that was %s is told as %s%s, not %s",
			 what, told, nr ? "" : " or not observed", wanted);
}

static int rwp_steps(struct trial *trial)
{
	struct range range;
	int rc = handshake(trial, UFFD_FEATURE_RWP | UFFD_FEATURE_RWP_ASYNC);

	if (!rc)
		rc = populate(trial, MAP_PRIVATE);
	if (rc)
		return rc;
	range = whole_range(trial);
	rc = tried(trial, "UFFDIO_REGISTER", uffd_register_rwp(trial->uffd, range));
	if (!rc)
		rc = tried(trial, "UFFDIO_RWPROTECT", uffd_rwprotect(trial->uffd, range));
	if (rc)
		return rc;
	(void)*page_ptr(trial, 1);
	*page_ptr(trial, 2) = 0;
	rc = expect(trial, 0, "armed", PAGE_IS_PRESENT);
	if (!rc)
		rc = expect(trial, 1, "armed and read", PAGE_IS_PRESENT | PAGE_IS_ACCESSED);
	if (!rc)
		rc = expect(trial, 2, "armed and written", PAGE_IS_PRESENT | PAGE_IS_ACCESSED);
	return rc;
}

static int wp_arm(struct trial *trial, int sharing)
{
	struct range range;
	int rc = handshake(trial, UFFD_FEATURE_WP_ASYNC | UFFD_FEATURE_WP_UNPOPULATED |
					  UFFD_FEATURE_WP_HUGETLBFS_SHMEM);

	if (!rc)
		rc = populate(trial, sharing);
	if (rc)
		return rc;
	range = whole_range(trial);
	rc = tried(trial, "UFFDIO_REGISTER", uffd_register_wp(trial->uffd, range));
	if (!rc)
		rc = tried(trial, "UFFDIO_WRITEPROTECT", uffd_wp(trial->uffd, range));
	return rc;
}

static int wp_steps(struct trial *trial)
{
	int rc = wp_arm(trial, MAP_PRIVATE);

	if (rc)
		return rc;
	(void)*page_ptr(trial, 1);
	*page_ptr(trial, 2) = 0;
	rc = expect(trial, 0, "armed", PAGE_IS_PRESENT);
	if (!rc)
		rc = expect(trial, 1, "armed and read", PAGE_IS_PRESENT);
	if (!rc)
		rc = expect(trial, 2, "armed and written", PAGE_IS_PRESENT | PAGE_IS_WRITTEN);
	return rc;
}

static int zap_steps(struct trial *trial)
{
	bool kept;
	int rc = wp_arm(trial, MAP_SHARED);

	if (rc)
		return rc;
	if (madvise((void *)(uintptr_t)trial->memory, PAGES * PAGE_BYTES, MADV_DONTNEED))
		return tried(trial, "madvise(2)", -errno);
	for (unsigned int i = 0; !rc && i < PAGES; i++)
		rc = expect(trial, i, "zapped", 0);
	if (rc)
		return rc;
	kept = *page_ptr(trial, 1) == 2;
	page_ptr(trial, 2)[1] = 1;
	rc = expect(trial, 0, "zapped, its neighbour read", 0);
	if (!rc)
		rc = expect(trial, 1, "zapped and read", PAGE_IS_PRESENT);
	if (!rc)
		rc = expect(trial, 2, "zapped and written", PAGE_IS_PRESENT | PAGE_IS_WRITTEN);
	if (!rc && !(kept && *page_ptr(trial, 0) == 1 && *page_ptr(trial, 2) == 3))
		rc = error_set(trial->err, ERROR_FAILED, 0,
			       "a shared page that was zapped lost its data");
	return rc;
}

static int run(struct trial *trial, int (*steps)(struct trial *))
{
	int rc = steps(trial);

	trial_end(trial);
	return rc;
}

int trial_rwp(int pagemap, struct error *err)
{
	struct trial trial = { -1, pagemap, NULL, PAGE_IS_PRESENT, err };

	return run(&trial, rwp_steps);
}

int trial_wp(int pagemap, struct error *err)
{
	struct trial trial = { -1, pagemap, NULL, PAGE_IS_WPALLOWED, err };

	return run(&trial, wp_steps);
}

int trial_zap(int pagemap, struct error *err)
{
	struct trial trial = { -1, pagemap, NULL, PAGE_IS_WPALLOWED, err };

	return run(&trial, zap_steps);
}

/* How many pages of the memory, which is one page, are of that category. */
static ssize_t count_of(int pagemap, const volatile void *memory, uint64_t category)
{
	uint64_t start = (uintptr_t)memory & ~(PAGE_BYTES - 1), walked;
	const struct pagemap_query query = {
		.range = { start, start + PAGE_BYTES },
		.mask = category,
		.returned = category,
	};
	struct page_region region;

	return pagemap_scan(pagemap, &query, &region, 1, &walked);
}

bool trial_scan_knows(int pagemap, uint64_t category)
{
	return count_of(pagemap, &category, category) >= 0;
}

bool trial_soft_dirty(int pagemap)
{
	struct error ignored;
	struct trial trial = { .uffd = -1, .err = &ignored };
	bool dirty = !populate(&trial, MAP_PRIVATE) &&
		     count_of(pagemap, trial.memory, PAGE_IS_SOFT_DIRTY) > 0;

	trial_end(&trial);
	return dirty;
}
