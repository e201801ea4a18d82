# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034 # what is set here is for the tests
# For the tests of the live view: a terminal (tmux, a server for each) in which a program runs,
# keys that are sent to it, and what it shows.  Nothing sleeps but between two looks: what is
# expected is waited for, and a screen that never shows it is printed.

SCREEN_PATIENCE_S=20 # for any one picture; only a failure ever takes so long
SCREEN_FAILED_PATIENCE_S=2 # after a failure, for what is looked at all the same
SCREEN_LOOK_S=0.03
SCREEN_SETTLED_LOOKS=15 # pictures alike that make one for 'regenerate'

screen_setup() {
	command -v tmux >/dev/null || skip "needs tmux"
	[[ " $(locale -a | tr '[:upper:]\n' '[:lower:] ')" = *" c.utf"*8* ]] || skip "needs the locale C.UTF-8"
	ulimit -c 0
	SCREEN_DIR=$BATS_TEST_TMPDIR/screen
	mkdir -p "$SCREEN_DIR"
	SCREEN_NR=0 SCREEN='' SCREEN_PID='' SCREEN_STATUS=''
	SCREEN_ENV=()
}

# figures NAME...: of what stdin says of them, the first time, one a line: "hot 1.25 MiB".
figures() {
	local text name
	text=$(cat)
	for name; do
		grep -oE "(^| )$name ([0-9.]+ ([KMGT]i)?B|[0-9.]+%|n/a)" <<<"$text" | head -n 1 |
			sed 's/^ //'
	done
}

screen_teardown() {
	[ -z "${SCREEN_NR:-}" ] || screen_close
}

screen_tmux() {
	env -u TMUX LC_ALL=C.UTF-8 timeout 30 \
		tmux -L "wsstat-$$-${BATS_TEST_NUMBER:-0}-$SCREEN_NR" -f /dev/null "$@" 3>&-
}

# In the terminal: its modes before and after, the pid and the status go to files.
# shellcheck disable=SC2016 # for the other shell
SCREEN_WRAPPER='
	dir=$1; shift; trap : INT QUIT TSTP
	stty -a >"$dir/before"
	sh -c '\''echo $$ >"$0/pid.new"; mv "$0/pid.new" "$0/pid"; exec "$@"'\'' "$dir" "$@"
	status=$?
	stty -a >"$dir/after"
	echo "$status" >"$dir/status.new"; mv "$dir/status.new" "$dir/status"
	exec cat'

# screen_raw COLUMNSxROWS COMMAND...: with nothing around it.  SCREEN_ENV: as env(1) takes it.
screen_raw() {
	local size=$1
	shift
	screen_tmux new-session -d -x "${size%x*}" -y "${size#*x}" -- \
		env -u TMUX -u LC_ALL -u LC_CTYPE -u COLUMNS -u LINES -u NO_COLOR -u ESCDELAY \
		TERM=screen-256color LANG=C.UTF-8 TZ=UTC env "${SCREEN_ENV[@]}" "$@"
}

# screen_open COLUMNSxROWS COMMAND...: a terminal for it alone; its pid is left in SCREEN_PID.
screen_open() {
	local size=$1
	shift
	screen_close
	SCREEN_NR=$((SCREEN_NR + 1))
	rm -f "$SCREEN_DIR"/{before,after,pid,status}
	screen_raw "$size" sh -c "$SCREEN_WRAPPER" sh "$SCREEN_DIR" "$@" || return 1
	screen_wait "the program does not start" test -e "$SCREEN_DIR/pid" || return 1
	SCREEN_PID=$(cat "$SCREEN_DIR/pid")
}

# Killed first: a hang-up would meet the leak check of a sanitizer, which may wait for ever then.
screen_close() {
	[ -z "$SCREEN_PID" ] || kill -9 "$SCREEN_PID" 2>/dev/null || :
	SCREEN_PID=''
	screen_hang_up
}

screen_hang_up() {
	local socket
	socket=$(screen_tmux display-message -p '#{socket_path}' 2>/dev/null) || return 0
	screen_tmux kill-server 2>/dev/null || :
	rm -f "$socket"
}

screen_keys() {
	screen_tmux send-keys "$@"
}

# screen_type TEXT: letter by letter.
screen_type() {
	screen_tmux send-keys -l "$1"
}

screen_size() { # COLUMNSxROWS
	screen_tmux resize-window -x "${1%x*}" -y "${1#*x}"
}

screen_look() {
	SCREEN=$(screen_tmux capture-pane -p)
}

screen_fail() {
	screen_look || :
	printf '%s\n' "the screen:" "$SCREEN" "($1)" >&2
	return 1
}

# screen_wait WHAT COMMAND...: until it is true.
screen_wait() {
	local what=$1 end=$((SECONDS + SCREEN_PATIENCE_S))
	shift
	until "$@"; do
		[ "$SECONDS" -lt "$end" ] || screen_fail "$what" || return 1
		sleep "$SCREEN_LOOK_S"
	done
}

