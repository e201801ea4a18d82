/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The way of a record to its stream: made in memory first, then written whole,
 * so that the error of a full disk or a closed pipe is the write's own and no
 * reader ever sees half a record.
 */
#include "config.h"

#include "out/output.h"

#include <errno.h>
#include <fcntl.h>
#include <langinfo.h>
#include <string.h>
#include <sys/ioctl.h>

#include "base/io.h"

#define COLUMNS_DEFAULT 80
#define COLUMNS_MIN 40
#define RECORD_CAP 8192 /* bytes, at first */

/* A terminal may change its size at any time. */
static void measure(struct output *out)
{
	struct winsize size;

	if (!ioctl(out->fd, TIOCGWINSZ, &size) && size.ws_col >= COLUMNS_MIN)
		out->columns = size.ws_col;
}

static int fail(struct output *out, int errnum, struct error *err)
{
	out->errnum = errnum;
	if (errnum == ENOMEM)
		return error_errno(err, ENOMEM, "cannot make the output for %s", out->stream_name);
	return error_errno(err, errnum, "cannot write to %s", out->stream_name);
}

static int open_fd(const char *path, int fd)
{
	if (path)
		return open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
	/* A copy can be closed at the end, which tells late errors. */
	return fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
}

static const char *fd_name(int fd)
{
	return fd == STDERR_FILENO ? "standard error" : "standard output";
}

int output_open(struct output *out, const struct output_ops *ops, const char *path, int fd,
		struct error *err)
{
	*out = (struct output){
		.ops = ops,
		.fd = open_fd(path, fd),
		.stream_name = path ? path : fd_name(fd),
		.old_content = path != NULL,
		.columns = COLUMNS_DEFAULT,
		.utf8 = !strcmp(nl_langinfo(CODESET), "UTF-8"),
	};
	if (out->fd < 0)
		return fail(out, errno, err);

	measure(out);
	return 0;
}

/*
 * The record in memory, while ops write it.  Not open_memstream(): that one loses
 * what it has no memory for without setting the stream's error.
 */
struct record {
	char *text;
	size_t len, cap;
};

static int record_grow(struct record *record, size_t wanted)
{
	size_t cap = record->cap ? record->cap : RECORD_CAP;
	char *grown;

	while (cap < wanted)
		cap *= 2;
	grown = realloc(record->text, cap);
	if (!grown)
		return -ENOMEM;
	record->text = grown;
	record->cap = cap;
	return 0;
}

/* 0 for "nothing written" sets the stream's error. */
static ssize_t record_write(void *cookie, const char *text, size_t len)
{
	struct record *record = cookie;

	if (record->len + len > record->cap && record_grow(record, record->len + len) < 0)
		return 0;
	memcpy(record->text + record->len, text, len);
	record->len += len;
	return (ssize_t)len;
}

static int record_begin(struct output *out, struct record *record, struct error *err)
{
	const cookie_io_functions_t functions = { .write = record_write };

	if (out->errnum)
		return fail(out, out->errnum, err);

	*record = (struct record){ 0 };
	out->stream = fopencookie(record, "w", functions);
	if (!out->stream)
		return fail(out, errno, err);
	measure(out);
	return 0;
}

/* The stream is memory: all that can fail is the want of it. */
static int record_close(struct output *out, int ret)
{
	bool failed = ferror(out->stream);

	failed = fclose(out->stream) || failed;
	out->stream = NULL;
	return ret < 0 ? ret : failed ? -ENOMEM : 0;
}

/* What a file held before is given up only when there is something to put there. */
static int write_record(struct output *out, const struct record *record)
{
	if (out->old_content) {
		/* A pipe or a device has no length to cut: EINVAL. */
		if (ftruncate(out->fd, 0) && errno != EINVAL)
			return -errno;
		out->old_content = false;
	}
	return io_write_all(out->fd, record->text, record->len);
}

static int record_end(struct output *out, struct record *record, int ret, struct error *err)
{
	ret = record_close(out, ret);
	if (!ret)
		ret = write_record(out, record);
	free(record->text);
	return ret < 0 ? fail(out, -ret, err) : 0;
}

int output_header(struct output *out, const struct run_info *info, struct error *err)
{
	struct record record;
	int ret = record_begin(out, &record, err);

	if (ret < 0)
		return ret;
	if (!out->info.version)
		out->info = *info;
	return record_end(out, &record, out->ops->header(out, info), err);
}

int output_sample(struct output *out, const struct snapshot *snap, struct error *err)
{
	struct record record;
	int ret = record_begin(out, &record, err);

	if (ret < 0)
		return ret;
	return record_end(out, &record, out->ops->sample(out, snap), err);
}

int output_event(struct output *out, const struct event *event, struct error *err)
{
	struct record record;
	int ret = record_begin(out, &record, err);

	if (ret < 0)
		return ret;
	return record_end(out, &record, out->ops->event(out, event), err);
}

int output_summary(struct output *out, const struct run_summary *summary, struct error *err)
{
	struct record record;
	int ret = record_begin(out, &record, err);

	if (ret < 0)
		return ret;
	return record_end(out, &record, out->ops->summary(out, summary), err);
}

int output_look(struct output *out, int pid, struct look *look, struct error *err)
{
	int ret;

	if (out->errnum)
		return fail(out, out->errnum, err);
	ret = out->ops->look(out, pid, look);
	return ret < 0 ? fail(out, -ret, err) : 0;
}

int output_armed(struct output *out, int pid, struct error *err)
{
	struct record record;
	int ret = record_begin(out, &record, err);

	if (ret < 0)
		return ret;
	return record_end(out, &record, out->ops->armed(out, pid), err);
}

int output_pages(struct output *out, const struct page_runs *runs, struct error *err)
{
	struct record record;
	int ret = record_begin(out, &record, err);

	if (ret < 0)
		return ret;
	return record_end(out, &record, out->ops->pages(out, runs), err);
}

int output_features(struct output *out, const struct features *features, struct error *err)
{
	struct record record;
	int ret = record_begin(out, &record, err);

	if (ret < 0)
		return ret;
	return record_end(out, &record, out->ops->features(out, features), err);
}

int output_close(struct output *out, struct error *err)
{
	int fd = util_take_fd(&out->fd);

	if (out->ops->close)
		out->ops->close(out);
	if (fd < 0 || !close(fd) || errno == EINTR || out->errnum)
		return 0;
	return fail(out, errno, err);
}
