/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * ws/handshake-04.c - the opening handshakes of versions 4 to 8.
 *
 * They are that of RFC 6455 under another number and with another name for the
 * origin, which 4 and 5 want of every client.  In 4 the answer also brings a
 * nonce, half of what the frames are masked with.
 */
#include "ws/handshake-13.h"

#include "base/compiler.h"
#include "base/err.h"
#include "libwebsockets.h"

static void
answer_04(const struct lws_handshake *hs, const uint8_t *random,
	  char nonce[LWS_HANDSHAKE_KEY], struct lws_buf *out)
{
	lws_handshake13_answer(hs, random, nonce, out);
	lws_b64_encode_string((const char *)random, LWS_KEY_RANDOM, nonce,
			      LWS_HANDSHAKE_KEY);
	lws_buf_puts(out, "Sec-WebSocket-Nonce: ");
	lws_buf_puts(out, nonce);
	lws_buf_puts(out, "\r\n");
}

static int
confirm_04(const struct lws_handshake *hs, const char **why)
{
	if (!lws_key_ok(hs->nonce)) {
		*why = "no single Sec-WebSocket-Nonce of 16 bytes";
		return LWS_ERR_PROTOCOL;
	}
	return lws_handshake13_confirm(hs, why);
}

const struct lws_handshake_ops lws_handshake_08 = {
	.version = "8",
	.origin = "Sec-WebSocket-Origin",
	.random = LWS_KEY_RANDOM,
	.check = lws_handshake13_check,
	.answer = lws_handshake13_answer,
	.request = LWS_OF_CLIENT(lws_handshake13_request),
	.confirm = LWS_OF_CLIENT(lws_handshake13_confirm),
};

const struct lws_handshake_ops lws_handshake_07 = {
	.version = "7",
	.origin = "Sec-WebSocket-Origin",
	.random = LWS_KEY_RANDOM,
	.check = lws_handshake13_check,
	.answer = lws_handshake13_answer,
	.request = LWS_OF_CLIENT(lws_handshake13_request),
	.confirm = LWS_OF_CLIENT(lws_handshake13_confirm),
};

const struct lws_handshake_ops lws_handshake_06 = {
	.version = "6",
	.origin = "Sec-WebSocket-Origin",
	.random = LWS_KEY_RANDOM,
	.check = lws_handshake13_check,
	.answer = lws_handshake13_answer,
	.request = LWS_OF_CLIENT(lws_handshake13_request),
	.confirm = LWS_OF_CLIENT(lws_handshake13_confirm),
};

const struct lws_handshake_ops lws_handshake_05 = {
	.version = "5",
	.origin = "Sec-WebSocket-Origin",
	.origin_needed = true,
	.random = LWS_KEY_RANDOM,
	.check = lws_handshake13_check,
	.answer = lws_handshake13_answer,
	.request = LWS_OF_CLIENT(lws_handshake13_request),
	.confirm = LWS_OF_CLIENT(lws_handshake13_confirm),
};

const struct lws_handshake_ops lws_handshake_04 = {
	.version = "4",
	.origin = "Sec-WebSocket-Origin",
	.origin_needed = true,
	.random = LWS_KEY_RANDOM,
	.check = lws_handshake13_check,
	.answer = answer_04,
	.request = LWS_OF_CLIENT(lws_handshake13_request),
	.confirm = LWS_OF_CLIENT(confirm_04),
};
