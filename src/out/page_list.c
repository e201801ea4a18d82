/* SPDX-License-Identifier: GPL-2.0-or-later */
/* --pages: one line a stretch of memory, tabs between, for scripts. */
#include "config.h"

#include "out/page_list.h"

#include <errno.h>
#include <inttypes.h>

#include "model/page_runs.h"
#include "out/json_write.h"
#include "out/output.h"
#include "out/words.h"

int page_list_text(struct output *out, const struct page_runs *runs)
{
	fputs("#pid\tstart\tend\toffset\tmapping\n", out->stream);
	for (size_t i = 0; i < runs->nr; i++) {
		const struct page_run *run = &runs->at[i];
		auto_free char *name = words_printable(run->map->name, out->utf8);
		uint64_t offset;

		if (!name)
			return -ENOMEM;
		fprintf(out->stream, "%d\t0x%" PRIx64 "\t0x%" PRIx64 "\t", run->pid,
			run->range.start, run->range.end);
		if (page_run_offset(run, &offset))
			fprintf(out->stream, "0x%" PRIx64 "\t%s\n", offset, name);
		else
			fprintf(out->stream, "-\t%s\n", name);
	}
	return 0;
}

int page_list_json(struct output *out, const struct page_runs *runs)
{
	int rc = 0;

	for (size_t i = 0; i < runs->nr && !rc; i++) {
		const struct page_run *run = &runs->at[i];
		struct json json = { 0 };
		struct json_object *line = json_new_line(&json, "pages");
		uint64_t offset;

		json_put_number(&json, line, "pid", (uint64_t)run->pid);
		json_put_addr(&json, line, "start", run->range.start);
		json_put_addr(&json, line, "end", run->range.end);
		json_put_number_if(&json, line, "file_offset",
				   page_run_offset(run, &offset) ? &offset : NULL);
		json_put_text(&json, line, "name", run->map->name);
		json_put_word(&json, line, "kind", region_kind_name(region_classify(run->map)));
		rc = json_end_line(out, &json, line);
	}
	return rc;
}
