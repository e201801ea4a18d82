/* SPDX-License-Identifier: GPL-2.0-or-later */
/* /proc/PID/task/TID/syscall (fs/proc/base.c, proc_pid_syscall) and comm. */
#include "config.h"

#include "kernel/stacks.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#define WORDS_MAX 9 /* a number, six arguments, stack pointer, program counter */

/* "0x7ffd3a5e1c28" with a blank or the end of the line after it. */
static bool take_word(const char **at, uint64_t *value)
{
	char *end;

	if (strncmp(*at, " 0x", 3) != 0 || !isxdigit((unsigned char)(*at)[3]))
		return false;
	errno = 0;
	*value = strtoull(*at + 3, &end, 16);
	*at = end;
	return !errno;
}

/*
 * running
 * 0 0x3 0x7ffd3a5e1d60 0x400 0x0 0x0 0x0 0x7ffd3a5e1c28 0x7f5e0a2f11f2
 * -1 0x7ffd3a5e1c28 0x7f5e0a2f11f2
 * The last two are the stack pointer and the program counter; where no system call is made,
 * they stand alone.
 */
bool stacks_parse(const char *text, uint64_t *sp)
{
	uint64_t word[WORDS_MAX];
	unsigned int nr = 0;
	char *end;
	long call;

	*sp = 0;
	if (!strcmp(text, "running\n") || !strcmp(text, "running"))
		return true;
	if (*text != '-' && !isdigit((unsigned char)*text))
		return false;
	call = strtol(text, &end, 10);
	for (text = end; nr < WORDS_MAX && take_word(&text, &word[nr]);)
		nr++;
	if (nr != (call < 0 ? 2 : 8) || (*text && strcmp(text, "\n") != 0))
		return false;
	*sp = word[nr - 2];
	return true;
}

/* 1: filled in, 0: it is gone, or an error. */
static int look_at(struct thread_stack *stack, int task_fd, int tid)
{
	char text[256];
	int rc = proc_read_thread(task_fd, tid, "syscall", text, sizeof(text));

	*stack = (struct thread_stack){ .tid = tid };
	if (!rc && !stacks_parse(text, &stack->sp))
		return -EINVAL;
	if (!rc)
		rc = proc_read_thread(task_fd, tid, "comm", stack->comm, sizeof(stack->comm));
	if (rc)
		return rc == -ESRCH ? 0 : rc;
	stack->comm[strcspn(stack->comm, "\n")] = '\0';
	return 1;
}

static int list_threads(struct thread_stacks *stacks, int task_fd, size_t *nr)
{
	ssize_t got = proc_list_all(task_fd, &stacks->tids, &stacks->tids_cap);
	struct thread_stack *grown;

	if (got < 0)
		return got == -ENOENT ? -ESRCH : (int)got;
	*nr = (size_t)got;
	if (*nr <= stacks->cap)
		return 0;
	grown = realloc(stacks->at, stacks->tids_cap * sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	stacks->at = grown;
	stacks->cap = stacks->tids_cap;
	return 0;
}

static int read_threads(struct thread_stacks *stacks, int task_fd)
{
	size_t nr = 0;
	int rc = list_threads(stacks, task_fd, &nr);

	for (size_t i = 0; i < nr && rc >= 0; i++) {
		rc = look_at(&stacks->at[stacks->nr], task_fd, stacks->tids[i]);
		stacks->nr += rc > 0;
	}
	return rc < 0 ? rc : stacks->nr ? 0 : -ESRCH;
}

int stacks_read(struct thread_stacks *stacks, const struct proc *proc, struct error *err)
{
	auto_close int task_fd = proc_open_file(proc, "task", O_RDONLY | O_DIRECTORY, err);
	int rc;

	stacks->nr = 0;
	if (task_fd < 0)
		return task_fd;
	rc = read_threads(stacks, task_fd);
	if (!rc)
		return 0;
	stacks->nr = 0;
	if (rc == -EPERM || rc == -EACCES)
		return error_errno(
			err, -rc,
			"cannot see the stack pointers of process %d (needs CAP_SYS_PTRACE)",
			proc->pid);
	return error_errno(err, -rc, "cannot read the threads of process %d", proc->pid);
}

void stacks_free(struct thread_stacks *stacks)
{
	free(stacks->at);
	free(stacks->tids);
	*stacks = (struct thread_stacks){ 0 };
}
