/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Calls that a stop interrupts for good, and what their timeouts are. */
#include "config.h"

#include "kernel/again.h"

#include <errno.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>

#include "base/clock.h"
#include "kernel/inject_arch.h"
#include "kernel/remote.h"

#define FOREVER INT64_MAX

/* include/uapi/linux/io_uring.h */
#define RING_EXT_ARG (1u << 3)
#define RING_ABS_TIMER (1u << 5)
#define RING_EXT_ARG_REG (1u << 6)

/* Which argument says how long a call may wait. */
enum limit_kind {
	LIMIT_NONE,
	LIMIT_MS,	/* int, milliseconds; negative: for ever */
	LIMIT_TIMESPEC, /* address of a struct timespec; NULL: for ever */
	LIMIT_RECEIVE,	/* descriptor of a socket with SO_RCVTIMEO */
	LIMIT_SEND,	/* SO_SNDTIMEO */
	LIMIT_RING,	/* io_uring_enter(2) */
};

/* They have had no effect when they answer EINTR, so they can be made again. */
struct repeatable {
	long nr;
	enum limit_kind limit;
	unsigned int arg;
	int timed_out; /* what the call answers then; see also timed_out() */
};

static const struct repeatable repeatables[] = {
	{ SYS_read, LIMIT_RECEIVE, 0, -EAGAIN }, /* inotify, too */
	{ SYS_readv, LIMIT_RECEIVE, 0, -EAGAIN },
	{ SYS_recvfrom, LIMIT_RECEIVE, 0, -EAGAIN },
	{ SYS_recvmsg, LIMIT_RECEIVE, 0, -EAGAIN },
	{ SYS_accept, LIMIT_RECEIVE, 0, -EAGAIN },
	{ SYS_accept4, LIMIT_RECEIVE, 0, -EAGAIN },
	{ SYS_write, LIMIT_SEND, 0, -EAGAIN },
	{ SYS_writev, LIMIT_SEND, 0, -EAGAIN },
	{ SYS_sendto, LIMIT_SEND, 0, -EAGAIN },
	{ SYS_sendmsg, LIMIT_SEND, 0, -EAGAIN },
	{ SYS_connect, LIMIT_SEND, 0, -EINPROGRESS },
	{ SYS_semop, LIMIT_NONE, 0, 0 },
	{ SYS_semtimedop, LIMIT_TIMESPEC, 3, -EAGAIN },
	{ SYS_rt_sigtimedwait, LIMIT_TIMESPEC, 2, -EAGAIN },
	{ SYS_io_getevents, LIMIT_TIMESPEC, 4, 0 },
	{ SYS_io_pgetevents, LIMIT_TIMESPEC, 4, 0 },
	{ SYS_io_uring_enter, LIMIT_RING, 0, -ETIME },
#ifdef SYS_epoll_wait
	{ SYS_epoll_wait, LIMIT_MS, 3, 0 },
#endif
	{ SYS_epoll_pwait, LIMIT_MS, 3, 0 },
#ifdef SYS_epoll_pwait2
	{ SYS_epoll_pwait2, LIMIT_TIMESPEC, 3, 0 },
#endif
};

static const struct repeatable *repeatable_find(long nr)
{
	for (size_t i = 0; i < ARRAY_LEN(repeatables); i++)
		if (repeatables[i].nr == nr)
			return &repeatables[i];
	return NULL;
}

static int64_t timespec_limit(int tid, uint64_t addr)
{
	struct timespec ts;

	if (!addr || remote_read(tid, addr, &ts, sizeof(ts)) || ts.tv_sec < 0 ||
	    ts.tv_sec > FOREVER / NS_PER_S - 1)
		return FOREVER;
	return ts.tv_sec * NS_PER_S + ts.tv_nsec;
}

/* What the target's socket has for an option; false if it is no socket. */
static bool socket_option(const struct proc *proc, uint64_t fd, int option, void *value,
			  socklen_t len)
{
	auto_close int ours = proc_take_fd(proc, (int)fd);

	return ours >= 0 && !getsockopt(ours, SOL_SOCKET, option, value, &len);
}

static int socket_domain(const struct proc *proc, uint64_t fd)
{
	int domain;

	return socket_option(proc, fd, SO_DOMAIN, &domain, sizeof(domain)) ? domain : -1;
}

