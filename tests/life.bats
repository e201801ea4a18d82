#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# The life of wsstat itself: signals, stops, clocks, and the want of everything that it
# needs.  Whatever becomes of it, it says so in one line and with the right status, and a
# target that checks itself all the time (helpers/selfcheck.c) is unharmed and disarmed.
# WSSTAT_LIFE_SIGNALS: which signals are sent, as "$(seq 64)"; if not set, some of each sort.
# WSSTAT_LIFE_ROUNDS: how often each of some is sent at a random time of the attach.
# WSSTAT_LIFE_FINENESS: how closely allocations that fail follow each other: from the Nth
# the next is 1 + N / FINENESS further on; 100000 is every one.

load lib

SIGNALS=${WSSTAT_LIFE_SIGNALS:-1 2 3 9 11 13 14 15 18 19 20 64}
ROUNDS=${WSSTAT_LIFE_ROUNDS:-2}
FINENESS=${WSSTAT_LIFE_FINENESS:-${VM_OUT:+1}}
FINENESS=${FINENESS:-4}
PACE=0.02
ENDING=' 1 2 15 ' HARMLESS=' 13 17 18 23 28 ' STOPPING=' 19 20 21 22 '
SOON_S=30 # for what takes no time; only a failure ever takes so long
PAUSE_S=1 # that wsstat stands still
HITS=5

setup() {
	require_wp_async
	live_setup
	ulimit -c 0
	cd "$BATS_TEST_TMPDIR"
	UPSET=$HELPERS/.libs/upset.so
	UNDER=()
	mkfifo "$WS_FIFO"
}

teardown() {
	live_teardown
	[ ! -d "$BATS_TEST_TMPDIR/small" ] || umount "$BATS_TEST_TMPDIR/small" 2>/dev/null || :
}

victim_start() {
	sit_run "$HELPERS/selfcheck" --threads 2 || return 1
	while [[ $SIT_ANSWER != ready ]]; do sit_read || return 1; done
}

# Nothing was done to it, nothing is left in it, and it runs.
victim_ok() {
	assert_clean "$SIT_PID" || return 1
	echo status >&"$SIT_IN"
	sit_read || return 1
	[[ $SIT_ANSWER = *" harms 0 uffds 0 "* ]] || fail "the target says: $SIT_ANSWER"
}

# wsstat with no signal ignored, whatever bats was started with.
wsstat() {
	exec timeout -k 1 "$PATIENCE_S" env --default-signal "${UNDER[@]}" "$WSSTAT" "$@"
}

# watch OPTION...: in the background, until it has taken a sample: WS_PID, lines from WS_LINES.
watch() {
	: >"$WS_ERR"
	env --default-signal "${UNDER[@]}" "$WSSTAT" -i "$PACE" --brief -p "$SIT_PID" "$@" \
		>"$WS_FIFO" 2>"$WS_ERR" </dev/null 3>&- &
	WS_PID=$!
	exec {WS_LINES}<"$WS_FIFO"
	watch_until ' *[0-9]'
}

watch_until() { # GLOB
	local line
	while read -r -t "$PATIENCE_S" -u "$WS_LINES" line; do
		# shellcheck disable=SC2053 # a pattern
		[[ " $line" != $1* ]] || return 0
	done
	fail "wsstat never said '$1'"
}

# What it said to its end is looked through for the summary; the status is in WS_STATUS.
watch_end() {
	local line
	SUMMARY=''
	while read -r -t "$PATIENCE_S" -u "$WS_LINES" line; do
		[[ $line != '#'*sample*\ in\ * ]] || SUMMARY=$line
	done
	exec {WS_LINES}<&-
	WS_STATUS=0
	wait "$WS_PID" || WS_STATUS=$?
	WS_PID=''
}

ended() { # STATUS...: one of these
	[[ " $* " = *" $WS_STATUS "* ]] || fail "status $WS_STATUS, not $*"
}

# said_once PATTERN: one line, and that is about this.
said_once() {
	if [ "$(wc -l <"$WS_ERR")" != 1 ] || ! grep -qE "^wsstat: .*($1)" "$WS_ERR"; then
		fail "not one line about '$1'"
	fi
}

state_of() { # PID
	sed -n 's/^State:\t\(.\).*/\1/p' "/proc/$1/status"
}

await_state() { # PID STATE
	local end=$((SECONDS + SOON_S))
	until [ "$(state_of "$1")" = "$2" ]; do
		[ "$SECONDS" -lt "$end" ] || fail "$1 is $(state_of "$1"), not $2" || return 1
	done
}

