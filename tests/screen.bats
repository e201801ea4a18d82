#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# The live view of recordings: what it shows (golden/screens), its keys, its manners.  It needs
# nothing of the kernel; of running processes see screen_live.bats.

bats_require_minimum_version 1.5.0

load lib
load screen

setup() {
	live_setup
	screen_setup
	SCREENS=$BATS_TEST_DIRNAME/golden/screens
}

teardown() {
	screen_teardown
	live_teardown
}

# golden NAME: all screens there are of it.
golden() {
	local file wrong=0
	for file in "$SCREENS/$1".*; do
		golden_same "$file" || wrong=1
	done
	return $wrong
}

@test "SCR01: golden screens: a heap that grows" {
	golden growth
}

@test "SCR02: golden screens: regions on several methods" {
	golden methods
}

@test "SCR03: golden screens: only writes are seen" {
	golden writes
}

@test "SCR04: golden screens: mappings that come, change and go" {
	golden events
}

@test "SCR05: golden screens: without page ages" {
	golden refs
}

@test "SCR06: golden screens: nothing can be observed" {
	golden refused
}

@test "SCR07: golden screens: huge pages" {
	golden units
}
