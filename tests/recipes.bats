#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# The jq recipes of doc/recipes, run as they stand there over the golden runs; what
# they answer is worked out once more in Python.

# shellcheck disable=SC2154 # bats sets lines, output and status

WSSTAT=${WSSTAT:-$WSSTAT_BUILD/wsstat}
GOLDEN=$BATS_TEST_DIRNAME/golden
RECIPES=18

setup() {
	command -v jq >/dev/null || skip "needs jq"
	cd "$BATS_TEST_TMPDIR"
	awk '
		/^    jq / { file = sprintf("recipe-%02d", ++nr) }
		/^$/ { file = "" }
		file { print >file }' "$WSSTAT_SRCDIR/doc/recipes"
}

# recipe WORDS: run the only one in which the words stand.
recipe() {
	local found
	found=$(grep -lF -- "$1" recipe-*)
	[ "$(wc -l <<<"$found")" = 1 ]
	run bash "$found"
	echo "$(cat "$found"): $output"
}

use() {
	cp "$GOLDEN/$1.json" run.jsonl
}

# same WORDS: the recipe says what this Python makes of the lines (all, samples, last).
same() {
	{
		printf '%s\n' 'import json' \
			'all = [json.loads(line) for line in open("run.jsonl")]' \
			'samples = [line for line in all if line["type"] == "sample"]' \
			'last = samples[-1]' \
			'def whole(x): return isinstance(x, float) and x.is_integer()' \
			'def say(x): return "" if x is None else int(x) if whole(x) else x' \
			'def row(*of, sep="\t"): print(*map(say, of), sep=sep)'
		cat
	} >wanted.py
	/usr/bin/python3 wanted.py >wanted
	[ -s wanted ]
	recipe "$1"
	[ "$status" = 0 ]
	diff wanted - <<<"$output"
}

