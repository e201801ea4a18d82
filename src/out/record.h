/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Recordings as --record writes them (out/record.c, doc/recording): read back, line by line. */
#ifndef WSSTAT_OUT_RECORD_H
#define WSSTAT_OUT_RECORD_H

#include "base/error.h"
#include "core/record.h"

#define RECORD_SCHEMA "wsstat-record/1"

struct record_reader;

/* Take the file over.  name: for messages; must outlive the reader.  NULL when memory ran out. */
struct record_reader *record_reader_new(FILE *file, const char *name);

/*
 * The next record; it lives until the next call.  1; 0: there is none; or a negative errno,
 * mostly of an ERROR_USAGE that names the line.
 */
must_check int record_read(struct record_reader *reader, struct record *record, struct error *err);

/* Did the file end within a line, so that its writer did not come to an end? */
bool record_reader_cut(const struct record_reader *reader);

void record_reader_free(struct record_reader *reader);

#endif
