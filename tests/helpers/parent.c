/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A parent that notes what wait(2) tells of its child, each report a line on stdout:
 * "pid N" first, then "stopped SIGNAL", "continued", at last "ended STATUS" or "killed SIGNAL".
 *
 * usage: parent STDOUT COMMAND [ARG...]
 * The child has a process group of its own, so that job control can stop it, and writes to the
 * file STDOUT.
 */
#define _GNU_SOURCE 1
#include <fcntl.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

static int child_main(char **argv)
{
	const int out = open(argv[1], O_WRONLY | O_CREAT | O_TRUNC, 0600);

	setpgid(0, 0);
	if (out < 0 || dup2(out, STDOUT_FILENO) < 0)
		return 126;
	execvp(argv[2], argv + 2);
	return 127;
}

int main(int argc, char **argv)
{
	int status = 0, pid;

	if (argc < 3) {
		fputs("usage: parent STDOUT COMMAND [ARG...]\n", stderr);
		return 2;
	}
	pid = fork();
	if (!pid)
		_exit(child_main(argv));
	dprintf(STDOUT_FILENO, "pid %d\n", pid);
	while (waitpid(pid, &status, WUNTRACED | WCONTINUED) == pid) {
		if (WIFSTOPPED(status))
			dprintf(STDOUT_FILENO, "stopped %d\n", WSTOPSIG(status));
		else if (WIFCONTINUED(status))
			dprintf(STDOUT_FILENO, "continued\n");
		else if (WIFEXITED(status))
			dprintf(STDOUT_FILENO, "ended %d\n", WEXITSTATUS(status));
		else
			dprintf(STDOUT_FILENO, "killed %d\n", WTERMSIG(status));
	}
	return 0;
}
