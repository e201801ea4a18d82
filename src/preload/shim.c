/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The shim: loaded into a launched program before its main().  Makes a
 * userfaultfd, hands it to wsstat, waits until it is armed (bounded), and is
 * never heard of again; with --follow, so do its children.  It prints nothing, sets
 * no signal handler, keeps errno, and whatever fails, the program goes on as without it.
 *
 * An island: it shares no object with the rest, only preload/wire.h.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include "preload/wire.h"

#ifndef UFFD_USER_MODE_ONLY
#define UFFD_USER_MODE_ONLY 1
#endif

/* Where the children are to call; empty if they are not. */
static char children_socket[sizeof(((struct sockaddr_un *)0)->sun_path)];

/* "4242:wsstat-4241-1f2e" -> the socket's name, if the number is our pid, or WIRE_ALL. */
static const char *my_socket(void)
{
	const char *env = secure_getenv(WIRE_ENV);
	char *end;
	long pid = env ? strtol(env, &end, 10) : -1;

	if (!env || end == env || *end != ':' || (pid != WIRE_ALL && pid != getpid()))
		return NULL;
	if (pid == WIRE_ALL && strlen(end + 1) < sizeof(children_socket))
		strcpy(children_socket, end + 1);
	return end + 1;
}

/* Seccomp_filters:	1; -1 if it cannot be known */
static long nr_filters(void)
{
	char text[4096];
	int fd = open("/proc/self/status", O_RDONLY | O_CLOEXEC);
	ssize_t got = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
	const char *line;

	if (fd >= 0)
		close(fd);
	if (got <= 0 || got == sizeof(text) - 1)
		return -1;
	text[got] = '\0';
	line = strstr(text, WIRE_FILTERS);
	return line ? strtol(line + sizeof(WIRE_FILTERS) - 1, NULL, 10) : 0;
}

/*
 * "wsstat-4241-1f2e-0" tells how many filters wsstat itself is under.  Others may kill the
 * program for a call that it never makes: then make none, but what ld.so has just made.
 */
static int same_filters(const char *name)
{
	const char *number = strrchr(name, '-');

	return number && strtol(number + 1, NULL, 10) == nr_filters();
}

/* Only a wsstat of the same user, or root's, is given the descriptor. */
static int trusted(int sock)
{
	struct ucred peer;
	socklen_t len = sizeof(peer);

	return !getsockopt(sock, SOL_SOCKET, SO_PEERCRED, &peer, &len) &&
	       (peer.uid == 0 || peer.uid == geteuid());
}

static int call_wsstat(const char *name)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	size_t len = strlen(name);
	int sock;

	if (!len || len >= sizeof(addr.sun_path) - 1)
		return -1;
	memcpy(addr.sun_path + 1, name, len);
	sock = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (sock < 0)
		return -1;
	if (!connect(sock, (struct sockaddr *)&addr,
		     (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + len)) &&
	    trusted(sock))
		return sock;
	close(sock);
	return -1;
}

static int hand_over(int sock, int uffd)
{
	struct wire_hello hello = { WIRE_MAGIC, WIRE_VERSION, (int32_t)getpid() };
	struct iovec iov = { &hello, sizeof(hello) };
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control = { 0 };
	struct msghdr msg = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control.bytes,
		.msg_controllen = sizeof(control.bytes),
	};
	struct cmsghdr *cmsg = CMSG_FIRSTHDR(&msg);

	cmsg->cmsg_level = SOL_SOCKET;
	cmsg->cmsg_type = SCM_RIGHTS;
	cmsg->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(cmsg), &uffd, sizeof(uffd));
	return sendmsg(sock, &msg, MSG_NOSIGNAL) == sizeof(hello);
}

/* Our copy must be closed by then: a fork would leak it. */
static void await_answer(int sock)
{
	struct pollfd ready = { .fd = sock, .events = POLLIN };
	struct wire_answer answer;

	if (poll(&ready, 1, WIRE_WAIT_MS) > 0)
		(void)!recv(sock, &answer, sizeof(answer), MSG_DONTWAIT);
}

static void call_about_memory(const char *name)
{
	int saved_errno = errno;
	int sock = same_filters(name) ? call_wsstat(name) : -1;

	if (sock >= 0) {
		int uffd = (int)syscall(SYS_userfaultfd,
					O_CLOEXEC | O_NONBLOCK | UFFD_USER_MODE_ONLY);
		int sent = uffd >= 0 && hand_over(sock, uffd);

		if (uffd >= 0)
			close(uffd);
		if (sent)
			await_answer(sock);
		close(sock);
	}
	errno = saved_errno;
}

/*
 * In a child of fork(), which may have come out of many threads: nothing but system
 * calls.  One made by vfork() or clone() calls after its exec, or is found by wsstat.
 */
static void shim_child(void)
{
	call_about_memory(children_socket);
}

static void __attribute__((constructor)) shim_start(void)
{
	const char *name = my_socket();

	if (*children_socket)
		(void)pthread_atfork(NULL, NULL, shim_child);
	if (name)
		call_about_memory(name);
}
