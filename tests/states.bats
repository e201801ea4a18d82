#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Targets that are stopped, that sleep uninterruptibly, whose main thread has ended,
# whose stack has no room, and what an attach that was killed has left in them.
# helpers/selfcheck checks itself; what it is told, it finds.

load lib

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
	"$BORROW" "$TARGET" "${1:-1}" 2>"$TOLD" || fail "$(cat "$TOLD")"
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

# stopped_by SIGNAL NUMBER: what an attach must not change for a stopped target.
stopped_by() {
	target_start --threads 4
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
	target_start --threads 4
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

@test "STATE04: a thread in a long vfork: an error in a bounded time, nothing harmed" {
	target_start --main vfork-long --threads 2
	local child children
	wait_state D
	refused 1 'does not stop (state D, uninterruptible?); try again later'
	[ "$(state_of "$TARGET")" = D ]
	echo quit >&"$TO"
	read -ra children <"/proc/$TARGET/task/$TARGET/children" || :
	for child in "${children[@]}"; do
		[ "$(readlink "/proc/$child/exe")" != "$(readlink "/proc/$TARGET/exe")" ] ||
			kill -9 "$child"
	done
	wait_for "$REPORTS" 'ended 0'
	TARGET=''
}

@test "STATE05: the main thread has ended: refused before anybody is stopped" {
	target_start --threads 3
	echo end >&"$TO"
	wait_state Z
	refused 4 "the main thread of process $TARGET has ended"
	echo quit >&"$TO"
	wait_for "$REPORTS" 'ended 0'
	TARGET=''
}

@test "STATE06: the main thread ends while it is observed: the samples go on" {
	require_wp_async
	target_start --threads 5
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

stack_start() {
	sed -n 's/^\([0-9a-f]*\)-.*\[stack\]$/\1/p' "/proc/$TARGET/maps"
}

@test "STATE09: no room on [stack]: it is made to grow, once, and once more for each death" {
	target_start --main edge-long --threads 0
	local before point
	before=$(stack_start)
	borrowed 5
	[ $((0x$before - 0x$(stack_start))) = 4096 ] || fail "$before is now $(stack_start)"
	for point in frame-written regs-set entered returned mask-restored regs-restored; do
		killed "$point"
	done
	borrowed
	[ $((0x$before - 0x$(stack_start))) -le 32768 ] || fail "$before is now $(stack_start)"
	target_end
}

idle_userfaultfds() {
	readlink "/proc/$TARGET/fd/"* | grep -cF userfaultfd || :
}

@test "LEFT01: what a killed attach left is told and closed by the next" {
	target_start --threads 6
	local point
	for point in regs-set entered returned taken; do
		killed "$point"
		[ "$(idle_userfaultfds)" = 1 ] || fail "$point left $(idle_userfaultfds)"
		borrowed
		grep -q "had left 1 idle userfaultfd in process $TARGET; closed now" "$TOLD" ||
			fail "$point: $(cat "$TOLD")"
		assert_clean "$TARGET"
	done
	borrowed
	[ ! -s "$TOLD" ] || fail "$(cat "$TOLD")"
	target_end
}

@test "LEFT02: so it is by wsstat -p, several at once" {
	require_wp_async
	target_start --threads 2
	# Two at once are what two killed at once leave: the next would close the first.
	killed returned
	killed returned &
	killed returned
	wait $!
	"$WSSTAT" -p "$TARGET" -i 0.1 -n 1 >/dev/null 2>"$TOLD"
	grep -q "had left [1-3] idle userfaultfds* in process $TARGET; closed now" "$TOLD" ||
		fail "$(cat "$TOLD")"
	target_end
}

# A program with a userfaultfd of its own, made as ours are: "kept" once the handshake is made,
# "fresh": it makes one again and again and waits a moment before the handshake.
owner_start() {
	# shellcheck disable=SC2016 # that is Perl
	perl -e '
		my ($kind, $said) = @ARGV;
		sub make { my $fd = syscall(323, 02004001); $fd >= 0 or die "userfaultfd: $!"; $fd }
		sub shake {
			open(my $u, "+<&=", $_[0]) or open($u, "<&=", $_[0]) or die "open: $!";
			ioctl($u, 0xc018aa3f, my $api = pack("Q3", 0xaa, 0, 0)) or die "UFFDIO_API: $!";
			$u;
		}
		open my $log, ">", $said or die;
		$log->autoflush;
		my $kept = shake(make()) if $kind eq "kept";
		print $log "ready\n";
		my $ready = "";
		vec($ready, 0, 1) = 1;
		until (select(my $now = $ready, undef, undef, $kind eq "kept" ? undef : 0)) {
			my $fd = make();
			select(undef, undef, undef, 0.04);
			close(shake($fd)) or die "close: $!";
		}
		fileno($kept) >= 0 && -e "/proc/self/fd/" . fileno($kept) or die "gone" if $kept;
		print $log "good\n";
	' "$1" "$SAID" <"$BATS_TEST_TMPDIR/to" 2>&1 3>&- &
	TARGET=$!
	exec {TO}>"$BATS_TEST_TMPDIR/to"
	wait_for "$SAID" ready
}

@test "LEFT03: a program's own userfaultfds are left alone" {
	local kind
	for kind in kept fresh; do
		rm -f "$BATS_TEST_TMPDIR/to"
		mkfifo "$BATS_TEST_TMPDIR/to"
		owner_start "$kind"
		for _ in 1 2 3 4 5; do
			borrowed
			[ ! -s "$TOLD" ] || fail "$kind: $(cat "$TOLD")"
		done
		exec {TO}>&-
		wait "$TARGET"
		grep -q '^good' "$SAID" || fail "$kind: $(cat "$SAID")"
	done
	TARGET=''
}
