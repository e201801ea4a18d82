/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Method replay: what a script of windows says was seen. */
#include "config.h"

#include "track/replay.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "base/io.h"
#include "base/parse.h"
#include "base/units.h"
#include "kernel/maps.h"
#include "track/tracker.h"

struct seen {
	struct range range;
	unsigned int bits;
	int refusal;		   /* of a refuse line; else REFUSAL_* */
	enum region_method method; /* of a method line */
};

#define UNTOUCHED (~(unsigned int)(PAGE_BIT_TOUCHED | PAGE_BIT_WRITTEN | PAGE_BIT_ONLY_READ))

/* What is no errno: of a lost line, of an unarmed line. */
#define REFUSAL_LOST (-1)
#define REFUSAL_UNARMED (-2)

struct frame {
	int64_t at_ns;
	uint64_t seen_end;	  /* of the last see line */
	struct mapping_list maps; /* empty: as before */
	struct seen *seen;
	size_t nr, cap;
};

struct replay {
	const char *name;
	char *text;
	int pid;
	char *comm;
	uint64_t start_ns;
	int64_t interval_ns;
	struct frame *frame;
	size_t nr, cap;
	size_t now;    /* frame, from 1; 0 before the first */
	size_t mapped; /* the frame whose maps hold */
	unsigned int line;
	bool begun; /* 'wsstat-replay 1' was read */
};

static void *grow(void *array, size_t nr, size_t *cap, size_t size)
{
	void *grown;

	if (nr < *cap)
		return array;
	grown = reallocarray(array, *cap ? 2 * *cap : 16, size);
	if (grown)
		*cap = *cap ? 2 * *cap : 16;
	return grown;
}

static int bad_line(const struct replay *replay, const char *what, struct error *err)
{
	return error_set(err, ERROR_USAGE, 0, "%s:%u: %s", replay->name, replay->line, what);
}

static int no_memory(struct error *err)
{
	return error_set(err, ERROR_FAILED, ENOMEM, "reading the recording");
}

/* The next word of *at, terminated; "" when there is none. */
static char *next_word(char **at)
{
	char *word = *at + strspn(*at, " \t");
	size_t len = strcspn(word, " \t");

	*at = word + len + (word[len] != '\0');
	word[len] = '\0';
	return word;
}

static int end_of_line(const struct replay *replay, char *rest, struct error *err)
{
	return *next_word(&rest) ? bad_line(replay, "too many words", err) : 0;
}

static int take_time(const struct replay *replay, char **rest, int64_t *ns, struct error *err)
{
	int rc = parse_duration(next_word(rest), ns, err);

	return !rc && *ns > LONGEST_NS ? bad_line(replay, "too long a time", err) : rc;
}

static int take_target(struct replay *replay, char *rest, struct error *err)
{
	int rc = parse_pid(next_word(&rest), &replay->pid, err);

	if (rc)
		return rc;
	free(replay->comm);
	replay->comm = strdup(rest);
	return replay->comm ? 0 : no_memory(err);
}

static int take_start(struct replay *replay, char *rest, struct error *err)
{
	int rc = parse_u64(next_word(&rest), &replay->start_ns, err);

	if (!rc && replay->start_ns > LONGEST_NS)
		return bad_line(replay, "too late a start", err);
	return rc ? rc : end_of_line(replay, rest, err);
}

static int take_interval(struct replay *replay, char *rest, struct error *err)
{
	int rc = take_time(replay, &rest, &replay->interval_ns, err);

	return rc ? rc : end_of_line(replay, rest, err);
}

static int take_sample(struct replay *replay, char *rest, struct error *err)
{
	struct frame *grown = grow(replay->frame, replay->nr, &replay->cap, sizeof(*grown));
	struct frame *frame;
	int rc;

	if (!grown)
		return no_memory(err);
	replay->frame = grown;
	frame = &replay->frame[replay->nr];
	*frame = (struct frame){ 0 };
	rc = take_time(replay, &rest, &frame->at_ns, err);
	if (!rc)
		rc = end_of_line(replay, rest, err);
	if (rc)
		return rc;
	if (replay->nr && frame->at_ns < frame[-1].at_ns)
		return bad_line(replay, "this sample is before the last", err);
	replay->nr++;
	return 0;
}

static struct frame *last_frame(struct replay *replay)
{
	return replay->nr ? &replay->frame[replay->nr - 1] : NULL;
}

