/* SPDX-License-Identifier: LGPL-2.1-only */
/* Tests of base/span.c and span.h. */
#include "unit/unit.h"

#include "base/span.h"

/* the bytes of a string literal, NULs included */
#define SPAN(literal) lws_span(literal, sizeof(literal) - 1)

static void
assert_span(struct lws_span s, const char *text)
{
	if (s.len != strlen(text) || (s.len && memcmp(s.p, text, s.len)))
		fail_msg("got \"%.*s\", not \"%s\"", (int)s.len,
			 s.len ? (const char *)s.p : "", text);
}

static void
test_take_gives_the_front_and_leaves_the_rest(void **state)
{
	struct lws_span s = SPAN("hello");

	(void)state;
	assert_span(lws_span_take(&s, 2), "he");
	assert_span(s, "llo");
	assert_span(lws_span_take(&s, 0), "");
	assert_span(lws_span_take(&s, 99), "llo");
	assert_span(s, "");
	assert_span(lws_span_take(&s, 1), "");
}

static void
test_a_span_of_nothing_may_point_nowhere(void **state)
{
	struct lws_span s = lws_span(NULL, 0);
	uint64_t number;

	(void)state;
	assert_span(lws_span_take(&s, 5), "");
	lws_span_skip(&s, 0);
	assert_null(s.p);
	assert_span(lws_span_take_until(&s, ','), "");
	assert_span(lws_span_trim(s), "");
	assert_true(lws_span_eq(s, ""));
	assert_false(lws_span_eq(s, "x"));
	assert_true(lws_span_eq_nocase(s, ""));
	assert_false(lws_span_number(s, &number));
}

static void
test_take_until_drops_the_stop_and_nothing_else(void **state)
{
	struct lws_span s = SPAN("a,,bc,");

	(void)state;
	assert_span(lws_span_take_until(&s, ','), "a");
	assert_span(lws_span_take_until(&s, ','), "");
	assert_span(lws_span_take_until(&s, ','), "bc");
	assert_int_equal(s.len, 0);
	assert_span(lws_span_take_until(&s, ','), "");
}

static void
test_take_until_takes_all_when_there_is_no_stop(void **state)
{
	struct lws_span s = SPAN("abc"), nul = SPAN("a\0b");

	(void)state;
	assert_span(lws_span_take_until(&s, ';'), "abc");
	assert_int_equal(s.len, 0);
	assert_span(lws_span_take_until(&nul, '\0'), "a");
	assert_span(nul, "b");
}

static void
test_trim_takes_blanks_and_tabs_off_both_ends(void **state)
{
	static const char *const rows[][2] = {
		{ "", "" }, { " ", "" }, { "\t \t", "" }, { "a", "a" },
		{ " a", "a" }, { "a\t", "a" }, { " \ta b\t ", "a b" },
		{ "\na ", "\na" }, { "\va\f", "\va\f" },
	};
	size_t n;

	(void)state;
	for (n = 0; n < COUNT(rows); n++)
		assert_span(lws_span_trim(lws_span_str(rows[n][0])),
			    rows[n][1]);
}

static void
test_equality_is_of_all_bytes(void **state)
{
	(void)state;
	assert_true(lws_span_eq(SPAN("GET"), "GET"));
	assert_false(lws_span_eq(SPAN("GET"), "get"));
	assert_false(lws_span_eq(SPAN("GET"), "GE"));
	assert_false(lws_span_eq(SPAN("GE"), "GET"));
	assert_false(lws_span_eq(SPAN("GET\0"), "GET"));
}

static void
test_case_is_ignored_for_ascii_letters_only(void **state)
{
	unsigned a, b;

	(void)state;
	for (a = 1; a < 256; a++)
		for (b = 1; b < 256; b++) {
			const char str[2] = { (char)b, '\0' };
			const uint8_t byte = (uint8_t)a;
			const bool letters = (a | 32) >= 'a' &&
					     (a | 32) <= 'z' && a < 128;
			const bool same = a == b ||
					  (letters && (a ^ b) == 32);

			assert_int_equal(lws_span_eq_nocase(lws_span(&byte, 1),
							    str), same);
		}
	assert_true(lws_span_eq_nocase(SPAN("UpGrAdE"), "upgrade"));
	assert_false(lws_span_eq_nocase(SPAN("upgrad"), "upgrade"));
	assert_false(lws_span_eq_nocase(SPAN("upgrade "), "upgrade"));
}

