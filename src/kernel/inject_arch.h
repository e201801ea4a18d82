/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What inject.c needs of one architecture.  All functions work on a thread in a
 * ptrace stop, allocate nothing, and return 0 or a negative errno.
 */
#ifndef WSSTAT_KERNEL_INJECT_ARCH_H
#define WSSTAT_KERNEL_INJECT_ARCH_H

#include "kernel/elf.h"

#if defined(__x86_64__)
#include <sys/user.h>
typedef struct user_regs_struct arch_regs;
#else
#error "wsstat can attach on x86-64 only so far: add kernel/inject_ARCH.c"
#endif

#define ARCH_XSTATE_MAX 16384
#define ARCH_FRAME_MAX (ARCH_XSTATE_MAX + 1024)

/* Everything that an injected call can change, and what the frame is made of. */
struct arch_saved {
	arch_regs regs;
	uint64_t sigmask;
	size_t xstate_len;
	unsigned char xstate[ARCH_XSTATE_MAX] __attribute__((aligned(64)));
};

/* The dead man's frame: bytes that lie at addr in the target. */
struct arch_frame {
	uint64_t addr;
	size_t len;
	unsigned char bytes[ARCH_FRAME_MAX] __attribute__((aligned(64)));
};

/* `syscall; ret`, and the code that calls rt_sigreturn: any one of each will do. */
extern const struct code_pattern arch_call_code[], arch_sigreturn_code[];
extern const unsigned int arch_nr_call_code, arch_nr_sigreturn_code;

/*
 * -ENOEXEC: a 32-bit thread.  -E2BIG: more vector state than there is room for.  -EPERM:
 * its calls are not always the kernel's (syscall user dispatch).
 */
must_check int arch_save(int tid, struct arch_saved *saved);

/* A system call that a stop has ended. */
struct arch_call {
	long nr;
	long result;
	uint64_t args[6];
	uint32_t mark; /* of arch_repeat_call(), if it has been made again before; else 0 */
};

/*
 * Right after the stop: 1 if the thread was in a call, and then *regs are its registers
 * and *call is the call with what it would answer; 0 if not, or a negative errno.
 */
must_check int arch_interrupted_call(int tid, arch_regs *regs, struct arch_call *call);

/*
 * Have it make the same call again, if no signal is to be handled first: after that it
 * answers EINTR, as it should.  The mark (31 bits) is seen at the next stop if the
 * thread is still in that very call; the program never sees it.
 */
must_check int arch_repeat_call(int tid, const arch_regs *regs, uint32_t mark);

/* Have the call return this. */
must_check int arch_end_call(int tid, const arch_regs *regs, long result);

/*
 * A sleep that is interrupted goes on by restart_syscall(2).  That works once; when it
 * is stopped again, and the dead man's frame is what brings it back, the call has to be
 * made anew: so let its number travel along, too.
 */
must_check int arch_keep_call(int tid, const arch_regs *regs);

/* Stack pointer and the bytes below it that are in use all the same. */
uint64_t arch_stack_pointer(const struct arch_saved *saved);
#define ARCH_RED_ZONE 128

/*
 * A frame whose last byte lies below `top`, that restores what was saved when
 * the code at sigreturn runs.  A system call that was interrupted is made again
 * from its beginning then.
 */
must_check int arch_make_frame(const struct arch_saved *saved, uint64_t top, uint64_t sigreturn,
			       struct arch_frame *frame);

struct arch_request {
	long nr;
	uint64_t args[3];
};

/* Registers such that the thread makes this call next, at `call`, and returns into the frame. */
must_check int arch_set_call(int tid, const struct arch_saved *saved,
			     const struct arch_frame *frame, uint64_t call,
			     const struct arch_request *request);

/* In the stop at the entry of a call: make it another one. */
must_check int arch_change_call(int tid, const struct arch_request *request);

/* After the call: what it returned. */
must_check int arch_result(int tid, long *result);

must_check int arch_restore_regs(int tid, const struct arch_saved *saved);

#endif
