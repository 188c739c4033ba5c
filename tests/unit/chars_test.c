/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * http/chars.c: which octets may stand where.
 */
#include "unit/unit.h"

#include "http/chars.h"

static bool
among(uint8_t c, const char *set)
{
	return c && strchr(set, c);
}

static bool
alnum(uint8_t c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
	       (c >= 'a' && c <= 'z');
}

static void
test_every_octet_is_in_its_sets(void **state)
{
	unsigned n;

	(void)state;
	for (n = 0; n < 256; n++) {
		uint8_t c = (uint8_t)n;
		struct lws_span s = lws_span(&c, 1);
		bool control = n < 0x20 || n == 0x7f;

		assert_int_equal(lws_chars_token(s),
				 alnum(c) || among(c, "!#$%&'*+-.^_`|~"));
		assert_int_equal(lws_chars_host(s),
				 alnum(c) ||
				 among(c, "-._~!$&'()*+,;=%:[]"));
		assert_int_equal(lws_chars_value(s), !control || c == '\t');
		assert_int_equal(lws_chars_target(s),
				 !control && c != ' ' && c != '#');
	}
}

static void
test_one_wrong_octet_anywhere_is_seen(void **state)
{
	uint8_t text[80];
	size_t len, at;

	(void)state;
	for (len = 1; len <= sizeof(text); len++) {
		memset(text, 'a', len);
		for (at = 0; at < len; at++) {
			struct lws_span s = lws_span(text, len);

			assert_true(lws_chars_value(s));
			text[at] = 0x0d;
			assert_int_equal(lws_chars_token(s), at);
			assert_false(lws_chars_value(s));
			assert_false(lws_chars_target(s));
			assert_false(lws_chars_host(s));
			text[at] = 'a';
		}
		assert_int_equal(lws_chars_token(lws_span(text, len)), len);
		assert_true(lws_chars_host(lws_span(text, len)));
	}
}

/* Eight octets are looked at together: each value at each place of them. */
static void
test_every_octet_counts_wherever_it_stands(void **state)
{
	static const uint8_t others[] = { 0x20, 0x7e, 0x80, 0xff, 0x09 };
	uint8_t text[17];
	size_t at, n;
	unsigned c;

	(void)state;
	for (n = 0; n < sizeof(others); n++) {
		memset(text, others[n], sizeof(text));
		for (at = 0; at < sizeof(text); at++) {
			for (c = 0; c < 256; c++) {
				text[at] = (uint8_t)c;
				assert_int_equal(
					lws_chars_value(lws_span(text, 17)),
					(c >= 0x20 && c != 0x7f) || c == 9);
			}
			text[at] = others[n];
		}
	}
}

static void
test_nothing_has_nothing_wrong(void **state)
{
	(void)state;
	assert_int_equal(lws_chars_token(lws_span(NULL, 0)), 0);
	assert_true(lws_chars_value(lws_span(NULL, 0)));
	assert_true(lws_chars_target(lws_span(NULL, 0)));
	assert_true(lws_chars_host(lws_span(NULL, 0)));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_octet_is_in_its_sets),
		cmocka_unit_test(test_one_wrong_octet_anywhere_is_seen),
		cmocka_unit_test(test_every_octet_counts_wherever_it_stands),
		cmocka_unit_test(test_nothing_has_nothing_wrong),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
