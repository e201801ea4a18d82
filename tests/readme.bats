#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# The jq one-liners of the README, run as they stand there over a recorded run.

# shellcheck disable=SC2154 # bats sets lines, output and status

WSSTAT=${WSSTAT:-$WSSTAT_BUILD/wsstat}
GIB=$((1 << 30))

setup() {
	command -v jq >/dev/null || skip "needs jq"
	cd "$BATS_TEST_TMPDIR"
	recording >recorded
	"$WSSTAT" --replay recorded --json -o run.jsonl
}

# A program of 1 MiB, 3 GiB of heap and 2 GiB of guest memory.  Of the heap 2 GiB
# are touched in the first window and 1 GiB in the second; of the guest's memory
# half a GiB in the first.
recording() {
	cat <<-'EOF'
		wsstat-replay 1
		target 4242 database
		start 1795197600000000000
		interval 5s
		sample 0s
		map 400000-500000 r-xp 00000000 08:01 77 /usr/bin/database
		map 140000000-200000000 rw-p 00000000 00:00 0 [heap]
		map 300000000-380000000 rw-s 00000000 00:01 1025 /memfd:guest-ram (deleted)
		refuse 400000-500000 22
		see 400000-500000 P
		see 140000000-200000000 P
		see 300000000-380000000 P
		sample 5s
		see 400000-500000 P
		see 140000000-1c0000000 PT
		see 1c0000000-200000000 P
		see 300000000-320000000 PT
		see 320000000-380000000 P
		sample 10s
		see 400000-500000 P
		see 140000000-180000000 PT
		see 180000000-200000000 P
		see 300000000-380000000 P
	EOF
}

# All that wsstat saw of the process was refused: there are no hot and cold bytes.
refuse_all() {
	sed 's/^refuse .*/refuse 400000-380000000 22/' recorded >refused
	"$WSSTAT" --replay refused --json -o run.jsonl
}

# Each command of the README that begins with jq into a file of its own.
one_liners() {
	awk '
		/^    jq / { file = "one-liner-" ++nr }
		/^$/ { file = "" }
		file { print >file }' "$WSSTAT_SRCDIR/README"
}

# one_liner WORDS: run the only one in which the words stand.
one_liner() {
	local found
	one_liners
	found=$(grep -lF -- "$1" one-liner-*)
	run bash "$found"
	echo "$(cat "$found"): $output"
	[ "$status" = 0 ]
}

@test "README01: every one-liner runs and says something" {
	local file
	one_liners
	[ -e one-liner-6 ]
	for file in one-liner-*; do
		cat "$file"
		[ -n "$(bash "$file")" ]
	done
}

@test "README02: every one-liner also runs where nothing was seen" {
	local file
	one_liners
	refuse_all
	for file in one-liner-*; do
		cat "$file"
		bash "$file"
	done
}

@test "README03: one number for a run" {
	one_liner hot_mean_bytes
	[ "$output" = $((7 * GIB / 4)) ]
}

@test "README04: hot bytes over time" {
	one_liner '[.elapsed_seconds, .hot_bytes]'
	[[ ${lines[0]} = 5*$'\t'$((5 * GIB / 2)) ]]
	[[ ${lines[1]} = 10*$'\t'"$GIB" ]]
	[ "${#lines[@]}" = 2 ]
}

@test "README05: cold share" {
	one_liner '100 * .cold_bytes'
	[ "${#lines[@]}" = 2 ]
	[[ ${lines[0]} = 49.99* ]] # 2.5 GiB of 5 GiB and 1 MiB
}

@test "README06: hottest names" {
	one_liner 'sort_by(-.hot)'
	[ "${lines[0]}" = "{\"name\":\"[heap]\",\"hot\":$GIB}" ]
	[ "${#lines[@]}" = 2 ]
}

@test "README10: what is only known to be written is not among them" {
	sed 's/^refuse .*/&\nmethod 140000000-200000000 wp/' recorded >written
	"$WSSTAT" --replay written --json -o run.jsonl
	one_liner 'sort_by(-.hot)'
	[ "$output" = '{"name":"/memfd:guest-ram (deleted)","hot":0}' ]
}

@test "README07: what was not observed" {
	one_liner '.untracked[]'
	[ "$output" = '{"reason":"no write permission, reads cannot be seen","bytes":1048576}' ]
}

@test "README08: the books close, and it would tell if they did not" {
	one_liner 'all(.resident_bytes'
	[ "$output" = true ]
	sed -i 's/"resident_bytes":/"resident_bytes":1/' run.jsonl
	one_liner 'all(.resident_bytes'
	[ "$output" = false ]
	refuse_all
	one_liner 'all(.resident_bytes'
	[ "$output" = true ]
}

@test "README09: the script that says when much is hot" {
	sed -n '/^    wsstat -p PID -j |/,/done$/p' "$WSSTAT_SRCDIR/README" >script
	[ "$(wc -l <script)" = 3 ]
	sed -i 's/wsstat -p PID -j/cat run.jsonl/' script
	run bash script
	[ "${lines[0]}" = "hot: $((5 * GIB / 2)) bytes" ]
	[ "${lines[1]}" = "hot: $GIB bytes" ]
	[ "${#lines[@]}" = 2 ]
	refuse_all
	run bash script
	[ "$status" = 0 ]
	[ -z "$output" ]
}
