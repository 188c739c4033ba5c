/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * header/alone.c - the public header by itself, twice, and what has to come
 * with it.
 */
#include "libwebsockets.h"
#include "libwebsockets.h"

#ifdef LWS_LIBRARY_VERSION_NUMBER
#error "applications take this for the sign of a later, renamed interface"
#endif

#if LWS_SEND_BUFFER_PRE_PADDING != 18 || LWS_SEND_BUFFER_POST_PADDING != 4
#error "padding"
#endif

#if LWS_API_ERA >= 130
#if CONTEXT_PORT_NO_LISTEN != -1
#error "not to listen is port -1 from 130 on"
#endif
#ifndef LWS_FEATURE_SERVE_HTTP_FILE_HAS_OTHER_HEADERS_ARG
#error "other headers came with 130"
#endif
#ifndef ARRAY_SIZE
#error "ARRAY_SIZE came with 130"
#endif
#else
#if CONTEXT_PORT_NO_LISTEN != 0
#error "not to listen is port 0 before 130"
#endif
#ifdef LWS_FEATURE_SERVE_HTTP_FILE_HAS_OTHER_HEADERS_ARG
#error "other headers came with 130"
#endif
#ifdef ARRAY_SIZE
#error "ARRAY_SIZE came with 130: programs may have their own"
#endif
#endif

#if LWS_API_ERA >= 140
#ifndef LWS_FEATURE_PROTOCOLS_HAS_ID_FIELD
#error "id came with 140"
#endif
#ifndef LWS_FEATURE_PROTOCOLS_HAS_PEER_WRITE_ALLOWANCE
#error "lws_get_peer_write_allowance() came with 140"
#endif
#ifndef LWS_FEATURE_SERVE_HTTP_FILE_HAS_OTHER_HEADERS_LEN
#error "the length of other headers came with 140"
#endif
#else
#ifdef LWS_FEATURE_PROTOCOLS_HAS_ID_FIELD
#error "id came with 140"
#endif
#ifdef LWS_FEATURE_PROTOCOLS_HAS_PEER_WRITE_ALLOWANCE
#error "lws_get_peer_write_allowance() came with 140"
#endif
#ifdef LWS_FEATURE_SERVE_HTTP_FILE_HAS_OTHER_HEADERS_LEN
#error "the length of other headers came with 140"
#endif
#endif

/* what programs expect to get from it without including it themselves */
struct what_comes_along {
	struct pollfd pollfd;
	struct libwebsocket_pollfd same;
	struct timeval now;
	struct hostent *host;
	size_t size;
	va_list args;
};

/* values that are fixed */
typedef char values[LWS_CALLBACK_USER == 1000 && LLL_LATENCY == 512 &&
		    LLL_COUNT == 10 && LWS_WRITE_HTTP_HEADERS == 8 &&
		    LWS_CLOSE_STATUS_TLS_FAILURE == 1015 &&
		    HTTP_STATUS_EXPECTATION_FAILED == 417 &&
		    HTTP_STATUS_HTTP_VERSION_NOT_SUPPORTED == 505 &&
		    LWS_SERVER_OPTION_DISABLE_OS_CA_CERTS == 64 &&
		    LWS_SERVER_OPTION_SKIP_UTF8_CHECK == 65536 &&
		    NO_PENDING_TIMEOUT == 0 && WSI_TOKEN_GET_URI == 0 ?
	1 : -1];
