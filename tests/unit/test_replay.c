/* SPDX-License-Identifier: GPL-2.0-or-later */
/* track/replay.c: recordings, good and bad, and what the method tells of them. */
#include "config.h"

#include "track/replay.h"

#include <errno.h>
#include <string.h>

#include "tap.h"
#include "track/tracker.h"

#define HEAD "wsstat-replay 1\ntarget 4242 redis server\nstart 1000\ninterval 5s\n"
#define MAP "map 10000-20000 rw-p 00000000 00:00 0 [heap]\n"
#define FIRST HEAD "sample 0\n" MAP

static struct replay *replay;
static struct error err;
static char *text;

static int parse(const char *lines)
{
	replay_free(replay);
	replay = NULL;
	free(text);
	text = strdup(lines);
	err = (struct error){ 0 };
	return text ? replay_parse(text, "rec", &replay, &err) : -ENOMEM;
}

static void test_good(void)
{
	ok(!parse("# a comment\n\n" FIRST "see 10000-11000 P\n#\nsample 5s\nsample 10.5s\n" MAP
		  "map 30000-31000 rw-s 00000000 00:01 7 /memfd:a b (deleted)\n"),
	   "REPLAY01: a recording");
	ok(replay_pid(replay) == 4242 && replay_start_ns(replay) == 1000 &&
		   replay_interval_ns(replay) == 5000000000,
	   "REPLAY02: its head");
	is_str(replay_comm(replay), "redis server", "REPLAY03: a name with a blank");
	ok(replay_next(replay) && !replay_now_ns(replay) && replay_maps(replay)->nr == 1,
	   "REPLAY04: the first sample");
	ok(replay_next(replay) && replay_now_ns(replay) == 5000000000 &&
		   replay_maps(replay)->nr == 1,
	   "REPLAY05: one without maps has those of the one before");
	ok(replay_next(replay) && replay_now_ns(replay) == 10500000000 &&
		   replay_maps(replay)->nr == 2,
	   "REPLAY06: one with maps has its own");
	is_str(replay_maps(replay)->at[1].name, "/memfd:a b (deleted)",
	       "REPLAY07: and their names");
	ok(!replay_next(replay), "REPLAY08: the end");
	ok(!replay_next(replay), "REPLAY08: and no further");
	ok(!parse("wsstat-replay 1\ntarget 1 \nstart 0\ninterval 1\nsample 3s\n" MAP) &&
		   replay_next(replay) && !*replay_comm(replay),
	   "REPLAY09: no name, no newline at the end, no sample at 0");
}