/* One map line, by the parser of the real thing. */
static int take_map(struct replay *replay, char *rest, struct error *err)
{
	struct frame *frame = last_frame(replay);
	struct mapping_list one = { 0 };
	struct mapping *grown;
	int rc;

	if (!frame)
		return bad_line(replay, "map before the first sample", err);
	rc = maps_parse(&one, rest, err);
	if (rc == -EINVAL || (!rc && one.nr != 1))
		rc = bad_line(replay, "not a mapping as /proc/PID/maps has it", err);
	if (!rc && frame->maps.nr &&
	    frame->maps.at[frame->maps.nr - 1].range.end > one.at[0].range.start)
		rc = bad_line(replay, "mappings are not in ascending order", err);
	if (!rc) {
		grown = grow(frame->maps.at, frame->maps.nr, &frame->maps.cap, sizeof(*grown));
		if (grown) {
			frame->maps.at = grown;
			frame->maps.at[frame->maps.nr++] = one.at[0];
		} else {
			rc = no_memory(err);
		}
	}
	free(one.at);
	return rc;
}

static int add_seen(struct replay *replay, const char *where, struct seen seen, struct error *err)
{
	struct frame *frame = last_frame(replay);
	struct seen *grown;
	int rc = parse_addr_range(where, &seen.range.start, &seen.range.end, err);

	if (rc)
		return rc;
	if (!frame || seen.range.start % PAGE_BYTES || seen.range.end % PAGE_BYTES)
		return bad_line(replay, "not whole pages of a sample", err);
	if (seen.bits && seen.range.start < frame->seen_end)
		return bad_line(replay, "pages are not in ascending order", err);
	grown = grow(frame->seen, frame->nr, &frame->cap, sizeof(*grown));
	if (!grown)
		return no_memory(err);
	frame->seen = grown;
	frame->seen[frame->nr++] = seen;
	if (seen.bits)
		frame->seen_end = seen.range.end;
	return 0;
}

/* Written or only read is how a page was touched. */
static bool ways_fit(unsigned int bits)
{
	unsigned int ways = bits & (PAGE_BIT_WRITTEN | PAGE_BIT_ONLY_READ);

	if (ways == (PAGE_BIT_WRITTEN | PAGE_BIT_ONLY_READ))
		return false;
	return !ways || bits & PAGE_BIT_TOUCHED;
}

static int take_see(struct replay *replay, char *rest, struct error *err)
{
	static const struct {
		char letter;
		unsigned int bit;
	} letters[] = {
		{ 'P', PAGE_BIT_PRESENT },   { 'T', PAGE_BIT_TOUCHED }, { 'S', PAGE_BIT_SWAPPED },
		{ 'Z', PAGE_BIT_ZERO },	     { 'H', PAGE_BIT_HUGE },	{ 'W', PAGE_BIT_WRITTEN },
		{ 'R', PAGE_BIT_ONLY_READ }, { 'K', PAGE_BIT_KEPT },
	};
	const char *where = next_word(&rest);
	struct seen seen = { 0 };

	for (const char *c = next_word(&rest); *c; c++) {
		unsigned int before = seen.bits;

		for (unsigned int i = 0; i < ARRAY_LEN(letters); i++)
			seen.bits |= letters[i].letter == *c ? letters[i].bit : 0;
		if (seen.bits == before)
			return bad_line(replay, "see takes P, T, S, Z, H, W, R and K, each once",
					err);
	}
	if (!(seen.bits & (PAGE_BIT_PRESENT | PAGE_BIT_SWAPPED | PAGE_BIT_KEPT)))
		return bad_line(replay, "pages seen are present (P), swapped (S) or kept (K)", err);
	if (!ways_fit(seen.bits))
		return bad_line(replay, "touched (T) are pages written (W) or else only read (R)",
				err);
	return end_of_line(replay, rest, err) ? -EINVAL : add_seen(replay, where, seen, err);
}

static int take_refuse(struct replay *replay, char *rest, struct error *err)
{
	const char *where = next_word(&rest);
	uint64_t number;
	int rc = parse_u64(next_word(&rest), &number, err);

	if (rc)
		return rc;
	if (!number || number > 4095)
		return bad_line(replay, "not an errno", err);
	if (end_of_line(replay, rest, err))
		return -EINVAL;
	return add_seen(replay, where, (struct seen){ .refusal = (int)number }, err);
}

static int take_answer(struct replay *replay, char *rest, int answer, struct error *err)
{
	const char *where = next_word(&rest);

	if (end_of_line(replay, rest, err))
		return -EINVAL;
	return add_seen(replay, where, (struct seen){ .refusal = answer }, err);
}

