#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2034,SC2153 # what is set is for screen.bash, and the other way round
# The live view of recordings: what it shows (golden/screens), its keys, its manners.  It needs
# nothing of the kernel; of running processes see screen_live.bats.

bats_require_minimum_version 1.5.0

load lib
load screen

setup() {
	live_setup
	screen_setup
	SCREENS=$BATS_TEST_DIRNAME/golden/screens
	mkdir "$BATS_TEST_TMPDIR/here"
	cd "$BATS_TEST_TMPDIR/here"
}

teardown() {
	screen_teardown
	live_teardown
}

# golden NAME: all screens there are of it.
golden() {
	local file wrong=0
	for file in "$SCREENS/$1".*; do
		golden_same "$file" || wrong=1
	done
	return $wrong
}

@test "SCR01: golden screens: a heap that grows" {
	golden growth
}

@test "SCR02: golden screens: regions on several methods" {
	golden methods
}

@test "SCR03: golden screens: only writes are seen" {
	golden writes
}

@test "SCR04: golden screens: mappings that come, change and go" {
	golden events
}

@test "SCR05: golden screens: without page ages" {
	golden refs
}

@test "SCR06: golden screens: nothing can be observed" {
	golden refused
}

@test "SCR07: golden screens: huge pages" {
	golden units
}

# The keys of the help screen; "(Ctrl-C too)" behind one is another.
help_keys() {
	sed -n '/^keys/,/^h help/p' <<<"$SCREEN" | grep '^  ' |
		sed 's/^  \(.\{17\}\)\(.*(\(.*\) too)\)\?.*/\1 \3/; s/ and\|,//g' | xargs -n 1
}

# The keys that the manual page lists, in the help's spelling.
man_keys() {
	sed -n '/^The keys:/,/^When the process has ended/p' "$WSSTAT_SRCDIR/doc/wsstat.1.in" |
		grep -A 1 '^\.TP' | grep '^\.BR\? ' | sed 's/^\.BR\? //; s/\\-/-/g; s/,\\ / /g; s/ ,//g' |
		xargs -n 1
}

@test "SCR10: q quits, and the terminal is as it was" {
	view growth
	terminal_flags 0 1
	screen_keys q
	ends 0
	screen_look
	[ -z "$SCREEN" ] || screen_fail "something is left"
}

@test "SCR11: h and ? show the keys; they, Esc, Backspace and Enter lead back" {
	local key
	view growth 80x40
	for key in h '?' Escape BSpace Enter; do
		press h '^keys$' '^  q +quit' '^  Ctrl-Z '
		press "$key" '^idle for' ! '^keys'
	done
	press '?' '^keys$'
	press Tab '^keys$' # another pane, below
	press h '^address map' ! '^keys'
}

@test "SCR12: the help lists the keys of the manual page, and no others" {
	view growth 100x50
	press h '^keys$' '^  Ctrl-Z'
	diff <(help_keys | sort -u) <(man_keys | sort -u)
}

@test "SCR13: help in a small terminal can be scrolled to its end" {
	local i
	view growth 40x10
	press h '^keys' '^  q '
	for ((i = 0; i < 30; i++)); do screen_keys Down; done
	screen_until '^  Ctrl-Z' ! '^  q '
	press Up '^  Esc Backspace'
	press Home '^  q '
	press PageDown ! '^  q '
	press End '^  Ctrl-Z'
	press PageUp ! '^  Ctrl-Z'
}

@test "SCR14: Tab and Shift-Tab go round the panes" {
	local pane
	view growth 40x10
	for pane in 'address map' memory 'working set' 'idle for' 'address map'; do
		press Tab "^$pane"
	done
	for pane in 'idle for' 'working set' memory 'address map'; do press BTab "^$pane"; done
}

@test "SCR15: < > { } and the keys beside them step through a recording" {
	local key
	view growth
	screen_until 'sample 6 ' 'recording 6/6$'
	press '<' 'sample 5 ' 'recording 5/6$'
	press , 'sample 4 ' 'recording 4/6$'
	press '>' 'sample 5 ' 'recording 5/6$'
	press . 'sample 6 ' 'recording 6/6$'
	press '>' 'sample 6 ' 'recording 6/6$'
	for key in '{' '['; do
		press "$key" 'sample 1 ' 'recording 1/6$'
		press '<' 'sample 1 ' 'recording 1/6$'
		press "$([ "$key" = '{' ] && echo '}' || echo ']')" 'sample 6 ' 'recording 6/6$'
	done
}

