#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-only
#
# lib/base/limits.h takes every constant at the ends of its bounds, and refuses
# the values beside them in words that name the constant.

lib=${top_srcdir:-$(dirname "$0")/..}/lib
cc=${CC:-cc}
status=0

# compile NAME VALUE: what the compiler says
compile() {
	echo '#include "base/limits.h"' |
		$cc -x c -E -I"$lib" "-D$1=$2" -o /dev/null - 2>&1
}

# takes NAME VALUE...
takes() {
	name=$1
	shift
	for value; do
		said=$(compile "$name" "$value") && continue
		echo "limits.sh: $name=$value is refused: $said" >&2
		status=1
	done
}

# refuses NAME VALUE...
refuses() {
	name=$1
	shift
	for value; do
		said=$(compile "$name" "$value") &&
			echo "limits.sh: $name=$value is taken" >&2 &&
			status=1
		case $said in
		*"$name has to be "*) continue ;;
		esac
		echo "limits.sh: of $name=$value is said: $said" >&2
		status=1
	done
}

compile LWS_NONE 1 >/dev/null || {
	echo "limits.sh: skipped, as $cc alone has not the headers it takes" >&2
	exit 77
}

for name in LWS_MAX_HEADER_NAME_LENGTH LWS_MAX_HEADER_LEN \
	LWS_INITIAL_HDR_ALLOC LWS_ADDITIONAL_HDR_ALLOC MAX_USER_RX_BUFFER \
	MAX_BROADCAST_PAYLOAD LWS_MAX_ZLIB_CONN_BUFFER LWS_TX_LIMIT \
	LWS_TX_HIGH LWS_RX_BUFFER; do
	takes "$name" 1 7 1048576 1073741824 '(64*1024)'
	refuses "$name" 0 -1 1073741825 99999999999
done
takes LWS_MAX_PROTOCOLS 1 1000 1000000
refuses LWS_MAX_PROTOCOLS 0 -1 1000001
takes LWS_MAX_EXTENSIONS_ACTIVE 1 64 1000
refuses LWS_MAX_EXTENSIONS_ACTIVE 0 -1 1001
takes SPEC_LATEST_SUPPORTED 0 4 5 6 7 8 13
refuses SPEC_LATEST_SUPPORTED -1 1 3 9 12 14 76
takes LWS_DRAFT04_COMPAT_MASK 0 1
refuses LWS_DRAFT04_COMPAT_MASK -1 2
takes AWAITING_TIMEOUT 1 60 100000000
refuses AWAITING_TIMEOUT 0 -1 100000001
takes LWS_SOMAXCONN 1 2147483647
refuses LWS_SOMAXCONN 0 -1 2147483648
takes LWS_TX_POOL 0 1 1000000
refuses LWS_TX_POOL -1 1000001
for name in LWS_LISTEN_SERVICE_MODULO FD_HASHTABLE_MODULUS MAX_CLIENTS; do
	takes "$name" 0 1 -1
done
exit $status
