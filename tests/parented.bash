# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034,SC2154 # what is set here is for the tests, and by lib.bash
# A target that checks itself (helpers/selfcheck), below a parent that notes what it hears of it
# (helpers/parent), and attaches to it (helpers/borrow).

# One thread computes; emulated processors have enough of that.
LIGHT=(--main spin --threads 3 --others nanosleep)

setup() {
	live_setup
	BORROW=$HELPERS/borrow
	SAID=$BATS_TEST_TMPDIR/said
	REPORTS=$BATS_TEST_TMPDIR/reports
	TOLD=$BATS_TEST_TMPDIR/told
	TARGET='' PARENT=''
}

teardown() {
	[ -z "$TARGET" ] || kill -9 "$TARGET" 2>/dev/null || :
	[ -z "$PARENT" ] || kill -9 "$PARENT" 2>/dev/null || :
	[ -z "${SIGNALS:-}" ] || kill "$SIGNALS" 2>/dev/null || :
}

# wait_until COMMAND...: until it succeeds.
wait_until() {
	local end=$((SECONDS + PATIENCE_S))
	until "$@"; do
		[ "$SECONDS" -lt "$end" ] || return 1
		sleep 0.05
	done
}

# wait_for FILE LINE: until the file has a line that begins so.
wait_for() {
	wait_until grep -qs "^$2" "$1" || fail "no '$2', but: $(cat "$1")"
}

# wait_state LETTER: of the main thread.
wait_state() {
	wait_until grep -q "^State:.$1" "/proc/$TARGET/status" || fail "not in state $1"
}

# A target whose parent notes each report of waitpid(2); what is told to it goes to
# descriptor TO.  It is in a process group of its own, for job control.
target_start() {
	mkfifo "$BATS_TEST_TMPDIR/to"
	"$HELPERS/parent" "$SAID" "$HELPERS/selfcheck" "$@" <"$BATS_TEST_TMPDIR/to" \
		>"$REPORTS" 2>/dev/null 3>&- &
	PARENT=$!
	exec {TO}>"$BATS_TEST_TMPDIR/to"
	wait_for "$SAID" map
	TARGET=$(sed -n 's/^pid //p' "$SAID")
}

# Ends it: not harmed, and with nothing of ours in it.
target_end() {
	assert_clean "$TARGET" || return 1
	echo quit >&"$TO"
	wait_for "$REPORTS" ended || return 1
	grep -q '^ended 0$' "$REPORTS" || fail "$(cat "$SAID" "$REPORTS")" || return 1
	TARGET=''
}

# killed POINT: an attach dies there.
killed() {
	local status=0
	{ WSSTAT_FAULT=$1 "$BORROW" "$TARGET"; } >/dev/null 2>&1 || status=$?
	[ "$status" = 137 ] || fail "at $1 it ended with $status"
}

# borrowed [COUNT]: an attach works; what it tells is left in TOLD.
borrowed() {
	"$BORROW" "$TARGET" "${1:-1}" 2>"$TOLD" || fail "it ended with $?: $(cat "$TOLD")"
}

state_of() {
	sed -n 's/^State:\t\(.\).*/\1/p' "/proc/$1/status"
}

# refused STATUS WORDS: an attach is, within a few seconds, by a line with these words.
refused() {
	local status=0 began=$SECONDS
	"$BORROW" "$TARGET" >/dev/null 2>"$TOLD" || status=$?
	[ "$status" = "$1" ] && grep -q "$2" "$TOLD" && [ "$(wc -l <"$TOLD")" = 1 ] ||
		fail "status $status: $(cat "$TOLD")" || return 1
	[ $((SECONDS - began)) -lt 20 ] || fail "that took $((SECONDS - began)) s"
}
