/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Run a command under a seccomp filter, as container runtimes do: each named call
 * fails with the error given, or, with 0, says that it was done and does nothing, or,
 * with the word kill, kills the process.
 *
 * usage: filter CALL=ERRNO|kill... -- COMMAND [ARGUMENT...]
 * CALL: userfaultfd madvise register writeprotect rwprotect scan ptrace readv writev
 * getfd socket
 */
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "kernel/uapi.h"

#define CALLS_MAX 16
#define STEPS 5 /* of the program, for each call */

struct call {
	const char *name;
	unsigned int nr;
	unsigned int request; /* of ioctl(2), 0 for any other call */
};

static const struct call calls[] = {
	{ "userfaultfd", SYS_userfaultfd, 0 },
	{ "madvise", SYS_madvise, 0 },
	{ "register", SYS_ioctl, (unsigned int)UFFDIO_REGISTER },
	{ "writeprotect", SYS_ioctl, (unsigned int)UFFDIO_WRITEPROTECT },
	{ "rwprotect", SYS_ioctl, (unsigned int)UFFDIO_RWPROTECT },
	{ "scan", SYS_ioctl, (unsigned int)PAGEMAP_SCAN },
	{ "ptrace", SYS_ptrace, 0 },
	{ "readv", SYS_process_vm_readv, 0 },
	{ "writev", SYS_process_vm_writev, 0 },
	{ "getfd", SYS_pidfd_getfd, 0 },
	{ "socket", SYS_socket, 0 },
};

static const struct call *find_call(const char *name, size_t len)
{
	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++)
		if (strlen(calls[i].name) == len && !strncmp(calls[i].name, name, len))
			return &calls[i];
	return NULL;
}

/* Request and number, little endian: their low halves. */
static void add_steps(struct sock_filter *at, const struct call *call, unsigned int answer)
{
	const unsigned int nr = offsetof(struct seccomp_data, nr);
	const unsigned int request = offsetof(struct seccomp_data, args[1]);

	at[0] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, nr);
	at[1] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, call->nr, 0, 3);
	at[2] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
					     call->request ? request : nr);
	at[3] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K,
					     call->request ? call->request : call->nr, 0, 1);
	at[4] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, answer);
}

static unsigned int answer_of(const char *word)
{
	if (!strcmp(word, "kill"))
		return SECCOMP_RET_KILL_PROCESS;
	return SECCOMP_RET_ERRNO | (unsigned int)strtoul(word, NULL, 10);
}

static int usage(void)
{
	fputs("usage: filter CALL=ERRNO... -- COMMAND [ARGUMENT...]\n", stderr);
	return 2;
}

int main(int argc, char **argv)
{
	struct sock_filter steps[CALLS_MAX * STEPS + 1];
	struct sock_fprog program = { .filter = steps };
	int i;

	for (i = 1; i < argc && i <= CALLS_MAX && strcmp(argv[i], "--") != 0; i++) {
		const char *equals = strchr(argv[i], '=');
		const struct call *call = equals ? find_call(argv[i], (size_t)(equals - argv[i]))
						 : NULL;

		if (!call)
			return usage();
		add_steps(&steps[program.len], call, answer_of(equals + 1));
		program.len = (unsigned short)(program.len + STEPS);
	}
	if (i + 1 >= argc || strcmp(argv[i], "--") != 0)
		return usage();
	steps[program.len++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program)) {
		perror("filter: prctl");
		return 1;
	}
	execvp(argv[i + 1], argv + i + 1);
	perror("filter: exec");
	return 127;
}
