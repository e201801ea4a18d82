/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An output form: one file each, declared below.  It is told the run in order
 * (header once, then samples and events, summary once) and writes to one
 * stream.  It computes no figure that the snapshot does not hold, beyond sums
 * for a table's rows.
 */
#ifndef WSSTAT_OUT_OUTPUT_H
#define WSSTAT_OUT_OUTPUT_H

#include "base/error.h"
#include "model/snapshot.h"

struct output;
struct features;
struct look;
struct page_runs;
struct recorded;

struct output_ops {
	const char *name; /* "text", "brief", "json" */
	/*
	 * Write one record to out->stream.  Flushing and write errors are
	 * out/output.c's.  0 or -ENOMEM.
	 */
	int (*header)(struct output *out, const struct run_info *info);
	int (*sample)(struct output *out, const struct snapshot *snap);
	int (*event)(struct output *out, const struct event *event);
	int (*summary)(struct output *out, const struct run_summary *summary);
	/* What a recording wants to know beside it, see struct listener; else NULL. */
	int (*look)(struct output *out, int pid, struct look *look);
	int (*armed)(struct output *out, int pid);
	/* Free what the form has made; may be NULL. */
	void (*close)(struct output *out);
	/* For --pages, instead of a run; NULL where there is no such form. */
	int (*pages)(struct output *out, const struct page_runs *runs);
	/* For --features, instead of a run; NULL where there is no such form (brief). */
	int (*features)(struct output *out, const struct features *features);
};

extern const struct output_ops output_text;
extern const struct output_ops output_brief;
extern const struct output_ops output_json;
extern const struct output_ops output_record;

struct output {
	const struct output_ops *ops;
	FILE *stream;		   /* in memory, while a record is made */
	int fd;			   /* where the whole record then goes */
	int errnum;		   /* of a failure that was told */
	bool old_content;	   /* the file may hold what it held before */
	const char *stream_name;   /* for messages: "standard output", a file's name */
	struct run_info info;	   /* of the first header; what all targets have in common holds */
	int columns;		   /* width of the terminal, 80 if there is none */
	bool utf8;		   /* may names be shown as UTF-8? */
	bool verbose;		   /* in text region events, all mappings, what is warm */
	unsigned int lines;	   /* brief: since its header was last shown */
	struct recorded *recorded; /* record: its targets; owned */
};

/*
 * path NULL: the stream `fd` (1 or 2), else the file, created at once; what it held
 * is lost only when the first record is written.
 * The path must outlive the output.  Call it after setlocale(LC_CTYPE, "") and
 * with SIGPIPE ignored, before anything else could have taken a closed fd 1.
 */
must_check int output_open(struct output *out, const struct output_ops *ops, const char *path,
			   int fd, struct error *err);

/*
 * Make a record and write it at once: a reader of a pipe sees whole records.
 * A failure (full disk, closed pipe) is told with the stream's name; every later
 * call then fails with the same text and writes nothing.
 */
must_check int output_header(struct output *out, const struct run_info *info, struct error *err);
must_check int output_sample(struct output *out, const struct snapshot *snap, struct error *err);
must_check int output_event(struct output *out, const struct event *event, struct error *err);
must_check int output_summary(struct output *out, const struct run_summary *summary,
			      struct error *err);

/* For a recording alone.  A look is kept until the record that it belongs to. */
must_check int output_look(struct output *out, int pid, struct look *look, struct error *err);
must_check int output_armed(struct output *out, int pid, struct error *err);

/* A list of pages (--pages), instead of a run. */
must_check int output_pages(struct output *out, const struct page_runs *runs, struct error *err);

/* What works here (--features), instead of a run. */
must_check int output_features(struct output *out, const struct features *features,
			       struct error *err);

/*
 * Close the file; an error of the last write shows here (NFS, quota).  0 after a
 * failure that was told before, so that it is told once.
 */
must_check int output_close(struct output *out, struct error *err);

#endif
