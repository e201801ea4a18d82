#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# What works on this kernel and for this process, and what is said where it does not.
# Where the answer depends on RWP both are stated.

load cli

# answers FILTER: method=answer of a list in the output, in its order.
answers() {
	jq -r "$1"' | map("\(.name)=\(.answer)") | join(" ")' "$OUT"
}

# features OPTION...: --features as JSON into OUT.
features() {
	given "${AS[@]}" "${UNDER[@]}" "$WSSTAT" --features --json "$@"
}

# As the schema says; slow in the guest, so once for each kind of answer.
sound() {
	"$BATS_TEST_DIRNAME/schema/validate" <"$OUT"
}

# under CALL=ERRNO...: from here on wsstat runs under a seccomp filter.
under() {
	UNDER=("$WSSTAT_BUILD/tests/helpers/filter" "$@" --)
	[ -x "${UNDER[0]}" ] || skip "the helpers are not built"
}

rwp_answer() {
	if has_rwp; then echo "${1:-yes}"; else echo no; fi
}

@test "FEAT01: --features tells yes, or no with the reason and the remedy" {
	given "$WSSTAT" --features
	[ "$(sed -nE 's/^(rwp|zap|wp|refs) .*/\1/p' "$OUT" | xargs)" = 'rwp zap wp refs' ]
	[ "$(grep -cE '^(zap|wp|refs) +yes$' "$OUT")" = 3 ]
	if has_rwp; then
		grep -qE '^rwp +yes$' "$OUT"
	else
		grep -qE '^rwp +no: ' "$OUT"
		tr -s ' \n' ' ' <"$OUT" | grep -qF 'boot Linux 7.3'
	fi
	[ "$(awk '{ print length }' "$OUT" | sort -n | tail -n 1)" -le 80 ]
}

@test "FEAT02: --features --json" {
	features
	sound
	[ "$(jq -r '.type' "$OUT")" = features ]
	[ "$(answers .methods)" = "rwp=$(rwp_answer) zap=yes wp=yes refs=yes" ]
	[ "$(jq -c '[.pid, .attach, .process_methods]' "$OUT")" = '[null,null,null]' ]
}

@test "FEAT03: --features of a process" {
	start_victim
	given "$WSSTAT" --features -p "$VICTIM"
	grep -qE "^-p $VICTIM +yes$" "$OUT"
	features -p "$VICTIM"
	sound
	[ "$(jq '.pid' "$OUT")" = "$VICTIM" ]
	[ "$(jq -r '.attach.answer' "$OUT")" = yes ]
	[ "$(answers .process_methods)" = "rwp=$(rwp_answer) zap=yes wp=yes refs=yes" ]
	refused 5 'no such process' "$WSSTAT" --features -p 4194304
}

@test "FEAT04: --features without any privilege" {
	as_nobody
	features
	[ "$(answers .methods)" = "rwp=$(rwp_answer) zap=yes wp=yes refs=yes" ]
}

@test "FEAT05: --features of another user's process" {
	as_nobody
	start_victim
	features -p "$VICTIM"
	sound
	[ "$(answers .process_methods)" = \
		"rwp=$(rwp_answer 'not permitted') zap=not permitted wp=not permitted refs=not permitted" ]
	[ "$(jq -r '.attach.answer' "$OUT")" = 'not permitted' ]
	jq -e '.attach.reason | test("another user")' "$OUT"
	jq -e '.attach.remedy | test("as root")' "$OUT"
}

