/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Regions and page ages, kept with what the tracker tells. */
#include "config.h"

#include "core/books.h"

#include <errno.h>
#include <string.h>

#define PIECE_BYTES (UINT64_C(64) << 20) /* populated memory scanned in one call */

/* What a region's pages are told to. */
struct book_sink {
	struct sink sink;
	struct books *books;
	struct region *region;
};

static int book_run(struct sink *sink, struct range range, unsigned int bits)
{
	struct book_sink *to = (struct book_sink *)sink;

	if (to->books->look && seen_pages_add(&to->books->look->bits, range, bits))
		return -ENOMEM;
	return pages_see(to->books->pages, &to->region->tally, range, bits, &to->books->epochs);
}

/* Regions that are not observed are only counted. */
static int count_run(struct sink *sink, struct range range, unsigned int bits)
{
	struct region *region = ((struct book_sink *)sink)->region;

	if (bits & PAGE_BIT_TOUCHED)
		region->referenced_pages += range_bytes(range) >> PAGE_SHIFT;
	if (bits & PAGE_BIT_PRESENT)
		region->untracked_pages += range_bytes(range) >> PAGE_SHIFT;
	else if (bits & PAGE_BIT_SWAPPED)
		region->untracked_swapped_pages += range_bytes(range) >> PAGE_SHIFT;
	return 0;
}

static int no_memory(struct error *err)
{
	return error_set(err, ERROR_FAILED, ENOMEM, "cannot keep the books of the target");
}

static int failed(int rc, const struct region *region, const char *what, struct error *err)
{
	if (rc == -ESRCH)
		return rc;
	if (rc == -ENOMEM)
		return no_memory(err);
	return error_set(err, ERROR_FAILED, -rc, "%s %llx-%llx failed", what,
			 (unsigned long long)region->map.range.start,
			 (unsigned long long)region->map.range.end);
}

int books_open(struct books *books, const struct edges *edges, int64_t now_ns, struct error *err)
{
	*books = (struct books){ .pages = pages_new(), .look = books->look };
	if (!books->pages || epochs_init(&books->epochs, edges, now_ns))
		return no_memory(err);
	return 0;
}

void books_close(struct books *books)
{
	region_set_free(&books->regions);
	region_changes_free(&books->changes);
	epochs_free(&books->epochs);
	pages_free(books->pages);
	free(books->shown);
	free(books->cells);
	free(books->cell);
	*books = (struct books){ .look = books->look };
}

/* What is being recorded of the region; NULL: nothing is. */
static struct answer *answer_of(struct books *books, const struct region *region)
{
	return books->look ? &books->look->answer[region - books->regions.at] : NULL;
}

/* No method takes it, or none is to. */
static void leave(struct books *books, struct region *region, enum region_reason reason)
{
	struct answer *answer = answer_of(books, region);

	region_unobserved(region, reason);
	if (answer) {
		answer->kind = ANSWER_UNOBSERVED;
		answer->reason = reason;
	}
}

static void deselect(struct books *books, const struct selection *selection)
{
	for (size_t i = 0; i < books->regions.nr; i++) {
		struct region *region = &books->regions.at[i];

		if (region->state == REGION_NEW && !selection_takes(selection, &region->map))
			leave(books, region, REASON_NOT_SELECTED);
	}
}

int books_look(struct books *books, struct target *target, const struct selection *selection,
	       struct error *err)
{
	const struct mapping_list *maps;
	int rc = target->ops->maps(target, &maps, err);

	if (rc)
		return rc;
	if (!maps->nr)
		return -ESRCH;
	if (regions_update(&books->regions, maps, books->pages, books->epochs.now, &books->changes))
		return no_memory(err);
	if (books->look && look_begin(books->look, maps))
		return no_memory(err);
	deselect(books, selection);
	return 0;
}

/* Begin its books anew. */
static int forget(struct books *books, struct region *region)
{
	if (books->look)
		seen_pages_cut(&books->look->bits, region->map.range.start);
	return region_reset(region, books->pages);
}

/*
 * The best method that takes the region: TRACK_OK, TRACK_REFUSED with the most
 * telling refusal, 0 if no method suits it, or a negative errno.
 */
static int arm_best(struct books *books, struct target *target, struct region *region,
		    struct armed *armed)
{
	struct book_sink to = { { book_run }, books, region };
	int refusal = 0;

	for (unsigned int i = 0; target->methods[i]; i++) {
		const struct tracker_ops *ops = target->methods[i];
		int rc;

		*armed = (struct armed){ .method = ops->method };
		if (!ops->suits(&target->tracker, &region->map))
			continue;
		rc = ops->arm(&target->tracker, &region->map, armed, &to.sink);
		if (rc != TRACK_REFUSED)
			return rc;
		if (!refusal || refusal == EINVAL)
			refusal = armed->refusal;
		if (forget(books, region))
			return -ENOMEM;
	}
	armed->refusal = refusal;
	return TRACK_REFUSED;
}