# One signal, sent after the first sample; then what ends a wsstat that lives on.
signal_once() {
	local number=$1
	watch || return 1
	kill -s "$number" "$WS_PID"
	case $STOPPING$HARMLESS in
	*" $number "*)
		kill -CONT "$WS_PID"
		kill -TERM "$WS_PID"
		;;
	esac
	watch_end
	case $ENDING$STOPPING$HARMLESS in
	*" $number "*)
		ended 0 || return 1
		[ -n "$SUMMARY" ] || fail "signal $number: no summary" || return 1
		;;
	*) ended $((128 + number)) || return 1 ;;
	esac
	[ ! -s "$WS_ERR" ] || fail "signal $number"
}

@test "LIFE01: each signal: in order, by its default action, or none of its business" {
	local number
	victim_start
	for number in $SIGNALS; do
		signal_once "$number"
		victim_ok
	done
}

@test "LIFE02: a second signal ends it at once" {
	local number
	victim_start
	for number in INT TERM HUP; do
		watch
		kill -s $number "$WS_PID"
		kill -s $number "$WS_PID" 2>/dev/null || :
		watch_end
		ended 0 $((128 + $(kill -l $number)))
		victim_ok
	done
}

@test "LIFE03: signals while it attaches" {
	local number try
	victim_start
	for number in INT TERM KILL QUIT; do
		for ((try = 0; try < ROUNDS; try++)); do
			env --default-signal "$WSSTAT" -q -i "$PACE" -o /dev/null -p "$SIT_PID" \
				2>/dev/null 3>&- &
			WS_PID=$!
			until [ "$(cat "/proc/$WS_PID/comm")" = wsstat ]; do :; done
			sleep "0.0$((RANDOM % 3))$((RANDOM % 10))"
			kill -s $number "$WS_PID" 2>/dev/null || :
			wait "$WS_PID" || :
			WS_PID=''
			await_alone
			victim_ok
		done
	done
}

# A guardian that was at work when wsstat was killed has ended: then the kernel disarms.
await_alone() {
	local end=$((SECONDS + SOON_S))
	until assert_clean "$SIT_PID" 2>/dev/null; do
		[ "$SECONDS" -lt "$end" ] || return 0 # who asks next will say so
	done
}

@test "LIFE04: the reader of the pipe goes away" {
	victim_start
	watch
	exec {WS_LINES}<&-
	WS_STATUS=0
	wait "$WS_PID" || WS_STATUS=$?
	WS_PID=''
	ended 1
	said_once 'cannot write to standard output: Broken pipe'
	victim_ok
}

# run_wsstat OPTION...: to its end; WS_STATUS.
run_wsstat() {
	WS_STATUS=0
	(wsstat "$@") 2>"$WS_ERR" 3>&- || WS_STATUS=$?
}

@test "LIFE05: a full disk: what was written before can be read" {
	require_root
	mkdir small
	mount -t tmpfs -o size=64k tmpfs small || skip "cannot mount a tmpfs"
	victim_start
	run_wsstat -i "$PACE" --json -o small/out -p "$SIT_PID"
	ended 1
	said_once 'cannot write to small/out: No space left'
	victim_ok
	# Whole records, but for the last.
	head -c -1 small/out | head -n -1 >whole
	jq -e -s '.[0].type == "header" and (map(.type) | index("sample"))' whole >/dev/null
	run_wsstat -i "$PACE" -o /dev/full -p "$SIT_PID"
	ended 1
	said_once 'cannot write to /dev/full: No space left'
	victim_ok
}

@test "LIFE06: a limit to the size of files: ended by SIGXFSZ, or told where that is ignored" {
	victim_start
	run_wsstat -i "$PACE" -n 2 -q -p "$SIT_PID" -o out
	ended 0
	(ulimit -f 1 && run_wsstat -i "$PACE" --json -o out2 -p "$SIT_PID"
		ended $((128 + $(kill -l XFSZ))) 1)
	victim_ok
	(trap '' XFSZ && ulimit -f 1 && WS_STATUS=0
		timeout "$PATIENCE_S" "$WSSTAT" -i "$PACE" --json -o out3 -p "$SIT_PID" 2>"$WS_ERR" 3>&- ||
			WS_STATUS=$?
		ended 1 && said_once 'cannot write to out3: File too large')
	victim_ok
}

# How many rounds the target has done.
checks() {
	echo status >&"$SIT_IN"
	sit_read || return 1
	[[ $SIT_ANSWER =~ checks\ ([0-9]+) ]]
	CHECKS=${BASH_REMATCH[1]}
}

