/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One process and its /proc directory.  The directory descriptor and the pidfd
 * both name this very process: a later one with the same pid is never mistaken
 * for it.  All calls may be made in any state of the process.
 */
#ifndef WSSTAT_KERNEL_PROCFS_H
#define WSSTAT_KERNEL_PROCFS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"

struct proc {
	int pid;
	int dirfd; /* /proc/PID */
	int pidfd; /* readable when the process has ended */
	char comm[64];
};

#define PROC_NONE                                   \
	{                                           \
		.pid = -1, .dirfd = -1, .pidfd = -1 \
	}

/*
 * Does /proc call processes by the numbers that the system calls take?  ERROR_UNSUPPORTED
 * if it is of another PID namespace than ours, or not there.
 */
must_check int proc_check_mount(struct error *err);

/*
 * Take hold of a process.  ERROR_GONE if there is none; ERROR_USAGE if pid is a
 * thread that is no process, naming the process; or as proc_check_mount().
 */
must_check int proc_open(struct proc *proc, int pid, struct error *err);
void proc_close(struct proc *proc);

/*
 * Processor time that all its threads have used (CPUCLOCK of another process,
 * kernel/time/posix-cpu-timers.c), for one that is known to live.  False: it cannot be told.
 */
bool proc_cpu_ns(const struct proc *proc, int64_t *ns);

/* Has it ended (or become a zombie)? */
bool proc_ended(const struct proc *proc);

/* Or does it within that time?  One that dies has no memory a moment before it has ended. */
bool proc_ends(const struct proc *proc, int within_ms);
#define PROC_DYING_MS 20

/*
 * Open a file below /proc/PID: a descriptor or a negative errno.  Where the main thread has
 * ended and others live, it has no memory, files or root any more: then that of one
 * of the others is opened.
 */
must_check int proc_openat(const struct proc *proc, const char *name, int flags);

/* The main thread, or where that has ended another: by it the memory can be reached. */
int proc_living_thread(const struct proc *proc);

/* The same; the error says which file, and what helps. */
must_check int proc_open_file(const struct proc *proc, const char *name, int flags,
			      struct error *err);

/*
 * All of a file that is short and text, or as much as fits, terminated; dirfd as of
 * openat(2).  Allocates nothing.  0 or a negative errno.
 */
must_check int proc_read(int dirfd, const char *name, char *buf, size_t size);

/* What /proc/PID/status and stat tell that matters here. */
struct proc_facts {
	char state;	     /* R S D T t Z X I */
	int parent;	     /* pid, as its pid namespace's reaper if that has ended */
	int tgid;	     /* the process that this task belongs to */
	int tracer;	     /* pid of a debugger, 0 if none */
	unsigned int uid[3]; /* real, effective, saved */
	unsigned int gid[3];
	uint64_t caps;		/* permitted capabilities */
	unsigned int pid_depth; /* PID namespaces that know it, from that of /proc on down */
	unsigned int seccomp;	/* 0 none, 1 strict, 2 filter */
	bool kernel_thread;
	bool shadow_stack; /* x86: returns are checked by the processor */
	unsigned int threads;
	uint64_t minor_faults;
	uint64_t start_ticks; /* since boot: with the pid, an identity */
};

must_check int proc_facts(const struct proc *proc, struct proc_facts *facts, struct error *err);

/* For the parsers' tests: the text of status and of stat into facts; 0 or -EINVAL. */
must_check int proc_parse_status(struct proc_facts *facts, const char *text);
must_check int proc_parse_stat(struct proc_facts *facts, const char *text);

/* pidfd_open(2), Linux 6.9: of a thread, with the descriptors that this thread has. */
int proc_thread_pidfd(int tid);

/* A copy of a descriptor of the process, or a negative errno.  Allocates nothing. */
must_check int proc_take_fd(const struct proc *proc, int fd);

/* The name of the program as it is now, into proc->comm. */
void proc_update_comm(struct proc *proc);

/*
 * The decimal entries of a directory of /proc, read from its beginning, at most max
 * stored, without allocating.  Returns how many there are, or a negative errno.
 */
must_check ssize_t proc_list_numbers(int dirfd, int *numbers, size_t max);

/* The same, all of them; *numbers, with room for *cap, is grown and stays the caller's. */
must_check ssize_t proc_list_all(int dirfd, int **numbers, size_t *cap);

/*
 * As much as one read(2) gives and fits of /proc/PID/task/TID/name, terminated.  Allocates
 * nothing.  0 or a negative errno; -ESRCH: there is no such thread (any more), or no such
 * file, or nothing in it.
 */
must_check int proc_read_thread(int task_fd, int tid, const char *name, char *buf, size_t size);

/*
 * Read decimal directory entries of /proc/PID/task into tids, without allocating.
 * Returns how many there are, of which at most max were stored, or a negative errno.
 */
must_check ssize_t proc_threads(const struct proc *proc, int *tids, size_t max);

/* kernel.yama.ptrace_scope, 0 where there is no Yama. */
int proc_yama_scope(void);

/* Pages of the process that KSM has merged; 0 if unknown. */
uint64_t proc_ksm_pages(const struct proc *proc);

/* The number that a file of /proc or /sys begins with; 0 if it has none, or cannot be read. */
uint64_t proc_number(int dirfd, const char *path);

/*
 * The children of all threads, ascending order not promised, at most max stored.
 * Returns how many, or a negative errno (-ENOENT: kernel without
 * CONFIG_PROC_CHILDREN).
 */
must_check ssize_t proc_children(const struct proc *proc, int *pids, size_t max);

#endif
