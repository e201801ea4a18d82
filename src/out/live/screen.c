/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Signals of the terminal (its size, Ctrl-Z, the way back) come through a signalfd, so that they
 * are handled between samples and at no other time.  ncurses' own handlers are not used.
 */
#include "config.h"

#include "out/live/screen.h"

#include <errno.h>
#include <langinfo.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <termios.h>
#include <wchar.h>

#define NCURSES_WIDECHAR 1
#include <ncurses.h>

#include "core/interrupt.h"

#define TEXT_MAX 512 /* characters of one line */
#define ESCAPE_MS 25 /* an Esc that nothing follows for so long is one */
#define TRUE_COLOURS 0x1000000
#define FAREWELL_LEN 256

/* What brings the terminal back from within a signal handler. */
static struct farewell {
	struct termios modes;
	char text[FAREWELL_LEN];
	volatile sig_atomic_t len; /* 0: nothing to give back */
} farewell;

static struct {
	SCREEN *terminal;
	int epoll_fd, signal_fd;
	sigset_t signals, mask_before;
	struct sigaction stop_before, size_before;
	bool utf8, colours;
	bool cursor;
	cchar_t cell[LEVEL_NR]; /* of memory, glyph and colour */
} screen = { .epoll_fd = -1, .signal_fd = -1 };

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

/* Only what is safe in a signal handler. */
static void say_farewell(void)
{
	if (!farewell.len)
		return;
	(void)!write(STDOUT_FILENO, farewell.text, (size_t)farewell.len);
	(void)tcsetattr(STDIN_FILENO, TCSANOW, &farewell.modes);
}

static void add_farewell(size_t *len, const char *capability)
{
	const char *text = tigetstr(capability);

	if (!text || text == (char *)-1)
		return;
	while (*text && *len < FAREWELL_LEN - 2) {
		if (text[0] == '$' && text[1] == '<') /* a delay, for slow terminals */
			text += strcspn(text, ">") + 1;
		else
			farewell.text[(*len)++] = *text++;
	}
}

static void prepare_farewell(const struct termios *modes)
{
	size_t len = 0;

	farewell.modes = *modes;
	add_farewell(&len, "sgr0");
	add_farewell(&len, "rmkx");
	add_farewell(&len, "cnorm");
	add_farewell(&len, "rmcup");
	farewell.text[len++] = '\r';
	farewell.text[len++] = '\n';
	farewell.len = (sig_atomic_t)len;
	interrupt_set_last_words(say_farewell);
}

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

	screen.colours = !(unwanted && *unwanted) && has_colors() && start_color() != ERR &&
			 use_default_colors() != ERR && COLORS >= 8 &&
			 COLOR_PAIRS > level_pair(LEVEL_NONE, LEVEL_NONE);
	for (enum level level = 0; screen.colours && level < LEVEL_NONE; level++)
		for (enum level behind = 0; behind <= LEVEL_NONE; behind++)
			init_level(level, behind);
}

static int watch(int fd)
{
	struct epoll_event event = { .events = EPOLLIN, .data.fd = fd };

	return epoll_ctl(screen.epoll_fd, EPOLL_CTL_ADD, fd, &event);
}

static int open_signals(struct error *err)
{
	sigemptyset(&screen.signals);
	sigaddset(&screen.signals, SIGWINCH);
	sigaddset(&screen.signals, SIGTSTP);
	sigaddset(&screen.signals, SIGCONT);
	sigprocmask(SIG_BLOCK, &screen.signals, &screen.mask_before);
	screen.signal_fd = signalfd(-1, &screen.signals, SFD_NONBLOCK | SFD_CLOEXEC);
	screen.epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (screen.signal_fd >= 0 && screen.epoll_fd >= 0 && !watch(screen.signal_fd) &&
	    !watch(STDIN_FILENO))
		return 0;
	return error_errno(err, errno, "cannot wait for keys");
}

static void close_signals(void)
{
	util_close(&screen.signal_fd);
	util_close(&screen.epoll_fd);
	screen.signal_fd = screen.epoll_fd = -1;
	sigprocmask(SIG_SETMASK, &screen.mask_before, NULL);
}

static void init_cells(void);

static void set_modes(void)
{
	(void)cbreak();
	(void)noecho();
	(void)nonl();
	(void)keypad(stdscr, TRUE);
	(void)nodelay(stdscr, TRUE);
	(void)set_escdelay(ESCAPE_MS);
	(void)curs_set(0);
	(void)leaveok(stdscr, FALSE);
}

