/* SPDX-License-Identifier: GPL-2.0-or-later */
/* --replay. */
#ifndef WSSTAT_PLAY_H
#define WSSTAT_PLAY_H

#include "core/player.h"

struct options;

/* How a recording is to be shown; the listener is not set. */
struct player_config play_config(const struct options *options);

/* Show options->replay_path; wsstat's exit status.  It may change the interval and the ages. */
int play_replay(struct options *options);

#endif
