#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Recorded windows, and what wsstat shows of them, byte for byte (golden/README).

bats_require_minimum_version 1.5.0

GOLDEN=$BATS_TEST_DIRNAME/golden

setup() {
	export WSSTAT=${WSSTAT:-$WSSTAT_BUILD/wsstat}
}

# same RECORDING: in every form as the expected outputs have it.
same() {
	local form wrong=0
	for form in text verbose brief wide json ages; do
		"$GOLDEN/show" "$1" "$form" >"$BATS_TEST_TMPDIR/out" || return 1
		diff -u "$GOLDEN/$1.$form" "$BATS_TEST_TMPDIR/out" || wrong=1
	done
	return $wrong
}

@test "GOLDEN01: a heap that grows, swapping, cold pages" {
	same growth
}

@test "GOLDEN02: huge pages, split pages, the zero page" {
	same units
}

@test "GOLDEN03: mappings that come, change and go; a late sample" {
	same events
}

@test "GOLDEN04: nothing can be observed" {
	same refused
}

@test "GOLDEN13: regions on several methods, reads told from writes" {
	same methods
}

@test "GOLDEN14: only writes are seen" {
	same writes
}

@test "GOLDEN15: what was referenced, without page ages" {
	same refs
}

@test "GOLDEN05: there are outputs of every recording, and recordings of every output" {
	local file name
	for file in "$GOLDEN"/*.replay; do
		for name in text verbose brief wide json ages; do
			[ -s "${file%.replay}.$name" ]
		done
	done
	for file in "$GOLDEN"/*.json; do
		[ -s "${file%.json}.replay" ]
	done
}

@test "GOLDEN06: JSON is as the schema says, and the books close" {
	local file
	for file in "$GOLDEN"/*.json; do
		"$BATS_TEST_DIRNAME/schema/validate" <"$file"
	done
}

@test "GOLDEN07: no line is wider than 80 columns" {
	local file wrong
	for file in "$GOLDEN"/*.text "$GOLDEN"/*.brief "$GOLDEN"/*.ages; do
		wrong=$(grep -v '^#' "$file" | awk 'length > 80')
		[ -z "$wrong" ] || { echo "$file: $wrong"; return 1; }
	done
}

@test "GOLDEN08: -o FILE holds what standard output would" {
	"$WSSTAT" --replay "$GOLDEN/growth.replay" --brief -o "$BATS_TEST_TMPDIR/file" \
		>"$BATS_TEST_TMPDIR/out"
	cmp "$GOLDEN/growth.brief" "$BATS_TEST_TMPDIR/file"
	[ ! -s "$BATS_TEST_TMPDIR/out" ]
}

# Idle edges of the first sample, in seconds.
edges() {
	"$WSSTAT" --json --replay "$GOLDEN/growth.replay" "$@" |
		jq -c 'select(.type == "sample" and .sample == 1) | [.idle[].ge_seconds]'
}

@test "GOLDEN09: --ages sets the edges of a replay, else its interval does" {
	[ "$(edges --ages 1s,45s)" = '[0,1,45,30]' ] # the last: since the start
	[ "$(edges)" = '[0,30,60,120,300,600,1800,3600,30]' ]
}

@test "GOLDEN10: --count and --duration end a replay early" {
	run -0 "$WSSTAT" --json --replay "$GOLDEN/growth.replay" -n 2
	[ "$(jq -rs '[.[] | select(.type == "sample")] | length' <<<"$output")" = 2 ]
	[ "$(jq -r 'select(.type == "summary").end' <<<"$output")" = 'count reached' ]
	run -0 "$WSSTAT" --json --replay "$GOLDEN/growth.replay" -d 95s
	[ "$(jq -rs '[.[] | select(.type == "sample")] | length' <<<"$output")" = 3 ]
	[ "$(jq -r 'select(.type == "summary").end' <<<"$output")" = 'duration reached' ]
}

@test "GOLDEN11: --region leaves the rest untracked" {
	run -0 "$WSSTAT" --json --replay "$GOLDEN/growth.replay" -n 1 --region memfd
	[ "$(jq -c 'select(.type == "sample") | [.tracked_bytes, .untracked[].reason]' \
		<<<"$output")" = '[6291456,"not selected"]' ]
}

@test "GOLDEN12: JSON of every sort of run closes its books" {
	local variant run=$WSSTAT_BUILD/tests/unit/test_out
	[ -x "$run" ] || skip "the unit tests are not built"
	for variant in "" mixed writes refs blind; do
		"$run" json 3 "$variant" | "$BATS_TEST_DIRNAME/schema/validate"
	done
	"$run" json 0 | "$BATS_TEST_DIRNAME/schema/validate"
}
