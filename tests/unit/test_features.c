/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * kernel/features.c and kernel/trial.c on whatever kernel this is: the answers are
 * whole and steady, and nothing is left behind.  What they must be on which kernel,
 * and under filters, is tests/cli.bats.
 */
#include "config.h"

#include "kernel/features.h"

#include <fcntl.h>
#include <string.h>

#include "base/io.h"
#include "kernel/procfs.h"
#include "kernel/uapi.h"
#include "tap.h"

static bool is_whole(const struct feature *feature)
{
	bool yes = feature->answer == FEATURE_YES;

	return feature->name && *feature->name && feature_answer_name(feature->answer) &&
	       yes == !*feature->why && !(yes && *feature->remedy);
}

static void test_kernel(const struct features *features)
{
	static const char *const names[] = { "rwp", "zap", "wp", "refs" };
	const struct feature *rwp = features_method(features, FEATURE_RWP);

	for (unsigned int i = 0; i < FEATURE_METHODS; i++) {
		is_str(features->method[i].name, names[i], "FEAT01: the name of a method");
		ok(is_whole(&features->method[i]), "FEAT02: %s: a reason exactly when not yes",
		   names[i]);
	}
	ok(*features->kernel, "FEAT03: the kernel's release");
	ok(!features->pid, "FEAT04: nobody was asked about");
	if (rwp->answer == FEATURE_YES)
		ok(features->uffd & UFFD_FEATURE_RWP && features->scan_accessed,
		   "FEAT05: rwp has what it needs");
	else
		ok(*rwp->remedy, "FEAT05: what would bring rwp");
}

static char *read_smaps(void)
{
	char *text = NULL;
	size_t cap = 0, len;
	int fd = open("/proc/self/smaps", O_RDONLY | O_CLOEXEC);

	if (io_read_all(fd, &text, &cap, &len))
		ok(false, "our own smaps can be read");
	close(fd);
	return text;
}

static bool same_answers(const struct features *a, const struct features *b)
{
	bool same = a->uffd == b->uffd && a->soft_dirty == b->soft_dirty &&
		    a->scan_accessed == b->scan_accessed;

	for (unsigned int i = 0; i < FEATURE_METHODS; i++)
		same = same && a->method[i].answer == b->method[i].answer &&
		       !strcmp(a->method[i].why, b->method[i].why);
	return same;
}

static void test_again(const struct features *before)
{
	struct features after;
	unsigned int nr = open_files();
	auto_free char *smaps = NULL;

	features_probe(&after);
	ok(same_answers(before, &after), "FEAT06: the same answers again");
	ok(open_files() == nr, "FEAT07: no descriptor is left open");
	smaps = read_smaps();
	ok(smaps && !strstr(smaps, " uw") && !strstr(smaps, " ur"),
	   "FEAT08: no memory is left registered");
}

static void test_process(struct features *features)
{
	struct proc proc;
	struct error err = { 0 };

	ok(!proc_open(&proc, getpid(), &err), "FEAT09: a process, ourselves");
	features_ask_process(features, &proc);
	ok(features->pid == getpid() && is_whole(&features->attach),
	   "FEAT10: an answer about attaching");
	for (unsigned int i = 0; i < FEATURE_METHODS; i++) {
		const struct feature *here = &features->process[i];

		ok(is_whole(here), "FEAT11: %s: a reason exactly when not yes", here->name);
		ok(here->answer != FEATURE_YES || features->method[i].answer == FEATURE_YES,
		   "FEAT12: %s: never more than the kernel has", here->name);
	}
	proc_close(&proc);
}

static void test_names(void)
{
	is_str(feature_answer_name(FEATURE_YES), "yes", "FEAT13: yes");
	is_str(feature_answer_name(FEATURE_NO), "no", "FEAT13: no");
	is_str(feature_answer_name(FEATURE_FORBIDDEN), "not permitted", "FEAT13: not permitted");
	is_str(feature_answer_name(FEATURE_BROKEN), "broken", "FEAT13: broken");
}

int main(void)
{
	struct features features;

	features_probe(&features);
	test_kernel(&features);
	test_again(&features);
	test_process(&features);
	test_names();
	return done();
}
