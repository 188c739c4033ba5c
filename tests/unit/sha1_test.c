/* SPDX-License-Identifier: LGPL-2.1-only */
/* Tests of crypto/sha1.c, or of crypto/libcrypto.c where that is built. */
#include "unit/unit.h"

#include <stdio.h>

#include "crypto/crypto.h"

/*
 * The same digest once more, as the standard words it: a schedule of eighty
 * words, one loop, the message padded as a whole.
 */
static uint32_t
rotate(uint32_t x, int n)
{
	return x << n | x >> (32 - n);
}

static void
plain_block(uint32_t h[5], const uint8_t *block)
{
	uint32_t w[80], v[5], f, k;
	int t;

	for (t = 0; t < 16; t++)
		w[t] = (uint32_t)block[4 * t] << 24 |
		       (uint32_t)block[4 * t + 1] << 16 |
		       (uint32_t)block[4 * t + 2] << 8 | block[4 * t + 3];
	for (; t < 80; t++)
		w[t] = rotate(w[t - 3] ^ w[t - 8] ^ w[t - 14] ^ w[t - 16], 1);
	memcpy(v, h, sizeof(v));
	for (t = 0; t < 80; t++) {
		if (t < 20) {
			f = (v[1] & v[2]) | (~v[1] & v[3]);
			k = 0x5a827999;
		} else if (t >= 40 && t < 60) {
			f = (v[1] & v[2]) | (v[1] & v[3]) | (v[2] & v[3]);
			k = 0x8f1bbcdc;
		} else {
			f = v[1] ^ v[2] ^ v[3];
			k = t < 40 ? 0x6ed9eba1 : 0xca62c1d6;
		}
		f += rotate(v[0], 5) + v[4] + k + w[t];
		v[4] = v[3];
		v[3] = v[2];
		v[2] = rotate(v[1], 30);
		v[1] = v[0];
		v[0] = f;
	}
	for (t = 0; t < 5; t++)
		h[t] += v[t];
}

static void
plain_sha1(const uint8_t *data, size_t len, uint8_t digest[20])
{
	uint32_t h[5] = {
		0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0,
	};
	uint8_t padded[512] = { 0 };
	size_t total = (len + 8) / 64 * 64 + 64, n;

	assert_true(total <= sizeof(padded));
	memcpy(padded, data, len);
	padded[len] = 0x80;
	padded[total - 2] = (uint8_t)(len * 8 >> 8);
	padded[total - 1] = (uint8_t)(len * 8);
	for (n = 0; n < total; n += 64)
		plain_block(h, padded + n);
	for (n = 0; n < 20; n++)
		digest[n] = (uint8_t)(h[n / 4] >> (24 - n % 4 * 8));
}

static void
assert_digest(const void *data, size_t len, const char *want)
{
	uint8_t digest[LWS_SHA1_LEN];
	char hex[2 * LWS_SHA1_LEN + 1];
	int n;

	lws_sha1(data, len, digest);
	for (n = 0; n < LWS_SHA1_LEN; n++)
		snprintf(hex + 2 * n, 3, "%02x", digest[n]);
	assert_string_equal(hex, want);
}

static void
test_published_vectors(void **state)
{
	static const char *const rows[][2] = {
		{ "", "da39a3ee5e6b4b0d3255bfef95601890afd80709" },
		{ "abc", "a9993e364706816aba3e25717850c26c9cd0d89d" },
		{ "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
		  "84983e441c3bd26ebaae4aa1f95129e5e54670f1" },
		{ "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmn"
		  "hijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu",
		  "a49b2446a02c645bf419f995b67091253a04a259" },
		/* RFC 6455 section 1.3 */
		{ "dGhlIHNhbXBsZSBub25jZQ=="
		  "258EAFA5-E914-47DA-95CA-C5AB0DC85B11",
		  "b37a4f2cc0624f1690f64606cf385945b2bec4ea" },
	};
	size_t n;

	(void)state;
	for (n = 0; n < COUNT(rows); n++)
		assert_digest(rows[n][0], strlen(rows[n][0]), rows[n][1]);
}

static void
test_a_million_times_a(void **state)
{
	char *text = malloc(1000000);

	(void)state;
	assert_non_null(text);
	memset(text, 'a', 1000000);
	assert_digest(text, 1000000,
		      "34aa973cd4c4daa4f61eeb2bdbad27316534016f");
	free(text);
}

static void
test_every_length_agrees_with_the_plain_form(void **state)
{
	uint8_t want[20], got[20];
	size_t len, n;

	(void)state;
	for (len = 0; len <= 300; len++) {
		uint8_t *data = malloc(len + 1);

		assert_non_null(data);
		for (n = 0; n < len; n++)
			data[n] = (uint8_t)(n * 131 + len * 17 + 3);
		plain_sha1(data, len, want);
		lws_sha1(data, len, got);
		assert_memory_equal(got, want, 20);
		free(data);
	}
}

static void
test_data_may_lie_at_any_address(void **state)
{
	uint8_t room[200 + 8], want[20], got[20];
	size_t n;

	(void)state;
	for (n = 0; n < sizeof(room); n++)
		room[n] = (uint8_t)n;
	for (n = 0; n < 8; n++) {
		plain_sha1(room + n, 200, want);
		lws_sha1(room + n, 200, got);
		assert_memory_equal(got, want, 20);
	}
}

static void
test_the_public_name_gives_its_buffer_back(void **state)
{
	uint8_t want[20], got[20];

	(void)state;
	lws_sha1("abc", 3, want);
	assert_ptr_equal(libwebsockets_SHA1((const uint8_t *)"abc", 3, got),
			 got);
	assert_memory_equal(got, want, 20);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_published_vectors),
		cmocka_unit_test(test_a_million_times_a),
		cmocka_unit_test(test_every_length_agrees_with_the_plain_form),
		cmocka_unit_test(test_data_may_lie_at_any_address),
		cmocka_unit_test(test_the_public_name_gives_its_buffer_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
