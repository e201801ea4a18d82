#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Who is attached to and who is not, each in the situation itself: the message, the
# exit status, that --features says the same, and that nothing was done to the target.
# shellcheck disable=SC2016,SC2034 # code of other languages; what odd.bash looks at

load cli
load odd

nobody_may() {
	as_nobody
	"${AS[@]}" "$HELPERS/odd" </dev/null || skip "nobody cannot reach $HELPERS"
	chmod a+rwx "$BATS_TEST_TMPDIR"
}

# assemble NAME AS_OPTION EMULATION <TEXT: a program of a few instructions, PROGRAM.
assemble() {
	PROGRAM=$BATS_TEST_TMPDIR/$1
	command -v as ld >/dev/null || skip "binutils is not installed"
	as "$2" -o "$PROGRAM.o" - && ld -m "$3" -o "$PROGRAM" "$PROGRAM.o"
}

# Says back what it reads.  echo_64 EXTRA: with more code, that never runs.
echo_64() {
	cat <<-END
		.globl _start
		_start: mov \$0, %eax; mov \$0, %edi; mov \$line, %esi; mov \$256, %edx
			syscall
			mov %eax, %edx
			test %eax, %eax; jle 2f
			mov \$1, %eax; mov \$1, %edi; mov \$line, %esi
			syscall
			jmp _start
		2:	mov \$60, %eax; mov \$0, %edi
			syscall
			$1
		.bss
		line: .skip 256
	END
}

echo_32() {
	cat <<-END
		.globl _start
		_start: mov \$3, %eax; mov \$0, %ebx; mov \$line, %ecx; mov \$256, %edx
			int \$0x80
			mov %eax, %edx
			test %eax, %eax; jle 2f
			mov \$4, %eax; mov \$1, %ebx
			int \$0x80
			jmp _start
		2:	mov \$1, %eax; mov \$0, %ebx
			int \$0x80
		.bss
		line: .skip 256
	END
}

@test "REFUSE01: under seccomp filters that kill: root is let in, and they stay in force" {
	require_root
	local state
	for state in killer sandbox strict; do
		echo "$state"
		start "$HELPERS/odd" "$state"
		let_in
		finish "$([ "$state" = strict ] && echo 137 || echo 0)"
	done
}

@test "REFUSE02: under a seccomp filter: an ordinary user is refused" {
	nobody_may
	local state
	for state in killer sandbox strict; do
		start "${AS[@]}" "$HELPERS/odd" "$state"
		turned_away 3 'runs under a seccomp filter, which might kill it .*; run wsstat as root$'
		finish "$([ "$state" = strict ] && echo 137 || echo 0)"
	done
}

@test "REFUSE03: a filter that refuses userfaultfd: no matter to root, too much for others" {
	nobody_may
	local errnum user=("${AS[@]}")
	for errnum in 1 38; do # EPERM, ENOSYS
		start "${user[@]}" "$HELPERS/filter" userfaultfd=$errnum -- cat
		turned_away 3 'runs under a seccomp filter'
		AS=()
		let_in
		finish
		AS=("${user[@]}")
	done
}

@test "REFUSE04: wsstat itself under a filter" {
	require_root
	local call
	start "$HELPERS/odd" killer
	UNDER=("$HELPERS/filter" madvise=1 --)
	turned_away 3 'cannot suspend from under one itself; run wsstat as root outside the container'
	finish
	start cat
	for call in ptrace readv writev getfd; do
		UNDER=("$HELPERS/filter" "$call=1" --)
		turned_away 3 "^wsstat: (process_vm_|pidfd_)?$call\(2\), which attaching to process \
$VICTIM takes, is refused here, .*; run wsstat outside"
	done
	UNDER=("$HELPERS/filter" ptrace=38 --)
	turned_away 3 '^wsstat: ptrace\(2\), which'
}

