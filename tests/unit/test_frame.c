/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The dead man's frame: what it makes of calls that a stop has interrupted, and how it holds
 * the vector state of processors that this one is not.
 */
#include "config.h"

#include <errno.h>
#include <string.h>
#include <sys/syscall.h>
#include <ucontext.h>

#include "kernel/inject_arch.h"
#include "kernel/xstate.h"
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

/* A frame for each of the calls. */
static void test_call(size_t i)
{
	ucontext_t uc;
	const greg_t *got = uc.uc_mcontext.gregs;
	uint64_t returns_to;

	saved = (struct arch_saved){ .sigmask = MASK, .xstate_len = XSTATE_BYTES };
	saved.regs = (arch_regs){
		.rip = AT, .rax = (uint64_t)cases[i].rax, .orig_rax = cases[i].orig_rax, .rbx = i
	};
	if (arch_make_frame(&saved, TOP, SIGRETURN, &frame)) {
		ok(false, "FRAME01: a frame for %s", cases[i].what);
		return;
	}
	memcpy(&returns_to, frame.bytes, sizeof(returns_to));
	memcpy(&uc, frame.bytes + sizeof(returns_to), sizeof(uc));
	ok(returns_to == SIGRETURN && frame.addr + frame.len <= TOP &&
		   frame.addr >= TOP - arch_frame_room(&saved) && (uint64_t)got[REG_RBX] == i &&
		   memcmp(&uc.uc_sigmask, &saved.sigmask, sizeof(saved.sigmask)) == 0,
	   "FRAME01: a frame for %s", cases[i].what);
	ok((uint64_t)got[REG_RAX] == cases[i].want_rax, "FRAME02: which call: %s", cases[i].what);
	ok((uint64_t)got[REG_RIP] == (cases[i].again ? AT - 2 : AT),
	   "FRAME03: where it goes on: %s", cases[i].what);
}

/*
 * The standard format of a processor with AVX-512, protection keys, AMX and APX,
 * as cpuid tells it (offset, size).
 */
#define AMX_BYTES 11008u /* 2816 + 8192, what ptrace gives there whatever is in use */
#define C(n) (UINT64_C(1) << (n))
#define AVX (C(0) | C(1) | C(2))
#define AVX512 (AVX | C(5) | C(6) | C(7))
#define TILES (C(17) | C(18))

static size_t made_up_end(unsigned int component)
{
	static const size_t end[] = {
		[2] = 576 + 256,    /* AVX */
		[5] = 1088 + 64,    /* opmask */
		[6] = 1152 + 512,   /* upper halves of zmm0-15 */
		[7] = 1664 + 1024,  /* zmm16-31 */
		[9] = 2688 + 8,	    /* protection keys */
		[17] = 2752 + 64,   /* tile configuration */
		[18] = 2816 + 8192, /* tiles */
		[19] = 960 + 128,   /* APX, where MPX was */
	};

	return component < ARRAY_LEN(end) ? end[component] : 0;
}

static const struct {
	const char *what;
	uint64_t components;
	size_t len, want;
} states[] = {
	{ "nothing in use", 0, AMX_BYTES, 576 },
	{ "SSE", C(0) | C(1), AMX_BYTES, 576 },
	{ "AVX", AVX, AMX_BYTES, 832 },
	{ "AVX-512", AVX512, AMX_BYTES, 2688 },
	{ "AVX-512, upper half of zmm alone", C(6), AMX_BYTES, 1664 },
	{ "protection keys", AVX512 | C(9), AMX_BYTES, 2696 },
	{ "AMX", AVX512 | C(9) | TILES, AMX_BYTES, 11008 },
	{ "AMX, its configuration alone", C(17), AMX_BYTES, 2816 },
	{ "APX", C(0) | C(1) | C(19), AMX_BYTES, 1088 },
	{ "a component nobody knows", AVX | C(40), AMX_BYTES, 832 },
	{ "less room than the component needs", AVX512, 832, 832 },
};

static uint32_t word_at(const unsigned char *bytes, size_t at)
{
	uint32_t word;

	memcpy(&word, bytes + at, sizeof(word));
	return word;
}

static void test_state(size_t i)
{
	static unsigned char state[AMX_BYTES], got[AMX_BYTES + 2 * XSTATE_TAIL];
	uint64_t features;
	size_t len, want = states[i].want;

	for (size_t at = 0; at < sizeof(state); at++)
		state[at] = (unsigned char)(at * 7 + at / 251 + 1);
	memcpy(state + XSTATE_LEGACY, &states[i].components, sizeof(states[i].components));
	memset(got, 0xee, sizeof(got));
	len = xstate_put(state, states[i].len, made_up_end, got);
	ok(len == want + XSTATE_TAIL && got[len] == 0xee, "XSTATE01: how long: %s", states[i].what);
	memcpy(&features, got + 464 + 8, sizeof(features));
	ok(word_at(got, 464) == 0x46505853 && word_at(got, 464 + 4) == len &&
		   features == (states[i].components | 3) && word_at(got, 464 + 16) == want &&
		   word_at(got, want) == 0x46505845,
	   "XSTATE02: the kernel's words: %s", states[i].what);
	ok(!memcmp(got, state, 464) && !memcmp(got + 512, state + 512, want - 512),
	   "XSTATE03: the registers: %s", states[i].what);
}

/* A processor without XSAVE. */
static void test_legacy(void)
{
	static const unsigned char zero[48];
	ucontext_t uc;
	size_t at;

	saved = (struct arch_saved){ .xstate_len = XSTATE_LEGACY };
	memset(saved.xstate, 0x77, XSTATE_LEGACY);
	if (!ok(!arch_make_frame(&saved, TOP, SIGRETURN, &frame), "XSTATE04: a frame"))
		return;
	memcpy(&uc, frame.bytes + 8, sizeof(uc));
	at = (uintptr_t)uc.uc_mcontext.fpregs - frame.addr;
	ok(!(uc.uc_flags & 1) && frame.len == at + XSTATE_LEGACY &&
		   (uintptr_t)uc.uc_mcontext.fpregs % 16 == 0,
	   "XSTATE05: no more than fxsave's bytes, and said so");
	ok(!memcmp(frame.bytes + at, saved.xstate, 464) &&
		   !memcmp(frame.bytes + at + 464, zero, sizeof(zero)),
	   "XSTATE06: the registers, and no magic words");
}

/* The largest there is fits, wherever the stack ends. */
static void test_room(void)
{
	static const uint64_t amx = AVX512 | C(9) | TILES;
	bool good = true;

	saved = (struct arch_saved){ .xstate_len = AMX_BYTES };
	memcpy(saved.xstate + XSTATE_LEGACY, &amx, sizeof(amx));
	for (uint64_t top = TOP; top < TOP + 64; top++)
		good = good && !arch_make_frame(&saved, top, SIGRETURN, &frame) &&
		       frame.addr >= top - arch_frame_room(&saved) &&
		       frame.addr + frame.len <= top && frame.addr % 16 == 8;
	ok(good, "XSTATE07: a frame with tiles keeps to its room, at any alignment");
	saved.xstate_len = ARCH_XSTATE_MAX;
	ok(!arch_make_frame(&saved, TOP, SIGRETURN, &frame),
	   "XSTATE08: all that there is room for");
	saved.xstate_len = ARCH_FRAME_MAX;
	ok(arch_make_frame(&saved, TOP, SIGRETURN, &frame) == -E2BIG, "XSTATE09: and no more");
}

int main(void)
{
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		test_call(i);
	for (size_t i = 0; i < ARRAY_LEN(states); i++)
		test_state(i);
	test_legacy();
	test_room();
	return done();
}
