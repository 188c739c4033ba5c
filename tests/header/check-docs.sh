#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-only
#
# Every public function, struct and enum is described where it is declared,
# with each parameter and member.
#
#	check-docs.sh [header]
#
# In an enum the long lists of names that explain themselves are left out.

here=$(cd "$(dirname "$0")" && pwd) || exit 2

LC_ALL=C awk '
function say(what) {
	print FILENAME ":" FNR ": " what
	faults++
}

function described(word) {
	return index(doc, "@" word ":") > 0
}

# the name declared by one parameter or member
function name_of(decl,    part) {
	if (match(decl, /\(\*[A-Za-z0-9_]+\)/))
		return substr(decl, RSTART + 2, RLENGTH - 3)
	sub(/\[[^]]*\]/, "", decl)
	gsub(/[^A-Za-z0-9_]+/, " ", decl)
	sub(/ +$/, "", decl)
	return split(decl, part, " ") ? part[split(decl, part, " ")] : ""
}

function parameter(decl, function_name,    name) {
	gsub(/^[ \t]+|[ \t]+$/, "", decl)
	if (decl == "void" || decl == "..." || decl == "")
		return
	name = name_of(decl)
	if (!described(name))
		say(function_name "(): nothing about " name)
}

# split at the commas that are not inside inner parentheses
function check_function(decl,    name, i, c, depth, piece) {
	sub(/ LWS_PRINTF_LIKE\(.*/, "", decl)
	match(decl, /[A-Za-z0-9_]+\(/)
	name = substr(decl, RSTART, RLENGTH - 1)
	if (index(doc, name "()") == 0) {
		say(name "(): no description")
		return
	}
	decl = substr(decl, RSTART + RLENGTH)
	depth = 1
	piece = ""
	for (i = 1; i <= length(decl) && depth; i++) {
		c = substr(decl, i, 1)
		depth += (c == "(") - (c == ")")
		if (!depth || (c == "," && depth == 1)) {
			parameter(piece, name)
			piece = ""
		} else
			piece = piece c
	}
	functions++
}

/^\/\*\*/ { doc = ""; in_doc = 1 }
in_doc { doc = doc $0 "\n" }
/\*\// { in_doc = 0; next }
in_doc { next }

/^LWS_VISIBLE LWS_EXTERN/ { declaration = ""; in_function = 1 }
in_function {
	sub(/^LWS_VISIBLE LWS_EXTERN /, "")
	declaration = declaration " " $0
	if (/;/) {
		check_function(declaration)
		in_function = 0
		doc = ""
	}
	next
}

/^(struct|enum) [a-z_]+ \{/ {
	what = $1 " " $2
	in_struct = $1 == "struct"
	if (index(doc, what " -") == 0)
		say(what ": no description")
	types++
	next
}
/^}/ { in_struct = 0; doc = "" }
in_struct && /;/ {
	member = $0
	sub(/;.*/, "", member)
	if (!described(name_of(member)))
		say(what ": nothing about " name_of(member))
}

END {
	print "header: " functions " functions, " types " types described"
	exit faults > 0 || functions == 0
}' "${1:-$here/../../lib/libwebsockets.h}"
