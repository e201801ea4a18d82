#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# What the methods are for beside the matrix: data stay what they are over many
# samples, whatever the target does meanwhile; empty address space costs nothing;
# huge pages are seen to the page on request.  On any kernel with WP_ASYNC; where
# RWP would be chosen, zap is asked for.
#
#	WSSTAT_LIV_MB         size of the memory that is watched (256; 64 in the guest)
#	WSSTAT_LIV_SAMPLES    samples after which it must be the same (60; 20)
#	WSSTAT_LIV_SECONDS    how long mappings are replaced under zaps (10; 4)

# shellcheck disable=SC2034 # lib.bash reads them

load lib

GUEST_MB=${VM_OUT:+64}
GUEST_SAMPLES=${VM_OUT:+20}
GUEST_SECONDS=${VM_OUT:+4}
SIZE_MB=${WSSTAT_LIV_MB:-${GUEST_MB:-256}}
SAMPLES=${WSSTAT_LIV_SAMPLES:-${GUEST_SAMPLES:-60}}
SECONDS_OF_HARM=${WSSTAT_LIV_SECONDS:-${GUEST_SECONDS:-10}}
FAST=50ms
SEEN_IN=4 # one sample in so many
MIB=$((1 << 20))
SPARSE_GIB=1024
POPULATED=25600           # pages: 100 MiB
TABLES_MAX=$((4 * MIB))   # of page tables, for 100 MiB twice and what is around it
WSSTAT_MAX=$((100 * MIB)) # of memory, for the same
HUGE=$((2 * MIB))
HUGE_MB=64
MOVED_ROUNDS=8
COLLAPSED_PERCENT=90 # of the huge pages that were there, at least

setup() {
	require_wp_async
	live_setup
	ZAP=()
	! has_rwp || ZAP=(--method zap)
	ZAPEE_PID=''
}

teardown() {
	live_teardown
	[ -z "$ZAPEE_PID" ] || kill -9 "$ZAPEE_PID" 2>/dev/null || :
}

# Both at once: hot, and how much of it was written.
expect_split() { # NAME READ_PAGES WRITTEN_PAGES
	expect_hot "$1" $(($2 + $3))
	expect "$1" only_read_bytes $(($2 * SIT_PAGE[$1]))
	expect "$1" written_bytes $(($3 * SIT_PAGE[$1]))
	expect "$1" method zap
}

read_and_write() {
	sit read a 0 1000 2
	sit write a 1 777 2
	sit read a 1 300 4 # written ones, too
}

checksum() { # NAME
	sit checksum "$1"
	SUM=${SIT_ANSWER##* }
}

# A memfd, and a private mapping of it: one page in two is its own.
two_mappings() {
	sit_start
	sit_area map a memfd "${SIZE_MB}M" populate
	sit_area beside a b
	sit write b 0 $((SIZE_MB * 128)) 2
	sit read b
}

# The figures of many samples are of no interest here, only that there were some.
many_samples() {
	ws_attach -i "$FAST" -n "$SAMPLES" "${ZAP[@]}"
	while [[ $TICK != summary ]]; do
		sit random a 1000 "$WS_SAMPLE" read
		sit random b 1000 "$WS_SAMPLE" read
		ws_tick
	done
	WS_STATUS=0
	wait "$WS_PID" || WS_STATUS=$?
	WS_PID=''
}

@test "LIV301: zap: reads and writes of a memfd are told apart, exactly" {
	two_mappings
	ws_attach "${ZAP[@]}"
	ws_until sample
	in_window sit read a 0 1000 3
	expect_split a 1000 0
	in_window sit write a 1 500 7
	expect_split a 0 500
	in_window sit sys-read a 2 200 11
	expect_split a 0 200
	in_window sit vm-read a 7 1000 2
	expect_split a 1000 0
	in_window read_and_write
	expect_split a 1000 777
	in_window sit random a 1000 42 read
	expect_split a 1000 0
	in_window sit touch-none
	expect_split a 0 0
	expect a tracked_bytes $((SIZE_MB * MIB))
	ws_end
	[ "$WS_STATUS" = 0 ]
	assert_clean "$SIT_PID"
	check_expected
	assert_books
}

@test "LIV302: zap: over many samples not a byte changes, nor of a private mapping beside" {
	local before_a before_b
	two_mappings
	checksum a
	before_a=$SUM
	checksum b
	before_b=$SUM
	[ "$before_a" != "$before_b" ]
	many_samples
	[ "$WS_STATUS" = 0 ]
	jq -es --argjson want "$SAMPLES" '[.[] | select(.type == "sample")]
		| length == $want and any(.[]; any(.regions[]; .method == "zap" and .hot_bytes > 0))' "$WS_JSON"
	checksum a
	[ "$SUM" = "$before_a" ]
	checksum b
	[ "$SUM" = "$before_b" ]
	assert_clean "$SIT_PID"
	assert_books
}

# Starts helpers/zapee and waits until it is ready; its memory begins at each of PLACES.
zapee_start() {
	local line
	{ coproc ZAPEE { exec "$HELPERS/zapee" "$@" 3>&- 2>>"$WS_ERR"; }; } 2>/dev/null
	exec {ZAPEE_OUT}<&"${ZAPEE[0]}"
	while read -r -t "$PATIENCE_S" -u "$ZAPEE_OUT" line; do
		case $line in
		pid*) WS_TARGET=${line#pid } ZAPEE_JOB=$ZAPEE_PID ;;
		map*) read -ra PLACES <<<"${line#map}" ;;
		ready) return ;;
		esac
	done
	fail "zapee does not start"
}

