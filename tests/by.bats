#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# --by: whose the memory is.  The program is helpers/arrays; on a kernel with RWP .bss is seen by
# reads and writes, else by writes alone, as .data always is.

load lib

MIB8=8388608
PAGE=4096
PAGES_SHARED=$((2 * (PAGE - 1))) # at most, of an array's first and last page

setup() {
	live_setup
	ARRAYS=$BATS_TEST_TMPDIR/arrays
	cp "$HELPERS/arrays" "$ARRAYS"
	SAID=$BATS_TEST_TMPDIR/said
	REC=$BATS_TEST_TMPDIR/rec
}

teardown() {
	exec {LIFE}>&- || :
	wait
}

# ARRAYS_PID, and what it says in SAID.
arrays_start() {
	mkfifo "$BATS_TEST_TMPDIR/life"
	"$ARRAYS" <"$BATS_TEST_TMPDIR/life" >"$SAID" 3>&- &
	ARRAYS_PID=$!
	exec {LIFE}>"$BATS_TEST_TMPDIR/life"
	until grep -q ^ready "$SAID"; do sleep 0.02; done
	WORKER=$(sed -n 's/^ready //p' "$SAID")
}

# by WHAT [OPTION...]: three windows, in WS_JSON; recorded, and shown once more the same.
by() {
	"$WSSTAT" -p "$ARRAYS_PID" -i 300ms -n 3 --json --record "$REC" --by "$@" >"$WS_JSON" 2>>"$WS_ERR"
	"$HERE/schema/validate" <"$WS_JSON"
	"$WSSTAT" --replay "$REC" --json --by "$1" | cmp - "$WS_JSON"
}

# group NAME KEY: of the last sample, added up over its rows.
group() {
	jq -n --arg name "$1" --arg key "$2" '[inputs | select(.type == "sample")] | last |
		[.groups[] | select(.name == $name) | .[$key]] | if length == 0 then "none"
		elif $key == "size_bytes" then max else add end' "$WS_JSON"
}

assert_arrays() {
	local name hot
	for name in bss data; do
		[ "$(group "arrays_hot_$name" size_bytes)" = "$MIB8" ]
		[ "$(group "arrays_cold_$name" size_bytes)" = "$MIB8" ]
		[ "$(group "arrays_hot_$name" resident_bytes)" = "$MIB8" ]
		[ "$(group "arrays_cold_$name" resident_bytes)" = "$MIB8" ]
		[ "$(group "arrays_hot_$name" hot_bytes)" = "$MIB8" ]
		hot=$(group "arrays_cold_$name" hot_bytes)
		[ "$hot" -le "$PAGES_SHARED" ] || fail "arrays_cold_$name: $hot bytes hot"
	done
	[ "$(group arrays_small size_bytes)" = 100 ]
	[ "$(group arrays_small hot_bytes)" = 100 ]
}

@test "BY01: by symbol: hot and cold arrays in .bss and .data, by name, exact size" {
	arrays_start
	by symbol
	assert_arrays
}

