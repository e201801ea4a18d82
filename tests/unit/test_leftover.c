/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which userfaultfds are taken for what a killed attach has left, by their fdinfo. */
#include "config.h"

#include "kernel/leftover.h"
#include "tap.h"

#define HEAD "pos:\t0\nflags:\t"
#define REST "\nmnt_id:\t17\nino:\t3370450\npending:\t0\ntotal:\t0\nAPI:\t"

static const struct {
	const char *what, *fdinfo;
	bool idle;
} cases[] = {
	{ "no handshake", HEAD "02004000" REST "aa:0:80000000000001ff\n", true },
	{ "no handshake, Linux 7.3", HEAD "02004000" REST "aa:0:80000000000007ff\n", true },
	{ "opened for reading and writing", HEAD "02004002" REST "aa:0:80000000000001ff\n", true },
	{ "after the handshake", HEAD "02004000" REST "aa:80000000:80000000000001ff\n", false },
	{ "with features", HEAD "02004000" REST "aa:8000a000:80000000000001ff\n", false },
	{ "features, but not the sign", HEAD "02004000" REST "aa:100:80000000000001ff\n", false },
	{ "not close-on-exec", HEAD "04000" REST "aa:0:80000000000001ff\n", false },
	{ "blocking", HEAD "02000000" REST "aa:0:80000000000001ff\n", false },
	{ "more flags", HEAD "02006000" REST "aa:0:80000000000001ff\n", false },
	{ "another interface", HEAD "02004000" REST "ab:0:80000000000001ff\n", false },
	{ "no userfaultfd", "pos:\t0\nflags:\t02004000\nmnt_id:\t17\nino:\t3370450\n", false },
	{ "nothing", "", false },
};

int main(void)
{
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		ok(leftover_is_idle(cases[i].fdinfo) == cases[i].idle, "LEFTOVER01: %s",
		   cases[i].what);
	return done();
}
