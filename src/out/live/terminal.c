/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Is this a terminal for a full screen?  Its capabilities, from terminfo. */
#include "config.h"

#include "out/live/terminal.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* They define words such as "columns" as macros, so they come last. */
#include <curses.h>
#include <term.h>

/* Can terminals of this type place their cursor? */
static bool can_place_cursor(const char *type)
{
	bool can;
	int known;

	if (!type || !*type || setupterm(type, STDOUT_FILENO, &known) != OK)
		return false;
	can = cursor_address && clear_screen;
	(void)del_curterm(cur_term);
	return can;
}

int terminal_check(struct error *err)
{
	const char *type = getenv("TERM");

	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
		return error_set(err, ERROR_USAGE, 0,
				 "--live needs a terminal; standard %s is none (without --live the "
				 "results can go anywhere)",
				 isatty(STDIN_FILENO) ? "output" : "input");
	if (can_place_cursor(type))
		return 0;
	return error_set(
		err, ERROR_USAGE, 0,
		"--live: a terminal of type '%s' is not known, or cannot place its cursor; "
		"use --brief, or set TERM to what it is",
		type ? type : "");
}
