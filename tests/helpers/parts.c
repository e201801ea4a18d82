/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A program of known parts, for test_symbols: prints "name address bytes" of each, in
 * hexadecimal, and waits until its input is closed.
 */
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

#define ROOM_BYTES (8u << 20)

char data_room[ROOM_BYTES] = { 1 };
char bss_room[ROOM_BYTES];
const char constant_room[65536] = { 2 };
static char static_data[4096 * 3] = { 3 };
static char static_bss[4096 * 5];
static _Thread_local char thread_room[4096];

/* Two names more for the same bytes: the one without an underscore before it is to be told. */
extern char __attribute__((alias("data_room"))) __data_room[ROOM_BYTES];
extern char __attribute__((alias("bss_room"), weak)) a[ROOM_BYTES];

static void say(const char *name, const volatile void *at, size_t bytes)
{
	printf("%s %" PRIxPTR " %zx\n", name, (uintptr_t)at, bytes);
}

int main(void)
{
	char byte;

	say("data_room", data_room, sizeof(data_room));
	say("bss_room", bss_room, sizeof(bss_room));
	say("constant_room", constant_room, sizeof(constant_room));
	say("static_data", static_data, sizeof(static_data));
	say("static_bss", static_bss, sizeof(static_bss));
	say("main", (void *)(uintptr_t)main, 1);
	say("-", thread_room, sizeof(thread_room));
	fflush(stdout);
	return read(STDIN_FILENO, &byte, 1) == 0 ? 0 : 1;
}
