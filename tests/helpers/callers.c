/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Threads that wait in vain in every sort of call that has a timeout, again and
 * again, while somebody stops them: each call must answer what it does when its time
 * is over, never before its time, and not much later.
 *
 * usage: callers [TIMEOUT_MS [SLACK_MS]]
 * Prints "pid N", "map ADDR" (a shared page) and "ready".  Ends when stdin does: a line
 * for each call, "NAME calls N wrong N early N late N min N max N ms"; 0 if all is well.
 */
#define _GNU_SOURCE 1
#include <errno.h>
#include <linux/aio_abi.h>
#include <linux/futex.h>
#include <linux/io_uring.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/select.h>
#include <sys/sem.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define MS 1000000ll
#define SIGNALS 100 /* one after the other, in the time of one call */

static int timeout_ms = 300, slack_ms = 100;
static struct timespec timeout;
static atomic_bool stopping;

struct caller {
	const char *name;
	int (*open)(void);    /* what it waits on, once; -1: not to be had here */
	long (*call)(int on); /* result, or -errno */
	long want;
	int on;
	unsigned long calls, wrong, early, late;
	long wrong_result;
	long long min_ns, max_ns;
	pthread_t thread;
};

static long outcome(long result)
{
	return result < 0 ? -errno : result;
}

static long long now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static struct timespec deadline(void)
{
	const long long end = now_ns() + timeout_ms * MS;

	return (struct timespec){ .tv_sec = end / 1000000000, .tv_nsec = end % 1000000000 };
}

static int open_nothing(void)
{
	return 0;
}

static long call_nanosleep(int on)
{
	(void)on;
	return outcome(syscall(SYS_nanosleep, &timeout, NULL));
}

static long call_clock_nanosleep(int on)
{
	const struct timespec end = deadline();

	(void)on;
	return -clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &end, NULL);
}

static long call_poll(int on)
{
	struct pollfd fd = { .fd = on, .events = POLLIN };

	return outcome(poll(&fd, 1, timeout_ms));
}

static long call_ppoll(int on)
{
	struct pollfd fd = { .fd = on, .events = POLLIN };

	return outcome(ppoll(&fd, 1, &timeout, NULL));
}

static long call_select(int on)
{
	struct timeval tv = { .tv_sec = timeout.tv_sec, .tv_usec = timeout.tv_nsec / 1000 };
	fd_set set;

	FD_ZERO(&set);
	FD_SET(on, &set);
	return outcome(select(on + 1, &set, NULL, NULL, &tv));
}

static long call_pselect(int on)
{
	fd_set set;

	FD_ZERO(&set);
	FD_SET(on, &set);
	return outcome(pselect(on + 1, &set, NULL, NULL, &timeout, NULL));
}

static long call_futex(int on)
{
	static uint32_t word;

	(void)on;
	return outcome(syscall(SYS_futex, &word, FUTEX_WAIT_PRIVATE, 0, &timeout, NULL, 0));
}

static long call_futex_abs(int on)
{
	static uint32_t word;
	const struct timespec end = deadline();

	(void)on;
	return outcome(syscall(SYS_futex, &word, FUTEX_WAIT_BITSET_PRIVATE, 0, &end, NULL,
			       FUTEX_BITSET_MATCH_ANY));
}

static int open_epoll(void)
{
	return epoll_create1(EPOLL_CLOEXEC);
}

static long call_epoll_wait(int on)
{
	struct epoll_event event;

	return outcome(syscall(SYS_epoll_wait, on, &event, 1, timeout_ms));
}

static long call_epoll_pwait(int on)
{
	struct epoll_event event;
	sigset_t mask;

	sigfillset(&mask);
	return outcome(epoll_pwait(on, &event, 1, timeout_ms, &mask));
}

static __thread volatile unsigned long handled;

static void on_signal(int number)
{
	(void)number;
	handled++;
}

/* A signal that may come only while it waits, so that it always ends the wait. */
static long await_signal(int on, timer_t timer)
{
	const struct itimerspec soon = { .it_value.tv_nsec = timeout_ms * MS / SIGNALS };
	const unsigned long before = handled;
	struct epoll_event event;
	sigset_t mask;
	long result;

	sigemptyset(&mask);
	timer_settime(timer, 0, &soon, NULL);
	result = outcome(epoll_pwait(on, &event, 1, 20 * timeout_ms, &mask));
	return handled == before + 1 ? result : -EBADMSG;
}

static long call_epoll_signals(int on)
{
	struct sigevent how = { .sigev_notify = SIGEV_THREAD_ID, .sigev_signo = SIGUSR1 };
	long result = -EINTR;
	timer_t timer;

	how._sigev_un._tid = gettid();
	if (timer_create(CLOCK_MONOTONIC, &how, &timer))
		return -errno;
	for (int i = 0; i < SIGNALS && result == -EINTR; i++)
		result = await_signal(on, timer);
	timer_delete(timer);
	return result;
}

