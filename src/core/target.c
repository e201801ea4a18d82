/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Live targets, attached or launched. */
#include "config.h"

#include "core/target.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "core/interrupt.h"
#include "kernel/features.h"
#include "kernel/inject.h"
#include "kernel/permit.h"
#include "kernel/uapi.h"

#define SHIM_WAIT_MS 5000 /* from exec to the shim's call */
#define PROTECT_FEATURES \
	(UFFD_FEATURE_WP_ASYNC | UFFD_FEATURE_WP_UNPOPULATED | UFFD_FEATURE_WP_HUGETLBFS_SHMEM)
#define SETTLE_MS 50 /* between attaches to one that is in the middle of an exec */
#define SETTLE_TRIES 10

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

/* Each target's end, then the shim's calls, then a viewer. */
static struct pollfd *live_polls(const struct waiting *waiting)
{
	struct target *const *targets = waiting->targets;
	const unsigned int nr = waiting->nr;
	struct pollfd *fds = calloc(nr + 2, sizeof(*fds));

	if (!fds)
		return NULL;
	for (unsigned int i = 0; i < nr; i++)
		fds[i] = (struct pollfd){ .fd = targets[i]->proc.pidfd, .events = POLLIN };
	fds[nr] = (struct pollfd){
		.fd = targets[0]->launch ? targets[0]->launch->listen_fd : -1,
		.events = POLLIN,
	};
	fds[nr + 1] = (struct pollfd){ .fd = waiting->wake_fd, .events = POLLIN };
	return fds;
}

/* What the first descriptor that is ready says; a sample that is due goes before a viewer. */
static void live_read_polls(const struct pollfd *fds, unsigned int nr, int64_t deadline_ns,
			    struct tick *tick)
{
	tick->what = TICK_DUE;
	for (tick->which = 0; tick->which < nr; tick->which++) {
		if (fds[tick->which].revents) {
			tick->what = TICK_ENDED;
			return;
		}
	}
	if (fds[nr].revents)
		tick->what = TICK_CALLED;
	else if (fds[nr + 1].revents && tick->now_ns < deadline_ns)
		tick->what = TICK_WOKEN;
}

static int live_wait(const struct waiting *waiting, struct tick *tick, struct error *err)
{
	struct target *const *targets = waiting->targets;
	const int64_t deadline_ns = waiting->deadline_ns;
	auto_free struct pollfd *fds = live_polls(waiting);
	int ready = -ENOMEM;

	while (fds) {
		bool called = targets[0]->launch && targets[0]->launch->nr_calls;

		ready = interrupt_poll(fds, waiting->nr + 2, called ? 0 : time_left(deadline_ns));
		live_now(targets[0], tick);
		live_read_polls(fds, waiting->nr, deadline_ns, tick);
		if (ready == 0 && called) {
			tick->what = TICK_CALLED;
			return 0;
		}
		/* Woken early by a clock's grain, or by a signal that ends nothing. */
		if (!(ready == 0 && tick->now_ns < deadline_ns) &&
		    !(ready == -EINTR && !interrupt_signal()))
			break;
	}
	if (ready == -EINTR)
		tick->what = TICK_INTERRUPTED;
	else if (ready < 0)
		return error_errno(err, -ready, "cannot wait for the next sample");
	return 0;
}

static int live_maps(struct target *target, const struct mapping_list **maps, struct error *err)
{
	*maps = &target->maps.list;
	if (target->maps_fd >= 0)
		return maps_read(&target->maps, target->maps_fd, err);
	target->maps.list.nr = 0; /* renewing failed */
	return 0;
}

/* Every method, best first. */
static const struct {
	const struct tracker_ops *ops;
	enum feature_method feature;
	uint64_t uffd; /* UFFD_FEATURE_* bits that it needs */
} all_methods[] = {
	{ &tracker_rwp, FEATURE_RWP, UFFD_FEATURE_RWP | UFFD_FEATURE_RWP_ASYNC },
	{ &tracker_zap, FEATURE_ZAP, PROTECT_FEATURES },
	{ &tracker_wp, FEATURE_WP, PROTECT_FEATURES },
};

/*
 * The methods that work here, of those wanted.  Huge pages of shared memory are seen
 * page by page only by zap, so that comes first when all is to be exact.
 */
static uint64_t choose_methods(struct target *target, const struct features *features)
{
	const struct target_config *config = &target->config;
	uint64_t uffd = 0;
	unsigned int nr = 0;

	memset(target->methods, 0, sizeof(target->methods));
	for (unsigned int i = 0; i < ARRAY_LEN(all_methods); i++) {
		const struct tracker_ops *ops = all_methods[i].ops;

		if ((config->method && config->method != ops->method) ||
		    features->method[all_methods[i].feature].answer != FEATURE_YES)
			continue;
		target->methods[nr++] = ops;
		uffd |= all_methods[i].uffd;
	}
	if (config->exact && nr > 1 && target->methods[1] == &tracker_zap) {
		target->methods[1] = target->methods[0];
		target->methods[0] = &tracker_zap;
	}
	if (!nr)
		target->methods[0] = &tracker_refs;
	return uffd & features->uffd;
}

