/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * x86-64: registers, vector state and the layout of a signal frame
 * (arch/x86/kernel/signal_64.c, arch/x86/kernel/fpu/signal.c,
 * arch/x86/include/uapi/asm/sigcontext.h).
 */
#include "config.h"

#include "kernel/inject_arch.h"

#include <elf.h>
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>

#include "kernel/remote.h"
#include "kernel/xstate.h"

#ifndef PTRACE_GET_RSEQ_CONFIGURATION
#define PTRACE_GET_RSEQ_CONFIGURATION 0x420f
#endif
#ifndef PTRACE_GET_SYSCALL_USER_DISPATCH_CONFIG
#define PTRACE_GET_SYSCALL_USER_DISPATCH_CONFIG 0x4211
#endif
#ifndef PTRACE_GETSIGMASK
#define PTRACE_GETSIGMASK 0x420a
#endif

#define USER_CS 0x33 /* __USER_CS: a thread in 64-bit mode */

/* The kernel's own numbers for "make this call again", never seen by programs. */
#define ERESTARTSYS 512
#define ERESTARTNOINTR 513
#define ERESTARTNOHAND 514
#define ERESTART_RESTARTBLOCK 516

/* Flags of the frame (arch/x86/include/uapi/asm/ucontext.h). */
#define UC_FP_XSTATE 1
#define UC_SIGCONTEXT_SS 2
#define UC_STRICT_RESTORE_SS 4

/*
 * No mode of an alternate signal stack: rt_sigreturn ignores a setting that it
 * cannot apply (restore_altstack), so the thread keeps the stack that it has.
 */
#define KEEP_ALTSTACK 0x3fffffff

static const unsigned char syscall_ret[] = { 0x0f, 0x05, 0xc3 };
/* mov $15, %rax; syscall  and  mov $15, %eax; syscall */
static const unsigned char sigreturn_rax[] = { 0x48, 0xc7, 0xc0, 0x0f, 0, 0, 0, 0x0f, 0x05 };
static const unsigned char sigreturn_eax[] = { 0xb8, 0x0f, 0, 0, 0, 0x0f, 0x05 };

const struct code_pattern arch_call_code[] = { { syscall_ret, sizeof(syscall_ret) } };
const unsigned int arch_nr_call_code = ARRAY_LEN(arch_call_code);
const struct code_pattern arch_sigreturn_code[] = {
	{ sigreturn_rax, sizeof(sigreturn_rax) },
	{ sigreturn_eax, sizeof(sigreturn_eax) },
};
const unsigned int arch_nr_sigreturn_code = ARRAY_LEN(arch_sigreturn_code);

struct signal_frame {
	uint64_t return_to;
	struct {
		uint64_t flags;
		uint64_t link;
		stack_t stack;
		struct sigcontext regs;
		uint64_t sigmask;
	} uc;
};

/* struct ptrace_rseq_configuration */
struct rseq_config {
	uint64_t area;
	uint32_t size, signature, flags, pad;
};

/* struct rseq_cs: a critical section that is left for abort_ip when interrupted */
struct rseq_section {
	uint32_t version, flags;
	uint64_t start, len, abort;
};

/*
 * A thread stopped inside a restartable sequence was preempted, so it must go on
 * at its abort handler.  The kernel does that on the way back to user space by
 * looking at the instruction pointer, which will be ours then: do it here.
 */
static void leave_rseq(int tid, arch_regs *regs)
{
	struct rseq_config config = { 0 };
	struct rseq_section section;
	uint64_t section_addr;

	if (ptrace((enum __ptrace_request)PTRACE_GET_RSEQ_CONFIGURATION, tid, sizeof(config),
		   &config) <= 0 ||
	    !config.area ||
	    remote_read(tid, config.area + 8, &section_addr, sizeof(section_addr)) ||
	    !section_addr || remote_read(tid, section_addr, &section, sizeof(section)))
		return;
	if (regs->rip - section.start < section.len)
		regs->rip = section.abort;
}

/*
 * A thread that emulates another system (Wine) may get a signal in place of a call
 * that comes from where ours does, and would die of it: it is blocked.
 */
static bool dispatches(int tid)
{
	struct {
		uint64_t mode, selector, offset, len;
	} config = { 0 };

	return !ptrace((enum __ptrace_request)PTRACE_GET_SYSCALL_USER_DISPATCH_CONFIG, tid,
		       sizeof(config), &config) &&
	       config.mode;
}

/* The whole vector state; on a processor without XSAVE that is what fxsave stores. */
static int save_xstate(int tid, struct arch_saved *saved)
{
	struct iovec state = { saved->xstate, sizeof(saved->xstate) };
	size_t least = XSTATE_MIN;
	int rc = ptrace(PTRACE_GETREGSET, tid, NT_X86_XSTATE, &state) ? -errno : 0;

	if (rc == -ENODEV) {
		state.iov_len = least = XSTATE_LEGACY;
		rc = ptrace(PTRACE_GETREGSET, tid, NT_PRFPREG, &state) ? -errno : 0;
	}
	if (!rc && (state.iov_len < least || state.iov_len >= sizeof(saved->xstate)))
		rc = -E2BIG;
	saved->xstate_len = state.iov_len;
	return rc;
}

