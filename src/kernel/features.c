/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table of methods: what each needs, how it is tried, what helps. */
#include "config.h"

#include "kernel/features.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/utsname.h>

#include "kernel/inject.h"
#include "kernel/permit.h"
#include "kernel/trial.h"
#include "kernel/uapi.h"
#include "kernel/uffd.h"

#define NEWER_FOR_WP                                                            \
	"boot Linux 6.7 or later with CONFIG_USERFAULTFD=y, CONFIG_PTE_MARKER_" \
	"UFFD_WP=y and CONFIG_PROC_PAGE_MONITOR=y, on a machine that has "      \
	"CONFIG_HAVE_ARCH_USERFAULTFD_WP"
#define NO_WP                                                             \
	"this kernel's userfaultfd has no asynchronous write protection " \
	"(WP_ASYNC), which Linux 6.7 brought"

/* refs needs no userfaultfd and has no trial: that would reset information. */
struct recipe {
	const char *name;
	uint64_t needs;	     /* UFFD_FEATURE_* */
	const char *lacking; /* why not, if some of these are missing */
	const char *newer;   /* the kernel that has it */
	int (*trial)(int pagemap, struct error *err);
};

static const struct recipe recipes[FEATURE_METHODS] = {
	[FEATURE_RWP] = {
		.name = "rwp",
		.needs = UFFD_FEATURE_RWP | UFFD_FEATURE_RWP_ASYNC,
		.lacking = "this kernel's userfaultfd has no RWP, which Linux 7.3 brought",
		.newer = "boot Linux 7.3 or later with CONFIG_USERFAULTFD_RWP=y",
		.trial = trial_rwp,
	},
	[FEATURE_ZAP] = {
		.name = "zap",
		.needs = UFFD_FEATURE_WP_ASYNC,
		.lacking = NO_WP,
		.newer = NEWER_FOR_WP,
		.trial = trial_zap,
	},
	[FEATURE_WP] = {
		.name = "wp",
		.needs = UFFD_FEATURE_WP_ASYNC,
		.lacking = NO_WP,
		.newer = NEWER_FOR_WP,
		.trial = trial_wp,
	},
	[FEATURE_REFS] = {
		.name = "refs",
		.newer = "boot a kernel with CONFIG_PROC_PAGE_MONITOR=y",
	},
};

static void answer(struct feature *feature, enum feature_answer what, const char *why,
		   const char *remedy)
{
	feature->answer = what;
	snprintf(feature->why, sizeof(feature->why), "%s", why);
	snprintf(feature->remedy, sizeof(feature->remedy), "%s", remedy);
}

static void answer_yes(struct feature *feature)
{
	answer(feature, FEATURE_YES, "", "");
}

/* All methods that rest on a userfaultfd. */
static void answer_uffd(struct features *features, enum feature_answer what, const char *why,
			const char *remedy)
{
	for (unsigned int i = 0; i < FEATURE_METHODS; i++)
		if (recipes[i].needs)
			answer(&features->method[i], what, why, remedy ?: recipes[i].newer);
}

/* A filter may well say ENOSYS.  The sysctl is there exactly when the call is. */
static bool is_filtered(int rc)
{
	return rc == -EPERM || rc == -EACCES ||
	       (rc == -ENOSYS && !access("/proc/sys/vm/unprivileged_userfaultfd", F_OK));
}

/* What was wanting here says nothing of the kernel. */
static void note_want(struct features *features, int errnum)
{
	if (error_is_want(errnum))
		features->want = errnum;
}

/* userfaultfd(2) and its feature bits; false when the answers are given. */
static bool probe_uffd(struct features *features)
{
	auto_close int fd = uffd_open_self();
	int rc = fd < 0 ? fd : uffd_api(fd, 0, &features->uffd);
	char why[128];

	if (!rc)
		return true;
	note_want(features, -rc);
	if (is_filtered(rc)) {
		answer_uffd(features, FEATURE_FORBIDDEN,
			    "userfaultfd(2) is refused here, probably by a seccomp filter",
			    "run wsstat outside the container or allow userfaultfd in its profile");
	} else if (rc == -ENOSYS) {
		answer_uffd(features, FEATURE_NO,
			    "this kernel has no userfaultfd(2): CONFIG_USERFAULTFD is not set",
			    NULL);
	} else {
		snprintf(why, sizeof(why), "userfaultfd(2) fails: %s", strerror(-rc));
		answer_uffd(features, FEATURE_BROKEN, why, "");
	}
	return false;
}

/* The descriptor, or -1 when the answers are given. */
static int probe_pagemap(struct features *features)
{
	int fd = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		note_want(features, errno);
	if (fd < 0 && errno == ENOENT)
		answer_uffd(features, FEATURE_NO,
			    "there is no /proc/self/pagemap: CONFIG_PROC_PAGE_MONITOR is not set, "
			    "or /proc is not mounted",
			    NULL);
	else if (fd < 0)
		answer_uffd(features, FEATURE_FORBIDDEN, "/proc/self/pagemap cannot be opened",
			    "run wsstat outside the container or as root");
	return fd;
}

static void answer_failed(struct feature *feature, const struct recipe *recipe,
			  const struct error *err)
{
	char why[sizeof(feature->why)];

	if (err->kind == ERROR_DENIED) {
		answer(feature, FEATURE_FORBIDDEN, err->text,
		       "is that a seccomp filter? run wsstat outside the container");
	} else if (err->kind == ERROR_UNSUPPORTED) {
		answer(feature, FEATURE_NO, err->text, recipe->newer);
	} else {
		snprintf(why, sizeof(why), "this kernel offers it, but in a trial %.400s",
			 err->text);
		answer(feature, FEATURE_BROKEN, why, "use another method or another kernel");
	}
}

