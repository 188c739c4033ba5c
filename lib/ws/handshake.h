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

/* the most random bytes that a version consumes, in a multiple of 16 */
#define LWS_HANDSHAKE_RANDOM 96

/* room for the text of a key or nonce */
#define LWS_HANDSHAKE_KEY 32

/* room for what stands behind the head of an answer */
#define LWS_HANDSHAKE_BODY 16

/*
 * What both heads say, as far as versions differ; absent is {NULL, 0}.  With
 * confirm(), host, target and origin are the request's, everything else is the
 * answer's but the key.
 */
struct lws_handshake {
	struct lws_span host, target, origin;
	struct lws_span key;		/* Sec-WebSocket-Key, or what request()
					 * made */
	struct lws_span key1, key2;	/* Sec-WebSocket-Key1 and -Key2 */
	struct lws_span body;		/* what followed the head */
	struct lws_span accept, nonce;	/* Sec-WebSocket-Accept, -Nonce */
	struct lws_span upgrade;	/* Upgrade */
	struct lws_span location;	/* Sec-WebSocket-Location */
	struct lws_span same_origin;	/* Sec-WebSocket-Origin */
	bool secure;			/* wss */
};

struct lws_handshake_ops {
	const char *version;	/* as in its field; NULL: has none */
	const char *origin;	/* name of the client's field for that */
	bool origin_needed;	/* a request without is against the draft */
	bool blank_lists;	/* blanks part the names of subprotocols */
	bool must_agree;	/* who asks for one must be given one */
	uint8_t request_body;	/* bytes behind the head of a request: the
				 * first of the random bytes it is made of */
	uint8_t answer_body;	/* and of an answer, which prove() makes */
	uint8_t random;		/* random bytes that request() consumes */

	/* Server: 0, or the HTTP status that refuses the request. */
	int (*check)(const struct lws_handshake *hs);

	/*
	 * Server: the answer's status line and fields, all but those that
	 * agree on a subprotocol and extensions, and the empty line.  @random
	 * is 16 bytes; @nonce is filled, a C string, with what a framer needs
	 * as nonce, "" when that is nothing.
	 */
	void (*answer)(const struct lws_handshake *hs, const uint8_t *random,
		       char nonce[LWS_HANDSHAKE_KEY], struct lws_buf *out);

	/* Server: what stands behind the head of the answer, if anything. */
	void (*prove)(const struct lws_handshake *hs,
		      uint8_t out[LWS_HANDSHAKE_BODY]);

	/*
	 * Client (this and confirm() are NULL where none is built): the
	 * version's own fields of the request (Upgrade,
	 * Connection, keys, version, origin) from @random.  @key is filled
	 * with what confirm() needs as hs->key: its length.
	 */
	size_t (*request)(const struct lws_handshake_ops *ops,
			  const struct lws_handshake *hs,
			  const uint8_t *random, char key[LWS_HANDSHAKE_KEY],
			  struct lws_buf *out);

	/*
	 * Client: does the answer fit the key sent?  0, or LWS_ERR_PROTOCOL
	 * with a constant text in *@why.
	 */
	int (*confirm)(const struct lws_handshake *hs, const char **why);
};

extern const struct lws_handshake_ops lws_handshake_13;
extern const struct lws_handshake_ops lws_handshake_08;
extern const struct lws_handshake_ops lws_handshake_07;
extern const struct lws_handshake_ops lws_handshake_06;
extern const struct lws_handshake_ops lws_handshake_05;
extern const struct lws_handshake_ops lws_handshake_04;
extern const struct lws_handshake_ops lws_handshake_76;

#endif
