/* SPDX-License-Identifier: GPL-2.0-or-later */
/* WP_ASYNC, chunk by chunk. */
#include "config.h"

#include "track/protect.h"

#include <errno.h>

#include "kernel/uffd.h"
#include "track/absent.h"

/* The chunks that a run has a part of, as far as they lie in the mapping. */
static struct range chunks_of(const struct page_region *run, const struct mapping *map,
			      uint64_t unit)
{
	uint64_t align = unit > HUGE_BYTES ? unit : HUGE_BYTES;
	struct range chunks = { run->start & ~(align - 1), (run->end + align - 1) & ~(align - 1) };

	return range_clip(chunks, map->range);
}

enum protect_what protect_what(const struct tracker *t, const struct mapping *map)
{
	switch (region_classify(map)) {
	case KIND_PRIVATE_FILE:
		return PROTECT_OWN;
	case KIND_SHARED_FILE:
		return t->file_markers ? PROTECT_ALL : PROTECT_NONE;
	default:
		return PROTECT_ALL;
	}
}

/*
 * Protect what the query matches.  Without room for an answer the kernel would not look at
 * the categories and protect everything (pagemap_scan_pmd_entry, "exclusive WP").
 */
static int protect_matching(struct tracker *t, struct pagemap_query query)
{
	struct page_region matched[64];
	uint64_t walked = query.range.start;

	query.flags = PM_SCAN_WP_MATCHING | PM_SCAN_CHECK_WPASYNC;
	for (; walked < query.range.end; query.range.start = walked) {
		ssize_t nr = scan(t, &query, matched, ARRAY_LEN(matched), &walked);

		if (nr < 0)
			return (int)nr;
	}
	return 0;
}

/* What lies there and was copied by the process.  Empty entries stay empty. */
static int protect_own(struct tracker *t, struct range range)
{
	const struct pagemap_query own = {
		.range = range,
		.inverted = PAGE_IS_FILE,
		.mask = PAGE_IS_FILE | PAGE_IS_WPALLOWED | PAGE_IS_WRITTEN,
		.anyof = PAGE_IS_PRESENT | PAGE_IS_SWAPPED,
	};

	return protect_matching(t, own);
}

static int protect_chunks(struct tracker *t, struct range chunks)
{
	int rc = scan_timed(t, uffd_wp, chunks);

	return rc ? rc : chunk_set_add(&t->wp_armed, chunks);
}

/*
 * Writing to a huge page that is protected splits it (mm/memory.c, wp_huge_pmd):
 * remember which there were, to have them back in the end.
 */
static int note_huge(struct tracker *t, const struct scan_piece *piece)
{
	int rc = 0;

	if (piece->unit_bytes > PAGE_BYTES)
		return 0;
	for (size_t i = 0; i < piece->nr && !rc; i++) {
		struct range run = { piece->vec[i].start, piece->vec[i].end };

		if (!(piece->vec[i].categories & PAGE_IS_HUGE))
			continue;
		if (piece->map->perms & PERM_SHARED)
			rc = absent_add(t, piece->map, run);
		else
			rc = chunk_set_add(&t->split, run);
	}
	return rc;
}

/*
 * Runs are gathered as long as their chunks adjoin.  A piece ends at a chunk's
 * border, so no chunk is protected twice.
 */
static int protect_runs(const struct scan_piece *piece)
{
	struct range chunks = { 0 };
	int rc = 0;

	for (size_t i = 0; i < piece->nr && !rc; i++) {
		struct range next = chunks_of(&piece->vec[i], piece->map, piece->unit_bytes);

		if (!scan_bits_there(piece->vec[i].categories))
			continue;
		if (!range_empty(chunks) && next.start <= chunks.end) {
			chunks.end = next.end;
			continue;
		}
		if (!range_empty(chunks))
			rc = protect_chunks(piece->tracker, chunks);
		chunks = next;
	}
	return !rc && !range_empty(chunks) ? protect_chunks(piece->tracker, chunks) : rc;
}

static int protect_piece(const struct scan_piece *piece)
{
	/* A transparent huge page is split at the first write: it is seen by small ones. */
	const struct scan_runs runs = {
		.vec = piece->vec,
		.nr = piece->nr,
		.bits = scan_bits_there,
		.hidden = piece->unit_bytes == PAGE_BYTES ? PAGE_BIT_HUGE : 0,
	};
	int rc = note_huge(piece->tracker, piece);

	if (rc)
		return rc;
	switch (protect_what(piece->tracker, piece->map)) {
	case PROTECT_ALL:
		rc = protect_runs(piece);
		break;
	case PROTECT_OWN:
		rc = protect_own(piece->tracker, piece->range);
		break;
	case PROTECT_NONE:
		break;
	}
	return rc ? rc : scan_tell(piece->sink, &runs, piece->range, 0);
}

int protect_mapping(struct tracker *t, const struct mapping *map, struct armed *armed,
		    struct sink *sink)
{
	static const struct scan_mode mode = { uffd_register_wp, uffd_wp_clear, protect_piece };

	return scan_arm(t, map, &mode, armed, sink);
}

/*
 * Only what is empty at the moment at which it is looked at: a page that came there
 * before keeps its state.
 */
static int protect_empty(struct tracker *t, struct range range)
{
	const struct pagemap_query empty = {
		.range = range,
		.inverted = PAGE_IS_PRESENT | PAGE_IS_SWAPPED,
		.mask = PAGE_IS_PRESENT | PAGE_IS_SWAPPED | PAGE_IS_WPALLOWED | PAGE_IS_WRITTEN,
	};
	int rc = protect_matching(t, empty);

	return rc ? rc : chunk_set_add(&t->wp_armed, range);
}

int protect_holes(struct tracker *t, const struct mapping *map, const struct page_region *vec,
		  size_t nr)
{
	uint64_t done = 0;
	int rc = 0;

	if (protect_what(t, map) != PROTECT_ALL)
		return 0;

	for (size_t i = 0; i < nr && !rc; i++) {
		struct range chunks = chunks_of(&vec[i], map, PAGE_BYTES);

		chunks.start = chunks.start < done ? done : chunks.start;
		done = chunks.end;
		while (!range_empty(chunks) && !rc) {
			struct range chunk = range_clip(
				(struct range){ chunks.start & ~(HUGE_BYTES - 1),
						(chunks.start & ~(HUGE_BYTES - 1)) + HUGE_BYTES },
				chunks);

			if (!chunk_set_has(&t->wp_armed, chunk.start))
				rc = protect_empty(t, chunk);
			chunks.start = chunk.end;
		}
	}
	return rc;
}

int protect_confirm(struct tracker *t, const struct mapping *map)
{
	int rc = scan_register(t, map, uffd_register_wp);

	/* What was protected may have moved: whatever is not known to be is looked at anew. */
	chunk_set_remove(&t->wp_armed, map->range);
	return rc ? 0 : 1;
}
