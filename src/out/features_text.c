/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The answers stand in one column; a long reason goes on below, indented to it. */
#include "config.h"

#include "out/features_text.h"

#include <string.h>

#include "kernel/features.h"
#include "out/flow.h"

#define LABEL_LEN 16 /* "-p 4194304" */

struct lines {
	const struct output *out;
	int width; /* of the labels */
};

/* Word by word, so that the line breaks where the terminal ends. */
static void add_words(struct flow *flow, const char *text, const char *mark)
{
	for (size_t len; *text; text += len + strspn(text + len, " ")) {
		bool last;

		len = strcspn(text, " ");
		last = !text[len];
		flow_add(flow, "%.*s%s", (int)len, text, last ? mark : "");
	}
}

static void print_line(const struct lines *lines, const char *label, const struct feature *feature)
{
	struct flow flow = {
		.stream = lines->out->stream,
		.columns = lines->out->columns,
		.indent = lines->width + 1,
		.mark = "",
		.gap = 1,
	};

	flow_add(&flow, "%-*s", lines->width, label);
	add_words(&flow, feature_answer_name(feature->answer), *feature->why ? ":" : "");
	add_words(&flow, feature->why, *feature->remedy ? ";" : "");
	add_words(&flow, feature->remedy, "");
	flow_end(&flow);
}

static void print_methods(const struct lines *lines, const char *indent, const struct feature *list)
{
	char label[LABEL_LEN];

	for (unsigned int i = 0; i < FEATURE_METHODS; i++) {
		snprintf(label, sizeof(label), "%s%s", indent, list[i].name);
		print_line(lines, label, &list[i]);
	}
}

int features_text(struct output *out, const struct features *features)
{
	char process[LABEL_LEN] = "";
	struct lines lines = { out, (int)strlen("kernel ") };

	if (features->pid)
		lines.width = snprintf(process, sizeof(process), "-p %d", features->pid);
	if (lines.width < (int)strlen("kernel "))
		lines.width = (int)strlen("kernel ");
	fprintf(out->stream, "%-*s %s\n", lines.width, "kernel", features->kernel);
	print_methods(&lines, "", features->method);
	if (features->pid) {
		print_line(&lines, process, &features->attach);
		print_methods(&lines, "  ", features->process);
	}
	return 0;
}
