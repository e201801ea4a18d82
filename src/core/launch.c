/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Starting a command under the shim, answering its calls, passing its end on. */
#include "config.h"

#include "core/launch.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>

#include "base/clock.h"
#include "base/log.h"
#include "core/interrupt.h"
#include "kernel/elf.h"
#include "kernel/procfs.h"
#include "preload/wire.h"

#define SHIM_NAME "wsstat-shim.so"
#define HELLO_WAIT_NS (500 * INT64_C(1000000))

/*
 * Beside the program in the build tree, else where it was installed.  The path
 * goes into LD_PRELOAD, which blanks and colons would cut.
 */
static int find_shim(char path[PATH_MAX], struct error *err)
{
	ssize_t len = readlink("/proc/self/exe", path, PATH_MAX - sizeof("/.libs/" SHIM_NAME));
	char *slash;

	if (len < 0)
		return error_errno(err, errno, "cannot find where wsstat is");
	path[len] = '\0';
	slash = strrchr(path, '/');
	strcpy(slash ? slash : path, "/.libs/" SHIM_NAME);
	if (access(path, R_OK))
		snprintf(path, PATH_MAX, "%s/%s", PKGLIBDIR, SHIM_NAME);
	if (access(path, R_OK))
		return error_errno(err, errno, "cannot use the preload shim %s", path);
	if (strpbrk(path, " :"))
		return error_set(err, ERROR_FAILED, 0,
				 "the preload shim's path must not hold blanks or colons: %s",
				 path);
	return 0;
}

/* As execvp() will find it; the program's errors are left to execvp(). */
static bool find_program(const char *name, char path[PATH_MAX])
{
	const char *dirs = getenv("PATH");

	if (strchr(name, '/'))
		return snprintf(path, PATH_MAX, "%s", name) < PATH_MAX;
	for (const char *dir = dirs ? dirs : "/bin:/usr/bin"; dir; dir = strchr(dir, ':')) {
		int len;

		dir += *dir == ':';
		len = (int)strcspn(dir, ":");
		if (snprintf(path, PATH_MAX, "%.*s%s%s", len, dir, len ? "/" : "", name) <
			    PATH_MAX &&
		    !access(path, X_OK))
			return true;
	}
	return false;
}

/* Can the shim get in? If the program can be neither preloaded nor attached to, say so now. */
static int judge(struct launch *launch, const char *name, struct error *err)
{
	char path[PATH_MAX];
	enum elf_verdict verdict = find_program(name, path) ? elf_judge(path) : ELF_UNKNOWN;

	launch->preloaded = verdict == ELF_PRELOADABLE || verdict == ELF_UNKNOWN;
	if (verdict == ELF_FOREIGN || (verdict == ELF_PRIVILEGED && geteuid() != 0))
		return error_set(err, ERROR_UNSUPPORTED, 0, "cannot observe %s: it is %s%s", path,
				 elf_verdict_text(verdict),
				 verdict == ELF_PRIVILEGED ? "; run wsstat as root" : "");
	if (!launch->preloaded)
		log_info("%s is %s: attaching instead of preloading", path,
			 elf_verdict_text(verdict));
	return 0;
}

bool launch_expects(const struct launch *launch, int pid)
{
	enum elf_verdict verdict;
	char path[32];

	if (!launch || !launch->preloaded)
		return false;
	snprintf(path, sizeof(path), "/proc/%d/exe", pid);
	verdict = elf_judge(path);
	return verdict == ELF_PRELOADABLE || verdict == ELF_UNKNOWN;
}

/* As the shim reads it. */
static long nr_filters(void)
{
	char text[4096];
	const char *line;

	if (proc_read(AT_FDCWD, "/proc/self/status", text, sizeof(text)))
		return 0;
	line = strstr(text, WIRE_FILTERS);
	return line ? strtol(line + strlen(WIRE_FILTERS), NULL, 10) : 0;
}

