/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A script of windows as a target: its clock is the script's. */
#include "config.h"

#include "core/target.h"

#include <errno.h>

#include "track/replay.h"

static void replay_tick(struct target *target, struct tick *tick)
{
	const struct replay *replay = target->tracker.state;

	tick->what = TICK_DUE;
	tick->now_ns = replay_now_ns(replay);
	tick->wall_ns = replay_start_ns(replay) + tick->now_ns;
}

static int replay_wait(const struct waiting *waiting, struct tick *tick, struct error *err)
{
	bool more = replay_next(waiting->targets[0]->tracker.state);

	(void)err;
	replay_tick(waiting->targets[0], tick);
	tick->which = 0;
	tick->what = more ? TICK_DUE : TICK_ENDED;
	return 0;
}

static int replay_target_maps(struct target *target, const struct mapping_list **maps,
			      struct error *err)
{
	(void)err;
	*maps = replay_maps(target->tracker.state);
	return 0;
}

static int replay_renew(struct target *target, struct error *err)
{
	return error_set(err, ERROR_FAILED, 0, "the recording of %d has no memory",
			 target->proc.pid);
}

static void replay_target_close(struct target *target)
{
	replay_free(target->tracker.state);
	target->tracker.state = NULL;
}

static const struct target_ops replay_target_ops = {
	.wait = replay_wait,
	.now = replay_tick,
	.maps = replay_target_maps,
	.renew = replay_renew,
	.close = replay_target_close,
};

int target_of_replay(struct target **out, struct replay *replay, struct error *err)
{
	struct target *target = malloc(sizeof(*target));

	*out = NULL;
	if (!target) {
		replay_free(replay);
		return error_set(err, ERROR_FAILED, ENOMEM, "cannot show the recording");
	}
	*target = (struct target){
		.ops = &replay_target_ops,
		.proc = PROC_NONE,
		.methods = { &tracker_replay },
		.tracker = { .uffd = -1,
			     .pagemap = -1,
			     .clear_refs = -1,
			     .smaps_fd = -1,
			     .state = replay },
		.maps_fd = -1,
		.call = LAUNCH_NO_CALL,
	};
	target->proc.pid = replay_pid(replay);
	snprintf(target->proc.comm, sizeof(target->proc.comm), "%s", replay_comm(replay));
	if (!replay_next(replay)) {
		target_close(target);
		return error_set(err, ERROR_USAGE, 0, "the recording is empty");
	}
	*out = target;
	return 0;
}
