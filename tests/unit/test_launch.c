/* SPDX-License-Identifier: GPL-2.0-or-later */
/* core/launch.c: the call of the shim, and of others that are not in order. */
#include "config.h"

#include "core/launch.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>

#include "preload/wire.h"
#include "tap.h"

#define PATIENCE_MS 10000
#define NOBODY_CALLS_MS 50
#define SEND_MAX 8 /* descriptors */

struct place {
	struct launch launch;
	struct proc proc;
	struct sockaddr_un addr;
	socklen_t len;
};

/* A call as the shim makes it, or not quite. */
struct message {
	uint32_t magic, version;
	size_t bytes; /* of the hello that are sent */
	unsigned int fds;
	int want; /* 0: a descriptor */
	const char *name;
};

static bool place_open(struct place *place)
{
	struct error err = { 0 };

	*place = (struct place){
		.launch = { .pid = getpid(), .listen_fd = -1 },
		.addr = { .sun_family = AF_UNIX },
	};
	place->len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 +
				 (size_t)snprintf(place->addr.sun_path + 1, 64, "wsstat-test-%d",
						  getpid()));
	place->launch.listen_fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	return !bind(place->launch.listen_fd, (struct sockaddr *)&place->addr, place->len) &&
	       !listen(place->launch.listen_fd, 8) && !proc_open(&place->proc, getpid(), &err);
}

static void place_close(struct place *place)
{
	launch_hang_up(&place->launch);
	proc_close(&place->proc);
}

static int call_from_here(const struct place *place)
{
	int sock = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	if (!connect(sock, (const struct sockaddr *)&place->addr, place->len))
		return sock;
	close(sock);
	return -1;
}

static bool say(int sock, const struct message *message, int file)
{
	char hello[64] = { 0 };
	const struct wire_hello head = { message->magic, message->version, getpid() };
	struct iovec iov = { hello, message->bytes };
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(SEND_MAX * sizeof(int))];
	} control = { 0 };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };

	memcpy(hello, &head, sizeof(head));
	if (message->fds) {
		struct cmsghdr *cmsg = &control.align;

		msg.msg_control = control.bytes;
		msg.msg_controllen = CMSG_SPACE(message->fds * sizeof(int));
		cmsg->cmsg_level = SOL_SOCKET;
		cmsg->cmsg_type = SCM_RIGHTS;
		cmsg->cmsg_len = CMSG_LEN(message->fds * sizeof(int));
		for (unsigned int i = 0; i < message->fds; i++)
			memcpy(CMSG_DATA(cmsg) + i * sizeof(int), &file, sizeof(file));
	}
	return sendmsg(sock, &msg, MSG_NOSIGNAL) == (ssize_t)message->bytes;
}

static bool answered(int sock)
{
	struct wire_answer answer = { 0 };

	return recv(sock, &answer, sizeof(answer), MSG_DONTWAIT) == sizeof(answer) &&
	       answer.magic == WIRE_MAGIC;
}

static bool same_file(int a, int b)
{
	struct stat one, other;

	return !fstat(a, &one) && !fstat(b, &other) && one.st_ino == other.st_ino &&
	       one.st_dev == other.st_dev;
}

static int take(struct place *place, int timeout_ms, struct launch_call *call)
{
	return launch_take_call(&place->launch, &place->proc, timeout_ms, call);
}

/* The descriptor arrives, or everything that was sent is closed and the caller let go. */
static void test_message(struct place *place, const struct message *message)
{
	unsigned int before = open_files();
	int file = open("/dev/zero", O_RDONLY | O_CLOEXEC), sock = call_from_here(place), rc;
	bool good = file >= 0 && sock >= 0 && say(sock, message, file);
	struct launch_call call = LAUNCH_NO_CALL;

	rc = good ? take(place, PATIENCE_MS, &call) : -EIO;
	if (message->want) {
		good = good && rc == message->want && answered(sock) && call.fd < 0;
	} else {
		good = good && !rc && same_file(call.uffd, file) && !answered(sock) &&
		       fcntl(call.uffd, F_GETFD) == FD_CLOEXEC && call.pid == getpid();
		launch_answer(&call);
		good = good && answered(sock) && call.fd < 0 && call.uffd < 0;
	}
	close(file);
	close(sock);
	ok(good, "%s", message->name);
	is_u64(open_files(), before, "LAUNCH02: no descriptor is left open");
}

