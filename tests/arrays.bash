# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# What by.bats and whose.bats share: helpers/arrays is run, and its groups are looked at.

INTERVAL_S=${WSSTAT_TEST_INTERVAL:-${VM_OUT:+3}} # so many accesses take long in a guest
INTERVAL_S=${INTERVAL_S:-0.3}
MIB8=8388608
PAGE=4096
PAGES_SHARED=$((2 * (PAGE - 1))) # at most, of an array's first and last page

setup() {
	live_setup
	ARRAYS=$BATS_TEST_TMPDIR/arrays
	cp "$HELPERS/arrays" "$ARRAYS"
	SAID=$BATS_TEST_TMPDIR/said
	WS_RECORD=$BATS_TEST_TMPDIR/rec
}

teardown() {
	exec {LIFE}>&- || :
	wait
}

# ARRAYS_PID, and what it says in SAID.
arrays_start() {
	mkfifo "$BATS_TEST_TMPDIR/life"
	"$ARRAYS" <"$BATS_TEST_TMPDIR/life" >"$SAID" 3>&- &
	ARRAYS_PID=$!
	exec {LIFE}>"$BATS_TEST_TMPDIR/life"
	until grep -q ^ready "$SAID"; do sleep 0.02; done
	# shellcheck disable=SC2034 # read by those who load this
	WORKER=$(sed -n 's/^ready //p' "$SAID")
}

# by WHAT [OPTION...]: three windows, in WS_JSON; recorded, and shown once more the same.
by() {
	"$WSSTAT" -p "$ARRAYS_PID" -i "$INTERVAL_S" -n 3 --json --record "$WS_RECORD" --by "$@" >"$WS_JSON" 2>>"$WS_ERR"
	"$HERE/check-run" "$WS_JSON" "$WS_RECORD" --by "$1" # at once: it looks at the files again
}

# group NAME KEY: of the last sample, added up over its rows.
group() {
	jq -n --arg name "$1" --arg key "$2" '[inputs | select(.type == "sample")] | last |
		[.groups[] | select(.name == $name) | .[$key]] | if length == 0 then "none"
		elif $key == "size_bytes" then max else add end' "$WS_JSON"
}

assert_arrays() {
	local name hot
	for name in bss data; do
		[ "$(group "arrays_hot_$name" size_bytes)" = "$MIB8" ]
		[ "$(group "arrays_cold_$name" size_bytes)" = "$MIB8" ]
		[ "$(group "arrays_hot_$name" resident_bytes)" = "$MIB8" ]
		[ "$(group "arrays_cold_$name" resident_bytes)" = "$MIB8" ]
		[ "$(group "arrays_hot_$name" hot_bytes)" = "$MIB8" ]
		hot=$(group "arrays_cold_$name" hot_bytes)
		[ "$hot" -le "$PAGES_SHARED" ] || fail "arrays_cold_$name: $hot bytes hot"
	done
	[ "$(group arrays_small size_bytes)" = 100 ]
	[ "$(group arrays_small hot_bytes)" = 100 ]
	[ "$(group arrays_twin size_bytes)" = 8000 ] # two of one name
}
