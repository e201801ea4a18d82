/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Text, cells of memory and bars, in the colours that the terminal has. */
#include "config.h"

#include "out/live/paint.h"

#include <langinfo.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#define NCURSES_WIDECHAR 1
#include <ncurses.h>

#define TEXT_MAX 512 /* characters of one line */
#define TRUE_COLOURS 0x1000000

static struct {
	bool utf8, colours;
	bool cursor;		/* a line of text is under way */
	cchar_t cell[LEVEL_NR]; /* of memory, glyph and colour */
} paint;

/* Plasma, of which lightness falls all the way, so that no colour has to be told from another. */
static const struct {
	short basic, of_256;
	short behind_256; /* about what its glyph is from afar */
	int rgb, behind_rgb;
	attr_t attr; /* with 8 colours or none */
} level_colours[LEVEL_NONE] = {
	[LEVEL_HOT] = { COLOR_YELLOW, 226, 226, 0xf0f921, 0xf0f921, A_BOLD },
	[LEVEL_RECENT] = { COLOR_YELLOW, 214, 172, 0xfdb42f, 0xbe8723, A_NORMAL },
	[LEVEL_WARM] = { COLOR_RED, 203, 88, 0xed7953, 0x763c29, A_NORMAL },
	[LEVEL_COLD] = { COLOR_MAGENTA, 133, 53, 0xb12a90, 0x2c0a24, A_NORMAL },
	[LEVEL_START] = { COLOR_BLUE, 61, 17, 0x5c4fc4, 0x0c0a18, A_NORMAL },
};

static const char *const level_glyphs[2][LEVEL_NR] = {
	{ "#", "=", "+", "-", ".", " " },
	{ "\u2588", "\u2593", "\u2592", "\u2591", "\u00b7", " " },
};

/* From below, in eighths; without Unicode in halves. */
static const char *const columns_from_below[2][9] = {
	{ " ", " ", " ", ".", ".", ".", "#", "#", "#" },
	{ " ", "\u2581", "\u2582", "\u2583", "\u2584", "\u2585", "\u2586", "\u2587", "\u2588" },
};

/* From the left. */
static const char *const bars[2][9] = {
	{ " ", " ", " ", " ", "#", "#", "#", "#", "#" },
	{ " ", "\u258f", "\u258e", "\u258d", "\u258c", "\u258b", "\u258a", "\u2589", "\u2588" },
};

static short level_colour(enum level level)
{
	return COLORS >= 256 ? level_colours[level].of_256 : level_colours[level].basic;
}

/* The pair of a level before another, or before nothing (LEVEL_NONE). */
static int level_pair(enum level level, enum level behind)
{
	return 1 + (int)level * LEVEL_NR + (int)behind;
}

static void init_level(enum level level, enum level behind)
{
	const int pair = level_pair(level, behind);

	if (COLORS >= TRUE_COLOURS)
		(void)init_extended_pair(pair, level_colours[level].rgb,
					 behind == LEVEL_NONE ? -1
							      : level_colours[behind].behind_rgb);
	else
		(void)init_pair((short)pair, level_colour(level),
				behind == LEVEL_NONE ? -1
				: COLORS >= 256	     ? level_colours[behind].behind_256
						     : level_colours[behind].basic);
}

/* https://no-color.org: any value but an empty one. */
static void init_colours(void)
{
	const char *unwanted = getenv("NO_COLOR");

	paint.colours = !(unwanted && *unwanted) && has_colors() && start_color() != ERR &&
			use_default_colors() != ERR && COLORS >= 8 &&
			COLOR_PAIRS > level_pair(LEVEL_NONE, LEVEL_NONE);
	for (enum level level = 0; paint.colours && level < LEVEL_NONE; level++)
		for (enum level behind = 0; behind <= LEVEL_NONE; behind++)
			init_level(level, behind);
}

static attr_t level_attr(enum level level)
{
	return level < LEVEL_NONE && (!paint.colours || COLORS < 256) ? level_colours[level].attr
								      : A_NORMAL;
}

static void widen(wchar_t wide[TEXT_MAX], const char *text)
{
	size_t len = mbstowcs(wide, text, TEXT_MAX - 1);
	size_t i;

	if (len != (size_t)-1) {
		wide[len] = 0;
		return;
	}
	/* Not of this locale: byte by byte. */
	for (i = 0; i < TEXT_MAX - 1 && text[i]; i++)
		wide[i] = (unsigned char)text[i] < 128 ? (wchar_t)text[i] : L'?';
	wide[i] = 0;
}

/* Made once, for there are many of them. */
static void init_cells(void)
{
	wchar_t wide[TEXT_MAX];

	for (enum level level = 0; level < LEVEL_NR; level++) {
		int pair = level < LEVEL_NONE ? level_pair(level, LEVEL_NONE) : 0;

		widen(wide, level_glyphs[paint.utf8][level]);
		(void)setcchar(&paint.cell[level], wide, level_attr(level), 0,
			       paint.colours ? &pair : NULL);
	}
}

void paint_init(void)
{
	paint.utf8 = !strcmp(nl_langinfo(CODESET), "UTF-8");
	init_colours();
	init_cells();
}

bool paint_utf8(void)
{
	return paint.utf8;
}

void paint_begin(void)
{
	(void)erase();
	paint.cursor = false;
	(void)curs_set(0);
}

void paint_end(void)
{
	(void)curs_set(paint.cursor);
	(void)refresh();
}

