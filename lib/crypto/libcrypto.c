/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * crypto/libcrypto.c - the digests by libcrypto, instead of our own.
 *
 * A policy of the system may forbid a digest, and memory may lack.  Then all
 * bytes are zero, and the handshake that asked for them fails: both ends would
 * have to come to that at once for it not to.
 */
#include "crypto/crypto.h"

#include <openssl/evp.h>
#include <string.h>

#include "libwebsockets.h"

void
lws_sha1(const void *data, size_t len, uint8_t digest[LWS_SHA1_LEN])
{
	if (EVP_Digest(data, len, digest, NULL, EVP_sha1(), NULL) != 1)
		memset(digest, 0, LWS_SHA1_LEN);
}

void
lws_md5(const void *data, size_t len, uint8_t digest[LWS_MD5_LEN])
{
	if (EVP_Digest(data, len, digest, NULL, EVP_md5(), NULL) != 1)
		memset(digest, 0, LWS_MD5_LEN);
}

unsigned char *
libwebsockets_SHA1(const unsigned char *d, size_t n, unsigned char *md)
{
	lws_sha1(d, n, md);
	return md;
}
