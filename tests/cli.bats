#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# The command line: wrong input gives one clear line on standard error, nothing on
# standard output and the right status; right input is understood.  Holds on every
# kernel.

load cli

@test "CLI01: no such process" {
	refused 5 'no such process: 4194304' "$WSSTAT" -p 4194304
}

@test "CLI02: not a process id" {
	local pid
	for pid in 0 -1 '' abc 1.5 ' 1' 4194305 99999999999999999999; do
		usage 'pid: .*not a process id' -p "$pid"
	done
}

@test "CLI03: a thread is no process, and its process is named" {
	local tid pid
	# shellcheck disable=SC2016 # Perl; gettid is 186 on x86-64, 178 elsewhere
	pid=$(perl -e 'print ((grep { my @t = glob "/proc/$_/task/*"; @t > 1 }
		grep /^\d+$/, map { s|/proc/||r } glob "/proc/[0-9]*")[0] // "")')
	[ -n "$pid" ] || skip "no process with two threads runs here"
	for tid in "/proc/$pid/task/"*; do
		tid=${tid##*/}
		[ "$tid" = "$pid" ] || break
	done
	usage "$tid is a thread; its process is $pid" -p "$tid"
}

@test "CLI04: a kernel thread" {
	[ "$(cat /proc/2/comm 2>/dev/null)" = kthreadd ] || skip "kernel threads are not visible"
	refused 4 'process 2 is a kernel thread' "$WSSTAT" -p 2
}

@test "CLI05: another user's process" {
	as_nobody
	start_victim
	refused 3 "$VICTIM belongs to another user; .* as root" "${AS[@]}" "$WSSTAT" -p "$VICTIM"
}

@test "CLI06: wsstat itself" {
	# shellcheck disable=SC2016 # the inner shell's pid, which wsstat takes over
	refused 2 'wsstat itself' sh -c 'exec "$1" -p $$' sh "$WSSTAT"
}

@test "CLI07: a zombie has ended" {
	refused 5 'no such process|has ended' "${ZOMBIE[@]}" "$WSSTAT"
}

@test "CLI41: methods that are none, and options that do not fit the method" {
	local word
	for word in '' RWP rw 'rwp ' all; do
		usage 'method: .* is none of auto, rwp, zap, wp, refs' -p 1 -m "$word"
	done
	usage 'soft-dirty .* method rwp only' -p 1 -m wp --soft-dirty
	usage 'exact: method refs sees no pages' -p 1 -m refs --exact
	usage 'replay and --method' --replay x -m wp
	usage 'replay and --exact' --replay x --exact
}

@test "CLI09: nothing to observe" {
	usage 'nothing to observe' -i 5s
	usage 'nothing to observe'
}

@test "CLI10: intervals that are none" {
	local time
	for time in 5x 1e9 inf nan '' ' 5' '5 ' -5 +5 5m3 0x5 . 5. .5 ' ' 1,5 $'5\nx'; do
		usage 'interval: .*not a duration' -p 1 -i "$time"
		usage 'duration: .*not a duration' -p 1 -d "$time"
		usage 'cold-after: .*not a duration' -p 1 --cold-after "$time"
	done
}

@test "CLI11: intervals that are too short or too long" {
	usage "interval: '0' is too short" -p 1 -i 0
	usage "interval: '999us' is too short" -p 1 -i 999us
	usage "duration: '0s' is too short" -p 1 -d 0s
	usage "cold-after: '0' is too short" -p 1 --cold-after 0
	usage "interval: '9223372036' is too long" -p 1 -i 9223372036
	usage "interval: .* is too long" -p 1 -i 99999999999999999999
	usage "duration: '4s' is shorter than the interval \(5s\)" -p 1 -d 4s
	usage "duration: '1' is shorter than the interval \(2\)" -p 1 -d 1 -i 2
}

@test "CLI12: counts that are none" {
	local count
	usage "'0' samples" -p 1 -n 0
	for count in -1 '' 1.5 abc 1k 18446744073709551616; do
		usage 'count: ' -p 1 -n "$count"
	done
}

@test "CLI13: ages that do not ascend or are none" {
	local list
	for list in 0 5s,1s 1s,1s 0,1s; do
		usage 'ages: .*must ascend' -p 1 --ages "$list"
	done
	for list in '' '1s,' ',1s' '1s,,2s' '1s 2s' '1s,x'; do
		usage 'ages: .*not a duration' -p 1 --ages "$list"
	done
	list=$(seq -s, 1 39)
	usage 'ages: .*more than 38' -p 1 --ages "$list"
}

@test "CLI14: regions that are none" {
	usage 'region: empty' -p 1 -r ''
	usage 'region: .*ends before it starts' -p 1 -r 2000-1000
	usage 'region: .*not an address range' -p 1 -r 1000-
	local many
	mapfile -t many < <(yes -- --region=heap | head -n 33)
	usage 'at most 32' -p 1 "${many[@]}"
}

@test "CLI15: unknown options, missing and superfluous values" {
	usage '--no-such: unknown option' --no-such -p 1
	usage '-z: unknown option' -z
	usage '--interval: missing argument' -p 1 --interval
	usage '-i: missing argument' -p 1 -i
	usage '--json' -p 1 --json=yes
}

@test "CLI16: what excludes each other" {
	usage '--pid and --replay' -p 1 --replay "$RECORDING"
	usage '--json and --brief' -p 1 --json --brief
	usage '--quiet and --verbose' -p 1 -q -v
	usage '--features and --replay' --features --replay "$RECORDING"
	usage '--features and --brief' --features --brief
	usage '--replay and --interval' --replay "$RECORDING" -i 1
	usage 'pid was given 2 times' --features -p 1 -p 2
	usage '--pid: 1 was given twice' -p 1 -p 2 -p 1
	usage '--replay and --follow' --replay "$RECORDING" --follow
	refused 125 '--pid and a command' "$WSSTAT" -p 1 -- true
	refused 125 '--replay and a command' "$WSSTAT" --replay "$RECORDING" -- true
	refused 125 '--features and a command' "$WSSTAT" --features -- true
}

@test "CLI17: a recording that is none" {
	echo garbage >"$BATS_TEST_TMPDIR/garbage"
	refused 1 'cannot read .*No such file' "$WSSTAT" --replay /nonexistent/recording
	refused 1 'cannot read .*directory' "$WSSTAT" --replay "$BATS_TEST_TMPDIR"
	usage 'garbage:1: not a recording' --replay "$BATS_TEST_TMPDIR/garbage"
	usage 'incomplete' --replay /dev/null
	sed '/^sample 5s/,$d' "$RECORDING" >"$BATS_TEST_TMPDIR/short"
	status=0
	"$WSSTAT" --replay "$BATS_TEST_TMPDIR/short" >"$OUT" 2>"$ERR" || status=$?
	[ "$status" = 1 ]
	[ "$(cat "$ERR")" = 'wsstat: the recording ends before the first sample' ]
}

@test "CLI18: a full disk" {
	local form
	for form in -v --brief --json; do
		refused 1 'cannot write to /dev/full: No space left' \
			"$WSSTAT" --replay "$RECORDING" "$form" -o /dev/full
	done
	status=0
	"$WSSTAT" --replay "$RECORDING" >/dev/full 2>"$ERR" || status=$?
	[ "$status" = 1 ]
	[ "$(cat "$ERR")" = 'wsstat: cannot write to standard output: No space left on device' ]
}

@test "CLI19: help, version and features on a full disk" {
	local option
	for option in --help --version --features; do
		status=0
		"$WSSTAT" "$option" >/dev/full 2>"$ERR" || status=$?
		[ "$status" = 1 ]
		[ "$(cat "$ERR")" = \
			'wsstat: cannot write to standard output: No space left on device' ]
	done
}

@test "CLI20: an output file that cannot be made" {
	refused 1 'cannot write to /nonexistent/out: No such file' \
		"$WSSTAT" --replay "$RECORDING" -o /nonexistent/out
	refused 1 'cannot write to .*directory' \
		"$WSSTAT" --replay "$RECORDING" -o "$BATS_TEST_TMPDIR"
	refused 1 'cannot write to ' "$WSSTAT" -p 1 -o ''
	refused 125 'cannot write to /nonexistent/out' "$WSSTAT" -o /nonexistent/out -- true
}

@test "CLI21: a closed standard output" {
	local options
	for options in "--replay $RECORDING" --version --help --features '-p 1'; do
		status=0
		# shellcheck disable=SC2086 # several words
		"$WSSTAT" $options >&- 2>"$ERR" || status=$?
		[ "$status" = 1 ]
		[ "$(wc -l <"$ERR")" = 1 ]
		grep -q 'standard output: it is closed' "$ERR"
	done
}

@test "CLI22: a closed standard output is none of the matter with -o" {
	"$WSSTAT" --replay "$RECORDING" --json -o "$OUT" >&- 2>"$ERR" <&-
	[ ! -s "$ERR" ]
	"$BATS_TEST_DIRNAME/schema/validate" <"$OUT"
}

@test "CLI23: a pipe whose reader has gone" {
	mkfifo "$BATS_TEST_TMPDIR/pipe"
	exec 5<>"$BATS_TEST_TMPDIR/pipe"
	exec 6>"$BATS_TEST_TMPDIR/pipe" 5>&-
	status=0
	"$WSSTAT" --replay "$RECORDING" >&6 2>"$ERR" || status=$?
	exec 6>&-
	[ "$status" = 1 ]
	[ "$(cat "$ERR")" = 'wsstat: cannot write to standard output: Broken pipe' ]
}

launched() { # STATUS PATTERN COMMAND...
	refused "$1" "$2" "$WSSTAT" -- "${@:3}"
}

@test "CLI24: a command that is not there, or not executable" {
	echo 'just text' >"$BATS_TEST_TMPDIR/text"
	launched 127 'cannot run no-such-command: No such file' no-such-command
	launched 127 'cannot run /no/such' /no/such
	launched 126 'cannot run .*text: Permission denied' "$BATS_TEST_TMPDIR/text"
	launched 126 'cannot run /: Permission denied' /
}

@test "CLI25: wrong options before a command" {
	refused 125 '--no-such: unknown option' "$WSSTAT" --no-such -- true
	refused 125 'interval: .*not a duration' "$WSSTAT" -i 5x -- true
	refused 125 'interval: .*too short' "$WSSTAT" -i 0 true
	refused 125 'nothing to observe' "$WSSTAT" -i 1 --
}

@test "CLI26: the command keeps its own options" {
	status=0
	"$WSSTAT" -q sh -c 'echo "$@"; exit 7' sh --help -p 0 --no-such >"$OUT" 2>"$ERR" ||
		status=$?
	[ "$status" = 7 ]
	[ "$(cat "$OUT")" = '--help -p 0 --no-such' ]
}

@test "CLI27: --help lists every option and exits with 0" {
	local option
	given "$WSSTAT" --help
	for option in -p,\ --pid=PID -f,\ --follow -i,\ --interval=TIME -n,\ --count=N -d,\ --duration=TIME \
		-r,\ --region=SELECT -m,\ --method=METHOD --exact --soft-dirty -j,\ --json --brief -o,\ --output=FILE --ages=LIST \
		--cold-after=TIME --decide --slo=PERCENT --by=WHAT --cells=N --record=FILE --replay=FILE \
		"--pages=hot|cold" --features -q,\ --quiet -v,\ --verbose \
		-V,\ --version -h,\ --help; do
		grep -qF -- "  $option " "$OUT" || { echo "missing: $option"; return 1; }
	done
	[ "$(grep -cE '^  (-|  +-)' "$OUT")" = 27 ]
	given "$WSSTAT" -h
	given "$WSSTAT" --help -p 1 -- true
}

@test "CLI28: --version" {
	given "$WSSTAT" --version
	head -n 1 "$OUT" | grep -qE '^wsstat [0-9]'
	grep -q GPL "$OUT"
	given "$WSSTAT" -V
}