shows() { # REGEX...: all of them, somewhere; after "!" one that is nowhere
	local pattern want=1
	screen_look
	for pattern; do
		if [ "$pattern" = ! ]; then
			want=0
			continue
		fi
		grep -qE -- "$pattern" <<<"$SCREEN" || want=$((1 - want))
		[ "$want" = 1 ] || return 1
	done
}

# screen_until REGEX...: wait for the screen that shows all of it, as shows() takes them.
screen_until() {
	screen_wait "expected: $(printf '"%s" ' "$@")" shows "$@"
}

# press KEY REGEX...: a key, and what is to be seen then.
press() {
	screen_keys "$1" || return 1
	screen_until "${@:2}" || screen_fail "after the key $1"
}

# The screen is just so.  An expectation that ends in newlines loses them, as the screen does.
screen_is() {
	screen_look
	[ "$SCREEN" = "$1" ]
}

line() { # NUMBER: of the last look
	sed -n "$1p" <<<"$SCREEN"
}

last_line() {
	tail -n 1 <<<"$SCREEN"
}

# Waits for the program's end; its status is left in SCREEN_STATUS.
screen_end() {
	screen_wait "the program does not end" test -e "$SCREEN_DIR/status" || return 1
	SCREEN_STATUS=$(cat "$SCREEN_DIR/status")
}

# ends STATUS: so, and the terminal is as it was.
ends() {
	screen_end || return 1
	[ "$SCREEN_STATUS" = "$1" ] || screen_fail "status $SCREEN_STATUS, not $1" || return 1
	terminal_is_back
}

# Of what stty(1) says.
without_size() {
	sed 's/rows [0-9]*; columns [0-9]*; //' "$1"
}

# The modes are the old ones, there is a cursor, and it is the first of its two screens.
terminal_is_back() {
	diff -u <(without_size "$SCREEN_DIR/before") <(without_size "$SCREEN_DIR/after") >&2 ||
		return 1
	screen_wait "the terminal is not given back" terminal_flags 1 0
}

terminal_flags() { # CURSOR ALTERNATE
	[ "$(screen_tmux display-message -p '#{cursor_flag} #{alternate_on}')" = "$1 $2" ]
}

# state_is STATE...: of the program, as in /proc.
state_is() {
	[[ " $* " = *" $(sed -n 's/^State:\t\(.\).*/\1/p' "/proc/$SCREEN_PID/status") "* ]]
}

# make_recording NAME: of a golden script, to REC.
make_recording() {
	REC=$BATS_TEST_TMPDIR/$1.rec
	[ -s "$REC" ] || "$WSSTAT" --replay "$HERE/golden/$1.replay" --record "$REC" --json >/dev/null
}

# view NAME [COLUMNSxROWS [OPTION...]]: the recording of that script.
view() {
	make_recording "$1" || return 1
	screen_open "${2:-80x24}" "$WSSTAT" --replay "$REC" --live "${@:3}" || return 1
	screen_until 'recording [0-9]+/[0-9]+$|too small'
}

# Golden screens: files NAME.COLUMNSxROWS.LOCALE of sections, each begun by a line "--- KEY..." of
# what is pressed before it.

golden_view() { # FILE
	local name size locale
	IFS=. read -r name size locale <<<"$(basename "$1")"
	case $locale in
	utf8) SCREEN_ENV=(LANG=C.UTF-8) ;;
	ascii) SCREEN_ENV=(LANG=C) ;;
	*) fail "$1: a locale '$locale'" || return 1 ;;
	esac
	view "$name" "$size"
}

golden_section() { # FILE NUMBER: its text
	awk -v nr="$2" '/^---( |$)/ { n++; next } n == nr' "$1"
}

# golden_same FILE: section by section.
golden_same() {
	local file=$1 nr=0 wrong=0 keys expected key SCREEN_PATIENCE_S=$SCREEN_PATIENCE_S
	golden_view "$file" || return 1
	while read -r _ keys; do
		nr=$((nr + 1))
		for key in $keys; do screen_keys "$key"; done
		expected=$(golden_section "$file" "$nr")
		screen_wait "not as in $(basename "$file"), section $nr, after '$keys'" \
			screen_is "$expected" 2>/dev/null && continue
		diff -u --label "$(basename "$file"), section $nr ($keys)" <(echo "$expected") \
			--label screen <(echo "$SCREEN") >&2 || :
		wrong=1 SCREEN_PATIENCE_S=$SCREEN_FAILED_PATIENCE_S
	done < <(grep -E '^---( |$)' "$file")
	return $wrong
}

# The screen when it has not changed for a while.
settled() {
	local before='' alike=0
	while [ "$alike" -lt "$SCREEN_SETTLED_LOOKS" ]; do
		sleep "$SCREEN_LOOK_S"
		screen_look
		if [ "$SCREEN" = "$before" ]; then alike=$((alike + 1)); else alike=0; fi
		before=$SCREEN
	done
}

# golden_write FILE: anew, from its own keys.
golden_write() {
	local file=$1 keys key
	golden_view "$file" || return 1
	while read -r _ keys; do
		for key in $keys; do screen_keys "$key"; done
		settled
		printf '%s\n' "---${keys:+ $keys}" "$SCREEN"
	done < <(grep -E '^---( |$)' "$file") >"$file.new"
	mv "$file.new" "$file"
}
