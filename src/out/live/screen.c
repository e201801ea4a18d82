/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Signals of the terminal (its size, Ctrl-Z, the way back) come through a signalfd, so that they
 * are handled between samples and at no other time.  ncurses' own handlers are not used.
 */
#include "config.h"

#include "out/live/screen.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <termios.h>

#define NCURSES_WIDECHAR 1
#include <ncurses.h>

#include "core/interrupt.h"
#include "out/live/paint.h"

#define ESCAPE_MS 25 /* an Esc that nothing follows for so long is one */
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
} screen = { .epoll_fd = -1, .signal_fd = -1 };

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
			text += strcspn(text, ">") + (strchr(text, '>') != NULL);
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
	paint_init();
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

void screen_renew(void)
{
	(void)clearok(curscr, TRUE);
}
