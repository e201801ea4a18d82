/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WSSTAT_OUT_LIVE_TERMINAL_H
#define WSSTAT_OUT_LIVE_TERMINAL_H

#include "base/error.h"
#include "base/util.h"

/*
 * Are standard input and output a terminal that can place its cursor?  ERROR_USAGE: they are
 * not.  Takes nothing.
 */
must_check int terminal_check(struct error *err);

#endif
