/* SPDX-License-Identifier: GPL-2.0-or-later */
/* --replay with --live: a recording, step by step, forth and back. */
#ifndef WSSTAT_PLAY_LIVE_H
#define WSSTAT_PLAY_LIVE_H

#include <stdio.h>

struct options;

/* Show options->replay_path, a recording which file is open on and is taken over; exit status. */
int play_live(const struct options *options, FILE *file);

#endif
