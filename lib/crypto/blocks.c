/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * crypto/blocks.c - a message as the blocks that SHA-1 and MD5 digest.
 *
 * Both fill up the last block alike (RFC 1321 sections 3.1 and 3.2, FIPS 180-4
 * section 5.1.1): a byte 0x80, zeroes, the length.  The message is digested
 * where it lies; only its last bytes are copied, to be filled up.
 */
#include "crypto/blocks.h"

#include <string.h>

void
lws_hash_message(lws_hash_block *hash, uint32_t *h, const void *data,
		 size_t len, const uint8_t length[LWS_LENGTH_LEN])
{
	uint8_t last[LWS_BLOCK_LEN];
	const uint8_t *bytes = data;

	for (; len >= LWS_BLOCK_LEN; len -= LWS_BLOCK_LEN) {
		hash(h, bytes);
		bytes += LWS_BLOCK_LEN;
	}
	memset(last, 0, sizeof(last));
	if (len)
		memcpy(last, bytes, len);
	last[len++] = 0x80;
	if (len > LWS_BLOCK_LEN - LWS_LENGTH_LEN) {
		hash(h, last);
		memset(last, 0, sizeof(last));
	}
	memcpy(last + LWS_BLOCK_LEN - LWS_LENGTH_LEN, length, LWS_LENGTH_LEN);
	hash(h, last);
}
