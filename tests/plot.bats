#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# contrib/wsstat-plot over a made-up run whose figures can be counted with a pencil:
# what it tells gnuplot, what is then in the picture, and what it says of bad input.

# shellcheck disable=SC2154 # bats sets lines, output and status

bats_require_minimum_version 1.5.0

WSSTAT=${WSSTAT:-$WSSTAT_BUILD/wsstat}
PLOT=$WSSTAT_SRCDIR/contrib/wsstat-plot
PATIENCE_S=60

setup() {
	cd "$BATS_TEST_TMPDIR"
	make_run >run.jsonl
}

require_gnuplot() {
	command -v gnuplot >/dev/null || skip "needs gnuplot"
}

# Eight windows of 10 s.  The heap, 16 MiB in cells of 1 MiB, has a quarter touched in
# two windows each.  Of 64 GiB of guest memory 2 MiB each of the cells 32 to 35 are
# resident, always touched.  The program is not observed.  In sample 5 nothing is known.
make_run() {
	/usr/bin/python3 - "${1:-4242}" "${2:-worker}" <<-'EOF'
		import json, sys
		MIB = 1 << 20
		head = {"schema": "wsstat/1", "pid": int(sys.argv[1]), "comm": sys.argv[2]}

		def write(kind, **more):
		    print(json.dumps({"type": kind, **head, **more}))

		def region(name, start, mib, sees, resident, idle, cell_bytes):
		    held = [i for i in idle if i is not None]
		    return {
		        "name": name, "start": hex(start), "end": hex(start + mib * MIB), "sees": sees,
		        "resident_bytes": sum(resident), "idle_median_seconds": sorted(held)[len(held) // 2],
		        "cells": {"cell_bytes": cell_bytes, "resident_bytes": resident,
		                  "hot_bytes": [r if i == 0 else 0 for r, i in zip(resident, idle)],
		                  "idle_seconds": idle}}

		def buckets(now, heap):
		    def held(low, high):
		        return MIB * sum(low <= idle < high for idle in heap)
		    return [{"ge_seconds": 0, "lt_seconds": 10, "bytes": held(0, 10) + 8 * MIB},
		            {"ge_seconds": 10, "lt_seconds": 30, "bytes": held(10, 30)},
		            {"ge_seconds": 30, "lt_seconds": None, "bytes": held(30, 1e9)},
		            {"ge_seconds": now, "lt_seconds": None, "since_start": True,
		             "bytes": MIB * heap.count(1e9)}]

		write("header", time="2026-11-20T18:00:00.000Z")
		last = [None] * 16
		for n in range(1, 9):
		    now, phase = 10 * n, (n - 1) // 2
		    last[4 * phase:4 * phase + 4] = [now] * 4
		    idle = [now - t if t else now for t in last]
		    ages = buckets(now, [now - t if t else 1e9 for t in last])
		    ram = [2 * MIB if 32 <= i < 36 else 0 for i in range(64)]
		    program = region("/usr/bin/worker", 0x400000, 1, None, [MIB], [None, 0], MIB)
		    program.update(cells=None, idle_median_seconds=None)
		    write("sample", sample=n, elapsed_seconds=now, window_seconds=10, observed_seconds=now,
		          resident_bytes=25 * MIB, tracked_bytes=24 * MIB,
		          hot_bytes=12 * MIB if n != 5 else None,
		          coldness={"within_1m_bytes": 20 * MIB if n > 6 else None,
		                    "within_5m_bytes": None} if n != 5 else None,
		          idle=ages if n != 5 else None,
		          writes_only={"resident_bytes": 0, "written_bytes": 0, "idle": []},
		          regions=[
		              program,
		              region("[heap]", 1 << 32, 16, "reads+writes", [MIB] * 16, idle, MIB),
		              region("/memfd:ram (deleted)", 1 << 44, 64 << 10, "reads+writes", ram,
		                     [0 if r else None for r in ram], 1 << 30)])
		write("summary", samples=8)
	EOF
}

# change PROGRAM: jq over the run.
change() {
	jq -c "$1" run.jsonl >changed.jsonl
	mv changed.jsonl run.jsonl
}

# rows BLOCK OPTION...: the data that gnuplot gets, without comments.
rows() {
	local name=$1
	shift
	"$PLOT" --script "$@" run.jsonl >script
	sed -n "/^\$$name <</,/^END_OF_$name/{/^[\$#E]/!p}" script
}

# refused STATUS WORDS OPTION...: one line with these words, and no picture.
refused() {
	local want=$1 words=$2
	shift 2
	echo "old" >out.png
	run "$PLOT" -o out.png "$@"
	echo "status $status: $output"
	[ "$status" = "$want" ]
	[ "${#lines[@]}" = 1 ]
	[[ $output = "wsstat-plot: "*"$words"* ]]
	[ "$(cat out.png)" = old ]
	[ "$(find . -name 'out*')" = ./out.png ]
}

# Python with what the tests below need; PNG as a list of rows of (red, green, blue).
look() {
	{
		cat <<-'EOF'
			import struct, sys, zlib

			def read_matrix(path):
			    lines = open(path).read().split("$map << END_OF_map\n")[1].split("\nEND_OF_map")[0]
			    return [[None if v == "NaN" else float(v) for v in line.split()]
			            for line in lines.split("\n") if not line.startswith("#")]

			def unfilter(how, line, above, size):
			    for i, byte in enumerate(line):
			        a = line[i - size] if i >= size else 0
			        c = above[i - size] if i >= size else 0
			        b = above[i]
			        near = min((abs(a + b - c - v), nr, v) for nr, v in enumerate((a, b, c)))
			        add = (0, a, b, (a + b) // 2, near[2])[how]
			        line[i] = (byte + add) & 255

			def read_png(path):
			    data, at, packed = open(path, "rb").read(), 8, b""
			    assert data[:8] == b"\x89PNG\r\n\x1a\n"
			    while at < len(data):
			        length, kind = struct.unpack(">I4s", data[at:at + 8])
			        body = data[at + 8:at + 8 + length]
			        if kind == b"IHDR":
			            width, height, bits, colour = struct.unpack(">IIBB", body[:10])
			        packed += body if kind == b"IDAT" else b""
			        at += length + 12
			    size = {2: 3, 6: 4}[colour]
			    assert bits == 8
			    raw, above, rows = zlib.decompress(packed), bytearray(width * size), []
			    for y in range(height):
			        start = y * (width * size + 1)
			        line = bytearray(raw[start + 1:start + 1 + width * size])
			        unfilter(raw[start], line, above, size)
			        rows.append([tuple(line[x:x + 3]) for x in range(0, len(line), size)])
			        above = line
			    return rows
		EOF
		cat
	} >look.py
	/usr/bin/python3 look.py
}

@test "PLOT01: a PNG of the size that was asked for, and nothing else" {
	require_gnuplot
	run "$PLOT" run.jsonl
	[ "$status" = 0 ]
	[ -z "$output" ]
	"$PLOT" --size 800x640 -o other.png - <run.jsonl
	look <<-'EOF'
		for path, width, height in ("wsstat.png", 1200, 1000), ("other.png", 800, 640):
		    rows = read_png(path)
		    assert (len(rows[0]), len(rows)) == (width, height), path
		    assert len({pixel for row in rows for pixel in row}) > 20, path
	EOF
	[ "$(find . -type f | sort | tr '\n' ' ')" = './look.py ./other.png ./run.jsonl ./wsstat.png ' ]
	[ "$(stat -c %a wsstat.png)" = "$(stat -c %a run.jsonl)" ] # by the umask
}

@test "PLOT02: an SVG that is well-formed and says what is what" {
	require_gnuplot
	"$PLOT" -o out.svg --size 900x700 run.jsonl
	/usr/bin/python3 - <<-'EOF'
		import xml.etree.ElementTree as tree
		root = tree.parse("out.svg").getroot()
		assert root.tag == "{http://www.w3.org/2000/svg}svg"
		assert (root.get("width"), root.get("height")) == ("900", "700")
		texts = ["".join(node.itertext()).strip() for node in root.iter() if node.tag.endswith("}text")]
		print(texts)
		for wanted in ("worker[4242]", "wsstat, windows of 10 s, from 2026-11-20 18:00:00 UTC",
		               "Working set, hot: touched in a window of 10 s", "hot", "within 1 m",
		               "within 5 m (n/a)", "resident", "Memory by idle time", "< 10 s",
		               "10 s - 30 s", ">= 30 s", "since the start", "16 MiB", "Idle time by address",
		               "[heap]", "/memfd:ram", "8 MiB", "now", "30 s",
		               "time since the start of the run"):
		    assert wanted in texts, wanted
		assert "/usr/bin/worker" not in texts
	EOF
}

@test "PLOT03: working set: the figures, and gaps where they are not known" {
	local m=1048576 n hot within
	for n in 1 2 3 4 5 6 7 8; do
		hot=$((12 * m)) within=NaN
		[ $n != 5 ] || hot=NaN
		[ $n -le 6 ] || within=$((20 * m))
		echo "$((10 * n)) $((25 * m)) $((24 * m)) NaN $within $hot"
	done >wanted
	rows working_set -w working-set >got
	diff wanted got
	grep -q '^# seconds resident tracked within_5m within_1m hot$' script
}

@test "PLOT04: ages: each sample over its window, and a gap where they are not known" {
	local m=1048576
	# the touched 4 MiB and 8 MiB of RAM; each phase leaves 4 MiB behind it
	while read -r n buckets; do
		for time in $((10 * (n - 1))) $((10 * n)); do
			echo "$time $(for mib in $buckets; do
				[ "$mib" = NaN ] && echo NaN || echo $((mib * m))
			done | paste -sd' ')"
		done
	done >wanted <<-'EOF'
		1 12 0 0 12
		2 12 0 0 12
		3 12 4 0 8
		4 12 4 0 8
		5 NaN NaN NaN NaN
		6 12 4 4 4
		7 12 4 8 0
		8 12 4 8 0
	EOF
	rows ages -w ages >got
	diff wanted got
	grep -q '^# seconds; bytes idle for: < 10 s; 10 s - 30 s; >= 30 s; since the start$' script
}

@test "PLOT05: map: each cell has its idle time, at its place, as high as what is resident" {
	"$PLOT" -w map --script run.jsonl >script
	look <<-'EOF'
		import json
		rows = read_matrix("script")
		wide, high = len(rows[0]), len(rows)
		assert wide == 1200 - 175 - 160 and high == 480 - 60 - 48
		samples = [json.loads(line) for line in open("run.jsonl")][1:-1]
		for n, sample in enumerate(samples):
		    x = int((n + 0.5) / 8 * wide)
		    for i, idle in enumerate(sample["regions"][1]["cells"]["idle_seconds"]):
		        assert rows[int((i + 0.5) / 24 * high)][x] == idle, (n, i)
		    for i in range(4): # the 8 MiB of RAM, without what is empty on both sides of it
		        assert rows[int((16 + 2 * i + 1) / 24 * high)][x] == 0, (n, i)
		# sharp edges: from the first to the second phase
		line = rows[int(0.5 / 24 * high)]
		assert [line[x] for x in (int(wide / 4 - 2), int(wide / 4 + 2))] == [0, 10]
	EOF
}

@test "PLOT06: map: what goes and comes keeps its place, nothing resident is blank" {
	# The heap has its upper half only from sample 5 on; the RAM is gone in sample 8.
	change 'if .type != "sample" then . else
		(if .sample < 5 then .regions[1] |= (.end = "0x100800000" | .resident_bytes = 8388608 |
			.cells |= map_values(if type == "array" then .[:8] else . end)) else . end) |
		(if .sample == 8 then del(.regions[2]) else . end) |
		(if .sample == 6 then .regions[1].cells |= (.resident_bytes[3] = 0 | .idle_seconds[3] = null)
			else . end) end'
	"$PLOT" -w map --script run.jsonl >script
	look <<-'EOF'
		rows = read_matrix("script")
		wide, high = len(rows[0]), len(rows)
		def at(sample, mib):
		    return rows[int(mib / 24 * high)][int((sample - 0.5) / 8 * wide)]
		assert [at(n, 12.5) for n in range(1, 9)] == [None] * 4 + [50, 60, 0, 0]
		assert [at(n, 0.5) for n in range(1, 9)] == [0, 0, 10, 20, 30, 40, 50, 60]
		assert [at(n, 3.5) for n in range(1, 9)] == [0, 0, 10, 20, 30, None, 50, 60]
		assert [at(n, 20) for n in range(1, 9)] == [0] * 7 + [None]
	EOF
}

@test "PLOT07: map: where a pixel holds several cells, the one that was touched last shows" {
	change 'if .type == "sample" then .regions[1].cells = {cell_bytes: 4096,
		resident_bytes: [range(4096) | 4096], hot_bytes: [range(4096) | 0],
		idle_seconds: [range(4096) | if . == 1000 then 2 else 9 end]} else . end'
	"$PLOT" -w map --script run.jsonl >script
	look <<-'EOF'
		rows = read_matrix("script")
		heap = [row[0] for row in rows[:round(len(rows) * 16 / 24)]]
		touched = int(1000.5 / 4096 * len(heap))
		assert [heap[i] for i in range(touched - 1, touched + 2)] == [9, 2, 9], heap
		assert set(heap) == {2, 9} and heap.count(2) == 1, heap
	EOF
}

