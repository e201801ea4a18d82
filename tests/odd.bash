# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2154 # of cli.bash
# For tests of who is attached to and who is not: a target that says back what it is
# told, and must go on doing so whatever wsstat does.  After load cli.

PATIENCE_S=60 # for any one answer; only a failure ever takes so long
HELPERS=$WSSTAT_BUILD/tests/helpers

# start COMMAND...: it runs, or becomes, something like cat.  Its pid: VICTIM.
start() {
	{ coproc TARGET { exec "$@" 3>&- 2>"$BATS_TEST_TMPDIR/target.err"; }; } 2>/dev/null
	VICTIM=$TARGET_PID
	TO=${TARGET[1]} FROM=${TARGET[0]} PID=$TARGET_PID # bash forgets them with the job
	answers
}

answers() {
	local line
	echo "ping $BATS_TEST_NUMBER" >&"$TO"
	if ! read -r -t "$PATIENCE_S" -u "$FROM" line || [ "$line" != "ping $BATS_TEST_NUMBER" ]; then
		echo "the target says '$line', not ping; $(cat "$BATS_TEST_TMPDIR/target.err")"
		return 1
	fi
}

# The target ends by itself, as it should.  Its status, if it is not that of finish().
finish() {
	local status=0
	exec {TO}>&-
	wait "$PID" || status=$?
	VICTIM=''
	[ "$status" = "${1:-0}" ] || { echo "the target ended with $status"; return 1; }
}

# It runs, nobody traces it, and it has no userfaultfd.  TRACED: who does after all.
# Few programs are run here, for they are slow to start in the guest.
unharmed() {
	local status fds
	# shellcheck disable=SC2012 # links
	answers || return 1
	status=$(<"/proc/$VICTIM/status")
	fds=$(ls -l "/proc/$VICTIM/fd")
	[[ $status == *$'\nTracerPid:\t'"${TRACED:-0}"$'\n'* ]] &&
		[[ $status != *$'\nState:\t'[TZ]* && ($TRACED || $status != *$'\nState:\t't*) ]] &&
		[[ $fds == *pipe* && $fds != *userfaultfd* ]] &&
		! grep -E '^VmFlags:.* u[mwir]( |$)' "/proc/$VICTIM/smaps" && return 0
	echo "$status" "$fds"
	return 1
}

# foretold ANSWER [MESSAGE]: so --features says about attaching to it, in the same words.
foretold() {
	local said pid=${INSIDE:-$VICTIM}
	said=$("${AS[@]}" "${UNDER[@]}" "$WSSTAT" --features -p "$pid" 2>&1)
	read -rd '' -a said <<<"$said" || :
	[[ "${said[*]} " == *" -p $pid $1${2:+: $2} rwp "* ]] && return 0
	echo "--features: ${said[*]}"
	return 1
}

# turned_away STATUS PATTERN [OPTION...]: so it is refused, as foretold, and nothing was done to it.
turned_away() {
	local message
	refused "$1" "$2" "${AS[@]}" "${UNDER[@]}" "$WSSTAT" -p "${INSIDE:-$VICTIM}" -n 1 -i 20ms \
		"${@:3}" || return 1
	unharmed || return 1
	message=$(<"$ERR")
	foretold "$([ "$1" = 3 ] && echo not permitted || echo no)" "${message#wsstat: }"
}

# It is observed, as foretold.  INSIDE: what it is called where wsstat runs.
let_in() {
	given "${AS[@]}" "${UNDER[@]}" "$WSSTAT" -p "${INSIDE:-$VICTIM}" -n 1 -i 20ms &&
		unharmed && foretold yes
}
