#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# wsstat attaches and detaches again and again, alone, two at once, and killed by SIGKILL at
# any time, to targets that check themselves; they must never notice.
# WSSTAT_CYCLES: how often, 10000 for a proof; WSSTAT_CYCLES_KILLS: how many
# runs are killed.

load lib
load target

GUEST_CYCLES=${VM_OUT:+8}
CYCLES=${WSSTAT_CYCLES:-${GUEST_CYCLES:-30}}
GUEST_KILLS=${VM_OUT:+8}
KILLS=${WSSTAT_CYCLES_KILLS:-${GUEST_KILLS:-16}}
KILL_MS=${WSSTAT_CYCLES_KILL_MS:-${VM_OUT:+600}} # by then a run is about to end
KILL_MS=${KILL_MS:-30}
SLACK_MS=5000 # a call that is stopped again and again is late, by the time between two stops

setup() {
	require_wp_async
	live_setup
	target_setup
	RUN=("$WSSTAT" -v -i 1ms -n 1 --json -p PID)
}

teardown() {
	target_teardown
	live_teardown
}

# cycles OPTION... TARGETS: what the runs came to is left in TOLD.
cycles() {
	local status=0
	TOLD=$("$HERE/helpers/attach_cycles" "$@" "${RUN[@]}" 3>&-) || status=$?
	echo "$TOLD"
	return "$status"
}

@test "CYC001: attached and detached many times: no check fails, nothing is left over" {
	target_start "$HELPERS/selfcheck" --threads 10
	cycles -n "$CYCLES" "$TARGET"
	[[ $TOLD = "rounds $CYCLES ended $CYCLES killed 0 guardians 0 leftover 0"* ]]
	assert_clean "$TARGET"
	target_end
	[[ $SAID = *" harms 0 uffds 0 "* ]]
}

@test "CYC002: the same, and calls with timeouts keep their results and their time" {
	target_start "$HELPERS/callers" 100 "$SLACK_MS"
	cycles -n "$CYCLES" "$TARGET"
	assert_clean "$TARGET"
	target_end
}

@test "CYC003: two attach at the same moment: both come to their end, the target to no harm" {
	target_start "$HELPERS/selfcheck" --threads 10
	cycles -n $((CYCLES / 2)) -j 2 "$TARGET"
	[[ $TOLD = *" ended $((CYCLES / 2 * 2)) killed 0 guardians 0 leftover 0"* ]]
	assert_clean "$TARGET"
	target_end
	[[ $SAID = *" harms 0 uffds 0 "* ]]
}

# What the first one observes is its own, until it ends.
@test "CYC004: a second one says that another has the memory, and harms neither" {
	sit_start
	sit_area map a memfd 4M populate
	ws_attach
	ws_until sample
	"$WSSTAT" -q -i 0.1 -n 1 --json -p "$SIT_PID" >"$BATS_TEST_TMPDIR/second"
	jq -e -n '[inputs | select(.type == "sample")][0] | .tracked_bytes == 0 and
		any(.untracked[]; .reason == "owned by another userfaultfd")' \
		"$BATS_TEST_TMPDIR/second"
	in_window sit write a 0 10
	expect_hot a 10
	ws_until sample
	ws_end
	[ "$WS_STATUS" = 0 ]
	check_expected
	assert_clean "$SIT_PID"
}

# A guardian that is killed cannot keep a call from answering EINTR, as calls do that are
# stopped by anybody (signal(7)); and it may leave a userfaultfd in the target, idle.
@test "CYC005: killed at any time, alone, with its group, and with its guardian" {
	target_start "$HELPERS/selfcheck" --threads 10 --eintr counts
	cycles -n $((2 * KILLS)) -k "$KILL_MS" "$TARGET"
	[[ $TOLD =~ killed\ ([0-9]+)\ guardians\ ([0-9]+) ]]
	[ "${BASH_REMATCH[1]}" -gt $((KILLS / 8)) ] || fail "hardly one was killed"
	target_end
	[[ $SAID = *" harms 0 "* ]]
}

@test "CYC006: killed alone at any time: no call answers EINTR, and nothing is left over" {
	target_start "$HELPERS/selfcheck" --threads 10
	cycles -n $((2 * KILLS)) -k "$KILL_MS" -w alone,group "$TARGET"
	[[ $TOLD =~ killed\ ([0-9]+)\ guardians\ 0 ]]
	[ "${BASH_REMATCH[1]}" -gt $((KILLS / 4)) ] || fail "hardly one was killed"
	assert_clean "$TARGET"
	target_end
	[[ $SAID = *" harms 0 uffds 0 "* ]]
}
