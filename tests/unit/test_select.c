/* SPDX-License-Identifier: GPL-2.0-or-later */
/* core/select.c: what --region takes. */
#include "config.h"

#include "core/select.h"

#include <string.h>

#include "tap.h"

static const struct mapping heap = { .range = { 0x10000, 0x20000 },
				     .perms = PERM_READ | PERM_WRITE,
				     .name = "[heap]" };
static const struct mapping anon = { .range = { 0x30000, 0x40000 },
				     .perms = PERM_READ | PERM_WRITE,
				     .name = "" };
static const struct mapping memfd = {
	.range = { 0x50000, 0x60000 },
	.perms = PERM_READ | PERM_WRITE | PERM_SHARED,
	.inode = 7,
	.name = "/memfd:guest ram (deleted)",
};

/* Which of the three are taken, as a sum of 1, 2 and 4. */
static unsigned int taken(const struct selection *selection)
{
	return selection_takes(selection, &heap) + 2u * selection_takes(selection, &anon) +
	       4u * selection_takes(selection, &memfd);
}

static const struct {
	const char *text;
	unsigned int takes;
} selectors[] = {
	{ "heap", 1 },	      { "anon", 2 },
	{ "memfd", 4 },	      { "stack", 0 },
	{ "[heap]", 1 },      { "/memfd:*", 4 },
	{ "*guest ram*", 4 }, { "/memfd", 0 },
	{ "*", 7 },	      { "?heap?", 1 },
	{ "10000-20000", 1 }, { "0x1ffff-0x30001", 3 },
	{ "20000-30000", 0 }, { "0-ffffffffffffffff", 7 },
	{ "heap-like", 0 },
};

static void test_one(void)
{
	for (unsigned int i = 0; i < ARRAY_LEN(selectors); i++) {
		struct selection selection = { .nr = 0 };
		struct error err = { 0 };
		bool added = !selection_add(&selection, selectors[i].text, &err);

		ok(added && taken(&selection) == selectors[i].takes, "SELECT01: '%s' takes %u",
		   selectors[i].text, selectors[i].takes);
	}
}

static void test_wrong(void)
{
	static const char *const wrong[] = { "",  "20000-10000", "1000-",  "-1000",
					     "-", "1-2-3",	 "0x-0x1", "1-10000000000000000" };

	for (unsigned int i = 0; i < ARRAY_LEN(wrong); i++) {
		struct selection selection = { .nr = 0 };
		struct error err = { 0 };

		ok(selection_add(&selection, wrong[i], &err) && !selection.nr &&
			   err.kind == ERROR_USAGE && strstr(err.text, "--region: ") == err.text,
		   "SELECT02: '%s' is refused", wrong[i]);
	}
}

static void test_many(void)
{
	struct selection selection = { .nr = 0 };
	struct error err = { 0 };
	bool added = true;

	ok(taken(&selection) == 7, "SELECT03: no selector takes everything");
	added = !selection_add(&selection, "heap", &err) &&
		!selection_add(&selection, "50000-50001", &err);
	ok(added && taken(&selection) == 5, "SELECT04: any of several is enough");
	while (selection.nr < SELECT_MAX && added)
		added = !selection_add(&selection, "stack", &err);
	ok(added && selection_add(&selection, "stack", &err) && err.kind == ERROR_USAGE &&
		   selection.nr == SELECT_MAX,
	   "SELECT05: too many are refused");
}

int main(void)
{
	test_one();
	test_wrong();
	test_many();
	return done();
}
