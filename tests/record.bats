#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# --record and --replay: what a recording shows is what the run showed, to the byte.  Random
# histories do the same in histories.bats, and every live run in assert_books (lib.bash).

load cli

GOLDEN=$BATS_TEST_DIRNAME/golden
FORMS=('' -v --brief '--brief -v' --json '--json --decide --cells 5'
	'--ages 500ms,2s,40s,100s --cold-after 50s --decide --slo 30' '--json --cold-after 1h')

# record NAME: the golden recording of that name, recorded to REC.
record() {
	REC=$BATS_TEST_TMPDIR/$1.rec
	"$WSSTAT" --replay "$GOLDEN/$1.replay" --record "$REC" -o "$BATS_TEST_TMPDIR/shown"
}

# same FORM...: script and recording show the same.
same() {
	"$WSSTAT" --replay "$GOLDEN/$NAME.replay" "$@" >"$OUT"
	"$WSSTAT" --replay "$REC" "$@" | diff - "$OUT"
}

# live RECORDING OPTION...: a run of a process that touches what it has.
live() {
	# shellcheck disable=SC2016 # that is Perl
	perl -e 'my $x = "x" x 2e6; for (;;) { $x =~ tr/x/x/; select undef, undef, undef, .01 }' 3>&- &
	VICTIM=$!
	"$WSSTAT" -p "$VICTIM" -i 50ms --record "$@"
}

# bad PATTERN: what REC says is refused.
bad() {
	refused 2 "$1" "$WSSTAT" --replay "$REC" -o "$BATS_TEST_TMPDIR/none"
}

@test "REC01: all golden recordings, recorded, show the same in all forms" {
	local file form
	for file in "$GOLDEN"/*.replay; do
		NAME=$(basename "$file" .replay)
		record "$NAME"
		for form in "${FORMS[@]}"; do
			# shellcheck disable=SC2086 # words
			same $form
		done
	done
}

@test "REC02: a file that was cut anywhere shows all whole samples before, and says so" {
	local bytes cut
	record growth
	"$WSSTAT" --replay "$REC" --json | grep '"type":"sample"' >"$BATS_TEST_TMPDIR/all"
	bytes=$(wc -c <"$REC")
	for ((cut = bytes - 1; cut > 500; cut -= 97)); do
		head -c "$cut" "$REC" >"$BATS_TEST_TMPDIR/cut"
		status=0
		"$WSSTAT" --replay "$BATS_TEST_TMPDIR/cut" --json >"$OUT" 2>"$ERR" || status=$?
		grep '"type":"sample"' "$OUT" >"$BATS_TEST_TMPDIR/some" || :
		cmp <(head -n "$(wc -l <"$BATS_TEST_TMPDIR/some")" "$BATS_TEST_TMPDIR/all") \
			"$BATS_TEST_TMPDIR/some"
		[ "$(wc -l <"$BATS_TEST_TMPDIR/some")" = "$(head -c "$cut" "$REC" |
			grep -c '"type":"sample".*}$')" ]
		[ -z "$(tail -c 1 "$BATS_TEST_TMPDIR/cut" | tr -d '\n')" ] ||
			[[ $(tail -n 1 "$BATS_TEST_TMPDIR/cut") = *'}' ]] ||
			grep -q 'ends within a record: shown up to sample' "$ERR"
		if [ -s "$BATS_TEST_TMPDIR/some" ]; then
			[ "$status" = 0 ]
			"$BATS_TEST_DIRNAME/schema/validate" <"$OUT"
		else
			[ "$status" = 1 ]
			grep -q 'recording ends before the first sample' "$ERR"
		fi
	done
}

@test "REC03: a recorder killed with -9 leaves what can be shown" {
	local i
	# shellcheck disable=SC2016 # that is Perl
	perl -e 'my $x = "x" x 2e6; for (;;) { $x =~ tr/x/x/; select undef, undef, undef, .01 }' 3>&- &
	VICTIM=$!
	for i in 1 2 3 4 5; do
		REC=$BATS_TEST_TMPDIR/killed.$i
		"$WSSTAT" -p "$VICTIM" -i 5ms --record "$REC" -o /dev/null 3>&- &
		until [ -s "$REC" ] && grep -q '"sample":3[,}]' "$REC"; do sleep 0.003; done
		{ kill -9 $! && wait $!; } 2>/dev/null || :
		"$WSSTAT" --replay "$REC" --json >"$OUT" 2>"$ERR"
		"$BATS_TEST_DIRNAME/schema/validate" <"$OUT"
		[ "$(tail -n 1 "$OUT" | jq -r .end)" = "recording ended" ]
	done
}

@test "REC04: files that are no recording, or a newer one, are refused clearly" {
	REC=$BATS_TEST_TMPDIR/rec
	echo '{"type":"header","schema":"wsstat-record/2","pid":1}' >"$REC"
	bad 'rec:1: the recording is of schema wsstat-record/2, this wsstat reads wsstat-record/1'
	cp "$GOLDEN/growth.json" "$REC"
	bad 'rec:1: that is the output of --json, not a recording'
	echo '{"type":"sample","pid":1}' >"$REC"
	bad 'rec:1: '
	echo '{"some":"json"}' >"$REC"
	bad 'rec:1: '
	echo '{ no json' >"$REC"
	bad 'rec:1: not a recording'
	: >"$REC"
	bad 'incomplete'
	echo 'text' >"$REC"
	bad 'not a recording'
	refused 1 'cannot read .*/gone: No such file' "$WSSTAT" --replay "$BATS_TEST_TMPDIR/gone"
	refused 1 'Is a directory' "$WSSTAT" --replay "$BATS_TEST_TMPDIR"
}