@test "LIFE07: stopped for a while: the target does not wait, and the sample is told as late" {
	local before
	victim_start
	ws_json --json
	kill -STOP "$WS_PID"
	await_state "$WS_PID" T
	checks
	before=$CHECKS
	sleep "$PAUSE_S"
	checks
	[ "$CHECKS" -gt "$before" ] || fail "the target stands still: $before, $CHECKS rounds"
	await_running
	kill -CONT "$WS_PID"
	sleep 0.2
	ws_json_end
	ended 0
	victim_ok
	expect_gap "$PAUSE_S"
}

# No thread of the target is traced or stopped.
await_running() {
	! cat "/proc/$SIT_PID/task/"*/status | grep -qE '^(State:.[tT]|TracerPid:.*[1-9])' ||
		fail "the target stands"
}

# ws_json OPTION...: JSON to WS_JSON, and at least two samples there.
ws_json() {
	local end=$((SECONDS + SOON_S))
	: >"$WS_JSON"
	env --default-signal "${UNDER[@]}" "$WSSTAT" -i 0.05 -p "$SIT_PID" -o "$WS_JSON" "$@" \
		2>"$WS_ERR" </dev/null 3>&- &
	WS_PID=$!
	json_grows 2
}

json_samples() {
	grep -c '"type":"sample"' "$WS_JSON" || :
}

# json_grows N: so many samples more.
json_grows() {
	local want=$(($(json_samples) + $1)) end=$((SECONDS + SOON_S))
	until [ "$(json_samples)" -ge "$want" ]; do
		[ "$SECONDS" -lt "$end" ] || fail "no more samples" || return 1
		sleep 0.02
	done
}

ws_json_end() {
	kill -TERM "$WS_PID"
	WS_STATUS=0
	wait "$WS_PID" || WS_STATUS=$?
	WS_PID=''
}

# One window at least as long as SECONDS, told as late by about that; the windows add up
# to the time that has passed, and nothing is said to be idle for longer than that.
expect_gap() { # SECONDS
	jq -e -s --argjson gap "$1" '[.[] | select(.type == "sample")] as $s
		| ($s | max_by(.window_seconds)) as $long
		| $long.window_seconds >= $gap and $long.late_seconds >= $gap - 0.2 and
			$long.late_seconds <= $long.window_seconds and
			(($s | map(.window_seconds) | add) - $s[-1].elapsed_seconds
				| fabs < 0.001)' "$WS_JSON" >/dev/null ||
		fail "$(jq -c '[.sample, .window_seconds, .late_seconds, .elapsed_seconds]' "$WS_JSON")"
	jq -e -s 'map(select(.type == "event" and .event == "late")) | length > 0' "$WS_JSON" \
		>/dev/null || fail "no event tells that it is late"
	assert_books
}

upset() { # NAME=VALUE...
	[ -e "$UPSET" ] || fail "there is no $UPSET" || return 1
	UNDER=(env "LD_PRELOAD=$UPSET" "$@")
}

@test "LIFE08: the machine was suspended: the window says how long" {
	victim_start
	upset UPSET_CLOCKS="$BATS_TEST_TMPDIR/clocks"
	ws_json --json
	echo 7200 7200 >clocks.new && mv clocks.new clocks
	json_grows 3
	ws_json_end
	ended 0
	expect_gap 7200
	victim_ok
}

@test "LIFE09: the wall clock is set, forth and back: windows and deadlines do not care" {
	local step
	victim_start
	upset UPSET_CLOCKS="$BATS_TEST_TMPDIR/clocks"
	ws_json --json
	for step in 86400 -86400 0; do
		echo "0 $step" >clocks.new && mv clocks.new clocks
		json_grows 3
	done
	ws_json_end
	ended 0
	jq -e -s '[.[] | select(.type == "sample")]
		| (map(.window_seconds) | max) < 600 and
			(map(.time) | (max > "'"$(date -ud +23hours +%FT%T)"'" and
				min < "'"$(date -ud -23hours +%FT%T)"'")) and
			(map(.elapsed_seconds) | . == sort)' "$WS_JSON" >/dev/null ||
		fail "$(jq -c '[.sample, .time, .window_seconds, .elapsed_seconds]' "$WS_JSON")"
	assert_books
	victim_ok
}