@test "REFUSE05: another user, other IDs, not dumpable, more capabilities" {
	nobody_may
	local as_root='; run wsstat as root$' copy=$BATS_TEST_TMPDIR/cat
	start cat
	turned_away 3 'belongs to another user; run wsstat as that user or as root$'
	finish
	start "${AS[@]}" "$HELPERS/odd" undumpable
	turned_away 3 "is not dumpable \(.*\)$as_root"
	finish
	if [ "$(cat /proc/sys/fs/suid_dumpable)" != 1 ]; then
		install -m 711 "$(command -v cat)" "$copy"
		start "${AS[@]}" env "$copy" # setpriv itself has capabilities up to its exec
		turned_away 3 "is not dumpable \(.*\)$as_root"
		finish
	fi
	start setpriv --reuid "$NOBODY" --regid "$NOBODY" --clear-groups --inh-caps=+net_raw \
		--ambient-caps=+net_raw cat
	turned_away 3 "has capabilities that wsstat has not$as_root"
	finish
	start setpriv --reuid "$NOBODY" --regid 1 --clear-groups cat
	turned_away 3 "has other user or group IDs than wsstat \(.*\)$as_root"
	finish
	AS=()
	start setpriv --reuid "$NOBODY" --regid "$NOBODY" --clear-groups "$HELPERS/odd" undumpable
	let_in
}

@test "REFUSE06: a set-user-ID program" {
	nobody_may
	local copy=$BATS_TEST_TMPDIR/cat
	install -m 4755 "$(command -v cat)" "$copy"
	start "${AS[@]}" "$copy"
	[ "$(stat -c %u "/proc/$VICTIM/fd")" = 0 ] || skip "the disk of $copy is mounted nosuid"
	turned_away 3 'has other user or group IDs than wsstat \(set-user-ID, set-group-ID\); run wsstat as root$'
	refused 125 'it is set-user-ID, .*; run wsstat as root$' "${AS[@]}" "$WSSTAT" -- "$copy"
	AS=()
	let_in
}

# traced_by COMMAND...: the target is, and the tracer says so in its first line.
traced_by() {
	{ coproc DEBUGGER { exec "$@" 3>&- 2>&1; }; } 2>/dev/null
	TRACER_IN=${DEBUGGER[1]} TRACER=$DEBUGGER_PID
	until grep -q '^TracerPid:	[1-9]' "/proc/$VICTIM/status"; do
		kill -0 "$TRACER" || return 1
	done
}

@test "REFUSE07: already traced: by whom is told" {
	local name seize='syscall(101, 0x4206, $ARGV[0] + 0, 0, 0); <STDIN>'
	start cat
	for name in perl strace gdb; do
		command -v "$name" >/dev/null || continue
		case $name in
		perl) traced_by perl -e "$seize" "$VICTIM" ;;
		strace) traced_by strace -q -e trace=none -p "$VICTIM" ;;
		gdb) traced_by gdb -q -nx -p "$VICTIM" -ex continue ;;
		esac
		TRACED=$TRACER
		turned_away 3 "process $VICTIM is being traced by process $TRACER \\($name\\); end that first$"
		given "$WSSTAT" -q -m refs -p "$VICTIM" -n 1 -i 20ms
		kill "$TRACER"
		exec {TRACER_IN}>&-
		wait "$TRACER" || :
	done
	TRACED=''
	let_in
}

@test "REFUSE08: what is no process to be observed" {
	local option
	VICTIM=2
	if [ "$(cat /proc/2/comm 2>/dev/null)" = kthreadd ]; then
		refused 4 'process 2 is a kernel thread: it has no memory' "$WSSTAT" -p 2
		foretold no 'process 2 is a kernel thread: it has no memory of its own'
	fi
	VICTIM=''
	for option in -q --features; do
		refused 5 'no such process: 4194304' "$WSSTAT" $option -p 4194304
		refused 5 'process [0-9]+ has ended \(zombie\)' "${ZOMBIE[@]}" "$WSSTAT" $option
	done
}

@test "REFUSE09: it ends during the attach" {
	local status=0
	start "$HELPERS/odd" vfork # its first thread sleeps where it cannot be stopped
	"$WSSTAT" -p "$VICTIM" -n 1 >"$OUT" 2>"$ERR" 3>&- &
	until grep -q '^TracerPid:	[1-9]' "/proc/$VICTIM/status"; do :; done
	kill -9 "$VICTIM"
	wait $! || status=$?
	cat "$ERR"
	[ "$status" = 5 ]
	[ "$(cat "$ERR")" = "wsstat: process $VICTIM ended during the attach" ]
}

