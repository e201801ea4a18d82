#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# A run that nothing upsets: targets that never stay as they are (helpers/churn.c, which
# knows what every byte of its memory shall be), and lives that end or change at a
# bad moment.
# WSSTAT_STORM_SECONDS: how long the storm lasts, 8 if not set.
# WSSTAT_STORM_SEED: of all that is random in it; it is printed, to be given again.

load lib
load target

SECONDS_LONG=${WSSTAT_STORM_SECONDS:-8}
SEED=${WSSTAT_STORM_SEED:-$RANDOM}
INTERVAL_S=0.1
ATTACHES=${VM_OUT:+10}
ATTACHES=${ATTACHES:-100}
CROWD_BYTES=${VM_OUT:+1500000} # of the mappings of helpers/crowd.c, at least
CROWD_BYTES=${CROWD_BYTES:-120000000}
HEADLESS_EXEC_MS=${VM_OUT:+6000} # several times what an attach takes
HEADLESS_EXEC_MS=${HEADLESS_EXEC_MS:-1500}
DEATHS=${VM_OUT:+5}
DEATHS=${DEATHS:-60}
DEATH_MS=${VM_OUT:+900} # by then an attach is over
DEATH_MS=${DEATH_MS:-40}

setup() {
	live_setup
	TARGET='' MAPPINGS_BEFORE=''
	SAID=$BATS_TEST_TMPDIR/said
}

teardown() {
	live_teardown
	[ -z "$VM_OUT" ] || [ -z "$MAPPINGS_BEFORE" ] ||
		echo "$MAPPINGS_BEFORE" >/proc/sys/vm/max_map_count
	[ -z "$TARGET" ] || kill -9 "$TARGET" 2>/dev/null || :
}

# churn OPTION...: its pid is left in TARGET.
churn() {
	echo "seed $SEED, options: $*"
	"$HELPERS/churn" --seed "$SEED" --dir "$BATS_TEST_TMPDIR" "$@" >"$SAID" 3>&- &
	TARGET=$!
}

# It looks at all once more and ends, unharmed.
churn_end() {
	local status=0 word
	kill -TERM "$TARGET" || :
	wait "$TARGET" || status=$?
	TARGET=''
	cat "$SAID"
	[ "$status" = 0 ] || fail "the target ended with $status" || return 1
	read -ra word <"$SAID"
	[ "${word[0]}" = fine ] || fail "the target was harmed" || return 1
}

# watch OPTION...: wsstat's status is left in WS_STATUS.
watch() {
	WS_STATUS=0
	record_prepare
	timeout -k 5 "$((SECONDS_LONG + PATIENCE_S))" "$WSSTAT" -i "$INTERVAL_S" --json \
		--record "$WS_RECORD" "$@" \
		-p "$TARGET" >"$WS_JSON" 2>>"$WS_ERR" </dev/null 3>&- || WS_STATUS=$?
	cat "$WS_ERR"
	case $WS_STATUS in
	124 | 137) # what traces the target may still do so
		pkill -KILL -f "^$WSSTAT .*-p $TARGET\$" || :
		fail "wsstat did not end: $WS_STATUS"
		;;
	esac
}

# One that has memory: the main thread may have none any more.
living_thread() {
	local task
	for task in "/proc/$TARGET/task/"*; do
		! readlink "$task/exe" >/dev/null || { echo "${task#/proc/}" && return; }
	done
}

# Of a thread that is there to be looked at: exec can end it meanwhile.
assert_clean_thread() {
	local thread try words
	for ((try = 0; try < 10; try++)); do
		thread=$(living_thread)
		words=$(assert_clean "$thread" 2>&1) && return
		[ ! -e "/proc/$thread/smaps" ] || break
	done
	fail "$words"
}

samples() {
	jq -n '[inputs | select(.type == "sample")] | length' "$WS_JSON"
}

events() {
	jq -n --arg name "$1" '[inputs | select(.event == $name)] | length' "$WS_JSON"
}

@test "STORM001: memory, threads, children and the program itself change all the time" {
	churn --exec-ms 2000
	watch -d "$SECONDS_LONG"
	[ "$WS_STATUS" = 0 ] || fail "wsstat ended with $WS_STATUS"
	[ -d "/proc/$TARGET" ] || fail "the target has ended: $(cat "$SAID")"
	assert_clean "$TARGET"
	churn_end
	assert_books
	echo "$(samples) samples"
	[ "$(samples)" -ge "$((SECONDS_LONG / 2))" ] || fail "too few samples"
	[ "$(events exec)" -gt 0 ] || fail "no exec was told"
}

@test "STORM002: the main thread has ended, others live and run another program" {
	local seconds=$((2 * HEADLESS_EXEC_MS / 1000))
	churn --headless --exec-ms "$HEADLESS_EXEC_MS"
	until grep -q '^State:.Z' "/proc/$TARGET/status" || ! kill -0 "$TARGET"; do sleep 0.01; done
	SECONDS_LONG=$seconds watch -d "$seconds"
	[ "$WS_STATUS" = 0 ] || fail "wsstat ended with $WS_STATUS"
	assert_clean_thread
	churn_end
	assert_books
	jq -e -n '[inputs | select(.type == "sample")]
		| length > 2 and (map(.tracked_bytes) | max) > 0' "$WS_JSON" >/dev/null ||
		fail "nothing was seen"
}