int arch_save(int tid, struct arch_saved *saved)
{
	int rc;

	if (ptrace(PTRACE_GETREGS, tid, NULL, &saved->regs) ||
	    ptrace((enum __ptrace_request)PTRACE_GETSIGMASK, tid, sizeof(saved->sigmask),
		   &saved->sigmask))
		return -errno;
	if (saved->regs.cs != USER_CS)
		return -ENOEXEC;
	rc = save_xstate(tid, saved);
	if (rc)
		return rc;
	leave_rseq(tid, &saved->regs);
	return dispatches(tid) ? -EPERM : 0;
}

bool arch_can_call(int tid)
{
	arch_regs regs;

	return !ptrace(PTRACE_GETREGS, tid, NULL, &regs) && regs.cs == USER_CS && !dispatches(tid);
}

bool arch_is_restart(long result)
{
	return result == -ERESTARTSYS || result == -ERESTARTNOINTR || result == -ERESTARTNOHAND ||
	       result == -ERESTART_RESTARTBLOCK;
}

/*
 * The number of a call is an int: the kernel takes the lower half of rax (since 5.14,
 * arch/x86/entry/entry_64.S), but keeps all of it in orig_rax.  What lies in the upper half
 * thus stays with this very call, and is gone when it returns: the mark.
 */
#define MARK_SHIFT 32
#define MARK_MASK 0x7fffffffu
#define MARK_NUMBER 0x20000000u /* beside restart_syscall: the number of what is restarted */
#define MARK_NUMBER_MASK 0x7ffff000u

static uint64_t marked(uint32_t mark, int nr)
{
	return (uint64_t)mark << MARK_SHIFT | (uint32_t)nr;
}

int arch_interrupted_call(int tid, arch_regs *regs, struct arch_call *call)
{
	if (ptrace(PTRACE_GETREGS, tid, NULL, regs))
		return -errno;
	/* 32-bit code has other numbers. */
	if (regs->cs != USER_CS || (int)regs->orig_rax < 0)
		return 0;
	*call = (struct arch_call){
		.nr = (int)regs->orig_rax,
		.result = (long)regs->rax,
		.args = { regs->rdi, regs->rsi, regs->rdx, regs->r10, regs->r8, regs->r9 },
		.mark = regs->orig_rax >> MARK_SHIFT & MARK_MASK,
	};
	return 1;
}

/*
 * By the kernel's own means, when the thread goes on: the call is made again if no
 * signal is handled before, else it answers EINTR.
 */
int arch_repeat_call(int tid, const arch_regs *regs, uint32_t mark)
{
	arch_regs again = *regs;

	again.rax = (unsigned long long)-ERESTARTNOHAND;
	again.orig_rax = marked(mark, (int)regs->orig_rax);
	return ptrace(PTRACE_SETREGS, tid, NULL, &again) ? -errno : 0;
}

int arch_end_call(int tid, const arch_regs *regs, long result)
{
	arch_regs ended = *regs;

	ended.rax = (unsigned long long)result;
	ended.orig_rax = (unsigned long long)-1;
	return ptrace(PTRACE_SETREGS, tid, NULL, &ended) ? -errno : 0;
}

/* The same that the kernel would do, but for the mark. */
int arch_keep_call(int tid, const arch_regs *regs)
{
	const int nr = (int)regs->orig_rax;
	arch_regs kept = *regs;

	if ((long)regs->rax != -ERESTART_RESTARTBLOCK)
		return 0;
	kept.rax = (unsigned long long)-ERESTARTNOHAND;
	if (nr != SYS_restart_syscall)
		kept.orig_rax = marked(MARK_NUMBER | (uint32_t)nr, SYS_restart_syscall);
	return ptrace(PTRACE_SETREGS, tid, NULL, &kept) ? -errno : 0;
}

int arch_stack(int tid, struct arch_stack *stack)
{
	arch_regs regs;

	if (ptrace(PTRACE_GETREGS, tid, NULL, &regs))
		return -errno;
	*stack = (struct arch_stack){ .pointer = regs.rsp, .thread = regs.fs_base };
	return 0;
}

/*
 * An interrupted call shows a restart number; the kernel acts on it only when it
 * returns the normal way.  From a frame the call is simply made again: rt_sigreturn
 * forgets the time a sleep has left, so such a sleep begins anew, rather than
 * failing with an EINTR that no signal explains.
 */