static const struct {
	const char *lines;
	const char *says; /* part of the message */
} wrong[] = {
	{ "", "rec: incomplete" },
	{ "# only a comment\n", "rec: incomplete" },
	{ "target 1 x\n", "rec:1: not a recording" },
	{ "#\nwsstat-replay 2\n", "rec:2: not a recording" },
	{ "wsstat-replay 1 \n", "rec:1: not a recording" },
	{ "wsstat-replay 1\nwsstat-replay 1\n", "rec:2: unknown word" },
	{ HEAD, "rec: incomplete" },
	{ HEAD "sample 0\n", "rec: incomplete" },
	{ "wsstat-replay 1\nstart 1\ninterval 1\nsample 0\n" MAP, "rec: incomplete" },
	{ "wsstat-replay 1\ntarget 1 x\nstart 1\nsample 0\n" MAP, "rec: incomplete" },
	{ "wsstat-replay 1\ntarget 1 x\ninterval 0\nsample 0\n" MAP, "rec: incomplete" },
	{ "wsstat-replay 1\ntarget\n", "rec:2: '' is not a process id" },
	{ "wsstat-replay 1\ntarget 0 x\n", "rec:2: '0' is not a process id" },
	{ "wsstat-replay 1\nstart -1\n", "rec:2: '-1' is not a whole number" },
	{ "wsstat-replay 1\nstart 9223372036854775807\n", "rec:2: too late" },
	{ "wsstat-replay 1\nstart 1 2\n", "rec:2: too many words" },
	{ "wsstat-replay 1\ninterval 5x\n", "rec:2: '5x' is not a duration" },
	{ "wsstat-replay 1\ninterval 9223372036\n", "rec:2: too long" },
	{ "wsstat-replay 1\ninterval 5 s\n", "rec:2: too many words" },
	{ HEAD "sample\n", "rec:5: '' is not a duration" },
	{ HEAD "sample 5s late\n", "rec:5: too many words" },
	{ HEAD "sample 5s\nsample 4s\n", "rec:6: this sample is before" },
	{ HEAD MAP, "rec:5: map before" },
	{ HEAD "see 1000-2000 P\n", "rec:5: not whole pages of a sample" },
	{ HEAD "refuse 1000-2000 16\n", "rec:5: not whole pages of a sample" },
	{ FIRST "map\n", "rec:7: not a mapping" },
	{ FIRST "map 1000-2000 rw-p\n", "rec:7: not a mapping" },
	{ FIRST "map 1f000-21000 rw-p 00000000 00:00 0 \n", "rec:7: mappings are not" },
	{ FIRST "map ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0 [vsyscall]\n",
	  "rec:7: not a mapping" },
	{ FIRST "see 10000-11000\n", "rec:7: pages seen are present" },
	{ FIRST "see 10000-11000 T\n", "rec:7: pages seen are present" },
	{ FIRST "see 10000-11000 PX\n", "rec:7: see takes" },
	{ FIRST "see 10000-11000 PP\n", "rec:7: see takes" },
	{ FIRST "see 10000-11000 p\n", "rec:7: see takes" },
	{ FIRST "see 10000-11000 P T\n", "rec:7: too many words" },
	{ FIRST "see 10000-11000 PW\n", "rec:7: touched (T) are" },
	{ FIRST "see 10000-11000 KR\n", "rec:7: touched (T) are" },
	{ FIRST "see 10000-11000 PTWR\n", "rec:7: touched (T) are" },
	{ FIRST "see 10000 P\n", "rec:7: '10000' is not an address range" },
	{ FIRST "see 10001-11000 P\n", "rec:7: not whole pages" },
	{ FIRST "see 10000-11001 P\n", "rec:7: not whole pages" },
	{ FIRST "see 11000-10000 P\n", "rec:7: '11000-10000' ends before" },
	{ FIRST "see 11000-12000 P\nsee 10000-11000 P\n", "rec:8: pages are not in" },
	{ FIRST "see 11000-13000 P\nsee 12000-14000 P\n", "rec:8: pages are not in" },
	{ FIRST "see 11000-13000 P\nlost 10000-20000\nsee 12000-14000 P\n",
	  "rec:9: pages are not" },
	{ FIRST "refuse 10000-20000\n", "rec:7: '' is not a whole number" },
	{ FIRST "refuse 10000-20000 0\n", "rec:7: not an errno" },
	{ FIRST "refuse 10000-20000 4096\n", "rec:7: not an errno" },
	{ FIRST "refuse 10000-20000 16 1\n", "rec:7: too many words" },
	{ FIRST "lost\n", "rec:7: '' is not an address range" },
	{ FIRST "lost 10000-20000 1\n", "rec:7: too many words" },
	{ FIRST "method\n", "rec:7: a method is" },
	{ FIRST "method 10000-20000\n", "rec:7: a method is" },
	{ FIRST "method 10000-20000 replay\n", "rec:7: a method is" },
	{ FIRST "method 10000-20000 wp 1\n", "rec:7: too many words" },
	{ FIRST "method 10000 wp\n", "rec:7: '10000' is not an address range" },
	{ FIRST "method 10000-10001 wp\n", "rec:7: not whole pages" },
	{ FIRST "seen 10000-11000 P\n", "rec:7: unknown word" },
};

static void test_wrong(void)
{
	for (unsigned int i = 0; i < ARRAY_LEN(wrong); i++) {
		bool refused = parse(wrong[i].lines) == -EINVAL && err.kind == ERROR_USAGE;

		if (!ok(refused && strstr(err.text, wrong[i].says) == err.text,
			"REPLAY10: wrong recording %u: %s", i, wrong[i].says))
			printf("# said: %s\n", err.text);
	}
}

