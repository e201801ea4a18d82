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
 * -E2BIG: more vector state than there is room for.  -ENOEXEC: a 32-bit thread.  -EPERM:
 * its calls are not always the kernel's (syscall user dispatch).
 */
must_check int arch_save(int tid, struct arch_saved *saved);

/* The last two of these alone. */
bool arch_can_call(int tid);

/* A system call that a stop has ended. */
struct arch_call {
	long nr;
	long result;
	uint64_t args[6];
	uint32_t mark; /* of arch_repeat_call(), if it has been made again before; else 0 */
};

/* Is that what an interrupted call shows that is to be made again? */
bool arch_is_restart(long result);

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

/* Where a thread's stack is, and what the C library keeps of the thread. */
struct arch_stack {
	uint64_t pointer;
	uint64_t thread; /* by the ABI its first word is its own address */
};

must_check int arch_stack(int tid, struct arch_stack *stack);

/* The bytes below a stack pointer that are in use all the same. */
#define ARCH_RED_ZONE 128

/* The frame takes no more than this. */
size_t arch_frame_room(const struct arch_saved *saved);

/*
 * A frame of the arch_frame_room() bytes below `top`, that restores what was saved when
 * the code at sigreturn runs.  A system call that was interrupted is made again
 * from its beginning then.
 */
must_check int arch_make_frame(const struct arch_saved *saved, uint64_t top, uint64_t sigreturn,
			       struct arch_frame *frame);

struct arch_request {
	long nr;
	uint64_t args[3];
};

/*
 * Registers such that the thread, at `call`, is about to return from a signal handler:
 * what the frame restores.  That call harms nobody, no seccomp filter forbids it, and in
 * the stop at its entry it can be made another one.
 */
must_check int arch_set_entry(int tid, const struct arch_saved *saved,
			      const struct arch_frame *frame, uint64_t call);

/* In that stop, or that of another call's entry: this one, which returns into the frame. */
must_check int arch_change_call(int tid, const struct arch_frame *frame,
				const struct arch_request *request);

/* After the call: what it returned. */
must_check int arch_result(int tid, long *result);

must_check int arch_restore_regs(int tid, const struct arch_saved *saved);

#endif
