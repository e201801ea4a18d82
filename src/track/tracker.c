/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What all methods of one target share. */
#include "config.h"

#include "track/tracker.h"

#include <errno.h>
#include <fcntl.h>

#include "kernel/collapse.h"
#include "kernel/inject.h"
#include "kernel/pagemap.h"
#include "kernel/procfs.h"
#include "kernel/smaps.h"
#include "kernel/uffd.h"
#include "track/absent.h"

int tracker_open(struct tracker *t, const struct proc *proc, int uffd, uint64_t features,
		 struct error *err)
{
	int rc;

	t->proc = proc;
	t->uffd = uffd;
	t->features = features;
	t->pagemap = proc_open_file(proc, "pagemap", O_RDONLY, err);
	if (t->pagemap < 0)
		return t->pagemap;
	t->maps_fd = proc_open_file(proc, "maps", O_RDONLY, err);
	if (t->maps_fd < 0)
		return t->maps_fd;
	t->vec = malloc(TRACK_VEC_LEN * sizeof(*t->vec));
	if (!t->vec)
		return error_set(err, ERROR_FAILED, ENOMEM, "cannot observe the target");
	rc = uffd < 0 ? 0 : uffd_api(uffd, features, NULL);
	return rc ? error_set(err, ERROR_UNSUPPORTED, -rc,
			      "this kernel's userfaultfd refuses the features 0x%llx",
			      (unsigned long long)features)
		  : 0;
}

void tracker_close(struct tracker *t)
{
	util_close(&t->uffd); /* the kernel disarms what is left (userfaultfd_release) */
	util_close(&t->pagemap);
	util_close(&t->clear_refs);
	util_close(&t->smaps_fd);
	util_close(&t->maps_fd);
	t->uffd = t->pagemap = t->clear_refs = t->smaps_fd = t->maps_fd = -1;
	if (t->smaps)
		smaps_free(t->smaps);
	free(t->smaps);
	t->smaps = NULL;
	free(t->vec);
	t->vec = NULL;
	injector_close(t->injector);
	t->injector = NULL;
	absent_free(t);
	chunk_set_free(&t->wp_armed);
	chunk_set_free(&t->unmapped);
	chunk_set_free(&t->split);
}

/* Is there anything in the chunk, and is it in small pages? */
static bool is_apart(struct tracker *t, struct range chunk)
{
	const struct pagemap_query query = {
		.range = chunk,
		.mask = PAGE_IS_PRESENT,
		.returned = PAGE_IS_HUGE,
		.max_pages = 1,
	};
	struct page_region page;
	uint64_t walked;

	return pagemap_scan(t->pagemap, &query, &page, 1, &walked) > 0 &&
	       !(page.categories & PAGE_IS_HUGE);
}

int tracker_collapse(struct tracker *t, uint64_t *split_bytes, uint64_t *collapsed_bytes)
{
	struct range left = { 0, UINT64_MAX }, run;
	int refused = 0;

	*split_bytes = *collapsed_bytes = 0;
	while (chunk_set_next(&t->split, left, &run)) {
		for (; !range_empty(run); run.start += HUGE_BYTES) {
			struct range chunk = { run.start, run.start + HUGE_BYTES };
			int rc;

			if (!is_apart(t, chunk))
				continue;
			*split_bytes += HUGE_BYTES;
			rc = collapse_huge(t->proc, chunk);
			*collapsed_bytes += rc ? 0 : HUGE_BYTES;
			refused = refused ? refused : rc;
		}
		left.start = run.end;
	}
	return refused;
}
