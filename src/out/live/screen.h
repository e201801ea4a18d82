/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The terminal, taken and given back, and its keys; paint.h draws on it.  One screen at a time,
 * since a terminal is one.
 *
 * Whatever ends wsstat, but SIGKILL, the terminal is given back: by screen_close(), or by a
 * handler that core/interrupt.h calls before a deadly signal.
 */
#ifndef WSSTAT_OUT_LIVE_SCREEN_H
#define WSSTAT_OUT_LIVE_SCREEN_H

#include <stdbool.h>

#include "base/error.h"
#include "base/util.h"
#include "out/live/paint.h"

/* Beside characters. */
enum key {
	KEYS_NONE = -1,
	KEYS_FIRST = 0x110000, /* above Unicode */
	KEYS_UP = KEYS_FIRST,
	KEYS_DOWN,
	KEYS_LEFT,
	KEYS_RIGHT,
	KEYS_PAGE_UP,
	KEYS_PAGE_DOWN,
	KEYS_HOME,
	KEYS_END,
	KEYS_ENTER,
	KEYS_TAB,
	KEYS_BACK_TAB,
	KEYS_ESCAPE,
	KEYS_BACKSPACE,
	KEYS_RESIZED, /* or the screen has to be made anew */
	KEYS_GONE,    /* the terminal */
	KEYS_OTHER,   /* one that means nothing here */
};

/* Take it.  After terminal_check(), interrupt_install() and setlocale(LC_CTYPE, ""). */
must_check int screen_open(struct error *err);

/* Give it back as it was.  Does nothing if it is not taken. */
void screen_close(void);

/* Readable: screen_key() has something to tell.  -1: it is not open. */
int screen_fd(void);

/* The next key; KEYS_NONE: none has been pressed.  Ctrl-Z stops wsstat in here. */
int screen_key(void);

/* All of it. */
struct area screen_area(void);

/* The next picture is sent as a whole: others may have written to the terminal. */
void screen_renew(void);

#endif
