/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Arrays of 8 MiB, in .bss and .data, hot and cold, and a thread with a stack that is used: whose
 * they are is to be told.  Prints "ready", and what is where; ends when its standard input does.
 */
#define _GNU_SOURCE 1
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define BYTES (8u << 20)
#define STACK_BYTES (256u << 10)
#define PAUSE_US 50000

char arrays_hot_bss[BYTES], arrays_cold_bss[BYTES];
char arrays_hot_data[BYTES] = { 1 }, arrays_cold_data[BYTES] = { 1 };
static char arrays_small[100] = { 1 };
static char arrays_twin[5000] = { 1 }; /* and 3000 in arrays_twin.c */

void arrays_touch_twin(void);

static void touch_stack(void)
{
	volatile char used[STACK_BYTES];

	for (unsigned int i = 0; i < sizeof(used); i += 4096)
		used[i] = 1;
}

static void *worker(void *ctx)
{
	pthread_setname_np(pthread_self(), "arrays worker");
	*(long *)ctx = syscall(SYS_gettid);
	for (;;) {
		touch_stack();
		usleep(PAUSE_US);
	}
	return NULL;
}

static void *toucher(void *ctx)
{
	(void)ctx;
	for (;;) {
		memset(arrays_hot_bss, 2, BYTES);
		memset(arrays_hot_data, 2, BYTES);
		arrays_small[1]++;
		arrays_twin[1]++;
		arrays_touch_twin();
		usleep(PAUSE_US);
	}
	return NULL;
}

static void tell(const char *name, const void *at, size_t bytes)
{
	printf("%s %lx %zu\n", name, (unsigned long)(uintptr_t)at, bytes);
}

int main(void)
{
	static volatile long tid;
	pthread_t thread;
	char byte;

	/* A huge page could be of two arrays, and is seen whole. */
	prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0);
	memset(arrays_cold_bss, 1, BYTES);
	memset(arrays_cold_data, 1, BYTES);
	if (pthread_create(&thread, NULL, worker, (void *)&tid) ||
	    pthread_create(&thread, NULL, toucher, NULL))
		return 1;
	while (!tid)
		usleep(PAUSE_US);
	tell("arrays_hot_bss", arrays_hot_bss, sizeof(arrays_hot_bss));
	tell("arrays_cold_bss", arrays_cold_bss, sizeof(arrays_cold_bss));
	tell("arrays_hot_data", arrays_hot_data, sizeof(arrays_hot_data));
	tell("arrays_cold_data", arrays_cold_data, sizeof(arrays_cold_data));
	tell("arrays_small", arrays_small, sizeof(arrays_small));
	printf("ready %ld\n", tid);
	fflush(stdout);
	while (read(STDIN_FILENO, &byte, 1) > 0)
		;
	return 0;
}
