#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# What the sources promise about themselves: floors, licences, who may exit, what
# is listed.  Each test prints what offends and fails when anything does.

setup() {
	cd "$WSSTAT_SRCDIR"
}

# The project's own files, also where git does not know them (yet).  A tarball
# holds what autoreconf made as well.
tree_files() {
	local build
	build=$(realpath --relative-to=. "$WSSTAT_BUILD")
	if [ -e .git ]; then
		git ls-files --others --cached --exclude-standard
	else
		find configure.ac Makefile.am m4/wsstat.m4 build-aux/git-version contrib doc src \
			tests -type f ! -name '*.1'
	fi | grep -v "^$build/"
}

# FILE:INCLUDED, both relative to src, for the project's own headers.
own_includes() {
	(cd src && grep -rHoE '^#include "[^"]+"' --include='*.[ch]' .) |
		sed -E 's|^\./||; s|#include "(.*)"|\1|' | grep -v ':config\.h$'
}

# Fail when stdin has any line, and show them.
none() {
	local lines
	lines=$(cat)
	[ -z "$lines" ] || { echo "$lines"; return 1; }
}

# Shell comments and C comments are not code.  Good enough for greps.
c_code() {
	sed -E 's|/\*.*\*/||; /^[[:space:]]*\/?\*/d' "$1"
}

@test "LINT01: a file includes only from its own floor's folder or from floors below" {
	own_includes | awk -F'[:/]' '
	BEGIN {
		floor["base"] = 0; floor["model"] = 1; floor["kernel"] = 2
		floor["track"] = 3; floor["core"] = 4; floor["out"] = 5
	}
	function folder(path) { return path ~ /\// ? substr(path, 1, index(path, "/") - 1) : "" }
	{
		split($0, side, ":")
		from = folder(side[1]); to = folder(side[2])
		if (from == "preload" || to == "preload")
			good = from == to || from == "core" && side[2] == "preload/wire.h"
		else if (from == "")
			good = 1
		else
			good = from == to || to in floor && floor[to] < floor[from]
		if (!good)
			print "src/" side[1] " includes " side[2]
	}' | none
}

@test "LINT02: a method does not know another method" {
	own_includes | grep '^track/' | awk -F'[:/.]' '
		$4 == "track" && $5 ~ /^(rwp|zap|wp|refs|replay)$/ && $2 != $5 { print "src/" $0 }
	' | none
}

@test "LINT03: the model makes no system call, prints nothing and knows no clock" {
	grep -nE '#include (<(unistd|fcntl|time|sys/[a-z]+)\.h>|"base/(clock|io|log|fault)\.h")' \
		src/model/*.[ch] | none
}

@test "LINT04: every file names its licence" {
	local file
	for file in $(tree_files); do
		case $file in
		COPYING) continue ;;
		tests/golden/* | tests/fuzz/corpus/*/*) continue ;; # data, byte for byte
		esac
		grep -q 'SPDX-License-Identifier: GPL-2\.0-or-later' "$file" || echo "$file"
	done | none
}

@test "LINT05: nothing below main exits, aborts or asserts" {
	local file
	for file in $(find src -name '*.[ch]' ! -name main.c); do
		c_code "$file" | grep -nE '(^|[^_[:alnum:]])(exit|abort|assert|errx?)\(' |
			sed "s|^|$file: |"
	done | none
}

@test "LINT06: only out/ knows JSON and the terminal library" {
	grep -rnE '#include <(json-c|json|n?curses|ncursesw)[/.]' src | grep -v '^src/out/' | none
}

@test "LINT07: the config header comes first in each .c file, and in no header" {
	local file
	{
		grep -rl '"config\.h"' src tests --include='*.h' || :
		for file in $(find src -name '*.c' ! -path 'src/preload/*'); do
			grep -m1 '^#include' "$file" | grep -q '"config\.h"' || echo "$file"
		done
	} | none
}

@test "LINT08: each header has its guard and compiles alone" {
	local file guard
	for file in $(cd src && find . -name '*.h' | sed 's|^\./||'); do
		guard=WSSTAT_$(echo "$file" | tr a-z/.- A-Z___)
		grep -q "^#define $guard\$" "src/$file" || echo "$file: no guard $guard"
		echo "#include \"$file\"" |
			${CC:-cc} -std=gnu11 -D_GNU_SOURCE -fsyntax-only -Isrc -xc - 2>&1
	done | none
}

@test "LINT09: every source and every test is on a list of the build" {
	local file
	{
		for file in $(cd src && find . -mindepth 2 -name '*.[ch]' | sed 's|^\./||'); do
			grep -q "%D%/$file" src/local.mk || echo "src/$file"
		done
		for file in $(cd tests && find . -name '*.[ch]' -o -name '*.bats' | sed 's|^\./||'); do
			grep -qE "%D%/(${file//./\\.}|${file%.c})( |\$)" tests/local.mk ||
				echo "tests/$file"
		done
	} | none
}

@test "LINT10: shellcheck has nothing to say" {
	command -v shellcheck >/dev/null || skip "shellcheck is not installed"
	local file
	for file in $(tree_files); do
		case $(head -n 1 "$file" | tr -d '\0') in
		'#!/bin/busybox sh'*) shellcheck -s dash "$file" || : ;;
		# bats stops at the first failure, cd's too; its files are sourced by it.
		'#!'*bats*) shellcheck -s bats -e SC1091,SC2030,SC2031,SC2044,SC2154,SC2164 "$file" || : ;;
		# SC2317 does not see calls through a name.
		'#!'*sh*) shellcheck -x -e SC2317 "$file" || : ;;
		esac
	done | none
}

@test "LINT11: clang-format would change nothing" {
	command -v clang-format >/dev/null || skip "clang-format is not installed"
	local file
	for file in $(tree_files | grep '\.[ch]$'); do
		clang-format "$file" | cmp -s - "$file" || echo "$file"
	done | none
}

@test "LINT12: the options of --help are the options of the manual page" {
	[ -x "$WSSTAT_BUILD/wsstat" ] || skip "the program is not built"
	"$WSSTAT_BUILD/wsstat" --help | grep -oE -- '--[a-z][a-z-]+' | sort -u \
		>"$BATS_TEST_TMPDIR/help"
	sed 's/\\-/-/g' doc/wsstat.1.in | grep -E '^\.(B|BR|BI|TP|IP|OP) ?.*--' |
		grep -oE -- '--[a-z][a-z-]+' | sort -u >"$BATS_TEST_TMPDIR/man"
	diff "$BATS_TEST_TMPDIR/help" "$BATS_TEST_TMPDIR/man"
}

@test "LINT13: the manual page is sound" {
	command -v mandoc >/dev/null || skip "mandoc is not installed"
	mandoc -T lint -W warning "$WSSTAT_BUILD/doc/wsstat.1" | none
}

@test "LINT14: no path of somebody's machine, no archive's host" {
	tree_files | xargs grep -nE '/(home|wor[k])/[a-z]|(deb|ftp|archive)[a-z.]*\.(debia[n]|ubunt[u])\.' |
		grep -v '^COPYING:' | none
}

@test "LINT15: no function is longer than 60 lines" {
	local file
	for file in $(tree_files | grep '\.c$'); do
		awk -v file="$file" '
		/^{/ { start = NR }
		/^}/ && start {
			if (NR - start > 60)
				print file ":" start ": " NR - start " lines"
			start = 0
		}' "$file"
	done | none
}
