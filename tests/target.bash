# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034 # what is set here is for the tests
# For tests of targets that check themselves (helpers/selfcheck.c, zapee.c, callers.c,
# python-load, ...): they print "pid N", perhaps "map ADDR...", and "ready"; when their
# stdin says "quit", or ends, they tell what they saw, and end with 0 if nothing was wrong.
# Goes with lib.bash.

target_setup() {
	TARGET=''
}

target_teardown() {
	[ -z "$TARGET" ] || kill -9 "$TARGET" 2>/dev/null || :
}

# target_start PROGRAM...: leaves its pid in TARGET and its addresses in MAP.
target_start() {
	local line=''
	{ coproc PROGRAM { exec "$@" 3>&-; }; } 2>/dev/null
	exec {TO}>&"${PROGRAM[1]}" {FROM}<&"${PROGRAM[0]}"
	JOB=$PROGRAM_PID TARGET='' MAP=()
	while [ "$line" != ready ]; do
		if ! read -r -t "$PATIENCE_S" -u "$FROM" line; then
			kill -9 "$JOB" 2>/dev/null || :
			wait "$JOB" || [ $? != 77 ] || skip "this kernel cannot do that"
			fail "the target does not start"
			return 1
		fi
		case $line in
		pid*) TARGET=${line#pid } ;;
		map*) read -ra MAP <<<"${line#map }" ;;
		esac
	done
}

# Ends the target, which must be unharmed; what it says last is left in SAID.
target_end() {
	local status=0 line
	SAID=''
	echo quit >&"$TO"
	# Both ends: its own and the copy that coproc keeps.
	eval "exec ${PROGRAM[1]}>&-" 2>/dev/null || :
	exec {TO}>&-
	while read -r -t "$PATIENCE_S" -u "$FROM" line; do
		echo "target: $line"
		SAID+=$line$'\n'
	done
	wait "$JOB" || status=$?
	TARGET=''
	[ "$status" = 0 ] || fail "the target ended with $status"
}

# Nobody traces any thread, and it runs: a guardian may take a moment to let go.
target_free() {
	local try
	for ((try = 0; try < 500; try++)); do
		! cat "/proc/$TARGET/task/"*/status 2>/dev/null | grep -q '^TracerPid:.*[1-9]' &&
			grep -q '^State:.[RSD]' "/proc/$TARGET/status" && return 0
		sleep 0.01
	done
	fail "still traced or stopped: $(grep -E '^(State|TracerPid)' "/proc/$TARGET/status")"
}
