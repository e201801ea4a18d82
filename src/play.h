/* SPDX-License-Identifier: GPL-2.0-or-later */
/* --replay. */
#ifndef WSSTAT_PLAY_H
#define WSSTAT_PLAY_H

struct options;

/* Show options->replay_path; wsstat's exit status.  It may change the interval and the ages. */
int play_replay(struct options *options);

#endif
