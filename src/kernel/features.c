/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Feature probes on wsstat's own memory. */
#include "config.h"

#include "kernel/features.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>

#include "kernel/inject.h"
#include "kernel/pagemap.h"
#include "kernel/uffd.h"

static const char *const newer_kernel = "boot Linux 7.3 or later with CONFIG_USERFAULTFD_RWP=y";

static void answer(struct feature *feature, enum feature_answer what, const char *why,
		   const char *remedy)
{
	feature->answer = what;
	snprintf(feature->why, sizeof(feature->why), "%s", why);
	snprintf(feature->remedy, sizeof(feature->remedy), "%s", remedy);
}

/* userfaultfd(2) and its feature bits; false when the answer for rwp is given. */
static bool probe_uffd(struct features *features)
{
	auto_close int fd = uffd_open_self();
	int rc = fd < 0 ? fd : uffd_api(fd, 0, &features->uffd);

	if (rc == -EPERM || rc == -EACCES) {
		answer(&features->rwp, FEATURE_FORBIDDEN,
		       "userfaultfd(2) is refused here, probably by a seccomp filter",
		       "run wsstat outside the container or allow userfaultfd in its profile");
		return false;
	}
	if (rc) {
		answer(&features->rwp, FEATURE_NO, "this kernel has no userfaultfd(2)",
		       newer_kernel);
		return false;
	}
	return true;
}

static bool probe_scan(void)
{
	auto_close int fd = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
	uint64_t here = (uintptr_t)&fd & ~(PAGE_BYTES - 1), walked;
	struct pagemap_query query = {
		.range = { here, here + PAGE_BYTES },
		.mask = PAGE_IS_ACCESSED,
		.returned = PAGE_IS_ACCESSED,
	};
	struct page_region region;

	return fd >= 0 && pagemap_scan(fd, &query, &region, 1, &walked) >= 0;
}

void features_probe(struct features *features)
{
	const uint64_t rwp = UFFD_FEATURE_RWP | UFFD_FEATURE_RWP_ASYNC;
	struct utsname name = { 0 };

	*features = (struct features){ 0 };
	uname(&name);
	memcpy(features->kernel, name.release, sizeof(features->kernel));
	if (!probe_uffd(features))
		return;
	features->scan_accessed = probe_scan();
	if ((features->uffd & rwp) != rwp)
		answer(&features->rwp, FEATURE_NO, "this kernel's userfaultfd has no RWP",
		       newer_kernel);
	else if (!features->scan_accessed)
		answer(&features->rwp, FEATURE_NO, "PAGEMAP_SCAN does not tell accessed pages",
		       newer_kernel);
	else
		answer(&features->rwp, FEATURE_YES, "", "");
}

void features_ask_process(struct features *features, const struct proc *proc)
{
	struct error err;

	features->pid = proc->pid;
	if (!inject_check(proc, &err))
		answer(&features->attach, FEATURE_YES, "", "");
	else
		answer(&features->attach, err.kind == ERROR_DENIED ? FEATURE_FORBIDDEN : FEATURE_NO,
		       err.text, "");
}

const char *feature_answer_name(enum feature_answer what)
{
	static const char *const names[] = {
		[FEATURE_YES] = "yes",
		[FEATURE_NO] = "no",
		[FEATURE_FORBIDDEN] = "not permitted",
	};

	return names[what];
}