@test "SCR20: keys that come at once are taken one after the other" {
	view growth
	screen_keys '<' '<' '<' '<' '>'
	screen_until 'sample 3 ' 'recording 3/6$'
	screen_keys '{' '>' '>'
	screen_until 'sample 3 ' 'recording 3/6$'
	screen_keys '}' '>'
	screen_until 'sample 6 ' 'recording 6/6$'
	screen_keys '{' '<'
	screen_until 'sample 1 ' 'recording 1/6$'
	screen_keys '>' '}' '<'
	screen_until 'sample 5 ' 'recording 5/6$'
}

@test "SCR16: each step shows what the text form shows of that sample" {
	local n sums
	view events 80x24
	press '{' 'recording 1/5$'
	for n in 1 2 3 4 5; do
		[ "$n" = 1 ] || screen_keys '>'
		screen_until "sample $n " "recording $n/5\$"
		sums=$(env TZ=UTC LC_ALL=C.UTF-8 "$WSSTAT" --replay "$REC" -n "$n" |
			awk -v n="$n" '/^wsstat / { here = $0 ~ " sample " n " " } here' |
			figures resident tracked hot cold)
		[ "$(wc -l <<<"$sums")" -ge 3 ]
		[ "$(figures resident tracked hot cold <<<"$SCREEN")" = "$sums" ] ||
			screen_fail "sample $n should be: $sums"
	done
}

@test "SCR17: Space and p play; + and - set the pace; at the end it stands" {
	local began
	view growth
	press '{' 'recording 1/6$'
	press Space 'recording ./6, a step every 500 ms$'
	screen_until 'recording 6/6$'
	# From the end it begins anew.
	screen_keys - -
	press p 'recording [1-5]/6, a step every 100 ms$'
	press p 'recording [1-6]/6$'
	press '{' 'recording 1/6$'
	screen_keys + + + + + =
	press Space 'recording 1/6, a step every 10 s$'
	press _ 'recording 1/6, a step every 5 s$'
	screen_keys - - - - - - - -
	screen_until 'recording 6/6$'
	press '{' 'recording 1/6$'
	began=$EPOCHREALTIME
	press Space 'recording 6/6$'
	awk -v began="$began" -v end="$EPOCHREALTIME" 'BEGIN { exit !(end - began >= 0.5) }' ||
		screen_fail "5 steps every 100 ms took $began to $EPOCHREALTIME"
}

@test "SCR18: b: by mapping, section, symbol, kind" {
	view growth
	screen_keys Tab Tab
	screen_until '^memory +by mapping \(b\)' '\[heap\]'
	press b '^memory +by section'
	press b '^memory +by symbol'
	press b '^memory +by kind' '6.00 MiB .*heap$'
	press b '^memory +by mapping'
}

# column NUMBER: in the rows of the table at 100 columns.
column() {
	sed -n '/ resident .* how /,/^h help/p' <<<"$SCREEN" | sed '1d;$d' | grep . |
		case $1 in
		hot) cut -c1-10 ;;
		cold) cut -c11-20 ;;
		resident) cut -c21-30 ;;
		idle) cut -c31-44 ;;
		name) cut -c51- ;;
		esac | sed 's/^ *//'
}

# falls: sizes on stdin, none above the one before; n/a is the least.
falls() {
	sed 's/^n\/a$/-1 B/' | awk '{ unit = index("BKMG", substr($2, 1, 1)); v = $1 * 1024 ^ unit }
		NR > 1 && v > before { print "rises:", $0; bad = 1 } { before = v } END { exit bad }'
}

@test "SCR19: s: the order is by hot, cold, resident, idle time, name" {
	view methods 100x24
	screen_keys Tab Tab
	screen_until 'sorted by hot'
	column hot | falls
	press s 'sorted by cold'
	column cold | falls
	press s 'sorted by resident'
	column resident | falls
	press s 'sorted by idle time'
	[ "$(column idle | tr '\n' ,)" = '>= 4 m,>= 4 m,3 m,1 m,0 s,n/a,' ] || screen_fail order
	press s 'sorted by name'
	diff <(column name | sed 's/  (.*//') <(column name | sed 's/  (.*//' | LC_ALL=C sort)
	press s 'sorted by hot'
}

