/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * crypto/sha1.c - the digest behind Sec-WebSocket-Accept.
 *
 * FIPS 180-4 section 6.1.  Two blocks are digested a handshake, and the rounds
 * are one loop: five at a time written out take half the instructions, and 700
 * bytes more.
 */
#include "crypto/crypto.h"

#include "libwebsockets.h"
#include "base/compiler.h"
#include "crypto/blocks.h"

#define WORDS  5
#define ROUNDS 80

#define BLOCK_WORDS (LWS_BLOCK_LEN / 4)

#define TURN(x, n) ((x) << (n) | (x) >> (32 - (n)))

static const uint32_t constants[] = {
	0x5a827999, 0x6ed9eba1, 0x8f1bbcdc, 0xca62c1d6,
};

/* How the rounds of each twenty mix three of the words. */
static uint32_t
mix(size_t twenty, uint32_t b, uint32_t c, uint32_t d)
{
	if (twenty == 0)
		return d ^ (b & (c ^ d));
	if (twenty == 2)
		return (b & c) | (d & (b | c));
	return b ^ c ^ d;
}

/* A word a round: the block itself, then each mixed from four before it. */
static void
spread(uint32_t w[ROUNDS], const uint8_t *block)
{
	uint32_t sum;
	size_t n;

	for (n = 0; n < BLOCK_WORDS; n++)
		w[n] = lws_be32(block + 4 * n);
	for (; n < ROUNDS; n++) {
		sum = w[n - 3] ^ w[n - 8] ^ w[n - 14] ^ w[n - 16];
		w[n] = TURN(sum, 1);
	}
}

static void
hash_block(uint32_t *h, const uint8_t *block)
{
	uint32_t a = h[0], b = h[1], c = h[2], d = h[3], e = h[4], sum;
	uint32_t w[ROUNDS];
	size_t n;

	spread(w, block);
	for (n = 0; n < ROUNDS; n++) {
		sum = TURN(a, 5) + mix(n / 20, b, c, d) + e +
		      constants[n / 20] + w[n];
		e = d;
		d = c;
		c = TURN(b, 30);
		b = a;
		a = sum;
	}
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