static int take_lost(struct replay *replay, char *rest, struct error *err)
{
	return take_answer(replay, rest, REFUSAL_LOST, err);
}

static int take_unarmed(struct replay *replay, char *rest, struct error *err)
{
	return take_answer(replay, rest, REFUSAL_UNARMED, err);
}

static int take_method(struct replay *replay, char *rest, struct error *err)
{
	static const enum region_method methods[] = { METHOD_RWP, METHOD_ZAP, METHOD_WP,
						      METHOD_REFS };
	const char *where = next_word(&rest), *name = next_word(&rest);
	struct seen seen = { 0 };

	for (unsigned int i = 0; i < ARRAY_LEN(methods); i++)
		if (!strcmp(name, region_method_name(methods[i])))
			seen.method = methods[i];
	if (seen.method == METHOD_NONE)
		return bad_line(replay, "a method is rwp, zap, wp or refs", err);
	return end_of_line(replay, rest, err) ? -EINVAL : add_seen(replay, where, seen, err);
}

static const struct {
	const char *word;
	int (*take)(struct replay *replay, char *rest, struct error *err);
} verbs[] = {
	{ "target", take_target },   { "start", take_start }, { "interval", take_interval },
	{ "sample", take_sample },   { "map", take_map },     { "see", take_see },
	{ "refuse", take_refuse },   { "lost", take_lost },   { "method", take_method },
	{ "unarmed", take_unarmed },
};

static int take_line(struct replay *replay, char *line, struct error *err)
{
	const char *word;

	if (!*line || *line == '#')
		return 0;
	if (!replay->begun) {
		replay->begun = !strcmp(line, "wsstat-replay 1");
		return replay->begun
			       ? 0
			       : bad_line(replay, "not a recording ('wsstat-replay 1' is missing)",
					  err);
	}
	word = next_word(&line);
	for (unsigned int i = 0; i < ARRAY_LEN(verbs); i++)
		if (!strcmp(word, verbs[i].word))
			return verbs[i].take(replay, line, err);
	return bad_line(replay, "unknown word", err);
}

static int check_whole(const struct replay *replay, struct error *err)
{
	if (!replay->comm || replay->interval_ns <= 0 || replay->nr < 1 ||
	    !replay->frame[0].maps.nr)
		return error_set(
			err, ERROR_USAGE, 0,
			"%s: incomplete: target, interval, a first sample and its maps are "
			"needed",
			replay->name);
	return 0;
}

int replay_parse(char *text, const char *name, struct replay **out, struct error *err)
{
	struct replay *replay = calloc(1, sizeof(*replay));
	int rc = 0;

	if (!replay)
		return no_memory(err);
	replay->name = name;
	for (char *line = text, *next; *line && !rc; line = next) {
		size_t len = strcspn(line, "\n");

		next = line + len + (line[len] == '\n');
		line[len] = '\0';
		replay->line++;
		rc = take_line(replay, line, err);
		if (rc && err->kind == ERROR_USAGE && !strstr(err->text, name))
			error_context(err, "%s:%u", name, replay->line);
	}
	if (!rc)
		rc = check_whole(replay, err);
	if (rc)
		replay_free(replay);
	else
		*out = replay;
	return rc;
}

int replay_load(const char *path, struct replay **replay, struct error *err)
{
	auto_close int fd = open(path, O_RDONLY | O_CLOEXEC);
	auto_free char *text = NULL;
	size_t cap = 0, len;
	int rc = fd < 0 ? -errno : io_read_all(fd, &text, &cap, &len);

	if (rc || !text)
		return error_errno(err, rc ? -rc : ENOMEM, "cannot read %s", path);
	rc = replay_parse(text, path, replay, err);
	if (!rc) {
		(*replay)->text = text;
		text = NULL;
	}
	return rc;
}

void replay_free(struct replay *replay)
{
	if (!replay)
		return;
	for (size_t i = 0; i < replay->nr; i++) {
		free(replay->frame[i].maps.at);
		free(replay->frame[i].seen);
	}
	free(replay->frame);
	free(replay->comm);
	free(replay->text);
	free(replay);
}

int replay_pid(const struct replay *replay)
{
	return replay->pid;
}

const char *replay_comm(const struct replay *replay)
{
	return replay->comm;
}

int64_t replay_start_ns(const struct replay *replay)
{
	return (int64_t)replay->start_ns;
}

int64_t replay_interval_ns(const struct replay *replay)
{
	return replay->interval_ns;
}