@test "PLOT08: map: without cells a mapping has its median, and the picture says so" {
	change 'if .type == "sample" then del(.regions[].cells) |
		.regions[1].idle_median_seconds = .sample + 0.5 else . end'
	rows map -w map >/dev/null
	look <<-'EOF'
		rows = read_matrix("script")
		for n in range(1, 9):
		    column = [row[int((n - 0.5) / 8 * len(row))] for row in rows]
		    heap = round(len(rows) * 16 / 24)
		    assert set(column[:heap]) == {n + 0.5}, (n, column)
		    assert set(column[heap:]) == {0}, (n, column)
	EOF
	grep -q 'without cells the median of the mapping' script
}

@test "PLOT09: in the picture hot is red, cold is blue, and what is not known is white" {
	require_gnuplot
	change 'if .sample == 6 then
		.regions[1].cells |= (.resident_bytes[3] = 0 | .idle_seconds[3] = null) else . end'
	"$PLOT" run.jsonl
	look <<-'EOF'
		rows = read_png("wsstat.png")
		RED, BLUE, WHITE = (0xb2, 0x18, 0x2b), (0x23, 0x40, 0x8e), (255, 255, 255)
		left, wide = 175, 1200 - 175 - 160
		high = (1000 - 60 - 48 - 2 * 36) // 3
		def near(a, b):
		    return all(abs(x - y) <= 24 for x, y in zip(a, b))
		def at(sample, up, plot): # plot 0 is the highest; up from 0 to 1
		    y = 60 + plot * (high + 36) + high - 1 - int(up * high)
		    return rows[y][left + int((sample - 0.5) / 8 * wide)]
		def heap(sample, mib):
		    return at(sample, mib / 24, 2)
		assert near(heap(1, 0.5), RED) and near(heap(8, 15.5), RED)
		assert near(heap(6, 15.5), BLUE) and not near(heap(2, 15.5), RED)
		assert heap(6, 3.5) == WHITE and heap(5, 3.5) != WHITE
		# ages: 12 of 24 MiB are hot, and the axis has 5 per cent more
		assert near(at(1, 0.3, 1), RED) and near(at(1, 0.8, 1), BLUE)
		assert at(5, 0.3, 1) == WHITE and at(5, 0.8, 1) == WHITE
	EOF
}