/* Try to observe a region from now on: since is the first sample that speaks of it. */
static int region_arm(struct books *books, struct target *target, struct region *region,
		      unsigned int since, struct error *err)
{
	struct answer *answer = answer_of(books, region);
	struct armed armed;
	int rc;

	if (region->kind == KIND_KERNEL) {
		leave(books, region, REASON_KERNEL);
		return 0;
	}
	rc = arm_best(books, target, region, &armed);
	if (rc == TRACK_REFUSED) {
		leave(books, region, region_refusal(&region->map, armed.refusal));
		return 0;
	}
	if (rc)
		return failed(rc, region, "arming", err);
	region_observed(region, &armed, books->epochs.now, since);
	if (answer) {
		answer->kind = ANSWER_ARMED;
		answer->armed = armed;
	}
	return 0;
}

static int region_survey(struct books *books, struct target *target, struct region *region,
			 struct error *err)
{
	struct book_sink to = { { count_run }, NULL, region };
	struct answer *answer = answer_of(books, region);
	int rc;

	region->untracked_pages = 0;
	region->untracked_swapped_pages = 0;
	region->referenced_pages = 0;
	rc = target->methods[0]->survey(&target->tracker, &region->map, &to.sink);
	if (rc)
		return failed(rc, region, "looking at", err);
	if (answer)
		answer->counts = region_counts(region);
	return 0;
}

static int region_collect(struct books *books, struct target *target, struct region *region,
			  struct error *err)
{
	const struct tracker_ops *ops = target_method(target, region->method);
	struct book_sink to = { { book_run }, books, region };
	struct answer *told = answer_of(books, region);
	uint64_t align = region->unit_bytes > HUGE_BYTES ? region->unit_bytes : HUGE_BYTES;
	int answer = TRACK_OK;

	for (struct range left = region->map.range; !range_empty(left);) {
		struct range piece = { left.start,
				       pages_piece_end(books->pages, left, PIECE_BYTES, align) };
		int rc = ops->collect(&target->tracker, &region->map, piece, &to.sink);

		if (rc < 0)
			return failed(rc, region, "scanning", err);
		if (rc == TRACK_LOST)
			return rc;
		if (rc == TRACK_UNARMED)
			region->unarmed = true;
		answer = rc == TRACK_STALE ? rc : answer;
		left.start = piece.end;
	}
	if (told)
		told->unarmed = region->unarmed;
	return answer;
}

/* Forget what was known of it and begin anew. */
static int region_rearm(struct books *books, struct target *target, struct region *region,
			unsigned int sample, struct error *err)
{
	struct answer *answer = answer_of(books, region);

	if (region_changes_lost(&books->changes, region) || forget(books, region))
		return no_memory(err);
	if (answer)
		answer->lost = true;
	return region_arm(books, target, region, sample + 1, err);
}

static int region_sample(struct books *books, struct target *target, struct region *region,
			 unsigned int sample, struct error *err)
{
	int rc;

	if (region->state == REGION_NEW)
		return region_arm(books, target, region, sample + 1, err);
	if (region_only_counted(region)) {
		region->state = REGION_KEPT;
		return 0;
	}
	region_heard(region, sample);
	if (region->state == REGION_CHANGED) {
		region->state = REGION_KEPT;
		rc = target_method(target, region->method)->confirm(&target->tracker, &region->map);
		if (rc < 0)
			return failed(rc, region, "confirming", err);
		if (!rc)
			return region_rearm(books, target, region, sample, err);
	}
	rc = region_collect(books, target, region, err);
	if (rc == TRACK_LOST)
		return region_rearm(books, target, region, sample, err);
	return rc == TRACK_STALE ? BOOKS_STALE : rc;
}

/* Calls that are made once a sample. */
static int each_method(struct target *target, bool begin, struct error *err)
{
	int rc = 0;

	for (unsigned int i = 0; target->methods[i] && !rc; i++) {
		const struct tracker_ops *ops = target->methods[i];
		int (*call)(struct tracker *, struct error *) = begin ? ops->begin : ops->end;

		if (call)
			rc = call(&target->tracker, err);
	}
	return rc;
}

static int each_region(struct books *books, struct target *target, unsigned int sample,
		       struct error *err)
{
	int answer = 0, rc;

	target->tracker.sample = sample;
	rc = each_method(target, true, err);
	if (rc)
		return rc;
	for (size_t i = 0; i < books->regions.nr; i++) {
		struct region *region = &books->regions.at[i];

		rc = region_sample(books, target, region, sample, err);
		if (rc < 0)
			return rc;
		answer = rc == BOOKS_STALE ? rc : answer;
		if (!region_only_counted(region))
			continue;
		rc = region_survey(books, target, region, err);
		if (rc < 0)
			return rc;
	}
	rc = each_method(target, false, err);
	return rc ? rc : answer;
}

int books_begin(struct books *books, struct target *target, unsigned int samples, struct error *err)
{
	return each_region(books, target, samples, err);
}

int books_collect(struct books *books, struct target *target, unsigned int sample,
		  struct error *err)
{
	return each_region(books, target, sample, err);
}