static int listen_for_shim(struct launch *launch, char name[64], struct error *err)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	uint64_t random = 0;
	size_t len;

	if (getrandom(&random, sizeof(random), 0) != sizeof(random))
		return error_errno(err, errno, "cannot name a socket");
	len = (size_t)snprintf(name, 64, "wsstat-%d-%016llx-%ld", getpid(),
			       (unsigned long long)random, nr_filters());
	memcpy(addr.sun_path + 1, name, len);
	launch->listen_fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (launch->listen_fd < 0 ||
	    bind(launch->listen_fd, (struct sockaddr *)&addr,
		 (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + len)) ||
	    listen(launch->listen_fd, 8))
		return error_errno(err, errno, "cannot make a socket for the shim");
	return 0;
}

static int set_environment(const char *shim, const char *socket_name, bool follow)
{
	const char *others = getenv("LD_PRELOAD");
	char value[PATH_MAX + 4096], call[96];

	if (snprintf(value, sizeof(value), "%s%s%s", shim, others ? ":" : "",
		     others ? others : "") >= (int)sizeof(value))
		return -E2BIG;
	snprintf(call, sizeof(call), "%d:%s", follow ? WIRE_ALL : getpid(), socket_name);
	return setenv("LD_PRELOAD", value, 1) || setenv(WIRE_ENV, call, 1) ? -errno : 0;
}

/* In the child: the terminal is wsstat's.  0 or a positive errno. */
static int leave_terminal(int output_fd)
{
	int nothing = isatty(STDIN_FILENO) ? open("/dev/null", O_RDONLY | O_CLOEXEC) : -1;

	if (isatty(STDIN_FILENO) && (nothing < 0 || dup2(nothing, STDIN_FILENO) < 0))
		return errno;
	for (int fd = STDOUT_FILENO; fd <= STDERR_FILENO; fd++)
		if (isatty(fd) && dup2(output_fd, fd) < 0)
			return errno;
	return 0;
}

/* In the child: never returns.  What went wrong goes through the pipe. */
static void become(const struct launch *launch, char *const argv[], const char *shim,
		   const char *socket_name, int report)
{
	int failed = shim ? -set_environment(shim, socket_name, launch->follow) : 0;

	interrupt_undo();
	if (!failed && launch->output_fd >= 0)
		failed = leave_terminal(launch->output_fd);
	if (!failed) {
		execvp(argv[0], argv);
		failed = errno;
	}
	(void)!write(report, &failed, sizeof(failed));
	_exit(LAUNCH_NOT_FOUND);
}

/* 0 when exec succeeded: the pipe closed by itself.  Else the errno. */
static int exec_outcome(int fd)
{
	int failed = 0;
	ssize_t got;

	do
		got = read(fd, &failed, sizeof(failed));
	while (got < 0 && errno == EINTR);
	return got == sizeof(failed) ? failed : 0;
}

static int start_child(struct launch *launch, char *const argv[], const char *shim,
		       const char *socket_name, struct error *err)
{
	int report[2], failed;

	if (pipe2(report, O_CLOEXEC))
		return error_errno(err, errno, "cannot make a pipe");
	launch->pid = fork();
	if (launch->pid < 0) {
		failed = errno;
		close(report[0]);
		close(report[1]);
		return error_errno(err, failed, "cannot start %s", argv[0]);
	}
	if (!launch->pid)
		become(launch, argv, shim, socket_name, report[1]);
	close(report[1]);
	failed = exec_outcome(report[0]);
	close(report[0]);
	if (!failed)
		return 0;
	waitpid(launch->pid, NULL, 0);
	launch->pid = -1;
	launch->exit_status = failed == ENOENT ? LAUNCH_NOT_FOUND : LAUNCH_NOT_EXECUTABLE;
	return error_set(err, ERROR_FAILED, failed, "cannot run %s", argv[0]);
}

int launch_start(struct launch *launch, char *const argv[], bool follow, int output_fd,
		 struct error *err)
{
	char shim[PATH_MAX], name[64];
	int rc;

