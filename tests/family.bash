# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2154
# For the tests of several targets.  Each process of a family (helpers/tree.c) writes to
# a number of pages of its own shared memory, all the time: after its first window each
# sample of each must show exactly these.  WSSTAT_FAMILY_SECONDS: how long they live.

# shellcheck source=tests/lib.bash
source "${BATS_TEST_DIRNAME:-.}/lib.bash"

# In the slow guest everything takes longer.
GUEST_SECONDS=${VM_OUT:+18}
SECONDS_EACH=${WSSTAT_FAMILY_SECONDS:-${GUEST_SECONDS:-3}}
GUEST_TICK=${VM_OUT:+2s}
TICK=${GUEST_TICK:-500ms}

family_setup() {
	require_wp_async
	live_setup
	TREE=$HELPERS/tree
	FAMILY=$BATS_TEST_TMPDIR/family
	: >"$FAMILY"
	TREE_PIDS=()
}

family_teardown() {
	local pid
	for pid in "${TREE_PIDS[@]}"; do
		pkill -9 -P "$pid" || :
		{ kill -9 "$pid" && wait "$pid"; } 2>/dev/null || :
	done
	live_teardown
}

# family MEMBER...: start one, and wait until all that do not come late are there.
family() {
	local here try
	here=$(($(wc -l <"$FAMILY") + 1 + $#))
	[[ " $*" != *" late" ]] || here=$((here - 1))
	"$TREE" "$SECONDS_EACH" "$@" >>"$FAMILY" 3>&- &
	TREE_PIDS+=($!)
	for ((try = 0; try < 400; try++)); do
		[ "$(wc -l <"$FAMILY")" -lt "$here" ] || return 0
		sleep 0.05
	done
	fail "the family is not complete: $(cat "$FAMILY")"
}

families_end() {
	local pid
	for pid in "${TREE_PIDS[@]}"; do
		wait "$pid" || fail "process $pid or a child of it found its memory changed" || return 1
	done
	TREE_PIDS=()
}

# watch OPTION...: to the end, which must be good.
watch() {
	record_prepare
	"$WSSTAT" -i "$TICK" --json --record "$WS_RECORD" "$@" >"$WS_JSON" 2>>"$WS_ERR" </dev/null 3>&-
}

# members NUMBER: so many processes were observed, each exactly, in 2 samples or more.
assert_members() {
	local number pid seen=0 wrong
	assert_books || return 1
	while read -r number pid; do
		wrong=$(jq -n -c --argjson pid "$pid" --arg name "/memfd:tree$number" \
			--argjson want $(((number + 1) * 10 * 4096)) '
			[inputs | select(.type == "sample" and .pid == $pid)
				| [.sample, (.regions[] | select(.name | startswith($name)) | .hot_bytes)]]
			| map(select(.[0] > 1)) | if length < 1 then ["no samples"] else
				map(select(.[1] != $want)) end' "$WS_JSON")
		[ "$wrong" = '[]' ] || fail "number $number, $pid: $wrong" || return 1
		seen=$((seen + 1))
	done <"$FAMILY"
	[ "$seen" = "$1" ] || fail "$seen processes, not $1: $(cat "$FAMILY")"
}

headers() {
	jq -r 'select(.type == "header") | "\(.pid) \(.parent_pid // "-")"' "$WS_JSON"
}
