/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Numbers to text for people, without locale.  Every function writes into the
 * caller's buffer and returns it; FORMAT_LEN is enough for all of them.
 */
#ifndef WSSTAT_BASE_FORMAT_H
#define WSSTAT_BASE_FORMAT_H

#include <stddef.h>
#include <stdint.h>

#define FORMAT_LEN 32

/*
 * Bytes with three or four significant digits and a binary unit: "0 B",
 * "4.00 KiB", "212 MiB", "1.62 GiB", "1.00 TiB".  Rounded to nearest.
 */
char *format_bytes(char buf[FORMAT_LEN], uint64_t bytes);

/*
 * A duration as people write it: "0 s", "250 ms", "5 s", "1.5 s", "2 m",
 * "1 m 30 s", "1 h".  At most two units, exact when the value is one of the
 * ladder's edges.
 */
char *format_duration(char buf[FORMAT_LEN], int64_t ns);

/* part of whole in percent: "12.9%"; "-" when whole is 0. */
char *format_percent(char buf[FORMAT_LEN], uint64_t part, uint64_t whole);

/* Wall clock nanoseconds as UTC: "2026-11-20T18:00:05.000Z". */
char *format_time(char buf[FORMAT_LEN], int64_t wall_ns);

/*
 * Copy text with control characters and whatever is not valid UTF-8 shown as
 * "\xNN" (a mapping's name belongs to the target: it may hold terminal
 * escapes).  Cut to size - 1 bytes, never within a character, always
 * terminated; size is at least 1.
 */
char *format_printable(char *buf, size_t size, const char *text);

#endif
