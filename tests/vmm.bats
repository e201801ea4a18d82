#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# wsstat on a virtual machine monitor: QEMU, software emulation, guest memory in a
# memfd, from before its first instruction to after its last.  The guest (the rig's
# kernel, helpers/vmm-init) works on data whose checksum is known here.

# shellcheck disable=SC2034 # lib.bash reads them

load lib

RAM_MB=512
LINES_OF_DATA=1000000 # of seq(1): 7 MB, twice
ROUNDS=8
MIB=$((1 << 20))
USED_MIN=$((100 * MIB)) # of its memory: the data, kernel and initramfs
CACHE=${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/wsstat-rig

setup() {
	local tool
	require_wp_async
	for tool in qemu-system-x86_64 busybox cpio; do
		command -v "$tool" >/dev/null || skip "needs $tool"
	done
	[ -z "${VM_OUT:-}" ] || skip "this is a guest itself"
	[ -z "${WSSTAT_NO_RIG:-}" ] || skip "WSSTAT_NO_RIG is set, there is no kernel to boot"
	"$HERE/rig/fetch-kernel" "$CACHE" || fail "there is no kernel to boot"
	live_setup
	cd "$BATS_TEST_TMPDIR"
	QEMU_PID=''
}

teardown() {
	live_teardown
	[ -z "${QEMU_PID:-}" ] || kill -9 "$QEMU_PID" 2>/dev/null || :
}

make_initrd() {
	mkdir -p root/bin root/dev root/proc root/tmp
	cp "$(command -v busybox)" root/bin/busybox
	install -m 755 "$HERE/helpers/vmm-init" root/init
	(cd root && find . | cpio --quiet -o -H newc) >initrd
}

# QEMU, ready, stopped before the first instruction; its monitor is the coprocess QEMU.
qemu_start() {
	local said=''
	mkfifo console
	exec {CONSOLE}<>console
	{ coproc QEMU { exec qemu-system-x86_64 -S -machine q35,memory-backend=ram \
		-object "memory-backend-memfd,id=ram,size=${RAM_MB}M,share=on" -m "$RAM_MB" \
		-accel tcg -cpu max -display none -no-reboot -nic none \
		-monitor stdio -serial file:console \
		-kernel "$CACHE/vmlinuz" -initrd initrd \
		-append "console=ttyS0 quiet mitigations=off tsc=reliable no_timer_check panic=-1 lines=$LINES_OF_DATA rounds=$ROUNDS" \
		3>&- 2>>"$WS_ERR"; }; } 2>/dev/null
	WS_TARGET=$QEMU_PID
	echo 'info status' >&"${QEMU[1]}" # it answers when all its memory is mapped
	until [[ $said = 'VM status: paused'* ]]; do
		read -r -t "$PATIENCE_S" -u "${QEMU[0]}" said || fail "QEMU's monitor says nothing"
	done
}

# guest_says WORD...: the next line that begins so; the rest of it is left in SAID.
guest_says() {
	local line
	while read -r -t "$PATIENCE_S" -u "$CONSOLE" line; do
		line=${line%%$'\r'*}
		[[ $line != *"guest: $*"* ]] || { SAID=${line#*"guest: $*"}; return; }
	done
	fail "the guest never says '$*'"
}

# ram SAMPLE KEY: a figure of the guest's memory.
ram() {
	jq -r --argjson sample "$1" --arg key "$2" 'select(.type == "sample" and .sample == $sample)
		| .regions[] | select(.name | startswith("/memfd:memory-backend-memfd")) | .[$key]' "$WS_JSON"
}

@test "VMM01: a guest boots and works under observation, its memory on zap, the rest on wp" {
	local want round last
	want=$(seq 1 "$LINES_OF_DATA" | sha256sum)
	make_initrd
	qemu_start
	ws_attach
	ws_until sample
	echo cont >&"${QEMU[1]}"
	guest_says ready
	for ((round = 1; round <= ROUNDS; round++)); do
		guest_says "sum $round "
		[ "$SAID" = "$want" ]
	done
	guest_says "idle "
	[ "$SAID" = "$want" ]
	ws_wait
	[ "$WS_STATUS" = 0 ]
	assert_event exit
	assert_books

	# The last sample before the end has all of the guest's work behind it.
	last=$(jq -s '[.[] | select(.type == "sample" and .tracked_bytes > 0)
		| .sample] | max' "$WS_JSON")
	[ "$(ram "$last" method)" = "$(has_rwp && echo rwp || echo zap)" ]
	[ "$(ram "$last" sees)" = reads+writes ]
	[ "$(ram "$last" untracked_bytes)" = 0 ]
	[ "$(ram "$last" resident_bytes)" -gt "$USED_MIN" ]
	[ "$(ram "$last" hot_bytes)" -gt 0 ]
	[ "$(ram "$last" hot_bytes)" -lt $(($(ram "$last" resident_bytes) / 2)) ]
	jq -es --argjson last "$last" '.[] | select(.type == "sample" and .sample == $last) | .regions
		| map(select(.kind == "heap" or .kind == "anon") | select(.tracked_bytes > 0))
		| length > 3 and all(.method == "wp" or .method == "rwp")' "$WS_JSON"
}
