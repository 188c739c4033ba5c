# SPDX-License-Identifier: LGPL-2.1-only
# shellcheck shell=sh
#
# Read by the scripts beside it: running one thing after another, keeping what
# it said in a log, and adding up what passed.  Wants $top and $log, and $build
# for what runs beside the rest.

passed=0
failed=0

# has_configure: autogen.sh has run, and to its end, since what it reads has
# changed: several makes at a time must not find out that it has to run again.
has_configure() {
	[ -x "$top/configure" ] &&
		! is_newer "$top/configure.ac" "$top/configure" &&
		! is_newer "$top/m4/lws.m4" "$top/configure" || return 1
	for am in "$top"/Makefile.am "$top"/*/Makefile.am; do
		[ -f "${am%.am}.in" ] && ! is_newer "$am" "${am%.am}.in" ||
			return 1
	done
}

is_newer() {
	[ -n "$(find "$1" -newer "$2")" ]
}

make_configure() {
	has_configure || "$top/autogen.sh"
}

# configure_in DIR ARGUMENT...: unless that has been done.
configure_in() {
	mkdir -p "$1" || return 1
	[ ! -f "$1/Makefile" ] || return 0
	(cd "$1" && shift && "$top/configure" "$@")
}

jobs() {
	getconf _NPROCESSORS_ONLN 2>/dev/null || echo 1
}

# quietly COMMAND...: what it says goes to the log.
quietly() {
	"$@" >>"$log" 2>&1
}

# show_log: its end, where a mistake usually stands.
show_log() {
	[ -s "$log" ] || return 0
	echo "---- the end of $log" >&2
	tail -n "${1:-30}" "$log" >&2
	echo "----" >&2
}

ok() {
	passed=$((passed + 1))
	echo "ok - $1"
}

not_ok() {
	failed=$((failed + 1))
	echo "not ok - $1"
}

# step SENTENCE COMMAND...: one thing that works or not.
step() {
	sentence=$1
	shift
	if quietly "$@"; then
		ok "$sentence"
	else
		not_ok "$sentence"
		show_log
		return 1
	fi
}

# suite NAME COMMAND...: something that counts for itself.  Its last line says
# "N passed, N failed"; it has failed once more when that and its exit status
# contradict each other or when it says nothing.
suite() {
	name=$1
	shift
	said=$(mktemp) || exit 1
	{
		"$@" 2>&1
		echo $? >"$said.status"
	} </dev/null | tee "$said" | sed '$!b
/^[0-9][0-9]* passed, [0-9][0-9]* failed$/d'
	status=$(cat "$said.status")
	counts=$(tail -n 1 "$said" |
		sed -n 's/^\([0-9][0-9]*\) passed, \([0-9][0-9]*\) failed$/\1 \2/p')
	rm -f "$said" "$said.status"

	count ${counts:-0 0}
	if [ -z "$counts" ]; then
		not_ok "$name: no count at its end, exit status $status"
	elif [ "$status" != 0 ] && [ "${counts#* }" = 0 ]; then
		not_ok "$name: exit status $status"
	fi
}

# aside NAME PART...: parts that need nothing of what goes on meanwhile run one
# after another in a process of their own, whose log is $build/NAME.log; gather
# waits for all of these, shows what they said and counts it.
asides=
aside() {
	beside=$1
	shift
	(
		passed=0 failed=0 asides='' log=$build/$beside.log
		: >"$log"
		for part; do
			"$part"
		done
		finish
	) >"$build/$beside.out" 2>&1 &
	asides="$asides $beside:$!"
}

said() {
	cat "$build/$1.out"
	return "$2"
}

gather() {
	for one in $asides; do
		wait "${one#*:}"
		suite "${one%:*}" said "${one%:*}" $?
	done
}

# count PASSED FAILED: add what somebody else has counted.
count() {
	passed=$((passed + $1))
	failed=$((failed + $2))
}

# show_test LOG: what a test that failed said, in at most 60 lines: all of it, or
# where it complains and its end.
show_test() {
	echo "---- $1"
	if [ "$(wc -l <"$1")" -lt 58 ]; then
		cat "$1"
	else
		grep -a -A 4 -e '^\[  ERROR ' -e 'Sanitizer' -e 'runtime error:' \
			-e '^==[0-9]*== [A-Z0-9]' -e '^not ok' -e 'FAILED:' \
			"$1" | head -n 17
		echo "[...]"
		tail -n 40 "$1"
	fi | cut -c 1-400
	echo "----"
}

# show_tests: the same for the first five, whose logs stdin names.
show_tests() {
	shown=0
	while read -r one; do
		shown=$((shown + 1))
		[ "$shown" -gt 5 ] || show_test "$one"
	done
	[ "$shown" -le 5 ] || echo "---- and $((shown - 5)) more"
}

# make_check NAME BUILD_DIR [ARGUMENT OF MAKE...]: the tests that automake runs.
# A program on cmocka counts as many times as it has tests, a script once.
make_check() {
	name=$1
	dir=$2
	shift 2
	find "$dir" -name '*.trs' -exec rm -f {} +
	quietly make -C "$dir" "$@"
	status=$?
	# the logs of what failed, and a line with the counts
	counts=$(find "$dir" -name '*.trs' | sort | while read -r trs; do
		cat "${trs%.trs}.log" "$trs"
		echo "end of a test $trs"
	done | awk '
		/^\[  PASSED  \] [0-9]+ test/ { good += $4 }
		/^\[  FAILED  \] [0-9]+ test/ { bad += $4 }
		/^:test-result:/ { result = $2 }
		/^end of a test / {
			if (result == "PASS" && bad == 0)
				passed += good > 0 ? good : 1
			else if (result == "SKIP")
				skipped++
			else {
				passed += good
				failed += bad > 0 ? bad : 1
				sub(/\.trs$/, ".log")
				print substr($0, 15)
			}
			good = bad = 0
			result = ""
		}
		END { print passed + 0, failed + 0, skipped + 0 }')
	logs=$(echo "$counts" | sed '$d')
	counts=$(echo "$counts" | tail -n 1)
	[ -z "$logs" ] || {
		echo "$logs" | show_tests
		echo "$logs" | sed 's/^/not ok - /'
	} >&2
	count ${counts% *}
	echo "$name: ${counts%% *} passed, $(echo "$counts" | cut -d' ' -f2)" \
		"failed, ${counts##* } skipped"
	if [ "$status" != 0 ] || [ "${counts%% *}" = 0 ]; then
		case $counts in
		*' 0 '*) not_ok "$name: make ended with $status" ;;
		esac
		[ -n "$logs" ] || show_log 60
	fi
}

# finish: the line that everybody looks for.
finish() {
	echo "$passed passed, $failed failed"
	[ "$failed" = 0 ]
	exit
}