static long call_epoll_pwait2(int on)
{
	struct epoll_event event;

	return outcome(syscall(441, on, &event, 1, &timeout, NULL, 0));
}

static long call_sigtimedwait(int on)
{
	sigset_t set;

	(void)on;
	sigemptyset(&set);
	sigaddset(&set, SIGUSR2);
	return outcome(sigtimedwait(&set, NULL, &timeout));
}

static int open_sem(void)
{
	return semget(IPC_PRIVATE, 1, 0600);
}

static long call_semtimedop(int on)
{
	struct sembuf take = { .sem_op = -1 };

	return outcome(semtimedop(on, &take, 1, &timeout));
}

static aio_context_t aio;

static int open_aio(void)
{
	return (int)syscall(SYS_io_setup, 1, &aio);
}

static long call_io_getevents(int on)
{
	struct io_event event;

	(void)on;
	return outcome(syscall(SYS_io_getevents, aio, 1, 1, &event, &timeout));
}

static int open_ring(void)
{
	struct io_uring_params params = { 0 };

	return (int)syscall(SYS_io_uring_setup, 1, &params);
}

static long call_ring(int on)
{
	/* struct io_uring_getevents_arg */
	struct {
		uint64_t sigmask;
		uint32_t size, pad;
		uint64_t ts;
	} arg = { .ts = (uintptr_t)&timeout };

	return outcome(syscall(SYS_io_uring_enter, on, 0, 1,
			       IORING_ENTER_GETEVENTS | 1u << 3 /* EXT_ARG */, &arg, sizeof(arg)));
}

static void set_timeout(int fd, int option)
{
	const struct timeval tv = { .tv_sec = timeout.tv_sec, .tv_usec = timeout.tv_nsec / 1000 };

	setsockopt(fd, SOL_SOCKET, option, &tv, sizeof(tv));
}

static int open_pair(void)
{
	int fds[2];

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, fds))
		return -1;
	set_timeout(fds[0], SO_RCVTIMEO);
	return fds[0];
}

static int open_full_pair(void)
{
	static const char bytes[4096];
	const int fd = open_pair();

	while (fd >= 0 && send(fd, bytes, sizeof(bytes), MSG_DONTWAIT) > 0)
		;
	set_timeout(fd, SO_SNDTIMEO);
	return fd;
}

static int open_udp(void)
{
	const struct sockaddr_in addr = { .sin_family = AF_INET,
					  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	const int fd = socket(AF_INET, SOCK_DGRAM, 0);

	if (fd < 0 || bind(fd, (const void *)&addr, sizeof(addr)))
		return -1;
	set_timeout(fd, SO_RCVTIMEO);
	return fd;
}

static int open_listener(void)
{
	const struct sockaddr_in addr = { .sin_family = AF_INET,
					  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	const int fd = socket(AF_INET, SOCK_STREAM, 0);

	if (fd < 0 || bind(fd, (const void *)&addr, sizeof(addr)) || listen(fd, 1))
		return -1;
	set_timeout(fd, SO_RCVTIMEO);
	return fd;
}

static long call_recv(int on)
{
	char byte;

	return outcome(recv(on, &byte, 1, 0));
}

static long call_read(int on)
{
	char byte;

	return outcome(read(on, &byte, 1));
}

static long call_recvmsg(int on)
{
	char byte;
	struct iovec iov = { &byte, 1 };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };

	return outcome(recvmsg(on, &msg, 0));
}

static long call_accept(int on)
{
	return outcome(accept(on, NULL, NULL));
}

static long call_send(int on)
{
	return outcome(send(on, "x", 1, MSG_NOSIGNAL));
}

static long call_write(int on)
{
	return outcome(write(on, "x", 1));
}

static struct sockaddr_un busy;

/* Somebody who listens, and has as many callers waiting as it lets. */
static int open_busy(void)
{
	const int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	busy.sun_family = AF_UNIX;
	snprintf(busy.sun_path + 1, sizeof(busy.sun_path) - 1, "callers-%d", getpid());
	if (fd < 0 || bind(fd, (const void *)&busy, sizeof(busy)) || listen(fd, 0))
		return -1;
	for (int i = 0; i < 2; i++)
		if (connect(socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0), (const void *)&busy,
			    sizeof(busy)))
			break;
	return fd;
}

static long call_connect(int on)
{
	const int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	long result;

	(void)on;
	set_timeout(fd, SO_SNDTIMEO);
	result = outcome(connect(fd, (const void *)&busy, sizeof(busy)));
	close(fd);
	return result;
}

