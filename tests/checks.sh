#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-only
#
# check-style.sh and check-layers.sh find what they are there to find, and leave
# in peace what only looks like it.

here=$(cd "${srcdir:-$(dirname "$0")}" && pwd) || exit 99
tree=$(mktemp -d) || exit 99
trap 'rm -rf "$tree"' EXIT
trap 'exit 99' HUP INT TERM
status=0
spdx='/* SPDX-License-Identifier: LGPL-2.1-only */'

# A tree without a fault, in which $1 is a file whose lines come from stdin.
plant() {
	rm -rf "${tree:?}/lib" "$tree/test-server"
	mkdir -p "$tree/lib/ws" "$tree/lib/base" "$tree/lib/plat/unix" \
		"$tree/lib/core" "$tree/test-server"
	printf '%s\n#include "base/buf.h"\n' "$spdx" >"$tree/lib/ws/good.c"
	{
		echo "$spdx"
		cat
	} >"$tree/$1"
}

# expect CHECK WANTED: the words are in what it says and it fails; without
# words, it is content.
expect() {
	said=$(sh "$here/$1" "$tree" 2>&1)
	result=$?
	if [ -z "$2" ]; then
		[ $result = 0 ] && [ -z "$said" ] && return
	else
		case $said in
		*"$2"*) [ $result != 0 ] && return ;;
		esac
	fi
	echo "checks.sh: $1 ends with $result and says '$said'," \
		"wanted '${2:-nothing}'" >&2
	status=1
}

# style WANTED FILE LINES...: of one file with these lines
style() {
	wanted=$1
	file=$2
	shift 2
	printf '%s\n' "$@" | plant "$file"
	expect check-style.sh "$wanted"
}

layers() {
	wanted=$1
	file=$2
	shift 2
	printf '%s\n' "$@" | plant "$file"
	expect check-layers.sh "$wanted"
}

lines() {
	awk -v n="$1" 'BEGIN { while (n-- > 0) print "\tx();" }'
}

tab=$(printf '\t')
seventy=$(awk 'BEGIN { while (n++ < 70) printf "x" }')

style '' lib/ws/a.c 'int x;'
style 'wider than 80' lib/ws/a.c "/* $seventy 1234 */"
style '' lib/ws/a.c "/* $seventy 123 */"
style 'wider than 80' lib/ws/a.c "$tab/* ${seventy%xxx} */"
style '' lib/ws/a.c "$tab/* ${seventy%xxx}*/"
style 'blank at the end' lib/ws/a.c 'int x; '
style 'blank at the end' lib/ws/a.c "int x;$tab"
style 'function of 61' lib/ws/a.c '{' "$(lines 61)" '}'
style '' lib/ws/a.c '{' "$(lines 60)" '}'
style 'file over 600' lib/ws/a.c "$(lines 600)"
style '' lib/ws/a.c "$(lines 599)"
style 'function of 61' test-server/a.c '{' "$(lines 61)" '}'
style 'conditional' lib/ws/a.c '#ifdef WINDOWS' '#endif'
style 'conditional' lib/base/a.h '# if 0' '#endif'
style '' lib/base/a.h '#ifndef LWS_BASE_A_H' '#endif'
style '' lib/base/limits.h '#ifndef LWS_LIMIT' '#endif'
style '' lib/plat/unix/a.c '#ifdef SO_REUSEPORT' '#endif'
style '' test-server/a.c '#ifdef EXTERNAL_POLL' '#endif'
style 'base/alloc.h' lib/ws/a.c 'x = malloc(3);'
style 'base/alloc.h' lib/ws/a.c "${tab}free(x);"
style '' lib/base/alloc.c 'x = malloc(3);'
style '' lib/ws/a.c 'lws_free(x);' 'ops->free(x);' 'puts("free(x)");'
style '' lib/ws/a.c '/* free(x) and' ' * sprintf() are not for us' ' */'
style 'unbounded' lib/ws/a.c 'strcpy(a, b);'
style 'unbounded' lib/ws/a.c 'n = atoi (a);'
style '' lib/ws/a.c 'snprintf(a, n, "x");'
style 'comment with //' lib/ws/a.c 'int x; // one'
style '' lib/ws/a.c 'char *url = "ws://host";' "char c = '\"'; /* // */"
style 'unfinished' lib/ws/a.c "/* TO${nothing}DO: the rest */"
style 'without an end' lib/ws/a.c '/* never'

printf 'int x;\n' | plant lib/ws/a.c
printf 'int x;\n' >"$tree/lib/ws/a.c"
expect check-style.sh 'not the SPDX line'

layers '' lib/ws/a.c '#include "ws/mask.h"' '#include <string.h>'
layers '' lib/ws/a.c '#include "crypto/crypto.h"' '#include "libwebsockets.h"'
layers 'ws may not include core' lib/ws/a.c '#include "core/wsi.h"'
layers 'base may not include plat' lib/base/a.c '#  include "plat/plat.h"'
layers 'core may not include stage' lib/core/a.h '#include "stage/stages.h"'
layers '' lib/context.c '#include "stage/stages.h"' '#include "core/wsi.h"'
layers 'names no room' lib/ws/a.c '#include "mask.h"'
layers 'climbs' lib/ws/a.c '#include "../core/wsi.h"'
layers 'climbs' lib/ws/a.c '#include "ws/../core/wsi.h"'
layers 'quote it' lib/ws/a.c '#include <core/wsi.h>'
layers 'names no room' lib/ws/a.c '#include "config.h"'

exit $status