static void
test_numbers_are_digits_up_to_64_bits(void **state)
{
	static const struct {
		const char *text;
		bool ok;
		uint64_t value;
	} rows[] = {
		{ "0", true, 0 }, { "7", true, 7 }, { "0000012", true, 12 },
		{ "65535", true, 65535 }, { "4294967296", true, 4294967296u },
		{ "18446744073709551615", true, UINT64_MAX },
		{ "018446744073709551615", true, UINT64_MAX },
		{ "18446744073709551616", false, 0 },
		{ "18446744073709551620", false, 0 },
		{ "99999999999999999999", false, 0 },
		{ "184467440737095516150", false, 0 },
		{ "", false, 0 }, { "+1", false, 0 }, { "-1", false, 0 },
		{ " 1", false, 0 }, { "1 ", false, 0 }, { "0x10", false, 0 },
		{ "1a", false, 0 }, { "1/", false, 0 }, { "1:", false, 0 },
		{ "\xb2", false, 0 },
	};
	size_t n;

	(void)state;
	for (n = 0; n < COUNT(rows); n++) {
		uint64_t got = 4711;
		const bool ok = lws_span_number(lws_span_str(rows[n].text),
						&got);

		if (ok != rows[n].ok ||
		    got != (rows[n].ok ? rows[n].value : 4711))
			fail_msg("row \"%s\"", rows[n].text);
	}
}

static void
test_the_last_of_a_byte_is_found(void **state)
{
	size_t at = 99;

	(void)state;
	assert_true(lws_span_last(SPAN("a:b:c"), ':', &at));
	assert_int_equal(at, 3);
	assert_true(lws_span_last(SPAN(":"), ':', &at));
	assert_int_equal(at, 0);
	assert_false(lws_span_last(SPAN("abc"), ':', &at));
	assert_false(lws_span_last(SPAN(""), ':', &at));
	assert_false(lws_span_last(lws_span(NULL, 0), ':', &at));
	assert_int_equal(at, 0);
}

static void
test_text_is_found_where_it_begins_first(void **state)
{
	static const struct {
		const char *in, *text;
		int at;		/* -1: nowhere */
	} rows[] = {
		{ "abcbc", "bc", 1 }, { "abc", "abc", 0 }, { "aab", "ab", 1 },
		{ "abc", "c", 2 }, { "abc", "cd", -1 }, { "abc", "abcd", -1 },
		{ "", "a", -1 }, { "\r\n\r\r\n\r\n", "\r\n\r\n", 3 },
		{ "\r\n\r", "\r\n\r\n", -1 },
	};
	size_t n;

	(void)state;
	for (n = 0; n < COUNT(rows); n++) {
		const struct lws_span in = lws_span_str(rows[n].in);
		const uint8_t *at = lws_span_find(in, rows[n].text);

		if (at != (rows[n].at < 0 ? NULL : in.p + rows[n].at))
			fail_msg("row \"%s\"", rows[n].in);
	}
	assert_null(lws_span_find(lws_span(NULL, 0), "a"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_take_gives_the_front_and_leaves_the_rest),
		cmocka_unit_test(test_a_span_of_nothing_may_point_nowhere),
		cmocka_unit_test(
			test_take_until_drops_the_stop_and_nothing_else),
		cmocka_unit_test(
			test_take_until_takes_all_when_there_is_no_stop),
		cmocka_unit_test(test_trim_takes_blanks_and_tabs_off_both_ends),
		cmocka_unit_test(test_equality_is_of_all_bytes),
		cmocka_unit_test(test_case_is_ignored_for_ascii_letters_only),
		cmocka_unit_test(test_numbers_are_digits_up_to_64_bits),
		cmocka_unit_test(test_the_last_of_a_byte_is_found),
		cmocka_unit_test(test_text_is_found_where_it_begins_first),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