	*launch = (struct launch){
		.pid = -1,
		.listen_fd = -1,
		.follow = follow,
		.output_fd = output_fd,
		.exit_status = LAUNCH_FAILED,
	};
	rc = judge(launch, argv[0], err);
	if (!rc && launch->preloaded)
		rc = find_shim(shim, err);
	if (!rc && launch->preloaded)
		rc = listen_for_shim(launch, name, err);
	if (!rc)
		rc = start_child(launch, argv, launch->preloaded ? shim : NULL, name, err);
	return rc;
}

/* Who calls; 0 if that cannot be told. */
static int caller_of(int fd)
{
	struct ucred peer;
	socklen_t len = sizeof(peer);

	return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) ? 0 : peer.pid;
}

void launch_read_call(struct call *call, struct msghdr *msg, size_t got)
{
	struct wire_hello hello = { 0 };

	*call = (struct call){ .nr = 0 };
	for (struct cmsghdr *cmsg = CMSG_FIRSTHDR(msg); cmsg; cmsg = CMSG_NXTHDR(msg, cmsg)) {
		size_t nr = (cmsg->cmsg_len - CMSG_LEN(0)) / sizeof(int);

		if (cmsg->cmsg_level != SOL_SOCKET || cmsg->cmsg_type != SCM_RIGHTS)
			continue;
		for (size_t i = 0; i < nr && call->nr < CALL_FDS; i++)
			memcpy(&call->fd[call->nr++], CMSG_DATA(cmsg) + i * sizeof(int),
			       sizeof(int));
	}
	if (got == sizeof(hello))
		memcpy(&hello, msg->msg_iov[0].iov_base, sizeof(hello));
	call->hello = hello.magic == WIRE_MAGIC && hello.version == WIRE_VERSION && call->nr == 1 &&
		      !(msg->msg_flags & (MSG_TRUNC | MSG_CTRUNC));
}

static int receive_uffd(int fd)
{
	struct wire_hello hello;
	struct iovec iov = { &hello, sizeof(hello) };
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control;
	struct msghdr msg = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control.bytes,
		.msg_controllen = sizeof(control.bytes),
	};
	ssize_t got = recvmsg(fd, &msg, MSG_CMSG_CLOEXEC);
	struct call call;

	if (got < 0)
		return -errno;
	launch_read_call(&call, &msg, (size_t)got);
	if (call.hello)
		return call.fd[0];
	while (call.nr)
		close(call.fd[--call.nr]);
	return -EPROTO;
}

/* pidfd -1: nobody's end is awaited. */
static int wait_readable(int fd, int pidfd, int64_t until_ns)
{
	for (;;) {
		struct pollfd fds[] = { { fd, POLLIN, 0 }, { pidfd, POLLIN, 0 } };
		int64_t left_ms = (until_ns - clock_boot_ns()) / 1000000;
		int ready = poll(fds, 2, left_ms > 0 ? (int)left_ms : 0);

		if (ready < 0 && errno == EINTR)
			continue;
		if (ready <= 0)
			return ready < 0 ? -errno : -ETIMEDOUT;
		return fds[0].revents ? 0 : -ESRCH;
	}
}

/*
 * The next call, of whoever may call.  -EPROTO: it was not in order, and call->pid says
 * whose it was; -EAGAIN: it has gone.
 */
static int receive_call(struct launch *launch, int pidfd, int64_t until_ns,
			struct launch_call *call)
{
	int rc = wait_readable(launch->listen_fd, pidfd, until_ns), pid;

	*call = LAUNCH_NO_CALL;
	if (rc)
		return rc;
	call->fd = accept4(launch->listen_fd, NULL, NULL, SOCK_CLOEXEC);
	if (call->fd < 0)
		return -EAGAIN;
	pid = caller_of(call->fd);
	/* It connects to say hello at once; nobody else shall wait for it any longer. */
	if ((launch->follow || pid == launch->pid) &&
	    !wait_readable(call->fd, -1, clock_boot_ns() + HELLO_WAIT_NS))
		call->uffd = receive_uffd(call->fd);
	if (call->uffd < 0) {
		launch_answer(call);
		rc = -EPROTO;
	}
	call->pid = pid;
	return rc;
}

