#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Zaps: madvise(2) injected into targets that check every byte of their memory
# (src/kernel/inject_zap.c).  A private mapping in the shared one's place must never lose
# any, also when the one that zaps is killed.
# WSSTAT_ZAP_SECONDS: how long each storm lasts; WSSTAT_ZAP_ROUNDS: deaths at each point.

load lib
load target

SECONDS_EACH=${WSSTAT_ZAP_SECONDS:-2}
ROUNDS=${WSSTAT_ZAP_ROUNDS:-${VM_OUT:+2}}
ROUNDS=${ROUNDS:-12}
POINTS='seized stopped zap-checked frame-written regs-set zap-entered zap-done mask-restored
	regs-restored restored detached'
EXACT_ROUNDS=${VM_OUT:+2}
EXACT_ROUNDS=${EXACT_ROUNDS:-50}
SLACK_MS=${VM_OUT:+5000} # of a machine that has other work; who starves waits for ever
SLACK_MS=${SLACK_MS:-1500}
SOME=5 # that many of a thing at least show that it happens at all
PIECE_KB=256
LIMIT_US=500

setup() {
	live_setup
	cd "$BATS_TEST_TMPDIR"
	target_setup
}

teardown() {
	live_teardown
	target_teardown
	[ -z "${HUGE_BEFORE:-}" ] || echo "$HUGE_BEFORE" >/proc/sys/vm/nr_hugepages
}

require_wp_async() {
	[ "$(printf '6.7\n%s\n' "$(uname -r)" | sort -V | head -n 1)" = 6.7 ] ||
		skip "needs a kernel with WP_ASYNC (6.7), this is $(uname -r)"
}

# Some huge pages, for the time of the test.
require_hugetlb() {
	local pool=/proc/sys/vm/nr_hugepages
	[ -w "$pool" ] || skip "cannot reserve huge pages"
	HUGE_BEFORE=$(<"$pool")
	echo 40 >"$pool"
	[ "$(<"$pool")" -ge 40 ] || skip "there are no 40 free huge pages"
}

