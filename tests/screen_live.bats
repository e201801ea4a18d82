#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2034,SC2153 # what is set is for screen.bash, and the other way round
# The live view of running processes, on this kernel.  What it shows is compared with what the
# same run has recorded; recordings themselves are shown in screen.bats.

bats_require_minimum_version 1.5.0

load lib
load screen

setup() {
	require_wp_async
	live_setup
	screen_setup
	OTHERS=()
	mkdir "$BATS_TEST_TMPDIR/here"
	cd "$BATS_TEST_TMPDIR/here"
}

teardown() {
	local pid
	screen_teardown
	for pid in "${OTHERS[@]}"; do { kill -9 "$pid" && wait "$pid"; } 2>/dev/null || :; done
	live_teardown
}

# watch COLUMNSxROWS OPTION...: the situation, in the view, and recorded.
watch() {
	screen_open "$1" "$WSSTAT" --live --record "$WS_RECORD" -p "$SIT_PID" "${@:2}" || return 1
	screen_until 'sample [0-9]+ '
}

# with_memory: a situation of which 2,048 pages are in the memfd "a".
with_memory() {
	sit_start
	sit_area map a memfd 8M populate
}

samples() {
	grep -c '"type":"sample"' "$WS_RECORD" || :
}

more_samples() { # NUMBER, of those that are recorded
	local want=$(($(samples) + $1))
	screen_wait "no samples come" enough_samples "$want"
}

enough_samples() {
	[ "$(samples)" -ge "$1" ]
}

# The number of the sample that was looked at.
shown_sample() {
	sed -n 's/^wsstat .* sample \([0-9]*\) .*/\1/p' <<<"$SCREEN"
}

replayed() { # JQ: over the samples of the recording
	"$WSSTAT" --replay "$WS_RECORD" --json | jq -c "select(.type == \"sample\") | $1"
}

# The target is well, and nothing of wsstat is in it.
target_is_free() {
	screen_wait "something is left in the target" assert_clean "$SIT_PID" || return 1
	sit touch-none
}

# A process of so many bytes, in shared memory: its pid is the last of OTHERS.
other_start() {
	mkfifo "$BATS_TEST_TMPDIR/other" 2>/dev/null || :
	/usr/bin/python3 -c '
import mmap, sys, time
memory = mmap.mmap(-1, int(sys.argv[1]))
for at in range(0, len(memory), 4096): memory[at] = 1
open(sys.argv[2], "w").write("ready\n")
while True: time.sleep(60)' "$1" "$BATS_TEST_TMPDIR/other" 3>&- &
	OTHERS+=($!)
	read -r _ <"$BATS_TEST_TMPDIR/other"
}

# bytes SIZE UNIT, as they are shown.
bytes() {
	awk -v n="$1" -v unit="$2" 'BEGIN { printf "%.0f\n", n * 1024 ^ index("KMGT", substr(unit, 1, 1)) }'
}

# near A B: but for the rounding of three digits.
near() {
	awk -v a="$1" -v b="$2" 'BEGIN { d = a > b ? a - b : b - a; exit !(d <= 0.006 * b) }' ||
		screen_fail "$1 is shown, $2 expected"
}

