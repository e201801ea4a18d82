/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Recordings, and all that lies between one and its JSON and text: what parses
 * is run, and its books must close.
 */
#include "config.h"

#include "core/run.h"
#include "fuzz.h"
#include "fuzz_outputs.h"
#include "track/replay.h"

#define MOST_BYTES (UINT64_C(1) << 30) /* mapped, in one recording */

/* Memory is not what is to be tried out. */
static bool too_large(struct replay *replay)
{
	uint64_t bytes = 0;

	while (replay_next(replay))
		for (size_t i = 0; i < replay_maps(replay)->nr; i++) {
			uint64_t more = range_bytes(replay_maps(replay)->at[i].range);

			bytes = more > MOST_BYTES ? MOST_BYTES + 1 : bytes + more;
			if (bytes > MOST_BYTES)
				return true;
		}
	return false;
}

static void run(struct replay *replay)
{
	struct sampler_config config = {
		.interval_ns = replay_interval_ns(replay),
		.cold_after_ns = INT64_C(120000000000),
	};
	struct both both;
	const struct listener listener = both_open(&both);
	struct run_result result;
	struct error err = { 0 };
	struct target *target;

	edges_default(&config.edges, config.interval_ns, config.cold_after_ns);
	fuzz_check(!target_of_replay(&target, replay, &err));
	fuzz_check(!run_targets(&target, 1, &config, &listener, &result, &err));
	both_close(&both);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_text(data, size), *again = fuzz_text(data, size);
	struct replay *replay = NULL;
	struct error err = { 0 };
	bool small;

	if (replay_parse(text, "fuzz", &replay, &err)) {
		fuzz_check(err.kind == ERROR_USAGE && *err.text);
	} else {
		small = !too_large(replay);
		replay_free(replay);
		fuzz_check(!replay_parse(again, "fuzz", &replay, &err));
		if (small)
			run(replay); /* takes it over */
		else
			replay_free(replay);
	}
	free(text);
	free(again);
	return 0;
}
