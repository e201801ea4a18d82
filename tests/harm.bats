#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# wsstat dies by SIGKILL at each named point of the attach; the target checks
# its registers, FPU and vector state, system calls, signals, stacks and memory,
# and must never notice.  WSSTAT_HARM_ROUNDS: deaths at each point, 25, or 1 in
# the slow guest, if not set; a tenth of that in HARM005.

load lib

GUEST_ROUNDS=${VM_OUT:+1}
ROUNDS=${WSSTAT_HARM_ROUNDS:-${GUEST_ROUNDS:-25}}
STATES='spin nanosleep poll futex read epoll sigsuspend signal'
PLACES='futex-untimed wait vfork handler churn edge coroutine'

# Where wsstat cannot observe for want of RWP, its attach alone is what dies.
setup() {
	live_setup
	COMMAND=("$WSSTAT" -q -i 0.05 -n 1 -o /dev/null -p PID)
	POINTS='seized stopped frame-written regs-set entered returned taken close-set closed
		mask-restored regs-restored restored detached'
	if has_rwp; then
		POINTS+=' registered armed scanned'
	else
		COMMAND=("$HELPERS/borrow" PID)
	fi
}

# storm SELFCHECK_OPTIONS [STORM_OPTION...]: the report is told, whatever it says.
storm() {
	local options=$1 report status=0
	shift
	report=$("$HERE/helpers/attach_storm" -r "$ROUNDS" -s "$options" "$@" \
		"$HELPERS/selfcheck" "${COMMAND[@]}" 3>&-) || status=$?
	echo "$report"
	[ "$(grep -c . <<<"$report")" -gt 0 ] || fail "the storm has no report"
	return "$status"
}

@test "HARM001: killed at each point, a target with many threads" {
	storm "--threads 10" -p "$POINTS"
}

@test "HARM002: killed at each point, one thread that computes" {
	storm "--main spin --threads 0" -p "$POINTS"
}

@test "HARM003: killed where the thread is not itself, one thread in each state" {
	local state
	for state in $STATES; do
		echo "state $state"
		storm "--main $state --threads 0" \
			-p "frame-written regs-set entered returned taken close-set closed" || return 1
	done
}

@test "HARM004: not killed, in each state: nothing is left over" {
	local state
	for state in $STATES altstack; do
		echo "state $state"
		storm "--main $state --threads 0" -p none || return 1
	done
}

@test "HARM005: killed where a thread waits for others, or is at the end of its stack or away" {
	local place
	[ -z "${GUEST_ROUNDS:+${WSSTAT_HARM_ROUNDS-slow}}" ] ||
		skip "too slow in the guest, unless WSSTAT_HARM_ROUNDS is set"
	((ROUNDS = ROUNDS > 10 ? ROUNDS / 10 : 1))
	for place in $PLACES; do
		echo "place $place"
		storm "--main $place --threads 0" -p "regs-set returned none" || return 1
	done
}
