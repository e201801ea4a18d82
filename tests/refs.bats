#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Method refs on a situation whose accesses are known, on any kernel: the sum of a
# mapping is that of the pages touched, and the books close.

load lib

SIZE=16M
PAGES=4096

setup() {
	HUGE=
	live_setup
	[ -w /proc/self/clear_refs ] || skip "this kernel has no clear_refs"
}

teardown() {
	live_teardown
	[ -z "$HUGE" ] || echo "$HUGE" >/proc/sys/vm/nr_hugepages
}

# The books of a file without page ages: hot and untracked make up what is resident.
assert_counted() {
	local wrong
	wrong=$(jq -c 'select(.type == "sample") | .sample as $n | .regions[]
		| select((.hot_bytes // 0) + .untracked_bytes != .resident_bytes)
		| [$n, .start, .name]' "$WS_JSON")
	[ -z "$wrong" ] || fail "books not closed: $wrong"
}

watch() { # NAME KIND
	sit_start
	sit_area map "$1" "$2" "$SIZE" populate
	ws_attach --method refs
	ws_until sample
}

@test "REFS01: what is touched is referenced, by reads and by writes" {
	watch area anon
	in_window sit read area 0 1000 3
	expect_hot area 1000
	expect area resident_bytes $((PAGES * 4096))
	expect area untracked_bytes $(((PAGES - 1000) * 4096))
	in_window sit write area 1 500 7
	expect_hot area 500
	in_window sit touch-none
	expect_hot area 0
	ws_end
	[ "$WS_STATUS" = 0 ]
	check_expected
	assert_counted
}

@test "REFS02: shared memory" {
	watch area memfd
	in_window sit read area 0 1000 3
	expect_hot area 1000
	in_window sit touch-none
	expect_hot area 0
	ws_end
	check_expected
	assert_counted
}

@test "REFS03: of hugetlb the kernel tells no references: untracked" {
	require_root
	HUGE=$(cat /proc/sys/vm/nr_hugepages)
	[ "$HUGE" -ge 8 ] || echo 24 >/proc/sys/vm/nr_hugepages
	sit_start
	sit_area map area hugetlb "$SIZE" populate
	ws_attach --method refs
	ws_until sample
	expect area method null
	expect area hot_bytes null
	expect area untracked_bytes $((16 << 20))
	ws_end
	check_expected
	assert_counted
}

@test "REFS04: no privilege is needed for one's own process, and nothing is attached to" {
	as_nobody
	watch area anon
	in_window sit write area 0 100 1
	expect_hot area 100
	ws_end
	check_expected
	[ "$(jq 'select(.type == "header").stopped_seconds == 0' "$WS_JSON")" = true ]
	[ "$(grep -c 'reference information' "$WS_ERR")" = 1 ]
}