# spoilt PATTERN COMMAND...: what the command makes of a good recording is refused.
spoilt() {
	local pattern=$1
	shift
	"$@" "$REC" >"$BATS_TEST_TMPDIR/spoilt"
	refused 2 "$pattern" "$WSSTAT" --replay "$BATS_TEST_TMPDIR/spoilt" \
		-o "$BATS_TEST_TMPDIR/none"
}

# spoil JQ [PATTERN]: a good recording changed so is refused.
spoil() {
	spoilt "${2:-spoilt:[0-9]+: |the recording has }" jq -c "$1"
}

@test "REC05: a recording with anything wrong in it is refused, with its line" {
	local key behind
	record growth
	for key in wall_ns elapsed_ns observed_ns nominal_ns window_ns late_ns cost comm sample \
		huge_backed_bytes huge_touched_bytes; do
		spoil "if .type == \"sample\" then del(.$key) else . end" "spoilt:[0-9]+: .*$key"
		spoil "if .type == \"sample\" then .$key = -1 else . end" "spoilt:[0-9]+: .*$key"
	done
	for key in kernel comm version interval_ns cold_after_ns slo_millionths_of_percent; do
		spoil "if .type == \"header\" then del(.$key) else . end"
	done
	spoil 'select(.type != "armed")' 'never armed'
	spoil 'select(.type != "header")' 'not a recording'
	spoil 'if .type == "sample" then .sample += 1 else . end' 'not in their order'
	spoil 'if .type == "sample" then .window_ns = .observed_ns + 1 else . end'
	spoil 'if .type == "sample" then .nominal_ns = .observed_ns + 1 else . end'
	spoil 'if .type == "armed" then .looks[0].pages = "AAAA" else . end' '"pages"'
	spoil 'if .type == "armed" then .looks[0].pages |= .[0:-8] else . end' '"pages"'
	spoil 'if .type == "armed" then .looks[0].pages |= .[0:-1] else . end' '"pages"'
	spoil 'if .type == "armed" then .looks[0].mapped[0] = "nonsense" else . end' 'maps'
	spoil 'if .type == "armed" then .looks[0].mapped |= . + [.[0]] else . end' ''
	spoil 'if .type == "armed" then .looks[0].regions[0].start = "0x1000" else . end' 'no mapping'
	spoil 'if .type == "armed" then del(.looks[0].regions) else . end' 'how a mapping is observed'
	spoil 'if .type == "armed" then .looks = [] else . end' 'armed unseen'
	spoil 'if .type == "sample" then .looks[0].unmapped = ["1000"] else . end' 'was not there'
	spoil 'if .type == "header" then ., . else . end' 'two headers'
	spoil 'if .type == "event" then .event = "party" else . end' '"event"'
	spoil 'if .type == "summary" then .end = "never" else . end' '"end"'
	for behind in x '}' ' {}' ' null' '\x00' '\x00 x'; do
		spoilt 'spoilt:1: text behind the JSON object' sed "1s/\$/$behind/"
		spoilt 'spoilt:3: text behind the JSON object' sed "3s/\$/$behind/"
	done
	spoilt 'spoilt:2: text behind the JSON object' sed '2{N; s/\n//}'
	spoilt 'spoilt:[0-9]+: text behind the JSON object' perl -pe 's/\n/x/ if eof'
}

