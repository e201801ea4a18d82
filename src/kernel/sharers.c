/* SPDX-License-Identifier: GPL-2.0-or-later */
/* kcmp(2) with KCMP_VM, on everybody. */
#include "config.h"

#include "kernel/sharers.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/kcmp.h>
#include <string.h>
#include <sys/syscall.h>

#include "base/clock.h"
#include "kernel/halt.h"

/*
 * What is known holds until numbers can have been given out all the way round: there
 * are 32768 at least, and it takes longer to make a process than to look at one.
 */
#define KNOWN_FOR_NS (100 * INT64_C(1000000))
#define KNOWN_FOR_LOOKS 10 /* on a slow machine: so many times what a look at all took */
#define NEW_IN_STOP 256	   /* numbers to be looked at in a stop, below 0.1 ms */

int sharers_open(struct sharers *sharers, const struct proc *proc, int task_fd, struct error *err)
{
	*sharers = (struct sharers){ .proc = proc, .proc_fd = -1, .loadavg_fd = -1 };
	sharers->task_fd = task_fd;
	sharers->proc_fd = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (sharers->proc_fd < 0)
		return error_errno(err, errno, "cannot open /proc");
	sharers->loadavg_fd = open("/proc/loadavg", O_RDONLY | O_CLOEXEC);
	if (sharers->loadavg_fd < 0)
		return error_errno(err, errno, "cannot open /proc/loadavg");
	return 0;
}

void sharers_close(struct sharers *sharers)
{
	util_close(&sharers->proc_fd);
	util_close(&sharers->loadavg_fd);
	free(sharers->pids);
	*sharers = (struct sharers){ .proc_fd = -1, .loadavg_fd = -1 };
}

/*
 * 0.20 0.18 0.12 1/80 11206
 * The number that was given out last; 0 if that cannot be read.
 */
static int last_number(const struct sharers *sharers)
{
	char text[128], *at;
	ssize_t got = pread(sharers->loadavg_fd, text, sizeof(text) - 1, 0);

	text[got > 0 ? got : 0] = '\0';
	at = strrchr(text, ' ');
	return at ? (int)strtol(at + 1, NULL, 10) : 0;
}

/*
 * Has this task the memory of tid?  One that may not be looked at has not: its owner
 * is another, and a task that changes its owner takes the right to trace away from
 * all who share its memory (commit_creds, set_dumpable).
 */
static int compare(int tid, int other)
{
	long answer = syscall(SYS_kcmp, tid, other, KCMP_VM, 0, 0);

	if (answer >= 0)
		return answer == 0;
	return errno == ESRCH || errno == EPERM || errno == EACCES ? 0 : -errno;
}

bool sharers_same(int pid, int other)
{
	return compare(pid, other) > 0;
}

static bool is_thread(const struct sharers *sharers, int tid)
{
	char path[16];

	snprintf(path, sizeof(path), "%d", tid);
	return !faccessat(sharers->task_fd, path, F_OK, 0);
}

static int look_at(struct sharers *sharers, int tid, int other)
{
	int same = compare(tid, other);

	if (same <= 0 || is_thread(sharers, other))
		return same < 0 ? same : 0;
	sharers->found = other;
	return -EAGAIN;
}

/* A thread of the target that is alive: the others have no memory to compare with. */
static int own_thread(const struct sharers *sharers)
{
	ssize_t nr = proc_list_numbers(sharers->task_fd, sharers->pids, sharers->cap);
	struct halt_thread thread;

	for (ssize_t i = 0; i < nr && i < (ssize_t)sharers->cap; i++)
		if (!halt_look(sharers->task_fd, sharers->pids[i], &thread) && !thread.exiting)
			return sharers->pids[i];
	return 0;
}

static ssize_t list_processes(struct sharers *sharers)
{
	return proc_list_all(sharers->proc_fd, &sharers->pids, &sharers->cap);
}

/*
 * The threads of a process whose first one has ended (it has no memory, but the
 * others may).
 */
static int look_at_orphans(struct sharers *sharers, int tid, int process)
{
	struct halt_thread thread;
	int tids[256];
	char path[24];
	ssize_t nr;
	int rc = 0;

	snprintf(path, sizeof(path), "%d/task", process);
	auto_close int fd = openat(sharers->proc_fd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 || halt_look(fd, process, &thread) || !thread.exiting)
		return 0;
	nr = proc_list_numbers(fd, tids, ARRAY_LEN(tids));
	for (ssize_t i = 0; !rc && i < nr && i < (ssize_t)ARRAY_LEN(tids); i++)
		rc = look_at(sharers, tid, tids[i]);
	return rc;
}

static int look_at_all(struct sharers *sharers)
{
	const bool first = !sharers->known_ns;
	const int64_t now_ns = clock_boot_ns();
	const int last = last_number(sharers);
	struct halt_thread thread;
	/* Room first: finding a thread of the target needs it. */
	ssize_t nr = list_processes(sharers);
	const int tid = nr < 0 ? 0 : own_thread(sharers);
	int rc = 0;

	if (nr >= 0)
		nr = list_processes(sharers);
	if (nr < 0 || !tid || last <= 0)
		return nr < 0 ? (int)nr : -EAGAIN;
	for (ssize_t i = 0; !rc && i < nr; i++) {
		rc = look_at(sharers, tid, sharers->pids[i]);
		if (!rc && first && sharers->pids[i] != sharers->proc->pid)
			rc = look_at_orphans(sharers, tid, sharers->pids[i]);
	}
	/* If it has ended meanwhile, it was compared for nothing. */
	if (!rc && (halt_look(sharers->task_fd, tid, &thread) || thread.exiting))
		rc = -EAGAIN;
	if (rc)
		return rc;
	sharers->last = last;
	sharers->known_ns = now_ns;
	sharers->known_for_ns = KNOWN_FOR_LOOKS * (clock_boot_ns() - now_ns);
	if (sharers->known_for_ns < KNOWN_FOR_NS)
		sharers->known_for_ns = KNOWN_FOR_NS;
	return 0;
}

int sharers_look(struct sharers *sharers)
{
	const int self = getpid();

	sharers->found = 0;
	/* Half: the other half is for the stop to begin. */
	if (sharers->known_ns && clock_boot_ns() - sharers->known_ns < sharers->known_for_ns / 2)
		return 0;
	if (syscall(SYS_kcmp, self, self, KCMP_VM, 0, 0))
		return -ENOSYS;
	return look_at_all(sharers);
}

int sharers_look_again(struct sharers *sharers, int tid)
{
	const int64_t now_ns = clock_boot_ns();
	const int last = last_number(sharers);
	int rc = 0;

	if (now_ns - sharers->known_ns >= sharers->known_for_ns || last < sharers->last ||
	    last - sharers->last > NEW_IN_STOP) {
		sharers->known_ns = 0;
		return -EAGAIN;
	}
	for (int other = sharers->last + 1; !rc && other <= last; other++)
		rc = look_at(sharers, tid, other);
	if (rc) {
		sharers->known_ns = 0;
		return rc;
	}
	sharers->last = last;
	sharers->known_ns = now_ns;
	return 0;
}
