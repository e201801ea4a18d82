/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Text and JSON of a run that a fuzz target makes; neither may fail. */
#ifndef WSSTAT_TESTS_FUZZ_FUZZ_OUTPUTS_H
#define WSSTAT_TESTS_FUZZ_FUZZ_OUTPUTS_H

#include "core/sampler.h"
#include "fuzz.h"
#include "out/output.h"

/* Two outputs hear the run. */
struct both {
	struct output text, json;
};

static inline int hear_header(void *ctx, const struct run_info *info, struct error *err)
{
	struct both *both = ctx;

	fuzz_check(!output_header(&both->json, info, err));
	return output_header(&both->text, info, err);
}

static inline int hear_sample(void *ctx, const struct snapshot *snap, struct error *err)
{
	struct both *both = ctx;

	fuzz_check(!output_sample(&both->json, snap, err));
	return output_sample(&both->text, snap, err);
}

static inline int hear_event(void *ctx, const struct event *event, struct error *err)
{
	struct both *both = ctx;

	fuzz_check(!output_event(&both->json, event, err));
	return output_event(&both->text, event, err);
}

static inline int hear_summary(void *ctx, const struct run_summary *summary, struct error *err)
{
	struct both *both = ctx;

	fuzz_check(!output_summary(&both->json, summary, err));
	return output_summary(&both->text, summary, err);
}

/* It lives as long as both. */
static inline struct listener both_open(struct both *both)
{
	struct error err = { 0 };

	fuzz_check(!output_open(&both->text, &output_text, "/dev/null", 1, &err));
	fuzz_check(!output_open(&both->json, &output_json, "/dev/null", 1, &err));
	both->text.verbose = 1;
	return (struct listener){
		.ctx = both,
		.header = hear_header,
		.sample = hear_sample,
		.event = hear_event,
		.summary = hear_summary,
	};
}

static inline void both_close(struct both *both)
{
	struct error err = { 0 };

	fuzz_check(!output_close(&both->text, &err) && !output_close(&both->json, &err));
}

#endif
