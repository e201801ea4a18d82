/* SPDX-License-Identifier: GPL-2.0-or-later */
/* /proc/PID/fd and fdinfo of userfaultfds (Linux 7.3.4 mm/userfaultfd.c, show_fdinfo). */
#include "config.h"

#include "kernel/leftover.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>

#include "base/log.h"

#define LOOKS_PAUSE_NS 100000000
#define UFFD_LINK "anon_inode:[userfaultfd]"
#define FDS_MAX 65536

/*
 * flags:	02004000
 * ...
 * API:	aa:0:80000000000001ff
 *
 * The second number of API is the features that the handshake has agreed on, with bit 31 once
 * it was made.
 */
bool leftover_is_idle(const char *fdinfo)
{
	const char *flags = strstr(fdinfo, "flags:\t"), *api = strstr(fdinfo, "\nAPI:\t");
	unsigned long had;

	if (!flags || !api || strncmp(api, "\nAPI:\taa:0:", 11) != 0)
		return false;
	had = strtoul(flags + strlen("flags:\t"), NULL, 8);
	return (had & ~(unsigned long)O_ACCMODE) == (O_CLOEXEC | O_NONBLOCK);
}

/* One descriptor below dir, /proc/PID or /proc/PID/task/TID: its inode, or 0 if it is no idle one.
 */
static uint64_t look_at(int dir, int fd)
{
	char path[32], text[1024];
	struct stat st;
	ssize_t got;

	snprintf(path, sizeof(path), "fd/%d", fd);
	got = readlinkat(dir, path, text, sizeof(text));
	if (got != (ssize_t)strlen(UFFD_LINK) || memcmp(text, UFFD_LINK, (size_t)got) != 0 ||
	    fstatat(dir, path, &st, 0))
		return 0;
	snprintf(path, sizeof(path), "fdinfo/%d", fd);
	auto_close int info = openat(dir, path, O_RDONLY | O_CLOEXEC);
	got = info < 0 ? -1 : read(info, text, sizeof(text) - 1);
	text[got > 0 ? got : 0] = '\0';
	return leftover_is_idle(text) ? st.st_ino : 0;
}

static bool is_stopped(const struct proc *proc)
{
	struct proc_facts facts;
	struct error ignored;

	return proc_facts(proc, &facts, &ignored) || strchr("tT", facts.state);
}

static void look_at_all(const struct proc *proc, struct leftovers *left)
{
	auto_close int dir = openat(proc->dirfd, "fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	auto_free int *fds = malloc(FDS_MAX * sizeof(*fds));
	ssize_t nr = dir < 0 || !fds ? 0 : proc_list_numbers(dir, fds, FDS_MAX);

	for (ssize_t i = 0; i < nr && i < FDS_MAX && left->nr < LEFTOVER_MAX; i++) {
		const uint64_t inode = look_at(proc->dirfd, fds[i]);

		if (!inode)
			continue;
		left->at[left->nr].fd = fds[i];
		left->at[left->nr++].inode = inode;
	}
}

/* Only those that are the same again stay. */
static void look_again(const struct proc *proc, struct leftovers *left)
{
	size_t nr = 0;

	for (size_t i = 0; i < left->nr; i++)
		if (look_at(proc->dirfd, left->at[i].fd) == left->at[i].inode)
			left->at[nr++] = left->at[i];
	left->nr = nr;
}

void leftover_find(const struct proc *proc, struct leftovers *left)
{
	const struct timespec pause = { .tv_nsec = LOOKS_PAUSE_NS };

	*left = (struct leftovers){ 0 };
	look_at_all(proc, left);
	if (!left->nr)
		return;
	if (!is_stopped(proc)) {
		nanosleep(&pause, NULL);
		look_again(proc, left);
	}
	if (is_stopped(proc))
		left->nr = 0;
}

int leftover_close(struct leftovers *left, struct borrow *b)
{
	char path[32];
	int rc = 0;

	if (!left->nr)
		return 0;
	b->step = "closing what an earlier wsstat left in it";
	snprintf(path, sizeof(path), "task/%d", b->tid);
	auto_close int dir = openat(b->proc->dirfd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	for (size_t i = 0; dir >= 0 && !rc && i < left->nr; i++) {
		const struct arch_request request = { .nr = SYS_close,
						      .args = { (uint64_t)left->at[i].fd } };
		long closed = -1;

		if (look_at(dir, left->at[i].fd) != left->at[i].inode)
			continue;
		rc = borrow_call(b, &request, FAULT_CLOSE_SET, &closed);
		left->closed += !rc && !closed;
	}
	return rc;
}

void leftover_tell(const struct leftovers *left, const struct proc *proc)
{
	if (left->closed)
		log_warn("a wsstat that was killed had left %zu idle userfaultfd%s in process %d; "
			 "closed now",
			 left->closed, left->closed > 1 ? "s" : "", proc->pid);
}
