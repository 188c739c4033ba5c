#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-only
#
# What was left out by a switch is neither offered by the library nor declared
# by its header, and what was not left out is both.
#
# Run by make check, which tells in the environment what was configured.

lib=$top_builddir/lib/.libs/libwebsockets.so
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT
trap 'exit 99' HUP INT TERM
status=0

[ "$shared" = yes ] && [ -e "$lib" ] || {
	echo "no shared library" >&2
	exit 77
}
nm -D --defined-only "$lib" | awk '{ sub(/@.*/, "", $3); print $3 }' \
	>"$work/offered" || exit 99
echo '#include <libwebsockets.h>' |
	$CC -E -P -I"$top_builddir/lib" -I"$top_srcdir/lib" - \
		>"$work/header" || exit 99
sed 's/struct [A-Za-z_0-9]*//g' "$work/header" >"$work/declared"

# half MACRO NAME...: there unless MACRO is defined
half() {
	macro=$1
	shift
	grep -q "^#define $macro\>" "$top_builddir/lib/lws_config.h" &&
		left=1 || left=0
	for name; do
		for where in offered declared; do
			grep -qw "$name" "$work/$where" && is=1 || is=0
			[ "$((is + left))" -eq 1 ] && continue
			echo "names.sh: $macro is $left, and $name is" \
				"$is times $where" >&2
			status=1
		done
	done
}

half LWS_NO_CLIENT libwebsocket_client_connect \
	libwebsocket_client_connect_extended lws_client_connect_info \
	lws_client_give_up
half LWS_NO_SERVER libwebsockets_serve_http_file \
	libwebsockets_serve_http_file_fragment \
	libwebsockets_return_http_status lws_http_transaction_completed \
	lws_add_http_header_by_name lws_add_http_header_by_token \
	lws_add_http_header_status lws_add_http_header_content_length \
	lws_finalize_http_header libwebsockets_broadcast
half LWS_NO_EXTENSIONS libwebsocket_get_internal_extensions
half LWS_ALWAYS_THERE libwebsocket_create_context libwebsocket_set_proxy \
	libwebsocket_write lws_token_to_string lws_hdr_copy lws_get_rtt_us lws_drain
exit $status
