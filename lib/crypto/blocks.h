/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * crypto/blocks.h - a message as the blocks that SHA-1 and MD5 digest.
 */
#ifndef LWS_CRYPTO_BLOCKS_H
#define LWS_CRYPTO_BLOCKS_H

#include <stddef.h>
#include <stdint.h>

#define LWS_BLOCK_LEN  64
#define LWS_LENGTH_LEN 8

/* Mix @block of LWS_BLOCK_LEN bytes into the state @h. */
typedef void(lws_hash_block)(uint32_t *h, const uint8_t *block);

/*
 * Have @hash mix all of the message into @h.  @length is that of the message
 * in bits, in the byte order of its digest: the end of the last block.
 */
void lws_hash_message(lws_hash_block *hash, uint32_t *h, const void *data,
		      size_t len, const uint8_t length[LWS_LENGTH_LEN]);

#endif
