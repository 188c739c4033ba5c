/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * crypto/sha1.c - the digest behind Sec-WebSocket-Accept.
 *
 * FIPS 180-4 section 6.1.  The message is hashed where it lies; only its last
 * bytes are copied, to be padded.  Five rounds at a time are written out, so
 * that the working variables change places by name instead of being moved.
 * Writing out all eighty is a few per cent faster, and four KiB longer.
 */
#include "crypto/crypto.h"

#include <string.h>

#include "libwebsockets.h"
#include "base/compiler.h"

#define BLOCK_LEN  64
#define LENGTH_LEN 8

#define ROTATE(x, n) ((x) << (n) | (x) >> (32 - (n)))

#define CHOOSE(x, y, z)   ((z) ^ ((x) & ((y) ^ (z))))
#define PARITY(x, y, z)   ((x) ^ (y) ^ (z))
#define MAJORITY(x, y, z) (((x) & (y)) | ((z) & ((x) | (y))))

#define BLOCK_WORDS 16
#define ROUNDS      80

#define ROUND(f, k, w, a, b, c, d, e) \
	do { \
		e += ROTATE(a, 5) + f(b, c, d) + (k) + (w); \
		b = ROTATE(b, 30); \
	} while (0)

/* Five rounds bring every variable back to its own name. */
#define TWENTY(f, k, t) \
	for (w = schedule + (t); w < schedule + (t) + 20; w += 5) { \
		ROUND(f, k, w[0], a, b, c, d, e); \
		ROUND(f, k, w[1], e, a, b, c, d); \
		ROUND(f, k, w[2], d, e, a, b, c); \
		ROUND(f, k, w[3], c, d, e, a, b); \
		ROUND(f, k, w[4], b, c, d, e, a); \
	}

#define K1 0x5a827999u
#define K2 0x6ed9eba1u
#define K3 0x8f1bbcdcu
#define K4 0xca62c1d6u

/* A word a round: the block itself, then each mixed from four before it. */
static void
spread(uint32_t w[ROUNDS], const uint8_t *block)
{
	uint32_t mix;
	size_t t;

	for (t = 0; t < BLOCK_WORDS; t++)
		w[t] = lws_be32(block + 4 * t);
	for (; t < ROUNDS; t++) {
		mix = w[t - 3] ^ w[t - 8] ^ w[t - 14] ^ w[t - 16];
		w[t] = ROTATE(mix, 1);
	}
}

static void
hash_block(uint32_t h[5], const uint8_t *block)
{
	uint32_t a = h[0], b = h[1], c = h[2], d = h[3], e = h[4];
	uint32_t schedule[ROUNDS];
	const uint32_t *w;

	spread(schedule, block);
	TWENTY(CHOOSE, K1, 0);
	TWENTY(PARITY, K2, 20);
	TWENTY(MAJORITY, K3, 40);
	TWENTY(PARITY, K4, 60);

	h[0] += a;
	h[1] += b;
	h[2] += c;
	h[3] += d;
	h[4] += e;
}

/* The last @len (0..63) of @total bytes, then 0x80, zeroes, the bit length. */
static void
hash_tail(uint32_t h[5], const uint8_t *bytes, size_t len, uint64_t total)
{
	uint8_t pad[2 * BLOCK_LEN] = { 0 };
	const size_t end = len + 1 + LENGTH_LEN <= BLOCK_LEN ? BLOCK_LEN
							     : 2 * BLOCK_LEN;

	if (len)
		memcpy(pad, bytes, len);
	pad[len] = 0x80;
	lws_put_be64(pad + end - LENGTH_LEN, total * 8);
	hash_block(h, pad);
	if (end > BLOCK_LEN)
		hash_block(h, pad + BLOCK_LEN);
}

void
lws_sha1(const void *data, size_t len, uint8_t digest[LWS_SHA1_LEN])
{
	uint32_t h[5] = {
		0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0,
	};
	const uint8_t *bytes = data;
	size_t left = len;
	unsigned n;

	while (left >= BLOCK_LEN) {
		hash_block(h, bytes);
		bytes += BLOCK_LEN;
		left -= BLOCK_LEN;
	}
	hash_tail(h, bytes, left, len);
	for (n = 0; n < 5; n++)
		lws_put_be32(digest + 4 * n, h[n]);
}

unsigned char *
libwebsockets_SHA1(const unsigned char *d, size_t n, unsigned char *md)
{
	lws_sha1(d, n, md);
	return md;
}
