/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * Tests of crypto/libcrypto.c: what it does when it is denied a digest.  What
 * digests are is for sha1_test.c and md5_test.c.
 */
#include "unit/unit.h"

#include <openssl/err.h>
#include <openssl/evp.h>

#include "crypto/crypto.h"

#ifndef LWS_LIBCRYPTO
#error "lws_config.h does not tell applications of --enable-libcrypto"
#endif

static void
test_a_digest_that_is_forbidden_is_all_zeros(void **state)
{
	static const uint8_t zeros[LWS_SHA1_LEN];
	uint8_t digest[LWS_SHA1_LEN];

	(void)state;
	assert_int_equal(EVP_set_default_properties(NULL, "fips=yes"), 1);
	memset(digest, 0x55, sizeof(digest));
	lws_md5("abc", 3, digest);
	assert_memory_equal(digest, zeros, LWS_MD5_LEN);
	assert_int_equal(digest[LWS_MD5_LEN], 0x55);
	memset(digest, 0x55, sizeof(digest));
	lws_sha1("abc", 3, digest);
	assert_memory_equal(digest, zeros, LWS_SHA1_LEN);
	assert_int_equal(EVP_set_default_properties(NULL, ""), 1);
	lws_sha1("abc", 3, digest);
	assert_int_equal(digest[0], 0xa9);
	ERR_clear_error();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_digest_that_is_forbidden_is_all_zeros),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