static void restart_call(arch_regs *regs)
{
	const uint32_t mark = (uint32_t)(regs->orig_rax >> MARK_SHIFT);

	if ((int)regs->orig_rax < 0)
		return;
	if (arch_is_restart((long)regs->rax)) {
		regs->rax = regs->orig_rax;
		regs->rip -= sizeof(syscall_ret) - 1;
	} else if (regs->rax != regs->orig_rax) {
		return;
	}
	/* Else the kernel has done so, and the call is about to be made: the mark tells. */
	/* restart_syscall(2) would find that nothing is left to be restarted. */
	if ((int)regs->rax == SYS_restart_syscall && (mark & MARK_NUMBER_MASK) == MARK_NUMBER)
		regs->rax = mark & ~MARK_NUMBER_MASK;
}

static void put_regs(struct sigcontext *to, const arch_regs *regs)
{
	to->r8 = regs->r8;
	to->r9 = regs->r9;
	to->r10 = regs->r10;
	to->r11 = regs->r11;
	to->r12 = regs->r12;
	to->r13 = regs->r13;
	to->r14 = regs->r14;
	to->r15 = regs->r15;
	to->rdi = regs->rdi;
	to->rsi = regs->rsi;
	to->rbp = regs->rbp;
	to->rbx = regs->rbx;
	to->rdx = regs->rdx;
	to->rax = regs->rax;
	to->rcx = regs->rcx;
	to->rsp = regs->rsp;
	to->rip = regs->rip;
	to->eflags = regs->eflags;
	to->cs = (unsigned short)regs->cs;
	to->__pad0 = (unsigned short)regs->ss;
}

/* What lies below the vector state, which is aligned to 64 bytes. */
#define HEAD_BYTES (sizeof(struct signal_frame) + 16 + 8)

size_t arch_frame_room(const struct arch_saved *saved)
{
	return HEAD_BYTES + 64 + saved->xstate_len + XSTATE_TAIL;
}

int arch_make_frame(const struct arch_saved *saved, uint64_t top, uint64_t sigreturn,
		    struct arch_frame *frame)
{
	const uint64_t head = sizeof(struct signal_frame);
	arch_regs regs = saved->regs;
	struct signal_frame signal = { .return_to = sigreturn };
	uint64_t xstate_at = (top - saved->xstate_len - XSTATE_TAIL) & ~UINT64_C(63);

	if (arch_frame_room(saved) > ARCH_FRAME_MAX)
		return -E2BIG;
	/* As the kernel lays it: the stack is 16-byte aligned before the return address. */
	frame->addr = ((xstate_at - head) & ~UINT64_C(15)) - 8;
	restart_call(&regs);
	signal.uc.flags = UC_SIGCONTEXT_SS | UC_STRICT_RESTORE_SS;
	if (saved->xstate_len != XSTATE_LEGACY)
		signal.uc.flags |= UC_FP_XSTATE;
	signal.uc.stack.ss_flags = KEEP_ALTSTACK;
	signal.uc.sigmask = saved->sigmask;
	put_regs(&signal.uc.regs, &regs);
	signal.uc.regs.fpstate = (void *)(uintptr_t)xstate_at;

	memset(frame->bytes, 0, sizeof(frame->bytes));
	memcpy(frame->bytes, &signal, sizeof(signal));
	frame->len = xstate_at - frame->addr +
		     xstate_put(saved->xstate, saved->xstate_len, xstate_end,
				frame->bytes + (xstate_at - frame->addr));
	return 0;
}

int arch_set_entry(int tid, const struct arch_saved *saved, const struct arch_frame *frame,
		   uint64_t call)
{
	arch_regs regs = saved->regs;

	regs.orig_rax = (unsigned long long)-1; /* no call to restart */
	regs.rax = SYS_rt_sigreturn;
	regs.rip = call;
	regs.rsp = frame->addr + 8; /* as if its handler had returned */
	return ptrace(PTRACE_SETREGS, tid, NULL, &regs) ? -errno : 0;
}

/* At the entry the number is in orig_rax, and rax is -ENOSYS. */
int arch_change_call(int tid, const struct arch_frame *frame, const struct arch_request *request)
{
	arch_regs regs;

	if (ptrace(PTRACE_GETREGS, tid, NULL, &regs))
		return -errno;
	if ((long)regs.rax != -ENOSYS)
		return -EPROTO;
	regs.orig_rax = (unsigned long long)request->nr;
	regs.rdi = request->args[0];
	regs.rsi = request->args[1];
	regs.rdx = request->args[2];
	regs.rsp = frame->addr;
	return ptrace(PTRACE_SETREGS, tid, NULL, &regs) ? -errno : 0;
}

int arch_result(int tid, long *result)
{
	arch_regs regs;

	if (ptrace(PTRACE_GETREGS, tid, NULL, &regs))
		return -errno;
	*result = (long)regs.rax;
	return 0;
}

int arch_restore_regs(int tid, const struct arch_saved *saved)
{
	return ptrace(PTRACE_SETREGS, tid, NULL, &saved->regs) ? -errno : 0;
}
