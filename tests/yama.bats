#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# kernel.yama.ptrace_scope, all of its values.  3 cannot be lowered again before the
# next boot, so this runs in the guest only, and last.

load cli
load odd

SCOPE=/proc/sys/kernel/yama/ptrace_scope

# scope NUMBER: from here on.
scope() {
	[ -e "$SCOPE" ] || skip "this kernel has no Yama"
	as_nobody
	USER=("${AS[@]}")
	chmod a+rwx "$BATS_TEST_TMPDIR"
	echo "$1" >"$SCOPE"
	start "${USER[@]}" "$HELPERS/odd"
}

# launched STATUS COMMAND...: in the end; how many samples there were is left in SAMPLES.
launched() {
	local list=$BATS_TEST_TMPDIR/samples
	rm -f "$list"
	status=0
	"${USER[@]}" "$WSSTAT" -i 1ms -n 1 --brief -o "$list" -- "${@:2}" >"$ERR" 2>&1 </dev/null ||
		status=$?
	cat "$ERR"
	[ "$status" = "$1" ]
	SAMPLES=$(grep -cE '^ *1 ' "$list") || :
}

# Until there is a sample; the limit is for failures.
# shellcheck disable=SC2016 # the inner shell's
WORK='i=0; until [ -s "$1" ] || [ $i = 100000 ]; do i=$((i + 1)); done; exit 7'

@test "YAMA01: scope 0: everybody may" {
	scope 0
	let_in
}

@test "YAMA02: scope 1: only ancestors and root" {
	scope 1
	turned_away 3 'not permitted: kernel.yama.ptrace_scope is 1; run wsstat as root, set it to 0, or launch'
	launched 7 sh -c "$WORK" sh "$BATS_TEST_TMPDIR/samples"
	[ "$SAMPLES" -gt 0 ]
	launched 7 busybox sh -c "$WORK" sh "$BATS_TEST_TMPDIR/samples" # without the shim
	[ "$SAMPLES" -gt 0 ]
}

@test "YAMA03: scope 2: only root, and what is launched by the shim" {
	scope 2
	turned_away 3 'not permitted: kernel.yama.ptrace_scope is 2; run wsstat as root, set it to 0, or launch'
	AS=()
	let_in
	launched 7 sh -c "$WORK" sh "$BATS_TEST_TMPDIR/samples"
	[ "$SAMPLES" -gt 0 ]
	launched 125 busybox sh -c "$WORK" sh "$ERR"
	[ "$SAMPLES" = 0 ]
	grep -q 'kernel.yama.ptrace_scope is 2' "$ERR"
}

@test "YAMA05: scope 1, launched: exec, and threads born all the time: nobody waits for ever" {
	local samples=$BATS_TEST_TMPDIR/samples storm=0 observer try
	scope 1
	"${USER[@]}" timeout -k 5 100 "$WSSTAT" --method zap -i 20ms -d 8 --json -o "$samples" -- \
		"$HELPERS/churn" --dir "$BATS_TEST_TMPDIR" --exec-ms 100 --births-us 1 --workers 2 --no-forks \
		>"$ERR" 2>&1 </dev/null 3>&- &
	observer=$!
	for ((try = 0; try < 600; try++)); do
		[ ! -s "$samples" ] || break
		sleep 0.1
	done
	sleep 10
	kill -TERM "$(jq -n 'first(inputs | select(.type == "header")) | .pid' "$samples")"
	wait "$observer" || storm=$?
	cat "$ERR"
	[ "$storm" = 0 ]
	grep -q '^fine ' "$ERR"
	jq -e -n '[inputs | select(.type == "sample")] | length > 0' "$samples" >/dev/null
}

@test "YAMA04: scope 3: nobody, but what is launched by the shim" {
	local says='ptrace_scope is 3: nobody can attach to process [0-9]+, .* next boot; launch the program'
	[ -n "${VM_OUT:-}" ] || # of the rig
		skip "only where the machine is thrown away afterwards"
	scope 3
	turned_away 3 "$says"
	AS=()
	turned_away 3 "$says"
	launched 7 sh -c "$WORK" sh "$BATS_TEST_TMPDIR/samples"
	[ "$SAMPLES" -gt 0 ]
	USER=()
	launched 7 sh -c "$WORK" sh "$BATS_TEST_TMPDIR/samples"
	[ "$SAMPLES" -gt 0 ]
}