# It checked every byte all the time: "rounds N harms 0".
zapee_end() {
	local report='' status=0 input=${ZAPEE[1]}
	exec {input}>&-
	while read -r -t "$PATIENCE_S" -u "$ZAPEE_OUT" report; do
		echo "zapee: $report"
		[[ $report != rounds* ]] || break
	done
	wait "$ZAPEE_JOB" || status=$?
	ZAPEE_PID=''
	[ "$status" = 0 ] || fail "zapee ends with $status" || return 1
	[[ $report = "rounds "[1-9]*" harms 0" ]] || fail "zapee: $report"
}

@test "LIV303: zap: threads that replace shared mappings by private ones lose not a byte" {
	local places
	zapee_start adversary 6
	MAX_TICKS=1000000 # each mapping that comes or goes is an event
	ws_attach -i "$FAST" -d "${SECONDS_OF_HARM}s" "${ZAP[@]}"
	ws_wait
	[ "$WS_STATUS" = 0 ]
	zapee_end
	places=$(printf '"0x%s",' "${PLACES[@]}")
	echo "places: $places"
	# It did zap there.  Mappings that stayed for a while were observed; not in the
	# guest, where no two samples are near enough.
	jq -es '[.[] | select(.type == "sample") | .cost.stops] | add > 2' "$WS_JSON"
	[ -n "${VM_OUT:-}" ] || jq -es --argjson places "[${places%,}]" '
		[.[] | select(.type == "sample")] | length as $all
		| map(select(any(.regions[]; .method == "zap" and .tracked_bytes > 0
			and .hot_bytes != null and (.start as $at | any($places[]; . == $at)))))
		| length * '"$SEEN_IN"' > $all' "$WS_JSON"
	assert_books
}

status_kib() { # PID KEY
	awk -v key="$2:" '$1 == key { print $2 }' "/proc/$1/status"
}

@test "LIV304: a sparse TiB costs what is populated, for the target and for wsstat" {
	local tables before
	sit_start
	sit_area map a anon-sparse "${SPARSE_GIB}G"
	sit_area map b memfd "${SPARSE_GIB}G"
	sit write a 1000000 "$POPULATED"
	sit write b 1000000 "$POPULATED"
	before=$(status_kib "$SIT_PID" VmPTE)
	ws_attach
	ws_until sample
	in_window sit write a 1000000 5000 5
	expect a written_bytes $((5000 * 4096))
	in_window sit write b 1000000 5000 5
	expect_hot b 5000
	expect a resident_bytes $((POPULATED * 4096))
	expect b resident_bytes $((POPULATED * 4096))
	in_window sit touch-none
	expect_hot b 0
	tables=$(($(status_kib "$SIT_PID" VmPTE) - before))
	[ $((tables * 1024)) -lt "$TABLES_MAX" ] || fail "page tables grew by $tables KiB"
	[ $(($(status_kib "$WS_PID" VmHWM) * 1024)) -lt "$WSSTAT_MAX" ] ||
		fail "wsstat takes $(status_kib "$WS_PID" VmHWM) KiB"
	ws_end
	! has_rwp || drop_expected written_bytes
	check_expected
	assert_books
}