/* Takes what is told as text: "10000-11000:3 ..." */
struct heard {
	struct sink sink;
	char text[256];
};

static int hear(struct sink *sink, struct range range, unsigned int bits)
{
	struct heard *heard = (struct heard *)sink;
	size_t used = strlen(heard->text);

	snprintf(heard->text + used, sizeof(heard->text) - used, "%llx-%llx:%x ",
		 (unsigned long long)range.start, (unsigned long long)range.end, bits);
	return 0;
}

static const struct range heap = { 0x10000, 0x20000 };
static const struct mapping heap_map = { .range = { 0x10000, 0x20000 }, .name = "" };

static void test_collect(void)
{
	struct tracker t = { .state = replay };
	struct heard heard = { .sink = { hear } };

	ok(replay_next(replay) &&
		   tracker_replay.collect(&t, &heap_map, heap, &heard.sink) == TRACK_OK,
	   "REPLAY11: the pages of a sample");
	is_str(heard.text, "10000-11000:0 11000-12000:3 12000-14000:4 14000-20000:0 ",
	       "REPLAY12: what is not named is absent; every page is told once");
	heard.text[0] = '\0';
	ok(tracker_replay.collect(&t, &heap_map, (struct range){ 0x13000, 0x30000 }, &heard.sink) ==
		   TRACK_OK,
	   "REPLAY13: a part of it");
	is_str(heard.text, "13000-14000:4 14000-2f000:0 2f000-30000:19 ", "REPLAY14: is clipped");
	ok(tracker_replay.confirm(&t, &heap_map) == 1, "REPLAY15: it is still armed");
	ok(replay_next(replay) &&
		   tracker_replay.collect(&t, &heap_map, heap, &heard.sink) == TRACK_LOST &&
		   tracker_replay.confirm(&t, &heap_map) == 0,
	   "REPLAY16: then another has its place");
}

static void test_arm(void)
{
	struct tracker t = { .state = replay };
	struct heard heard = { .sink = { hear } };
	struct mapping map = { .range = heap };
	struct armed armed = { .method = METHOD_REPLAY };

	ok(replay_next(replay) &&
		   tracker_replay.arm(&t, &map, &armed, &heard.sink) == TRACK_REFUSED &&
		   armed.refusal == EBUSY && !*heard.text,
	   "REPLAY17: arming is refused");
	ok(tracker_replay.collect(&t, &heap_map, heap, &heard.sink) == TRACK_OK,
	   "REPLAY26: what is armed already is not refused");
	heard.text[0] = '\0';
	ok(!tracker_replay.survey(&t, &map, &heard.sink), "REPLAY18: its pages can be counted");
	is_str(heard.text, "10000-12000:1 12000-20000:0 ", "REPLAY19: touched or not");
	heard.text[0] = '\0';
	map.range = (struct range){ 0x2f000, 0x30000 };
	ok(tracker_replay.arm(&t, &map, &armed, &heard.sink) == TRACK_OK &&
		   armed.unit_bytes == PAGE_BYTES,
	   "REPLAY20: another is armed");
	is_str(heard.text, "2f000-30000:1 ", "REPLAY21: and nothing of it is touched yet");
}

static void test_method(void)
{
	if (!ok(!parse(FIRST "see 11000-12000 PT\nsee 12000-14000 S\nsee 2f000-30000 PZH\n"
			     "sample 5s\nlost 10000-11000\nsample 10s\nrefuse 1f000-20000 16\n"
			     "see 10000-12000 PT\nsee 2f000-30000 PT\n"),
		"REPLAY22: a recording for the method"))
		return;
	test_collect();
	test_arm();
}

#define SEE                                                             \
	"see 10000-11000 PTW\nsee 11000-12000 PTR\nsee 12000-13000 P\n" \
	"see 13000-14000 K\n"

static bool arms_as(struct tracker *t, enum region_method method, enum region_sees sees)
{
	struct heard heard = { .sink = { hear } };
	struct armed armed = { .method = METHOD_REPLAY };

	return tracker_replay.arm(t, &heap_map, &armed, &heard.sink) == TRACK_OK &&
	       armed.method == method && armed.sees == sees &&
	       armed.told_apart == (method == METHOD_ZAP) &&
	       !strcmp(heard.text,
		       "10000-11000:1 11000-12000:1 12000-13000:1 13000-14000:80 14000-20000:0 ");
}

