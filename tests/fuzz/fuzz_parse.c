/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Options' values: every text is taken or refused with a word, none misread. */
#include "config.h"

#include "base/parse.h"
#include "fuzz.h"

static void check_list(const char *text)
{
	struct error err = { 0 };
	unsigned int nr = 0;
	int64_t ns[4];

	if (parse_duration_list(text, ns, 4, &nr, &err)) {
		fuzz_check(err.kind == ERROR_USAGE && *err.text);
		return;
	}
	fuzz_check(nr >= 1 && nr <= 4 && ns[0] > 0);
	for (unsigned int i = 1; i < nr; i++)
		fuzz_check(ns[i] > ns[i - 1]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_text(data, size);
	struct error err = { 0 };
	uint64_t start, end, number;
	uint64_t millionths;
	int64_t ns = -1;
	int pid = 0;

	if (!parse_duration(text, &ns, &err))
		fuzz_check(ns >= 0);
	if (!parse_percent(text, &millionths, &err))
		fuzz_check(millionths <= UINT64_C(1000001000000));
	if (!parse_addr_range(text, &start, &end, &err))
		fuzz_check(start < end);
	if (!parse_pid(text, &pid, &err))
		fuzz_check(pid > 0 && !parse_u64(text, &number, &err) && number == (uint64_t)pid);
	check_list(text);
	free(text);
	return 0;
}
