/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the shim and wsstat say to each other.  The first byte says how much of the
 * rest is the message (the others are control data, as a kernel would give them);
 * all of it is also the shim's environment.
 */
#include "config.h"

#include "core/launch.h"
#include "fuzz.h"

/* The shim is an island: it cannot be linked, and its functions are its own. */
#include "preload/shim.c" // NOLINT(bugprone-suspicious-include)

#define CONTROL_BYTES CMSG_SPACE(sizeof(int))

/* No descriptor that was not sent, and a hello only if it was one. */
static void check_call(const struct msghdr *msg, const struct call *call, size_t got)
{
	const struct wire_hello *hello = msg->msg_iov[0].iov_base;

	fuzz_check(call->nr <= CALL_FDS);
	fuzz_check(call->nr * sizeof(int) <= msg->msg_controllen);
	if (call->hello)
		fuzz_check(call->nr == 1 && got == sizeof(*hello) && hello->magic == WIRE_MAGIC &&
			   hello->version == WIRE_VERSION);
}

/* The kernel's own headers are never longer than the buffer, or shorter than a header. */
static bool kernel_like(struct msghdr *msg)
{
	size_t used = 0;

	for (struct cmsghdr *cmsg = CMSG_FIRSTHDR(msg); cmsg; cmsg = CMSG_NXTHDR(msg, cmsg)) {
		if (cmsg->cmsg_len < CMSG_LEN(0) || cmsg->cmsg_len > msg->msg_controllen - used)
			return false;
		used += CMSG_ALIGN(cmsg->cmsg_len);
	}
	return true;
}

static void try_call(const uint8_t *data, size_t size)
{
	struct wire_hello hello = { 0 };
	union {
		struct cmsghdr align;
		char bytes[CONTROL_BYTES];
	} control = { 0 };
	struct iovec iov = { &hello, sizeof(hello) };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control.bytes };
	size_t got = size ? data[0] & 15u : 0;
	struct call call;

	if (size < 2 + got || got > sizeof(hello))
		return;
	memcpy(&hello, data + 2, got);
	msg.msg_flags = data[1] & 1 ? MSG_CTRUNC : 0;
	msg.msg_controllen = size - 2 - got;
	if (msg.msg_controllen > sizeof(control))
		msg.msg_controllen = sizeof(control);
	memcpy(control.bytes, data + 2 + got, msg.msg_controllen);
	if (!kernel_like(&msg))
		return;
	launch_read_call(&call, &msg, got);
	check_call(&msg, &call, got);
}

/* "%": our own pid; else hardly any input would get beyond it. */
static void try_environment(const char *text)
{
	static char env[8192];
	const char *name;

	snprintf(env, sizeof(env), WIRE_ENV "=");
	if (*text == '%')
		snprintf(env + strlen(env), 32, "%d", getpid());
	snprintf(env + strlen(env), sizeof(env) - strlen(env), "%s", text + (*text == '%'));
	putenv(env);
	name = my_socket();
	if (name) {
		int sock;

		fuzz_check(name > env && name[-1] == ':' && name <= env + strlen(env));
		sock = call_wsstat(name);
		if (sock >= 0)
			close(sock);
	}
	errno = 0;
	shim_start();
	fuzz_check(!errno); /* kept */
	unsetenv(WIRE_ENV);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_text(data, size);

	try_call(data, size);
	try_environment(text);
	free(text);
	return 0;
}
