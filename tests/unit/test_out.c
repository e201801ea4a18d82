/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The output forms on a made-up run.  Called with the name of a form, a number of
 * samples and perhaps a variant it prints that run: tests/schema/validate reads it.
 */
#include "config.h"

#include <errno.h>
#include <signal.h>
#include <string.h>

#include "base/clock.h"
#include "out/output.h"
#include "out/words.h"
#include "out_check.h"
#include "tap.h"

static const struct output_ops *const forms[] = { &output_text, &output_brief, &output_json };

static int widest(const char *text)
{
	int columns = 0, max = 0;

	for (; *text; text++) {
		columns = *text == '\n' ? 0 : columns + ((*text & 0xc0) != 0x80);
		max = columns > max ? columns : max;
	}
	return max;
}

static bool harmless(const char *text)
{
	for (; *text; text++) {
		if ((*text > 0 && *text < ' ' && *text != '\n') || *text == 0x7f)
			return false;
	}
	return true;
}

static void test_text(const struct out_fixture *fixture)
{
	static const struct out_expected list[] = {
		{ "OUT10: title, method and unit below where it is too long",
		  "\nwsstat  redis-server[4242]  sample 13  65.0 s  window 5.00 s\n"
		  "        rwp (reads+writes, 4 KiB to 2 MiB)\n" },
		{ "OUT11: figures", "\nresident 1.61 GiB   tracked 98.7%   hot 216 MiB (13.1%)   "
				    "cold 1.23 GiB (76.5%)\n" },
		{ "OUT12: the hot row",
		  "\n< 5 s                    hot     216 MiB    13.1%    13.1%  ###\n" },
		{ "OUT13: a bucket that can be filled is there, and no later one",
		  "\n1 m - 2 m                warm        0 B     0.0%    22.3%\nsince start" },
		{ "OUT14: since the start, with its bound",
		  "\nsince start, >= 1 m 5 s  cold   1.23 GiB    76.5%    98.7%  ####" },
		{ "OUT15: the table ends at 100 %",
		  "\nuntracked                       20.6 MiB     1.3%   100.0%  #\n" },
		{ "OUT16: heat", "\ntouched in n of the last 8 windows: 8: 216 MiB   1: 56.0 MiB   "
				 "0: 1.32 GiB\n" },
		{ "OUT17: untracked by reason",
		  "\nuntracked: 4.00 KiB new in this sample,\n        8.00 KiB could not be armed" },
		{ "OUT18: swapped, zero page, huge",
		  "\nswapped: 12.0 MiB   zero page: 1.00 MiB   384 MiB seen in 2 MiB units\n" },
		{ "OUT19: hottest mapping", "\n  180 MiB   1.20 GiB          30 s  rwp  [heap]\n" },
		{ "OUT20: anonymous mappings in one row",
		  "\n 8.00 MiB   10.0 MiB         < 5 s  rwp  anonymous\n" },
		{ "OUT21: a hostile name is shown, not sent",
		  "  /tmp/\\x1b[2J\\xc2\\x9bx\\xff-\303\251\342\202\254\n" },
		{ "OUT22: n/a where nothing is seen, the path's end, the reason",
		  "\n      n/a   20.0 MiB           n/a  -    ...-linux-gnu/libc.so.6"
		  "  (regular file)\n" },
		{ "OUT23: the rest of the mappings", "  12 more (all with -v)\n" },
		{ "OUT24: cost", "\ncost: ioctls 1.2 ms   faults 54272   wsstat 2.5 ms (0.05% of" },
		{ "OUT25: exec", "\nevent   65.0 s  exec: /bin/true\n" },
		{ "OUT26: summary", "\nhot         200 MiB   20.0 MiB    300 MiB    216 MiB\n" },
	};
	struct output out;
	auto_free char *text = NULL;

	out_check_setup(&out, &output_text, fixture, 80);
	text = out_check_render(&out, fixture);
	out_check_expected(text, list, ARRAY_LEN(list));
	ok(widest(text) <= 80, "OUT27: nothing beyond column 80");
	ok(!strstr(text, "region_new"), "OUT28: no region events");
}