int screen_open(struct error *err)
{
	struct termios modes;
	int rc;

	if (tcgetattr(STDIN_FILENO, &modes))
		return error_errno(err, errno, "cannot read the terminal's modes");
	rc = open_signals(err);
	if (rc) {
		close_signals();
		return rc;
	}
	screen.utf8 = !strcmp(nl_langinfo(CODESET), "UTF-8");
	sigaction(SIGTSTP, NULL, &screen.stop_before);
	sigaction(SIGWINCH, NULL, &screen.size_before);
	screen.terminal = newterm(NULL, stdout, stdin);
	/* Handlers that ncurses has put there, for calls at any time. */
	sigaction(SIGTSTP, &screen.stop_before, NULL);
	sigaction(SIGWINCH, &screen.size_before, NULL);
	if (!screen.terminal) {
		screen_close();
		return error_set(err, ERROR_FAILED, 0, "cannot take the terminal");
	}
	prepare_farewell(&modes);
	set_modes();
	init_colours();
	init_cells();
	return 0;
}

void screen_close(void)
{
	if (screen.terminal) {
		(void)curs_set(1);
		(void)endwin();
		delscreen(screen.terminal);
	}
	screen.terminal = NULL;
	farewell.len = 0;
	if (screen.epoll_fd >= 0)
		close_signals();
}

int screen_fd(void)
{
	return screen.epoll_fd;
}

/* As the shell may have left it in the meantime. */
static void retake(void)
{
	(void)reset_prog_mode();
	set_modes();
	(void)clearok(curscr, TRUE);
	(void)refresh();
}

/* Give the terminal back, and stop as the shell expects it. */
static void stop(void)
{
	sigset_t only;

	(void)curs_set(1);
	(void)endwin();
	sigemptyset(&only);
	sigaddset(&only, SIGTSTP);
	raise(SIGTSTP);
	sigprocmask(SIG_UNBLOCK, &only, NULL);
	sigprocmask(SIG_BLOCK, &only, NULL);
	retake();
}

static void take_size(void)
{
	struct winsize size;

	if (!ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) && size.ws_row && size.ws_col)
		(void)resizeterm(size.ws_row, size.ws_col);
	(void)clearok(curscr, TRUE);
}

/* Was there any? */
static bool take_signals(void)
{
	struct signalfd_siginfo info;
	bool any = false;

	while (read(screen.signal_fd, &info, sizeof(info)) == sizeof(info)) {
		any = true;
		if (info.ssi_signo == SIGTSTP)
			stop();
		else if (info.ssi_signo == SIGCONT)
			retake();
		/* A stopped job is not told of sizes. */
		take_size();
	}
	return any;
}

static const struct {
	int code;
	enum key key;
} special_keys[] = {
	{ KEY_UP, KEYS_UP },
	{ KEY_DOWN, KEYS_DOWN },
	{ KEY_LEFT, KEYS_LEFT },
	{ KEY_RIGHT, KEYS_RIGHT },
	{ KEY_PPAGE, KEYS_PAGE_UP },
	{ KEY_NPAGE, KEYS_PAGE_DOWN },
	{ KEY_HOME, KEYS_HOME },
	{ KEY_END, KEYS_END },
	{ KEY_ENTER, KEYS_ENTER },
	{ KEY_BTAB, KEYS_BACK_TAB },
	{ KEY_BACKSPACE, KEYS_BACKSPACE },
	{ KEY_RESIZE, KEYS_RESIZED },
};

static int special_key(wint_t code)
{
	for (unsigned int i = 0; i < ARRAY_LEN(special_keys); i++)
		if (special_keys[i].code == (int)code)
			return special_keys[i].key;
	return KEYS_OTHER;
}

static int plain_key(wint_t character)
{
	switch (character) {
	case '\r':
	case '\n':
		return KEYS_ENTER;
	case '\t':
		return KEYS_TAB;
	case 27:
		return KEYS_ESCAPE;
	case 8:
	case 127:
		return KEYS_BACKSPACE;
	default:
		return character < 32 && character != 12 && character != 21 ? KEYS_OTHER
									    : (int)character;
	}
}

/* Readable, and nothing to read: the terminal has been closed. */
static bool terminal_is_gone(void)
{
	struct epoll_event events[2];
	int nr = epoll_wait(screen.epoll_fd, events, 2, 0);

	for (int i = 0; i < nr; i++)
		if (events[i].data.fd == STDIN_FILENO)
			return events[i].events & (EPOLLHUP | EPOLLERR);
	return false;
}

