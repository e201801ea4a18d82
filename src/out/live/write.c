/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The picture shown, in the text or JSON form, to a file that is not there yet. */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "out/live/view.h"
#include "out/output.h"

static bool ends_in(const char *path, const char *end)
{
	const size_t len = strlen(path), end_len = strlen(end);

	return len >= end_len && !strcmp(path + len - end_len, end);
}

static int write_to(struct output *out, const struct run_info *info, const struct snapshot *snap,
		    struct error *err)
{
	int rc = output_header(out, info, err);

	return rc ? rc : output_sample(out, snap, err);
}

void write_picture(struct live *live, const char *path)
{
	const struct output_ops *ops = ends_in(path, ".json") ? &output_json : &output_text;
	struct snapshot snap = live_picture(live)->snap;
	struct error err = { 0 }, ignored;
	struct output out;
	int fd, rc;

	snap.groups = live->by == BY_MAPPING ? NULL : live_groups(live);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	if (fd < 0) {
		live_say(live, "%.120s is not written: %s", path, strerror(errno));
		return;
	}
	util_close(&fd);
	rc = output_open(&out, ops, path, -1, &err);
	if (!rc) {
		out.verbose = true;
		rc = write_to(&out, live_info(live), &snap, &err);
		if (output_close(&out, rc ? &ignored : &err))
			rc = -EIO;
	}
	if (rc)
		live_say(live, "%s", err.text);
	else
		live_say(live, "sample %u is in %.120s", snap.sample, path);
}