static void probe_method(struct features *features, enum feature_method method, int pagemap)
{
	const struct recipe *recipe = &recipes[method];
	struct feature *feature = &features->method[method];
	struct error err = { 0 };

	if ((features->uffd & recipe->needs) != recipe->needs)
		answer(feature, FEATURE_NO, recipe->lacking, recipe->newer);
	else if (method == FEATURE_RWP && !features->scan_accessed)
		answer(feature, FEATURE_NO,
		       "PAGEMAP_SCAN does not tell accessed pages, which it does from Linux 7.3 on",
		       recipe->newer);
	else if (!recipe->trial(pagemap, &err))
		answer_yes(feature);
	else
		answer_failed(feature, recipe, &err);
	note_want(features, err.errnum);
}

static void probe_uffd_methods(struct features *features)
{
	bool has_uffd = probe_uffd(features);
	auto_close int pagemap = probe_pagemap(features);

	if (pagemap < 0)
		return;
	features->soft_dirty = trial_soft_dirty(pagemap);
	if (!has_uffd)
		return;
	features->scan_accessed = trial_scan_knows(pagemap, PAGE_IS_ACCESSED);
	for (unsigned int i = 0; i < FEATURE_METHODS; i++)
		if (recipes[i].trial)
			probe_method(features, i, pagemap);
}

static void probe_refs(struct feature *feature)
{
	if (!access("/proc/self/clear_refs", W_OK) && !access("/proc/self/smaps", R_OK))
		answer_yes(feature);
	else if (errno == ENOENT)
		answer(feature, FEATURE_NO,
		       "there is no /proc/self/clear_refs: CONFIG_PROC_PAGE_MONITOR is not set, or "
		       "/proc is not mounted",
		       recipes[FEATURE_REFS].newer);
	else
		answer(feature, FEATURE_FORBIDDEN,
		       errno == EROFS ? "/proc is mounted read-only"
				      : "/proc/self/clear_refs may not be written",
		       "run wsstat outside the container or as root");
}

void features_probe(struct features *features)
{
	struct utsname name = { 0 };

	*features = (struct features){ .attach.name = "attach" };
	for (unsigned int i = 0; i < FEATURE_METHODS; i++)
		features->method[i].name = features->process[i].name = recipes[i].name;
	uname(&name);
	memcpy(features->kernel, name.release, sizeof(features->kernel));
	probe_uffd_methods(features);
	probe_refs(&features->method[FEATURE_REFS]);
}

/* "cause; remedy", as the attach says it */
static void answer_error(struct feature *feature, const struct error *err)
{
	const char *remedy = strstr(err->text, "; ");
	enum feature_answer what = err->kind == ERROR_DENIED ? FEATURE_FORBIDDEN : FEATURE_NO;

	answer(feature, what, err->text, remedy ? remedy + 2 : "");
	feature->why[strlen(err->text) - (remedy ? strlen(remedy) : 0)] = '\0';
}

static void ask_attach(struct feature *feature, const struct proc *proc)
{
	struct injector *injector;
	struct error err = { 0 };

	if (injector_open(&injector, proc, &err)) {
		answer_error(feature, &err);
		return;
	}
	injector_close(injector);
	answer_yes(feature);
}

/* Opened as for use, and nothing written. */
static int check_refs(const struct proc *proc, struct error *err)
{
	auto_close int refs = -1;
	auto_close int smaps = -1;
	int rc = permit_target(proc, err);

	if (rc)
		return rc;
	refs = proc_open_file(proc, "clear_refs", O_WRONLY, err);
	if (refs < 0)
		return refs;
	smaps = proc_open_file(proc, "smaps", O_RDONLY, err);
	return smaps < 0 ? smaps : 0;
}

static void ask_refs(struct feature *feature, const struct proc *proc)
{
	struct error err = { 0 };

	if (!check_refs(proc, &err))
		answer_yes(feature);
	else if (err.kind == ERROR_DENIED)
		answer(feature, FEATURE_FORBIDDEN,
		       "its clear_refs and smaps in /proc may not be opened",
		       "run wsstat as the user of the process or as root");
	else
		answer_error(feature, &err);
}

static void ask_uffd(struct features *features, enum feature_method method)
{
	const char *needs = method == FEATURE_ZAP ? "needs to attach, at each sample"
						  : "needs to attach";

	if (features->attach.answer == FEATURE_YES)
		answer_yes(&features->process[method]);
	else
		answer(&features->process[method], features->attach.answer, needs, "");
}

void features_ask_process(struct features *features, const struct proc *proc)
{
	features->pid = proc->pid;
	ask_attach(&features->attach, proc);
	for (unsigned int i = 0; i < FEATURE_METHODS; i++) {
		struct feature *feature = &features->process[i];

		if (features->method[i].answer != FEATURE_YES)
			answer(feature, features->method[i].answer, "not on this kernel", "");
		else if (recipes[i].needs)
			ask_uffd(features, i);
		else
			ask_refs(feature, proc);
	}
}

const char *feature_answer_name(enum feature_answer what)
{
	static const char *const names[] = {
		[FEATURE_YES] = "yes",
		[FEATURE_NO] = "no",
		[FEATURE_FORBIDDEN] = "not permitted",
		[FEATURE_BROKEN] = "broken",
	};

	return names[what];
}
