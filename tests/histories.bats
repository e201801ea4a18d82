#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Every figure that is computed of what was seen, against a straightforward computation
# (helpers/histories).
# WSSTAT_HISTORIES: how many, 250 if not set.  WSSTAT_HISTORIES_SEED: another row of them.

load lib

@test "HISTORY01: histograms, curve, coldness and decision table of random histories, to the byte" {
	/usr/bin/python3 "$HERE/helpers/histories" "$WSSTAT" "${WSSTAT_HISTORIES:-250}" \
		"${WSSTAT_HISTORIES_SEED:-1}" "$BATS_TEST_TMPDIR"
}
