/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * base/limits.h - every constant a builder may set with -DNAME=value.
 *
 * README.build documents each of them with its effect and its bounds.  A value
 * that could not work ends the compilation here, with what to do about it; so
 * the rest of the library may rely on the bounds: sums and small products of
 * constants fit in an int.  Values have to be whole numbers, without a cast.
 */
#ifndef LWS_BASE_LIMITS_H
#define LWS_BASE_LIMITS_H

#include <sys/socket.h>

/* longest header name understood; a longer one is skipped */
#ifndef LWS_MAX_HEADER_NAME_LENGTH
#define LWS_MAX_HEADER_NAME_LENGTH 64
#endif
#if LWS_MAX_HEADER_NAME_LENGTH < 1 || LWS_MAX_HEADER_NAME_LENGTH > 1073741824
#error "LWS_MAX_HEADER_NAME_LENGTH has to be 1 to 1073741824: change its -D"
#endif

/* longest header value; the whole head may have sixteen times as much */
#ifndef LWS_MAX_HEADER_LEN
#define LWS_MAX_HEADER_LEN 4096
#endif
#if LWS_MAX_HEADER_LEN < 1 || LWS_MAX_HEADER_LEN > 1073741824
#error "LWS_MAX_HEADER_LEN has to be 1 to 1073741824: change its -D"
#endif
#define LWS_MAX_HEAD_LEN (16 * (size_t)(LWS_MAX_HEADER_LEN))

/* first allocation of a header block, and the least it grows by: bytes */
#ifndef LWS_INITIAL_HDR_ALLOC
#define LWS_INITIAL_HDR_ALLOC 256
#endif
#if LWS_INITIAL_HDR_ALLOC < 1 || LWS_INITIAL_HDR_ALLOC > 1073741824
#error "LWS_INITIAL_HDR_ALLOC has to be 1 to 1073741824: change its -D"
#endif
#ifndef LWS_ADDITIONAL_HDR_ALLOC
#define LWS_ADDITIONAL_HDR_ALLOC 64
#endif
#if LWS_ADDITIONAL_HDR_ALLOC < 1 || LWS_ADDITIONAL_HDR_ALLOC > 1073741824
#error "LWS_ADDITIONAL_HDR_ALLOC has to be 1 to 1073741824: change its -D"
#endif

/* chunk size where a protocol gives rx_buffer_size 0: bytes */
#ifndef MAX_USER_RX_BUFFER
#define MAX_USER_RX_BUFFER 4096
#endif
#if MAX_USER_RX_BUFFER < 1 || MAX_USER_RX_BUFFER > 1073741824
#error "MAX_USER_RX_BUFFER has to be 1 to 1073741824: change its -D"
#endif

/* longest broadcast from another process: bytes */
#ifndef MAX_BROADCAST_PAYLOAD
#define MAX_BROADCAST_PAYLOAD 4096
#endif
#if MAX_BROADCAST_PAYLOAD < 1 || MAX_BROADCAST_PAYLOAD > 1073741824
#error "MAX_BROADCAST_PAYLOAD has to be 1 to 1073741824: change its -D"
#endif

/* most protocols a context takes */
#ifndef LWS_MAX_PROTOCOLS
#define LWS_MAX_PROTOCOLS 10
#endif
#if LWS_MAX_PROTOCOLS < 1 || LWS_MAX_PROTOCOLS > 1000000
#error "LWS_MAX_PROTOCOLS has to be 1 to 1000000: change its -D"
#endif

/* most extensions active on a connection */
#ifndef LWS_MAX_EXTENSIONS_ACTIVE
#define LWS_MAX_EXTENSIONS_ACTIVE 10
#endif
#if LWS_MAX_EXTENSIONS_ACTIVE < 1 || LWS_MAX_EXTENSIONS_ACTIVE > 1000
#error "LWS_MAX_EXTENSIONS_ACTIVE has to be 1 to 1000: change its -D"
#endif