int screen_key(void)
{
	wint_t code = 0;

	if (take_signals())
		return KEYS_RESIZED;
	switch (get_wch(&code)) {
	case OK:
		return plain_key(code);
	case KEY_CODE_YES:
		return special_key(code);
	default:
		return terminal_is_gone() ? KEYS_GONE : KEYS_NONE;
	}
}

struct area screen_area(void)
{
	return (struct area){ .rows = LINES, .columns = COLS };
}

bool screen_utf8(void)
{
	return screen.utf8;
}

bool screen_colours(void)
{
	return screen.colours;
}

void screen_renew(void)
{
	(void)clearok(curscr, TRUE);
}

void screen_begin(void)
{
	(void)erase();
	screen.cursor = false;
	(void)curs_set(0);
}

void screen_end(void)
{
	(void)curs_set(screen.cursor);
	(void)refresh();
}

static attr_t level_attr(enum level level)
{
	return level < LEVEL_NONE && (!screen.colours || COLORS < 256) ? level_colours[level].attr
								       : A_NORMAL;
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
	(void)attr_set(level_attr(level), 0, screen.colours ? &pair : NULL);
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

/* How long it is if each byte is a column, which is most of what is shown; else -1. */
static int plain_length(const char *text)
{
	int len = 0;

	for (; text[len]; len++)
		if ((signed char)text[len] < ' ')
			return -1;
	return len;
}

int screen_put(const struct area *area, int row, int column, enum ink ink, const char *text)
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

int screen_print(const struct area *area, int row, int column, enum ink ink, const char *fmt, ...)
{
	char text[4 * TEXT_MAX];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	return screen_put(area, row, column, ink, text);
}

void screen_put_right(const struct area *area, int row, int end, enum ink ink, const char *text)
{
	wchar_t wide[TEXT_MAX];
	int width = plain_length(text);

	if (width < 0) {
		widen(wide, text);
		width = wcswidth(wide, TEXT_MAX);
	}
	screen_put(area, row, width < end ? end - width : 0, ink, text);
}

void screen_mark(const struct area *area, int row, int column, int nr, enum ink ink)
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

const char *screen_level_glyph(enum level level)
{
	return level_glyphs[screen.utf8][level];
}

/* Made once, for there are many of them. */
static void init_cells(void)
{
	wchar_t wide[TEXT_MAX];

	for (enum level level = 0; level < LEVEL_NR; level++) {
		int pair = level < LEVEL_NONE ? level_pair(level, LEVEL_NONE) : 0;

		widen(wide, level_glyphs[screen.utf8][level]);
		(void)setcchar(&screen.cell[level], wide, level_attr(level), 0,
			       screen.colours ? &pair : NULL);
	}
}

void screen_level(const struct area *area, int row, int column, enum level level)
{
	if (row < 0 || row >= area->rows || column < 0 || column >= area->columns)
		return;
	(void)attr_set(A_NORMAL, 0, NULL); /* it would be added to the cell's own */
	(void)mvadd_wch(area->top + row, area->left + column, &screen.cell[level]);
}

/* Glyphs of the levels that are not hot stand for whole cells. */
bool screen_splits(enum level level, enum level behind)
{
	return screen.utf8 && level == LEVEL_HOT && (screen.colours || behind == LEVEL_NONE);
}

void screen_column(const struct area *area, int row, int column, int eighths, enum level level,
		   enum level behind)
{
	int pair = level_pair(level, behind);
	wchar_t wide[TEXT_MAX];
	int taken;

	if (row < 0 || row >= area->rows || column < 0 || column >= area->columns)
		return;
	if (!screen_splits(level, behind) || eighths <= 0 || eighths >= 8) {
		screen_level(area, row, column, eighths >= 4 ? level : behind);
		return;
	}
	widen(wide, columns_from_below[screen.utf8][eighths]);
	(void)attr_set(A_NORMAL, 0, screen.colours ? &pair : NULL);
	put_wide(area, row, column, wide, &taken);
}

void screen_bar(const struct area *area, int row, int column, int eighths, enum ink ink)
{
	if (eighths > 0 && eighths < 4 && !screen.utf8)
		eighths = 4;
	for (; eighths > 0; eighths -= 8, column++)
		screen_put(area, row, column, ink, bars[screen.utf8][eighths > 8 ? 8 : eighths]);
}

void screen_cursor(const struct area *area, int row, int column)
{
	if (column < 0 || column >= area->columns)
		return;
	(void)move(area->top + row, area->left + column);
	screen.cursor = true;
}
