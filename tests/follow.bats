#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# --follow, attached and launched: each process of a family exactly.

load family

setup() {
	family_setup
}

teardown() {
	family_teardown
}

@test "FOLLOW01: --follow: children that are there and that come, made in each way" {
	family fork exec vfork late
	local top=${TREE_PIDS[0]}
	watch --follow -p "$top"
	families_end
	assert_members 5
	diff <(headers | sort) <(awk -v top="$top" '{ print $2 " " ($1 ? top : "-") }' \
		"$FAMILY" | sort)
	[ "$(jq -r 'select(.event == "fork").child_pid' "$WS_JSON" | sort)" = \
		"$(awk '$1 { print $2 }' "$FAMILY" | sort)" ]
}

@test "FOLLOW02: launched with --follow: children call by themselves; the status is passed on" {
	local status=0
	"$WSSTAT" -i "$TICK" --json -o "$WS_JSON" --follow -- \
		sh -c "'$TREE' $SECONDS_EACH fork exec vfork && exit 7" \
		>"$FAMILY" 2>>"$WS_ERR" 3>&- || status=$?
	[ "$status" = 7 ] || fail "status $status"
	assert_members 4
	# Nobody was stopped: the shim gave each userfaultfd.
	[ "$(jq -s '[.[] | select(.type == "header").stopped_seconds] | add' "$WS_JSON")" = 0 ]
}
