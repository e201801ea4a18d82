#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Servers and other programs under load, while wsstat attaches to them and detaches again and
# again, and is killed by SIGKILL every now and then: no client sees an error.
# WSSTAT_SERVERS_SECONDS: how long each of them is run.

# shellcheck disable=SC2034 # lib.bash reads them

load lib
load target

GUEST_SECONDS=${VM_OUT:+10}
SECONDS_EACH=${WSSTAT_SERVERS_SECONDS:-${GUEST_SECONDS:-3}}
KILL_MS=${VM_OUT:+600}
KILL_MS=${KILL_MS:-30}
LONG_S=$((SECONDS_EACH + 600)) # never over by itself: pgbench is told when it is
CLIENTS=8
KEYS=2000
VALUE_BYTES=4000

setup() {
	require_wp_async
	live_setup
	target_setup
	STOP=$BATS_TEST_TMPDIR/stop
	LOG=$BATS_TEST_TMPDIR/log
	SERVER='' POSTGRES=''
}

teardown() {
	target_teardown
	live_teardown
	: >"$STOP"
	[ -z "$SERVER" ] || kill -9 "$SERVER" 2>/dev/null || :
	[ -z "$POSTGRES" ] || postgres pg_ctl -D "$POSTGRES/data" -m immediate stop >/dev/null 2>&1 || :
	[ -z "$POSTGRES" ] || rm -rf "$POSTGRES"
}

# attach_again_and_again PID[,PID...]
attach_again_and_again() {
	"$HERE/helpers/attach_cycles" -t "$SECONDS_EACH" -k "$KILL_MS" "$1" \
		"$WSSTAT" -v -i 1ms -n 1 --json -p PID 3>&-
}

# Until the file says so.
wait_line() { # FILE PATTERN
	local try
	for ((try = 0; try < PATIENCE_S * 50; try++)); do
		! grep -q "$2" "$1" 2>/dev/null || return 0
		sleep 0.02
	done
	fail "no $2 in $1:" "$(tail -n 5 "$1")"
}

# redis-benchmark until it is told to stop; each run must end well.
benchmark() {
	local runs=0
	until [ -e "$STOP" ]; do
		redis-benchmark -s "$1" -q -c "$CLIENTS" -n 5000 -P 4 \
			-t set,get,incr,lpush,rpop,sadd,hset,mset || return 1
		runs=$((runs + 1))
	done
	echo "runs $runs"
}

@test "SRV001: redis: every value is right, and no client of redis-benchmark sees an error" {
	command -v redis-benchmark >/dev/null || skip "needs redis-server and redis-tools"
	local socket=$BATS_TEST_TMPDIR/socket job
	redis-server --port 0 --unixsocket "$socket" --save '' --appendonly no --io-threads 2 \
		--dir "$BATS_TEST_TMPDIR" --daemonize no >"$LOG" 2>&1 </dev/null 3>&- &
	SERVER=$!
	wait_line "$LOG" 'eady to accept'
	sit_run "$HERE/helpers/redis-load" "$socket"
	sit fill "$KEYS" "$VALUE_BYTES"
	sit loop 0 "$KEYS"
	benchmark "$socket" >"$LOG.bench" 2>&1 3>&- &
	job=$!
	attach_again_and_again "$SERVER"
	: >"$STOP"
	wait "$job" || fail "redis-benchmark:" "$(tail -n 3 "$LOG.bench")"
	tail -n 1 "$LOG.bench"
	[[ $(tail -n 1 "$LOG.bench") = "runs "[1-9]* ]]
	! grep -ai error "$LOG.bench" || return 1
	sit count
	echo "values read: $SIT_ANSWER"
	[ "${SIT_ANSWER#count }" -gt 0 ]
	sit idle
	sit read 0 "$KEYS"
}