@test "LIFE10: few descriptors: one line, and nothing left over" {
	local limit
	victim_start
	for limit in {3..20}; do
		UNDER=(prlimit --nofile="$limit")
		run_wsstat -i "$PACE" -n 1 -o /dev/null -p "$SIT_PID"
		case $WS_STATUS in
		0) [ ! -s "$WS_ERR" ] ;;
		1) said_once 'Too many open files' ;;
		127) ;; # not even the program could be loaded
		*) fail "with $limit descriptors: status $WS_STATUS" ;;
		esac
		victim_ok
	done
	ended 0 # the last limit is enough
}

@test "LIFE11: an allocation fails: one line, never a crash, and nothing left over" {
	local n nr
	victim_start
	upset UPSET_COUNT="$BATS_TEST_TMPDIR/count"
	run_wsstat -i "$PACE" -n 2 --json -o out -p "$SIT_PID"
	ended 0
	nr=$(<count)
	for ((n = 1; n <= nr; n += 1 + n / FINENESS)); do
		upset UPSET_MALLOC="$n"
		run_wsstat -i "$PACE" -n 2 --json -o out -p "$SIT_PID"
		out_of_memory "$n"
		victim_ok
	done
}

out_of_memory() { # N
	case $WS_STATUS in
	0) [ ! -s "$WS_ERR" ] || fail "allocation $1" ;;
	1) grep -qx 'virtual memory exhausted.' "$WS_ERR" || # popt, which ends the program
		said_once 'Cannot allocate memory' || fail "allocation $1" ;;
	*) fail "allocation $1: status $WS_STATUS" ;;
	esac
}

@test "LIFE12: a limit to memory: one line, never a crash, and nothing left over" {
	local kib
	victim_start
	for kib in 4000 5000 6000 6400 7000 8000 9000 10000 12000 20000 40000; do
		UNDER=(prlimit --as=$((kib * 1024)))
		run_wsstat -i "$PACE" -n 2 --json -o out -p "$SIT_PID"
		case $WS_STATUS in
		127) continue ;; # it could not even be loaded
		*) out_of_memory "$kib KiB" ;;
		esac
		victim_ok
	done
	ended 0 # the last limit is enough
}

@test "LIFE13: without /proc, with /proc of others hidden: one line that says what helps" {
	require_root
	victim_start
	UNDER=(unshare -m sh -c 'umount -l /proc && exec "$@"' sh)
	run_wsstat -n 1 -p "$SIT_PID"
	ended 4
	said_once 'wsstat is not in /proc'
	run_wsstat -n 1 -o out -- true
	ended 125
	said_once 'wsstat is not in /proc'
	# shellcheck disable=SC2016 # the inner shell's
	UNDER=(unshare -m sh -c 'mount -t proc -o hidepid=2 proc /proc && exec setpriv --reuid "$0" \
		--regid "$0" --clear-groups --inh-caps=-all --bounding-set=-all "$@"' "$NOBODY")
	run_wsstat -n 1 -p "$SIT_PID"
	ended 3
	said_once 'is not to be seen in /proc, which is mounted with hidepid'
	victim_ok
}

@test "LIFE14: an odd start: nothing open, no environment, signals blocked or ignored" {
	victim_start
	# shellcheck disable=SC2016 # that is Perl
	local blocked='use POSIX; my $all = POSIX::SigSet->new; $all->fillset;
		sigprocmask(SIG_BLOCK, $all); $SIG{$_} = "IGNORE" for qw(CHLD ALRM PIPE USR1 CONT);
		exec @ARGV'
	local options=(-i "$PACE" -n 2 -q -p "$SIT_PID" -o out)
	odd "$WSSTAT" "${options[@]}" <&- >&- 2>&-
	odd env -i "$WSSTAT" "${options[@]}"
	odd perl -e "$blocked" "$WSSTAT" "${options[@]}"
	odd nice -n 19 prlimit --core=0 --rttime=0 --nice=0 --sigpending=0 --rtprio=0 \
		"$WSSTAT" "${options[@]}"
	mkdir ro
	chmod a-w ro
	(cd ro && odd "$WSSTAT" -i "$PACE" -n 2 -q -p "$SIT_PID" -o ../out)
}

odd() { # COMMAND...
	local status=0
	rm -f out ../out
	timeout -k 1 "$PATIENCE_S" "$@" 3>&- || status=$?
	[ "$status" = 0 ] || fail "$*: status $status" || return 1
	grep -q '^2 samples\|2 samples' out 2>/dev/null || grep -q '2 samples' ../out ||
		fail "$*: no summary"
	victim_ok
}