@test "REFUSE10: a 32-bit program" {
	assemble tiny --32 elf_i386 < <(echo_32)
	"$PROGRAM" </dev/null || skip "this kernel runs no 32-bit programs"
	start "$PROGRAM"
	turned_away 4 'runs a 32-bit program; only 64-bit programs can be attached to'
	rm "$PROGRAM"
	turned_away 4 'runs a 32-bit program; only 64-bit programs can be attached to'
	given "$WSSTAT" -q -m refs -p "$VICTIM" -n 1 -i 20ms
	assemble tiny --32 elf_i386 < <(echo_32)
	refused 125 'tiny: it is a program for another architecture' "$WSSTAT" -- "$PROGRAM"
}

@test "REFUSE11: code to borrow: any that is there will do" {
	# As of Go: the number by a shorter instruction, and no C library.
	assemble go --64 elf_x86_64 < <(echo_64 'syscall; ret; mov $15, %eax; syscall; int3')
	start "$PROGRAM"
	let_in
	# The files are read to spare the process's pages; without them its memory is.
	rm "$PROGRAM"
	let_in
	# Not even a trap in the file's place delays it.
	mkfifo "$PROGRAM (deleted)"
	let_in
	finish
	start busybox cat
	let_in
}

@test "REFUSE12: no code to return from signals with: a clear no" {
	assemble bare --64 elf_x86_64 < <(echo_64 'syscall; ret')
	start "$PROGRAM"
	turned_away 4 'has no code that makes system calls and returns from signals'
	finish
	assemble bare --64 elf_x86_64 < <(echo_64 '')
	start "$PROGRAM"
	turned_away 4 'has no code that makes system calls and returns from signals'
}

@test "REFUSE13: system calls that go through a dispatcher" {
	start "$HELPERS/odd" dispatch
	refused 3 'its system calls may go through a dispatcher' "$WSSTAT" -p "$VICTIM" -n 1
	unharmed
}

# The target is in namespaces of its own, one level down: VICTIM is what was started last.
start_inside() {
	start "$@" || return 1
	read -rd ' ' VICTIM <"/proc/$PID/task/$PID/children"
}

may_unshare() {
	"${AS[@]}" unshare "$@" true 2>/dev/null || skip "unshare $* is not permitted here"
}

# In every sort of namespace, on a root of its own.
container() {
	local root=$BATS_TEST_TMPDIR/root file
	mkdir -p "$root"/{old,proc,bin}
	for file in "$HELPERS/odd" "$(command -v busybox)"; do
		cp "$file" "$root/bin"
	done
	ldd "$HELPERS/odd" | grep -oE '/[^ ]+' | while read -r file; do
		mkdir -p "$root/${file%/*}"
		cp "$file" "$root/$file"
	done
	chmod -R a+rX "$root"
	start_inside "${AS[@]}" unshare -r -m -p -n -i -u -f --kill-child sh -c '
		mount --rbind "$1" "$1" && cd "$1" && mount -t proc proc proc && pivot_root . old &&
			exec /bin/busybox sh -c "
				/bin/busybox umount -l /old; exec /bin/odd"' sh "$root"
	! [ "$(stat -L -c %i "/proc/$VICTIM/root")" = "$(stat -L -c %i /)" ]
}

@test "REFUSE14: a container, from outside: by root, by who made it" {
	nobody_may
	may_unshare -r -m -p -n -i -u -f
	local user=("${AS[@]}")
	container
	let_in
	AS=()
	let_in
	# Its files are on no path that we could see.
	rm -r "$BATS_TEST_TMPDIR"/root/{bin,lib*}
	let_in
	AS=("${user[@]}")
	let_in
}

@test "REFUSE15: inside a container, with its own rights" {
	nobody_may
	may_unshare -r -m -p -n -i -u -f
	local user=("${AS[@]}")
	start_inside "${AS[@]}" unshare -r -p -f --mount-proc --kill-child "$HELPERS/odd"
	AS=("${user[@]}" nsenter -t "$VICTIM" -U -m -p --preserve-credentials)
	INSIDE=1 # what it is called in there
	let_in
	finish
	AS=("${user[@]}")
	start_inside "${AS[@]}" unshare -r -p -f --mount-proc --kill-child "$HELPERS/odd" killer
	AS=("${user[@]}" nsenter -t "$VICTIM" -U -m -p --preserve-credentials)
	turned_away 3 'runs under a seccomp filter, .*; run wsstat as root outside the container$'
}

