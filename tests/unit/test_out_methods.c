/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The output forms where regions are on several methods: what only writes are seen
 * of stays apart, reads are told from writes, refs knows no page ages, --exact tells
 * how full huge pages are.
 */
#include "config.h"

#include <string.h>

#include "out_check.h"
#include "tap.h"

static char *render(const struct out_fixture *fixture, const struct output_ops *ops, int columns)
{
	struct output out;

	out_check_setup(&out, ops, fixture, columns);
	return out_check_render(&out, fixture);
}

/* The lines of text from the one that begins so, up to an empty one; "" if there is none. */
static char *block(const char *text, const char *first)
{
	const char *at = strstr(text, first);
	const char *end = at ? strstr(at, "\n\n") : NULL;

	return end ? strndup(at, (size_t)(end - at)) : strdup("");
}

static void test_mixed_text(const struct out_fixture *fixture)
{
	static const struct out_expected list[] = {
		{ "OUT110: what was asked for beside a method",
		  "  kernel 7.3.4  huge pages split\n        writes told by soft-dirty\n" },
		{ "OUT111: each method with what it sees and its unit",
		  "        rwp (reads+writes, 4 KiB)  zap (reads+writes, 4 KiB to 2 MiB)\n"
		  "        wp (writes, 4 KiB)\n" },
		{ "OUT112: hot and cold are of reads and writes alone",
		  "\nresident 1.61 GiB   tracked 98.7%   hot 32.0 MiB (1.9%)   "
		  "cold 282 MiB (17.1%)\n" },
		{ "OUT113: reads told from writes",
		  "\nof hot: written 10.0 MiB   only read 16.0 MiB   not known 6.00 MiB\n" },
		{ "OUT114: writes only, in words of their own",
		  "\nwrites only: 1.21 GiB   written 184 MiB (11.2%)   "
		  "unwritten 979 MiB (59.4%)\n\n" },
		{ "OUT115: the first table has a row for them, and ends at 100 %",
		  "\nwrites only                          1.21 GiB    74.9%    98.7%  #######" },
		{ "OUT116: a table of their own, in line with the first",
		  "\nunwritten for                            size    share   within\n"
		  "< 5 s                    written      184 MiB    11.2%    11.2%  ##\n"
		  "5 s - 10 s                           40.0 MiB     2.4%    13.6%  #\n" },
		{ "OUT117: its last row",
		  "\nsince start, >= 1 m 5 s  unwritten    979 MiB    59.4%    74.9%  ####" },
		{ "OUT118: the heat of reads and writes stands before it",
		  "\ntouched in n of the last 8 windows: 8: 32.0 MiB   1: 16.0 MiB   "
		  "0: 346 MiB\n" },
		{ "OUT171: what was touched again, too",
		  "\ntouched again, idle before for 5 s - 10 s: 16.0 MiB\n"
		  "        since start, >= 59.9 s: 1.00 MiB\n\nunwritten for" },
		{ "OUT119: beside the books stands what is of both",
		  "\nswapped: 12.0 MiB   zero page: 1.00 MiB   384 MiB seen in 2 MiB units\n" },
		{ "OUT120: how full the huge pages are",
		  "\nhuge pages: 120 MiB touched of 1.00 GiB backed (11.7%)\n" },
		{ "OUT121: a name in two rows, for two methods",
		  "\n 4.00 MiB   5.00 MiB          30 s  rwp  anonymous\n" },
		{ "OUT122: written is no column of the hot table",
		  "\n  written   resident unwritten p50  how  mapping\n"
		  "  180 MiB   1.20 GiB          30 s  wp   [heap]\n"
		  " 4.00 MiB   5.00 MiB          30 s  wp   anonymous\n\ncost" },
		{ "OUT123: stops", "stopped 1.2 ms in 13 stops, the longest 104 us\n" },
		{ "OUT124: the summary of both",
		  "\nwritten     150 MiB          -    190 MiB    184 MiB\n" },
		{ "OUT125: what became of huge pages",
		  "\nhuge pages: 1.00 GiB split, 980 MiB (95.7%) of it in huge pages again\n" },
	};
	auto_free char *text = render(fixture, &output_text, 80);
	auto_free char *hot = block(text, "      hot   resident");

	out_check_expected(text, list, ARRAY_LEN(list));
	ok(*hot && !strstr(hot, "  wp  "), "OUT126: no region of writes among the hot");
	ok(strstr(hot, "  -    ...-linux-gnu/libc.so.6"), "OUT127: but the untracked ones");
}

static void test_mixed_wide(const struct out_fixture *fixture)
{
	static const struct out_expected list[] = {
		{ "OUT128: share of the writes-only memory, where there is room",
		  "\nwrites only: 1.21 GiB (74.9%)   written 184 MiB (11.2%)   " },
		{ "OUT129: the stops in one line",
		  "   stopped 1.2 ms in 13 stops, the longest 104 us   wsstat 2.5 ms" },
	};
	auto_free char *text = render(fixture, &output_text, 120);

	out_check_expected(text, list, ARRAY_LEN(list));
}

