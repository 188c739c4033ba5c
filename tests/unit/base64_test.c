/* SPDX-License-Identifier: LGPL-2.1-only */
/* Tests of crypto/base64.c. */
#include "unit/unit.h"

#include <limits.h>

/* RFC 4648 section 10, and bytes that use both ends of the alphabet */
static const struct {
	const char *plain, *coded;
} vectors[] = {
	{ "", "" }, { "f", "Zg==" }, { "fo", "Zm8=" }, { "foo", "Zm9v" },
	{ "foob", "Zm9vYg==" }, { "fooba", "Zm9vYmE=" },
	{ "foobar", "Zm9vYmFy" }, { "\xff\xff\xfe", "///+" },
	{ "\xfb\xef\xbe", "++++" },
};

static void
test_published_vectors_both_ways(void **state)
{
	char out[32];
	size_t n;

	(void)state;
	for (n = 0; n < COUNT(vectors); n++) {
		const int plain = (int)strlen(vectors[n].plain);
		const int coded = (int)strlen(vectors[n].coded);

		assert_int_equal(lws_b64_encode_string(vectors[n].plain, plain,
						       out, sizeof(out)),
				 coded);
		assert_string_equal(out, vectors[n].coded);
		assert_int_equal(lws_b64_decode_string(vectors[n].coded, out,
						       sizeof(out)), plain);
		assert_string_equal(out, vectors[n].plain);
	}
}

static void
test_every_length_comes_back_and_fits_exactly(void **state)
{
	char plain[200], *coded, *back;
	int len, n;

	(void)state;
	for (n = 0; n < (int)sizeof(plain); n++)
		plain[n] = (char)(n * 73 + 29);
	for (len = 0; len <= (int)sizeof(plain); len++) {
		const int want = (len + 2) / 3 * 4;

		coded = malloc((size_t)want + 1);
		back = malloc((size_t)len + 1);
		assert_true(coded && back);
		assert_int_equal(lws_b64_encode_string(plain, len, coded,
						       want), -1);
		assert_int_equal(lws_b64_encode_string(plain, len, coded,
						       want + 1), want);
		assert_int_equal(strlen(coded), want);
		assert_int_equal(lws_b64_decode_string(coded, back, len), -1);
		assert_int_equal(lws_b64_decode_string(coded, back, len + 1),
				 len);
		assert_memory_equal(back, plain, (size_t)len);
		assert_int_equal(back[len], '\0');
		free(coded);
		free(back);
	}
}

static void
test_decoding_passes_over_foreign_characters(void **state)
{
	static const char *const rows[] = {
		"Zm9vYmFy", " Zm9v YmFy ", "Zm9v\r\nYmFy\r\n", "Z-m_9.v!YmFy",
		"\x80Zm9v\xff" "Ym\x01" "Fy", "Zm9vYmFy====", "=Zm9vYmFy",
	};
	char out[32];
	size_t n;

	(void)state;
	for (n = 0; n < COUNT(rows); n++) {
		assert_int_equal(lws_b64_decode_string(rows[n], out,
						       sizeof(out)), 6);
		assert_string_equal(out, "foobar");
	}
	assert_int_equal(lws_b64_decode_string("!\"#$%&'()*,-.:;<=>?@[]^_`{|}~",
					       out, sizeof(out)), 0);
}

static void
test_a_short_last_group_gives_its_whole_bytes(void **state)
{
	char out[8];

	(void)state;
	assert_int_equal(lws_b64_decode_string("Z", out, sizeof(out)), 0);
	assert_int_equal(lws_b64_decode_string("Zg", out, sizeof(out)), 1);
	assert_string_equal(out, "f");
	assert_int_equal(lws_b64_decode_string("Zm8", out, sizeof(out)), 2);
	assert_string_equal(out, "fo");
	assert_int_equal(lws_b64_decode_string("Zm9vY", out, sizeof(out)), 3);
	assert_string_equal(out, "foo");
}

static void
test_all_sixty_four_characters_have_their_value(void **state)
{
	static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
		"abcdefghijklmnopqrstuvwxyz0123456789+/";
	char word[5] = "AAAA", out[4];
	int n;

	(void)state;
	for (n = 0; n < 64; n++) {
		word[3] = alphabet[n];
		assert_int_equal(lws_b64_decode_string(word, out, 4), 3);
		assert_int_equal(out[2], n);
		assert_int_equal(lws_b64_encode_string(out, 3, word, 5), 4);
		assert_int_equal(word[3], alphabet[n]);
	}
}

static void
test_lengths_that_make_no_sense_are_refused(void **state)
{
	char out[8] = "unhurt";

	(void)state;
	assert_int_equal(lws_b64_encode_string("abc", -1, out, 8), -1);
	assert_int_equal(lws_b64_encode_string("abc", INT_MIN, out, 8), -1);
	assert_int_equal(lws_b64_encode_string("abc", INT_MAX, out, 8), -1);
	assert_int_equal(lws_b64_encode_string("abc", INT_MAX, out, INT_MAX),
			 -1);
	assert_int_equal(lws_b64_encode_string("", 0, out, 0), -1);
	assert_int_equal(lws_b64_encode_string("", 0, out, -5), -1);
	assert_int_equal(lws_b64_decode_string("", out, 0), -1);
	assert_int_equal(lws_b64_decode_string("Zm9v", out, INT_MIN), -1);
	assert_string_equal(out, "unhurt");
	assert_int_equal(lws_b64_encode_string(NULL, 0, out, 1), 0);
	assert_int_equal(lws_b64_decode_string("", out, 1), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_published_vectors_both_ways),
		cmocka_unit_test(test_every_length_comes_back_and_fits_exactly),
		cmocka_unit_test(test_decoding_passes_over_foreign_characters),
		cmocka_unit_test(test_a_short_last_group_gives_its_whole_bytes),
		cmocka_unit_test(
			test_all_sixty_four_characters_have_their_value),
		cmocka_unit_test(test_lengths_that_make_no_sense_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
