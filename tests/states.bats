#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Attaching to targets that are stopped, that sleep uninterruptibly, whose main thread has
# ended, whose stack has no room and cannot grow.

load lib
load parented

SIGNALS=''

# stopped_by SIGNAL NUMBER: what an attach must not change for a stopped target.
stopped_by() {
	target_start "${LIGHT[@]}"
	kill -s "$1" "$TARGET"
	wait_for "$REPORTS" "stopped $2"
	borrowed 3
	killed regs-set
	killed returned
	killed mask-restored
	borrowed
	[ "$(state_of "$TARGET")" = T ] || fail "state $(state_of "$TARGET")"
	[ "$(sed 1d "$REPORTS")" = "stopped $2" ] || fail "reports: $(cat "$REPORTS")"
	kill -CONT "$TARGET"
	wait_for "$REPORTS" continued
	[ "$(wc -l <"$REPORTS")" = 3 ] || fail "reports: $(cat "$REPORTS")"
}

@test "STATE01: stopped by SIGSTOP: it stays so, its parent hears nothing, SIGCONT works" {
	stopped_by STOP 19
	borrowed # by now the calls that were lost have been made
	target_end
}

@test "STATE02: stopped by job control: the same" {
	stopped_by TSTP 20
	borrowed
	target_end
}

@test "STATE03: a target that is stopped before and while it is observed" {
	require_wp_async
	target_start "${LIGHT[@]}"
	kill -STOP "$TARGET"
	wait_for "$REPORTS" "stopped 19"
	"$WSSTAT" -p "$TARGET" -i 0.2 -n 3 --json 2>"$TOLD" | jq -c 'select(.type == "sample")
		| [.hot_bytes, .writes_only.written_bytes, .resident_bytes]' >"$BATS_TEST_TMPDIR/samples"
	[ "$(wc -l <"$BATS_TEST_TMPDIR/samples")" = 3 ] || fail "$(cat "$TOLD")"
	[ "$(state_of "$TARGET")" = T ] || fail "state $(state_of "$TARGET")"
	[ "$(sed 1d "$REPORTS")" = "stopped 19" ] || fail "reports: $(cat "$REPORTS")"
	kill -CONT "$TARGET"
	wait_for "$REPORTS" continued
	target_end
}

# The one that it waits for is killed; all others are none of ours.  The thread may make another
# one before it hears that it is to end.
vfork_ended() {
	local child children
	! grep -qs '^ended' "$REPORTS" || return 0
	read -ra children < <(cat "/proc/$TARGET/task/"*/children 2>/dev/null) || :
	for child in "${children[@]}"; do
		[ "$(readlink "/proc/$child/exe")" != "$(readlink "/proc/$TARGET/exe")" ] ||
			kill -9 "$child" 2>/dev/null || :
	done
	return 1
}

vfork_end() {
	echo quit >&"$TO"
	wait_until vfork_ended || fail "not ended: $(cat "$SAID")"
	grep -q '^ended 0$' "$REPORTS" || fail "$(cat "$SAID" "$REPORTS")"
	TARGET=''
}

@test "STATE04: a thread in a long vfork: an error in a bounded time, nothing harmed" {
	target_start --main vfork-long --threads 1 --others nanosleep
	wait_state D
	refused 1 'does not stop (state D, uninterruptible?); try again later'
	[ "$(state_of "$TARGET")" = D ]
	vfork_end
}

# vfork_and_signals OPTION...: where one thread is in a long vfork signals that are ignored are
# not dropped while that is traced, and wake others.
vfork_and_signals() {
	local try
	target_start "$@"
	perl -e 'while (kill "WINCH", $ARGV[0]) { select(undef, undef, undef, 0.001) }' "$TARGET" 3>&- &
	SIGNALS=$!
	for ((try = 0; try < 3; try++)); do
		refused 1 'does not stop (state .*; try again later'
	done
	kill "$SIGNALS"
	vfork_end
}

@test "STATE09: the same, while ignored signals come: epoll_wait is not interrupted" {
	vfork_and_signals --main vfork-long --threads 4 --others epoll
}

@test "STATE10: the same, where it is not the main thread that is in vfork" {
	vfork_and_signals --main epoll --threads 4 --others epoll --one vfork-long
}

@test "STATE05: the main thread has ended: another one is borrowed" {
	target_start "${LIGHT[@]}"
	echo end >&"$TO"
	wait_state Z
	borrowed 3
	echo quit >&"$TO"
	wait_for "$REPORTS" 'ended 0'
	TARGET=''
}

@test "STATE06: the main thread ends while it is observed: the samples go on" {
	require_wp_async
	target_start "${LIGHT[@]}"
	"$WSSTAT" -p "$TARGET" -i 0.2 -n 9 --json >"$WS_JSON" 2>"$TOLD" 3>&- &
	WS_PID=$!
	wait_for "$WS_JSON" '.*"sample":2,'
	echo end >&"$TO"
	wait "$WS_PID" || fail "$(cat "$TOLD")"
	WS_PID=''
	[ "$(state_of "$TARGET")" = Z ]
	[ "$(jq -s '[.[] | select(.type == "sample" and .writes_only.written_bytes + .hot_bytes > 0)]
		| length > 4' "$WS_JSON")" = true ] || fail "$(cut -c 1-300 "$WS_JSON")"
	assert_books
	echo quit >&"$TO"
	wait_for "$REPORTS" 'ended 0'
	TARGET=''
}

# With a limit of this many KiB for wsstat itself, [stack] of the target cannot grow.
SMALL_STACK=96

@test "STATE07: no room on any stack, and [stack] cannot grow: refused, nothing harmed" {
	target_start --main edge-long --threads 0
	ulimit -S -s "$SMALL_STACK"
	refused 1 'finding room on a stack'
	target_end
}

@test "STATE08: no room on [stack]: below another thread's stack; killed there, too" {
	target_start --main edge-long --threads 2 --others nanosleep
	ulimit -S -s "$SMALL_STACK"
	local point
	for point in frame-written regs-set entered returned mask-restored; do
		killed "$point"
		borrowed
	done
	target_end
}