static bool needs_uffd(const struct target *target)
{
	return target->methods[0] != &tracker_refs;
}

bool target_is_script(const struct target *target)
{
	return target->methods[0]->method == METHOD_REPLAY;
}

const struct tracker_ops *target_method(const struct target *target, enum region_method method)
{
	unsigned int i = 0;

	while (target->methods[i + 1] && target->methods[i]->method != method)
		i++;
	return target->methods[i];
}

static int take_uffd(struct target *target, int uffd, struct error *err)
{
	struct tracker *tracker = &target->tracker;

	tracker->exact = target->config.exact;
	tracker->file_markers = target->config.method == METHOD_ZAP ||
				target->config.method == METHOD_WP;
	tracker->soft_dirty = target->config.soft_dirty;
	target->maps_fd = proc_open_file(&target->proc, "maps", O_RDONLY, err);
	if (target->maps_fd < 0) {
		util_close(&uffd);
		return target->maps_fd;
	}
	return tracker_open(tracker, &target->proc, uffd, target->uffd_features, err);
}

static int attach(struct target *target, struct error *err)
{
	struct injected injected = { .fd = -1 };
	int rc = needs_uffd(target) ? inject_userfaultfd(&target->proc, &injected, err) : 0;

	if (rc)
		return rc;
	target->attach_stopped_ns += injected.stopped_ns;
	target->tracker.stopped_ns += injected.stopped_ns;
	target->tracker.stops += needs_uffd(target);
	if (injected.stopped_ns > target->tracker.longest_stop_ns)
		target->tracker.longest_stop_ns = injected.stopped_ns;
	return take_uffd(target, injected.fd, err);
}

static void drop_memory(struct target *target)
{
	tracker_close(&target->tracker);
	util_close(&target->maps_fd);
	target->maps_fd = -1;
}

/* The userfaultfd that the shim gives, or a negative errno. */
static int take_call(struct target *target)
{
	int rc = 0;

	if (target->call.fd < 0)
		rc = launch_take_call(target->launch, &target->proc, SHIM_WAIT_MS, &target->call);
	return rc ? rc : util_take_fd(&target->call.uffd);
}

/*
 * In the middle of exec a program has no memory, or not yet a C library, and one that is
 * started in front of "wsstat -p $!" is still the shell.
 */
static int attach_settled(struct target *target, struct error *err)
{
	int rc = attach(target, err);

	for (int tries = 1; rc && tries < SETTLE_TRIES; tries++) {
		struct pollfd ended = { .fd = target->proc.pidfd, .events = POLLIN };

		/* What was permitted before may not be for a moment. */
		bool passes = err->kind == ERROR_GONE || err->kind == ERROR_UNSUPPORTED ||
			      (err->kind == ERROR_DENIED && target->attach_stopped_ns);

		if (!passes || poll(&ended, 1, SETTLE_MS) != 0)
			return rc;
		drop_memory(target);
		*err = (struct error){ 0 };
		rc = attach(target, err);
	}
	return rc;
}

static int live_renew(struct target *target, struct error *err)
{
	int uffd = -ETIMEDOUT, rc;

	drop_memory(target);
	if (target->call.fd >= 0 || launch_expects(target->launch, target->proc.pid))
		uffd = take_call(target);
	/* The memory is gone: did the process end, or run another program? */
	if (uffd == -ESRCH || (uffd < 0 && proc_ends(&target->proc, PROC_DYING_MS)))
		return error_set(err, ERROR_GONE, 0, "process %d has ended", target->proc.pid);
	proc_update_comm(&target->proc);
	rc = uffd >= 0 ? take_uffd(target, uffd, err) : attach_settled(target, err);
	if (!rc || err->kind != ERROR_GONE || proc_ends(&target->proc, PROC_DYING_MS))
		return rc;
	drop_memory(target); /* one program after another */
	return -ESRCH;
}

static void live_armed(struct target *target)
{
	launch_answer(&target->call);
}

