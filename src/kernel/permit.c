/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kernel says EPERM and no more.  The causes are looked for in the order of
 * kernel/ptrace.c, __ptrace_may_access: the IDs, the memory (dumpable), the
 * capabilities (security/commoncap.c), Yama (security/yama/yama_lsm.c).
 */
#include "config.h"

#include "kernel/permit.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "base/format.h"
#include "kernel/elf.h"
#include "kernel/guardian.h"
#include "kernel/remote.h"
#include "kernel/uapi.h"

#define INIT_USER_NS 0xeffffffdu /* include/linux/proc_ns.h, PROC_USER_INIT_INO */
#define YAMA_NO_ATTACH 3

#define LAUNCH_IT "launch the program with wsstat -- COMMAND"

static uint64_t own_caps(void)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2] = { 0 };

	if (syscall(SYS_capget, &head, data))
		return 0;
	return data[0].effective | (uint64_t)data[1].effective << 32;
}

static bool has_cap(int cap)
{
	return own_caps() >> cap & 1;
}

/* In a container root is root there only. */
static bool in_init_user_ns(void)
{
	struct stat st;

	return !stat("/proc/self/ns/user", &st) && st.st_ino == INIT_USER_NS;
}

static const char *as_root(void)
{
	return geteuid() ? "run wsstat as root" : "run wsstat as root outside the container";
}

static int no(const struct proc *proc, struct error *err, const char *why, const char *remedy)
{
	return error_set(err, ERROR_DENIED, 0, "process %d %s; %s", proc->pid, why, remedy);
}

static bool all_are(const unsigned int ids[3], unsigned int id)
{
	return ids[0] == id && ids[1] == id && ids[2] == id;
}

/* Maps are told as the reader's namespace sees them: other words, another namespace. */
static bool in_other_user_ns(const struct proc *proc)
{
	char ours[4096], theirs[sizeof(ours)];

	return !proc_read(AT_FDCWD, "/proc/self/uid_map", ours, sizeof(ours)) &&
	       !proc_read(proc->dirfd, "uid_map", theirs, sizeof(theirs)) &&
	       strcmp(ours, theirs) != 0;
}

/* The files of one that is not belong to root, whoever it is (fs/proc/base.c). */
static bool is_dumpable(const struct proc *proc, const struct proc_facts *facts)
{
	struct stat st;

	return fstatat(proc->dirfd, "status", &st, 0) || st.st_uid == facts->uid[1];
}

static int denied_by_yama(const struct proc *proc, int scope, struct error *err)
{
	if (scope == YAMA_NO_ATTACH)
		return error_set(
			err, ERROR_DENIED, 0,
			"kernel.yama.ptrace_scope is 3: nobody can attach to process %d, or "
			"any other, until the next boot; " LAUNCH_IT,
			proc->pid);
	return error_set(
		err, ERROR_DENIED, 0,
		"attaching to process %d is not permitted: kernel.yama.ptrace_scope is %d; "
		"%s, set it to 0, or " LAUNCH_IT,
		proc->pid, scope, as_root());
}

static int denied_by_tracer(const struct proc *proc, int tracer, struct error *err)
{
	char path[32], comm[64] = "?\n", printable[sizeof(comm)];

	snprintf(path, sizeof(path), "/proc/%d/comm", tracer);
	if (proc_read(AT_FDCWD, path, comm, sizeof(comm)))
		strcpy(comm, "?\n");
	comm[strcspn(comm, "\n")] = '\0';
	format_printable(printable, sizeof(printable), comm);
	return error_set(err, ERROR_DENIED, 0,
			 "process %d is being traced by process %d (%s); end that first", proc->pid,
			 tracer, printable);
}

/* Not for want of the same IDs, or these do not matter. */
static int denied_otherwise(const struct proc *proc, const struct proc_facts *facts,
			    struct error *err)
{
	const bool mighty = has_cap(CAP_SYS_PTRACE);
	const int scope = proc_yama_scope();

	if (in_other_user_ns(proc))
		return no(proc, err, "is in another user namespace (another container?)",
			  geteuid() ? "run wsstat as root, outside of both"
				    : "run wsstat as root outside of both");
	if (!mighty && !is_dumpable(proc, facts))
		return no(proc, err,
			  "is not dumpable (by prctl(2), or its program may not be read)",
			  as_root());
	if (!mighty && facts->caps & ~own_caps())
		return no(proc, err, "has capabilities that wsstat has not", as_root());
	if (!mighty && scope > 0)
		return denied_by_yama(proc, scope, err);
	return no(proc, err,
		  "may not be attached to, and the kernel does not say why: a security module, or "
		  "a tracer outside this PID namespace?",
		  as_root());
}

int permit_denied(const struct proc *proc, struct error *err)
{
	const bool mighty = has_cap(CAP_SYS_PTRACE);
	const int tracer = permit_tracer(proc, proc->pid);
	struct proc_facts facts;

	if (proc_facts(proc, &facts, err))
		return -ESRCH;
	if (proc_yama_scope() == YAMA_NO_ATTACH)
		return denied_by_yama(proc, YAMA_NO_ATTACH, err);
	if (tracer > 0)
		return denied_by_tracer(proc, tracer, err);
	if (!mighty && facts.uid[0] != getuid())
		return no(proc, err, "belongs to another user",
			  geteuid() ? "run wsstat as that user or as root" : as_root());
	if (!mighty && !(all_are(facts.uid, getuid()) && all_are(facts.gid, getgid())))
		return no(proc, err,
			  "has other user or group IDs than wsstat (set-user-ID, set-group-ID)",
			  as_root());
	return denied_otherwise(proc, &facts, err);
}