@test "SCR21: / and n search the table and the map; what is typed can be mended" {
	view growth 100x30
	screen_keys Tab Tab
	press / '^search:$'
	terminal_flags 1 1
	screen_type RAMX
	screen_until '^search: RAMX$'
	press BSpace '^search: RAM$'
	screen_keys Enter
	screen_wait "the cursor is not at guest-ram" cursor_at guest-ram
	press / '^search:$'
	screen_type 'st'
	screen_keys Enter
	screen_wait "the cursor is not at the stack" cursor_at '\[stack\]'
	screen_keys n
	screen_wait "the cursor is not at guest-ram" cursor_at guest-ram
	press / '^search:$'
	screen_type nonsense
	press C-u '^search:$'
	screen_type 'absent'
	press Enter "no line has 'absent' in its name"
	press / '^search:$'
	press Escape '^h help'
	screen_keys BTab
	press / '^search:$'
	screen_type heap
	press Enter '^10000000-[0-9a-f]+  .*\[heap\]'
	press / '^search:$'
	screen_type 'ß€'
	press Enter "no mapping has 'ß€' in its name"
	screen_keys q
	ends 0
}

# The line of the table or map that is marked (in reverse), of a look with attributes.
cursor_at() { # REGEX
	screen_tmux capture-pane -p -e | grep -E $'^(\e\\[[0-9;]*m)*\e\\[[0-9;]*7m' |
		grep -vE 'address map|memory  |idle for  |working set' | sed 's/\x1b\[[0-9;]*m//g' |
		grep -qE -- "$1"
}

@test "SCR22: n without a search, o without a command, l with one process say so" {
	view growth
	press n 'nothing has been searched for yet: /'
	press o 'only of a command that was launched'
	press l 'there is one process only'
	press z ! 'there is one process only'
}

@test "SCR23: d shows the decision table of the sample, and toggles" {
	view growth 80x30
	press d '^what taking memory away would have cost$'
	"$WSSTAT" --replay "$REC" --decide -n 6 | grep -A 2 '^idle for  *cold mean' | tail -n 3 >"$BATS_TEST_TMPDIR/table"
	[ -s "$BATS_TEST_TMPDIR/table" ]
	while read -r expected; do
		grep -qxF -- "$expected" <<<"$SCREEN" || screen_fail "no line: $expected"
	done <"$BATS_TEST_TMPDIR/table"
	press e '^events and warnings, the latest first$' '^nothing has happened so far'
	press d '^what taking memory away'
	press d '^idle for  .*size' ! '^what taking memory away'
	view refs
	press d 'nothing to decide by: there are no page ages'
	press Escape ! 'nothing to decide by'
}

@test "SCR24: u unfolds what is not observed, and folds it" {
	view refused
	screen_keys Tab
	screen_until '9 mappings .*not observed \(u unfolds\)'
	press u '4000000 .*guest_memfd' '9000000 .*vm.max_map_count' ! '9 mappings'
	press u '9 mappings .*not observed'
}

@test "SCR25: w writes what the text form writes; a file that is there stays" {
	view growth
	press '<' 'recording 5/6$'
	press w '^write to: wsstat-4242-5.txt$'
	press Enter 'sample 5 is in wsstat-4242-5.txt'
	env TZ=UTC LC_ALL=C.UTF-8 "$WSSTAT" --replay "$REC" -v -n 5 >all.txt
	grep -q '^wsstat .*sample 5 ' wsstat-4242-5.txt
	run ! grep '^wsstat .*sample [^5]' wsstat-4242-5.txt
	while read -r expected; do
		grep -qF -- "$expected" all.txt || fail "not in the text form: $expected"
	done < <(sed 's/^ *//' wsstat-4242-5.txt)
	cp wsstat-4242-5.txt before
	press w '^write to: wsstat-4242-5.txt$'
	press Enter 'wsstat-4242-5.txt is not written: File exists'
	cmp before wsstat-4242-5.txt
	press w '^write to: '
	screen_keys C-u
	screen_type /nowhere/x
	press Enter '/nowhere/x is not written: No such file'
	press w '^write to: '
	press C-u '^write to:$'
	press Enter '^h help' # nothing
	[ "$(echo *)" = 'all.txt before wsstat-4242-5.txt' ]
}

