/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Recordings (--record), and all that lies between one and its JSON and text: what is taken is
 * shown, and its books close.
 */
#include "config.h"

#include "core/player.h"
#include "fuzz.h"
#include "fuzz_outputs.h"
#include "out/record.h"

#define COLD_AFTER_NS INT64_C(3000000000) /* of some of the inputs, by their length */

static void play(struct record_reader *reader, struct player *player)
{
	struct record record;
	struct error err = { 0 };
	int rc;

	while ((rc = record_read(reader, &record, &err)) > 0) {
		rc = player_take(player, &record, &err);
		if (rc)
			break;
	}
	fuzz_check(!rc || (err.kind == ERROR_USAGE && *err.text));
	if (!rc)
		fuzz_check(!player_end(player, END_REPLAYED, &err));
}

static void list(struct player *player)
{
	struct page_runs runs = { 0 };

	fuzz_check(!player_pages(player, PLAYER_HOT, &runs));
	fuzz_check(!player_pages(player, PLAYER_COLD, &runs));
	page_runs_free(&runs);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	FILE *file = size ? fmemopen((void *)data, size, "r") : NULL;
	struct both both;
	const struct listener listener = both_open(&both);
	const struct selection selection = { 0 };
	const struct player_config config = {
		.listener = &listener,
		.selection = &selection,
		.cold_after_ns = size % 2 ? COLD_AFTER_NS : 0,
		.decide = size % 3,
	};
	struct record_reader *reader = file ? record_reader_new(file, "fuzz") : NULL;
	struct player *player = player_new(&config);

	fuzz_check(player);
	if (reader) {
		play(reader, player);
		list(player);
	}
	player_free(player);
	record_reader_free(reader);
	both_close(&both);
	return 0;
}