static void test_mixed_brief(const struct out_fixture *fixture)
{
	static const struct out_expected list[] = {
		{ "OUT130: written comes last",
		  "    13    65.0 1.61G 1.59G 32.0M 80.0M  282M 12.0M 20.6M   1.9   5.00  "
		  "184M\n" },
		{ "OUT131: and in the summary", ", resident max 1.61 GiB, written mean 150 MiB\n" },
	};
	auto_free char *text = render(fixture, &output_brief, 80);

	out_check_expected(text, list, ARRAY_LEN(list));
}

static void test_mixed_json(const struct out_fixture *fixture)
{
	static const struct out_expected list[] = {
		{ "OUT132: nothing was asked for: the best for each region",
		  "\"method\":\"auto\",\"sees\":null,\"exact\":true,\"soft_dirty\":true," },
		{ "OUT133: figures of reads and writes; written and only read",
		  "\"hot_bytes\":33554432,\"warm_bytes\":83886080,\"cold_bytes\":295698432,"
		  "\"written_bytes\":10485760,\"only_read_bytes\":16777216,"
		  "\"zero_page_bytes\":1048576,\"huge_bytes\":402653184,\"reason\":null,"
		  "\"huge_backed_bytes\":1073741824,\"huge_touched_bytes\":125829120," },
		{ "OUT134: writes only",
		  "\"writes_only\":{\"resident_bytes\":1293942784,\"written_bytes\":192937984,"
		  "\"unwritten_bytes\":1026555904,\"idle\":[{\"ge_seconds\":0.0," },
		{ "OUT135: a region of writes: no warm, no cold, no reads",
		  "\"kind\":\"heap\",\"method\":\"wp\",\"sees\":\"writes\",\"unit_bytes\":4096,"
		  "\"since_sample\":1,\"reason\":null,\"resident_bytes\":1288699904,"
		  "\"tracked_bytes\":1288699904,\"untracked_bytes\":0,\"swapped_bytes\":12582912,"
		  "\"hot_bytes\":188743680,\"warm_bytes\":null,\"cold_bytes\":null,"
		  "\"written_bytes\":188743680,\"only_read_bytes\":null," },
		{ "OUT136: a region where they are told apart",
		  "\"hot_bytes\":25165824,\"warm_bytes\":83886080,\"cold_bytes\":293601280,"
		  "\"written_bytes\":6291456,\"only_read_bytes\":16777216," },
		{ "OUT137: and one where they are not",
		  "\"hot_bytes\":4194304,\"warm_bytes\":0,\"cold_bytes\":1048576,"
		  "\"written_bytes\":null,\"only_read_bytes\":null," },
		{ "OUT138: stops",
		  "\"stopped_seconds\":0.0012,\"stops\":13,\"longest_stop_seconds\":0.000104," },
		{ "OUT139: summary",
		  "\"written_mean_bytes\":157286400,\"written_max_bytes\":199229440," },
		{ "OUT172: and what became of huge pages",
		  "\"split_bytes\":1073741824,\"collapsed_bytes\":1027604480," },
	};
	auto_free char *text = render(fixture, &output_json, 80);

	out_check_expected(text, list, ARRAY_LEN(list));
}

static void test_mixed(void)
{
	struct out_fixture fixture;

	out_fixture_make(&fixture);
	out_fixture_mixed(&fixture);
	test_mixed_text(&fixture);
	test_mixed_wide(&fixture);
	test_mixed_brief(&fixture);
	test_mixed_json(&fixture);
}

/* Nothing may be called hot or cold, and yet all is told. */
static void test_writes(void)
{
	static const struct out_expected text_list[] = {
		{ "OUT140: the method that was asked for", "  kernel 7.3.4  method wp\n" },
		{ "OUT141: figures",
		  "   hot n/a   cold n/a\nwrites only: 1.59 GiB   written 216 MiB "
		  "(13.1%)   unwritten 1.23 GiB (76.5%)\nn/a: no region whose" },
		{ "OUT142: the table ends at 100 %",
		  "\nuntracked                            20.6 MiB     1.3%   100.0%  #\n\n" },
		{ "OUT143: several regions in one row",
		  "\n 8.00 MiB   10.0 MiB         < 5 s  wp   anonymous\n" },
		{ "OUT144: what is untracked, below", "\n      n/a   20.0 MiB           n/a  -  " },
		{ "OUT145: summary", "\nhot             n/a        n/a        n/a        n/a\n" },
	};
	static const struct out_expected json_list[] = {
		{ "OUT146: header", "\"method\":\"wp\",\"sees\":\"writes\",\"exact\":false," },
		{ "OUT147: null with its reason; zero pages and huge pages are known",
		  "\"cold_bytes\":null,\"written_bytes\":null,\"only_read_bytes\":null,"
		  "\"zero_page_bytes\":1048576,\"huge_bytes\":402653184,\"reason\":\"no region "
		  "whose reads and writes are seen\",\"huge_backed_bytes\":null," },
		{ "OUT148: no histograms of the whole",
		  "\"idle\":null,\"heat\":null,\"retouched\":null" },
		{ "OUT149: nor huge pages in the summary",
		  "\"split_bytes\":null,\"collapsed_bytes\":null," },
	};
	struct out_fixture fixture;
	auto_free char *text = NULL, *json = NULL;

	out_fixture_make(&fixture);
	out_fixture_writes(&fixture);
	text = render(&fixture, &output_text, 80);
	json = render(&fixture, &output_json, 80);
	out_check_expected(text, text_list, ARRAY_LEN(text_list));
	out_check_expected(json, json_list, ARRAY_LEN(json_list));
	ok(!strstr(text, "\nidle for") && !strstr(text, "      hot  ") &&
		   !strstr(text, "touched in"),
	   "OUT150: nothing is called hot, idle or touched");
}

