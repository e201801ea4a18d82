/* SPDX-License-Identifier: GPL-2.0-or-later */
/* --replay with --live: a recording, step by step, forth and back. */
#ifndef WSSTAT_PLAY_LIVE_H
#define WSSTAT_PLAY_LIVE_H

struct options;

/* Show options->replay_path, which is a recording; wsstat's exit status. */
int play_live(const struct options *options);

#endif
