/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An array of the name of another one. */

void arrays_touch_twin(void);

static char arrays_twin[3000] = { 1 };

void arrays_touch_twin(void)
{
	arrays_twin[1]++;
}
