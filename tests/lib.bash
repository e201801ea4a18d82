# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034 # what is set here is for the tests
# For the live tests: a situation (helpers/situation.c) that is told what to
# touch, and wsstat watching it, in step.
#
# Both talk over pipes and nothing sleeps.  The full JSON lines go to the file
# $WS_JSON; what the tests wait for are ticks, one short line for each JSON line:
#
#	header | sample NUMBER TIME | event NAME | summary
#
# What is touched between the ticks of samples k and k+1 is in window k+1.

HERE=${BATS_TEST_DIRNAME:-$(dirname "${BASH_SOURCE[0]}")}
BUILD=${WSSTAT_BUILD:-$HERE/../build}
WSSTAT=${WSSTAT:-$BUILD/wsstat}
HELPERS=${WSSTAT_HELPERS:-$BUILD/tests/helpers}
INTERVAL_S=${WSSTAT_TEST_INTERVAL:-1}
PATIENCE_S=60 # for any one answer; only a failure ever takes so long
WINDOW_TRIES=8
MAX_TICKS=120
NOBODY=65534

export TZ=UTC

fail() {
	printf '%s\n' "$@" >&2
	[ ! -s "${WS_ERR:-}" ] || sed 's/^/wsstat said: /' "$WS_ERR" >&2
	return 1
}

has_rwp() {
	[ "$(printf '7.3\n%s\n' "$(uname -r)" | sort -V | head -n 1)" = 7.3 ]
}

# require_rwp: skip where the kernel cannot do what is tested.
require_rwp() {
	has_rwp || skip "needs a kernel with userfaultfd RWP (7.3), this is $(uname -r)"
}

# Since this one, wsstat sees writes everywhere and reads in shared memory.
require_wp_async() {
	[ "$(printf '6.7\n%s\n' "$(uname -r)" | sort -V | head -n 1)" = 6.7 ] ||
		skip "needs Linux 6.7 (userfaultfd WP_ASYNC), this is $(uname -r)"
}

# require_disk: leaves a folder whose files are no memory in DISK.
require_disk() {
	DISK=${WSSTAT_TEST_DISK:-/var/tmp}
	case $(stat -f -c %T "$DISK") in
	tmpfs | ramfs | overlayfs) skip "needs a disk below /var/tmp or \$WSSTAT_TEST_DISK" ;;
	esac
}

require_root() {
	[ "$(id -u)" = 0 ] || skip "needs root"
}

