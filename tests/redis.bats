#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# wsstat on redis-server: a client that verifies every answer reads one half of
# the keys, then the other; the hot set must follow.  Needs userfaultfd RWP.

# shellcheck disable=SC2034 # lib.bash reads them

load lib

KEYS=16384
HALF=8192
VALUE_BYTES=4000 # jemalloc gives each value a page of its own
MIB=$((1 << 20))
HALF_BYTES=$((HALF * 4096))
IDLE_BYTES=$((12 * MIB)) # the most that redis touches by itself in a window: a few huge pages
SETTLE=20 # windows in which it may first finish its dictionary
OWN_BYTES=$((20 * MIB)) # the most beside the values: dictionary, buffers, stack
ALMOST=95 # per cent: a value may share its page
SAMPLES=10
LONG_S=5 # an edge of the histogram

setup() {
	require_rwp
	command -v redis-server >/dev/null || skip "needs redis-server"
	live_setup
	[ -z "${VM_OUT:-}" ] || INTERVAL_S=2 # what is done in a window takes long there
	REDIS_PID=''
	SOCKET=$BATS_TEST_TMPDIR/socket
	REDIS=(redis-server --port 0 --unixsocket "$SOCKET" --save '' --appendonly no
		--dir "$BATS_TEST_TMPDIR" --daemonize no --logfile '')
	mkfifo "$BATS_TEST_TMPDIR/log"
	exec {LOG}<>"$BATS_TEST_TMPDIR/log"
}

teardown() {
	live_teardown
	[ -z "$REDIS_PID" ] || kill -9 "$REDIS_PID" || :
}

redis_ready() {
	local line
	until
		read -r -t "$PATIENCE_S" -u "$LOG" line || fail "redis does not start" || return 1
		[[ $line = *eady\ to\ accept* ]]
	do
		:
	done
	sit_run "$HERE/helpers/redis-load" "$SOCKET"
	sit fill "$KEYS" "$VALUE_BYTES"
}

# total SAMPLE EXPRESSION: a figure of the whole target.
total() {
	jq -r --argjson sample "$1" 'select(.type == "sample" and .sample == $sample) | '"$2" \
		"$WS_JSON"
}

assert_between() { # WHAT LOW GOT HIGH
	[[ $3 =~ ^[0-9]+$ ]] || fail "$1 is $3, no number" || return 1
	(($2 <= $3 && $3 <= $4)) || fail "$1 is $3, want $2 to $4"
}

# Wait for whole windows under load until all keys of the loop were got.
loop_through() { # FIRST
	sit loop "$1" "$HALF"
	LOOP_FIRST=$((WS_SAMPLE + 1))
	until
		ws_until sample
		sit count
		[ "${SIT_ANSWER#count }" -ge $((HALF + HALF / 10)) ]
	do
		:
	done
	ws_until sample
	LOOP_LAST=$WS_SAMPLE
}

# Bytes touched in these samples that had been idle for long, or since the start.
long_idle_touched() { # FIRST_SAMPLE LAST_SAMPLE
	jq -n --argjson first "$1" --argjson last "$2" --argjson long "$LONG_S" '
		[inputs | select(.type == "sample" and .sample >= $first and .sample <= $last)
			| .retouched[]? | select(.since_start or .idle_ge_seconds >= $long)
			| .bytes] | add // 0' "$WS_JSON"
}

# Redis goes on with its dictionary after it was filled.  Sets quiet.
settle() {
	local tries
	for ((tries = 0; tries < SETTLE; tries++)); do
		in_window sit idle
		quiet=$WS_SAMPLE
		[ "$(total "$quiet" .hot_bytes)" -gt "$IDLE_BYTES" ] || return 0
	done
}

# Until what was set is idle for long.
grow_cold() {
	local windows
	for ((windows = 0; windows <= LONG_S / INTERVAL_S; windows++)); do
		ws_until sample
	done
}

hot_set_follows() {
	local quiet read_once
	ws_until sample
	settle
	grow_cold
	in_window sit read 0 1000
	read_once=$WS_SAMPLE
	loop_through 0
	local a_first=$LOOP_FIRST a_last=$LOOP_LAST
	loop_through "$HALF"
	local b_first=$LOOP_FIRST b_last=$LOOP_LAST
	sit idle
	while [ "$WS_SAMPLE" -lt "$SAMPLES" ]; do ws_until sample; done

	assert_between "hot while idle" 0 "$(total "$quiet" .hot_bytes)" "$IDLE_BYTES"
	assert_between "hot after 1000 values" $((1000 * 4096 * ALMOST / 100)) \
		"$(total "$read_once" .hot_bytes)" $((1000 * 4096 + OWN_BYTES))
	assert_between "touched again in one half" $(((HALF - 1000) * 4096 * ALMOST / 100)) \
		"$(long_idle_touched "$a_first" "$a_last")" $((HALF_BYTES + OWN_BYTES))
	assert_between "hot under load of one half" "$MIB" \
		"$(total "$a_last" .hot_bytes)" $((HALF_BYTES + OWN_BYTES))
	assert_between "touched again in the other half" $((HALF_BYTES * ALMOST / 100)) \
		"$(long_idle_touched "$b_first" "$b_last")" $((HALF_BYTES + OWN_BYTES))
	assert_between "hot under load of the other half" "$MIB" \
		"$(total "$b_last" .hot_bytes)" $((HALF_BYTES + OWN_BYTES))
}

@test "REDIS001: attached: every answer is right and the hot set follows the keys" {
	"${REDIS[@]}" >&"$LOG" 2>&1 </dev/null 3>&- &
	REDIS_PID=$!
	redis_ready
	WS_TARGET=$REDIS_PID
	ws_attach
	hot_set_follows
	ws_end
	[ "$WS_STATUS" = 0 ]
	sit read 0 "$KEYS"
	assert_clean "$REDIS_PID"
	assert_books
}

@test "REDIS002: launched: every answer is right and the hot set follows the keys" {
	ws_prepare
	"$WSSTAT" -i "$INTERVAL_S" --json -o "$WS_FIFO" -- "${REDIS[@]}" \
		>&"$LOG" 2>>"$WS_ERR" </dev/null 3>&- &
	WS_PID=$!
	ws_until header
	redis_ready
	ws_until sample
	ws_until sample
	hot_set_follows
	sit read 0 "$KEYS"
	REDIS_PID=$(jq -r 'select(.type == "header").pid' "$WS_JSON")
	kill -TERM "$REDIS_PID"
	ws_wait
	[ "$WS_STATUS" = 0 ]
	REDIS_PID=''
	assert_books
}
