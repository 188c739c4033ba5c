#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-only
#
# What a reviewer should not have to say about a C file.
#
#	check-style.sh [directory with lib/ and test-server/]
#
# Comments and literals are blanked before the rules about code look at a line,
# so that prose may say "free(" and a string may hold "//".  Rules marked lib
# hold in lib/ only: programs are examples of the public interface and may use
# what applications use.  The public header is one file whatever its length.

cd "${1:-${srcdir:-$(dirname "$0")}/..}" || exit 2

find lib test-server -name '*.[ch]' ! -name lws_config.h | LC_ALL=C sort |
	LC_ALL=C xargs awk '
function say(line, what) {
	print name ":" line ": " what
	faults++
}

# columns that @s takes with tabs at every eighth; a UTF-8 tail takes none
function columns(s,    piece, n, i, w) {
	n = split(s, piece, "\t")
	for (i = 1; i <= n; i++) {
		gsub(/[\200-\277]/, "", piece[i])
		w += length(piece[i])
		if (i < n)
			w += 8 - w % 8
	}
	return w
}

# @s without comments and literals; in_comment lives from line to line
function code_of(s,    out, c, two) {
	out = ""
	while (s != "") {
		two = substr(s, 1, 2)
		c = substr(s, 1, 1)
		if (in_comment) {
			if (two == "*/") {
				in_comment = 0
				s = substr(s, 2)
			}
		} else if (two == "/*") {
			in_comment = 1
			s = substr(s, 2)
		} else if (two == "//") {
			say(FNR, "comment with //")
			return out
		} else if (c == "\"" || c == "\047") {
			s = literal_tail(substr(s, 2), c)
			out = out c c
		} else
			out = out c
		s = substr(s, 2)
	}
	return out
}

# from the closing quote @q on
function literal_tail(s, q) {
	while (s != "" && substr(s, 1, 1) != q)
		s = substr(s, substr(s, 1, 1) == "\\" ? 3 : 2)
	return s
}

# does @s call one of the functions in the alternation @names
function calls(s, names) {
	return (" " s) ~ ("[^A-Za-z0-9_>.](" names ")[ \t]*\\(")
}

function file_ends() {
	if (lines > 600 && name != "lib/libwebsockets.h")
		say(lines, "file over 600 lines")
	if (in_comment)
		say(lines, "comment without an end")
}

FNR == 1 {
	file_ends()
	name = FILENAME
	in_lib = name ~ /^lib\//
	may_test = name ~ /^lib\/(plat\/|libwebsockets\.h$)/ ||
		   name ~ /^lib\/base\/(compiler|limits)\.h$/ || !in_lib
	may_alloc = name == "lib/base/alloc.c" || !in_lib
	in_comment = 0
	body = 0
	if ($0 !~ /^\/\* SPDX-License-Identifier: LGPL-2\.1-only \*\/$/)
		say(1, "the first line is not the SPDX line")
}

{
	lines = FNR
	if (columns($0) > 80)
		say(FNR, "wider than 80 columns")
	if ($0 ~ /[ \t\r]$/)
		say(FNR, "blank at the end of the line")
	if ($0 ~ /(^|[^A-Za-z])(TODO|FIXME|XXX)([^A-Za-z]|$)/ &&
	    $0 !~ /TODO.*issue [0-9]/)
		say(FNR, "unfinished work without an issue number")
	code = code_of($0)
}

# A function body is what stands between braces in the first column.
code ~ /^\{/ { body = FNR }
code ~ /^\}/ {
	if (body && FNR - body - 1 > 60)
		say(body, "function of " FNR - body - 1 " lines, over 60")
	body = 0
}

code ~ /^[ \t]*#[ \t]*(if|ifdef|ifndef|elif)([^a-z]|$)/ &&
code !~ /^#ifndef LWS_[A-Z0-9_]*_H$/ && !may_test {
	say(FNR, "conditional outside plat/: choose by file")
}

in_lib && !may_alloc &&
calls(code, "malloc|calloc|realloc|free|strdup|strndup|asprintf|vasprintf") {
	say(FNR, "memory comes from base/alloc.h")
}

in_lib &&
calls(code, "strcpy|strcat|sprintf|vsprintf|gets|atoi|atol|atoll|strtok") {
	say(FNR, "unbounded or unchecked call of libc")
}

in_lib && calls(code, "alloca") {
	say(FNR, "no alloca")
}

END {
	file_ends()
	exit faults > 0
}'
