/* SPDX-License-Identifier: GPL-2.0-or-later */
/* /proc/PID: see Documentation/filesystems/proc.rst. */
#include "config.h"

#include "kernel/procfs.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdalign.h>
#include <string.h>
#include <sys/syscall.h>

#include "base/clock.h"
#include "base/io.h"

#define LOOK_THREADS 256
#ifndef PIDFD_THREAD
#define PIDFD_THREAD O_EXCL /* Linux 6.9 */
#endif
/*
 * include/linux/posix-timers_types.h: CPUCLOCK_SCHED of a process.  clock_getcpuclockid(3) makes
 * the same, and asks the kernel each time whether it is there.
 */
#define CPU_CLOCK(pid) ((clockid_t)(~(unsigned int)(pid) << 3 | 2))
#define PF_KTHREAD 0x00200000u /* include/linux/sched.h, field 9 of stat */

int proc_read(int dirfd, const char *name, char *buf, size_t size)
{
	auto_close int fd = openat(dirfd, name, O_RDONLY | O_CLOEXEC);
	size_t used = 0;

	if (fd < 0)
		return -errno;
	while (used < size - 1) {
		ssize_t got = read(fd, buf + used, size - 1 - used);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -errno;
		if (!got)
			break;
		used += (size_t)got;
	}
	buf[used] = '\0';
	return 0;
}

/* Name:	value; NULL if the field is not there. */
static const char *status_field(const char *text, const char *name)
{
	size_t len = strlen(name);

	for (const char *line = text; line && *line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (!strncmp(line, name, len) && line[len] == ':')
			return line + len + 1 + strspn(line + len + 1, " \t");
	}
	return NULL;
}

static unsigned long status_number(const char *text, const char *name)
{
	const char *value = status_field(text, name);

	return value ? strtoul(value, NULL, 10) : 0;
}

/* Uid:	1000	1000	1000	1000 */
static void status_ids(const char *text, const char *name, unsigned int ids[3])
{
	const char *at = status_field(text, name);

	for (int i = 0; at && i < 3; i++) {
		char *end;

		ids[i] = (unsigned int)strtoul(at, &end, 10);
		at = end;
	}
}

/* NSpid:	4711	5 */
static unsigned int status_depth(const char *text)
{
	const char *at = status_field(text, "NSpid");
	unsigned int nr = 0;

	for (; at && isdigit((unsigned char)*at); nr++) {
		at += strspn(at, "0123456789");
		at += strspn(at, "\t ");
	}
	return nr;
}

int proc_parse_status(struct proc_facts *facts, const char *text)
{
	const char *features = status_field(text, "x86_Thread_features");
	const char *caps = status_field(text, "CapPrm");

	facts->tgid = (int)status_number(text, "Tgid");
	facts->tracer = (int)status_number(text, "TracerPid");
	status_ids(text, "Uid", facts->uid);
	status_ids(text, "Gid", facts->gid);
	facts->caps = caps ? strtoull(caps, NULL, 16) : 0;
	facts->pid_depth = status_depth(text);
	facts->seccomp = (unsigned int)status_number(text, "Seccomp");
	facts->threads = (unsigned int)status_number(text, "Threads");
	if (features) {
		size_t len = strcspn(features, "\n");

		facts->shadow_stack = memmem(features, len, "shstk", 5) != NULL;
	}
	return facts->tgid > 0 ? 0 : -EINVAL;
}

/*
 * 4242 (name, may hold ") (") S 1 4242 4242 0 -1 4194560 1234 0 0 0 5 ...
 * Fields are counted from the last ")": state is field 3.
 */
int proc_parse_stat(struct proc_facts *facts, const char *text)
{
	const char *at = strrchr(text, ')');
	unsigned long long field[23] = { 0 };

	if (!at || at[1] != ' ' || !isalpha((unsigned char)at[2]))
		return -EINVAL;
	facts->state = at[2];
	at += 3;
	for (int i = 4; i <= 22; i++) {
		char *end;

		field[i] = strtoull(at, &end, 10); /* -1 of tpgid wraps, and is not used */
		if (end == at)
			return -EINVAL;
		at = end;
	}
	facts->parent = (int)field[4];
	facts->kernel_thread = field[9] & PF_KTHREAD;
	facts->minor_faults = field[10];
	facts->start_ticks = field[22];
	return 0;
}