static void test_text_wide(const struct out_fixture *fixture)
{
	static const struct out_expected list[] = {
		{ "OUT30: title in one line",
		  "window 5.00 s  rwp (reads+writes, 4 KiB to 2 MiB)\n" },
		{ "OUT31: tracked bytes, too", "   tracked 1.59 GiB (98.7%)   " },
		{ "OUT32: region event",
		  "region_new: region_new  7f0300000000-7f0380000000  /tmp/" },
		{ "OUT33: all mappings", "        0 B             -  rwp  [stack]\n" },
		{ "OUT34: no UTF-8 in another locale", "-\\xc3\\xa9\\xe2\\x82\\xac\n" },
	};
	struct output out;
	auto_free char *text = NULL;

	out_check_setup(&out, &output_text, fixture, 120);
	out.verbose = true;
	out.utf8 = false;
	text = out_check_render(&out, fixture);
	out_check_expected(text, list, ARRAY_LEN(list));
}

static void test_brief(const struct out_fixture *fixture)
{
	static const struct out_expected list[] = {
		{ "OUT40: columns",
		  "sample elapsed resid track   hot  warm  cold  swap untrk  hot% "
		  "window  wrtn\n"
		  "    13    65.0 1.61G 1.59G  216M  151M 1.23G 12.0M 20.6M  13.1   "
		  "5.00     -\n# " },
		{ "OUT41: event", "\n# 65.0 s  exec: /bin/true\n" },
		{ "OUT42: summary",
		  "\n# target exited: 13 samples in 65.0 s, 1 late, hot mean 200 MiB, " },
	};
	struct output out;
	auto_free char *text = NULL;

	out_check_setup(&out, &output_brief, fixture, 80);
	text = out_check_render(&out, fixture);
	out_check_expected(text, list, ARRAY_LEN(list));
	ok(!strstr(text, "region"), "OUT43: no region events");
}

static void test_json(const struct out_fixture *fixture)
{
	static const struct out_expected list[] = {
		{ "OUT50: header",
		  "{\"type\":\"header\",\"schema\":\"wsstat/1\",\"version\":\"0.1\",\"kernel\":" },
		{ "OUT51: whole seconds and fractions",
		  "\"observed_seconds\":65.0,\"window_seconds\":5.000123456,\"late_seconds\":0.0," },
		{ "OUT52: first bucket",
		  "\"idle\":[{\"ge_seconds\":0.0,\"lt_seconds\":5.0,\"bytes\":226492416}," },
		{ "OUT53: last buckets",
		  "{\"ge_seconds\":3600.0,\"lt_seconds\":null,\"bytes\":0},"
		  "{\"ge_seconds\":65.0,\"lt_seconds\":null,\"since_start\":true,\"bytes\":1322254336}]" },
		{ "OUT54: untracked region: null and the reason",
		  "\"kind\":\"private_file\",\"method\":null,\"sees\":null,\"unit_bytes\":null,"
		  "\"since_sample\":null,\"reason\":\"regular file\"," },
		{ "OUT55: hostile name",
		  "\"name\":\"/tmp/\\\\x1b[2J\\\\xc2\\\\x9bx\\\\xff-\303\251\342\202\254\"" },
		{ "OUT56: cost",
		  "\"cost\":{\"ioctl_seconds\":0.0012,\"faults\":54272,\"stopped_seconds\":0.0,"
		  "\"stops\":0,\"longest_stop_seconds\":0.0,"
		  "\"wsstat_cpu_seconds\":0.0025,\"lost_access_bound\":0}}\n" },
		{ "OUT57: no range", "\"start\":null,\"end\":null,\"name\":\"/bin/true\"," },
		{ "OUT58: retouched since the start, less this window",
		  "{\"idle_ge_seconds\":59.999876544,\"idle_lt_seconds\":null,\"since_start\":" },
	};
	struct output out;
	auto_free char *text = NULL;

	out_check_setup(&out, &output_json, fixture, 80);
	text = out_check_render(&out, fixture);
	out_check_expected(text, list, ARRAY_LEN(list));
}

