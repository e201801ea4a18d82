#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Every kind of memory of matrix.tsv under --method auto: seen by the method that
# is best for it on this kernel, exact to the page for every access, or untracked
# with the reason.
#
# One situation has all kinds, and the run takes one window for each access there
# is: the kinds take turns, so that in each window each of them is touched in
# another way, some not at all, and over all windows each in every way.

# shellcheck disable=SC2034 # lib.bash reads them

load lib

ACCESSES=(read write sys-write sys-read vm-read touch-none)
LETTERS=(r w k K v -)
GUEST_INTERVAL_S=${VM_OUT:+3} # so many accesses take long there
INTERVAL_S=${WSSTAT_TEST_INTERVAL:-${GUEST_INTERVAL_S:-1}}
TRIES=3
HUGE_PAGES=24 # for all kinds of hugetlb together
SHMEM_THP=/sys/kernel/mm/transparent_hugepage/shmem_enabled

setup_file() {
	local try
	require_wp_async
	require_root
	require_disk
	export WSSTAT_TEST_DISK=$DISK
	read_matrix
	system_prepare
	for ((try = 1; try <= TRIES; try++)); do
		BATS_TEST_TMPDIR=$BATS_FILE_TMPDIR/$try
		mkdir "$BATS_TEST_TMPDIR"
		whole_run
		hidden_by_damon || break
	done
	declare -p MISSING WS_STATUS WS_JSON WS_RECORD WS_ERR |
		sed 's/^declare \(-[A-Za-z-]*\)/declare -g \1/' >"$BATS_FILE_TMPDIR/run"
}

whole_run() {
	live_setup
	sit_start
	make_all
	sit vm-read anon 0 1 # starts the other process
	ws_attach
	ws_until sample
	all_windows
	ws_end
	check_all
	live_teardown
}

# Does less than was touched show as hot, by method zap alone, and had wsstat warned that it can,
# because DAMON pages out memory on this machine?  Then once more: what is wrong by itself stays so.
hidden_by_damon() {
	local kind figure is want
	[ -s "$BATS_FILE_TMPDIR/wrong" ] || return
	grep -q '"text":"DAMON pages out' "$WS_JSON" || return
	while read -r kind _ figure _ is _ want; do
		[[ ${WANT[$kind]} = zap/* && $figure = *_bytes ]] || return
		[ "${is%,}" -lt "$want" ] || return
	done <"$BATS_FILE_TMPDIR/wrong"
	echo "# DAMON may have hidden accesses: $(tr '\n' ';' <"$BATS_FILE_TMPDIR/wrong")" >&3
}

teardown_file() {
	local old=$BATS_FILE_TMPDIR
	[ ! -s "$old/huge" ] || cat "$old/huge" >/proc/sys/vm/nr_hugepages
	[ ! -s "$old/thp" ] || cat "$old/thp" >"$SHMEM_THP"
}

setup() {
	require_wp_async
	require_root
	require_disk
	read_matrix
	# shellcheck source=/dev/null
	source "$BATS_FILE_TMPDIR/run"
}

# KINDS, and what the table says of each for this kernel.
read_matrix() {
	local kind size access old new
	KINDS=()
	declare -gA SIZE=() CAN=() WANT=()
	while IFS=$'\t' read -r kind size access old new; do
		[[ $kind != '#'* ]] || continue
		[ "$new" != = ] || new=$old
		KINDS+=("$kind")
		SIZE[$kind]=$size CAN[$kind]=$access WANT[$kind]=$old
		! has_rwp || WANT[$kind]=$new
	done <"$HERE/matrix.tsv"
}

system_prepare() {
	cat /proc/sys/vm/nr_hugepages >"$BATS_FILE_TMPDIR/huge"
	echo "$HUGE_PAGES" >/proc/sys/vm/nr_hugepages
	[ -w "$SHMEM_THP" ] || return 0
	sed 's/.*\[\(.*\)\].*/\1/' "$SHMEM_THP" >"$BATS_FILE_TMPDIR/thp"
	echo advise >"$SHMEM_THP"
}

# An area of each kind, named like it; of what there is none, why.
make_all() {
	local kind
	declare -gA PRESENT=() MISSING=()
	for kind in "${KINDS[@]}"; do
		MISSING[$kind]=''
		make_one "$kind" 2>/dev/null || MISSING[$kind]=${SIT_ANSWER#error }
		[ -n "${SIT_START[$kind]:-}" ] || continue
		resident "$kind"
		PRESENT[$kind]=$RESIDENT
	done
}

make_one() {
	case $1 in
	heap)
		sit_area grow-heap "${SIZE[heap]}"
		sit write heap
		;;
	*) sit_area map "$1" "$1" "${SIZE[$1]}" populate || return 1 ;;
	esac
	case $1 in
	thp) is_huge thp AnonHugePages ;;
	memfd-thp) is_huge memfd-thp ShmemPmdMapped ;;
	esac
}