@test "PLOT10: where only writes are seen the picture says so" {
	change 'if .type != "sample" then . else .regions[1].sees = "writes" |
		.writes_only = {resident_bytes: 16777216, written_bytes: 4194304, idle: (.idle // [])} end'
	rows working_set -w all >got
	grep -q '^# seconds resident .* written$' script
	awk '$7 != 4194304 { print; bad = 1 } END { exit bad }' got
	grep -q "(without up to 16 MiB of which only writes are seen)" script
	grep -qF "'[heap] (w)'" script
	grep -qF "(w): since the last write" script
	change '(select(.type == "sample") | .idle) = null'
	[ "$(rows ages -w ages | grep -vc NaN)" = 14 ]
	grep -q 'since it was last written (only writes are seen)' script
}

@test "PLOT11: a plot of which nothing is known: a note among others, alone an error" {
	change '.regions[]? |= (del(.cells) | .idle_median_seconds = null)'
	rows working_set >/dev/null
	grep -q 'so there is no map' script
	refused 2 'so there is no map' -w map run.jsonl
	change '(select(.type == "sample") | .idle) = null'
	refused 2 'nothing was observed' -w ages run.jsonl
}

@test "PLOT12: wrong usage is one line and status 2" {
	refused 2 'no WIDTHxHEIGHT' --size 12 run.jsonl
	refused 2 'no WIDTHxHEIGHT' --size 99999x10 run.jsonl
	refused 2 'at least 735x600' --size 734x600 run.jsonl
	refused 2 'at least 735x600' --size 735x599 run.jsonl
	refused 2 'choose from' -w heat run.jsonl
	refused 2 '-p: invalid' -p abc run.jsonl
	refused 2 'unrecognized' run.jsonl other.jsonl
	refused 2 'unrecognized' --nonsense run.jsonl
	refused 2 'must end in .png or .svg' -o out.gif run.jsonl
	mkfifo pipe.png
	refused 2 'no regular file' -o pipe.png run.jsonl
	[ -p pipe.png ]
}

@test "PLOT13: input that is no run of wsstat is one line and status 2, and no picture" {
	refused 2 'no-such: No such file' no-such
	refused 2 'Is a directory' .
	refused 2 'no samples' /dev/null
	head -n 1 run.jsonl >bad
	refused 2 'bad: no samples; record some with: wsstat -p PID' bad
	head -c 5000 /dev/urandom >bad
	refused 2 'no JSON' bad
	printf 'resident 9 MiB\nhot 4 MiB\n' >bad
	refused 2 'line 1 is no JSON; wanted is what wsstat --json writes' bad
	sed '3s/.*/{/' run.jsonl >bad
	refused 2 'line 3 is no JSON' bad
	printf '{"a":1}\n' >bad
	refused 2 'line 1 is not from wsstat --json' bad
	printf '[1]\n' >bad
	refused 2 'line 1 is not from wsstat --json' bad
	sed 's|wsstat/1|wsstat/2|' run.jsonl >bad
	refused 2 'line 1 is not from wsstat --json' bad
}

@test "PLOT14: lines that are not as the schema says are one line and status 2" {
	local wrong
	for wrong in 'del(.resident_bytes)' '.resident_bytes = -1' '.hot_bytes = "many"' \
		'.elapsed_seconds = null' '.elapsed_seconds = 1' '.regions[1].start = "heap"' \
		'.regions[1].cells.idle_seconds |= .[1:]' '.regions[1].cells.cell_bytes = 0' \
		'.regions[1].end = .regions[1].start' '.regions = 5' '.idle = [{}]' '.pid = "1"' \
		'.regions[1].cells.idle_seconds[0] = 1e999'; do
		echo "$wrong"
		jq -c "if .sample == 3 then $wrong else . end" run.jsonl >bad
		sed -i 's/1.7976931348623157e+308/1e999/' bad
		refused 2 'line 4 is not as doc/wsstat.schema.json says' bad
	done
}

@test "PLOT15: a last line that is cut off is left out, with a warning" {
	head -n 5 run.jsonl >cut.jsonl
	sed -n 6p run.jsonl | head -c 300 >>cut.jsonl
	mv cut.jsonl run.jsonl
	rows working_set -w working-set 2>said >got
	[ "$(wc -l <got)" = 4 ]
	[ "$(cat said)" = 'wsstat-plot: run.jsonl: the last line is cut off and left out' ]
}

@test "PLOT16: without gnuplot one line says what to install" {
	echo old >out.png
	run env PATH=/nowhere /usr/bin/python3 "$PLOT" -o out.png run.jsonl
	[ "$status" = 1 ]
	[ "$output" = 'wsstat-plot: gnuplot is not installed; on Debian: apt install gnuplot-nox' ]
	[ "$(cat out.png)" = old ]
	[ "$(find . -name 'out*')" = ./out.png ]
	env PATH=/nowhere /usr/bin/python3 "$PLOT" --script run.jsonl >script # needs none
	grep -q '^plot ' script
}

# A gnuplot that does as the stdin says.
fake_gnuplot() {
	mkdir -p fake
	{ echo '#!/bin/bash' && cat; } >fake/gnuplot
	chmod +x fake/gnuplot
	PATH=$PWD/fake:$PATH
}

@test "PLOT17: a gnuplot that fails leaves the old picture and no other file" {
	fake_gnuplot <<<'cat >/dev/null; echo half; echo "line 3: bad terminal" >&2; exit 1'
	refused 1 'gnuplot failed: line 3: bad terminal' run.jsonl
	fake_gnuplot <<<'cat >/dev/null; echo half; kill -SEGV $$'
	refused 1 'gnuplot failed: status -11' run.jsonl
	fake_gnuplot <<<'exit 1' # reads nothing
	refused 1 'gnuplot failed' run.jsonl
	fake_gnuplot <<<'exit 0' # draws nothing
	refused 1 'gnuplot failed' run.jsonl
	run "$PLOT" -o none/out.png run.jsonl
	[ "$status" = 1 ]
	[[ $output = 'wsstat-plot: cannot write '*'/none/out.png: No such file or directory' ]]
}

@test "PLOT18: terminated in the middle it leaves no file behind" {
	local job ended=0
	mkfifo started
	fake_gnuplot <<<'echo half; echo >started; exec sleep 60'
	"$PLOT" run.jsonl 3>&- &
	job=$!
	read -r -t "$PATIENCE_S" <started
	[ -n "$(find . -name '*.part')" ]
	kill -TERM $job
	wait $job || ended=$?
	[ "$ended" = $((128 + 15)) ]
	[ -z "$(find . -name '*.p[an]*')" ]
}

@test "PLOT19: of several targets the largest, or the one that was asked for" {
	change 'if .type == "sample" then .resident_bytes /= 5 else . end'
	make_run 77 large >second
	make_run 78 small | sed 's/"resident_bytes": 26/"resident_bytes": 2/' >third
	paste -d '\n' run.jsonl second third >several
	mv several run.jsonl
	rows working_set -w working-set 2>said >got
	[ "$(wc -l <said)" = 1 ]
	grep -q 'run.jsonl: 3 targets; drawn is large\[77\], the largest (-p PID chooses)' said
	grep -qF "'large[77]'" script
	[ "$(wc -l <got)" = 8 ]
	rows working_set -w working-set -p 4242 2>said >got
	[ ! -s said ]
	grep -qF "'worker[4242]'" script
	[ "$(head -n 1 got)" = "10 $((5 * 1048576)) $((24 * 1048576)) NaN NaN $((12 * 1048576))" ]
	refused 2 'no samples of process 5, only of 4242, 77, 78' -p 5 run.jsonl
}

@test "PLOT20: text of the target is text, never a command" {
	require_gnuplot
	local comm="a';system('touch b') #" name="\`touch b\`\"@{_}^c\\n"
	make_run 4242 "$comm" | jq -c --arg name "$name" 'if .type == "sample" then
		.regions[1].name = $name | .regions[2].name = "\u0000\n" else . end' |
		sed 's/"comm":"/&\\n\\u0000\\ud800/' >run.jsonl
	run "$PLOT" -o out.svg run.jsonl
	echo "$output"
	[ "$status" = 0 ]
	[ ! -e b ]
	/usr/bin/python3 - "$comm" "$name" <<-'EOF'
		import sys
		import xml.etree.ElementTree as tree
		text = "".join(tree.parse("out.svg").getroot().itertext())
		assert sys.argv[1][-18:] + "[4242]" in text and sys.argv[2] in text, text.split()
	EOF
}

@test "PLOT21: every recording is drawn, and the script alone makes the same picture" {
	require_gnuplot
	local run
	for run in "$BATS_TEST_DIRNAME"/golden/*.json; do
		echo "$run"
		"$PLOT" "$run" >said 2>&1
		[ ! -s said ]
		"$PLOT" --script "$run" | gnuplot -d 2>said >by-script.png
		cmp wsstat.png by-script.png
		grep -v 'matrix contains missing or undefined values' said | { ! grep . ; }
	done
}

@test "PLOT22: what wsstat --cells writes is drawn cell by cell" {
	"$WSSTAT" --help | grep -q -- --cells || skip "this wsstat has no --cells"
	"$WSSTAT" --replay "$BATS_TEST_DIRNAME/golden/growth.replay" --json --cells 16 >run.jsonl
	rows map -w map >/dev/null
	run ! grep 'without cells' script
	look <<-'EOF'
		rows = read_matrix("script")
		assert len({row[0] for row in rows}) > 1
	EOF
}

@test "PLOT23: help names every option" {
	local option
	run "$PLOT" --help
	[ "$status" = 0 ]
	for option in -h --help -o -w -p --size --script; do
		grep -qE -- "(^|[ ,])$option([ ,]|\$)" <<<"$output"
	done
	run "$PLOT" -h
	[ "$status" = 0 ]
}
