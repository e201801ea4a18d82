#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# The command line: wrong input gives one clear line on standard error, nothing on
# standard output and the right status; right input is understood.  Holds on every
# kernel; where the answer depends on RWP both are stated.

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

as_nobody() {
	[ "$(id -u)" = 0 ] || skip "needs root"
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
	# The parent, which becomes wsstat, does not wait for it.
	# shellcheck disable=SC2016 # that is Perl
	refused 5 'no such process|has ended' perl -e '
		my $pid = fork // die;
		exit 0 unless $pid;
		my $stat = "";
		until ($stat =~ /\) Z/) {
			open my $file, "<", "/proc/$pid/stat" or die;
			$stat = <$file>;
		}
		exec $ARGV[0], "-p", $pid' "$WSSTAT"
}

@test "CLI08: a process is observed, by the methods that this kernel has" {
	start_victim
	given "$WSSTAT" -p "$VICTIM" -i 50ms -n 1
	given "$WSSTAT" -p "$VICTIM" -i 50ms -n 1 -m auto
	given "$WSSTAT" -p "$VICTIM" -i 50ms -n 1 -m wp
	given "$WSSTAT" -p "$VICTIM" -i 50ms -n 1 -q -m refs
	has_rwp || refused 4 'method rwp does not work here: .*; boot Linux' \
		"$WSSTAT" -p "$VICTIM" -n 1 -m rwp
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
	usage 'pid was given 2 times' -p 1 -p 2
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

@test "CLI42: a method that this kernel lacks: nothing is started" {
	has_rwp && skip "this kernel has all methods"
	refused 125 'method rwp does not work here' "$WSSTAT" -m rwp -- touch "$BATS_TEST_TMPDIR/ran"
	[ ! -e "$BATS_TEST_TMPDIR/ran" ]
}

@test "CLI27: --help lists every option and exits with 0" {
	local option
	given "$WSSTAT" --help
	for option in -p,\ --pid=PID -i,\ --interval=TIME -n,\ --count=N -d,\ --duration=TIME \
		-r,\ --region=SELECT -m,\ --method=METHOD --exact --soft-dirty -j,\ --json --brief -o,\ --output=FILE --ages=LIST \
		--cold-after=TIME --replay=FILE --features -q,\ --quiet -v,\ --verbose \
		-V,\ --version -h,\ --help; do
		grep -qF -- "  $option " "$OUT" || { echo "missing: $option"; return 1; }
	done
	[ "$(grep -cE '^  (-|  +-)' "$OUT")" = 19 ]
	given "$WSSTAT" -h
	given "$WSSTAT" --help -p 1 -- true
}

@test "CLI28: --version" {
	given "$WSSTAT" --version
	head -n 1 "$OUT" | grep -qE '^wsstat [0-9]'
	grep -q GPL "$OUT"
	given "$WSSTAT" -V
}

# answers FILTER: method=answer of a list in the output, in its order.
answers() {
	jq -r "$1"' | map("\(.name)=\(.answer)") | join(" ")' "$OUT"
}

# features OPTION...: --features as JSON into OUT.
features() {
	given "${AS[@]}" "${UNDER[@]}" "$WSSTAT" --features --json "$@"
}

# As the schema says; slow in the guest, so once for each kind of answer.
sound() {
	"$BATS_TEST_DIRNAME/schema/validate" <"$OUT"
}

# under CALL=ERRNO...: from here on wsstat runs under a seccomp filter.
under() {
	UNDER=("$WSSTAT_BUILD/tests/helpers/filter" "$@" --)
	[ -x "${UNDER[0]}" ] || skip "the helpers are not built"
}

rwp_answer() {
	if has_rwp; then echo "${1:-yes}"; else echo no; fi
}

@test "CLI29: --features tells yes, or no with the reason and the remedy" {
	given "$WSSTAT" --features
	[ "$(sed -nE 's/^(rwp|zap|wp|refs) .*/\1/p' "$OUT" | xargs)" = 'rwp zap wp refs' ]
	[ "$(grep -cE '^(zap|wp|refs) +yes$' "$OUT")" = 3 ]
	if has_rwp; then
		grep -qE '^rwp +yes$' "$OUT"
	else
		grep -qE '^rwp +no: ' "$OUT"
		tr -s ' \n' ' ' <"$OUT" | grep -qF 'boot Linux 7.3'
	fi
	[ "$(awk '{ print length }' "$OUT" | sort -n | tail -n 1)" -le 80 ]
}

@test "CLI30: --features --json" {
	features
	sound
	[ "$(jq -r '.type' "$OUT")" = features ]
	[ "$(answers .methods)" = "rwp=$(rwp_answer) zap=yes wp=yes refs=yes" ]
	[ "$(jq -c '[.pid, .attach, .process_methods]' "$OUT")" = '[null,null,null]' ]
}

@test "CLI31: --features of a process" {
	start_victim
	given "$WSSTAT" --features -p "$VICTIM"
	grep -qE "^-p $VICTIM +yes$" "$OUT"
	features -p "$VICTIM"
	sound
	[ "$(jq '.pid' "$OUT")" = "$VICTIM" ]
	[ "$(jq -r '.attach.answer' "$OUT")" = yes ]
	[ "$(answers .process_methods)" = "rwp=$(rwp_answer) zap=yes wp=yes refs=yes" ]
	refused 5 'no such process' "$WSSTAT" --features -p 4194304
}

@test "CLI32: --features without any privilege" {
	as_nobody
	features
	[ "$(answers .methods)" = "rwp=$(rwp_answer) zap=yes wp=yes refs=yes" ]
}

@test "CLI33: --features of another user's process" {
	as_nobody
	start_victim
	features -p "$VICTIM"
	sound
	[ "$(answers .process_methods)" = \
		"rwp=$(rwp_answer 'not permitted') zap=not permitted wp=not permitted refs=not permitted" ]
	[ "$(jq -r '.attach.answer' "$OUT")" = 'not permitted' ]
	jq -e '.attach.reason | test("another user")' "$OUT"
	jq -e '.attach.remedy | test("as root")' "$OUT"
}

@test "CLI34: --features of a process that is being traced: refs is left" {
	local line fd pid
	start_victim
	# shellcheck disable=SC2016 # that is Perl; ptrace is 101, PTRACE_SEIZE 0x4206
	coproc TRACER { exec perl -e '$| = 1; syscall(101, 0x4206, $ARGV[0] + 0, 0, 0) == 0 or die;
		print "traced\n"; <STDIN>' "$VICTIM" 3>&-; }
	read -r line <&"${TRACER[0]}"
	[ "$line" = traced ]
	features -p "$VICTIM"
	[ "$(answers .process_methods)" = \
		"rwp=$(rwp_answer 'not permitted') zap=not permitted wp=not permitted refs=yes" ]
	jq -e '.attach.reason | test("traced by process")' "$OUT"
	pid=$TRACER_PID fd=${TRACER[1]} # bash forgets both when it has reaped the job
	exec {fd}>&-
	wait "$pid"
}

@test "CLI35: --features of a kernel thread" {
	[ "$(cat /proc/2/comm 2>/dev/null)" = kthreadd ] || skip "kernel threads are not visible"
	features -p 2
	[ "$(answers .process_methods)" = 'rwp=no zap=no wp=no refs=no' ]
	jq -e '.attach.reason | test("kernel thread")' "$OUT"
}

@test "CLI36: --features under a filter that forbids userfaultfd" {
	local errnum
	for errnum in 1 13 38; do # EPERM, EACCES, ENOSYS
		under userfaultfd=$errnum
		features
		[ "$(answers .methods)" = \
			'rwp=not permitted zap=not permitted wp=not permitted refs=yes' ]
		jq -e '.methods[0] | (.reason | test("seccomp")) and (.remedy | test("container"))' \
			"$OUT"
	done
	refused 125 'method wp does not work here: .*seccomp' "${UNDER[@]}" "$WSSTAT" --method wp -- true
}

@test "CLI37: --features under a filter that forbids PAGEMAP_SCAN, or has it not" {
	under scan=1
	features
	[ "$(answers '.methods[1:3]')" = 'zap=not permitted wp=not permitted' ]
	under scan=25 # ENOTTY, as before Linux 6.7
	features
	[ "$(answers .methods)" = 'rwp=no zap=no wp=no refs=yes' ]
	jq -e '.methods[2] | (.reason | test("6.7")) and (.remedy | test("Linux 6.7"))' "$OUT"
}

@test "CLI38: --features tells what only seems to work" {
	under writeprotect=0
	features
	sound
	[ "$(answers .methods)" = "rwp=$(rwp_answer) zap=broken wp=broken refs=yes" ]
	jq -e '.methods[2].reason | test("told as present, written, not present")' "$OUT"
	under madvise=0
	features
	[ "$(answers .methods)" = "rwp=$(rwp_answer) zap=broken wp=yes refs=yes" ]
	under rwprotect=0 register=12 # ENOMEM
	features
	[ "$(answers .methods)" = "rwp=$(rwp_answer broken) zap=broken wp=broken refs=yes" ]
	jq -e '.methods[2].reason | test("UFFDIO_REGISTER fails: Cannot allocate")' "$OUT"
}

@test "CLI39: --features of a process under a filter" {
	under madvise=1
	mkfifo "$BATS_TEST_TMPDIR/in" "$BATS_TEST_TMPDIR/ready"
	# shellcheck disable=SC2016 # the inner shell's
	"${UNDER[@]}" sh -c 'echo ready >"$1"; read -r _ <"$2"' sh "$BATS_TEST_TMPDIR/ready" \
		"$BATS_TEST_TMPDIR/in" 3>&- &
	VICTIM=$!
	read -r _ <"$BATS_TEST_TMPDIR/ready"
	UNDER=()
	features -p "$VICTIM"
	[ "$(jq -r '.attach.answer' "$OUT")" = "$([ "$(id -u)" = 0 ] && echo yes || echo not permitted)" ]
	under madvise=1 # wsstat, too
	features -p "$VICTIM"
	jq -e '.attach | .answer == "not permitted" and (.reason | test("filter"))' "$OUT"
	[ "$(jq -r '.process_methods[3].answer' "$OUT")" = yes ]
}