@test "SCR26: w to a .json file writes what --json writes" {
	view events
	press '<' 'recording 4/5$'
	press w '^write to: wsstat-31-4.txt$'
	screen_keys BSpace BSpace BSpace
	screen_type json
	press Enter 'sample 4 is in wsstat-31-4.json'
	"$WSSTAT" --replay "$REC" --json --decide | jq -S 'select(.type == "sample" and .sample == 4)' >expected
	jq -S 'select(.type == "sample")' wsstat-31-4.json | diff expected -
	jq -S 'select(.type == "header")' wsstat-31-4.json |
		diff <("$WSSTAT" --replay "$REC" --json --decide | jq -S 'select(.type == "header")') -
	[ "$(wc -l <wsstat-31-4.json)" = 2 ]
}

@test "SCR27: arrows, PgUp, PgDn, Home and End move the cursor of the table" {
	view refused 100x17 # 5 rows of 10
	screen_keys Tab Tab
	screen_until '^memory'
	screen_wait "first" cursor_at libsealed
	screen_keys Down
	screen_wait "second" cursor_at many
	screen_keys Down Down Up
	screen_wait "third" cursor_at SYSV
	screen_keys End
	screen_wait "last" cursor_at odd
	shows ! libsealed
	screen_keys Down
	screen_wait "last" cursor_at odd
	screen_keys Home
	screen_wait "first" cursor_at libsealed
	screen_keys Up
	screen_wait "first" cursor_at libsealed
	screen_keys PageDown PageDown PageDown PageDown
	screen_wait "last" cursor_at odd
	screen_keys PageUp PageUp PageUp PageUp
	screen_wait "first" cursor_at libsealed
}

@test "SCR28: the map: lines, cells, Enter down to single pages, Esc and Backspace back" {
	local i
	view growth 80x24
	screen_keys Tab
	press Down '^10000000-10030000  \[heap\]' '^hot   192 KiB hot, 192 KiB of 192 KiB resident'
	press Right '^10030000-10060000  '
	press Left '^10000000-10030000  '
	press Left '^10000000-10030000  '
	press Enter '^10000000-10800000  8.00 MiB, [0-9.]+ KiB a cell'
	press Right '^1000[1-9a-f]000-'
	press Down '^10[0-9a-f]*000-'
	press Up '^1000[1-9a-f]000-'
	press End '-10800000  '
	press Home '^10000000-1000[0-9a-f]000  \[heap\]' '^hot '
	press Enter '^10000000-1000[0-9a-f]000  .*, 4.00 KiB a cell' '^10000000-10001000  ' '^hot '
	press Right '^10001000-10002000  ' '^hot '
	press Enter 'a cell is a page already'
	press Escape '^10000000-10800000  8.00 MiB'
	press BSpace '^address map' ! 'a cell'
	shows '^7f0000000000 '
	screen_keys Home
	press Enter 'there are no pages of it to show'
}