/* With its colour, if there are any. */
static void set_ink(enum ink ink)
{
	static const attr_t attrs[INK_LEVEL] = {
		[INK_DIM] = A_DIM,	    [INK_BOLD] = A_BOLD,
		[INK_TITLE] = A_UNDERLINE,  [INK_FOCUS] = A_REVERSE | A_BOLD,
		[INK_SELECTED] = A_REVERSE, [INK_ALERT] = A_BOLD | A_REVERSE,
	};
	enum level level;
	int pair;

	if (ink < INK_LEVEL) {
		(void)attr_set(attrs[ink], 0, NULL);
		return;
	}
	level = (enum level)(ink - INK_LEVEL);
	pair = level_pair(level, LEVEL_NONE);
	(void)attr_set(level_attr(level), 0, paint.colours ? &pair : NULL);
}

/* Wide characters, as many as fit; *taken is how many columns. */
static void put_wide(const struct area *area, int row, int column, const wchar_t *text, int *taken)
{
	int nr = 0, width = 0;

	for (; text[nr]; nr++) {
		int more = wcwidth(text[nr]);

		more = more < 0 ? 1 : more;
		if (column + width + more > area->columns)
			break;
		width += more;
	}
	(void)mvaddnwstr(area->top + row, area->left + column, text, nr);
	*taken = width;
}

/* How long it is if each byte is a column, which is most of what is shown; else -1. */
static int plain_length(const char *text)
{
	int len = 0;

	for (; text[len]; len++)
		if ((signed char)text[len] < ' ')
			return -1;
	return len;
}

int paint_put(const struct area *area, int row, int column, enum ink ink, const char *text)
{
	wchar_t wide[TEXT_MAX];
	int taken = plain_length(text);

	if (row < 0 || row >= area->rows || column < 0 || column >= area->columns)
		return column;
	set_ink(ink);
	if (taken >= 0) {
		taken = taken < area->columns - column ? taken : area->columns - column;
		(void)mvaddnstr(area->top + row, area->left + column, text, taken);
		return column + taken;
	}
	widen(wide, text);
	put_wide(area, row, column, wide, &taken);
	return column + taken;
}

int paint_print(const struct area *area, int row, int column, enum ink ink, const char *fmt, ...)
{
	char text[4 * TEXT_MAX];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	return paint_put(area, row, column, ink, text);
}

int paint_lines(const struct area *area, int row, unsigned int skip, char *text)
{
	char *line, *rest = text;

	while (row < area->rows && (line = strsep(&rest, "\n")) && rest) {
		if (skip)
			skip--;
		else
			paint_put(area, row++, 0, INK_PLAIN, line);
	}
	return row;
}

void paint_put_right(const struct area *area, int row, int end, enum ink ink, const char *text)
{
	wchar_t wide[TEXT_MAX];
	int width = plain_length(text);

	if (width < 0) {
		widen(wide, text);
		width = wcswidth(wide, TEXT_MAX);
	}
	paint_put(area, row, width < end ? end - width : 0, ink, text);
}

void paint_mark(const struct area *area, int row, int column, int nr, enum ink ink)
{
	if (row < 0 || row >= area->rows || column < 0 || column >= area->columns)
		return;
	if (nr > area->columns - column)
		nr = area->columns - column;
	set_ink(ink);
	for (int i = 0; i < nr; i++) {
		cchar_t cell;
		wchar_t text[CCHARW_MAX + 1] = { 0 };
		attr_t attr;
		short pair;

		if (mvin_wch(area->top + row, area->left + column + i, &cell) == ERR ||
		    getcchar(&cell, text, &attr, &pair, NULL) == ERR)
			continue;
		(void)mvaddwstr(area->top + row, area->left + column + i, *text ? text : L" ");
	}
}

void paint_level(const struct area *area, int row, int column, enum level level)
{
	if (row < 0 || row >= area->rows || column < 0 || column >= area->columns)
		return;
	(void)attr_set(A_NORMAL, 0, NULL); /* it would be added to the cell's own */
	(void)mvadd_wch(area->top + row, area->left + column, &paint.cell[level]);
}

/* Glyphs of the levels that are not hot stand for whole cells. */
bool paint_splits(enum level level, enum level behind)
{
	return paint.utf8 && level == LEVEL_HOT && (paint.colours || behind == LEVEL_NONE);
}

void paint_column(const struct area *area, int row, int column, int eighths, enum level level,
		  enum level behind)
{
	int pair = level_pair(level, behind);
	wchar_t wide[TEXT_MAX];
	int taken;

	if (row < 0 || row >= area->rows || column < 0 || column >= area->columns)
		return;
	if (!paint_splits(level, behind) || eighths <= 0 || eighths >= 8) {
		paint_level(area, row, column, eighths >= 4 ? level : behind);
		return;
	}
	widen(wide, columns_from_below[paint.utf8][eighths]);
	(void)attr_set(A_NORMAL, 0, paint.colours ? &pair : NULL);
	put_wide(area, row, column, wide, &taken);
}

void paint_bar(const struct area *area, int row, int column, int eighths, enum ink ink)
{
	if (eighths > 0 && eighths < 4 && !paint.utf8)
		eighths = 4;
	for (; eighths > 0; eighths -= 8, column++)
		paint_put(area, row, column, ink, bars[paint.utf8][eighths > 8 ? 8 : eighths]);
}

void paint_cursor(const struct area *area, int row, int column)
{
	if (column < 0 || column >= area->columns)
		return;
	(void)move(area->top + row, area->left + column);
	paint.cursor = true;
}