# As its user, who may not be root.
postgres() {
	local command=$1
	shift
	if [ "$(id -u)" = 0 ]; then
		setpriv --reuid postgres --regid postgres --init-groups "$PG_BIN/$command" "$@"
	else
		"$PG_BIN/$command" "$@"
	fi
}

postgres_start() {
	POSTGRES=$(mktemp -d "${WSSTAT_TEST_DISK:-/var/tmp}/wsstat-pg.XXXXXX")
	[ "$(id -u)" != 0 ] || chown postgres "$POSTGRES"
	cd "$POSTGRES"
	export PGHOST=$POSTGRES PGUSER=postgres PGDATABASE=postgres
	postgres initdb -D "$POSTGRES/data" -A trust -U postgres --no-sync >"$LOG" 2>&1
	postgres pg_ctl -D "$POSTGRES/data" -l "$POSTGRES/log" -w start >>"$LOG" 2>&1 3>&- \
		-o "-c listen_addresses='' -c unix_socket_directories='$POSTGRES' -c autovacuum=off -c fsync=off"
	SERVER=$(head -n 1 "$POSTGRES/data/postmaster.pid")
	postgres pgbench -i -q -s 1 >>"$LOG" 2>&1
}

# The server and all its processes, once the clients have theirs.
postgres_pids() {
	local try count
	for ((try = 0; try < PATIENCE_S * 50; try++)); do
		count=$(postgres psql -Atc "select count(*) from pg_stat_activity
			where application_name = 'pgbench'")
		[ "$count" -lt "$CLIENTS" ] || break
		sleep 0.02
	done
	postgres psql -Atc "select pid from pg_stat_activity
		where application_name = 'pgbench' or backend_type <> 'client backend'" | paste -sd,
}

@test "SRV002: PostgreSQL: no transaction fails, and the sums agree" {
	PG_BIN=$(printf "%s\n" /usr/lib/postgresql/*/bin | sort -V | tail -n 1)
	[ -x "$PG_BIN/initdb" ] || skip "needs postgresql"
	local job pids pgbench
	postgres_start
	postgres pgbench -n -c "$CLIENTS" -j 2 -T "$LONG_S" --failures-detailed \
		>"$POSTGRES/bench" 2>&1 3>&- &
	job=$!
	pids=$(postgres_pids)
	attach_again_and_again "$SERVER,$pids"
	pgbench=$(<"/proc/$job/task/$job/children")
	kill -ALRM "${pgbench% }" # its time is over
	wait "$job" || fail "pgbench:" "$(tail -n 5 "$POSTGRES/bench")"
	grep -E 'processed|failed' "$POSTGRES/bench"
	grep -q '^number of failed transactions: 0 ' "$POSTGRES/bench"
	! grep -E 'ERROR|FATAL|PANIC|terminated|could not' "$POSTGRES/log" || return 1
	[ "$(postgres psql -Atc "select (select sum(abalance) from pgbench_accounts) = d and
		(select sum(bbalance) from pgbench_branches) = d and
		(select sum(tbalance) from pgbench_tellers) = d
		from (select coalesce(sum(delta), 0) d from pgbench_history) h")" = t ]
	postgres pg_ctl -D "$POSTGRES/data" -m fast -w stop >>"$LOG"
	SERVER=''
}

@test "SRV003: a Python program with threads, sockets and subprocesses" {
	command -v python3 >/dev/null || skip "needs python3"
	target_start "$HERE/helpers/python-load"
	attach_again_and_again "$TARGET"
	target_end
	[[ $SAID = *"checks "[1-9]*" harms 0"* ]]
}

@test "SRV004: a Java program with threads, sockets, subprocesses and garbage" {
	[ -z "${VM_OUT:-}" ] || skip "starts for a minute in the emulated guest"
	command -v javac >/dev/null || skip "needs java (a JDK)"
	target_start java -Xmx128m "$HERE/helpers/JavaLoad.java"
	attach_again_and_again "$TARGET"
	target_end
	[[ $SAID = *"checks "[1-9]*" harms 0"* ]]
}
