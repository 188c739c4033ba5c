#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-only
#
# Every flow once more, over TLS: the same programs, told so by FLOW_TLS.
#
#	flows.sh [NAME...]
#
# Run by make check, which says in $flow_tests which there are.  Some run at the
# same time, since most of what they do is to wait.  Skipped in builds without
# TLS.

# flows.sh --one FOLDER NAME: one of them, with the certificates in FOLDER
if [ "${1-}" = --one ]; then
	log=$2/$(basename "$3").log
	if FLOW_TLS=$2 "./$3" >"$log" 2>&1; then
		echo "over TLS: $3"
		exit 0
	fi
	cat "$log"
	echo "over TLS, FAILED: $3"
	exit 1
fi

test -x tls/certs || exit 77
folder=$(mktemp -d) || exit 99
trap 'rm -rf "$folder"' EXIT
trap 'exit 99' HUP INT TERM
tls/certs "$folder" || exit 99

for name in ${*:-$flow_tests}; do
	# What these prove is about clear text on the wire; or it is above the
	# transport, with thousands of connections, and handshakes would take
	# minutes.
	case $name in
	*/tls_test | */app-extension_test) ;;
	*/deflate_test | */deflate-bad_test) ;;
	*) echo "$name" ;;
	esac
done >"$folder/names"
xargs -P 3 -n 1 sh "$0" --one "$folder" <"$folder/names" || exit 1