static int gone(const struct proc *proc, struct error *err)
{
	return error_set(err, ERROR_GONE, 0, "process %d has ended", proc->pid);
}

int proc_facts(const struct proc *proc, struct proc_facts *facts, struct error *err)
{
	char text[8192];
	int rc;

	*facts = (struct proc_facts){ 0 };
	rc = proc_read(proc->dirfd, "status", text, sizeof(text));
	if (!rc)
		rc = proc_parse_status(facts, text);
	if (!rc)
		rc = proc_read(proc->dirfd, "stat", text, sizeof(text));
	if (!rc)
		rc = proc_parse_stat(facts, text);
	if (rc == -ENOENT || rc == -ESRCH) {
		(void)gone(proc, err);
		return -ESRCH;
	}
	return rc ? error_errno(err, -rc, "cannot read the state of process %d", proc->pid) : 0;
}

void proc_update_comm(struct proc *proc)
{
	char text[sizeof(proc->comm)];

	if (proc_read(proc->dirfd, "comm", text, sizeof(text)))
		return;
	text[strcspn(text, "\n")] = '\0';
	memcpy(proc->comm, text, sizeof(text));
}

int proc_check_mount(struct error *err)
{
	struct proc_facts facts = { 0 };
	char text[8192];
	int rc = proc_read(AT_FDCWD, "/proc/self/status", text, sizeof(text));

	if (error_is_want(-rc))
		return error_errno(err, -rc, "cannot read /proc/self/status");
	if (rc)
		return error_set(err, ERROR_UNSUPPORTED, 0,
				 "wsstat is not in /proc: that is not mounted, or of another PID "
				 "namespace; mount the one of this namespace there");
	rc = proc_parse_status(&facts, text);
	if (rc || facts.pid_depth <= 1)
		return rc ? error_errno(err, -rc, "cannot read /proc/self/status") : 0;
	return error_set(err, ERROR_UNSUPPORTED, 0,
			 "/proc is of another PID namespace (there wsstat is %d, here it is %d), "
			 "so its numbers name other processes; mount the one of this namespace "
			 "there, as unshare --mount-proc does",
			 facts.tgid, getpid());
}

/*
 * errnum: of what could not be opened.  pidfd_open() takes only processes; tell a thread
 * from nothing at all, and both from a want of ours.
 */
static int no_process(const struct proc *proc, int errnum, struct error *err)
{
	struct proc_facts facts = { 0 };
	struct error ignored;

	if (error_is_want(errnum))
		return error_errno(err, errnum, "cannot open process %d", proc->pid);
	if (proc->dirfd >= 0 && !proc_facts(proc, &facts, &ignored) && facts.tgid != proc->pid)
		return error_set(err, ERROR_USAGE, 0,
				 "%d is a thread; its process is %d: use -p %d", proc->pid,
				 facts.tgid, facts.tgid);
	if (proc->dirfd >= 0 && facts.state == 'Z')
		return error_set(err, ERROR_GONE, 0, "process %d has ended (zombie)", proc->pid);
	if (proc->pidfd >= 0 && proc->dirfd < 0 && !proc_ended(proc))
		return error_set(err, ERROR_DENIED, 0,
				 "process %d is not to be seen in /proc, which is mounted with "
				 "hidepid; run wsstat as root",
				 proc->pid);
	return error_set(err, ERROR_GONE, 0, "no such process: %d", proc->pid);
}

int proc_open(struct proc *proc, int pid, struct error *err)
{
	char path[32];
	int rc, failed;

	*proc = (struct proc)PROC_NONE;
	rc = proc_check_mount(err);
	if (rc)
		return rc;
	proc->pid = pid;
	snprintf(path, sizeof(path), "/proc/%d", pid);
	proc->pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
	failed = proc->pidfd < 0 ? errno : 0;
	if (failed == ENOSYS)
		return error_set(err, ERROR_UNSUPPORTED, ENOSYS,
				 "this kernel has no pidfd_open; Linux 6.7 or later is needed");
	proc->dirfd = open(path, O_DIRECTORY | O_RDONLY | O_CLOEXEC);
	if (proc->dirfd < 0)
		failed = errno;
	/* Still running after /proc/PID was opened: both name the same process. */
	if (proc->pidfd < 0 || proc->dirfd < 0 || proc_ended(proc))
		rc = no_process(proc, failed, err);
	if (rc)
		proc_close(proc);
	else
		proc_update_comm(proc);
	return rc;
}

