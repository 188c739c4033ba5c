/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * crypto/crypto.h - the digests the handshakes need.
 *
 * The base64 codec and libwebsockets_SHA1() are public: libwebsockets.h.
 */
#ifndef LWS_CRYPTO_CRYPTO_H
#define LWS_CRYPTO_CRYPTO_H

#include <stddef.h>
#include <stdint.h>

#define LWS_SHA1_LEN 20
#define LWS_MD5_LEN  16

/* The digest of @len bytes at @data; any thread, no state. */
void lws_sha1(const void *data, size_t len, uint8_t digest[LWS_SHA1_LEN]);

/* The same; in builds with old drafts only. */
void lws_md5(const void *data, size_t len, uint8_t digest[LWS_MD5_LEN]);

#endif
