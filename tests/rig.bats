#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# In the guest only: is this the kernel that the other live tests are for?

@test "RIG01: the kernel is 7.3 or later" {
	dpkg --compare-versions "$(uname -r | sed 's/[+-].*//')" ge 7.3
}

@test "RIG02: the tree is here, writable, at the same path" {
	[ -e "$WSSTAT_SRCDIR/src/base/error.h" ]
	touch "$WSSTAT_SRCDIR/written-in-the-guest"
}

@test "RIG03: we are root on two processors" {
	[ "$(id -u)" = 0 ]
	[ "$(nproc)" = 2 ]
}

@test "RIG04: there is a disk, and it is no memory" {
	[ "$(stat -f -c %T "$WSSTAT_TEST_DISK")" = ext2/ext3 ]
}