# exec_storm SECONDS OPTION...: all the target's threads but one end whenever it runs another
# program, and wsstat attaches to that at once.
exec_storm() {
	local seconds=$1
	shift
	churn --no-forks "$@"
	SECONDS_LONG=$seconds watch -d "$seconds"
	[ -d "/proc/$TARGET" ] || fail "the target has ended: $(cat "$SAID")" || return 1
	churn_end || return 1
	[ "$(events exit)" = 0 ] || fail "an end was told" || return 1
	# There may be no moment for a sample.
	[ "$WS_STATUS" = 0 ] || grep -q 'one program after another' "$WS_ERR" ||
		fail "wsstat ended with $WS_STATUS" || return 1
	[ "$(events exec)" -gt 0 ] || fail "no exec was told"
}

@test "STORM003: exec every 20 ms: neither hangs nor is lost" {
	exec_storm 3 --exec-ms 20
}

@test "STORM008: exec, and threads born all the time: nobody waits for the other for ever" {
	exec_storm "$SECONDS_LONG" --exec-ms 30 --workers 2 --births-us 1
}

# attach_often N: each comes to its end.
attach_often() {
	local i
	for ((i = 0; i < $1; i++)); do
		timeout -k 5 "$PATIENCE_S" "$WSSTAT" -q -i 10ms -n 1 --json -p "$TARGET" >"$WS_JSON" \
			2>>"$WS_ERR" </dev/null 3>&- || fail "attach $i: status $?: $(cat "$WS_ERR")" || return 1
	done
}

@test "STORM004: threads are born and die all the time: each attach comes to its end" {
	churn --no-forks --workers 1 --births-us 1
	attach_often "$ATTACHES"
	assert_clean "$TARGET"
	churn_end
	[[ $(<"$SAID") = *" threads "[1-9]* ]]
}

@test "STORM005: launched, exec every 20 ms: observed anew, and goes on to its end" {
	local try
	"$WSSTAT" -i "$INTERVAL_S" -d 3 --json -o "$WS_JSON" -- \
		"$HELPERS/churn" --seed "$SEED" --dir "$BATS_TEST_TMPDIR" --exec-ms 20 --no-forks \
		>"$SAID" 2>"$WS_ERR" </dev/null 3>&- &
	WS_PID=$!
	for ((try = 0; try < 100 * PATIENCE_S; try++)); do
		[ ! -s "$WS_JSON" ] || break
		sleep 0.01
	done
	TARGET=$(jq -n 'first(inputs | select(.type == "header")) | .pid' "$WS_JSON")
	sleep 4
	kill -TERM "$TARGET"
	WS_STATUS=0
	wait "$WS_PID" || WS_STATUS=$?
	WS_PID='' TARGET=''
	cat "$SAID" "$WS_ERR"
	[ "$WS_STATUS" = 0 ] || fail "the command, or wsstat, ended with $WS_STATUS"
	grep -q '^fine ' "$SAID" || fail "the target was harmed"
	[ "$(events exec)" -gt 0 ] || fail "no exec was told"
}

@test "STORM006: the target is killed at any moment: one line says so, or the exit is told" {
	local round status
	echo "seed $SEED"
	RANDOM=$SEED
	for ((round = 0; round < DEATHS; round++)); do
		target_start "$HELPERS/selfcheck" --threads 4
		status=0
		: >"$WS_ERR"
		timeout -k 5 "$PATIENCE_S" "$WSSTAT" -i 10ms --json -p "$TARGET" >"$WS_JSON" 2>"$WS_ERR" \
			</dev/null 3>&- &
		WS_PID=$!
		sleep "$(printf '0.%03d' $((RANDOM % DEATH_MS)))"
		kill -9 "$TARGET"
		wait "$WS_PID" || status=$?
		wait "$JOB" || :
		exec {TO}>&- {FROM}<&-
		WS_PID='' TARGET=''
		case $status in
		0) [ "$(events exit)" = 1 ] ;;
		1) [ "$(<"$WS_ERR")" = "wsstat: the target ended before the first sample" ] ;;
		5) [ "$(wc -l <"$WS_ERR")" = 1 ] && grep -q '^wsstat: .*\(ended\|no such process\)' "$WS_ERR" ;;
		*) false ;;
		esac || fail "round $round: status $status: $(cat "$WS_ERR")"
	done
}

# most_mappings N: in the guest, which is ours, fewer are as good.
most_mappings() {
	[ -z "$VM_OUT" ] || echo "$1" >/proc/sys/vm/max_map_count
	[ "$(</proc/sys/vm/max_map_count)" -le 65530 ] || skip "vm.max_map_count is very large"
}

@test "STORM007: a target with as many mappings as there may be keeps the few that are left" {
	MAPPINGS_BEFORE=$(</proc/sys/vm/max_map_count)
	most_mappings 1000
	target_start "$HELPERS/crowd" 8
	SECONDS_LONG=0 watch -n 1
	[ "$WS_STATUS" = 0 ] || fail "wsstat ended with $WS_STATUS"
	assert_books
	jq -e -n --argjson least "$CROWD_BYTES" \
		'[inputs | select(.type == "sample")][0].tracked_bytes > $least' "$WS_JSON" >/dev/null ||
		fail "not all of it was observed"
	target_end
}