/* One that came while another was awaited. */
static bool take_kept(struct launch *launch, int pid, struct launch_call *call)
{
	for (unsigned int i = 0; i < launch->nr_calls; i++) {
		if (pid && launch->calls[i].pid != pid)
			continue;
		*call = launch->calls[i];
		launch->nr_calls--;
		memmove(launch->calls + i, launch->calls + i + 1,
			(launch->nr_calls - i) * sizeof(*launch->calls));
		return true;
	}
	return false;
}

static void keep_call(struct launch *launch, struct launch_call *call)
{
	if (launch->nr_calls < LAUNCH_CALLS)
		launch->calls[launch->nr_calls++] = *call;
	else
		launch_answer(call); /* it runs on, and can be attached to */
}

int launch_take_call(struct launch *launch, const struct proc *proc, int timeout_ms,
		     struct launch_call *call)
{
	int64_t until_ns = clock_boot_ns() + timeout_ms * INT64_C(1000000);
	int pid = proc ? proc->pid : 0;

	if (take_kept(launch, pid, call))
		return 0;
	for (;;) {
		int rc = receive_call(launch, proc ? proc->pidfd : -1, until_ns, call);
		bool wanted = !pid || call->pid == pid;

		if (rc == -EAGAIN || (rc == -EPROTO && !wanted))
			continue;
		if (rc || wanted)
			return rc;
		keep_call(launch, call);
	}
}

void launch_answer(struct launch_call *call)
{
	const struct wire_answer answer = { WIRE_MAGIC };

	if (call->fd >= 0)
		(void)!send(call->fd, &answer, sizeof(answer), MSG_NOSIGNAL | MSG_DONTWAIT);
	util_close(&call->fd);
	util_close(&call->uffd);
	*call = LAUNCH_NO_CALL;
}

void launch_hang_up(struct launch *launch)
{
	struct launch_call call;

	while (take_kept(launch, 0, &call))
		launch_answer(&call);
	util_close(&launch->listen_fd);
	launch->listen_fd = -1;
}

int launch_wait(struct launch *launch, struct error *err)
{
	struct proc proc;
	bool passed = false;
	int rc;

	if (launch->reaped || launch->pid < 0)
		return 0;
	rc = proc_open(&proc, launch->pid, err);
	while (!rc && !proc_ended(&proc)) {
		struct pollfd ended = { proc.pidfd, POLLIN, 0 };

		if (passed || interrupt_poll(&ended, 1, -1) != -EINTR) {
			poll(&ended, 1, -1);
			continue;
		}
		if (interrupt_signal()) {
			if (interrupt_sent_by_process())
				kill(launch->pid, interrupt_signal());
			passed = true;
		}
	}
	if (!rc)
		proc_close(&proc);
	if (waitpid(launch->pid, &launch->wait_status, 0) == launch->pid)
		launch->reaped = true;
	return 0;
}

int launch_exit_status(const struct launch *launch)
{
	const struct rlimit no_core = { 0, 0 };
	int signal_number = WTERMSIG(launch->wait_status);

	if (!launch->reaped)
		return LAUNCH_FAILED;
	if (WIFEXITED(launch->wait_status))
		return WEXITSTATUS(launch->wait_status);
	/* Die as it died, but leave it the core file. */
	setrlimit(RLIMIT_CORE, &no_core);
	signal(signal_number, SIG_DFL);
	sigset_t only;
	sigemptyset(&only);
	sigaddset(&only, signal_number);
	sigprocmask(SIG_UNBLOCK, &only, NULL);
	raise(signal_number);
	return 128 + signal_number;
}
