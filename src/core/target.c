/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Live targets, attached or launched. */
#include "config.h"

#include "core/target.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>

#include "base/clock.h"
#include "base/log.h"
#include "core/interrupt.h"
#include "core/launch.h"
#include "kernel/features.h"
#include "kernel/inject.h"

#define SHIM_WAIT_MS 5000 /* from exec to the shim's call */
#define EXEC_WAIT_MS 20	  /* until a dying target is seen to be dead, not to have made exec */

static int64_t time_left(int64_t deadline_ns)
{
	int64_t left = deadline_ns - clock_boot_ns();

	return left > 0 ? left : 0;
}

static void live_now(struct target *target, struct tick *tick)
{
	(void)target;
	tick->now_ns = clock_boot_ns();
	tick->wall_ns = clock_wall_ns();
}

static int live_wait(struct target *target, int64_t deadline_ns, struct tick *tick,
		     struct error *err)
{
	struct pollfd fds[] = {
		{ .fd = target->proc.pidfd, .events = POLLIN },
		{ .fd = target->launch ? target->launch->listen_fd : -1, .events = POLLIN },
	};
	int ready;

	do {
		ready = interrupt_poll(fds, ARRAY_LEN(fds), time_left(deadline_ns));
		live_now(target, tick);
		/* Woken early by a clock's grain, or by a signal that ends nothing. */
	} while ((ready == 0 && tick->now_ns < deadline_ns) ||
		 (ready == -EINTR && !interrupt_signal()));

	if (ready == -EINTR)
		tick->what = TICK_INTERRUPTED;
	else if (ready < 0)
		return error_errno(err, -ready, "cannot wait for the next sample");
	else if (fds[0].revents)
		tick->what = TICK_ENDED;
	else
		tick->what = fds[1].revents ? TICK_EXEC : TICK_DUE;
	return 0;
}

static int live_maps(struct target *target, const struct mapping_list **maps, struct error *err)
{
	int rc = maps_read(&target->maps, target->maps_fd, err);

	*maps = &target->maps.list;
	return rc;
}

int target_take_uffd(struct target *target, int uffd, struct error *err)
{
	struct tracker *tracker = &target->tracker;

	tracker->ops = &tracker_rwp;
	tracker->uffd = uffd;
	target->maps_fd = proc_open_file(&target->proc, "maps", O_RDONLY, err);
	tracker->pagemap = target->maps_fd < 0
				   ? target->maps_fd
				   : proc_open_file(&target->proc, "pagemap", O_RDONLY, err);
	if (tracker->pagemap < 0)
		return tracker->pagemap;
	return tracker->ops->open(tracker, err);
}

static int attach(struct target *target, struct error *err)
{
	struct injected injected;
	int rc = inject_userfaultfd(&target->proc, &injected, err);

	if (rc)
		return rc;
	target->stopped_ns += injected.stopped_ns;
	return target_take_uffd(target, injected.fd, err);
}

static void drop_memory(struct target *target)
{
	struct tracker fresh = {
		.uffd = -1,
		.pagemap = -1,
		.ioctl_ns = target->tracker.ioctl_ns,
		.unmapped_bytes = target->tracker.unmapped_bytes,
	};

	if (target->tracker.ops)
		target->tracker.ops->close(&target->tracker);
	target->tracker = fresh;
	util_close(&target->maps_fd);
	target->maps_fd = -1;
}

/* The memory is gone: did the process end, or run another program? */
static bool really_ended(const struct target *target)
{
	struct pollfd ended = { .fd = target->proc.pidfd, .events = POLLIN };

	return poll(&ended, 1, EXEC_WAIT_MS) > 0;
}

static int live_renew(struct target *target, struct error *err)
{
	int uffd = -ETIMEDOUT;

	drop_memory(target);
	if (target->launch && target->launch->preloaded)
		uffd = launch_take_uffd(target->launch, &target->proc, SHIM_WAIT_MS);
	if (uffd == -ESRCH || really_ended(target))
		return error_set(err, ERROR_GONE, 0, "process %d has ended", target->proc.pid);
	proc_update_comm(&target->proc);
	return uffd >= 0 ? target_take_uffd(target, uffd, err) : attach(target, err);
}

static void live_armed(struct target *target)
{
	if (target->launch)
		launch_answer(target->launch);
}

static void live_close(struct target *target)
{
	drop_memory(target);
	if (target->launch)
		launch_answer(target->launch);
	maps_free(&target->maps);
	proc_close(&target->proc);
}

static const struct target_ops live_ops = {
	.wait = live_wait,
	.now = live_now,
	.maps = live_maps,
	.renew = live_renew,
	.armed = live_armed,
	.close = live_close,
};

static struct target live_target(void)
{
	return (struct target){
		.ops = &live_ops,
		.proc = PROC_NONE,
		.tracker = { .uffd = -1, .pagemap = -1 },
		.maps_fd = -1,
	};
}

int target_can_observe(struct error *err)
{
	struct features features;

	features_probe(&features);
	if (features.rwp.answer == FEATURE_YES)
		return 0;
	return error_set(err, features.rwp.answer == FEATURE_NO ? ERROR_UNSUPPORTED : ERROR_DENIED,
			 0, "no method works here: %s (Linux %s); %s", features.rwp.why,
			 features.kernel, features.rwp.remedy);
}

int target_attach(struct target *target, int pid, struct error *err)
{
	int rc;

	*target = live_target();
	if (pid == getpid())
		return error_set(err, ERROR_USAGE, 0, "%d is wsstat itself; give another process",
				 pid);
	rc = proc_open(&target->proc, pid, err);
	if (!rc)
		rc = inject_check(&target->proc, err);
	if (!rc)
		rc = target_can_observe(err); /* before anybody is stopped */
	if (!rc)
		rc = attach(target, err);
	if (rc)
		live_close(target);
	return rc;
}

int target_of_launch(struct target *target, struct launch *launch, struct error *err)
{
	int uffd = -ETIMEDOUT, rc;

	*target = live_target();
	target->launch = launch;
	rc = target_can_observe(err);
	if (!rc)
		rc = proc_open(&target->proc, launch->pid, err);
	if (rc)
		return rc;
	if (launch->preloaded)
		uffd = launch_take_uffd(launch, &target->proc, SHIM_WAIT_MS);
	proc_update_comm(&target->proc);
	if (uffd >= 0)
		rc = target_take_uffd(target, uffd, err);
	else if (uffd == -ESRCH)
		rc = error_set(err, ERROR_GONE, 0, "the command ended before it could be observed");
	else
		rc = attach(target, err);
	if (rc)
		live_close(target);
	return rc;
}
