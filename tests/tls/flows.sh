#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-only
#
# Every flow once more, over TLS: the same programs, told so by FLOW_TLS.
#
#	flows.sh [NAME...]
#
# Run by make check, which says in $flow_tests which there are.  Skipped in
# builds without TLS.

test -x tls/certs || exit 77
folder=$(mktemp -d) || exit 99
trap 'rm -rf "$folder"' EXIT
trap 'exit 99' HUP INT TERM
tls/certs "$folder" || exit 99

status=0
for name in ${*:-$flow_tests}; do
	# What these prove is about clear text on the wire; or it is above the
	# transport, with thousands of connections, and handshakes would take
	# minutes.
	case $name in
	*/tls_test | */app-extension_test) continue ;;
	*/deflate_test | */deflate-bad_test) continue ;;
	esac
	if FLOW_TLS=$folder "./$name" >"$folder/log" 2>&1; then
		echo "over TLS: $name"
	else
		status=1
		cat "$folder/log"
		echo "over TLS, FAILED: $name"
	fi
done
exit $status
