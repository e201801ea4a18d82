/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Words and short numbers that the forms for people share.  Everything that
 * takes a buffer returns it.
 */
#ifndef WSSTAT_OUT_WORDS_H
#define WSSTAT_OUT_WORDS_H

#include <stdbool.h>

#include "base/format.h"
#include "base/util.h"

/* Why there are no hot and cold bytes, in every form. */
#define WORDS_NOTHING_SEEN "no region whose reads and writes are seen"
#define WORDS_NO_AGES "method refs knows no page ages"
#define WORDS_NO_SAMPLE "no sample was taken"

/* "0.050 s", "5.00 s", "65.0 s": a run's clock, the unit always seconds. */
char *words_seconds(char buf[FORMAT_LEN], int64_t ns);

/* "212 MiB", or "n/a" when it is not known. */
char *words_bytes(char buf[FORMAT_LEN], uint64_t bytes, bool known);

/* The same without a blank, for columns: "212M", "1.62G", "0", "n/a". */
char *words_column(char buf[FORMAT_LEN], uint64_t bytes, bool known);

/* A unit of sight: "4 KiB", "2 MiB", no decimals. */
char *words_unit(char buf[FORMAT_LEN], uint64_t bytes);

/* "0.052%", "12.5%", "571%": millionths of a percent, three digits that count. */
char *words_cost(char buf[FORMAT_LEN], uint64_t millionths);

/* ">= 1 m 5 s": a lower bound, rounded down so that it never claims too much. */
char *words_at_least(char buf[FORMAT_LEN], int64_t ns);

/* Text of the target, safe to show (format_printable); to be freed.  NULL: -ENOMEM. */
must_check char *words_printable(const char *text, bool utf8);

/* How many columns printable text takes: one for each character. */
int words_columns(const char *text);

/* The end of printable text, at most columns wide, "..." before it when cut. */
char *words_tail(char *text, int columns);

#endif