/* What a filter over wsstat itself forbids of the calls that an attach takes. */
static const char *forbidden_call(const struct proc *proc)
{
	char byte = 0, copy;

	if (prctl(PR_GET_SECCOMP) <= 0)
		return NULL;
	if (ptrace(PTRACE_INTERRUPT, getpid(), NULL, NULL) && errno != ESRCH)
		return "ptrace(2)";
	if (remote_read(getpid(), (uintptr_t)&byte, &copy, 1))
		return "process_vm_readv(2)";
	if (remote_write(getpid(), (uintptr_t)&copy, &byte, 1))
		return "process_vm_writev(2)";
	if (syscall(SYS_pidfd_getfd, proc->pidfd, -1, 0) && errno != EBADF)
		return "pidfd_getfd(2)";
	return NULL;
}

static int read_tracer(const struct proc *proc, int tid)
{
	struct proc_facts facts = { 0 };
	char path[48], text[8192];

	snprintf(path, sizeof(path), "task/%d/status", tid);
	if (proc_read(proc->dirfd, path, text, sizeof(text)) || proc_parse_status(&facts, text))
		return 0;
	return facts.tracer;
}

int permit_tracer(const struct proc *proc, int tid)
{
	int tracer = read_tracer(proc, tid), before;

	/* A guardian may have ended before its name was read; and then it traces nobody. */
	do {
		if (!tracer || guardian_is(tracer))
			return tracer ? PERMIT_GUARDIAN : 0;
		before = tracer;
		tracer = read_tracer(proc, tid);
	} while (tracer != before);
	return tracer;
}

/* Opening mem asks what attaching asks: PTRACE_MODE_ATTACH, Yama included (fs/proc/base.c). */
static bool permitted(const struct proc *proc)
{
	auto_close int fd = proc_openat(proc, "mem", O_RDONLY);

	return fd != -EACCES && fd != -EPERM;
}

static int check_target(const struct proc *proc, struct proc_facts *facts, struct error *err)
{
	int rc;

	if (proc->pid == getpid())
		return error_set(err, ERROR_USAGE, 0, "%d is wsstat itself; give another process",
				 proc->pid);
	rc = proc_facts(proc, facts, err);
	if (rc)
		return rc;
	if (facts->kernel_thread)
		return error_set(err, ERROR_UNSUPPORTED, 0,
				 "process %d is a kernel thread: it has no memory of its own",
				 proc->pid);
	if (facts->state == 'Z' && facts->threads <= 1)
		return error_set(err, ERROR_GONE, 0, "process %d has ended (zombie)", proc->pid);
	return 0;
}

int permit_target(const struct proc *proc, struct error *err)
{
	struct proc_facts facts;

	return check_target(proc, &facts, err);
}

int permit_attach(const struct proc *proc, struct error *err)
{
	struct proc_facts facts;
	const char *call;
	int rc = check_target(proc, &facts, err);

	if (rc)
		return rc;
	/* Another wsstat's guardian lets go by itself: that is for the attempts. */
	if (permit_tracer(proc, proc->pid) > 0 || !permitted(proc))
		return permit_denied(proc, err);
	call = forbidden_call(proc);
	if (call)
		return error_set(
			err, ERROR_DENIED, 0,
			"%s, which attaching to process %d takes, is refused here, probably by "
			"a seccomp filter; run wsstat outside the container",
			call, proc->pid);
	if (elf_judge_running(proc) == ELF_FOREIGN)
		return error_set(err, ERROR_UNSUPPORTED, 0,
				 "process %d runs a 32-bit program; only 64-bit programs can be "
				 "attached to (-m refs tells of the others)",
				 proc->pid);
	if (facts.shadow_stack)
		return error_set(err, ERROR_UNSUPPORTED, 0,
				 "process %d runs with a shadow stack; " LAUNCH_IT, proc->pid);
	return 0;
}

/* check_ptrace_options() comes before all else, also for a tracee that cannot be one. */
static bool kernel_suspends(void)
{
	return !ptrace((enum __ptrace_request)PTRACE_SEIZE, getpid(), NULL,
		       PERMIT_SUSPEND_SECCOMP) ||
	       errno != EINVAL;
}

static bool may_suspend(void)
{
	return prctl(PR_GET_SECCOMP) <= 0 && has_cap(CAP_SYS_ADMIN) && in_init_user_ns();
}

int permit_filtered(const struct proc *proc, struct error *err)
{
	if (prctl(PR_GET_SECCOMP) > 0)
		return no(proc, err,
			  "runs under a seccomp filter, which wsstat cannot suspend from under one "
			  "itself",
			  "run wsstat as root outside the container");
	if (!may_suspend())
		return no(proc, err,
			  "runs under a seccomp filter, which might kill it for userfaultfd(2)",
			  as_root());
	return error_set(
		err, ERROR_UNSUPPORTED, 0,
		"process %d runs under a seccomp filter, which this kernel cannot suspend; "
		"boot one with CONFIG_CHECKPOINT_RESTORE=y",
		proc->pid);
}

int permit_filters(const struct proc *proc, struct error *err)
{
	struct proc_facts facts;
	int rc = proc_facts(proc, &facts, err);

	if (rc || !facts.seccomp || (may_suspend() && kernel_suspends()))
		return rc;
	return permit_filtered(proc, err);
}