is_huge() { # NAME KEY
	[ "$(smaps_bytes "$1" "$2")" = $((${SIZE[$1]%M} << 20)) ] && return
	SIT_ANSWER="the kernel gives no huge pages"
	return 1
}

# Which pages of a kind are touched, in PATTERN: first, count, step.  Each kind has
# other ones.  Every 16th page of "guarded" is a guard page; of a huge page one
# small page is touched.
pattern() { # INDEX
	case ${KINDS[$1]} in
	thp | memfd-thp) PATTERN=($((512 * ($1 % 2) + 7)) 2 1024) ;;
	*huge*) PATTERN=($(($1 % 2)) 2 2) ;;
	guarded) PATTERN=(2 40 4) ;;
	ring) PATTERN=(1 5 2) ;;
	vdso) PATTERN=(0 1 1) ;;
	*) PATTERN=($(($1 % 7)) $((20 + $1)) $((3 + $1 % 2))) ;;
	esac
}

# turn WINDOW INDEX: which access of this kind in this window, in TURN.
turn() {
	local kind=${KINDS[$2]}
	TURN=$((($1 + $2) % ${#ACCESSES[@]}))
	[[ ${CAN[$kind]} = *"${LETTERS[TURN]}"* ]] || TURN=$((${#ACCESSES[@]} - 1))
}

commands_of() { # WINDOW
	local index kind
	COMMANDS=()
	for index in "${!KINDS[@]}"; do
		kind=${KINDS[index]}
		turn "$1" "$index"
		[ "${ACCESSES[TURN]}" != touch-none ] || continue
		[ -z "${MISSING[$kind]}" ] || continue
		pattern "$index"
		COMMANDS+=("${ACCESSES[TURN]} $kind ${PATTERN[*]}")
	done
}

# TOUCHED: the sample of each window, and of one more in which all is left alone.
all_windows() {
	local window
	TOUCHED=()
	for window in "${!ACCESSES[@]}"; do
		commands_of "$window"
		in_window sit_each "${COMMANDS[@]}"
		TOUCHED[window]=$WS_SAMPLE
	done
	in_window sit touch-none
	TOUCHED+=("$WS_SAMPLE")
}

# All that the table says of a kind is expected.
expect_kind() { # INDEX
	local kind=${KINDS[$1]} window want
	want=${WANT[$kind]}
	pattern "$1"
	for window in "${!TOUCHED[@]}"; do
		WS_SAMPLE=${TOUCHED[window]}
		expect "$kind" resident_bytes "${PRESENT[$kind]}"
		case $want in
		*/*) expect_seen "$kind" "$window" "$1" ;;
		*) expect_untracked "$kind" "$want" ;;
		esac
	done
}

expect_untracked() { # KIND REASON
	expect "$1" reason "$2"
	expect "$1" method null
	expect "$1" sees null
	expect "$1" hot_bytes null
	expect "$1" untracked_bytes "${PRESENT[$1]}"
}

expect_seen() { # KIND WINDOW INDEX
	local method=${WANT[$1]%/*} unit=4096 bytes written=0 access=touch-none
	[ "${WANT[$1]#*/}" != 2M ] || unit=$((2 << 20))
	turn "$2" "$3"
	(($2 >= ${#ACCESSES[@]})) || access=${ACCESSES[TURN]}
	bytes=$((PATTERN[1] * unit))
	case $access in
	touch-none) bytes=0 ;;
	write | sys-read) written=$bytes ;;
	esac
	expect "$1" method "$method"
	expect "$1" reason null
	expect "$1" untracked_bytes 0
	"expect_$method" "$1" "$bytes" "$written"
}

# expect_METHOD KIND TOUCHED_BYTES WRITTEN_BYTES
expect_rwp() {
	expect "$1" sees reads+writes
	expect "$1" hot_bytes "$2"
}

expect_zap() {
	expect "$1" sees reads+writes
	expect "$1" hot_bytes "$2"
	if [ "$1" = file-shared ]; then # not protected, see track/protect.h
		expect "$1" written_bytes null
		expect "$1" only_read_bytes null
		return
	fi
	expect "$1" written_bytes "$3"
	expect "$1" only_read_bytes $(($2 - $3))
}

expect_wp() {
	expect "$1" sees writes
	expect "$1" hot_bytes "$3"
	expect "$1" written_bytes "$3"
	expect "$1" only_read_bytes null
	expect "$1" warm_bytes null
	expect "$1" cold_bytes null
}

check_all() {
	local index kind
	EXPECTED=()
	for index in "${!KINDS[@]}"; do
		kind=${KINDS[index]}
		[ -n "${MISSING[$kind]}" ] || expect_kind "$index"
	done
	expected_wrong >"$BATS_FILE_TMPDIR/wrong"
	printf '%s\n' "${EXPECTED[@]}" >"$BATS_FILE_TMPDIR/expected"
}

# no_wrong METHOD...: the kinds for which the table says so were seen like that.
# One test for many: starting one takes seconds in the guest.
no_wrong() {
	local kind nr=0
	for kind in "${KINDS[@]}"; do
		[[ " $* " = *" ${WANT[$kind]%/*} "* ]] || continue
		[ -z "${MISSING[$kind]}" ] || continue
		! grep "^$kind " "$BATS_FILE_TMPDIR/wrong" || nr=-99
		[ "$(grep -c "^$kind hot_bytes " "$BATS_FILE_TMPDIR/expected")" -gt "${#ACCESSES[@]}" ]
		nr=$((nr + 1))
	done
	[ "$nr" -gt 0 ] || fail "not as the table says, or nothing was looked at"
}

@test "MAT001: where reads and writes are seen, every access is exact in every window" {
	no_wrong rwp zap
}

@test "MAT002: where writes are seen, every write is exact in every window" {
	no_wrong wp
}

@test "MAT003: what cannot be seen is untracked, with the reason" {
	local kind nr=0
	for kind in "${KINDS[@]}"; do
		[[ ${WANT[$kind]} != */* && -z ${MISSING[$kind]} ]] || continue
		! grep "^$kind " "$BATS_FILE_TMPDIR/wrong" || nr=-99
		nr=$((nr + 1))
	done
	[ "$nr" -gt 0 ]
}

@test "MAT004: each kind of the table could be made" {
	local kind missing=''
	for kind in "${KINDS[@]}"; do
		[ -z "${MISSING[$kind]}" ] || missing+=" $kind (${MISSING[$kind]})"
	done
	[ -z "$missing" ] || skip "not to be had here:$missing"
}

@test "MAT005: wsstat ended well, its JSON is valid and all books are closed" {
	[ "$WS_STATUS" = 0 ]
	assert_books
}

# Over all regions, sample by sample: what is said of the target is their sum, the
# writes-only ones apart.
@test "MAT006: reads+writes and writes-only are never mixed" {
	jq -es 'def sum(f): map(f) | add // 0;
		map(select(.type == "sample") | . as $s
			| [.regions[] | select(.sees == "reads+writes")] as $both
			| [.regions[] | select(.sees == "writes")] as $writes
			| ($both | length == 0 or sum(.hot_bytes) == $s.hot_bytes
				and sum(.warm_bytes) == $s.warm_bytes
				and sum(.cold_bytes) == $s.cold_bytes)
			and ($writes | sum(.written_bytes) == $s.writes_only.written_bytes
				and sum(.tracked_bytes) == $s.writes_only.resident_bytes))
		| length > 0 and all' "$WS_JSON"
}
