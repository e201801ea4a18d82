/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lists that are longer than what shows them. */
#include "config.h"

#include "out/live/view.h"

static void move_to(struct cursor *cursor, unsigned int nr, int64_t to)
{
	cursor->at = to < 0 || !nr ? 0 : to >= (int64_t)nr ? nr - 1 : (unsigned int)to;
}

bool cursor_key(struct cursor *cursor, int key, unsigned int nr, unsigned int page)
{
	const int64_t at = cursor->at, rows = page ? page : 1;

	switch (key) {
	case KEYS_UP:
		move_to(cursor, nr, at - 1);
		return true;
	case KEYS_DOWN:
		move_to(cursor, nr, at + 1);
		return true;
	case KEYS_PAGE_UP:
		move_to(cursor, nr, at - rows);
		return true;
	case KEYS_PAGE_DOWN:
		move_to(cursor, nr, at + rows);
		return true;
	case KEYS_HOME:
		move_to(cursor, nr, 0);
		return true;
	case KEYS_END:
		move_to(cursor, nr, (int64_t)nr - 1);
		return true;
	default:
		return false;
	}
}

void cursor_fit(struct cursor *cursor, unsigned int nr, unsigned int page)
{
	if (cursor->at >= nr)
		cursor->at = nr ? nr - 1 : 0;
	if (cursor->at < cursor->top)
		cursor->top = cursor->at;
	if (page && cursor->at >= cursor->top + page)
		cursor->top = cursor->at - page + 1;
	if (page && cursor->top + page > nr)
		cursor->top = nr > page ? nr - page : 0;
}
