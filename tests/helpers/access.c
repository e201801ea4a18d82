/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The ways to touch pages of an area: by this program, by the kernel on its
 * behalf, by another process.
 */
#define _GNU_SOURCE 1
#include "access.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/uio.h>
#include <unistd.h>

#include "area.h"

/* One byte each at addr, addr + step, ... */
struct peer_request {
	uint64_t addr, count, step;
};

static int sink[2];			    /* a pipe: what goes in comes out at once */
static unsigned char mark;		    /* where bytes of an area end up, or come from */
static int peer_ask = -1, peer_answer = -1; /* the process behind "vm-read" */

static volatile unsigned char *page_at(const struct area *a, size_t page)
{
	return (volatile unsigned char *)a->start + page * a->page_bytes;
}

static int page_read(const struct area *a, size_t page)
{
	(void)*page_at(a, page);
	return 0;
}

static int page_write(const struct area *a, size_t page)
{
	volatile unsigned char *byte = page_at(a, page) + 8;

	*byte = (unsigned char)(*byte + 1);
	return 0;
}

static int sink_open(void)
{
	return sink[1] ? 0 : pipe2(sink, O_CLOEXEC);
}

/* The kernel reads the page: write(2) from it. */
static int page_sys_write(const struct area *a, size_t page)
{
	if (sink_open() || write(sink[1], (const void *)page_at(a, page), 1) != 1)
		return -1;
	return read(sink[0], &mark, 1) == 1 ? 0 : -1;
}

/* The kernel writes the page: read(2) into it. */
static int page_sys_read(const struct area *a, size_t page)
{
	mark++;
	if (sink_open() || write(sink[1], &mark, 1) != 1)
		return -1;
	return read(sink[0], (void *)(page_at(a, page) + 8), 1) == 1 ? 0 : -1;
}

/* Read one byte of as many pages as one call takes. */
static ssize_t peer_read(pid_t target, const struct peer_request *r, size_t first)
{
	static unsigned char bytes[IOV_MAX];
	struct iovec there[IOV_MAX];
	size_t n = 0;

	for (; n < IOV_MAX && first + n < r->count; n++)
		there[n] = (struct iovec){ (void *)(uintptr_t)(r->addr + (first + n) * r->step),
					   1 };

	const struct iovec here = { bytes, n };
	const ssize_t got = process_vm_readv(target, &here, 1, there, n, 0);

	return got < 0 || got == (ssize_t)n ? got : (errno = EFAULT, -1);
}

int access_peer_main(pid_t target)
{
	struct peer_request r;

	while (read(STDIN_FILENO, &r, sizeof(r)) == sizeof(r)) {
		ssize_t n = 0;
		int result;

		for (size_t done = 0; done < r.count && n >= 0; done += (size_t)n)
			n = peer_read(target, &r, done);
		result = n < 0 ? errno : 0;
		if (write(STDOUT_FILENO, &result, sizeof(result)) < 0)
			return 1;
	}
	return 0;
}

/*
 * Started by spawn, so that no page is shared copy-on-write with it, and with
 * an empty environment, so that nothing preloaded here is preloaded there.
 */
static int peer_start(void)
{
	posix_spawn_file_actions_t actions;
	char pid_text[16];
	char *const argv[] = { (char *)"situation", (char *)"--peer", pid_text, NULL };
	char *const no_env[] = { NULL };
	int ask[2], answer[2], rc;
	pid_t pid;

	if (peer_ask >= 0)
		return 0;
	if (pipe2(ask, O_CLOEXEC) || pipe2(answer, O_CLOEXEC))
		return -1;
	snprintf(pid_text, sizeof(pid_text), "%d", getpid());
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, ask[0], STDIN_FILENO);
	posix_spawn_file_actions_adddup2(&actions, answer[1], STDOUT_FILENO);
	rc = posix_spawn(&pid, "/proc/self/exe", &actions, NULL, argv, no_env);
	posix_spawn_file_actions_destroy(&actions);
	close(ask[0]);
	close(answer[1]);
	if (rc) {
		errno = rc;
		return -1;
	}
	prctl(PR_SET_PTRACER, pid, 0, 0, 0);
	peer_ask = ask[1];
	peer_answer = answer[0];
	return 0;
}

/* Another process reads the pages: process_vm_readv(2), its registers are not ours. */
static int pages_vm_read(const struct area *a, const struct pages *r)
{
	const struct peer_request request = { (uintptr_t)page_at(a, r->first), r->count,
					      r->step * a->page_bytes };
	int result;

	if (peer_start() || write(peer_ask, &request, sizeof(request)) != sizeof(request))
		return -1;
	if (read(peer_answer, &result, sizeof(result)) != sizeof(result))
		return -1;
	errno = result;
	return result ? -1 : 0;
}

static const struct access {
	const char *name;
	int (*page_fn)(const struct area *a, size_t page); /* NULL: vm-read */
} accesses[] = {
	{ "read", page_read },	       { "write", page_write }, { "sys-write", page_sys_write },
	{ "sys-read", page_sys_read }, { "vm-read", NULL },
};

const struct access *access_find(const char *name)
{
	for (size_t i = 0; i < sizeof(accesses) / sizeof(accesses[0]); i++)
		if (!strcmp(accesses[i].name, name))
			return &accesses[i];
	return NULL;
}

int access_pages(const struct access *how, const struct area *a, const struct pages *r)
{
	if (!how->page_fn)
		return pages_vm_read(a, r);
	for (size_t i = 0; i < r->count; i++)
		if (how->page_fn(a, r->first + i * r->step))
			return -1;
	return 0;
}