static void test_harmless(const struct out_fixture *fixture)
{
	for (unsigned int i = 0; i < ARRAY_LEN(forms); i++) {
		struct output out;
		auto_free char *text = NULL;

		out_check_setup(&out, forms[i], fixture, 80);
		out.verbose = true;
		text = out_check_render(&out, fixture);
		ok(harmless(text), "OUT60: no control character in %s", forms[i]->name);
	}
}

/* Nothing is seen: never a 0 that was not measured. */
static void test_blind(void)
{
	static const struct out_expected lists[ARRAY_LEN(forms)][2] = {
		{ { "OUT70: figures n/a", "   hot n/a   cold n/a\nn/a: no region whose" },
		  { "OUT71: summary n/a", "\ncold            n/a          -          -" } },
		{ { "OUT72: columns n/a", "   n/a   n/a   n/a     0 20.6M   n/a   5.00     -\n" },
		  { "OUT73: summary n/a", "hot mean n/a, cold mean n/a," } },
		{ { "OUT74: null, and the reason",
		    "\"hot_bytes\":null,\"warm_bytes\":null,\"cold_bytes\":null,"
		    "\"written_bytes\":null,\"only_read_bytes\":null,\"zero_page_bytes\":null,\"huge_bytes\":null,\"reason\":\"no region whose" },
		  { "OUT75: no histograms", "\"idle\":null,\"heat\":null,\"retouched\":null," } },
	};
	struct out_fixture fixture;

	out_fixture_make(&fixture);
	out_fixture_blind(&fixture);
	for (unsigned int i = 0; i < ARRAY_LEN(forms); i++) {
		struct output out;
		auto_free char *text = NULL;

		out_check_setup(&out, forms[i], &fixture, 80);
		text = out_check_render(&out, &fixture);
		out_check_expected(text, lists[i], 2);
	}
}

static void test_no_sample(struct out_fixture *fixture)
{
	static const struct out_expected list[] = {
		{ "OUT76: no sample: null, and the reason",
		  "\"resident_max_bytes\":null,\"hot_mean_bytes\":null,\"hot_min_bytes\":null,"
		  "\"hot_max_bytes\":null,\"cold_mean_bytes\":null,\"reason\":\"no sample was" },
	};
	struct output out;
	auto_free char *text = NULL;

	fixture->summary.samples = 0;
	fixture->summary.tracked = false;
	fixture->summary.last = NULL;
	out_check_setup(&out, &output_json, fixture, 80);
	text = out_check_render(&out, fixture);
	out_check_expected(text, list, ARRAY_LEN(list));
}

static void test_full(const struct out_fixture *fixture)
{
	const char *wanted = "cannot write to /dev/full: No space left on device";
	struct output out;
	struct error err = { 0 };

	if (!ok(!output_open(&out, &output_json, "/dev/full", 1, &err), "OUT80: open"))
		return;
	ok(output_header(&out, &fixture->info, &err) == -ENOSPC, "OUT81: a full disk fails");
	is_str(err.text, wanted, "OUT82: and says where");
	ok(output_sample(&out, &fixture->snap, &err) == -ENOSPC, "OUT83: and goes on to fail");
	ok(!output_close(&out, &err), "OUT84: closing does not tell it again");
}

static void test_refused(const struct out_fixture *fixture)
{
	struct output out;
	struct error err = { 0 };
	int ends[2];

	ok(output_open(&out, &output_text, "/nonexistent/x", 1, &err) == -ENOENT,
	   "OUT85: no folder");
	is_str(err.text, "cannot write to /nonexistent/x: No such file or directory",
	       "OUT86: says so");
	if (pipe(ends))
		return;
	close(ends[0]);
	ok(!output_open(&out, &output_text, NULL, ends[1], &err), "OUT87: a closed pipe opens");
	ok(output_header(&out, &fixture->info, &err) == -EPIPE, "OUT88: and fails");
	is_str(err.text, "cannot write to standard output: Broken pipe", "OUT89: by its name");
	ok(!output_close(&out, &err), "OUT90: closing does not tell it again");
	close(ends[1]);
	ok(output_open(&out, &output_text, NULL, ends[1], &err) == -EBADF, "OUT91: closed stdout");
}

