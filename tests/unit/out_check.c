/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The forms are called as out/output.c does, without its way to a file. */
#include "config.h"

#include "out_check.h"

#include <string.h>

#include "tap.h"

void out_check_setup(struct output *out, const struct output_ops *ops,
		     const struct out_fixture *fixture, int columns)
{
	*out = (struct output){
		.ops = ops,
		.fd = -1,
		.info = fixture->info,
		.columns = columns,
		.utf8 = true,
	};
}

char *out_check_render(struct output *out, const struct out_fixture *fixture)
{
	char *text = NULL;
	size_t len;
	int ret;

	out->stream = open_memstream(&text, &len);
	if (!out->stream)
		return NULL;
	ret = out->ops->header(out, &fixture->info);
	ret |= out->ops->sample(out, &fixture->snap);
	for (unsigned int i = 0; i < EVENT_NR; i++)
		ret |= out->ops->event(out, &fixture->events[i]);
	ret |= out->ops->summary(out, &fixture->summary);
	fclose(out->stream);
	ok(!ret, "OUT00: %s makes its records", out->ops->name);
	return text;
}

void out_check_expected(const char *text, const struct out_expected *list, size_t nr)
{
	for (size_t i = 0; i < nr; i++) {
		if (!ok(strstr(text, list[i].text), "%s", list[i].name))
			printf("# not there: \"%s\"\n", list[i].text);
	}
}
