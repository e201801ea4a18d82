/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a launched command has written to the file that it has instead of the terminal. */
#include "config.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "out/live/view.h"
#include "out/words.h"

#define TAIL_BYTES 16384

/* The last bytes of the file, from the beginning of a line on if it has that many. */
static const char *read_tail(const char *path, char text[TAIL_BYTES + 1])
{
	auto_close int fd = open(path, O_RDONLY | O_CLOEXEC);
	const char *line;
	struct stat st;
	ssize_t got;

	text[0] = '\0';
	if (fd < 0 || fstat(fd, &st))
		return text;
	got = pread(fd, text, TAIL_BYTES, st.st_size > TAIL_BYTES ? st.st_size - TAIL_BYTES : 0);
	text[got > 0 ? got : 0] = '\0';
	line = st.st_size > TAIL_BYTES ? strchr(text, '\n') : NULL;
	return line ? line + 1 : text;
}

/* The beginning of its last `lines` lines. */
static const char *last_lines(const char *text, int lines)
{
	const char *at = text + strlen(text);

	if (at > text && at[-1] == '\n')
		at--;
	while (at > text && (at[-1] != '\n' || --lines > 0))
		at--;
	return at;
}

void output_tail_draw(struct live *live, const struct area *area)
{
	char text[TAIL_BYTES + 1];
	struct area lines = { area->top + 1, area->left, area->rows - 1, area->columns };
	const char *line, *end;

	if (lines.rows < 1)
		return;
	paint_put(area, 0, 0, INK_DIM, live->output_path);
	line = last_lines(read_tail(live->output_path, text), lines.rows);
	for (int row = 0; *line && row < lines.rows; row++, line = *end ? end + 1 : end) {
		auto_free char *one = NULL;
		auto_free char *shown = NULL;

		end = strchrnul(line, '\n');
		one = strndup(line, (size_t)(end - line));
		shown = one ? words_printable(one, paint_utf8()) : NULL;
		if (shown)
			paint_put(&lines, row, 0, INK_PLAIN, shown);
	}
}