/* The ways in which pages were touched are told where the method would. */
static void check_ways(struct tracker *t, const char *told, const char *name)
{
	struct heard heard = { .sink = { hear } };

	ok(tracker_replay.collect(t, &heap_map, heap, &heard.sink) == TRACK_OK,
	   "REPLAY27: collected");
	is_str(heard.text, told, name);
}

static void test_methods(void)
{
	const char *plain = "10000-11000:3 11000-12000:3 12000-13000:1 13000-14000:80 "
			    "14000-20000:0 ";
	struct tracker t = { 0 };

	if (!ok(!parse(FIRST SEE "sample 1\nmethod 1f000-30000 wp\n" SEE
				 "sample 2\nmethod 10000-11000 rwp\n" SEE "sample 3\n" SEE
				 "sample 4\nmethod 10000-20000 zap\n" SEE),
		"REPLAY28: a recording of methods"))
		return;
	t.state = replay;
	ok(replay_next(replay) && arms_as(&t, METHOD_REPLAY, SEES_READS_WRITES),
	   "REPLAY29: without a method line");
	check_ways(&t, plain, "REPLAY30: replay does not tell reads from writes");
	ok(replay_next(replay) && arms_as(&t, METHOD_WP, SEES_WRITES),
	   "REPLAY31: wp sees writes; a line that overlaps the mapping is enough");
	check_ways(&t, plain, "REPLAY32: and tells no ways");
	ok(replay_next(replay) && arms_as(&t, METHOD_RWP, SEES_READS_WRITES),
	   "REPLAY33: a later line counts");
	ok(replay_next(replay) && arms_as(&t, METHOD_RWP, SEES_READS_WRITES),
	   "REPLAY34: and goes on to");
	ok(replay_next(replay) && arms_as(&t, METHOD_ZAP, SEES_READS_WRITES),
	   "REPLAY35: zap tells reads from writes");
	check_ways(&t, "10000-11000:23 11000-12000:43 12000-13000:1 13000-14000:80 14000-20000:0 ",
		   "REPLAY36: written, and only read");
}

static void test_refs(void)
{
	struct heard heard = { .sink = { hear } };
	struct armed armed = { .method = METHOD_REPLAY };
	struct tracker t = { 0 };

	if (!ok(!parse(FIRST "method 10000-20000 refs\n" SEE "sample 1\n" SEE),
		"REPLAY37: a recording of refs"))
		return;
	t.state = replay;
	ok(replay_next(replay) &&
		   tracker_replay.arm(&t, &heap_map, &armed, &heard.sink) == TRACK_OK &&
		   armed.method == METHOD_REFS && armed.sees == SEES_READS_WRITES &&
		   !armed.unit_bytes,
	   "REPLAY38: refs has no unit");
	heard.text[0] = '\0';
	ok(!tracker_replay.survey(&t, &heap_map, &heard.sink), "REPLAY39: its pages are counted");
	is_str(heard.text,
	       "10000-11000:3 11000-12000:3 12000-13000:1 13000-14000:80 14000-20000:0 ",
	       "REPLAY40: those that were referenced, too");
}

static void test_load(void)
{
	struct replay *loaded = NULL;

	ok(replay_load("/nonexistent/rec", &loaded, &err) == -ENOENT &&
		   strstr(err.text, "/nonexistent/rec"),
	   "REPLAY23: a file that is not there");
	ok(replay_load("/", &loaded, &err) == -EISDIR, "REPLAY24: a folder");
	ok(replay_load("/dev/null", &loaded, &err) == -EINVAL && err.kind == ERROR_USAGE &&
		   strstr(err.text, "/dev/null: incomplete"),
	   "REPLAY25: an empty file");
}

int main(void)
{
	test_good();
	test_wrong();
	test_method();
	test_methods();
	test_refs();
	test_load();
	replay_free(replay);
	free(text);
	return done();
}
