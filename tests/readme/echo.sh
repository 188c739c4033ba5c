#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-only
#
# The program printed in README.md is a whole one: it has at most 40 lines,
# compiles without a warning, and echoes.
#
# Run by make check, which tells in the environment what was configured.

work=$(mktemp -d) || exit 99
server=
cleanup() {
	[ -z "$server" ] || kill "$server" 2>/dev/null
	rm -rf "$work"
}
trap cleanup EXIT
trap 'exit 99' HUP INT TERM

fail() {
	echo "echo.sh: $*" >&2
	exit 1
}

[ "$cross_compiling" = yes ] && exit 77
grep -q 'define LWS_NO_SERVER' "$top_builddir/lib/lws_config.h" && exit 77

awk '/^<!-- echo server: begin -->$/ { inside = 1; next }
	/^<!-- echo server: end -->$/ { inside = 0 }
	inside && !/^```/' "$top_srcdir/README.md" >"$work/echo.c"
lines=$(wc -l <"$work/echo.c")
[ "$lines" -gt 20 ] || fail "README.md has no program between its markers"
[ "$lines" -le 40 ] || fail "the program in README.md has $lines lines"

# The flags pkg-config would give, and the link done by the build's libtool,
# which knows where a library is that has not been installed.
# shellcheck disable=SC2086 # flags of the user
$CC -std=gnu99 -Wall -Werror -I"$top_builddir/lib" -I"$top_srcdir/lib" \
	$CFLAGS -Wno-missing-field-initializers -c -o "$work/echo.o" "$work/echo.c" ||
	fail "the program in README.md does not compile"
# shellcheck disable=SC2086
"$top_builddir/libtool" --silent --tag=CC --mode=link $CC $CFLAGS $LDFLAGS \
	-no-install -o "$work/echo" "$work/echo.o" \
	"$top_builddir/lib/libwebsockets.la" ||
	fail "the program in README.md cannot be linked"
# shellcheck disable=SC2086
$CC -std=gnu99 -D_GNU_SOURCE -Wall $CFLAGS $LDFLAGS -o "$work/talk" \
	"$top_srcdir/tests/readme/talk.c" || fail "talk.c cannot be built"

# A port of our own: the first of a few that the server can have.
port=$((20000 + $$ % 10000))
for attempt in 1 2 3 4 5; do
	"$work/echo" "$port" >"$work/log" 2>&1 &
	server=$!
	sleep 1
	kill -0 "$server" 2>/dev/null && break
	port=$((port + 1000 + attempt))
	server=
done
if [ -z "$server" ]; then
	cat "$work/log" >&2
	fail "the program in README.md does not stay alive"
fi
"$work/talk" "$port" || {
	cat "$work/log" >&2
	fail "the program in README.md does not echo"
}
kill -0 "$server" 2>/dev/null || fail "the program has ended"
