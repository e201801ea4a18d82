/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The layout of the extended state (arch/x86/include/uapi/asm/sigcontext.h). */
#include "config.h"

#include "kernel/xstate.h"

#include <cpuid.h>
#include <stdint.h>
#include <string.h>

/* struct _fpx_sw_bytes, in bytes of the fxsave image that the processor leaves alone */
#define SW_OFFSET 464
#define HEADER_OFFSET XSTATE_LEGACY
#define MAGIC1 0x46505853u
#define MAGIC2 0x46505845u
#define LAST_COMPONENT 62

struct sw_bytes {
	uint32_t magic1, extended_size;
	uint64_t xfeatures;
	uint32_t xstate_size, padding[7];
};

_Static_assert(sizeof(struct sw_bytes) == XSTATE_LEGACY - SW_OFFSET, "struct _fpx_sw_bytes");

size_t xstate_end(unsigned int component)
{
	unsigned int size = 0, offset = 0, ecx = 0, edx = 0;

	__cpuid_count(0xd, component, size, offset, ecx, edx);
	return size ? (size_t)offset + size : 0;
}

/*
 * ptrace gives room for all that the processor has; rt_sigreturn refuses more
 * than this thread may have (check_xstate_in_sigframe), such as AMX tiles.
 */
static size_t used(uint64_t components, size_t len, xstate_end_fn end)
{
	size_t most = XSTATE_MIN;

	for (unsigned int i = 2; i <= LAST_COMPONENT; i++) {
		const size_t at = components >> i & 1 ? end(i) : 0;

		most = at > most ? at : most;
	}
	return most < len ? most : len;
}

size_t xstate_put(const unsigned char *state, size_t len, xstate_end_fn end, unsigned char *to)
{
	const uint32_t magic2 = MAGIC2;
	struct sw_bytes sw = { 0 };
	uint64_t components;

	if (len == XSTATE_LEGACY) {
		memcpy(to, state, len);
		memcpy(to + SW_OFFSET, &sw, sizeof(sw));
		return len;
	}
	memcpy(&components, state + HEADER_OFFSET, sizeof(components));
	len = used(components, len, end);
	sw.magic1 = MAGIC1;
	sw.xfeatures = components | 3; /* x87 and SSE are always there */
	sw.xstate_size = (uint32_t)len;
	sw.extended_size = (uint32_t)len + XSTATE_TAIL;
	memcpy(to, state, len);
	memcpy(to + SW_OFFSET, &sw, sizeof(sw));
	memcpy(to + len, &magic2, sizeof(magic2));
	return len + XSTATE_TAIL;
}
