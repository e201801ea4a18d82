/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the panes draw with, on a screen that is open (screen.h). */
#ifndef WSSTAT_OUT_LIVE_PAINT_H
#define WSSTAT_OUT_LIVE_PAINT_H

#include <stdbool.h>

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

/* For screen_open(): which colours and characters there are. */
void paint_init(void);

/* May characters beyond ASCII be shown? */
bool paint_utf8(void);

/* Begin a picture: all is blank. */
void paint_begin(void);

/* Show it: what differs from the one before is sent. */
void paint_end(void);

/*
 * UTF-8 text at a place of the area, cut where the area ends; text that may come from the target
 * has gone through words_printable().  Returns the column behind it.
 */
int paint_put(const struct area *area, int row, int column, enum ink ink, const char *text);
int paint_print(const struct area *area, int row, int column, enum ink ink, const char *fmt, ...)
	printf_like(5, 6);

/*
 * The lines of a text, from its skip-th on, below each other as far as there are rows; takes text
 * apart.  Returns the row behind them.
 */
int paint_lines(const struct area *area, int row, unsigned int skip, char *text);

/* As paint_put(), so that it ends at this column. */
void paint_put_right(const struct area *area, int row, int end, enum ink ink, const char *text);

/* Give nr cells another ink from column on, as a cursor does. */
void paint_mark(const struct area *area, int row, int column, int nr, enum ink ink);

/* One cell of memory. */
void paint_level(const struct area *area, int row, int column, enum level level);

/* A column that `eighths` of the cell are filled of from below, in one level before another. */
void paint_column(const struct area *area, int row, int column, int eighths, enum level level,
		  enum level behind);

/* Can a cell be filled by eighths of this, or only as a whole? */
bool paint_splits(enum level level, enum level behind);

/* A bar of that many eighths of a cell, never nothing for something. */
void paint_bar(const struct area *area, int row, int column, int eighths, enum ink ink);

/* A line of text under way: a cursor stands at the column.  -1: none. */
void paint_cursor(const struct area *area, int row, int column);

#endif
