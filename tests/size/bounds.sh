#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-only
#
# How large the library is, stripped, and how much memory a server takes that
# has just begun.  Both are held below the bounds of docs/performance.md where
# these apply: gcc on x86-64 with the flags that configure chooses.  Elsewhere
# the figures are printed and not judged.
#
# Run by make check and make size, which tell what was configured.

lib=$top_builddir/lib/.libs/libwebsockets.so
idle=$top_builddir/tests/size/idle
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT
trap 'exit 99' HUP INT TERM
status=0

skip() {
	echo "not judged: $*"
	exit 77
}

# bound WHAT FIGURE LIMIT
bound() {
	echo "$1: $2, at most $3"
	[ "$2" -le "$3" ] || { echo "bounds.sh: $1 is too much" >&2; status=1; }
}

# public NAME: is it defined in the header that configure has written?
public() {
	grep -q "^#define $1\>" "$top_builddir/lib/lws_config.h"
}

ours() {
	[ -z "$CFLAGS$LDFLAGS" ] || skip "CFLAGS or LDFLAGS of somebody's own"
	echo | $CC -dM -E - >"$work/macros" || exit 99
	grep -q __clang__ "$work/macros" && skip "$CC is not gcc"
	{ grep -q __x86_64__ "$work/macros" &&
		grep -q __LP64__ "$work/macros"; } || skip "not x86-64"
	grep -q __OPTIMIZE__ "$work/macros" && skip "$CC brings flags"
	public LWS_OPENSSL_SUPPORT && skip "with TLS"
	return 0
}

[ "$shared" = yes ] && [ -e "$lib" ] || skip "no shared library"
"${STRIP:-strip}" -o "$work/stripped.so" "$lib" || exit 99
bytes=$(wc -c <"$work/stripped.so")
echo "$bytes bytes, stripped"

resident=
if [ "$cross_compiling" != yes ] && [ -r /proc/self/status ] &&
		! public LWS_NO_SERVER; then
	$CC -O2 -DEMPTY -o "$work/empty" "$top_srcdir/tests/size/idle.c" ||
		exit 99
	with=$("$idle") && without=$("$work/empty") || exit 1
	resident=$((with - without))
	echo "$with KiB resident, an empty program $without"
fi

ours
if public LWS_NO_CLIENT && public LWS_NO_EXTENSIONS &&
		! grep -q '^#define _DEBUG' "$top_builddir/config.h"; then
	bound "bytes of a server alone" "$bytes" 81920
else
	bound "bytes of the library" "$bytes" 163840
fi
[ -z "$resident" ] || bound "KiB of an idle server" "$resident" 2048
exit $status
