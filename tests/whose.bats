#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# --by: where the names come from, and how they are shown.

load lib
load arrays

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

@test "BY05: a program that has been replaced is read as it was mapped" {
	[ "$(id -u)" = 0 ] || skip "needs root to open what is deleted"
	arrays_start
	cp "$ARRAYS" "$ARRAYS.new"
	mv "$ARRAYS.new" "$ARRAYS"
	"$WSSTAT" -p "$ARRAYS_PID" -i "$INTERVAL_S" -n 3 --json --by symbol >"$WS_JSON"
	assert_arrays
}

@test "BY06: a recording whose program has changed since is told as a whole" {
	arrays_start
	by symbol
	assert_arrays
	cp "$ARRAYS" "$ARRAYS.new"
	mv "$ARRAYS.new" "$ARRAYS"
	"$WSSTAT" --replay "$WS_RECORD" --json --by symbol >"$WS_JSON" 2>"$WS_ERR"
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
	"$WSSTAT" -p "$ARRAYS_PID" -i "$INTERVAL_S" -n 1 --by symbol -o "$BATS_TEST_TMPDIR/text"
	cat "$BATS_TEST_TMPDIR/text"
	grep -qE '^ 8\.00 MiB +8\.00 MiB .* arrays:arrays_hot_bss$' "$BATS_TEST_TMPDIR/text"
	grep -q '^seen by page; a page that several symbols share is divided by bytes$' \
		"$BATS_TEST_TMPDIR/text"
	"$WSSTAT" -p "$ARRAYS_PID" -i "$INTERVAL_S" -n 1 --by symbol -v -o "$BATS_TEST_TMPDIR/text" 2>"$WS_ERR"
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
