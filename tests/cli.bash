# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# What cli.bats and features.bats share: wsstat is run, and what it says is looked at.

RECORDING=$BATS_TEST_DIRNAME/golden/events.replay
NOBODY=65534

setup() {
	WSSTAT=${WSSTAT:-$WSSTAT_BUILD/wsstat}
	OUT=$BATS_TEST_TMPDIR/out
	ERR=$BATS_TEST_TMPDIR/err
	AS=() UNDER=()
}

teardown() {
	[ -z "${VICTIM:-}" ] || { kill -9 "$VICTIM" && wait "$VICTIM"; } 2>/dev/null || :
}

has_rwp() {
	[ "$(printf '7.3\n%s\n' "$(uname -r)" | sort -V | head -n 1)" = 7.3 ]
}

# A process that waits: VICTIM, and its pid read back when it runs.
start_victim() {
	local line
	mkfifo "$BATS_TEST_TMPDIR/life" "$BATS_TEST_TMPDIR/ready"
	chmod a+rw "$BATS_TEST_TMPDIR/life" "$BATS_TEST_TMPDIR/ready"
	# shellcheck disable=SC2016 # that is Perl
	perl -e 'open R, ">", $ARGV[0]; print R "$$\n"; close R; open L, "<", $ARGV[1]' \
		"$BATS_TEST_TMPDIR/ready" "$BATS_TEST_TMPDIR/life" 3>&- &
	VICTIM=$!
	read -r line <"$BATS_TEST_TMPDIR/ready"
	[ "$line" = "$VICTIM" ]
}

# Runs what follows it with -p and the pid of a child that has ended and is not waited for.
# shellcheck disable=SC2016,SC2034 # that is Perl; read by those who load this
ZOMBIE=(perl -e '
	my $pid = fork // die;
	exit 0 unless $pid;
	my $stat = "";
	until ($stat =~ /\) Z/) {
		open my $file, "<", "/proc/$pid/stat" or die;
		$stat = <$file>;
	}
	exec @ARGV, "-p", $pid')

require_root() {
	[ "$(id -u)" = 0 ] || skip "needs root"
}

as_nobody() {
	require_root
	chmod a+x "$BATS_RUN_TMPDIR" "$BATS_RUN_TMPDIR"/*
	AS=(setpriv --reuid "$NOBODY" --regid "$NOBODY" --clear-groups --inh-caps=-all
		--bounding-set=-all)
	"${AS[@]}" test -x "$WSSTAT" || skip "nobody cannot reach $WSSTAT"
}

show() {
	echo "command: $*"
	echo "status: $status"
	sed 's/^/stdout: /' "$OUT"
	sed 's/^/stderr: /' "$ERR"
	return 1
}

# refused STATUS PATTERN COMMAND...: that status, one line that says so, no output.
refused() {
	local want=$1 says=$2
	shift 2
	status=0
	"$@" >"$OUT" 2>"$ERR" </dev/null || status=$?
	if [ "$status" != "$want" ] || [ -s "$OUT" ] || [ "$(wc -l <"$ERR")" != 1 ] ||
		! grep -q '^wsstat: ' "$ERR" || ! grep -qE -- "$says" "$ERR"; then
		show "$@"
	fi
}

# usage PATTERN OPTION...: status 2, as of every wrong command line.
usage() {
	refused 2 "$1" "$WSSTAT" "${@:2}"
}

# given COMMAND...: status 0, output, and nothing on standard error.
given() {
	status=0
	"$@" >"$OUT" 2>"$ERR" </dev/null || status=$?
	if [ "$status" != 0 ] || [ ! -s "$OUT" ] || [ -s "$ERR" ]; then
		show "$@"
	fi
}