# launched STATUS COMMAND...: run under wsstat, it ends with that status.
launched() {
	local want=$1
	shift
	WS_STATUS=0
	timeout -k 1 "$PATIENCE_S" "${UNDER[@]}" "$WSSTAT" -q -i "$PACE" -o out -- "$@" \
		>said 2>"$WS_ERR" 3>&- || WS_STATUS=$?
	ended "$want"
}

@test "LIFE15: launched: the command's status and signals are its own, whatever wsstat's are" {
	# shellcheck disable=SC2016 # that is Perl
	local ignored='$SIG{$_} = "IGNORE" for qw(CHLD PIPE); exec @ARGV'
	# shellcheck disable=SC2016 # that is Perl
	local blocked='use POSIX; my $all = POSIX::SigSet->new; $all->fillset;
		sigprocmask(SIG_BLOCK, $all); exec @ARGV'
	local alone
	UNDER=(perl -e "$ignored")
	launched 7 sh -c 'exit 7'
	launched 0 grep SigIgn /proc/self/status
	alone=$("${UNDER[@]}" grep SigIgn /proc/self/status)
	[ "$(cat said)" = "$alone" ] || fail "ignored: $(cat said), not $alone"
	UNDER=(perl -e "$blocked")
	launched 7 sh -c 'exit 7'
	launched 0 grep SigBlk /proc/self/status
	alone=$("${UNDER[@]}" grep SigBlk /proc/self/status)
	[ "$(cat said)" = "$alone" ] || fail "blocked: $(cat said), not $alone"
	UNDER=()
	launched $((128 + 6)) sh -c 'ulimit -c 0; kill -6 $$'
}

@test "LIFE16: launched: wsstat is killed, the command goes on, unharmed and disarmed" {
	local target
	sit_run env --default-signal "$WSSTAT" -q -i "$PACE" -o out -- "$HELPERS/selfcheck" --threads 2
	while [[ $SIT_ANSWER != ready ]]; do sit_read || return 1; done
	until [ -s out ]; do sleep 0.02; done
	target=$SIT_PID
	kill -9 "$SIT_JOB"
	wait "$SIT_JOB" || :
	SIT_PID=$target # which the shell has forgotten with its coprocess
	await_alone
	victim_ok
	echo quit >&"$SIT_IN"
}

@test "LIFE17: launched: the results cannot be written, the command goes on to its end" {
	WS_STATUS=0
	timeout -k 1 "$PATIENCE_S" "$WSSTAT" -q -i "$PACE" -o /dev/full -- \
		sh -c 'sleep 0.1; echo whole' >said 2>"$WS_ERR" 3>&- || WS_STATUS=$?
	ended 125
	said_once 'cannot write to /dev/full'
	[ "$(cat said)" = whole ] || fail "the command did not end: $(cat said)"
}

@test "LIFE18: SIGTERM ends it where its parent blocked it" {
	# shellcheck disable=SC2016 # that is Perl
	local blocked='use POSIX; my $all = POSIX::SigSet->new; $all->fillset;
		sigprocmask(SIG_BLOCK, $all); exec @ARGV'
	victim_start
	UNDER=(perl -e "$blocked")
	watch
	kill -TERM "$WS_PID"
	watch_end
	ended 0
	[ -n "$SUMMARY" ] || fail "no summary"
	victim_ok
}

# Where rwp sees all, there is none after the attach.
@test "LIFE19: whoever stops its guardian does not stop the target" {
	local before hits
	victim_start
	watch --method zap
	# Each guardian once, as soon as it is there; how many that were is printed.
	# shellcheck disable=SC2016 # that is Perl
	hits=$(timeout -k 1 "$PATIENCE_S" perl -e '
		my ($pid, $want, %seen) = @ARGV;
		while (keys %seen < $want) {
			open my $file, "<", "/proc/$pid/task/$pid/children" or last;
			for my $guardian (split " ", <$file> // "") {
				# Before it has that name it holds nobody.
				open my $comm, "<", "/proc/$guardian/comm" or next;
				(<$comm> // "") =~ /^ws-guardian/ or next;
				$seen{$guardian}++ || kill "STOP", $guardian;
			}
		}
		print scalar keys %seen' "$WS_PID" "$HITS")
	[ "$hits" = "$HITS" ] || fail "only $hits guardians were met"
	checks
	before=$CHECKS
	sleep 0.3
	checks
	[ "$CHECKS" -gt "$before" ] || fail "the target stands still: $before, $CHECKS rounds"
	kill -TERM "$WS_PID"
	watch_end
	ended 0
	victim_ok
}
