/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * crypto/sha1.c - the digest behind Sec-WebSocket-Accept.
 *
 * FIPS 180-4 section 6.1.  Two blocks are digested a handshake, and the rounds
 * are loops: five written out at a time save a quarter of the instructions, and
 * cost 600 bytes.
 */
#include "crypto/crypto.h"

#include "libwebsockets.h"
#include "base/compiler.h"
#include "crypto/blocks.h"

#define WORDS  5
#define ROUNDS 80

#define BLOCK_WORDS (LWS_BLOCK_LEN / 4)

#define TURN(x, n) ((x) << (n) | (x) >> (32 - (n)))

#define CHOOSE   (d ^ (b & (c ^ d)))
#define PARITY   (b ^ c ^ d)
#define MAJORITY ((b & c) | (d & (b | c)))

/* The rounds from @t on, that mix in the same way. */
#define TWENTY(mix, k, t) \
	for (n = t; n < (t) + 20; n++) { \
		sum = TURN(a, 5) + (mix) + e + (k) + w[n]; \
		e = d; \
		d = c; \
		c = TURN(b, 30); \
		b = a; \
		a = sum; \
	}

/* A word a round: the block itself, then each mixed from four before it. */
static void
spread(uint32_t w[ROUNDS], const uint8_t *block)
{
	uint32_t mix;
	size_t n;

	for (n = 0; n < BLOCK_WORDS; n++)
		w[n] = lws_be32(block + 4 * n);
	for (; n < ROUNDS; n++) {
		mix = w[n - 3] ^ w[n - 8] ^ w[n - 14] ^ w[n - 16];
		w[n] = TURN(mix, 1);
	}
}

static void
hash_block(uint32_t *h, const uint8_t *block)
{
	uint32_t a = h[0], b = h[1], c = h[2], d = h[3], e = h[4], sum;
	uint32_t w[ROUNDS];
	size_t n;

	spread(w, block);
	TWENTY(CHOOSE, 0x5a827999, 0);
	TWENTY(PARITY, 0x6ed9eba1, 20);
	TWENTY(MAJORITY, 0x8f1bbcdc, 40);
	TWENTY(PARITY, 0xca62c1d6, 60);
	h[0] += a;
	h[1] += b;
	h[2] += c;
	h[3] += d;
	h[4] += e;
}

void
lws_sha1(const void *data, size_t len, uint8_t digest[LWS_SHA1_LEN])
{
	uint32_t h[WORDS] = {
		0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0,
	};
	uint8_t length[LWS_LENGTH_LEN];
	unsigned n;

	lws_put_be64(length, (uint64_t)len * 8);
	lws_hash_message(hash_block, h, data, len, length);
	for (n = 0; n < WORDS; n++)
		lws_put_be32(digest + 4 * n, h[n]);
}

unsigned char *
libwebsockets_SHA1(const unsigned char *d, size_t n, unsigned char *md)
{
	lws_sha1(d, n, md);
	return md;
}