@test "REC06: what later versions may add is passed over" {
	NAME=growth
	record growth
	jq -c '.more = [1, {"a": null}] | if .looks then .looks[].new = "x" else . end' "$REC" \
		>"$BATS_TEST_TMPDIR/more"
	mv "$BATS_TEST_TMPDIR/more" "$REC"
	same --json
}

@test "REC07: count, duration and region show a part, as the run itself would have" {
	local option
	NAME=growth
	record growth
	for option in '-n 2' '-n 1' '-d 65s' '-r heap' '-r heap -n 2' '-r heap -r stack' '-r nothing'; do
		# shellcheck disable=SC2086 # words
		same --json $option
		# shellcheck disable=SC2086 # words
		same $option
	done
}

@test "REC08: options that do not go together" {
	record growth
	usage 'record and --output name the same' -p 1 --record x -o x
	usage 'record and --replay name the same' --replay "$REC" --record "$REC"
	usage 'not recorded once more' --replay "$REC" --record "$BATS_TEST_TMPDIR/other"
	usage 'features and --record' --features --record x
	usage 'pages: .warm. is neither hot nor cold' --replay "$REC" --pages warm
	usage 'give --replay FILE' -p 1 --pages hot
	usage 'pages and --brief' --replay "$REC" --pages hot --brief
	usage 'pages lists pages of a recording .* is none' --replay "$GOLDEN/growth.replay" --pages hot
	usage 'cells are shown with --json only' --replay "$REC" --cells 4
	usage 'cells: .0. is not of 1 to' --replay "$REC" --cells 0 --json
	usage 'cells: .1025. is not of 1 to' --replay "$REC" --cells 1025 --json
	[ ! -e x ]
}

@test "REC09: a disk that is full, and a file that cannot be made, end the run with a clear line" {
	# shellcheck disable=SC2016 # that is Perl
	perl -e 'select undef, undef, undef, 1 while 1' 3>&- &
	VICTIM=$!
	status=0
	"$WSSTAT" -p "$VICTIM" -i 20ms -n 2 -o "$OUT" --record /dev/full 2>"$ERR" || status=$?
	[ "$status" = 1 ]
	grep -q '^wsstat: cannot write to /dev/full: No space left on device$' "$ERR"
	[ "$(wc -l <"$ERR")" = 1 ]
	refused 1 'cannot write to /nowhere/at/all' "$WSSTAT" -p "$VICTIM" --record /nowhere/at/all
}

@test "REC10: a live run, its recording in every form, and with other ages" {
	local form
	REC=$BATS_TEST_TMPDIR/live.rec
	live "$REC" -n 4 --json -o "$BATS_TEST_TMPDIR/live.json"
	"$WSSTAT" --replay "$REC" --json | cmp - "$BATS_TEST_TMPDIR/live.json"
	for form in "${FORMS[@]}"; do
		# shellcheck disable=SC2086 # words
		given "$WSSTAT" --replay "$REC" $form
	done
	"$WSSTAT" --replay "$REC" --json --ages 30ms,60ms --cold-after 100ms >"$OUT"
	"$BATS_TEST_DIRNAME/schema/validate" <"$OUT"
	jq -e -s '.[0].edges_seconds == [0, 0.03, 0.06] and .[0].cold_after_seconds == 0.1' "$OUT"
}