/* Stamps ran out: merge old samples and count every region anew. */
static int renumber(struct books *books, struct error *err)
{
	const struct edges *edges = books->epochs.edges;
	auto_free uint16_t *map = malloc((EPOCH_MAX + 1) * sizeof(*map));

	if (!map)
		return no_memory(err);
	epochs_compact(&books->epochs, edges->ns[edges->nr - 1], map);
	pages_renumber(books->pages, map);
	for (size_t i = 0; i < books->regions.nr; i++) {
		struct region *region = &books->regions.at[i];
		uint16_t born = map[region->tally.born];

		tally_free(&region->tally);
		region->tally.born = born;
		if (region->method != METHOD_NONE &&
		    pages_count(books->pages, &region->tally, region->map.range, books->epochs.now))
			return no_memory(err);
	}
	return 0;
}

/* What could not be armed at the sample before cannot be told apart from what was touched. */
static void region_window(struct region *region, unsigned int now, unsigned int sample)
{
	tally_window(&region->tally, now);
	if (region->unarmed) {
		region->reason = REASON_UNARMED;
		region->speaks_from = sample + 1;
	}
	region->unarmed = false;
}

int books_window(struct books *books, int64_t at_ns, unsigned int sample, struct error *err)
{
	int rc = epochs_full(&books->epochs) ? renumber(books, err) : 0;

	if (rc)
		return rc;
	if (epochs_next(&books->epochs, at_ns))
		return no_memory(err);
	region_changes_free(&books->changes);
	for (size_t i = 0; i < books->regions.nr; i++)
		region_window(&books->regions.at[i], books->epochs.now, sample);
	return 0;
}

/* How full the huge pages really are, that were split to see it. */
static void add_huge_use(const struct books *books, const struct chunk_set *split,
			 struct range range, struct snapshot *snap)
{
	uint64_t resident = 0, touched = 0;
	struct range run;

	for (; split && chunk_set_next(split, range, &run); range.start = run.end)
		pages_used(books->pages, run, &resident, &touched);
	snap->huge_backed_bytes += resident << PAGE_SHIFT;
	snap->huge_touched_bytes += touched << PAGE_SHIFT;
}

/* Room for what is shown of that many regions. */
static int shown_reserve(struct books *books, size_t nr)
{
	struct snapshot_region *grown;

	if (nr <= books->shown_cap)
		return 0;
	grown = reallocarray(books->shown, nr, sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	books->shown = grown;
	books->shown_cap = nr;
	return 0;
}

static int cells_reserve(struct books *books, size_t nr, unsigned int each)
{
	if (nr <= books->cells_cap)
		return 0;
	free(books->cells);
	free(books->cell);
	books->cells_cap = 0;
	books->cells = calloc(nr, sizeof(*books->cells));
	books->cell = calloc(nr * each, sizeof(*books->cell));
	if (!books->cells || !books->cell)
		return -ENOMEM;
	books->cells_cap = nr;
	return 0;
}

static void show_cells(struct books *books, size_t i, unsigned int most, int64_t observed_ns)
{
	const struct region *region = &books->regions.at[i];
	struct cells *cells = &books->cells[i];

	if (!region_tells_ages(region))
		return;
	cells->at = &books->cell[i * most];
	cells_fill(cells, most, books->pages, region->map.range, &books->epochs, observed_ns);
	books->shown[i].cells = cells;
}

int books_snapshot(struct books *books, const struct books_view *view, struct snapshot *snap,
		   struct error *err)
{
	size_t nr = books->regions.nr;

	if (shown_reserve(books, nr) || (view->cells && cells_reserve(books, nr, view->cells)))
		return no_memory(err);
	for (size_t i = 0; i < nr; i++) {
		const struct region *region = &books->regions.at[i];

		snapshot_region_fill(&books->shown[i], region, &books->epochs, view->cold_after_ns);
		snap->cost.faults += region->tally.armed_touched;
		if (books->shown[i].sees == SEES_READS_WRITES)
			add_huge_use(books, view->split, region->map.range, snap);
		if (view->cells)
			show_cells(books, i, view->cells, snap->observed_ns);
	}
	snap->regions = books->shown;
	snap->nr_regions = (unsigned int)nr;
	if (!snapshot_sum(snap))
		return error_set(err, ERROR_FAILED, 0,
				 "the books of sample %u do not close: this is a bug in wsstat",
				 snap->sample);
	/* Method refs: whatever did not show may have been accessed as it was cleared. */
	snap->cost.lost_access_bound_bytes += snap->untracked_bytes[REASON_NO_AGES];
	return 0;
}

unsigned int books_methods(const struct books *books)
{
	unsigned int methods = 0;

	for (size_t i = 0; i < books->regions.nr; i++)
		methods |= 1u << books->regions.at[i].method;
	return methods & ~(1u << METHOD_NONE);
}

void books_disarm(struct books *books, struct target *target)
{
	for (size_t i = 0; i < books->regions.nr; i++) {
		const struct region *region = &books->regions.at[i];

		if (region->method != METHOD_NONE)
			target_method(target, region->method)
				->disarm(&target->tracker, region->map.range);
	}
}
