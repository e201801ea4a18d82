#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# What an attach leaves in a target: room on its stack, and, if wsstat and its guardian were
# killed, a userfaultfd, which the next attach closes.  Both are the kernel's to tell, so
# this runs in the guest, too.

load lib
load parented

stack_start() {
	sed -n 's/^\([0-9a-f]*\)-.*\[stack\]$/\1/p' "/proc/$TARGET/maps"
}

@test "LEFT04: no room on [stack]: it is made to grow, once, and once more for each death" {
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
	target_start "${LIGHT[@]}"
	local point
	for point in returned taken; do
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
	target_start "${LIGHT[@]}"
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