/* largest frame of deflate-frame, inflated: bytes */
#ifndef LWS_MAX_ZLIB_CONN_BUFFER
#define LWS_MAX_ZLIB_CONN_BUFFER (64 * 1024)
#endif
#if LWS_MAX_ZLIB_CONN_BUFFER < 1 || LWS_MAX_ZLIB_CONN_BUFFER > 1073741824
#error "LWS_MAX_ZLIB_CONN_BUFFER has to be 1 to 1073741824: change its -D"
#endif

/* WebSocket version meant by -1, and the highest spoken */
#ifndef SPEC_LATEST_SUPPORTED
#define SPEC_LATEST_SUPPORTED 13
#endif
#if SPEC_LATEST_SUPPORTED != 0 && SPEC_LATEST_SUPPORTED != 13 && \
	(SPEC_LATEST_SUPPORTED < 4 || SPEC_LATEST_SUPPORTED > 8)
#error "SPEC_LATEST_SUPPORTED has to be 0, 4 to 8 or 13: change its -D"
#endif

/* 1: version 4 masks with the connection's key, as peers of 2013 and before */
#ifndef LWS_DRAFT04_COMPAT_MASK
#define LWS_DRAFT04_COMPAT_MASK 0
#endif
#if LWS_DRAFT04_COMPAT_MASK != 0 && LWS_DRAFT04_COMPAT_MASK != 1
#error "LWS_DRAFT04_COMPAT_MASK has to be 0 or 1: change its -D"
#endif

/* seconds a peer has for its next step: handshake, body, connect */
#ifndef AWAITING_TIMEOUT
#define AWAITING_TIMEOUT 5
#endif
#if AWAITING_TIMEOUT < 1 || AWAITING_TIMEOUT > 100000000
#error "AWAITING_TIMEOUT has to be 1 to 100000000: change its -D"
#endif

/* seconds a peer has to answer our Close */
#define LWS_CLOSE_TIMEOUT 1

/* seconds a kept-alive HTTP connection may idle */
#define LWS_KEEPALIVE_TIMEOUT (6 * (AWAITING_TIMEOUT))

/* seconds in which a slow reader must take something of what it is sent */
#define LWS_DRAIN_TIMEOUT (6 * (AWAITING_TIMEOUT))

/* ciphers of TLS where the application names none: OpenSSL's notation */
#ifndef CIPHERS_LIST_STRING
#define CIPHERS_LIST_STRING "DEFAULT"
#endif

#ifndef SYSTEM_RANDOM_FILEPATH
#define SYSTEM_RANDOM_FILEPATH "/dev/urandom"
#endif

/* listen backlog */
#ifndef LWS_SOMAXCONN
#define LWS_SOMAXCONN SOMAXCONN
#endif
#if LWS_SOMAXCONN < 1 || LWS_SOMAXCONN > 2147483647
#error "LWS_SOMAXCONN has to be 1 to 2147483647: change its -D"
#endif

/* bytes that may wait for a slow peer before a write fails */
#ifndef LWS_TX_LIMIT
#define LWS_TX_LIMIT (16 * 1024 * 1024)
#endif
#if LWS_TX_LIMIT < 1 || LWS_TX_LIMIT > 1073741824
#error "LWS_TX_LIMIT has to be 1 to 1073741824: change its -D"
#endif

/* bytes queued at which a connection is flushed before the turn ends */
#ifndef LWS_TX_HIGH
#define LWS_TX_HIGH (64 * 1024)
#endif
#if LWS_TX_HIGH < 1 || LWS_TX_HIGH > 1073741824
#error "LWS_TX_HIGH has to be 1 to 1073741824: change its -D"
#endif

/* the receive buffer that all connections of a loop share: bytes */
#ifndef LWS_RX_BUFFER
#define LWS_RX_BUFFER (256 * 1024)
#endif
#if LWS_RX_BUFFER < 1 || LWS_RX_BUFFER > 1073741824
#error "LWS_RX_BUFFER has to be 1 to 1073741824: change its -D"
#endif

/* output chunks that a loop lends at most */
#ifndef LWS_TX_POOL
#define LWS_TX_POOL 64
#endif
#if LWS_TX_POOL < 0 || LWS_TX_POOL > 1000000
#error "LWS_TX_POOL has to be 0 to 1000000: change its -D"
#endif

#endif