@test "SCR29: the cells of single pages are those that --pages lists" {
	local SCREEN_ENV=(LANG=C) kind
	view growth 200x60
	for kind in hot cold; do
		"$WSSTAT" --replay "$REC" --pages "$kind" >"$BATS_TEST_TMPDIR/$kind"
	done
	press Tab '^idle for'
	screen_keys Down
	press Enter '^10000000-10800000  8.00 MiB, 4.00 KiB a cell'
	/usr/bin/python3 - "$BATS_TEST_TMPDIR" 3< <(printf '%s\n' "$SCREEN") <<'END'
import os, re, sys
rows = os.fdopen(3).read().split("\n")
first = next(i for i, row in enumerate(rows) if " a cell" in row) + 1
cells, width = {}, 200 - 13
for n, row in enumerate(rows[first:first + (2048 + width - 1) // width]):
    assert int(row[:13], 16) == 0x10000000 + n * width * 4096, row
    for i, glyph in enumerate(row[13:].ljust(width)):
        cells[0x10000000 + (n * width + i) * 4096] = glyph
for kind, glyphs in ("hot", "#"), ("cold", "-."):
    listed = set()
    for line in open(sys.argv[1] + "/" + kind):
        if not line.startswith("#"):
            _, start, end = line.split("\t")[:3]
            listed.update(range(int(start, 16), int(end, 16), 4096))
    listed = {page for page in listed if 0x10000000 <= page < 0x10800000}
    shown = {page for page, glyph in cells.items() if glyph in glyphs}
    if kind == "hot":
        shown.add(0x10000000)  # the cursor is there, and the last line says what it is at
        assert re.search(r"^10000000-10001000  .*\nhot ", "\n".join(rows), re.M)
    assert listed == shown and listed, (kind, sorted(map(hex, listed ^ shown))[:10])
END
}

@test "SCR30: Ctrl-L mends a screen that others have written to" {
	local tty
	view growth
	screen_look
	expected=$SCREEN
	tty=$(screen_tmux display-message -p '#{pane_tty}')
	printf '\e[5;5Htorn by others' >"$tty"
	screen_until 'torn by others'
	screen_keys C-l
	screen_wait "not mended" screen_is "$expected"
}

@test "SCR31: Backspace and Esc in the panes do no harm; unknown keys do nothing" {
	view growth
	screen_look
	expected=$SCREEN
	screen_keys Escape BSpace z Z 5 F1 F12 M-x DC IC C-a C-u C-y Enter Left Right Up Down PageUp End
	screen_keys Tab BTab
	screen_wait "it is another picture" screen_is "$expected"
	screen_keys q
	ends 0
}

# said STATUS REGEX COMMAND...: it ends so, with one line that says so, and never took the terminal.
said() {
	local want=$1 regex=$2
	shift 2
	# shellcheck disable=SC2016 # for the other shell
	screen_open 80x24 sh -c 'exec "$@" 2>"$0"' "$WS_ERR" "$@" || return 1
	screen_end || return 1
	screen_look
	if [ "$SCREEN_STATUS" != "$want" ] || [ -n "$SCREEN" ] || [ "$(wc -l <"$WS_ERR")" != 1 ] ||
		! grep -qE -- "^wsstat: .*($regex)" "$WS_ERR"; then
		fail "status $SCREEN_STATUS, screen '$SCREEN', of: $*"
	fi
}

@test "SCR32: what is no terminal for it is refused with one line and status 2" {
	local redirected env
	make_recording growth
	# shellcheck disable=SC2016 # for the other shell
	for redirected in '>/dev/null' '| cat' '</dev/null'; do
		screen_open 80x24 bash -c "set -o pipefail; \"\$@\" 2>\"\$0\" $redirected" "$WS_ERR" \
			"$WSSTAT" --replay "$REC" --live
		screen_end
		[ "$SCREEN_STATUS" = 2 ]
		[ "$(wc -l <"$WS_ERR")" = 1 ]
		grep -q '^wsstat: --live needs a terminal; standard .*put is none' "$WS_ERR"
	done
	for env in TERM=dumb TERM= TERM=nonsense --unset=TERM; do
		SCREEN_ENV=("$env")
		said 2 "a terminal of type '.*' is not known, or cannot place its cursor" \
			"$WSSTAT" --replay "$REC" --live
	done
}

@test "SCR33: options that do not go with --live, and scripts, are refused" {
	local option
	make_recording growth
	for option in --json --brief '-o x' --features '--pages hot'; do
		# shellcheck disable=SC2086 # words
		said 2 '--live and --|only with|--pages' "$WSSTAT" --replay "$REC" --live $option
	done
	for option in --json --brief '-o x' --features; do
		# shellcheck disable=SC2086 # words
		said 2 '--live and --' "$WSSTAT" -p $$ --live $option
	done
	mkfifo "$BATS_TEST_TMPDIR/pipe"
	cat "$REC" >"$BATS_TEST_TMPDIR/pipe" 3>&- &
	said 2 "pipe' can be read once only: copy it to a file" "$WSSTAT" --live \
		--replay "$BATS_TEST_TMPDIR/pipe"
	said 2 'recording is not recorded once more' "$WSSTAT" --replay "$REC" --live --record x
	said 2 "shows recordings .*growth.replay' is none" "$WSSTAT" --live \
		--replay "$BATS_TEST_DIRNAME/golden/growth.replay"
	said 1 'cannot read .*gone' "$WSSTAT" --live --replay "$BATS_TEST_TMPDIR/gone"
	head -n 2 "$REC" >"$BATS_TEST_TMPDIR/early"
	said 1 'ends before the first sample' "$WSSTAT" --live --replay "$BATS_TEST_TMPDIR/early"
	sed 's/"sample":3/"sample":x/' "$REC" >"$BATS_TEST_TMPDIR/bad"
	said 2 'bad:[0-9]+: ' "$WSSTAT" --live --replay "$BATS_TEST_TMPDIR/bad"
}

@test "SCR34: a recording that was cut shows what there is, and says so at the end" {
	make_recording growth
	head -c -300 "$REC" >"$BATS_TEST_TMPDIR/cut"
	screen_open 200x24 "$WSSTAT" --live --replay "$BATS_TEST_TMPDIR/cut"
	screen_until 'recording [1-5]/[1-5]$'
	screen_keys q
	ends 0
	screen_until 'cut ends within a record: shown up to step [1-5]$'
}

coloured() {
	screen_tmux capture-pane -p -e |
		grep -E $'\e\\[([0-9;]*;)?(3[0-8]|4[0-8]|9[0-7]|10[0-7])(;|m)'
}

@test "SCR35: colours; none with NO_COLOR" {
	local pane
	view growth
	for pane in 'address map' memory 'working set' 'idle for'; do
		press Tab "^$pane"
		coloured
	done
	SCREEN_ENV=(NO_COLOR=1)
	view growth
	for pane in 'address map' memory 'working set' 'idle for'; do
		press Tab "^$pane"
		run ! coloured
	done
	SCREEN_ENV=(NO_COLOR=)
	view growth
	coloured
}

@test "SCR36: in the C locale all is ASCII, and a bar is never nothing for something" {
	local SCREEN_ENV=(LANG=C) line
	view methods 100x40
	[ "$(LC_ALL=C tr -d ' -~\n' <<<"$SCREEN")" = '' ] || screen_fail "not ASCII"
	sed -n '/^idle for/,/^touched within/p' <<<"$SCREEN" | grep '%' | grep -v ^touched | grep -v ' 0 B ' |
		while read -r line; do
			[[ $line = *'#' ]] || fail "no bar: $line" || return 1
		done
}

@test "SCR43: words stand apart, and no list of figures ends in its middle" {
	view refs
	press Tab '^address map'
	grep -q 'refs page ages are not known' <<<"$SCREEN" || screen_fail "a method and what is behind it"
	view growth
	run ! grep -E ',$' <<<"$SCREEN"
}

@test "SCR44: what is not known has no scale, and the smallest screen tells what is hot" {
	view refused
	run ! grep -E '^ +1 B' <<<"$SCREEN"
	view growth 40x10
	shows 'hot 256 KiB'
}

# Out of covers and zooms, and to the pane "idle for"; what n says comes when all keys are taken.
to_idle_pane() {
	local i escapes=(Escape Escape Escape Escape Escape Escape Escape Escape)
	screen_keys "${escapes[@]}"
	for i in 1 2 3 4; do screen_keys Tab "${escapes[@]}"; done
	for i in 1 2 3 4; do
		press n 'nothing has been searched'
		press z ! 'nothing has been searched'
		! shows '^idle for' || return 0
		screen_keys Tab
	done
	screen_fail "no pane 'idle for'"
}

@test "SCR37: 200 sizes while it plays, then it is right" {
	local i size seed=${WSSTAT_TEST_SEED:-$EPOCHSECONDS}
	echo "seed $seed"
	RANDOM=$seed
	view methods 80x24
	screen_look
	expected=$SCREEN
	press '{' 'recording 1/4'
	screen_keys - - - Space
	for ((i = 0; i < 200; i++)); do
		size=$((1 + RANDOM % 250))x$((1 + RANDOM % 70))
		screen_size "$size"
		case $((RANDOM % 8)) in
		0) screen_keys Tab ;;
		1) screen_keys Space '{' Space ;;
		2) screen_keys d ;;
		3) screen_keys h h ;;
		4) screen_keys Enter Down Right ;;
		esac
		[ ! -e "$SCREEN_DIR/status" ] || screen_fail "it ended at $size"
	done
	screen_size 80x24
	screen_until 'recording ./4'
	screen_keys '}'
	screen_until 'recording 4/4$'
	to_idle_pane
	screen_wait "another picture than before" screen_is "$expected"
	screen_keys q
	ends 0
}

