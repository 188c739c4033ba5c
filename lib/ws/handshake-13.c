/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * ws/handshake-13.c - the opening handshake of RFC 6455, both ways; versions 5
 * to 8 differ in what struct lws_handshake_ops says of them, 4 in little more.
 *
 * What it proves is small: the answer holds a digest of the key's text and of
 * a number no other protocol knows (section 4.2.2), so both ends have met
 * someone who speaks this protocol and has read this very request.
 */
#include "ws/handshake-13.h"

#include <string.h>

#include "base/compiler.h"
#include "base/err.h"
#include "crypto/crypto.h"
#include "libwebsockets.h"

#define GUID "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"

/* 20 bytes in base64 */
#define ACCEPT_LEN 28

#define BAD_REQUEST 400

static bool
base64_digit(uint8_t c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
	       (c >= '0' && c <= '9') || c == '+' || c == '/';
}

/*
 * Base64 of 16 bytes is 22 digits and two signs for what is missing.  The
 * last digit has four bits too many; the RFC's own example sets one of them.
 */
bool
lws_key_ok(struct lws_span key)
{
	size_t n;

	if (key.len != LWS_KEY_LEN)
		return false;
	for (n = 0; n < LWS_KEY_LEN - 2; n++)
		if (!base64_digit(key.p[n]))
			return false;
	return key.p[n] == '=' && key.p[n + 1] == '=';
}

/* Fill @accept with the answer to a key of LWS_KEY_LEN bytes, as a C string. */
static void
make_accept(struct lws_span key, char accept[ACCEPT_LEN + 1])
{
	uint8_t text[LWS_KEY_LEN + sizeof(GUID) - 1];
	uint8_t digest[LWS_SHA1_LEN];

	memcpy(text, key.p, LWS_KEY_LEN);
	memcpy(text + LWS_KEY_LEN, GUID, sizeof(GUID) - 1);
	lws_sha1(text, sizeof(text), digest);
	lws_b64_encode_string((const char *)digest, LWS_SHA1_LEN, accept,
			      ACCEPT_LEN + 1);
}

int
lws_handshake13_check(const struct lws_handshake *hs)
{
	return lws_key_ok(hs->key) ? 0 : BAD_REQUEST;
}

void
lws_handshake13_answer(const struct lws_handshake *hs, const uint8_t *random,
		       char nonce[LWS_HANDSHAKE_KEY], struct lws_buf *out)
{
	char accept[ACCEPT_LEN + 1];

	(void)random;
	nonce[0] = '\0';
	make_accept(hs->key, accept);
	lws_buf_puts(out, "HTTP/1.1 101 Switching Protocols\r\n"
			  "Upgrade: websocket\r\n"
			  "Connection: Upgrade\r\n"
			  "Sec-WebSocket-Accept: ");
	lws_buf_put(out, accept, ACCEPT_LEN);
	lws_buf_put(out, "\r\n", 2);
}

/* Where an origin is needed and there is none, "null" says so (RFC 6454). */
static void
put_origin(const struct lws_handshake_ops *ops, struct lws_span origin,
	   struct lws_buf *out)
{
	if (!origin.p && ops->origin_needed)
		origin = lws_span_str("null");
	if (!origin.p)
		return;
	lws_buf_puts(out, ops->origin);
	lws_buf_puts(out, ": ");
	lws_buf_span(out, origin);
	lws_buf_puts(out, "\r\n");
}

size_t
lws_handshake13_request(const struct lws_handshake_ops *ops,
			const struct lws_handshake *hs, const uint8_t *random,
			char key[LWS_HANDSHAKE_KEY], struct lws_buf *out)
{
	lws_b64_encode_string((const char *)random, LWS_KEY_RANDOM, key,
			      LWS_HANDSHAKE_KEY);
	lws_buf_puts(out, "Upgrade: websocket\r\n"
			  "Connection: Upgrade\r\n"
			  "Sec-WebSocket-Key: ");
	lws_buf_puts(out, key);
	lws_buf_puts(out, "\r\n");
	put_origin(ops, hs->origin, out);
	lws_buf_puts(out, "Sec-WebSocket-Version: ");
	lws_buf_puts(out, ops->version);
	lws_buf_puts(out, "\r\n");
	return LWS_KEY_LEN;
}

int
lws_handshake13_confirm(const struct lws_handshake *hs, const char **why)
{
	char accept[ACCEPT_LEN + 1];

	if (!hs->accept.p) {
		*why = "no single Sec-WebSocket-Accept";
		return LWS_ERR_PROTOCOL;
	}
	make_accept(hs->key, accept);
	if (hs->accept.len != ACCEPT_LEN ||
	    memcmp(hs->accept.p, accept, ACCEPT_LEN) != 0) {
		*why = "Sec-WebSocket-Accept does not fit the key";
		return LWS_ERR_PROTOCOL;
	}
	return 0;
}

const struct lws_handshake_ops lws_handshake_13 = {
	.version = "13",
	.origin = "Origin",
	.random = LWS_KEY_RANDOM,
	.check = lws_handshake13_check,
	.answer = lws_handshake13_answer,
	.request = LWS_OF_CLIENT(lws_handshake13_request),
	.confirm = LWS_OF_CLIENT(lws_handshake13_confirm),
};
