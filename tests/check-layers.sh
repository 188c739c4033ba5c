#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-only
#
# Every file under lib/ includes only the rooms that lie below its own.
#
#	check-layers.sh [directory with lib/]
#
# The table says it for each room; the files that lie in lib/ itself compose the
# rooms and may include them all.  A quoted include names the room, except the
# public header, which everyone may include.  Angle brackets are for the system:
# they must not be a way around the table.

cd "${1:-${srcdir:-$(dirname "$0")}/..}/lib" || exit 2

{
	cat <<'ROOMS'
base: base
crypto: crypto base
plat: plat base
event: event plat base
net: net plat base
tls: tls net plat base
http: http base
ws: ws crypto base
ext: ext ws base
core: core event net http ws ext plat base
stage: stage core event net tls http ws ext crypto plat base
ROOMS
	find . -name '*.[ch]' | LC_ALL=C sort |
		xargs grep -Hn '^[[:blank:]]*#[[:blank:]]*include'
} | LC_ALL=C awk '
function fault(what) {
	print "lib/" file ":" line ": " what
	faults++
}

/^[a-z]+:/ {
	room = substr($1, 1, length($1) - 1)
	known[room] = 1
	for (i = 2; i <= NF; i++)
		below[room "<" $i] = 1
	next
}

# ./room/file.c:12:#include "other/name.h"
{
	n = split($0, part, ":")
	file = substr(part[1], 3)
	line = part[2]
	rest = substr($0, length(part[1]) + length(part[2]) + 3)

	here = file ~ /\// ? substr(file, 1, index(file, "/") - 1) : ""
	if (here != "" && !(here in known)) {
		fault(here " is not a room")
		next
	}
	if (!match(rest, /[<"][^>"]*[>"]/)) {
		fault("include without a name")
		next
	}
	mark = substr(rest, RSTART, 1)
	name = substr(rest, RSTART + 1, RLENGTH - 2)
	slash = index(name, "/")
	to = slash ? substr(name, 1, slash - 1) : ""

	if (name == "libwebsockets.h")
		next
	if (mark == "<") {
		if (to in known)
			fault("<" name "> is ours: quote it")
		next
	}
	if (name == "lws_config.h" && file == "libwebsockets.h")
		next
	if (name ~ /(^|\/)\.\.?\//)
		fault("\"" name "\" climbs: name the room")
	else if (to == "" || !(to in known))
		fault("\"" name "\" names no room")
	else if (here != "" && !((here "<" to) in below))
		fault(here " may not include " to)
	seen++
}

END {
	if (!seen) {
		print "check-layers.sh: no includes found"
		faults++
	}
	exit faults > 0
}'