static void test_words(void)
{
	char buf[FORMAT_LEN];
	char path[] = "/usr/lib/libc.so.6", name[] = "\303\251\303\251\303\251\303\251\303\251";

	is_str(words_seconds(buf, 50000000), "0.050 s", "OUT92: below a second");
	is_str(words_seconds(buf, 4996000000), "5.00 s", "OUT93: below ten");
	is_str(words_seconds(buf, 3600 * NS_PER_S), "3600.0 s", "OUT94: seconds always");
	is_str(words_cost(buf, 0), "0%", "OUT120: no cost");
	is_str(words_cost(buf, 1), "0.000001%", "OUT121: the smallest");
	is_str(words_cost(buf, 200000), "0.2%", "OUT122: no noughts behind");
	is_str(words_cost(buf, 52340), "0.0523%", "OUT123: three digits");
	is_str(words_cost(buf, 5714285), "5.71%", "OUT124: above one");
	is_str(words_cost(buf, 20000000), "20%", "OUT125: no point behind");
	is_str(words_cost(buf, 1234567890), "1235%", "OUT126: whole");
	is_str(words_at_least(buf, 59999999999), ">= 59.9 s", "OUT95: bounds are rounded down");
	is_str(words_at_least(buf, 65999999999), ">= 1 m 5 s", "OUT96: in minutes, too");
	is_str(words_unit(buf, 2 << 20), "2 MiB", "OUT97: units");
	is_str(words_column(buf, 0, true), "0", "OUT98: no unit for nothing");
	is_str(words_tail(path, 12), "...libc.so.6", "OUT99: the end of a path");
	is_str(words_tail(name, 4), "...\303\251", "OUT100: never within a character");
}

static const struct {
	const char *name;
	void (*change)(struct out_fixture *fixture);
} variants[] = {
	{ "mixed", out_fixture_mixed },
	{ "writes", out_fixture_writes },
	{ "refs", out_fixture_refs },
	{ "blind", out_fixture_blind },
};

/* The run in the named form, `samples` alike; variant: of the table above, or "". */
static int print_run(const char *form, unsigned int samples, const char *variant)
{
	struct out_fixture fixture;
	struct output out;
	struct error err;
	int ret = -EINVAL;

	out_fixture_make(&fixture);
	for (unsigned int i = 0; i < ARRAY_LEN(variants); i++) {
		if (!strcmp(variants[i].name, variant))
			variants[i].change(&fixture);
	}
	out_fixture_sum_up(&fixture, samples);
	for (unsigned int i = 0; i < ARRAY_LEN(forms); i++) {
		if (!strcmp(forms[i]->name, form))
			ret = output_open(&out, forms[i], NULL, STDOUT_FILENO, &err);
	}
	if (!ret)
		ret = output_header(&out, &fixture.info, &err);
	for (unsigned int i = 1; !ret && i <= samples; i++) {
		fixture.snap.sample = i;
		ret = output_sample(&out, &fixture.snap, &err);
	}
	for (unsigned int i = 0; !ret && i < EVENT_NR; i++)
		ret = output_event(&out, &fixture.events[i], &err);
	if (!ret)
		ret = output_summary(&out, &fixture.summary, &err);
	return ret ? 1 : 0;
}

int main(int argc, char **argv)
{
	struct out_fixture fixture;

	signal(SIGPIPE, SIG_IGN);
	if (argc >= 3)
		return print_run(argv[1], (unsigned int)strtoul(argv[2], NULL, 10),
				 argc > 3 ? argv[3] : "");

	ok(out_fixture_make(&fixture), "OUT01: the books of the run close");
	test_text(&fixture);
	test_text_wide(&fixture);
	test_brief(&fixture);
	test_json(&fixture);
	test_harmless(&fixture);
	test_blind();
	test_full(&fixture);
	test_refused(&fixture);
	test_words();
	test_no_sample(&fixture);
	return done();
}