static int64_t socket_limit(const struct proc *proc, uint64_t fd, int option)
{
	struct timeval tv;

	if (!socket_option(proc, fd, option, &tv, sizeof(tv)) || (!tv.tv_sec && !tv.tv_usec) ||
	    tv.tv_sec > FOREVER / NS_PER_S - 1)
		return FOREVER;
	return tv.tv_sec * NS_PER_S + tv.tv_usec * 1000;
}

/* io_uring_enter(fd, to_submit, min_complete, flags, struct io_uring_getevents_arg *, size) */
static int64_t ring_limit(int tid, const struct arch_call *call)
{
	struct {
		uint64_t sigmask;
		uint32_t sigmask_sz, min_wait_usec;
		uint64_t ts;
	} arg;

	if (!(call->args[3] & RING_EXT_ARG) ||
	    call->args[3] & (RING_ABS_TIMER | RING_EXT_ARG_REG) ||
	    remote_read(tid, call->args[4], &arg, sizeof(arg)))
		return FOREVER;
	return timespec_limit(tid, arg.ts);
}

static int64_t call_limit(const struct proc *proc, int tid, const struct arch_call *call,
			  const struct repeatable *how)
{
	const uint64_t arg = call->args[how->arg];

	switch (how->limit) {
	case LIMIT_MS:
		return (int)arg < 0 ? FOREVER : (int)arg * INT64_C(1000000);
	case LIMIT_TIMESPEC:
		return timespec_limit(tid, arg);
	case LIMIT_RECEIVE:
		return socket_limit(proc, arg, SO_RCVTIMEO);
	case LIMIT_SEND:
		return socket_limit(proc, arg, SO_SNDTIMEO);
	case LIMIT_RING:
		return ring_limit(tid, call);
	case LIMIT_NONE:
		break;
	}
	return FOREVER;
}

/*
 * A mark is 31 bits: a sign that it is ours, and 27 bits of milliseconds, which
 * begin anew every 37 hours.  Waits of more than a day are not ended from here.
 */
#define MARK_SIGN 0x50000000u
#define MARK_SIGN_MASK 0x78000000u
#define MARK_MS_MASK 0x07ffffffu
#define MARK_MS_LIMIT (24 * 3600 * 1000u)
#define NS_PER_MS 1000000

static int64_t now_ns(void)
{
	return clock_ns(CLOCK_MONOTONIC);
}

/* Rounded up: no call shall end early. */
static uint32_t mark_now(void)
{
	return MARK_SIGN | ((uint32_t)(now_ns() / NS_PER_MS + 1) & MARK_MS_MASK);
}

static bool mark_is_ours(uint32_t mark)
{
	return (mark & MARK_SIGN_MASK) == MARK_SIGN;
}

/* Has the time been over since the mark was made? */
static bool mark_passed(uint32_t mark, int64_t limit_ns)
{
	uint32_t waited_ms = ((uint32_t)(now_ns() / NS_PER_MS) - mark) & MARK_MS_MASK;

	/* Just marked: the rounding made it lie ahead. */
	if (waited_ms > MARK_MS_LIMIT)
		return false;
	return waited_ms * INT64_C(1000000) >= limit_ns;
}

/* To connect in vain has two answers. */
static int timed_out(const struct proc *proc, const struct arch_call *call,
		     const struct repeatable *how)
{
	if (call->nr == SYS_connect && socket_domain(proc, call->args[0]) == AF_UNIX)
		return -EAGAIN;
	return how->timed_out;
}

int again_call(const struct proc *proc, int tid)
{
	const struct repeatable *how;
	struct arch_call call;
	arch_regs regs;
	int rc = arch_interrupted_call(tid, &regs, &call);

	if (rc <= 0)
		return rc;
	/* Any thread may be the one that makes calls for us next time. */
	if (call.result != -EINTR)
		return arch_keep_call(tid, &regs);
	how = repeatable_find(call.nr);
	if (!how)
		return 0;
	if (!mark_is_ours(call.mark))
		return arch_repeat_call(tid, &regs, mark_now());
	if (mark_passed(call.mark, call_limit(proc, tid, &call, how)))
		return arch_end_call(tid, &regs, timed_out(proc, &call, how));
	return arch_repeat_call(tid, &regs, call.mark);
}

enum again_cost again_cost(int tid)
{
	struct arch_call call;
	arch_regs regs;

	if (arch_interrupted_call(tid, &regs, &call) <= 0 || !arch_is_restart(call.result))
		return AGAIN_FREE;
	return call.mark ? AGAIN_LIMIT : AGAIN_SAME;
}
