/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * ws/handshake.h - the opening handshake of one protocol version, both ways.
 *
 * Handshakes see header values as spans, and write lines; who parses and who
 * sends is not their business.
 */
#ifndef LWS_WS_HANDSHAKE_H
#define LWS_WS_HANDSHAKE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/span.h"

/* random bytes request() consumes, and room for the key text it makes */
#define LWS_HANDSHAKE_RANDOM 16
#define LWS_HANDSHAKE_KEY    32

/* what both heads say, as far as versions differ; absent is {NULL, 0} */
struct lws_handshake {
	struct lws_span host, target, origin;	/* of the request */
	struct lws_span key;			/* Sec-WebSocket-Key */
	struct lws_span accept;			/* of the answer */
	bool secure;				/* wss */
};

struct lws_handshake_ops {
	/* Server: 0, or the HTTP status that refuses the request. */
	int (*check)(const struct lws_handshake *hs);

	/*
	 * Server: the answer's status line and fields, all but those that
	 * agree on a subprotocol and extensions, and the empty line.
	 */
	void (*answer)(const struct lws_handshake *hs, struct lws_buf *out);

	/*
	 * Client: the version's own fields of the request (Upgrade,
	 * Connection, key, version, origin) from @random.  @key is filled with
	 * what confirm() needs as hs->key, a C string.
	 */
	void (*request)(const struct lws_handshake *hs,
			const uint8_t random[LWS_HANDSHAKE_RANDOM],
			char key[LWS_HANDSHAKE_KEY], struct lws_buf *out);

	/*
	 * Client: does the answer fit the key sent?  0, or LWS_ERR_PROTOCOL
	 * with a constant text in *@why.
	 */
	int (*confirm)(const struct lws_handshake *hs, const char **why);
};

extern const struct lws_handshake_ops lws_handshake_13;

#endif
