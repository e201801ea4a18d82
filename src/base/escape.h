/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Bytes of any kind as text of ASCII, and back without loss: what is not printable there, and
 * the backslash, is \xNN.
 */
#ifndef WSSTAT_BASE_ESCAPE_H
#define WSSTAT_BASE_ESCAPE_H

#include "base/util.h"

/* To be freed; NULL when memory ran out. */
char *escape_bytes(const char *text);

/*
 * The bytes that escape_bytes() made it of, in place.  An \x that is not followed by two
 * hexadecimal digits stands for itself, \x00 too.
 */
void escape_undo(char *text);

#endif