@test "REFUSE16: a process of a sibling user namespace" {
	nobody_may
	may_unshare -r
	start "${AS[@]}" unshare -r "$HELPERS/odd"
	AS+=(unshare -r)
	turned_away 3 'is in another user namespace .*; run wsstat as root outside of both$'
}

@test "REFUSE17: a /proc whose numbers mean other processes" {
	require_root
	may_unshare -p -m -f
	local says='^wsstat: /proc is of another PID namespace \(.*; mount'
	start cat
	UNDER=(unshare -p -f --kill-child)
	refused 4 "$says" "${UNDER[@]}" "$WSSTAT" -p "$VICTIM"
	refused 4 "$says" "${UNDER[@]}" "$WSSTAT" -p 1
	refused 4 "$says" "${UNDER[@]}" "$WSSTAT" --features -p "$VICTIM"
	refused 125 "$says" "${UNDER[@]}" "$WSSTAT" -- touch "$BATS_TEST_TMPDIR/ran"
	[ ! -e "$BATS_TEST_TMPDIR/ran" ]
	finish
	start_inside unshare -p -f --mount-proc --kill-child "$HELPERS/odd"
	refused 4 '^wsstat: wsstat is not in /proc: .*; mount' nsenter -t "$VICTIM" -m \
		"$WSSTAT" -p "$VICTIM"
	unharmed
}

@test "REFUSE18: a /proc that hides it" {
	nobody_may
	unshare -m true || skip "unshare -m is not permitted here"
	start cat
	refused 3 "^wsstat: process $VICTIM is not to be seen in /proc, .*; run wsstat as root\$" unshare -m \
		sh -c 'mount -t proc -o hidepid=2 proc /proc && exec "$@"' sh "${AS[@]}" "$WSSTAT" -p "$VICTIM"
	unharmed
}

# launched STATUS COMMAND...: under wsstat, which observes it to its end, it ends so, and at
# least a sample was taken.
launched() {
	status=0
	"${AS[@]}" "${UNDER[@]}" "$WSSTAT" -i 10ms -o "$OUT" -- "${@:2}" >"$ERR" 2>&1 </dev/null || status=$?
	if [ "$status" != "$1" ] || ! grep -q ' sample 1 ' "$OUT" || [ -s "$ERR" ]; then
		show "${@:2}"
	fi
}

@test "REFUSE19: launching into namespaces, and in them" {
	nobody_may
	may_unshare -r -p -f
	local work='i=0; while [ $i -lt 30000 ]; do i=$((i + 1)); done; exit 7'
	touch "$OUT"
	chmod a+w "$OUT"
	launched 7 unshare -r sh -c "$work"
	grep -q exec "$OUT"
	launched 7 unshare -U sh -c "$work"
	launched 7 unshare -r -p -f --kill-child sh -c "$work"
	UNDER=(unshare -r -p -f --mount-proc --kill-child)
	launched 7 sh -c "$work"
}

@test "REFUSE20: a launched program gets itself a filter that kills: the shim keeps quiet" {
	nobody_may
	local kill=(userfaultfd=kill ptrace=kill getfd=kill socket=kill)
	for AS in "" "${AS[*]}"; do
		status=0
		# shellcheck disable=SC2086 # words
		$AS "$WSSTAT" -q -i 10ms -o /dev/null -- "$HELPERS/filter" "${kill[@]}" -- \
			sh -c 'exit 7' >"$OUT" 2>"$ERR" || status=$?
		cat "$ERR"
		[ "$status" = 7 ]
	done
}

@test "REFUSE21: a static program that ends at once: the status is its own" {
	local i
	for ((i = 0; i < 20; i++)); do
		status=0
		"$WSSTAT" -q -i 1ms -n 1 -o /dev/null -- busybox sh -c 'exit 7' >"$OUT" 2>"$ERR" || status=$?
		[ "$status" = 7 ] && [ ! -s "$ERR" ] || show "run $i"
	done
}

@test "REFUSE22: both tracers die at a point of the attach: no filter judges what is left of it" {
	require_root
	local point
	for point in frame-written regs-set entered returned taken close-set closed mask-restored; do
		start "$HELPERS/odd" sandbox
		status=0
		WSSTAT_FAULT=$point "$WSSTAT" -p "$VICTIM" -n 1 -i 20ms >"$OUT" 2>"$ERR" || status=$?
		[ "$status" = 137 ] || show "at $point"
		answers
		finish
	done
}
