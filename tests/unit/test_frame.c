/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The dead man's frame, and what it makes of calls that a stop has interrupted. */
#include "config.h"

#include <string.h>
#include <sys/syscall.h>
#include <ucontext.h>

#include "kernel/inject_arch.h"
#include "tap.h"

#define TOP UINT64_C(0x7ffd12345678)
#define SIGRETURN UINT64_C(0x7f1122334455)
#define AT UINT64_C(0x7f0000001000) /* behind the instruction that makes the call */
#define XSTATE_BYTES 832u
#define MASK UINT64_C(0x1234)
/* Marks as they lie in orig_rax (kernel/inject_x86_64.c): a time, and a number. */
#define TIMED (UINT64_C(0x51dbc4e8) << 32)
#define NUMBERED (UINT64_C(0x20000000) << 32)

static const struct {
	const char *what;
	int64_t rax;
	uint64_t orig_rax;
	uint64_t want_rax;
	bool again; /* rip goes back to the call */
} cases[] = {
	{ "no call", 77, UINT64_MAX, 77, false },
	{ "a call that has answered", 5, SYS_read, 5, false },
	{ "a call that answered EINTR to a signal", -4, SYS_poll, (uint64_t)-4, false },
	{ "a read to be restarted", -512, SYS_read, SYS_read, true },
	{ "a sleep, stopped once", -516, SYS_nanosleep, SYS_nanosleep, true },
	{ "a sleep, marked", -514, NUMBERED | UINT64_C(35) << 32 | SYS_restart_syscall,
	  SYS_nanosleep, true },
	{ "a sleep, marked and about to go on",
	  (int64_t)(NUMBERED | UINT64_C(35) << 32 | SYS_restart_syscall),
	  NUMBERED | UINT64_C(35) << 32 | SYS_restart_syscall, SYS_nanosleep, false },
	{ "epoll_wait, marked", -514, TIMED | SYS_epoll_wait, TIMED | SYS_epoll_wait, true },
	{ "epoll_wait, marked and about to go on", (int64_t)(TIMED | SYS_epoll_wait),
	  TIMED | SYS_epoll_wait, TIMED | SYS_epoll_wait, false },
	{ "a call that answers its own number", SYS_write, SYS_write, SYS_write, false },
};

static struct arch_saved saved;
static struct arch_frame frame;

int main(void)
{
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		ucontext_t uc;
		const greg_t *got = uc.uc_mcontext.gregs;
		uint64_t returns_to;

		saved = (struct arch_saved){ .sigmask = MASK, .xstate_len = XSTATE_BYTES };
		saved.regs = (arch_regs){ .rip = AT,
					  .rax = (uint64_t)cases[i].rax,
					  .orig_rax = cases[i].orig_rax,
					  .rbx = i };
		if (arch_make_frame(&saved, TOP, SIGRETURN, &frame)) {
			ok(false, "FRAME01: a frame for %s", cases[i].what);
			continue;
		}
		memcpy(&returns_to, frame.bytes, sizeof(returns_to));
		memcpy(&uc, frame.bytes + sizeof(returns_to), sizeof(uc));
		ok(returns_to == SIGRETURN && frame.addr + frame.len <= TOP &&
			   (uint64_t)got[REG_RBX] == i &&
			   memcmp(&uc.uc_sigmask, &saved.sigmask, sizeof(saved.sigmask)) == 0,
		   "FRAME01: a frame for %s", cases[i].what);
		ok((uint64_t)got[REG_RAX] == cases[i].want_rax, "FRAME02: which call: %s",
		   cases[i].what);
		ok((uint64_t)got[REG_RIP] == (cases[i].again ? AT - 2 : AT),
		   "FRAME03: where it goes on: %s", cases[i].what);
	}
	return done();
}
