#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-only
#
# The public header compiles without a warning in every language and era, with
# every compiler there is, and a call with a wrong number of arguments does not.
#
#	check-header.sh [directory of lws_config.h]
#
# Without one the options that are always set stand in for it.

here=$(cd "$(dirname "$0")" && pwd) || exit 2
lib=$here/../../lib
config=${1:-${top_builddir:+$top_builddir/lib}}

work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
trap 'exit 2' HUP INT TERM

if [ -z "$config" ]; then
	config=$work
	printf '#define LWS_NO_%s\n' EXTENSIONS FORK DAEMONIZE \
		>"$work/lws_config.h"
fi

eras='100 110 120 123 130 140'
strict='-Wall -Wextra -Wpedantic -Wshadow -Wconversion -Werror'
tried=0
failed=0

# compile <compiler> <flags...>: syntax only, output kept
compile() {
	"$@" -I"$config" -I"$lib" -fsyntax-only >"$work/out" 2>&1
}

good() {
	tried=$((tried + 1))
	compile "$@" && return
	failed=$((failed + 1))
	echo "fails: $*"
	head -n 12 "$work/out"
}

bad() {
	tried=$((tried + 1))
	compile "$@" || return 0
	failed=$((failed + 1))
	echo "compiles, and should not: $*"
}

# every <compiler> <flag for the language> <standards...>
every() {
	compiler=$1 language=$2
	shift 2
	command -v "$compiler" >/dev/null || {
		echo "$compiler is not here: skipped"
		return
	}
	for std; do
		for era in $eras; do
			flags="$language -std=$std -pedantic $strict"
			flags="$flags -DLWS_API_ERA=$era"
			for file in alone.c forms.c; do
				good "$compiler" $flags "$here/$file"
			done
			good "$compiler" $flags -D_DEBUG "$here/forms.c"
		done
		for n in 1 2 3 4; do
			bad "$compiler" $language -std=$std -Werror -DWRONG=$n \
				"$here/forms.c"
		done
	done
}

for cc in gcc clang; do
	every $cc -xc gnu89 gnu99 c11 gnu17
done
for cxx in g++ clang++; do
	every $cxx -xc++ c++98 c++11 c++17 c++20
done

# an era that never was
if command -v gcc >/dev/null; then
	bad gcc -xc -DLWS_API_ERA=4 "$here/alone.c"
fi

echo "header: $tried compiled, $failed wrong"
[ $failed = 0 ] && [ $tried -gt 0 ]