static void test_refs(void)
{
	static const struct out_expected text_list[] = {
		{ "OUT162: no unit but the mapping",
		  "\n        refs (reads+writes, by mapping)\n" },
		{ "OUT151: figures", "   tracked 13.1%   hot 216 MiB (13.1%)   cold n/a\n"
				     "n/a: method refs knows no page ages\n" },
		{ "OUT152: one row, and the rest",
		  "\n< 5 s        hot    216 MiB    13.1%    13.1%  #####\n"
		  "untracked          1.40 GiB    86.9%   100.0%  ####" },
		{ "OUT153: no median", "\n 8.00 MiB   10.0 MiB           n/a  refs  anonymous\n" },
		{ "OUT154: summary", "\ncold            n/a          -          -        n/a\n" },
	};
	static const struct out_expected json_list[] = {
		{ "OUT155: null with its reason", "\"hot_bytes\":226492416,\"warm_bytes\":null,"
						  "\"cold_bytes\":null,\"written_bytes\":null," },
		{ "OUT163: no unit", "\"method\":\"refs\",\"sees\":\"reads+writes\","
				     "\"unit_bytes\":null," },
		{ "OUT156: it", "\"reason\":\"method refs knows no page ages\"," },
		{ "OUT157: one bucket",
		  "\"idle\":[{\"ge_seconds\":0.0,\"lt_seconds\":5.0,\"bytes\":"
		  "226492416}],\"heat\":null,\"retouched\":null," },
		{ "OUT158: of a region, too",
		  "\"idle_median_seconds\":null,\"idle_median_since_start\":null,"
		  "\"idle\":[{\"ge_seconds\":0.0,\"lt_seconds\":5.0,\"bytes\":188743680}],"
		  "\"heat\":null,\"retouched\":null,\"working_set\":null}" },
	};
	struct out_fixture fixture;
	auto_free char *text = NULL, *json = NULL;

	out_fixture_make(&fixture);
	out_fixture_refs(&fixture);
	text = render(&fixture, &output_text, 80);
	json = render(&fixture, &output_json, 80);
	out_check_expected(text, text_list, ARRAY_LEN(text_list));
	out_check_expected(json, json_list, ARRAY_LEN(json_list));
	ok(!strstr(text, "touched in n of"), "OUT159: no windows are counted");
}

/* Of one name: on rwp, on wp, never observed, and found in this sample. */
static void test_rows(void)
{
	static const struct out_expected list[] = {
		{ "OUT160: what is found goes with what is observed of that name",
		  "\n  180 MiB   1.22 GiB    >= 1 m 5 s  wp   x\n" },
		{ "OUT161: what is never observed does not go with writes",
		  "\n      n/a   12.0 KiB           n/a  -    x  (regular file)\n" },
	};
	struct out_fixture fixture;
	struct output out;
	auto_free char *text = NULL;

	out_fixture_make(&fixture);
	out_fixture_mixed(&fixture);
	fixture.regions[0].name = "x"; /* wp */
	fixture.regions[6].name = "x";
	fixture.regions[6].reason = REASON_NEW;
	fixture.regions[7].name = "x";
	out_check_setup(&out, &output_text, &fixture, 80);
	out.verbose = true;
	text = out_check_render(&out, &fixture);
	out_check_expected(text, list, ARRAY_LEN(list));
}

/* Fifteen mappings of 4 MiB hot beside those of the fixture: ten have a row. */
static void test_rest(void)
{
	static const struct out_expected list[] = {
		{ "OUT164: the rest is added up", "\n 36.0 MiB   65.0 MiB                     "
						  "12 more (all with -v)\n" },
	};
	static char names[15][8];
	struct out_fixture fixture;
	auto_free char *text = NULL;

	out_fixture_make(&fixture);
	for (unsigned int i = 0; i < ARRAY_LEN(names); i++) {
		struct snapshot_region *region = &fixture.regions[FIXTURE_NR_REGIONS - 1 - i];

		snprintf(names[i], sizeof(names[i]), "m%02u", i);
		*region = fixture.regions[4];
		region->name = names[i];
	}
	text = render(&fixture, &output_text, 80);
	out_check_expected(text, list, ARRAY_LEN(list));
}

int main(void)
{
	test_mixed();
	test_writes();
	test_refs();
	test_rows();
	test_rest();
	return done();
}