static void live_close(struct target *target)
{
	drop_memory(target);
	launch_answer(&target->call);
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

static struct target *live_target(const struct target_config *config, struct error *err)
{
	struct target *target = malloc(sizeof(*target));

	if (!target) {
		(void)error_set(err, ERROR_FAILED, ENOMEM, "cannot observe the process");
		return NULL;
	}
	*target = (struct target){
		.ops = &live_ops,
		.config = *config,
		.proc = PROC_NONE,
		.tracker = { .uffd = -1,
			     .pagemap = -1,
			     .clear_refs = -1,
			     .smaps_fd = -1,
			     .maps_fd = -1 },
		.maps_fd = -1,
		.call = LAUNCH_NO_CALL,
	};
	return target;
}

void target_close(struct target *target)
{
	target->ops->close(target);
	free(target);
}

/* Hand it out, or close it after a failure. */
static int target_done(struct target *target, int rc, struct target **out)
{
	*out = rc ? NULL : target;
	if (rc)
		target_close(target);
	return rc;
}

/* What the method that is wanted, or the best one, lacks. */
static int cannot(const struct features *features, const struct feature *feature, struct error *err)
{
	return error_set(
		err, feature->answer == FEATURE_FORBIDDEN ? ERROR_DENIED : ERROR_UNSUPPORTED, 0,
		"method %s does not work here: %s (Linux %s)%s%s", feature->name, feature->why,
		features->kernel, *feature->remedy ? "; " : "", feature->remedy);
}

static enum feature_method feature_of(enum region_method method)
{
	for (unsigned int i = 0; i < ARRAY_LEN(all_methods); i++)
		if (all_methods[i].ops->method == method)
			return all_methods[i].feature;
	return FEATURE_REFS;
}

static int can_observe(const struct target_config *config, struct features *features,
		       struct error *err)
{
	const struct feature *wanted;
	bool any = false;

	if (proc_check_mount(err))
		return -EINVAL;
	features_probe(features);
	if (features->want)
		return error_errno(err, features->want, "cannot find out what works here");
	wanted = &features->method[feature_of(config->method)];
	for (unsigned int i = 0; i < FEATURE_METHODS; i++)
		any = any || features->method[i].answer == FEATURE_YES;
	if (config->method && wanted->answer != FEATURE_YES)
		return cannot(features, wanted, err);
	if (!any)
		return cannot(features, &features->method[FEATURE_WP], err);
	if (config->soft_dirty && !features->soft_dirty)
		return error_set(err, ERROR_UNSUPPORTED, 0,
				 "--soft-dirty: this kernel (Linux %s) tells no soft-dirty pages; "
				 "boot one with CONFIG_MEM_SOFT_DIRTY=y",
				 features->kernel);
	return 0;
}

int target_can_observe(const struct target_config *config, struct error *err)
{
	struct features features;

	return can_observe(config, &features, err);
}

/* Before anybody is stopped. */
static int prepare(struct target *target, struct error *err)
{
	struct features features;
	int rc = can_observe(&target->config, &features, err);

	if (rc)
		return rc;
	target->uffd_features = choose_methods(target, &features);
	rc = permit_target(&target->proc, err);
	if (rc)
		return rc;
	if (!needs_uffd(target))
		log_warn("method refs: the kernel's own reference information of process %d is "
			 "reset at every sample, which can mislead its choice of what to reclaim",
			 target->proc.pid);
	return 0;
}

static int open_process(struct target *target, int pid, struct error *err)
{
	int rc = proc_open(&target->proc, pid, err);

	return rc ? rc : prepare(target, err);
}

int target_attach(struct target **out, int pid, const struct target_config *config,
		  struct error *err)
{
	return target_of_child(out, NULL, pid, LAUNCH_NO_CALL, config, err);
}

int target_of_child(struct target **out, struct launch *launch, int pid, struct launch_call call,
		    const struct target_config *config, struct error *err)
{
	struct target *target = live_target(config, err);
	int rc;

	if (!target) {
		launch_answer(&call);
		return -ENOMEM;
	}
	target->launch = launch;
	target->call = call;
	rc = open_process(target, pid, err);
	if (!rc && call.fd >= 0)
		rc = take_uffd(target, util_take_fd(&target->call.uffd), err);
	else if (!rc)
		rc = attach_settled(target, err);
	return target_done(target, rc, out);
}

int target_of_launch(struct target **out, struct launch *launch, const struct target_config *config,
		     struct error *err)
{
	struct target *target = live_target(config, err);
	int uffd = -ETIMEDOUT, rc;

	if (!target)
		return -ENOMEM;
	target->launch = launch;
	rc = open_process(target, launch->pid, err);
	if (rc)
		return target_done(target, rc, out);
	if (launch->preloaded)
		uffd = take_call(target);
	proc_update_comm(&target->proc);
	if (uffd >= 0)
		rc = take_uffd(target, uffd, err);
	else if (uffd == -ESRCH)
		rc = error_set(err, ERROR_GONE, 0, "the command ended before it could be observed");
	else
		rc = attach_settled(target, err);
	return target_done(target, rc, out);
}