void proc_close(struct proc *proc)
{
	util_close(&proc->pidfd);
	util_close(&proc->dirfd);
	*proc = (struct proc)PROC_NONE;
}

bool proc_ends(const struct proc *proc, int within_ms)
{
	struct pollfd ready = { .fd = proc->pidfd, .events = POLLIN };

	return poll(&ready, 1, within_ms) > 0;
}

bool proc_cpu_ns(const struct proc *proc, int64_t *ns)
{
	struct timespec used;

	if (proc->pidfd < 0 || clock_gettime(CPU_CLOCK(proc->pid), &used))
		return false;
	*ns = used.tv_sec * NS_PER_S + used.tv_nsec;
	return true;
}

bool proc_ended(const struct proc *proc)
{
	return proc_ends(proc, 0);
}

/* Nothing is behind exe where there is no memory (proc_exe_link). */
static bool has_memory(int dirfd)
{
	char byte;

	return readlinkat(dirfd, "exe", &byte, sizeof(byte)) >= 0 || errno != ENOENT;
}

/* /proc/TID, if that is a living thread of the process; else a negative errno. */
static int open_thread(const struct proc *proc, int tid)
{
	struct proc_facts facts = { 0 };
	char path[32], text[8192];
	int fd;

	snprintf(path, sizeof(path), "/proc/%d", tid);
	fd = open(path, O_DIRECTORY | O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	/* As long as the process lives, no other has its number. */
	if (!proc_read(fd, "status", text, sizeof(text)) && !proc_parse_status(&facts, text) &&
	    facts.tgid == proc->pid && has_memory(fd) && !proc_ended(proc))
		return fd;
	util_close(&fd);
	return -ESRCH;
}

/* /proc/TID of the first thread that lives, its number in *tid; or -ESRCH. */
static int open_living(const struct proc *proc, int *tid)
{
	int tids[LOOK_THREADS] = { 0 };
	ssize_t nr = proc_threads(proc, tids, ARRAY_LEN(tids));

	for (ssize_t i = 0; i < nr && i < (ssize_t)ARRAY_LEN(tids); i++) {
		int fd = open_thread(proc, tids[i]);

		*tid = tids[i];
		if (fd >= 0)
			return fd;
	}
	return -ESRCH;
}

int proc_openat(const struct proc *proc, const char *name, int flags)
{
	int tid, dirfd, fd;

	if (!has_memory(proc->dirfd)) {
		dirfd = open_living(proc, &tid);
		fd = dirfd < 0 ? -1 : openat(dirfd, name, flags | O_CLOEXEC);
		util_close(&dirfd);
		if (fd >= 0)
			return fd;
	}
	fd = openat(proc->dirfd, name, flags | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

int proc_living_thread(const struct proc *proc)
{
	int tid = proc->pid;

	if (!has_memory(proc->dirfd)) {
		auto_close int fd = open_living(proc, &tid);

		tid = fd < 0 ? proc->pid : tid;
	}
	return tid;
}

int proc_thread_pidfd(int tid)
{
	return (int)syscall(SYS_pidfd_open, tid, PIDFD_THREAD);
}

/* A main thread that has ended has no descriptors either. */
int proc_take_fd(const struct proc *proc, int fd)
{
	int taken = (int)syscall(SYS_pidfd_getfd, proc->pidfd, fd, 0);

	if (taken >= 0 || errno != ESRCH)
		return taken < 0 ? -errno : taken;
	auto_close int thread = proc_thread_pidfd(proc_living_thread(proc));

	if (thread < 0) /* before Linux 6.9 */
		return -ESRCH;
	taken = (int)syscall(SYS_pidfd_getfd, thread, fd, 0);
	return taken < 0 ? -errno : taken;
}

int proc_open_file(const struct proc *proc, const char *name, int flags, struct error *err)
{
	int fd = proc_openat(proc, name, flags);

	if (fd >= 0)
		return fd;
	errno = -fd;
	if (errno == ENOENT || errno == ESRCH)
		return gone(proc, err);
	if (errno == EACCES || errno == EPERM)
		return error_set(
			err, ERROR_DENIED, errno,
			"cannot open /proc/%d/%s (is it your own process, and not set-user-ID? "
			"else run as root)",
			proc->pid, name);
	return error_errno(err, errno, "cannot open /proc/%d/%s", proc->pid, name);
}

/* The entries of a directory that are numbers, by getdents64: it allocates nothing. */
static ssize_t read_numbers(int fd, int *numbers, size_t max)
{
	alignas(struct dirent64) char buf[4096];
	size_t nr = 0;

	for (;;) {
		ssize_t got = getdents64(fd, buf, sizeof(buf));

		if (got < 0)
			return -errno;
		if (!got)
			return (ssize_t)nr;
		for (ssize_t at = 0; at < got;) {
			const struct dirent64 *entry = (const void *)(buf + at);

			at += entry->d_reclen;
			if (!isdigit((unsigned char)entry->d_name[0]))
				continue;
			if (nr < max)
				numbers[nr] = (int)strtol(entry->d_name, NULL, 10);
			nr++;
		}
	}
}

ssize_t proc_list_numbers(int dirfd, int *numbers, size_t max)
{
	return lseek(dirfd, 0, SEEK_SET) < 0 ? -errno : read_numbers(dirfd, numbers, max);
}

ssize_t proc_list_all(int dirfd, int **numbers, size_t *cap)
{
	for (;;) {
		ssize_t nr = proc_list_numbers(dirfd, *numbers, *cap);
		int *grown;

		if (nr < 0 || ((size_t)nr <= *cap && *cap))
			return nr;
		grown = realloc(*numbers, 2 * ((size_t)nr + 256) * sizeof(*grown));
		if (!grown)
			return -ENOMEM;
		*numbers = grown;
		*cap = 2 * ((size_t)nr + 256);
	}
}

ssize_t proc_threads(const struct proc *proc, int *tids, size_t max)
{
	auto_close int fd = openat(proc->dirfd, "task", O_DIRECTORY | O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return errno == ENOENT ? -ESRCH : -errno;
	return read_numbers(fd, tids, max);
}

int proc_read_thread(int task_fd, int tid, const char *name, char *buf, size_t size)
{
	char path[32];
	ssize_t got;

	snprintf(path, sizeof(path), "%d/%s", tid, name);
	auto_close int fd = openat(task_fd, path, O_RDONLY | O_CLOEXEC);
	got = fd < 0 ? -1 : read(fd, buf, size - 1);
	if (got < 0)
		return errno == ENOENT ? -ESRCH : -errno;
	buf[got] = '\0';
	return got ? 0 : -ESRCH;
}

/* "4243 4244 ": those of one thread, after the nr that there are. */
static ssize_t read_children(int task_fd, const char *tid, int *pids, size_t max, size_t nr)
{
	char path[32], word[16];
	int fd;

	snprintf(path, sizeof(path), "%.10s/children", tid);
	fd = openat(task_fd, path, O_RDONLY | O_CLOEXEC);
	auto_fclose FILE *file = fd < 0 ? NULL : fdopen(fd, "r");
	if (!file) {
		int failed = errno;

		util_close(&fd);
		return -failed;
	}
	for (; fscanf(file, "%15s", word) == 1; nr++)
		if (nr < max)
			pids[nr] = (int)strtol(word, NULL, 10);
	return (ssize_t)nr;
}

ssize_t proc_children(const struct proc *proc, int *pids, size_t max)
{
	int fd = openat(proc->dirfd, "task", O_DIRECTORY | O_RDONLY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *entry;
	ssize_t nr = 0, failed = -ESRCH;

	if (!dir) {
		util_close(&fd);
		return -ESRCH;
	}
	while ((entry = readdir(dir))) {
		ssize_t rc;

		if (!isdigit((unsigned char)entry->d_name[0]))
			continue;
		/* A thread may end meanwhile; its children are another's then. */
		rc = read_children(fd, entry->d_name, pids, max, (size_t)nr);
		failed = rc < 0 ? rc : 0;
		nr = rc < 0 ? nr : rc;
	}
	closedir(dir);
	return nr ? nr : failed;
}

uint64_t proc_number(int dirfd, const char *path)
{
	auto_close int fd = openat(dirfd, path, O_RDONLY | O_CLOEXEC);
	char text[32];
	ssize_t got = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);

	if (got <= 0)
		return 0;
	text[got] = '\0';
	return strtoull(text, NULL, 10);
}

int proc_yama_scope(void)
{
	return (int)proc_number(AT_FDCWD, "/proc/sys/kernel/yama/ptrace_scope");
}

uint64_t proc_ksm_pages(const struct proc *proc)
{
	return proc_number(proc->dirfd, "ksm_merging_pages");
}
