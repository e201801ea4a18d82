/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A script of windows, read from a text file, for tests of everything above the
 * kernel.  Line by line:
 *
 *	wsstat-replay 1
 *	target 4242 redis-server
 *	start 1795197600000000000		wall clock, nanoseconds
 *	interval 5s
 *	sample 0s				the arming; then one a sample
 *	map 7f00a000-7f00b000 rw-p 00000000 00:00 0 [heap]
 *	method 7f00a000-7f00b000 zap		by which its mapping is seen from arming on
 *	see 7f00a000-7f00b000 PT		pages of the window
 *	refuse 7f00a000-7f00b000 16		arming fails with this errno
 *	lost 7f00a000-7f00b000			the mapping was replaced
 *	unarmed 7f00a000-7f00b000		the next window of it cannot be told
 *	sample 5s
 *
 * map lines are as in /proc/PID/maps; a sample without any has those of the one
 * before.  method: rwp, zap, wp or refs; without such a line a mapping is shown as
 * seen by replay.  see: P present, T touched, S swapped, Z zero page, H huge, W written and
 * R only read (touched pages, where the method is zap), K as before, for the kernel
 * cannot tell; pages not named are absent.  Times count from the start; a sample that is
 * late against the interval is told as late.  '#' begins a comment line, before the first
 * line too.
 */
#ifndef WSSTAT_TRACK_REPLAY_H
#define WSSTAT_TRACK_REPLAY_H

#include <stddef.h>

#include "base/error.h"
#include "model/region.h"

struct replay;

/* Read and check a whole script.  Errors name the line. */
must_check int replay_load(const char *path, struct replay **replay, struct error *err);

/* As replay_load(), from text that is changed in place and must outlive the replay. */
must_check int replay_parse(char *text, const char *name, struct replay **replay,
			    struct error *err);
void replay_free(struct replay *replay);

int replay_pid(const struct replay *replay);
const char *replay_comm(const struct replay *replay);
int64_t replay_start_ns(const struct replay *replay);
int64_t replay_interval_ns(const struct replay *replay);

/* Go to the next sample; false at the end. */
must_check bool replay_next(struct replay *replay);

/* Time of the present sample since the start. */
int64_t replay_now_ns(const struct replay *replay);

/* Mappings of the present sample. */
const struct mapping_list *replay_maps(const struct replay *replay);

#endif
