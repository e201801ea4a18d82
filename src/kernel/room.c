/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The places in order, the safest first. */
#include "config.h"

#include "kernel/room.h"

#include <errno.h>
#include <sys/ptrace.h>

#include "kernel/inject_arch.h"
#include "kernel/remote.h"

/*
 * Once the tracer is gone, the owner of a stack runs again, too, and may use more of it
 * before another thread has returned from the frame that lies there.
 */
#define DISTANCE (UINT64_C(16) << 10)
#define OTHERS_MAX 64

/* One search. */
struct search {
	struct room *room;
	int tid;
	size_t bytes;
	unsigned char *scratch;
	struct arch_stack own;
	uint64_t main_pointer; /* of the main thread; 0 if that has ended */
};

static bool readable(const struct search *s, uint64_t addr)
{
	return !remote_read(s->tid, addr, s->scratch, s->bytes);
}

static bool all_zero(const struct search *s)
{
	for (size_t i = 0; i < s->bytes; i++)
		if (s->scratch[i])
			return false;
	return true;
}

static bool main_in_stack(const struct search *s)
{
	const struct range stack = s->room->stack;

	return s->main_pointer > stack.start && s->main_pointer <= stack.end;
}

/* What of [stack] the main thread does not use; if it is elsewhere or has ended, that is all. */
static uint64_t stack_ceiling(const struct search *s)
{
	const uint64_t used = ARCH_RED_ZONE + (s->tid == s->room->halt->proc->pid ? 0 : DISTANCE);

	if (!main_in_stack(s))
		return s->room->stack.end;
	return s->main_pointer > used ? s->main_pointer - used : 0;
}

static bool far_end(const struct search *s, uint64_t *top)
{
	const uint64_t start = s->room->stack.start;

	if (range_empty(s->room->stack) || start + s->bytes > stack_ceiling(s) ||
	    !readable(s, start) || !all_zero(s))
		return false;
	*top = start + s->bytes;
	return true;
}

/*
 * Has the kernel make [stack] reach down to addr, as if the program had touched it:
 * looking there by ptrace does that (mm/memory.c, __access_remote_vm), within the limit of
 * who looks and its distance from what is mapped below.  The target's own limit is for us to keep.
 */
static bool grow(struct search *s, uint64_t addr)
{
	struct room *room = s->room;
	struct mapping map;

	if (addr >= room->stack.start)
		return true;
	if (addr > room->stack.end - room->stack_limit || room->stack_limit > room->stack.end) {
		(void)ptrace(PTRACE_PEEKDATA, s->tid, addr, NULL);
		mapcheck_end(room->check);
		if (!mapcheck_begin(room->check, s->tid) &&
		    !mapcheck_find(room->check, room->stack.end - PAGE_BYTES, &map) &&
		    map.range.end == room->stack.end)
			room->stack.start = map.range.start;
	}
	return addr >= room->stack.start;
}

/*
 * What lies right above a stack pointer is in use: it may be another dead man's frame, of a
 * thread that was stopped again before it could return.
 */
static bool in_use(const struct search *s, uint64_t addr)
{
	const struct halt *halt = s->room->halt;
	struct arch_stack stack;

	for (size_t i = 0; i < halt->nr; i++)
		if (!arch_stack(halt->tid[i], &stack) && stack.pointer < addr + s->bytes &&
		    stack.pointer + ARCH_FRAME_MAX > addr)
			return true;
	return false;
}

static bool take(const struct search *s, uint64_t end, uint64_t *top)
{
	if (end < s->bytes || in_use(s, end - s->bytes) || !readable(s, end - s->bytes))
		return false;
	*top = end;
	return true;
}

/*
 * Right below the stack pointer if that is ours; else below all that there has ever been: it
 * cannot be told what still is of use there.
 */
static bool further_down(struct search *s, uint64_t *top)
{
	const struct range stack = s->room->stack;
	uint64_t end = stack_ceiling(s);

	if (range_empty(stack))
		return false;
	if ((s->tid != s->room->halt->proc->pid || !main_in_stack(s)) && end > stack.start)
		end = stack.start;
	return end > s->bytes && grow(s, end - s->bytes) && take(s, end, top);
}

/* Is this where the C library put the stack of a thread, with the thread's data at its top? */
static bool is_thread_stack(const struct search *s, const struct arch_stack *stack,
			    struct range *range)
{
	struct mapping map;
	uint64_t self;

	if (mapcheck_find(s->room->check, stack->pointer, &map) || map.perms & PERM_SHARED ||
	    !(map.perms & PERM_WRITE) || map.inode || stack->thread <= stack->pointer ||
	    stack->thread >= map.range.end ||
	    remote_read(s->tid, stack->thread, &self, sizeof(self)) || self != stack->thread)
		return false;
	*range = map.range;
	return true;
}

static bool below_pointer(const struct search *s, const struct arch_stack *stack, uint64_t distance,
			  uint64_t *top)
{
	const uint64_t used = ARCH_RED_ZONE + distance;
	struct range range;

	if (!is_thread_stack(s, stack, &range) || stack->pointer - range.start < used + s->bytes ||
	    !readable(s, stack->pointer - used - s->bytes))
		return false;
	*top = stack->pointer - used;
	return true;
}

/* The main thread's data may lie right above a coroutine's stack: it is not asked. */
static bool own_stack(const struct search *s, uint64_t *top)
{
	return s->tid != s->room->halt->proc->pid && below_pointer(s, &s->own, 0, top);
}

static bool another_stack(const struct search *s, uint64_t *top)
{
	const struct halt *halt = s->room->halt;
	struct arch_stack stack;

	for (size_t i = 0; i < halt->nr && i < OTHERS_MAX; i++)
		if (halt->tid[i] != s->tid && halt->tid[i] != halt->proc->pid &&
		    !arch_stack(halt->tid[i], &stack) && below_pointer(s, &stack, DISTANCE, top))
			return true;
	return false;
}

int room_find(struct room *room, int tid, size_t bytes, void *scratch, uint64_t *top)
{
	struct search s = { .room = room, .tid = tid, .bytes = bytes, .scratch = scratch };
	const int pid = room->halt->proc->pid;
	struct arch_stack stack;
	int rc = arch_stack(tid, &s.own);

	if (rc)
		return rc;
	if (tid == pid)
		s.main_pointer = s.own.pointer;
	else if (halt_has(room->halt, pid) && !arch_stack(pid, &stack))
		s.main_pointer = stack.pointer;
	return far_end(&s, top) || own_stack(&s, top) || further_down(&s, top) ||
			       another_stack(&s, top)
		       ? 0
		       : -EAGAIN;
}
