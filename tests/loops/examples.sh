#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-only
#
# The example for each loop of others that this build has: it serves who
# connects, in frames and messages of all lengths, its own timer goes on
# meanwhile, and a signal ends it cleanly.
#
# Run by make check; skipped in builds without such loops.

work=$(mktemp -d) || exit 99
server=
cleanup() {
	[ -z "$server" ] || kill -9 "$server" 2>/dev/null
	rm -rf "$work"
}
trap cleanup EXIT
trap 'exit 99' HUP INT TERM

fail() {
	echo "examples.sh: $*" >&2
	[ ! -s "$work/log" ] || tail -n 20 "$work/log" >&2
	exit 1
}

# until SECONDS COMMAND...: it comes true within that time.
until_true() {
	tries=$(($1 * 10))
	shift
	while ! "$@"; do
		tries=$((tries - 1))
		[ "$tries" -gt 0 ] || return 1
		sleep 0.1
	done
}

has_line() {
	grep -q "$1" "$work/log"
}

is_over() {
	! kill -0 "$server" 2>/dev/null
}

try() {
	: >"$work/log"
	"$1" >"$work/log" 2>&1 &
	server=$!
	until_true 30 has_line '^port ' || fail "$1 does not listen"
	port=$(sed -n 's/^port //p' "$work/log")
	loops/talk "$port" || fail "$1 does not echo"
	loops/talk "$port" || fail "$1 does not echo a second time"
	until_true 30 has_line '^tick, [1-9]' || fail "the timer of $1 rests"
	kill -TERM "$server"
	# a child that has ended is there until it is waited for
	wait "$server" || fail "$1 ends with status $?"
	is_over || fail "$1 does not end"
	server=
	! has_line 'Sanitizer' || fail "$1 has a report"
}

found=no
for loop in libuv libevent libev glib; do
	example=$top_builddir/test-server/loop-$loop
	[ -x "$example" ] || continue
	[ "$cross_compiling" = yes ] && exit 77
	try "$example"
	echo "$loop: serves beside a timer, and ends"
	found=yes
done
[ $found = yes ] || {
	echo "no loops of others in this build, or no test programs"
	exit 77
}
