#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2034 # what is set is for family.bash
# Several targets: -p more than once, and what is told of children.

load family

setup() {
	family_setup
}

teardown() {
	family_teardown
}

@test "SEV001: two processes, each exact" {
	family
	family
	watch -p "${TREE_PIDS[0]}" -p "${TREE_PIDS[1]}"
	families_end
	assert_members 2
	[ "$(headers)" = "$(awk '{ print $2 " -" }' "$FAMILY")" ]
	[ "$(jq -r 'select(.type == "summary").end' "$WS_JSON")" = $'target exited\ntarget exited' ]
}

@test "SEV002: one that is not there is told, the other observed, the status is 5" {
	local status=0
	family
	watch -n 2 -p "${TREE_PIDS[0]}" -p 4194303 || status=$?
	[ "$status" = 5 ] || fail "status $status"
	grep -qx 'wsstat: no such process: 4194303' "$WS_ERR" || fail "not told"
	assert_members 1
	status=0
	watch -n 1 -p 4194303 -p 4194302 || status=$?
	[ "$status" = 5 ] || fail "status $status"
	[ ! -s "$WS_JSON" ] || fail "$(cat "$WS_JSON")"
}

@test "SEV005: without --follow a child is told and not observed" {
	family late
	watch -p "${TREE_PIDS[0]}"
	families_end
	[ "$(headers | wc -l)" = 1 ]
	jq -e -n '[inputs | select(.event == "fork").text] | length == 1 and
		(.[0] | test("is not observed"))' "$WS_JSON" >/dev/null
}

@test "SEV006: the end of one is not the end of the others; Ctrl-C ends all, disarmed" {
	local pid SECONDS_EACH=30 # they are killed
	family fork
	family
	WS_TARGET=${TREE_PIDS[0]} ws_attach -i "$TICK" --follow -p "${TREE_PIDS[1]}"
	ws_until sample
	{ kill -9 "${TREE_PIDS[1]}" && wait "${TREE_PIDS[1]}"; } 2>/dev/null || :
	ws_until summary
	unset 'TREE_PIDS[1]'
	ws_until sample
	ws_until sample
	kill -INT "$WS_PID"
	ws_until summary
	ws_wait
	[ "$WS_STATUS" = 0 ]
	[ "$(jq -r 'select(.type == "summary").end' "$WS_JSON" | sort | uniq -c | xargs)" = \
		'2 interrupted 1 target exited' ]
	assert_books
	for pid in $(head -n 2 "$FAMILY" | cut -d' ' -f2); do assert_clean "$pid"; done
}

@test "SEV007: after the run a program that is started waits for nobody" {
	local status=0 begin=$EPOCHREALTIME
	"$WSSTAT" -i 100ms -n 1 -o /dev/null --follow -- \
		sh -c 'sleep 0.5; sh -c :; exec sh -c "exit 9"' 3>&- || status=$?
	[ "$status" = 9 ] || fail "status $status"
	awk -v begin="$begin" -v end="$EPOCHREALTIME" 'BEGIN { exit end - begin > 8 }' ||
		fail "it took $begin to $EPOCHREALTIME"
}

@test "SEV008: text and brief tell of whom each line speaks" {
	family fork
	"$WSSTAT" -i "$TICK" -n 1 --follow --brief -p "${TREE_PIDS[0]}" >"$WS_JSON" 3>&-
	grep -qE "^ +1 .* ${TREE_PIDS[0]}\$" "$WS_JSON"
	grep -qE "^# \[${TREE_PIDS[0]}\]  .* fork: child [0-9]+ is observed, too\$" "$WS_JSON"
	"$WSSTAT" -i "$TICK" -n 1 --follow -p "${TREE_PIDS[0]}" >"$WS_JSON" 3>&-
	grep -q "^event   \[${TREE_PIDS[0]}\]" "$WS_JSON"
	grep -q "^wsstat  tree\[[0-9]*\]  child of ${TREE_PIDS[0]}" "$WS_JSON"
	families_end
}