@test "RECIPE01: every recipe runs on every recording, and says something of some" {
	local file run said
	[ "$(find . -name 'recipe-*' | wc -l)" = $RECIPES ]
	for file in recipe-*; do
		said=
		for run in "$GOLDEN"/*.json; do
			cp "$run" run.jsonl
			bash "$file" >out 2>err || [ "$(cat out)" = false ] || { cat "$file" err; false; }
			[ ! -s err ] || { echo "$file, $run:"; cat err; false; }
			[ ! -s out ] || said=yes
		done
		[ -n "$said" ] || grep -qE 'lost_access|cells|verdict' "$file" || { cat "$file"; false; }
	done
}

@test "RECIPE02: nothing else is indented like a command, so none is left out" {
	run grep -cE '^    [a-z]' "$WSSTAT_SRCDIR/doc/recipes"
	[ "$output" = $((RECIPES + 1)) ] # and how run.jsonl is made
}

@test "RECIPE03: working set over time" {
	local name
	for name in growth writes refused; do
		use "$name"
		same '.coldness.within_1m_bytes, .coldness' <<-'EOF'
			for s in samples:
			    cold = s["coldness"] or {}
			    row(s["elapsed_seconds"], s["resident_bytes"], s["tracked_bytes"], s["hot_bytes"],
			        cold.get("within_1m_bytes"), cold.get("within_5m_bytes"))
		EOF
	done
}

@test "RECIPE04: working-set curve and idle times" {
	use growth
	same 'working_set[]?' <<-'EOF'
		for point in last["working_set"]:
		    younger = [b["bytes"] for b in last["idle"]
		               if (b["lt_seconds"] or 1e9) <= point["within_seconds"]]
		    known = last["observed_seconds"] >= point["within_seconds"]
		    row(point["within_seconds"], sum(younger) if known else None)
	EOF
	same '@csv' <<-'EOF'
		for s in samples:
		    row(s["elapsed_seconds"], *(b["bytes"] for b in s["idle"]), sep=",")
	EOF
}

@test "RECIPE05: fail when more is hot than that, or it is not known" {
	use growth # 4730880 at most
	recipe 'argjson limit'
	[ "$status" = 0 ]
	[ "$output" = true ]
	sed -i 's/2000000000/4730880/' recipe-*
	recipe 'argjson limit'
	[ "$status" = 0 ]
	sed -i 's/4730880/4730879/' recipe-*
	recipe 'argjson limit'
	[ "$status" = 1 ]
	use refused
	recipe 'argjson limit'
	[ "$status" = 1 ]
	: >run.jsonl
	recipe 'argjson limit'
	[ "$status" = 1 ]
}

@test "RECIPE06: the verdict, what could be taken away, and what would come back" {
	"$WSSTAT" --replay "$GOLDEN/growth.replay" --json --slo 50 --ages 30s,1m >run.jsonl
	same 'decision.threshold_seconds' <<-'EOF'
		for t in all[-1]["decision"]["thresholds"]:
		    if t["windows"] and t["retouched_percent_per_minute"] < 50:
		        row(t["threshold_seconds"])
		        break
	EOF
	[ "$output" = 30 ] || [ "$output" = 60 ]
	same 'verdict |' <<-'EOF'
		for t in all[-1]["decision"]["thresholds"]:
		    if t["windows"] and t["retouched_percent_per_minute"] < 50:
		        cold = [sum(b["bytes"] for b in s["idle"] if b["ge_seconds"] >= t["threshold_seconds"])
		                for s in samples if s["observed_seconds"] >= t["threshold_seconds"]]
		        row(t["threshold_seconds"], sum(cold) // len(cold), t["retouched_percent_per_minute"])
		        break
	EOF
	use growth
	recipe 'decision.threshold_seconds'
	[ "$output" = null ]
	recipe 'verdict |'
	[ -z "$output" ]
}

@test "RECIPE07: one mapping over time, the hottest and the never touched" {
	use growth
	same "name '[heap]'" <<-'EOF'
		for s in samples:
		    row(s["elapsed_seconds"],
		        sum(r["cold_bytes"] for r in s["regions"] if r["name"] == "[heap]"))
	EOF
	same 'sort_by(-.hot_bytes)' <<-'EOF'
		hot = [r for r in last["regions"] if r["sees"] == "reads+writes" and r["hot_bytes"]]
		for r in sorted(hot, key=lambda r: -r["hot_bytes"])[:5]:
		    row(r["hot_bytes"], r["resident_bytes"], r["start"], r["name"])
	EOF
	same 'sort_by(-.bytes)' <<-'EOF'
		never = [(r["idle"][-1]["bytes"], r["start"], r["name"]) for r in last["regions"]
		         if r["sees"] and r["idle"][-1]["bytes"]]
		for which in sorted(never, reverse=True):
		    row(*which)
	EOF
}

@test "RECIPE08: untracked by reason, mappings by method" {
	local name
	for name in refused methods; do
		use "$name"
		same 'part.reason' <<-'EOF'
			most = {}
			for s in samples:
			    for part in s["untracked"]:
			        most[part["reason"]] = max(most.get(part["reason"], 0), part["bytes"])
			for reason, held in most.items():
			    row(held, reason)
		EOF
		same 'group_by(.method)' <<-'EOF'
			for method in sorted({r["method"] or "" for r in last["regions"]}):
			    row(method or "none", sum(r["resident_bytes"] for r in last["regions"]
			                              if (r["method"] or "") == method))
		EOF
	done
}

@test "RECIPE09: what is written where only writes are seen" {
	use writes
	same '.writes_only.written_bytes' <<-'EOF'
		for s in samples:
		    written = [r for r in s["regions"] if r["sees"] == "writes"]
		    row(s["elapsed_seconds"], sum(r["written_bytes"] for r in written),
		        sum(r["resident_bytes"] - r["untracked_bytes"] for r in written))
	EOF
}

@test "RECIPE10: events, cost, lost accesses" {
	use events
	same '"event"' <<-'EOF'
		for e in all:
		    if e["type"] == "event":
		        row(e["elapsed_seconds"], e["pid"], e["event"], e["start"],
		            e["name"] and e["name"].replace("\\", "\\\\"), e["text"])
	EOF
	sed -i -E '2s/(ioctl_seconds":)[0-9.]+/\10.25/; 2s/(cpu_seconds":)[0-9.]+/\10.5/' run.jsonl
	same '.cost.faults' <<-'EOF'
		for s in samples:
		    cost = s["cost"]
		    row(s["elapsed_seconds"], cost["ioctl_seconds"], cost["stopped_seconds"], cost["faults"],
		        100 * cost["wsstat_cpu_seconds"] / s["window_seconds"])
	EOF
	sed -i '2s/"lost_access_bound":0/"lost_access_bound":8192/' run.jsonl
	recipe 'lost_access_bound > 0'
	[ "$output" = $'5\t31\t8192' ]
}

@test "RECIPE11: several targets" {
	cat "$GOLDEN/growth.json" "$GOLDEN/methods.json" | shuf --random-source=/dev/zero >run.jsonl
	same '.resident_max_bytes' <<-'EOF'
		for line in all:
		    if line["type"] == "summary":
		        of = [s for s in samples if s["pid"] == line["pid"]]
		        hot = [s["hot_bytes"] for s in of]
		        row(line["pid"], line["comm"], max(s["resident_bytes"] for s in of),
		            sum(hot) // len(hot))
	EOF
	same 'foreach' <<-'EOF'
		now = {}
		for line in all:
		    if line["type"] == "sample":
		        now[line["pid"]] = line["hot_bytes"]
		    elif line["type"] == "summary":
		        now.pop(line["pid"], None)
		    else:
		        continue
		    row(line["time"], sum(now.values()) if now else None)
	EOF
}

@test "RECIPE12: cells that are idle for long" {
	jq -c 'if .type == "sample" then .regions[1].cells = {cell_bytes: 4194304,
		resident_bytes: [4194304, 0, 8192, 4096], hot_bytes: [4096, 0, 0, 0],
		idle_seconds: [0, null, 300, 299.5]} else . end' "$GOLDEN/growth.json" >run.jsonl
	recipe '.cell_bytes'
	[ "$output" = 0x10000000$'\t8388608\t8192\t300\t[heap]' ]
}
