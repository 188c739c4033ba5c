/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * md5_test.c - the digest of RFC 1321.
 */
#include "unit/unit.h"

#include <stdio.h>

#include "crypto/crypto.h"

static void
assert_digest(const void *data, size_t len, const char *want)
{
	uint8_t digest[LWS_MD5_LEN], *copy = malloc(len ? len : 1);
	char hex[2 * LWS_MD5_LEN + 1];
	size_t n;

	assert_non_null(copy);
	if (len)
		memcpy(copy, data, len);
	lws_md5(copy, len, digest);
	for (n = 0; n < LWS_MD5_LEN; n++)
		snprintf(hex + 2 * n, 3, "%02x", digest[n]);
	assert_string_equal(hex, want);
	free(copy);
}

static void
test_the_suite_of_the_rfc(void **state)
{
	static const struct {
		const char *text, *digest;
	} rows[] = {
		{ "", "d41d8cd98f00b204e9800998ecf8427e" },
		{ "a", "0cc175b9c0f1b6a831c399e269772661" },
		{ "abc", "900150983cd24fb0d6963f7d28e17f72" },
		{ "message digest", "f96b697d7cb7938d525a2f31aaf161d0" },
		{ "abcdefghijklmnopqrstuvwxyz",
		  "c3fcd3d76192e4007dfb496cca67e13b" },
		{ "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
		  "0123456789", "d174ab98d277d9f5a5611c2c9f419d9f" },
		{ "1234567890123456789012345678901234567890123456789012345678"
		  "9012345678901234567890",
		  "57edf4a22be3c955ac49da2e2107b67a" },
	};
	size_t n;

	(void)state;
	for (n = 0; n < COUNT(rows); n++)
		assert_digest(rows[n].text, strlen(rows[n].text),
			      rows[n].digest);
}

/* where the padding needs a block of its own, and where it does not */
static void
test_every_length_around_a_block(void **state)
{
	static const struct {
		size_t len;
		const char *digest;
	} rows[] = {
		{ 55, "ef1772b6dff9a122358552954ad0df65" },
		{ 56, "3b0c8ac703f828b04c6c197006d17218" },
		{ 57, "652b906d60af96844ebd21b674f35e93" },
		{ 63, "b06521f39153d618550606be297466d5" },
		{ 64, "014842d480b571495a4a0363793f7367" },
		{ 65, "c743a45e0d2e6a95cb859adae0248435" },
		{ 119, "8a7bd0732ed6a28ce75f6dabc90e1613" },
		{ 120, "5f61c0ccad4cac44c75ff505e1f1e537" },
		{ 128, "e510683b3f5ffe4093d021808bc6ff70" },
		{ 1000, "cabe45dcc9ae5b66ba86600cca6b8ba8" },
	};
	uint8_t a[1000];
	size_t n;

	(void)state;
	memset(a, 'a', sizeof(a));
	for (n = 0; n < COUNT(rows); n++)
		assert_digest(a, rows[n].len, rows[n].digest);
}

static void
test_every_byte_matters(void **state)
{
	uint8_t text[70] = { 0 }, plain[LWS_MD5_LEN], other[LWS_MD5_LEN];
	size_t n;

	(void)state;
	lws_md5(text, sizeof(text), plain);
	for (n = 0; n < sizeof(text); n++) {
		text[n] = 0x80;
		lws_md5(text, sizeof(text), other);
		assert_memory_not_equal(plain, other, sizeof(plain));
		text[n] = 0;
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_suite_of_the_rfc),
		cmocka_unit_test(test_every_length_around_a_block),
		cmocka_unit_test(test_every_byte_matters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
