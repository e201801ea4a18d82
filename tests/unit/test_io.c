/* SPDX-License-Identifier: GPL-2.0-or-later */
/* base/io.c through pipes: short reads and writes, signals, errors. */
#include "config.h"

#include "base/io.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>

#include "tap.h"

#define BIG (1 << 20) /* far more than a pipe holds */

static unsigned char pattern(size_t i)
{
	return (unsigned char)(i * 31 + i / 251 + 1);
}

static char *new_pattern(size_t len)
{
	char *text = malloc(len);

	for (size_t i = 0; text && i < len; i++)
		text[i] = (char)pattern(i);
	return text;
}

/* A child at the far end; the parent keeps only its own end, in *fd. */
static pid_t fork_with_pipe(int *fd, int parent_end)
{
	int fds[2];
	pid_t pid;

	if (pipe(fds) < 0)
		return -1;
	pid = fork();
	*fd = fds[pid ? parent_end : !parent_end];
	close(fds[pid ? !parent_end : parent_end]);
	return pid;
}

static bool child_ok(pid_t pid)
{
	int status;

	return waitpid(pid, &status, 0) == pid && status == 0;
}

/* Odd sizes: nothing arrives in the units in which it is read. */
static int child_writes(int fd)
{
	auto_free char *text = new_pattern(BIG);

	for (size_t at = 0, len = 1; text && at < BIG; at += len, len = len % 4999 + 13) {
		if (len > BIG - at)
			len = BIG - at;
		if (io_write_all(fd, text + at, len) < 0)
			return 1;
	}
	return text ? 0 : 1;
}

static void test_read(void)
{
	auto_free char *want = NULL;
	auto_free char *buf = NULL;
	auto_close int fd = -1;
	size_t cap = 0;
	size_t len = 0;
	size_t cap_before;
	pid_t pid = fork_with_pipe(&fd, 0);

	if (!pid)
		_exit(child_writes(fd));
	want = new_pattern(BIG);
	ok(want && io_read_all(fd, &buf, &cap, &len) == 0 && len == BIG &&
		   !memcmp(buf, want, BIG) && buf[len] == '\0',
	   "IO01: a long text in short pieces is read whole, a NUL after it");
	ok(child_ok(pid), "IO02: its writer could write all");

	cap_before = cap;
	ok(io_read_all(fd, &buf, &cap, &len) == 0 && len == 0 && buf[0] == '\0' &&
		   cap == cap_before,
	   "IO03: nothing left reads as empty, in the same buffer");
}

static void test_read_errors(void)
{
	auto_free char *buf = NULL;
	auto_close int dir = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	size_t cap = 0;
	size_t len = 0;

	is_i64(io_read_all(-1, &buf, &cap, &len), -EBADF, "IO04: reading no descriptor");
	is_i64(io_read_all(dir, &buf, &cap, &len), -EISDIR, "IO05: reading a directory");
}

static void on_alarm(int sig)
{
	(void)sig;
}

/* Interrupt our own blocking calls all the time; no SA_RESTART. */
static void start_alarms(timer_t *timer)
{
	const struct sigaction action = { .sa_handler = on_alarm };
	const struct itimerspec every_ms = {
		.it_interval.tv_nsec = 1000000,
		.it_value.tv_nsec = 1000000,
	};

	sigaction(SIGALRM, &action, NULL);
	timer_create(CLOCK_MONOTONIC, NULL, timer);
	timer_settime(*timer, 0, &every_ms, NULL);
}

/* Slowly at first, so that the writer blocks in a full pipe. */
static int child_reads(int fd)
{
	static char buf[BIG];
	size_t at = 0;
	ssize_t got;

	for (unsigned int i = 0; (got = read(fd, buf + at, sizeof(buf) - at)) > 0; i++) {
		at += (size_t)got;
		if (i < 8)
			usleep(5000);
	}
	for (size_t i = 0; i < at; i++) {
		if (buf[i] != (char)pattern(i))
			return 1;
	}
	return at == BIG ? 0 : 1;
}

static void test_write(bool nonblocking, const char *name)
{
	auto_free char *text = NULL;
	auto_close int fd = -1;
	pid_t pid = fork_with_pipe(&fd, 1);
	timer_t timer;
	int ret;

	if (!pid)
		_exit(child_reads(fd));
	text = new_pattern(BIG);
	if (nonblocking)
		fcntl(fd, F_SETFL, O_NONBLOCK);
	start_alarms(&timer);
	ret = text ? io_write_all(fd, text, BIG) : -ENOMEM;
	timer_delete(timer);
	close(util_take_fd(&fd));
	ok(ret == 0 && child_ok(pid), "%s", name);
}

static void test_write_errors(void)
{
	auto_close int full = open("/dev/full", O_WRONLY | O_CLOEXEC);
	int fds[2];

	signal(SIGPIPE, SIG_IGN);
	if (pipe(fds) == 0)
		close(fds[0]);
	is_i64(io_write_all(fds[1], "x", 1), -EPIPE, "IO08: nobody reads");
	close(fds[1]);
	is_i64(io_write_all(full, "x", 1), -ENOSPC, "IO09: a full disk");
	is_i64(io_write_all(full, "x", 0), 0, "IO10: nothing to write");
}

int main(void)
{
	test_read();
	test_read_errors();
	test_write(false, "IO06: a long text through a full pipe, with signals");
	test_write(true, "IO07: the same on a non-blocking descriptor");
	test_write_errors();
	return done();
}