@test "BY02: by section: .bss and .data, each half hot" {
	local name bytes size
	arrays_start
	by section
	for name in bss data; do
		bytes=$(group ".$name" hot_bytes)
		[ "$bytes" -ge "$MIB8" ] && [ "$bytes" -le $((MIB8 + 4 * PAGE)) ]
		size=$(readelf -SW "$ARRAYS" | sed 's/^ *\[ *[0-9]*\]//' | awk -v name=".$name" '$1 == name { print $5 }')
		[ "$(group ".$name" size_bytes)" = $((16#$size)) ]
	done
}

@test "BY03: stripped, the symbols come from the debug file that the build ID names" {
	local id
	[ "$(id -u)" = 0 ] || skip "needs root to put a debug file where they are looked for"
	objcopy --only-keep-debug "$ARRAYS" "$BATS_TEST_TMPDIR/debug"
	strip "$ARRAYS"
	id=$(readelf -n "$ARRAYS" | sed -n 's/.*Build ID: //p')
	arrays_start
	by symbol
	[ "$(group arrays_small size_bytes)" = '"none"' ]
	[ "$(group '(no symbol)' hot_bytes)" -ge $((2 * MIB8)) ]
	DEBUG=/usr/lib/debug/.build-id/${id:0:2}/${id:2}.debug
	mkdir -p "${DEBUG%/*}"
	cp "$BATS_TEST_TMPDIR/debug" "$DEBUG"
	by symbol || { rm -f "$DEBUG"; return 1; }
	rm -f "$DEBUG"
	assert_arrays
}

@test "BY04: threads' stacks have their names, anonymous memory that of the kernel" {
	arrays_start
	by symbol
	[ "$(group "[stack:$WORKER arrays worker]" hot_bytes)" -ge $((200 * 1024)) ]
	by section
	[ "$(group "[stack:$WORKER arrays worker]" hot_bytes)" -ge $((200 * 1024)) ]
	[ "$(group '[heap]' resident_bytes)" != '"none"' ]
}

@test "BY05: a program that has been replaced is read as it was mapped" {
	[ "$(id -u)" = 0 ] || skip "needs root to open what is deleted"
	arrays_start
	cp "$ARRAYS" "$ARRAYS.new"
	mv "$ARRAYS.new" "$ARRAYS"
	"$WSSTAT" -p "$ARRAYS_PID" -i 300ms -n 3 --json --by symbol >"$WS_JSON"
	assert_arrays
}

@test "BY06: a recording whose program has changed since is told as a whole" {
	arrays_start
	by symbol
	assert_arrays
	cp "$ARRAYS" "$ARRAYS.new"
	mv "$ARRAYS.new" "$ARRAYS"
	"$WSSTAT" --replay "$REC" --json --by symbol >"$WS_JSON" 2>"$WS_ERR"
	[ "$(group arrays_small size_bytes)" = '"none"' ]
	[ "$(group "$ARRAYS" resident_bytes)" -ge $((2 * MIB8)) ]
	grep -q "$ARRAYS is not the file that was mapped: its memory is told as a whole" "$WS_ERR"
	"$HERE/schema/validate" <"$WS_JSON"
}

@test "BY07: by mapping and by kind: histograms of each, which add up to the target's" {
	arrays_start
	by mapping
	[ "$(group "$ARRAYS" resident_bytes)" -ge $((2 * MIB8)) ]
	by kind
	[ "$(group private_file resident_bytes)" -ge $((2 * MIB8)) ]
	jq -e -n '[inputs | select(.type == "sample")] | last | . as $s |
		[.groups[] | select(.sees == "reads+writes")] |
		($s.idle // []) == [] or
		([.[].idle | map(.bytes)] | transpose | map(add)) == ($s.idle | map(.bytes)) and
		([.[].heat | map(.bytes)] | transpose | map(add)) == ($s.heat | map(.bytes)) and
		([.[].retouched | map(.bytes)] | transpose | map(add)) == ($s.retouched | map(.bytes))' "$WS_JSON"
}

@test "BY08: in text: names, a line that says what is divided, and with -v the habits of each" {
	arrays_start
	"$WSSTAT" -p "$ARRAYS_PID" -i 300ms -n 1 --by symbol -o "$BATS_TEST_TMPDIR/text"
	cat "$BATS_TEST_TMPDIR/text"
	grep -qE '^ 8\.00 MiB +8\.00 MiB .* arrays:arrays_hot_bss$' "$BATS_TEST_TMPDIR/text"
	grep -q '^seen by page; a page that several symbols share is divided by bytes$' \
		"$BATS_TEST_TMPDIR/text"
	"$WSSTAT" -p "$ARRAYS_PID" -i 300ms -n 1 --by symbol -v -o "$BATS_TEST_TMPDIR/text" 2>"$WS_ERR"
	grep -A2 'arrays:arrays_hot_bss$' "$BATS_TEST_TMPDIR/text" |
		grep -q '^ *touched in n of the last 8 windows: 1: 8.00 MiB$'
	grep -q "symbols of $ARRAYS: .symtab" "$WS_ERR"
}

@test "BY09: what is no word for it" {
	local status=0
	"$WSSTAT" -p 1 --by page 2>"$WS_ERR" || status=$?
	[ "$status" = 2 ]
	grep -q -- "--by: 'page' is none of mapping, kind, section, symbol" "$WS_ERR"
}
