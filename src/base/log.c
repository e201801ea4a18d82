/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Each message is one write(2) of one line, whatever it quotes: lines of
 * several processes do not mix, and names that belong to the target cannot
 * reach the terminal as escapes.
 */
#include "config.h"

#include "base/log.h"

#include <stdarg.h>
#include <string.h>

#include "base/format.h"
#include "base/io.h"

#define PREFIX "wsstat: "
#define PREFIX_LEN (sizeof(PREFIX) - 1)

static enum log_level shown_level = LOG_WARN;
static void (*diverted)(const char *line);

void log_divert(void (*take)(const char *line))
{
	diverted = take;
}

void log_set_level(enum log_level level)
{
	shown_level = level;
}

static printf_like(2, 0) void log_line(enum log_level level, const char *fmt, va_list args)
{
	char text[1024];
	char line[PREFIX_LEN + sizeof(text) + 1] = PREFIX;

	if (level > shown_level || vsnprintf(text, sizeof(text), fmt, args) < 0)
		return;

	format_printable(line + PREFIX_LEN, sizeof(text), text);
	if (diverted) {
		diverted(line + PREFIX_LEN);
		return;
	}
	strcat(line, "\n");
	/* There is nobody to tell when stderr itself fails. */
	if (io_write_all(STDERR_FILENO, line, strlen(line)) < 0)
		return;
}

void log_error(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	log_line(LOG_ERROR, fmt, args);
	va_end(args);
}

int log_report(const struct error *err)
{
	log_error("%s", err->text);
	return error_exit_status(err->kind);
}

void log_warn(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	log_line(LOG_WARN, fmt, args);
	va_end(args);
}

void log_info(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	log_line(LOG_INFO, fmt, args);
	va_end(args);
}
