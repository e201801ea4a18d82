#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# --by section and --by symbol of helpers/arrays: on a kernel with RWP .bss is seen by reads and
# writes, else by writes alone, as .data always is.  whose.bats has what does not depend on that.

load lib
load arrays

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

@test "BY04: threads' stacks have their names, anonymous memory that of the kernel" {
	arrays_start
	by symbol
	[ "$(group "[stack:$WORKER arrays worker]" hot_bytes)" -ge $((200 * 1024)) ]
	by section
	[ "$(group "[stack:$WORKER arrays worker]" hot_bytes)" -ge $((200 * 1024)) ]
	[ "$(group '[heap]' resident_bytes)" != '"none"' ]
}