@test "REC11: the pages that are listed are those that are counted" {
	local want n
	record growth
	for want in hot cold; do
		for n in 1 2 3 4 5; do
			"$WSSTAT" --replay "$REC" --pages "$want" -n "$n" >"$OUT"
			"$WSSTAT" --replay "$REC" --pages "$want" -n "$n" --json >"$ERR"
			"$WSSTAT" --replay "$REC" --json -n "$n" >"$BATS_TEST_TMPDIR/run"
			/usr/bin/python3 - "$OUT" "$ERR" "$BATS_TEST_TMPDIR/run" "$want" <<'END'
import json, sys
text = [line.rstrip("\n").split("\t") for line in open(sys.argv[1])]
lines = [json.loads(line) for line in open(sys.argv[2])]
run = [json.loads(line) for line in open(sys.argv[3])]
sample = [line for line in run if line["type"] == "sample"][-1]
assert text[0][0] == "#pid"
assert len(text) == len(lines) + 1
sums, before = {}, 0
for row, line in zip(text[1:], lines):
    start, end = int(row[1], 16), int(row[2], 16)
    assert before <= start < end and not start % 4096 and not end % 4096
    before = end
    assert (line["start"], line["end"], str(line["pid"])) == (row[1], row[2], row[0])
    region = next(r for r in sample["regions"] if int(r["start"], 16) <= start and end <= int(r["end"], 16))
    assert line["name"] == region["name"] == row[4] and line["kind"] == region["kind"]
    offset = None if row[3] == "-" else int(row[3], 16)
    assert line["file_offset"] == offset
    if region["kind"] == "memfd":
        assert offset == start - int(region["start"], 16)
    else:
        assert offset is None or region["name"].startswith("/")
    sums[region["start"]] = sums.get(region["start"], 0) + end - start
for region in sample["regions"]:
    assert sums.get(region["start"], 0) == (region[sys.argv[4] + "_bytes"] or 0), region["start"]
END
		done
	done
}

# scattered SHARE: a target of 1 GiB and ten windows in which that share of its pages, scattered at
# random, is written.
scattered() {
	REC=$BATS_TEST_TMPDIR/scattered.rec
	/usr/bin/python3 - "$1" 3>&- <<'END' &
import mmap, random, sys
pages = (1 << 30) // 4096
memory = mmap.mmap(-1, pages * 4096)
for start in range(0, pages * 4096, 1 << 26):
    memory[start:start + (1 << 26)] = b"x" * (1 << 26)
hot = random.Random(1).sample(range(pages), int(pages * float(sys.argv[1])))
while True:
    for page in hot:
        memory[page * 4096] = 1
END
	VICTIM=$!
	until [ "$(awk '/^RssShmem/ { print $2 }' "/proc/$VICTIM/status")" -ge 1048576 ]; do sleep 0.1; done
	"$WSSTAT" -q -p "$VICTIM" -i 500ms -n 10 --json --record "$REC" -o "$OUT"
	"$WSSTAT" --replay "$REC" --json | cmp - "$OUT"
}

# At most so many thousandths of a byte a touched page and sample.
assert_compact() {
	local touched bytes
	touched=$(jq -n '[inputs | select(.type == "sample") | .hot_bytes] | add / 4096' "$OUT")
	bytes=$(wc -c <"$REC")
	echo "$bytes bytes, $touched pages touched in 10 samples"
	[ $((1000 * bytes / touched)) -lt "$1" ]
}

@test "REC12: 10 samples of 1 GiB with a scattered hot set: less than a byte a touched page" {
	scattered 0.1
	assert_compact 400
}

@test "REC13: the decoder in doc/recording counts the pages that were touched" {
	record growth
	sed -n '/^    import base64/,/^    *print(line/p' "$WSSTAT_SRCDIR/doc/recording" | sed 's/^    //' \
		>"$BATS_TEST_TMPDIR/decode.py"
	live "$BATS_TEST_TMPDIR/live.rec" -n 3 --json -o "$BATS_TEST_TMPDIR/live.json"
	"$WSSTAT" --replay "$REC" --json >"$BATS_TEST_TMPDIR/growth.json"
	for name in growth live; do
		/usr/bin/python3 "$BATS_TEST_TMPDIR/decode.py" <"$BATS_TEST_TMPDIR/$name.rec" >"$OUT"
		# Nothing is swapped there that was touched.
		jq -r 'select(.type == "sample") | "\(.pid) \(.sample) \(
			(.hot_bytes + .writes_only.written_bytes) / 4096)"' \
			"$BATS_TEST_TMPDIR/$name.json" | diff - "$OUT"
	done
}