static void test_messages(struct place *place)
{
	const size_t whole = sizeof(struct wire_hello);
	const struct message messages[] = {
		{ WIRE_MAGIC, WIRE_VERSION, whole, 1, 0, "LAUNCH01: a call in order" },
		{ WIRE_MAGIC, WIRE_VERSION, whole, 2, -EPROTO, "LAUNCH03: two descriptors" },
		{ WIRE_MAGIC, WIRE_VERSION, whole, SEND_MAX, -EPROTO,
		  "LAUNCH04: more descriptors than there is room for" },
		{ WIRE_MAGIC, WIRE_VERSION, whole, 0, -EPROTO, "LAUNCH05: no descriptor" },
		{ WIRE_MAGIC + 1, WIRE_VERSION, whole, 1, -EPROTO, "LAUNCH06: not ours" },
		{ WIRE_MAGIC, WIRE_VERSION + 1, whole, 1, -EPROTO, "LAUNCH07: another version" },
		{ WIRE_MAGIC, WIRE_VERSION, whole - 1, 1, -EPROTO, "LAUNCH08: too short" },
		{ WIRE_MAGIC, WIRE_VERSION, whole + 4, 1, -EPROTO, "LAUNCH09: too long" },
		{ WIRE_MAGIC, WIRE_VERSION, 1, 1, -EPROTO, "LAUNCH10: one byte" },
	};

	for (unsigned int i = 0; i < ARRAY_LEN(messages); i++)
		test_message(place, &messages[i]);
}

/* Who is not the command is not listened to. */
static void test_stranger(struct place *place)
{
	const struct message message = { WIRE_MAGIC, WIRE_VERSION, sizeof(struct wire_hello), 1, 0,
					 "" };
	struct launch_call call;
	int status = -1, pid = fork();

	if (!pid) {
		int sock = call_from_here(place);

		_exit(sock >= 0 && say(sock, &message, STDIN_FILENO) ? 0 : 1);
	}
	waitpid(pid, &status, 0);
	ok(!status && take(place, NOBODY_CALLS_MS, &call) == -ETIMEDOUT,
	   "LAUNCH11: a call of another process is none");
}

/* With children: theirs waits while the command's is awaited, then it is given. */
static void test_kept(struct place *place)
{
	const struct message message = { WIRE_MAGIC, WIRE_VERSION, sizeof(struct wire_hello), 1, 0,
					 "" };
	struct launch_call call = LAUNCH_NO_CALL;
	int status = -1, pid = fork(), rc;

	if (!pid) {
		int sock = call_from_here(place);
		char answer[64];

		if (sock < 0 || !say(sock, &message, STDIN_FILENO))
			_exit(1);
		_exit(recv(sock, answer, sizeof(answer), 0) == sizeof(struct wire_answer) ? 0 : 2);
	}
	place->launch.follow = true;
	rc = take(place, 10 * NOBODY_CALLS_MS, &call);
	ok(rc == -ETIMEDOUT && place->launch.nr_calls == 1, "LAUNCH14: a child's call is kept");
	rc = launch_take_call(&place->launch, NULL, 0, &call);
	ok(!rc && call.pid == pid && call.uffd >= 0, "LAUNCH15: and then given");
	launch_answer(&call);
	waitpid(pid, &status, 0);
	is_u64((uint64_t)status, 0, "LAUNCH16: and the child goes on");
	place->launch.follow = false;
}

/* It hangs up before it said anything, or says nothing at all. */
static void test_silent(struct place *place)
{
	int sock = call_from_here(place);
	struct launch_call call;

	close(sock);
	ok(take(place, PATIENCE_MS, &call) == -EPROTO, "LAUNCH12: a caller that hangs up");
	sock = call_from_here(place);
	ok(take(place, PATIENCE_MS, &call) == -EPROTO,
	   "LAUNCH13: a caller that says nothing is not waited for for ever");
	close(sock);
}

int main(void)
{
	struct place place;

	if (ok(place_open(&place), "LAUNCH00: a place to call at")) {
		test_messages(&place);
		test_stranger(&place);
		test_kept(&place);
		test_silent(&place);
	}
	place_close(&place);
	return done();
}