@test "FEAT06: --features of a process that is being traced: refs is left" {
	local line fd pid
	start_victim
	# shellcheck disable=SC2016 # that is Perl; ptrace is 101, PTRACE_SEIZE 0x4206
	coproc TRACER { exec perl -e '$| = 1; syscall(101, 0x4206, $ARGV[0] + 0, 0, 0) == 0 or die;
		print "traced\n"; <STDIN>' "$VICTIM" 3>&-; }
	read -r line <&"${TRACER[0]}"
	[ "$line" = traced ]
	features -p "$VICTIM"
	[ "$(answers .process_methods)" = \
		"rwp=$(rwp_answer 'not permitted') zap=not permitted wp=not permitted refs=yes" ]
	jq -e '.attach.reason | test("traced by process")' "$OUT"
	pid=$TRACER_PID fd=${TRACER[1]} # bash forgets both when it has reaped the job
	exec {fd}>&-
	wait "$pid"
}

@test "FEAT07: --features of a kernel thread" {
	[ "$(cat /proc/2/comm 2>/dev/null)" = kthreadd ] || skip "kernel threads are not visible"
	features -p 2
	[ "$(answers .process_methods)" = 'rwp=no zap=no wp=no refs=no' ]
	jq -e '.attach.reason | test("kernel thread")' "$OUT"
}

@test "FEAT08: --features under a filter that forbids userfaultfd" {
	local errnum
	for errnum in 1 13 38; do # EPERM, EACCES, ENOSYS
		under userfaultfd=$errnum
		features
		[ "$(answers .methods)" = \
			'rwp=not permitted zap=not permitted wp=not permitted refs=yes' ]
		jq -e '.methods[0] | (.reason | test("seccomp")) and (.remedy | test("container"))' \
			"$OUT"
	done
	refused 125 'method wp does not work here: .*seccomp' "${UNDER[@]}" "$WSSTAT" --method wp -- true
}

@test "FEAT09: --features under a filter that forbids PAGEMAP_SCAN, or has it not" {
	under scan=1
	features
	[ "$(answers '.methods[1:3]')" = 'zap=not permitted wp=not permitted' ]
	under scan=25 # ENOTTY, as before Linux 6.7
	features
	[ "$(answers .methods)" = 'rwp=no zap=no wp=no refs=yes' ]
	jq -e '.methods[2] | (.reason | test("6.7")) and (.remedy | test("Linux 6.7"))' "$OUT"
}

@test "FEAT10: --features tells what only seems to work" {
	under writeprotect=0
	features
	sound
	[ "$(answers .methods)" = "rwp=$(rwp_answer) zap=broken wp=broken refs=yes" ]
	jq -e '.methods[2].reason | test("told as present, written, not present")' "$OUT"
	under madvise=0
	features
	[ "$(answers .methods)" = "rwp=$(rwp_answer) zap=broken wp=yes refs=yes" ]
	under rwprotect=0 register=12 # ENOMEM
	features
	[ "$(answers .methods)" = "rwp=$(rwp_answer broken) zap=broken wp=broken refs=yes" ]
	jq -e '.methods[2].reason | test("UFFDIO_REGISTER fails: Cannot allocate")' "$OUT"
}

@test "FEAT11: --features of a process under a filter" {
	under madvise=1
	mkfifo "$BATS_TEST_TMPDIR/in" "$BATS_TEST_TMPDIR/ready"
	# shellcheck disable=SC2016 # the inner shell's
	"${UNDER[@]}" sh -c 'echo ready >"$1"; read -r _ <"$2"' sh "$BATS_TEST_TMPDIR/ready" \
		"$BATS_TEST_TMPDIR/in" 3>&- &
	VICTIM=$!
	read -r _ <"$BATS_TEST_TMPDIR/ready"
	UNDER=()
	features -p "$VICTIM"
	[ "$(jq -r '.attach.answer' "$OUT")" = "$([ "$(id -u)" = 0 ] && echo yes || echo not permitted)" ]
	under madvise=1 # wsstat, too
	features -p "$VICTIM"
	jq -e '.attach | .answer == "not permitted" and (.reason | test("filter"))' "$OUT"
	[ "$(jq -r '.process_methods[3].answer' "$OUT")" = yes ]
}

@test "FEAT12: a process is observed, by the methods that this kernel has" {
	start_victim
	given "$WSSTAT" -p "$VICTIM" -i 50ms -n 1
	given "$WSSTAT" -p "$VICTIM" -i 50ms -n 1 -m auto
	given "$WSSTAT" -p "$VICTIM" -i 50ms -n 1 -m wp
	given "$WSSTAT" -p "$VICTIM" -i 50ms -n 1 -q -m refs
	has_rwp || refused 4 'method rwp does not work here: .*; boot Linux' \
		"$WSSTAT" -p "$VICTIM" -n 1 -m rwp
}

@test "FEAT13: a method that this kernel lacks: nothing is started" {
	has_rwp && skip "this kernel has all methods"
	refused 125 'method rwp does not work here' "$WSSTAT" -m rwp -- touch "$BATS_TEST_TMPDIR/ran"
	[ ! -e "$BATS_TEST_TMPDIR/ran" ]
}