@test "REC14: memory that could not be armed again is silent for a window, in the recording, too" {
	local script=$BATS_TEST_TMPDIR/unarmed.replay
	{
		printf '%s\n' 'wsstat-replay 1' 'target 4242 worker' 'start 1795197600000000000' \
			'interval 5s' 'sample 0s' 'map 10000000-10004000 rw-s 00000000 00:01 7 /memfd:x' \
			'map 20000000-20004000 rw-p 00000000 00:00 0 [heap]' \
			'see 10000000-10004000 P' 'see 20000000-20004000 P' \
			'sample 5s' 'see 10000000-10001000 PT' 'see 10001000-10004000 P' \
			'see 20000000-20004000 P' 'unarmed 10000000-10004000' \
			'sample 10s' 'see 10000000-10004000 PT' 'see 20000000-20004000 P' \
			'sample 15s' 'see 10000000-10002000 PT' 'see 10002000-10004000 P' \
			'see 20000000-20004000 P'
	} >"$script"
	REC=$BATS_TEST_TMPDIR/unarmed.rec
	"$WSSTAT" --replay "$script" --record "$REC" --json >"$OUT"
	"$BATS_TEST_DIRNAME/schema/validate" <"$OUT"
	[ "$(jq -c 'select(.type == "sample") | .regions[0] | [.hot_bytes, .reason]' "$OUT" | tr '\n' ' ')" = \
		'[4096,null] [null,"could not be armed for this window"] [8192,null] ' ]
	"$WSSTAT" --replay "$REC" --json | cmp - "$OUT"
}

@test "REC15: a sample that comes before it is due counts when it comes" {
	local script=$BATS_TEST_TMPDIR/early.replay
	printf '%s\n' 'wsstat-replay 1' 'target 4242 worker' 'start 1795197600000000000' 'interval 5s' \
		'sample 0s' 'map 10000000-10004000 rw-p 00000000 00:00 0 [heap]' \
		'see 10000000-10004000 P' 'sample 3s' 'see 10000000-10001000 PT' \
		'see 10001000-10004000 P' 'sample 9s' 'see 10000000-10004000 P' >"$script"
	REC=$BATS_TEST_TMPDIR/early.rec
	"$WSSTAT" --replay "$script" --record "$REC" --json >"$OUT"
	"$BATS_TEST_DIRNAME/schema/validate" <"$OUT"
	"$WSSTAT" --replay "$REC" --json | cmp - "$OUT"
}

@test "REC16: in whatever order a recording tells of stacks, each mapping has its own" {
	local script=$BATS_TEST_TMPDIR/stacks.replay stacks
	{
		printf '%s\n' 'wsstat-replay 1' 'target 4242 worker' 'start 1795197600000000000' \
			'interval 5s' 'sample 0s' 'map 10000000-10004000 rw-p 00000000 00:00 0 ' \
			'map 20000000-20004000 rw-p 00000000 00:00 0 ' \
			'map 30000000-30004000 rw-p 00000000 00:00 0 ' \
			'see 10000000-10004000 P' 'see 20000000-20004000 P' \
			'see 30000000-30004000 P' 'sample 5s' 'see 10000000-10004000 PT' \
			'see 20000000-20004000 P' 'see 30000000-30004000 P'
	} >"$script"
	"$WSSTAT" --replay "$script" --record "$BATS_TEST_TMPDIR/none" -o /dev/null
	REC=$BATS_TEST_TMPDIR/stacks
	for stacks in '[1, 2, 3]' '[3, 2, 1]' '[2, 3, 1]' '[3, 1, 2]'; do
		jq -c "if .type == \"armed\" then .looks[0].stacks = ($stacks |
			map({start: \"0x\(.)0000000\", tid: (4240 + .), comm: \"t\(.)\"}))
			else . end" "$BATS_TEST_TMPDIR/none" >"$REC"
		"$WSSTAT" --replay "$REC" --by section --json >"$OUT"
		[ "$(jq -r 'select(.type == "sample") | .groups[].name' "$OUT" | sort | tr '\n' ' ')" = \
			'[stack:4241 t1] [stack:4242 t2] [stack:4243 t3] ' ]
	done
}
