/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The terminal, as the live view uses it: nothing else knows ncurses.  One screen at a
 * time, since a terminal is one.
 *
 * Whatever ends wsstat, but SIGKILL, the terminal is given back: by screen_close(), or by a
 * handler that core/interrupt.h calls before a deadly signal.
 */
#ifndef WSSTAT_OUT_LIVE_SCREEN_H
#define WSSTAT_OUT_LIVE_SCREEN_H

#include <stdbool.h>

#include "base/error.h"
#include "base/util.h"

/* A rectangle of cells. */
struct area {
	int top, left, rows, columns;
};

/* How idle a piece of memory is, in colour and glyph; lightness and density fall together. */
enum level {
	LEVEL_HOT,    /* touched in the last window */
	LEVEL_RECENT, /* idle for less than a quarter of the time to cold */
	LEVEL_WARM,
	LEVEL_COLD,
	LEVEL_START, /* untouched since the start */
	LEVEL_NONE,  /* nothing is resident */
	LEVEL_NR,
};

enum ink {
	INK_PLAIN,
	INK_DIM,
	INK_BOLD,
	INK_TITLE,    /* of a pane */
	INK_FOCUS,    /* of the pane that has the keys */
	INK_SELECTED, /* the line that is pointed to */
	INK_ALERT,
	INK_LEVEL,			 /* + enum level */
	INK_NR = INK_LEVEL + LEVEL_NONE, /* that has no ink */
};

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

/*
 * Are standard input and output a terminal that can place its cursor?  ERROR_USAGE: they are
 * not.  Takes nothing.
 */
must_check int screen_check(struct error *err);

/* Take it.  After screen_check(), interrupt_install() and setlocale(LC_CTYPE, ""). */
must_check int screen_open(struct error *err);

/* Give it back as it was.  Does nothing if it is not taken. */
void screen_close(void);

/* Readable: screen_key() has something to tell.  -1: it is not open. */
int screen_fd(void);

/* The next key; KEYS_NONE: none has been pressed.  Ctrl-Z stops wsstat in here. */
int screen_key(void);

/* All of it. */
struct area screen_area(void);

/* May characters beyond ASCII be shown? */
bool screen_utf8(void);
bool screen_colours(void);

/* The next picture is sent as a whole: others may have written to the terminal. */
void screen_renew(void);

/* Begin a picture: all is blank. */
void screen_begin(void);

/* Show it: what differs from the one before is sent. */
void screen_end(void);

/*
 * UTF-8 text at a place of the area, cut where the area ends; text that may come from the target
 * has gone through words_printable().  Returns the column behind it.
 */
int screen_put(const struct area *area, int row, int column, enum ink ink, const char *text);
int screen_print(const struct area *area, int row, int column, enum ink ink, const char *fmt, ...)
	printf_like(5, 6);

/* The same, so that it ends at this column. */
void screen_put_right(const struct area *area, int row, int end, enum ink ink, const char *text);

/* Give nr cells another ink from column on, as a cursor does. */
void screen_mark(const struct area *area, int row, int column, int nr, enum ink ink);

/* One cell of memory. */
void screen_level(const struct area *area, int row, int column, enum level level);
const char *screen_level_glyph(enum level level);

/* A column that `eighths` of the cell are filled of from below, in one level before another. */
void screen_column(const struct area *area, int row, int column, int eighths, enum level level,
		   enum level behind);

/* Can a cell be filled by eighths of this, or only as a whole? */
bool screen_splits(enum level level, enum level behind);

/* A bar of that many eighths of a cell, never nothing for something. */
void screen_bar(const struct area *area, int row, int column, int eighths, enum ink ink);

/* A line of text under way: a cursor stands at the column.  -1: none. */
void screen_cursor(const struct area *area, int row, int column);

#endif