# RWP does not tell reads from writes.
drop_expected() { # FIGURE
	local i
	for i in "${!EXPECTED[@]}"; do
		[[ ${EXPECTED[i]} != *" $1 "* ]] || unset "EXPECTED[i]"
	done
}

huge_area() {
	sit_start
	sit_area map a thp "${HUGE_MB}M" populate
	HUGE_BEFORE=$(smaps_bytes a AnonHugePages)
	[ "$HUGE_BEFORE" = $((HUGE_MB * MIB)) ] ||
		skip "the kernel gives no transparent huge pages"
}

@test "LIV305: huge pages: one byte each makes all hot, and the output says in which units" {
	require_rwp
	huge_area
	ws_attach
	ws_until sample
	in_window sit write a 0 $((HUGE_MB / 2)) 512
	expect a hot_bytes $((HUGE_MB * MIB))
	expect a huge_bytes $((HUGE_MB * MIB))
	in_window sit read a 7 3 1024
	expect a hot_bytes $((3 * HUGE))
	ws_end
	check_expected
	assert_books
}

@test "LIV306: --exact: one byte each makes one small page hot; how full they are is told" {
	require_rwp
	huge_area
	ws_attach --exact
	ws_until sample
	in_window sit write a 0 $((HUGE_MB / 2)) 512
	expect_hot a $((HUGE_MB / 2))
	in_window sit read a 7 3 1024
	expect_hot a 3
	in_window sit touch-none
	expect_hot a 0
	ws_end
	[ "$WS_STATUS" = 0 ]
	check_expected
	assert_books
	jq -es --argjson backed $((HUGE_MB * MIB)) --argjson touched $((HUGE_MB * 4096 / 2)) '
		[.[] | select(.type == "sample") | [.huge_touched_bytes, .huge_backed_bytes]]
		| any(.[]; .[1] >= $backed and .[0] >= $touched and .[0] < $backed / 16)' "$WS_JSON"
}

@test "LIV307: --exact: huge pages are back after the end, and it says how much came back" {
	require_rwp
	local after
	huge_area
	ws_attach --exact
	ws_until sample
	in_window sit write a 0 $((HUGE_MB / 2)) 512
	ws_end
	after=$(smaps_bytes a AnonHugePages)
	echo "huge pages: $HUGE_BEFORE before, $after after"
	[ "$after" -ge $((HUGE_BEFORE * COLLAPSED_PERCENT / 100)) ]
	jq -es --argjson least $((HUGE_BEFORE * COLLAPSED_PERCENT / 100)) '
		[.[] | .collapsed_bytes? // empty] | add >= $least' "$WS_JSON"
	assert_clean "$SIT_PID"
}

@test "LIV308: a method that is asked for is used, or the region is untracked with the reason" {
	sit_start
	sit_area map a memfd 4M populate
	sit_area map b anon 4M populate
	ws_attach --method wp
	ws_until sample
	in_window sit write a 0 100 3
	expect a method wp
	expect a sees writes
	expect a written_bytes $((100 * 4096))
	in_window sit read a 0 100 3
	expect a written_bytes 0
	ws_end
	check_expected
	assert_books
}

@test "LIV311: wp: what is only protected beforehand is neither swapped nor resident" {
	# Large enough to be armed in several pieces, which begin within a chunk.
	sit_start
	sit_area map a anon 200M
	sit write a 1000 40000
	ws_attach --method wp
	ws_until sample
	expect a resident_bytes $((40000 * 4096))
	expect a swapped_bytes 0
	in_window sit read a 0 1000
	expect a resident_bytes $((40000 * 4096 + 1000 * 4096)) # the zero page
	expect a written_bytes 0
	expect a swapped_bytes 0
	ws_end
	check_expected
	assert_books
}

@test "LIV309: --method zap leaves private memory alone" {
	sit_start
	sit_area map a memfd 4M populate
	sit_area map b anon 4M populate
	ws_attach --method zap
	ws_until sample
	in_window sit write a 0 100 3
	expect a method zap
	expect_hot a 100
	expect b method null
	expect b untracked_bytes $((4 * MIB))
	ws_end
	check_expected
	assert_books
}

# samples N: so many from now on.
samples() {
	local last
	ws_catch_up
	last=$((WS_SAMPLE + $1))
	while ((WS_SAMPLE < last)); do
		ws_until sample
	done
}

@test "LIV312: zap: cold memory that is taken out of a file is gone from the figures" {
	local half=$((SIZE_MB * 128)) # pages
	sit_start
	sit_area map a memfd "${SIZE_MB}M"
	sit write a 0 "$half"
	ws_attach -i "$FAST" "${ZAP[@]}"
	samples 4
	sit remove a 1000 2000
	samples 2 # the file has shrunk: seen at once, however much of it is cold
	expect a resident_bytes $(((half - 2000) * 4096))
	expect a tracked_bytes $(((half - 2000) * 4096))
	sit remove a 5000 1000
	sit write a "$half" 1000
	samples $((SIZE_MB / 6)) # it did not: seen when all was looked at in turn
	expect a resident_bytes $(((half - 2000) * 4096))
	ws_end
	[ "$WS_STATUS" = 0 ]
	check_expected
	assert_books
}

@test "LIV313: files that leave the memory can be locked into it: no marker of ours is in the way" {
	local round
	require_wp_async
	require_disk
	sit_run "$HELPERS/evicted" "$DISK"
	ws_attach
	for round in 1 2 3; do
		ws_until sample
		sit again || fail "mlock(2) did not end in round $round"
	done
	ws_until sample
	ws_end
	echo quit >&"$SIT_IN"
	sit_wait
	[ "$SIT_STATUS" = 0 ] || fail "it ended with $SIT_STATUS"
	assert_books
	jq -e -n '[inputs | select(.type == "sample").regions[]
		| select(.kind == "shared_file" and (.name | test("/evicted")))]
		| any(.method == "zap" and .hot_bytes > 0) and all(.only_read_bytes == null)' \
		"$WS_JSON" >/dev/null
}

