/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * crypto/md5.c - the digest that answers the challenge of version 76.
 *
 * RFC 1321.  It is no longer fit for keeping secrets, and keeps none here: a
 * handshake with it proves that the peer speaks the protocol, nothing more.
 * One block per handshake is hashed, so the rounds are a loop over tables.
 */
#include "crypto/crypto.h"

#include "crypto/blocks.h"

/* floor(2^32 * |sin(n + 1)|), section 3.4 */
static const uint32_t sines[64] = {
	0xd76aa478, 0xe8c7b756, 0x242070db, 0xc1bdceee,
	0xf57c0faf, 0x4787c62a, 0xa8304613, 0xfd469501,
	0x698098d8, 0x8b44f7af, 0xffff5bb1, 0x895cd7be,
	0x6b901122, 0xfd987193, 0xa679438e, 0x49b40821,
	0xf61e2562, 0xc040b340, 0x265e5a51, 0xe9b6c7aa,
	0xd62f105d, 0x02441453, 0xd8a1e681, 0xe7d3fbc8,
	0x21e1cde6, 0xc33707d6, 0xf4d50d87, 0x455a14ed,
	0xa9e3e905, 0xfcefa3f8, 0x676f02d9, 0x8d2a4c8a,
	0xfffa3942, 0x8771f681, 0x6d9d6122, 0xfde5380c,
	0xa4beea44, 0x4bdecfa9, 0xf6bb4b60, 0xbebfbc70,
	0x289b7ec6, 0xeaa127fa, 0xd4ef3085, 0x04881d05,
	0xd9d4d039, 0xe6db99e5, 0x1fa27cf8, 0xc4ac5665,
	0xf4292244, 0x432aff97, 0xab9423a7, 0xfc93a039,
	0x655b59c3, 0x8f0ccc92, 0xffeff47d, 0x85845dd1,
	0x6fa87e4f, 0xfe2ce6e0, 0xa3014314, 0x4e0811a1,
	0xf7537e82, 0xbd3af235, 0x2ad7d2bb, 0xeb86d391,
};

/* by how much each step of a round turns its sum, four to a round */
static const uint8_t turns[4][4] = {
	{ 7, 12, 17, 22 },
	{ 5, 9, 14, 20 },
	{ 4, 11, 16, 23 },
	{ 6, 10, 15, 21 },
};

/* the word of the block that step @n takes */
static unsigned
word_of(unsigned n)
{
	switch (n / 16) {
	case 0:
		return n;
	case 1:
		return (5 * n + 1) % 16;
	case 2:
		return (3 * n + 5) % 16;
	default:
		return 7 * n % 16;
	}
}

static uint32_t
mix(unsigned round, uint32_t x, uint32_t y, uint32_t z)
{
	switch (round) {
	case 0:
		return (x & y) | (~x & z);
	case 1:
		return (x & z) | (y & ~z);
	case 2:
		return x ^ y ^ z;
	default:
		return y ^ (x | ~z);
	}
}

static uint32_t
load(const uint8_t *p)
{
	return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 |
	       (uint32_t)p[3] << 24;
}

static void
store(uint8_t *p, uint32_t v)
{
	unsigned n;

	for (n = 0; n < 4; n++)
		p[n] = (uint8_t)(v >> 8 * n);
}

static void
hash_block(uint32_t *h, const uint8_t *block)
{
	uint32_t a = h[0], b = h[1], c = h[2], d = h[3], sum;
	unsigned n, turn;

	for (n = 0; n < 64; n++) {
		sum = a + mix(n / 16, b, c, d) + sines[n] +
		      load(block + 4 * word_of(n));
		turn = turns[n / 16][n % 4];
		a = d;
		d = c;
		c = b;
		b += sum << turn | sum >> (32 - turn);
	}
	h[0] += a;
	h[1] += b;
	h[2] += c;
	h[3] += d;
}

void
lws_md5(const void *data, size_t len, uint8_t digest[LWS_MD5_LEN])
{
	uint32_t h[4] = { 0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476 };
	uint8_t length[LWS_LENGTH_LEN];
	unsigned n;

	store(length, (uint32_t)((uint64_t)len << 3));
	store(length + 4, (uint32_t)((uint64_t)len >> 29));
	lws_hash_message(hash_block, h, data, len, length);
	for (n = 0; n < 4; n++)
		store(digest + 4 * n, h[n]);
}