bool replay_next(struct replay *replay)
{
	if (replay->now == replay->nr)
		return false;
	replay->now++;
	if (replay->frame[replay->now - 1].maps.nr)
		replay->mapped = replay->now - 1;
	return true;
}

int64_t replay_now_ns(const struct replay *replay)
{
	return replay->frame[replay->now - 1].at_ns;
}

const struct mapping_list *replay_maps(const struct replay *replay)
{
	return &replay->frame[replay->mapped].maps;
}

/* Tell what the present frame says of range; untouched if the question is not that. */
static int tell(const struct replay *replay, struct range range, unsigned int mask,
		struct sink *sink)
{
	const struct frame *frame = &replay->frame[replay->now - 1];
	uint64_t at = range.start;
	int rc = 0;

	for (size_t i = 0; i < frame->nr && !rc; i++) {
		struct range run = range_clip(frame->seen[i].range, range);

		if (!frame->seen[i].bits || range_empty(run))
			continue;
		if (at < run.start)
			rc = sink->run(sink, (struct range){ at, run.start }, 0);
		if (!rc)
			rc = sink->run(sink, run, frame->seen[i].bits & mask);
		at = run.end;
	}
	if (!rc && at < range.end)
		rc = sink->run(sink, (struct range){ at, range.end }, 0);
	return rc;
}

/* What the refuse, lost or unarmed line that covers range says, 0 if there is none. */
static int refusal_of(const struct replay *replay, struct range range)
{
	const struct frame *frame = &replay->frame[replay->now - 1];

	for (size_t i = 0; i < frame->nr; i++)
		if (frame->seen[i].refusal && range_overlaps(frame->seen[i].range, range))
			return frame->seen[i].refusal;
	return 0;
}

/* The method line for range, of this sample or the last one that has any. */
static enum region_method method_of(const struct replay *replay, struct range range)
{
	for (size_t f = replay->now; f-- > 0;) {
		const struct frame *frame = &replay->frame[f];

		for (size_t i = 0; i < frame->nr; i++)
			if (frame->seen[i].method != METHOD_NONE &&
			    range_overlaps(frame->seen[i].range, range))
				return frame->seen[i].method;
	}
	return METHOD_REPLAY;
}

/* What that method would tell of the pages. */
static unsigned int mask_of(enum region_method method)
{
	unsigned int ways = PAGE_BIT_WRITTEN | PAGE_BIT_ONLY_READ;

	return method == METHOD_ZAP ? ~0u : ~ways;
}

static bool replay_suits(const struct tracker *t, const struct mapping *map)
{
	(void)t;
	(void)map;
	return true;
}

static int replay_arm(struct tracker *t, const struct mapping *map, struct armed *armed,
		      struct sink *sink)
{
	int refused = refusal_of(t->state, map->range);

	armed->method = method_of(t->state, map->range);
	armed->sees = armed->method == METHOD_WP ? SEES_WRITES : SEES_READS_WRITES;
	armed->told_apart = armed->method == METHOD_ZAP;
	armed->unit_bytes = armed->method == METHOD_REFS ? 0 : PAGE_BYTES;
	armed->refusal = refused;
	if (refused > 0)
		return TRACK_REFUSED;
	return tell(t->state, map->range, UNTOUCHED, sink);
}

static int replay_confirm(struct tracker *t, const struct mapping *map)
{
	int refused = refusal_of(t->state, map->range);

	return refused && refused != REFUSAL_UNARMED ? 0 : 1;
}

static int replay_collect(struct tracker *t, const struct mapping *map, struct range range,
			  struct sink *sink)
{
	int refused = refusal_of(t->state, range), rc;

	if (refused == REFUSAL_LOST)
		return TRACK_LOST;
	rc = tell(t->state, range, mask_of(method_of(t->state, map->range)), sink);
	return !rc && refused == REFUSAL_UNARMED ? TRACK_UNARMED : rc;
}

static int replay_survey(struct tracker *t, const struct mapping *map, struct sink *sink)
{
	bool refs = method_of(t->state, map->range) == METHOD_REFS;

	return tell(t->state, map->range, refs ? mask_of(METHOD_REFS) : UNTOUCHED, sink);
}

static void replay_disarm(struct tracker *t, struct range range)
{
	(void)t;
	(void)range;
}

const struct tracker_ops tracker_replay = {
	.name = "replay",
	.method = METHOD_REPLAY,
	.suits = replay_suits,
	.arm = replay_arm,
	.confirm = replay_confirm,
	.collect = replay_collect,
	.survey = replay_survey,
	.disarm = replay_disarm,
};
