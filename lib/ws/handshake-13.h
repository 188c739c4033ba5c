/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * ws/handshake-13.h - functions of version 13 for older versions that open
 * alike.  What they do is said at struct lws_handshake_ops.
 */
#ifndef LWS_WS_HANDSHAKE_13_H
#define LWS_WS_HANDSHAKE_13_H

#include "ws/handshake.h"

/* random bytes of a key or nonce, and their base64 */
#define LWS_KEY_RANDOM 16
#define LWS_KEY_LEN    24

/* Can this be the base64 of 16 bytes? */
bool lws_key_ok(struct lws_span key);

int lws_handshake13_check(const struct lws_handshake *hs);
void lws_handshake13_answer(const struct lws_handshake *hs,
			    const uint8_t *random,
			    char nonce[LWS_HANDSHAKE_KEY],
			    struct lws_buf *out);
size_t lws_handshake13_request(const struct lws_handshake_ops *ops,
			       const struct lws_handshake *hs,
			       const uint8_t *random,
			       char key[LWS_HANDSHAKE_KEY],
			       struct lws_buf *out);
int lws_handshake13_confirm(const struct lws_handshake *hs, const char **why);

#endif