@test "SCR38: a terminal that grows and shrinks shows what it has room for" {
	view growth 30x8
	screen_until '^too small \(30x8\)$' '^at least 40x10$' '^q quits$'
	screen_size 40x10
	screen_until '^idle for' 'recording 6/6$' ! 'too small'
	screen_size 200x60
	screen_until '^idle for' '^working set' '^address map' 'memory +by mapping'
	screen_size 39x60
	screen_until '^too small \(39x60\)$' ! 'idle for'
	screen_size 80x9
	screen_until '^too small \(80x9\)$'
	screen_size 80x24
	as_golden 1
	screen_size 30x8
	screen_until '^too small'
	screen_keys q
	ends 0
}

# job_shell: an interactive shell with job control in the terminal.
job_shell() {
	make_recording growth
	screen_close
	SCREEN_NR=$((SCREEN_NR + 1))
	SCREEN_ENV=(PS1='ready> ' HISTFILE=/dev/null W="$WSSTAT" R="$REC")
	screen_raw 80x24 bash --norc --noprofile -i
	screen_until '^ready>$'
}

# as_golden NUMBER: the screen is that section of growth.80x24.
as_golden() {
	screen_wait "not as in the golden screen" screen_is \
		"$(golden_section "$SCREENS/growth.80x24.utf8" "$1")"
}

