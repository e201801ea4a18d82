#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# wsstat on programs that map a database's file shared, on a disk: the pages of
# the keys that are read are hot, the others are not, and the file stays intact.

# shellcheck disable=SC2034 # lib.bash reads them

load lib

KEYS=8192
VALUE_BYTES=4000 # with what the database adds, a page
PART=2000        # of the keys
OVERHEAD=$((PART / 20 + 16)) # pages of the index beside them, at most
KEPT=$((KEYS / 2)) # of their pages, at least: an idle machine may empty its page cache
COLD_AFTER=1.5s  # longer than one window, shorter than two

HUGE=/sys/kernel/mm/transparent_hugepage
MOST=99999999

# khugepaged ENABLED SLEEP_MS PAGES.  In the guest, which is ours, it makes huge pages of files
# that are written, too.  What it puts together it takes out of the page tables, with
# what zap would have seen.
khugepaged() {
	[ -n "$VM_OUT" ] || return 0
	echo "$3" >$HUGE/khugepaged/pages_to_scan
	echo "$2" >$HUGE/khugepaged/scan_sleep_millisecs
	echo "$1" >$HUGE/enabled
}

setup() {
	require_wp_async
	require_disk
	khugepaged never 10000 4096
	live_setup
	FOLDER=$(mktemp -d "$DISK/wsstat-db.XXXXXX")
}

teardown() {
	live_teardown
	khugepaged always 10000 4096 # as the guest's kernel begins
	[ -z "$FOLDER" ] || rm -rf "$FOLDER"
}

db_start() { # ENGINE
	sit_run "$HERE/helpers/db-load" "$1" "$FOLDER"
	sit fill "$KEYS" "$VALUE_BYTES"
}

# file_figure SAMPLE KEY: of the mapping of the database's file.
file_figure() {
	jq -r --argjson sample "$1" --arg key "$2" --arg folder "$FOLDER/data." '
		select(.type == "sample" and .sample == $sample) | .regions[]
		| select(.name | startswith($folder)) | .[$key]' "$WS_JSON"
}

assert_file() { # SAMPLE KEY WANT
	local got
	got=$(file_figure "$1" "$2")
	[ "$got" = "$3" ] || fail "sample $1: $2 of the file is '$got', want $3"
}

# At least that many pages, and no more than the index adds.
assert_pages() { # SAMPLE KEY PAGES
	local got low=$(($3 * 4096)) high=$((($3 + OVERHEAD) * 4096))
	got=$(file_figure "$1" "$2")
	[[ $got =~ ^[0-9]+$ ]] || fail "sample $1: $2 of the file is '$got'" || return 1
	((low <= got && got <= high)) || fail "sample $1: $2 is $got, want $low to $high"
}

keys_are_hot() { # ENGINE
	local first second resident
	db_start "$1"
	ws_attach --cold-after "$COLD_AFTER"
	ws_until sample
	in_window sit read 0 "$PART"
	first=$WS_SAMPLE
	ws_until sample
	in_window sit read "$((KEYS - PART))" "$PART"
	second=$WS_SAMPLE
	in_window sit idle
	ws_end
	[ "$WS_STATUS" = 0 ]
	for sample in "$first" "$second"; do
		assert_file "$sample" method zap
		assert_file "$sample" kind shared_file
		assert_file "$sample" untracked_bytes 0
		assert_pages "$sample" hot_bytes "$PART"
	done
	# The first ones have been idle for more than a window by now.
	resident=$(file_figure "$second" resident_bytes)
	[[ $resident =~ ^[0-9]+$ ]]
	((resident >= KEPT * 4096)) || fail "resident: $resident"
	assert_pages "$second" cold_bytes \
		$((resident / 4096 - PART - OVERHEAD))
	assert_pages "$WS_SAMPLE" hot_bytes 0
	! warned || fail "a warning of khugepaged, which does nothing here"
	sit read 0 "$KEYS"
	assert_clean "$SIT_PID"
	assert_books
}

# By another process, which sees what is in the file.
file_is_intact() { # ENGINE
	exec {SIT_IN}>&-
	kill "$SIT_PID"
	"$HERE/helpers/db-load" "$1" "$FOLDER" verify "$KEYS" "$VALUE_BYTES"
}

@test "APP01: LMDB, writable mapping: the keys that are read are hot, the file is intact" {
	/usr/bin/python3 -c 'import lmdb' 2>/dev/null || skip "needs python3-lmdb"
	keys_are_hot lmdb
	file_is_intact lmdb
}

@test "APP02: SQLite, mapping for reading: the keys that are read are hot, the file is intact" {
	keys_are_hot sqlite
	file_is_intact sqlite
}

collapsed() {
	cat $HUGE/khugepaged/pages_collapsed
}

# wait_collapsed MORE_THAN
wait_collapsed() {
	local try
	for ((try = 0; try < 300; try++)); do
		(($(collapsed) <= $1)) || return 0
		sleep 0.1
	done
	fail "khugepaged does nothing"
}

warned() {
	jq -e -n 'any(inputs; .type == "event" and .event == "warning" and
		(.text | startswith("khugepaged made huge pages")))' "$WS_JSON"
}

@test "APP03: where khugepaged may have hidden accesses a warning says so, elsewhere none" {
	local before
	[ -n "$VM_OUT" ] || skip "changes settings of the machine: in the guest only"
	khugepaged always "$MOST" 4096
	db_start lmdb
	ws_attach
	ws_until sample
	in_window sit read 0 "$PART"
	before=$(collapsed)
	khugepaged always 10 "$MOST"
	wait_collapsed "$before"
	khugepaged never 10000 4096
	ws_catch_up
	ws_until sample
	ws_end
	warned
	file_is_intact lmdb
}