@test "SCR51: what is written in a window is shown, to the page" {
	local try shown
	with_memory
	watch 100x30 -i 1s --method wp
	screen_keys Tab Tab
	screen_until '^memory' 'resident'
	for ((try = 0; try < WINDOW_TRIES; try++)); do
		screen_until "sample [0-9]+ "
		shown=$(shown_sample)
		screen_until "sample $((shown + 1)) "
		sit write a 0 1000
		screen_until "sample $((shown + 2)) "
		! grep -qE '^ +3\.91 MiB .* 8\.00 MiB .*wp +/memfd:' <<<"$SCREEN" || break
	done
	[ "$try" -lt "$WINDOW_TRIES" ] || screen_fail "1000 pages are 3.91 MiB"
	screen_until "sample $((shown + 3)) "
	shows '^ +0 B .* 8\.00 MiB .*wp +/memfd:'
	screen_keys q
	ends 0
	[ "$(replayed ".regions[] | select(.name | startswith(\"/memfd:\")) | .hot_bytes" | grep -c '^4096000$')" -ge 1 ]
	target_is_free
}

@test "SCR52: the lines above are those of the text form of the same sample" {
	local n
	with_memory
	watch 80x24 -i 200ms
	more_samples 3
	press p 'PAUSED'
	screen_look
	n=$(shown_sample)
	{
		figures resident tracked hot cold <<<"$SCREEN"
		grep -E '^(writes only:|of hot:)' <<<"$SCREEN"
	} >shown
	screen_keys q
	ends 0
	"$WSSTAT" --replay "$WS_RECORD" -n "$n" | awk -v n="$n" '
		/^wsstat / { here = $0 ~ " sample " n " " } here' >text
	[ "$(wc -l <shown)" -ge 5 ]
	while read -r line; do
		grep -qE -- "(^| )${line//[()]/.}( |\$)" text || fail "not in the text form of sample $n: $line" "$(cat text)"
	done <shown
}

all_but_graph() {
	sed -E '/^working set/,/^ *0( |$)/d' <<<"$SCREEN"
}

@test "SCR53: p: the picture stays while sampling goes on, can be looked at, and goes on" {
	local n held
	with_memory
	sit write a 0 100
	watch 250x24 -i 200ms --method wp -r memfd
	more_samples 2
	press p 'PAUSED, every 200 ms$'
	n=$(shown_sample)
	screen_keys Tab
	screen_until '^address map' '\(deleted\) +wp'
	press / '^search:'
	screen_type memfd
	press Enter '^[0-9a-f]+-[0-9a-f]+  .*/memfd:'
	press Enter '4\.00 KiB a cell'
	held=$(all_but_graph)
	sit write a 1000 1000
	more_samples 4
	screen_look
	[ "$(all_but_graph)" = "$held" ] || screen_fail "the paused picture has changed"
	press Down '^[0-9a-f]+-[0-9a-f]+  .*/memfd:' '^unwritten since start.* resident$'
	press Enter 'a cell is a page already'
	press Escape '\(deleted\) +wp' ! 'a cell'
	press Enter '4\.00 KiB a cell'
	press p '4\.00 KiB a cell' 'every 200 ms$' ! PAUSED
	screen_wait "it does not go on" shown_after "$((n + 4))"
	[ "$(grep '^7f' <<<"$SCREEN")" != "$(grep '^7f' <<<"$held")" ] ||
		screen_fail "1000 pages that were written are not shown"
	press Space PAUSED
	press Space ! PAUSED
	screen_keys q
	ends 0
	target_is_free
}

shown_after() {
	screen_look
	[ "$(shown_sample)" -ge "$1" ]
}

@test "SCR54: + and - change the interval that is shown, and samples come at it" {
	with_memory
	watch 80x24 -i 1s
	screen_until 'every 1 s$'
	press - 'every 500 ms$'
	press _ 'every 200 ms$'
	more_samples 5
	press '=' 'every 500 ms$'
	press + 'every 1 s$'
	more_samples 3
	screen_keys - - - - - - - - +
	screen_until 'every 200 ms$'
	screen_keys + + + + + + + + + + + +
	screen_until 'every 1 m$'
	screen_keys q
	ends 0
	replayed .window_seconds >windows
	[ "$(awk '$1 >= 0.15 && $1 <= 0.3' windows | wc -l)" -ge 3 ] || fail "$(cat windows)"
	[ "$(awk '$1 >= 0.9 && $1 <= 1.3' windows | wc -l)" -ge 2 ] || fail "$(cat windows)"
	target_is_free
}

@test "SCR55: the target's end: its last picture stays, can be looked at; q ends, status 0" {
	with_memory
	watch 80x24 -i 200ms --method wp
	more_samples 2
	sit exit 0 || :
	screen_until 'ENDED$' 'ended; this is the last picture'
	press Tab '^address map' 'ENDED$'
	press / '^search:'
	screen_type memfd
	press Enter '^[0-9a-f]+-[0-9a-f]+ .*/memfd:'
	press Enter ' a cell'
	press Escape '/memfd:'
	press Tab '^memory +by mapping'
	press b '^memory +by section'
	press b '^memory +by symbol'
	press h '^keys$'
	press h '^memory'
	press q '^hot|^written|resident'
	ends 0
	[ "$("$WSSTAT" --replay "$WS_RECORD" --json | jq -r 'select(.type == "summary").end')" = "target exited" ]
}

@test "SCR56: the target is killed while it is paused and zoomed: ENDED; an idle key ends" {
	with_memory
	watch 80x24 -i 200ms --method wp -r memfd
	press p PAUSED
	screen_keys Tab
	screen_until '\(deleted\) wp'
	press / '^search:'
	screen_type memfd
	press Enter '^[0-9a-f]+-[0-9a-f]+  .*/memfd:'
	press Enter 'a cell'
	kill -9 "$SIT_PID"
	screen_until 'ENDED$'
	press Escape '\(deleted\) wp' 'ENDED$'
	screen_keys z
	ends 0
}

@test "SCR57: -n 3 ends by itself and leaves the summary" {
	with_memory
	screen_open 80x24 "$WSSTAT" --live --record "$WS_RECORD" -p "$SIT_PID" -i 200ms -n 3
	ends 0
	screen_until '3 samples in .*count reached$' '^ +wsstat .* of a CPU'
	[ "$(samples)" = 3 ]
	"$WSSTAT" --replay "$WS_RECORD" | sed -n '/^wsstat .* summary /,$p' | diff - <(echo "$SCREEN")
	screen_open 80x24 "$WSSTAT" --live -p "$SIT_PID" -i 200ms -d 500ms
	ends 0
	screen_until '[23] samples'
	target_is_free
}

# Leaves in BYTES what stands under "resident" in the row of the list that has it.
row_bytes() { # REGEX
	read -r -a row < <(grep -E -- "$1" <<<"$SCREEN" | cut -c21-30)
	BYTES=$(bytes "${row[@]}")
}

@test "SCR58: several processes: the list, their sum, one of them, and back" {
	local pid sum=0 want n
	with_memory
	other_start $((16 << 20))
	pid=${OTHERS[0]}
	watch 100x30 -i 300ms -p "$pid"
	screen_until '^wsstat +sum of 2 processes'
	more_samples 4
	screen_keys Tab Tab
	screen_until "^memory +by process .*2 of them" "situation\[$SIT_PID\]" "python3\[$pid\]"
	press p PAUSED
	n=$(shown_sample)
	row_bytes "situation\[$SIT_PID\]"
	near "$BYTES" "$(replayed "select(.pid == $SIT_PID) | .resident_bytes" | tail -n 1)"
	sum=$BYTES
	row_bytes "python3\[$pid\]"
	near "$BYTES" "$(replayed "select(.pid == $pid) | .resident_bytes" | tail -n 1)"
	sum=$((sum + BYTES))
	read -r -a row < <(sed -n 's/^resident \([^ ]* [^ ]*\) .*/\1/p' <<<"$SCREEN")
	near "$(bytes "${row[@]}")" "$sum"
	press Enter 'paused: go on first'
	press p ! PAUSED
	screen_keys End
	press Enter "^wsstat +[a-z0-9]+\[($pid|$SIT_PID)\]" '^memory +by mapping'
	press l '^wsstat +sum of 2' '^memory +by process'
	screen_keys Home
	press Enter "^wsstat +python3\[$pid\]"
	press Escape '^wsstat +sum of 2'
	press BTab 'choose a process: l, then Enter'
	press w 'choose a process first: l, then Enter'
	press d 'choose a process first: l, then Enter'
	press d ! 'choose a process first'
	{ kill -9 "$pid" && wait "$pid"; } 2>/dev/null || :
	press Tab "python3\[$pid\]  ended" 'sum of 1 process'
	screen_keys q
	ends 0
	target_is_free
}

@test "SCR59: a command that is launched: its output is kept off the screen, shown by o, and told" {
	local file
	mkfifo go end
	# shellcheck disable=SC2016 # for the other shell
	screen_open 80x24 "$WSSTAT" --live -i 200ms -- sh -c '
		echo "hello"; echo "on the other one" >&2; read -r line || echo "nothing to read"
		i=0; while [ $i -lt 300 ]; do echo "noise $i"; i=$((i + 1)); done
		read -r line <go; echo "more: $line"; read -r line <end; exit 7'
	screen_until 'sample [0-9]+ ' '^idle for'
	shows ! noise
	press o '^the end of what the command has written$' '^noise 299$' ! hello
	timeout 20 sh -c "echo first >go"
	screen_until '^more: first$'
	press o '^idle for' ! 'more: first'
	timeout 20 sh -c "echo second >end"
	screen_until 'ENDED$'
	press o '^more: first$'
	screen_keys q
	ends 7
	screen_until 'what the command wrote is in'
	file=$(tr -d '\n' <<<"$SCREEN" | sed -n 's/.*what the command wrote is in \([^ ]*\/wsstat-output-......\).*/\1/p')
	[ "$(head -n 3 "$file")" = $'hello\non the other one\nnothing to read' ]
	[ "$(wc -l <"$file")" = 304 ]
	rm "$file"
}

@test "SCR60: a command that says nothing leaves no file; its end and its absence are told" {
	export TMPDIR=$BATS_TEST_TMPDIR/tmp
	mkdir "$TMPDIR"
	SCREEN_ENV=(TMPDIR="$TMPDIR")
	screen_open 80x24 "$WSSTAT" --live -i 100ms -- sh -c 'kill -TERM $$'
	screen_until 'ENDED$'
	screen_keys q
	screen_end
	[ "$SCREEN_STATUS" = 143 ]
	terminal_is_back
	[ -z "$(ls "$TMPDIR")" ]
	screen_open 80x24 "$WSSTAT" --live -- /nowhere/at/all
	ends 127
	screen_until '/nowhere/at/all'
	screen_open 80x24 "$WSSTAT" --live -- "$BATS_TEST_DIRNAME/lib.bash"
	ends 126
	[ -z "$(ls "$TMPDIR")" ]
	SCREEN_ENV=(TMPDIR=/nowhere)
	screen_open 80x24 "$WSSTAT" --live -- true
	screen_end
	[ "$SCREEN_STATUS" = 125 ]
	screen_until 'cannot make /nowhere/wsstat-output-'
}

@test "SCR61: no such process: status 5, and the terminal is never taken" {
	local status=0
	command -v script >/dev/null || skip "needs script(1)"
	TERM=screen-256color timeout 20 script -qefc "$WSSTAT --live -p 4194303" typescript </dev/null \
		>/dev/null 3>&- || status=$?
	[ "$status" = 5 ] || fail "status $status"
	grep -q 'no such process: 4194303' typescript
	run ! grep -E $'\e\\[' typescript
}

@test "SCR62: a recording that cannot be written ends it with its reason on the terminal" {
	with_memory
	screen_open 80x24 "$WSSTAT" --live -p "$SIT_PID" -i 100ms --record /dev/full
	ends 1
	screen_until 'cannot write to /dev/full: No space left on device'
	target_is_free
}

@test "SCR63: by section and by symbol: whose the memory is" {
	cp "$HELPERS/arrays" arrays
	mkfifo life
	./arrays <life >said 3>&- &
	OTHERS+=($!)
	exec {LIFE}>life
	screen_wait "the helper does not start" grep -q ^ready said
	screen_open 100x40 "$WSSTAT" --live -p "${OTHERS[0]}" -i 300ms --record "$WS_RECORD"
	screen_until 'sample 2 '
	screen_keys Tab Tab
	press b '^memory +by section' '\.bss' '\.data'
	press b '^memory +by symbol' '8\.00 MiB .*wp +arrays:arrays_hot_bss' '8\.00 MiB .*wp +arrays:arrays_cold_data'
	grep -qE '^ +8\.00 MiB .* 8\.00 MiB .*arrays_hot_bss' <<<"$SCREEN"
	grep -qE '^ +[0-9.]+ (KiB|B) .* 8\.00 MiB .*arrays_cold_bss' <<<"$SCREEN"
	press p PAUSED 'arrays_hot_data'
	press b '^memory +by kind' PAUSED
	press b '^memory +by mapping' PAUSED
	press b '^memory +by section' PAUSED '\.bss'
	press p ! PAUSED
	screen_keys BTab
	press / '^search:'
	screen_type 'arrays'
	press Enter '^[0-9a-f]+-[0-9a-f]+ .*arrays'
	kill -9 "${OTHERS[0]}"
	screen_until 'ENDED$'
	screen_keys q
	ends 0
}

@test "SCR64: e: what has happened: a fork and an exec of the process" {
	with_memory
	watch 100x30 -i 200ms
	sit fork read a 0 10 1
	screen_until 'fork: '
	sit reap
	sit exec
	screen_until 'exec: '
	press e '^events and warnings, the latest first$' 'fork: ' 'exec: '
	press e ! '^events and warnings'
	screen_keys q
	ends 0
	target_is_free
}

@test "SCR65: Ctrl-Z and fg: the next sample is late, and says so; the target runs on" {
	with_memory
	SCREEN_NR=$((SCREEN_NR + 1))
	SCREEN_ENV=(PS1='ready> ' HISTFILE=/dev/null W="$WSSTAT" P="$SIT_PID" R="$WS_RECORD")
	screen_raw 80x24 bash --norc --noprofile -i
	screen_until '^ready>$'
	# shellcheck disable=SC2016 # for the other shell
	screen_type 'stty -a >before; clear; "$W" --live -i 200ms -p $P --record "$R"'
	press Enter 'sample [0-9]+ '
	more_samples 2
	press C-z '^\[1\]\+ +Stopped'
	terminal_flags 1 0
	sit write a 0 100
	sleep 0.5 # two windows that it misses
	screen_type 'clear; fg'
	press Enter 'sample [0-9]+ '
	more_samples 2
	press e 'late: sample [0-9]+ is late by'
	press e ! 'late: '
	press q '^ready>$'
	# shellcheck disable=SC2016 # for the other shell
	screen_type 'echo "status $?"; stty -a >after; echo done'
	press Enter '^status 0$' '^done$'
	terminal_flags 1 0
	diff before after
	[ "$(replayed 'select(.late_seconds > 0.1)' | wc -l)" -ge 1 ]
	target_is_free
}

@test "SCR66: kill -STOP and -CONT: the view goes on, and so does the target" {
	local n
	with_memory
	watch 80x24 -i 200ms
	kill -STOP "$SCREEN_PID"
	screen_wait "it is not stopped" state_is T
	sit touch-none
	kill -CONT "$SCREEN_PID"
	n=$(samples)
	more_samples 2
	screen_wait "it does not go on" shown_after "$((n + 1))"
	press Tab '^address map'
	screen_keys q
	ends 0
	target_is_free
}

# killed STATUS COMMAND...: what becomes of a view to which that is done.
killed() {
	local want=$1
	shift
	watch 80x24 -i 200ms || return 1
	"$@" || return 1
	screen_end || return 1
	echo "$*: status $SCREEN_STATUS"
	[ "$SCREEN_STATUS" = "$want" ] || fail "status $SCREEN_STATUS, not $want, after $*" || return 1
	terminal_is_back || return 1
	target_is_free
}

twice() {
	kill -TERM "$SCREEN_PID"
	kill -TERM "$SCREEN_PID" 2>/dev/null || :
}

@test "SCR67: signals: the terminal is given back, the target lives and is disarmed" {
	local name
	with_memory
	for name in TERM HUP INT; do killed 0 signal "$name"; done
	killed 139 signal SEGV
	killed 134 signal ABRT
	killed 0 screen_keys C-c
	twice_is_fine
}

signal() {
	kill -s "$1" "$SCREEN_PID"
}

# The second one may come when the first has ended it.
twice_is_fine() {
	watch 80x24 -i 200ms
	twice
	screen_end
	[[ $SCREEN_STATUS = 0 || $SCREEN_STATUS = 143 ]] || fail "status $SCREEN_STATUS"
	terminal_is_back
	target_is_free
}

@test "SCR68: a terminal that goes away ends it, and the target is free" {
	local pid
	with_memory
	watch 80x24 -i 200ms
	pid=$SCREEN_PID
	screen_hang_up
	screen_wait "it lives on" test ! -e "/proc/$pid"
	target_is_free
}

@test "SCR69: 200 sizes and many keys in some seconds, then it is right" {
	local i seed=${WSSTAT_TEST_SEED:-$EPOCHSECONDS}
	local keys=(Tab BTab b s p p Enter Escape Down Up Left Right d d e e h h u + - n C-l PageDown End Home)
	echo "seed $seed"
	RANDOM=$seed
	with_memory
	watch 80x24 -i 100ms
	for ((i = 0; i < 200; i++)); do
		screen_size "$((1 + RANDOM % 250))x$((1 + RANDOM % 70))"
		screen_keys "${keys[RANDOM % ${#keys[@]}]}" "${keys[RANDOM % ${#keys[@]}]}"
		[ ! -e "$SCREEN_DIR/status" ] || screen_fail "it has ended"
		sit write a "$i" 5
	done
	screen_size 80x24
	screen_until '^wsstat .*sample [0-9]+ ' '^(h help|[^ ]).*(PAUSED, )?every [0-9]+ m?s$'
	[ "$(wc -l <<<"$SCREEN")" = 24 ]
	[ "$(grep -c '^wsstat ' <<<"$SCREEN")" = 1 ]
	# The interval may have become 20 s, and the view may be paused.
	[[ $SCREEN != *PAUSED* ]] || screen_keys p
	screen_keys - - - - - - - - - - - -
	screen_until 'every 100 ms$' ! PAUSED
	more_samples 2
	screen_keys q
	ends 0
	"$HERE/schema/validate" < <("$WSSTAT" --replay "$WS_RECORD" --json)
	target_is_free
}

@test "SCR70: p: the graph stays as it is, too" {
	local held
	with_memory
	watch 80x24 -i 200ms --method wp -r memfd
	screen_keys BTab
	more_samples 2
	press p 'PAUSED' '^working set'
	held=$SCREEN
	sit write a 0 1000
	more_samples 3
	screen_look
	[ "$SCREEN" = "$held" ] || screen_fail "the paused graph has changed"
}

# The target has ended, the cursor is in the map.
end_of_target() {
	with_memory
	watch 80x24 -i 200ms --method wp
	more_samples 1
	sit exit 0 || :
	screen_until 'ENDED$'
	press Tab '^address map'
}

find_memfd() {
	press / '^search:'
	screen_type memfd
	press Enter '^[0-9a-f]+-[0-9a-f]+ .*/memfd:'
}

@test "SCR71: the target has ended: keys that move the cursor do not end the view" {
	local key
	end_of_target
	for key in Down PageDown PageUp End Home Up Left Right; do screen_keys "$key"; done
	find_memfd
	press Enter ' a cell'
	for key in Down PageDown PageUp End Home Up Left Right; do screen_keys "$key"; done
	press Enter ' a cell'
	press C-l ' a cell' 'ENDED$'
	[ ! -e "$SCREEN_DIR/status" ]
	screen_size 100x30
	press Escape ' a cell' 'ENDED$'
	press q ! ENDED
	ends 0
}

@test "SCR72: the target has ended: what cannot be told any more is told once" {
	local i
	end_of_target
	find_memfd
	for ((i = 0; i < 10; i++)); do press Right '^[0-9a-f]+-[0-9a-f]+ .*/memfd:'; done
	screen_keys q
	ends 0
	screen_until 'samples? in'
	[ "$(grep -c 'has ended: its memory is told as a whole' <<<"$SCREEN")" -le 1 ] ||
		screen_fail "told again and again"
}

@test "SCR73: all of several have ended: their sum stays as it was last, in the recording as well" {
	local before
	with_memory
	other_start $((16 << 20))
	watch 100x30 -i 2s -p "${OTHERS[0]}"
	more_samples 1
	screen_until '^wsstat +sum of 2 processes'
	before=$(figures resident tracked <<<"$SCREEN")
	[ "$(wc -l <<<"$before")" = 2 ]
	kill -9 "${OTHERS[0]}" "$SIT_PID"
	screen_until 'sum of 2 processes' 'ENDED$'
	[ "$(figures resident tracked <<<"$SCREEN")" = "$before" ] || screen_fail "was: $before"
	screen_keys q
	ends 0
	screen_open 100x30 "$WSSTAT" --live --replay "$WS_RECORD"
	screen_until 'sum of 2 processes'
	press '}' 'sum of 2 processes' 'recording ([0-9]+)/\1$'
	[ "$(figures resident tracked <<<"$SCREEN")" = "$before" ] || screen_fail "was: $before"
	screen_keys q
	ends 0
}