# zapper SECONDS [PAUSE_US]: its words are left in WORDS, each number in N[word].
zapper() {
	local word i
	WORDS=$("$HELPERS/zapper" "$TARGET" "$1" "$PIECE_KB" "${2:-0}" "$LIMIT_US" "${MAP[@]}" 3>&-) || return
	echo "$WORDS"
	declare -gA N=()
	read -ra word <<<"$(tail -n +2 <<<"$WORDS" | tr '\n' ' ')"
	for ((i = 0; i + 1 < ${#word[@]}; i++)); do N[${word[i]}]=${word[i + 1]}; done
}

more_than() { # WORD NUMBER
	[ "${N[$1]}" -gt "$2" ] || fail "$1 is ${N[$1]}, not more than $2"
}

storm() { # MODE [THREADS]
	target_start "$HELPERS/zapee" "$@"
	zapper "$SECONDS_EACH"
	target_free
	target_end
}

# deaths POINT: zappers one after the other, each killed there together with its guardian.
deaths() {
	local point=$1 round status
	for ((round = 0; round < ROUNDS; round++)); do
		status=0
		{ WSSTAT_FAULT=$point "$HELPERS/zapper" "$TARGET" 60 "$PIECE_KB" 0 "$LIMIT_US" "${MAP[@]}" \
			>/dev/null 3>&-; } 2>/dev/null || status=$?
		[ "$status" = 137 ] || fail "at $point the zapper ended with $status" || return 1
		target_free || return 1
	done
}

# All pages are told right.
exact() { # KIND
	local words
	words=$("$HELPERS/zap_exact" "$1" "$EXACT_ROUNDS") || fail "$1: $words" || return 1
	[[ $words = *" overstated 0 "* ]] || fail "$1: $words"
}

@test "ZAP001: reads and writes are told apart, page by page, whatever is shared" {
	require_wp_async
	local kind
	for kind in memfd anon sysv file locked; do
		exact "$kind"
	done
}

@test "ZAP002: the same with huge pages" {
	require_wp_async
	require_hugetlb
	exact hugetlb
}

@test "ZAP003: no byte is lost where threads read and write all the time" {
	require_wp_async
	local kind
	for kind in memfd file sysv locked anon; do
		echo "$kind"
		storm "$kind"
		more_than zaps "$SOME"
		more_than pages "$SOME"
	done
}

@test "ZAP004: the same with huge pages" {
	require_wp_async
	require_hugetlb
	PIECE_KB=2048
	storm hugetlb 2 32
	more_than zaps "$SOME"
}

@test "ZAP005: a private mapping that takes the shared one's place loses no byte" {
	require_wp_async
	storm adversary 3
	more_than zaps "$SOME"
	more_than stale "$SOME"
}

@test "ZAP006: the same where maps must be read, and with a thread for a guardian" {
	require_wp_async
	ZAP_READ_MAPS=1 storm adversary
	more_than zaps "$SOME"
	more_than stale "$SOME"
	ZAP_AS_THREAD=1 storm adversary
	more_than zaps "$SOME"
	more_than stale "$SOME"
}

@test "ZAP007: processes that share the memory, but are no threads, are waited for" {
	require_wp_async
	storm kin
	more_than zaps "$SOME"
	more_than again "$SOME"
	storm sharer
	[ "${N[zaps]}" = 0 ]
	more_than again "$SOME"
}

@test "ZAP008: the kernel's own threads are left alone" {
	require_wp_async
	storm sqpoll
	more_than zaps "$SOME"
	[ "${N[again]}" -lt 20 ]
}

@test "ZAP009: killed while it zaps, anywhere" {
	require_wp_async
	local round pid
	target_start "$HELPERS/zapee" adversary 3
	for ((round = 0; round < 10 * ROUNDS; round++)); do
		"$HELPERS/zapper" "$TARGET" 60 "$PIECE_KB" 0 "$LIMIT_US" "${MAP[@]}" >began 3>&- &
		pid=$!
		until [ -s began ]; do
			kill -0 "$pid" || fail "the zapper did not begin" || return 1
			sleep 0.001
		done
		sleep "0.00$((RANDOM % 10))$((RANDOM % 10))"
		{ kill -9 "$pid" && wait "$pid"; } 2>/dev/null || :
		: >began
		target_free
	done
	target_end
}

@test "ZAP010: killed at each point together with the guardian" {
	require_wp_async
	local point
	target_start "$HELPERS/zapee" adversary 3
	for point in $POINTS; do
		echo "$point"
		deaths "$point"
	done
	target_end
}

@test "ZAP011: killed at each point, a target that checks its registers and calls" {
	require_wp_async
	local point
	target_start "$HELPERS/selfcheck" --threads 10
	for point in $POINTS; do
		echo "$point"
		deaths "$point"
	done
	zapper "$SECONDS_EACH" 1000
	target_end
	[[ $SAID = *"harms 0 uffds 0"* ]]
}

@test "ZAP012: calls keep their results and their time, however often they are stopped" {
	require_wp_async
	target_start "$HELPERS/callers" 300 "$SLACK_MS"
	zapper $((SECONDS_EACH * 2)) 20000
	more_than zaps "$SOME"
	target_end
}

@test "ZAP013: a private mapping loses no byte where threads come and go" {
	require_wp_async
	storm breeder 3
	more_than zaps "$SOME"
	more_than stale "$SOME"
}

@test "ZAP014: a thread whose calls go through a dispatcher is not borrowed" {
	require_wp_async
	local status=0
	target_start "$HELPERS/zapee" dispatch
	zapper 1 2>err || status=$?
	cat err
	[ "$status" = 3 ]
	grep -q dispatcher err
	target_free
	target_end
}