# as_nobody: from here on the situation and wsstat run without any privilege.
as_nobody() {
	require_root
	AS=(setpriv --reuid "$NOBODY" --regid "$NOBODY" --clear-groups --inh-caps=-all
		--bounding-set=-all)
	chmod a+rx "$BATS_RUN_TMPDIR" "$BATS_RUN_TMPDIR"/*
	chmod a+rwx "$BATS_TEST_TMPDIR"
}

# bats looks around at every command, which in a guest takes a fifth of all time.  From here on it
# does so in the test alone, not in the functions that it calls.
trace_only_test() {
	set +T
	[ -z "${BATS_TEST_NAME:-}" ] || declare -ft "$BATS_TEST_NAME"
}

live_setup() {
	trace_only_test
	AS=()
	declare -gA SIT_START=() SIT_END=() SIT_PAGE=()
	EXPECTED=()
	SIT_PID='' SIT_JOB='' WS_PID='' WS_TARGET='' WS_SAMPLE=0
	WS_JSON=$BATS_TEST_TMPDIR/out.jsonl
	WS_TABLE=$BATS_TEST_TMPDIR/table
	WS_ERR=$BATS_TEST_TMPDIR/err
	WS_FIFO=$BATS_TEST_TMPDIR/fifo
	WS_RECORD=$BATS_TEST_TMPDIR/ws.rec
	: >"$WS_ERR"
}

live_teardown() {
	local pid
	for pid in $WS_PID $SIT_PID $SIT_JOB; do
		{ kill -9 "$pid" && wait "$pid"; } 2>/dev/null || :
	done
}

# A coprocess SIT on which sit() talks: the situation, or wsstat that launched it.
sit_run() {
	{ coproc SIT { exec "$@" 3>&- 2>>"$WS_ERR"; }; } 2>/dev/null
	exec {SIT_IN}>&"${SIT[1]}" {SIT_OUT}<&"${SIT[0]}"
	SIT_JOB=$SIT_PID
	sit_read || return 1
	[[ $SIT_ANSWER = "pid "* ]] || fail "no pid, but: $SIT_ANSWER" || return 1
	SIT_PID=${SIT_ANSWER#pid }
}

sit_read() {
	read -r -t "$PATIENCE_S" -u "$SIT_OUT" SIT_ANSWER ||
		fail "the situation does not answer"
}

sit_start() {
	sit_run "${AS[@]}" "$HELPERS/situation"
}

# sit COMMAND...: do it; the answer, without "ok", is left in SIT_ANSWER.
sit() {
	echo "$*" >&"$SIT_IN"
	sit_read || return 1
	[[ $SIT_ANSWER = ok* ]] || fail "situation: $*: $SIT_ANSWER" || return 1
	SIT_ANSWER=${SIT_ANSWER#ok }
}

# sit_each LINE...: many commands, told at once; one answer for all.
sit_each() {
	printf '%s\n' quiet "$@" loud >&"$SIT_IN"
	sit_read || return 1
	[ "$SIT_ANSWER" = "ok loud" ] || fail "situation: $SIT_ANSWER, of: $*"
}

# sit_area COMMAND...: one that makes or moves an area; its place is noted.
sit_area() {
	local word
	sit "$@" || return 1
	read -ra word <<<"$SIT_ANSWER"
	SIT_START[${word[1]}]=${word[2]}
	SIT_END[${word[1]}]=${word[3]}
	SIT_PAGE[${word[1]}]=${word[7]}
}

# resident NAME: how many bytes the program itself finds present.
resident() {
	sit pagemap "$1" || return 1
	[[ $SIT_ANSWER =~ present_bytes\ ([0-9]+) ]]
	RESIDENT=${BASH_REMATCH[1]}
}

# What smaps says of the area, KEY in bytes: smaps_bytes NAME KEY
smaps_bytes() {
	awk -v start="${SIT_START[$1]#0x}" -v key="$2:" '
		/^[0-9a-f]+-[0-9a-f]+ / { here = index($0, start "-") == 1 }
		here && $1 == key { print $2 * 1024; exit }' "/proc/$SIT_PID/smaps"
}

# Ends the situation and takes its status: of wsstat, if that launched it.
sit_wait() {
	SIT_STATUS=0
	exec {SIT_IN}>&-
	wait "$SIT_JOB" || SIT_STATUS=$?
	SIT_PID=''
}

# Copies JSON lines to the file and prints their ticks.
ticker() {
	# shellcheck disable=SC2016 # that is Perl
	exec perl -MIO::Handle -e '
		open my $copy, ">>", $ARGV[0] or die; $copy->autoflush; STDOUT->autoflush;
		open my $in, "<", $ARGV[1] or die;
		while (<$in>) {
			print $copy $_;
			my ($type) = /"type":"(\w+)"/;
			print "sample $1 $2\n" if /"type":"sample".*?"sample":(\d+).*?"time":"([^"]+)"/;
			print "event $1\n" if /"type":"event".*?"event":"(\w+)"/;
			print "$type\n" if ($type // "") =~ /header|summary/;
		}' "$WS_JSON" "$WS_FIFO" 3>&-
}

# Every run is recorded, too: assert_books shows the recording once more.
ws_prepare() {
	mkfifo -m 666 "$WS_FIFO"
	: >"$WS_JSON"
	record_prepare
	{ coproc TICKER { ticker; }; } 2>/dev/null
	exec {WS_TICKS}<&"${TICKER[0]}"
}

# ws_attach OPTION...: watch the situation, or WS_TARGET if that is set.
ws_attach() {
	ws_prepare
	# The shell has background jobs ignore SIGINT.
	env --default-signal=INT "${AS[@]}" "$WSSTAT" -i "$INTERVAL_S" --json \
		--record "$WS_RECORD" "$@" -p "${WS_TARGET:-$SIT_PID}" \
		>"$WS_FIFO" 2>>"$WS_ERR" </dev/null 3>&- &
	WS_PID=$!
	ws_until header
}

# ws_launch OPTION...: start the situation under wsstat.
ws_launch() {
	ws_prepare
	sit_run "${AS[@]}" "$WSSTAT" -i "$INTERVAL_S" --json -o "$WS_FIFO" \
		--record "$WS_RECORD" "$@" -- \
		"$HELPERS/situation" || return 1
	ws_until header
}

# Leaves the next tick in TICK; fails when wsstat says nothing more.
ws_tick() {
	read -r -t "$PATIENCE_S" -u "$WS_TICKS" TICK ||
		fail "wsstat says nothing more" || return 1
	[[ $TICK != sample* ]] || read -r _ WS_SAMPLE WS_TIME <<<"$TICK"
}

# ws_until TICK: wait for one that begins so.
ws_until() {
	local ticks
	for ((ticks = 0; ticks < MAX_TICKS; ticks++)); do
		ws_tick || return 1
		[[ $TICK != "$1"* ]] || return 0
		[[ $TICK != summary ]] || fail "wsstat ended before '$1'" || return 1
	done
	fail "wsstat said $ticks things, but never '$1'"
}

# Wall clock in a tenth of a second, as the JSON has it.
soon() {
	local us=$((${EPOCHREALTIME/[.,]/} + 100000))
	printf -v SOON '%(%FT%T)T.%03dZ' $((us / 1000000)) $((us / 1000 % 1000))
}

# What was said up to now.
ws_catch_up() {
	while read -r -t 0 -u "$WS_TICKS"; do ws_tick || return 1; done
}

# in_window COMMAND...: run it so that all of it lies in the window of WS_SAMPLE.
# Where the machine was too slow for that, once more in the next one.
in_window() {
	local try
	ws_catch_up || return 1
	for ((try = 0; try < WINDOW_TRIES; try++)); do
		"$@" || return 1
		soon
		ws_until sample || return 1
		[[ $SOON > $WS_TIME ]] || return 0
	done
	fail "$* does not fit into a window of $INTERVAL_S s"
}

# Ends wsstat like Ctrl-C would, unless it has ended by itself.
ws_end() {
	kill -INT "$WS_PID" 2>/dev/null || :
	ws_wait
}

# Waits for the end of an attached wsstat; its status is left in WS_STATUS.
ws_wait() {
	ws_until summary || return 1
	WS_STATUS=0
	wait "$WS_PID" || WS_STATUS=$?
	WS_PID=''
}

# One line for each figure of each region: SAMPLE START END KEY VALUE.
table_update() {
	[ ! "$WS_TABLE" -nt "$WS_JSON" ] || return 0
	jq -r 'select(.type == "sample") | .sample as $n | .regions[]
		| "\($n) \(.start) \(.end)" as $which | to_entries[]
		| select(.value | type != "array") | "\($which) \(.key) \(.value)"' \
		"$WS_JSON" >"$WS_TABLE"
}

# expect NAME FIELD WANT: of all regions within an area, in sample WS_SAMPLE: their
# sum; words are listed.  expected_wrong looks at it.
expect() {
	EXPECTED+=("$1 $2 $WS_SAMPLE $3")
}

# expect_hot NAME PAGES
expect_hot() {
	expect "$1" hot_bytes $(($2 * SIT_PAGE[$1]))
}

areas_and_expected() {
	local name
	for name in "${!SIT_START[@]}"; do
		echo "area $name ${SIT_START[$name]} ${SIT_END[$name]}"
	done
	printf 'want %s\n' "${EXPECTED[@]}"
}

# One line for each figure that is not as expected.
expected_wrong() {
	table_update || return 1
	areas_and_expected | awk '
		function above(a, b) { # hexadecimal
			return length(a) > length(b) || (length(a) == length(b) && a "" > b "")
		}
		function area_of(start, end,  name) {
			for (name in low)
				if (!above(low[name], start) && !above(end, high[name]))
					return name
			return "-"
		}
		$1 == "area" { low[$2] = $3; high[$2] = $4; next }
		$1 == "want" {
			which[++nr] = $2 " " $4 " " $3
			sub(/^[^ ]+ [^ ]+ [^ ]+ [^ ]+ /, "")
			want[nr] = $0
			next
		}
		{
			region = $2 " " $3
			if (!(region in area))
				area[region] = area_of($2, $3)
			key = area[region] " " $1 " " $4
			sub(/^[^ ]+ [^ ]+ [^ ]+ [^ ]+ /, "")
		}
		/^[0-9]+$/ { got[key] = sprintf("%.0f", got[key] + $0); next }
		!seen[key, $0]++ { words[key] = words[key] comma[key] $0; comma[key] = "," }
		END {
			for (i = 1; i <= nr; i++) {
				is = "none"
				if (which[i] in got) is = got[which[i]]
				if (which[i] in words) is = words[which[i]]
				if (is "" != want[i] "")
					print which[i] " is " is ", want " want[i]
			}
		}' - "$WS_TABLE"
}

check_expected() {
	local wrong
	[ "${#EXPECTED[@]}" -gt 0 ] || fail "nothing was expected" || return 1
	wrong=$(expected_wrong) || return 1
	[ -z "$wrong" ] || fail "area, sample, figure:" "$wrong"
}

# assert_event NAME [AREA]: there was one, for a region of this area.
assert_event() {
	jq -e -n --arg name "$1" --arg low "${2:+${SIT_START[$2]}}" \
		--arg high "${2:+${SIT_END[$2]}}" '
		def addr: [length, .];
		[inputs | select(.type == "event" and .event == $name) | select($low == "" or
			((.start | addr) < ($high | addr) and (.end | addr) > ($low | addr)))]
		| length > 0' "$WS_JSON" >/dev/null ||
		fail "no event $1 ${2:-}, only: $(jq -c 'select(.type == "event")
			| [.sample, .event, .start, .text]' "$WS_JSON")"
}

# The run is as every run has to be, see check-run.  Where WSSTAT_RUNS is a folder it is left there, to
# be looked at later by a machine that is faster.
assert_books() {
	local left
	if [ -z "${WSSTAT_RUNS:-}" ]; then
		"$HERE/check-run" "$WS_JSON" "$WS_RECORD" || fail "the run is not as it has to be"
		return
	fi
	left=$(mktemp -d "$WSSTAT_RUNS/XXXXXX") || return 1
	echo "$BATS_TEST_DESCRIPTION" >"$left/test"
	[ ! -e "$WS_RECORD" ] || cp "$WS_RECORD" "$left/record"
	cp "$WS_JSON" "$left/json"
}

# For nobody, too.
record_prepare() {
	: >"$WS_RECORD"
	chmod 666 "$WS_RECORD"
}

# assert_clean PID: nothing of wsstat is left in the process.
assert_clean() {
	local marks
	marks=$(grep -cE '^VmFlags:.* (ur|uw|um|ui)( |$)' "/proc/$1/smaps") || :
	[ "$marks" = 0 ] || fail "$marks regions are still registered" || return 1
	! readlink "/proc/$1/fd/"* | grep -F userfaultfd || fail "a userfaultfd is left over"
}