# One that is only read may show as written: see LIMITS.
@test "LIV314: zap: pages that the kernel moves all the time are not missed" {
	local nodes=(/sys/devices/system/node/node[0-9]*)
	[ "${#nodes[@]}" -gt 1 ] || [ -n "$VM_OUT" ] || skip "needs two nodes of memory"
	[ "$(id -u)" = 0 ] || skip "needs root"
	"$HELPERS/zap_exact" moved "$MOVED_ROUNDS"
}

# damon_begin ACTION: all memory, at once.
damon_begin() {
	local damon=/sys/kernel/mm/damon/admin/kdamonds
	echo 1 >$damon/nr_kdamonds
	echo 1 >$damon/0/contexts/nr_contexts
	echo paddr >$damon/0/contexts/0/operations
	echo 1 >$damon/0/contexts/0/targets/nr_targets
	echo 1 >$damon/0/contexts/0/targets/0/regions/nr_regions
	echo $((1 << 32)) >$damon/0/contexts/0/targets/0/regions/0/end
	echo 1 >$damon/0/contexts/0/schemes/nr_schemes
	echo "$1" >$damon/0/contexts/0/schemes/0/action
	echo on >$damon/0/state
}

# In the guest only; as its kernel begins.
damon_end() {
	local damon=/sys/kernel/mm/damon/admin/kdamonds
	[ ! -e $damon/0 ] || [ "$(<$damon/0/state)" = off ] || echo off >$damon/0/state
	echo N >/sys/module/damon_reclaim/parameters/enabled
}

# How many warnings of DAMON are there, in three samples?
damon_warnings() {
	"$WSSTAT" --json -i 0.1 -n 3 "$@" -p "$SIT_PID" >"$WS_JSON" || return
	jq -n '[inputs | select(.event == "warning" and (.text | startswith("DAMON ")))] | length' \
		"$WS_JSON"
}

@test "LIV315: zap: a warning says that DAMON pages out memory, once, and only then" {
	[ -n "$VM_OUT" ] || skip "changes settings of the machine: in the guest only"
	echo N >/sys/module/damon_stat/parameters/enabled # wants to be the only one
	sit_start
	sit_area map a memfd 1M populate
	[ "$(damon_warnings --method zap)" = 0 ]
	damon_begin stat
	[ "$(damon_warnings --method zap)" = 0 ]
	damon_end
	damon_begin pageout
	[ "$(damon_warnings --method zap)" = 1 ]
	[ "$(damon_warnings --method wp)" = 0 ]
	damon_end
	[ "$(damon_warnings --method zap)" = 0 ]
	echo Y >/sys/module/damon_reclaim/parameters/enabled
	[ "$(damon_warnings --method zap)" = 1 ]
}
