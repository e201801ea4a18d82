#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# A run that nothing upsets: targets that never stay as they are (helpers/churn.c, which
# knows what every byte of its memory shall be), and lives that end or change at a
# bad moment.
# WSSTAT_STORM_SECONDS: how long the storm lasts, 8 if not set.
# WSSTAT_STORM_SEED: of all that is random in it; it is printed, to be given again.

load lib

SECONDS_LONG=${WSSTAT_STORM_SECONDS:-8}
SEED=${WSSTAT_STORM_SEED:-$RANDOM}
INTERVAL_S=0.1

setup() {
	live_setup
	TARGET=''
	SAID=$BATS_TEST_TMPDIR/said
}

teardown() {
	live_teardown
	[ -z "$TARGET" ] || kill -9 "$TARGET" 2>/dev/null || :
}

# churn OPTION...: its pid is left in TARGET.
churn() {
	echo "seed $SEED, options: $*"
	"$HELPERS/churn" --seed "$SEED" --dir "$BATS_TEST_TMPDIR" "$@" >"$SAID" 3>&- &
	TARGET=$!
}

# It looks at all once more and ends, unharmed.
churn_end() {
	local status=0 word
	kill -TERM "$TARGET" || :
	wait "$TARGET" || status=$?
	TARGET=''
	cat "$SAID"
	[ "$status" = 0 ] || fail "the target ended with $status" || return 1
	read -ra word <"$SAID"
	[ "${word[0]}" = fine ] || fail "the target was harmed" || return 1
}

# watch OPTION...: wsstat's status is left in WS_STATUS.
watch() {
	WS_STATUS=0
	timeout -k 5 "$((SECONDS_LONG + PATIENCE_S))" "$WSSTAT" -i "$INTERVAL_S" --json "$@" \
		-p "$TARGET" >"$WS_JSON" 2>>"$WS_ERR" </dev/null 3>&- || WS_STATUS=$?
	cat "$WS_ERR"
}

# One that has memory: the main thread may have none any more.
living_thread() {
	local task
	for task in "/proc/$TARGET/task/"*; do
		! readlink "$task/exe" >/dev/null || { echo "${task#/proc/}" && return; }
	done
}

samples() {
	jq -n '[inputs | select(.type == "sample")] | length' "$WS_JSON"
}

events() {
	jq -n --arg name "$1" '[inputs | select(.event == $name)] | length' "$WS_JSON"
}

@test "STORM001: memory, threads, children and the program itself change all the time" {
	churn --exec-ms 2000
	watch -d "$SECONDS_LONG"
	[ "$WS_STATUS" = 0 ] || fail "wsstat ended with $WS_STATUS"
	[ -d "/proc/$TARGET" ] || fail "the target has ended: $(cat "$SAID")"
	assert_clean "$TARGET"
	churn_end
	assert_books
	echo "$(samples) samples"
	[ "$(samples)" -ge "$((SECONDS_LONG / 2))" ] || fail "too few samples"
	[ "$(events exec)" -gt 0 ] || fail "no exec was told"
}

@test "STORM002: the main thread has ended, others live and run another program" {
	churn --headless --exec-ms 1500
	until grep -q '^State:.Z' "/proc/$TARGET/status" || ! kill -0 "$TARGET"; do sleep 0.01; done
	SECONDS_LONG=3 watch -d 3
	[ "$WS_STATUS" = 0 ] || fail "wsstat ended with $WS_STATUS"
	assert_clean "$(living_thread)"
	churn_end
	assert_books
	jq -e -n '[inputs | select(.type == "sample")]
		| length > 2 and (map(.tracked_bytes) | max) > 0' "$WS_JSON" >/dev/null ||
		fail "nothing was seen"
}

@test "STORM003: exec every 20 ms: neither hangs nor is lost" {
	churn --exec-ms 20 --no-forks
	SECONDS_LONG=3 watch -d 3
	[ -d "/proc/$TARGET" ] || fail "the target has ended: $(cat "$SAID")"
	churn_end
	[ "$(events exec)" -gt 0 ] || fail "no exec was told"
	[ "$(events exit)" = 0 ] || fail "an end was told"
	# There may be no moment for a sample.
	[ "$WS_STATUS" = 0 ] || grep -q 'one program after another' "$WS_ERR" ||
		fail "wsstat ended with $WS_STATUS"
}