static struct caller callers[] = {
	{ .name = "nanosleep", .open = open_nothing, .call = call_nanosleep },
	{ .name = "clock_nanosleep", .open = open_nothing, .call = call_clock_nanosleep },
	{ .name = "poll", .open = open_pair, .call = call_poll },
	{ .name = "ppoll", .open = open_pair, .call = call_ppoll },
	{ .name = "select", .open = open_pair, .call = call_select },
	{ .name = "pselect", .open = open_pair, .call = call_pselect },
	{ .name = "futex", .open = open_nothing, .call = call_futex, .want = -ETIMEDOUT },
	{ .name = "futex-abs", .open = open_nothing, .call = call_futex_abs, .want = -ETIMEDOUT },
	{ .name = "epoll_wait", .open = open_epoll, .call = call_epoll_wait },
	{ .name = "epoll_pwait", .open = open_epoll, .call = call_epoll_pwait },
	{ .name = "signals", .open = open_epoll, .call = call_epoll_signals, .want = -EINTR },
	{ .name = "epoll_pwait2", .open = open_epoll, .call = call_epoll_pwait2 },
	{ .name = "sigtimedwait",
	  .open = open_nothing,
	  .call = call_sigtimedwait,
	  .want = -EAGAIN },
	{ .name = "semtimedop", .open = open_sem, .call = call_semtimedop, .want = -EAGAIN },
	{ .name = "io_getevents", .open = open_aio, .call = call_io_getevents },
	{ .name = "io_uring_enter", .open = open_ring, .call = call_ring, .want = -ETIME },
	{ .name = "recv", .open = open_pair, .call = call_recv, .want = -EAGAIN },
	{ .name = "recv-udp", .open = open_udp, .call = call_recv, .want = -EAGAIN },
	{ .name = "read", .open = open_pair, .call = call_read, .want = -EAGAIN },
	{ .name = "recvmsg", .open = open_pair, .call = call_recvmsg, .want = -EAGAIN },
	{ .name = "accept", .open = open_listener, .call = call_accept, .want = -EAGAIN },
	{ .name = "send", .open = open_full_pair, .call = call_send, .want = -EAGAIN },
	{ .name = "write", .open = open_full_pair, .call = call_write, .want = -EAGAIN },
	{ .name = "connect", .open = open_busy, .call = call_connect, .want = -EAGAIN },
};

#define NR_CALLERS (sizeof(callers) / sizeof(callers[0]))

static void call_once(struct caller *c)
{
	const long long since = now_ns();
	const long result = c->call(c->on);
	const long long took = now_ns() - since;

	c->calls++;
	if (result != c->want) {
		c->wrong++;
		c->wrong_result = result;
	}
	c->early += took < timeout_ms * MS;
	c->late += took > (timeout_ms + slack_ms) * MS;
	if (!c->min_ns || took < c->min_ns)
		c->min_ns = took;
	if (took > c->max_ns)
		c->max_ns = took;
}

static void *caller_main(void *arg)
{
	while (!atomic_load(&stopping))
		call_once(arg);
	return NULL;
}

static bool report(const struct caller *c)
{
	if (c->on < 0) {
		printf("%s not here\n", c->name);
		return true;
	}
	printf("%s calls %lu wrong %lu early %lu late %lu min %.1f max %.1f ms", c->name, c->calls,
	       c->wrong, c->early, c->late, (double)c->min_ns / 1e6, (double)c->max_ns / 1e6);
	printf(c->wrong ? " result %ld\n" : "\n", c->wrong_result);
	return c->calls && !c->wrong && !c->early && !c->late;
}

static void callers_start(void)
{
	for (size_t i = 0; i < NR_CALLERS; i++) {
		struct caller *c = &callers[i];

		c->on = c->open();
		if (c->on >= 0 && pthread_create(&c->thread, NULL, caller_main, c))
			exit(2);
	}
}

int main(int argc, char **argv)
{
	volatile char *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
				   -1, 0);
	bool good = true;
	sigset_t mask;
	char byte;

	if (argc > 1)
		timeout_ms = (int)strtol(argv[1], NULL, 10);
	if (argc > 2)
		slack_ms = (int)strtol(argv[2], NULL, 10);
	timeout = (struct timespec){ timeout_ms / 1000, timeout_ms % 1000 * MS };
	sigemptyset(&mask);
	sigaddset(&mask, SIGUSR1);
	sigaddset(&mask, SIGUSR2);
	signal(SIGUSR1, on_signal);
	sigprocmask(SIG_BLOCK, &mask, NULL);
	page[0] = 1;
	callers_start();
	printf("pid %d\nmap %lx\nready\n", getpid(), (unsigned long)page);
	fflush(stdout);
	while (read(STDIN_FILENO, &byte, 1) > 0)
		;
	atomic_store(&stopping, true);
	for (size_t i = 0; i < NR_CALLERS; i++) {
		if (callers[i].on >= 0)
			pthread_join(callers[i].thread, NULL);
		good &= report(&callers[i]);
	}
	return !good;
}