@test "SCR39: Ctrl-Z gives the terminal back, fg brings the view back" {
	local round
	job_shell
	# shellcheck disable=SC2016 # for the other shell
	screen_type 'stty -a >before; clear; "$W" --replay "$R" --live'
	screen_keys Enter
	screen_until 'recording 6/6$'
	for round in 1 2 3; do
		press C-z '^\[1\]\+ +Stopped' '^ready>$'
		terminal_flags 1 0
		[ "$round" != 2 ] || screen_size 100x30
		screen_type 'stty -a >stopped; clear; fg'
		screen_keys Enter
		screen_until '^idle for' 'recording 6/6$'
		terminal_flags 0 1
		press Tab '^address map'
		press BTab '^idle for'
	done
	screen_size 80x24
	as_golden 1
	press q '^ready>$'
	# shellcheck disable=SC2016 # for the other shell
	screen_type 'echo "status $?"; stty -a >after; echo done'
	press Enter '^status 0$' '^done$'
	terminal_flags 1 0
	diff <(sed 's/rows.*columns [0-9]*//' before) <(sed 's/rows.*columns [0-9]*//' stopped)
	diff before after
}

@test "SCR40: SIGSTOP and SIGCONT: the view goes on" {
	view growth
	screen_look
	expected=$SCREEN
	kill -STOP "$SCREEN_PID"
	screen_wait "it is not stopped" state_is T
	screen_keys Tab
	kill -CONT "$SCREEN_PID"
	screen_until '^address map'
	press BTab '^idle for'
	screen_wait "it is another picture" screen_is "$expected"
	screen_keys q
	ends 0
}

@test "SCR41: signals end it, and the terminal is given back" {
	local signal
	for signal in INT TERM HUP SEGV ABRT BUS FPE QUIT; do
		view growth
		kill -s "$signal" "$SCREEN_PID"
		screen_end
		echo "SIG$signal: status $SCREEN_STATUS"
		terminal_is_back
		case $signal in
		INT | TERM | HUP) [ "$SCREEN_STATUS" = 0 ] ;;
		*) [ "$SCREEN_STATUS" != 0 ] ;;
		esac
	done
	view growth
	screen_keys C-c
	ends 0
	view growth
	screen_keys C-\\
	screen_end
	terminal_is_back
}

@test "SCR42: a terminal that goes away ends it" {
	SCREEN_ENV=(ASAN_OPTIONS=detect_leaks=0) # see screen_close()
	view growth
	screen_hang_up
	screen_wait "it lives on" test ! -e "/proc/$SCREEN_PID"
}
