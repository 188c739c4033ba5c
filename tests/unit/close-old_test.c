/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * close-old_test.c - what a Close says before version 13.
 */
#include "unit/unit.h"

#include "base/err.h"
#include "ws/close.h"

static const struct lws_span nothing;

/* the code in what is built, 0 when that is nothing */
static unsigned
built(size_t (*build)(uint8_t *, bool, uint16_t, struct lws_span),
      uint16_t code)
{
	uint8_t out[LWS_CONTROL_MAX];
	const size_t len = build(out, false, code, nothing);

	assert_true(len == 0 || len == 2);
	return len ? lws_be16(out) : 0;
}

static void
test_only_codes_of_the_version_are_sent(void **state)
{
	static const struct {
		uint16_t code, eight, six;
	} rows[] = {
		{ 0, 0, 0 },
		{ 1000, 1000, 1000 },
		{ 1001, 1001, 1001 },
		{ 1002, 1002, 1002 },
		{ 1003, 1003, 1003 },
		{ 1004, 1004, 1004 },
		{ 1005, 0, 0 },
		{ 1006, 0, 0 },
		{ 1007, 1007, 1003 },
		{ 1008, 1002, 1002 },
		{ 1009, 1004, 1004 },
		{ 1010, 1002, 1002 },
		{ 1011, 1001, 1001 },
		{ 1012, 1001, 1001 },
		{ 1013, 1001, 1001 },
		{ 1014, 1002, 1002 },
		{ 1015, 0, 0 },
		{ 3000, 1000, 1000 },
		{ 4999, 1000, 1000 },
	};
	size_t n;

	(void)state;
	for (n = 0; n < COUNT(rows); n++) {
		assert_int_equal(built(lws_close_build_08, rows[n].code),
				 rows[n].eight);
		assert_int_equal(built(lws_close_build_06, rows[n].code),
				 rows[n].six);
	}
}

static void
test_a_reason_goes_along(void **state)
{
	uint8_t out[LWS_CONTROL_MAX];

	(void)state;
	assert_int_equal(lws_close_build_08(out, true, 1009,
					    lws_span_str("big")), 5);
	assert_memory_equal(out, "\x03\xec" "big", 5);
	assert_int_equal(lws_close_build_06(out, true, 1000,
					    lws_span_str("bye")), 5);
	assert_memory_equal(out, "\x03\xe8" "bye", 5);
}

static void
test_any_code_is_taken(void **state)
{
	struct lws_span reason;
	uint8_t bytes[2];
	uint16_t code;
	unsigned n;

	(void)state;
	for (n = 0; n <= 0xffff; n++) {
		lws_put_be16(bytes, (uint16_t)n);
		assert_int_equal(lws_close_parse_08(lws_span(bytes, 2), &code,
						    &reason), 0);
		assert_int_equal(code, n);
		assert_int_equal(lws_close_parse_06(lws_span(bytes, 2), &code,
						    &reason), 0);
		assert_int_equal(code, n);
		assert_int_equal(reason.len, 0);
	}
}

static void
test_nothing_is_no_code_and_one_byte_is_wrong(void **state)
{
	struct lws_span reason;
	uint16_t code = 0;

	(void)state;
	assert_int_equal(lws_close_parse_08(nothing, &code, &reason), 0);
	assert_int_equal(code, 1005);
	code = 0;
	assert_int_equal(lws_close_parse_06(nothing, &code, &reason), 0);
	assert_int_equal(code, 1005);
	assert_int_equal(lws_close_parse_08(lws_span("\3", 1), &code, &reason),
			 LWS_ERR_PROTOCOL);
	assert_int_equal(lws_close_parse_06(lws_span("\3", 1), &code, &reason),
			 LWS_ERR_PROTOCOL);
}

static void
test_8_checks_the_reason_and_6_does_not(void **state)
{
	struct lws_span bad = lws_span("\x03\xe8\xed\xa0", 4), reason;
	uint16_t code;

	(void)state;
	assert_int_equal(lws_close_parse_08(bad, &code, &reason),
			 LWS_ERR_TEXT);
	assert_int_equal(lws_close_parse_06(bad, &code, &reason), 0);
	assert_int_equal(code, 1000);
	assert_int_equal(reason.len, 2);
}

static void
test_5_says_who_speaks(void **state)
{
	uint8_t out[LWS_CONTROL_MAX];

	(void)state;
	assert_int_equal(lws_close_build_05(out, true, 1000,
					    lws_span_str("bye")), 1);
	assert_int_equal(out[0], 'C');
	assert_int_equal(lws_close_build_05(out, false, 0, nothing), 1);
	assert_int_equal(out[0], 'S');
}

static void
test_4_and_76_say_nothing_and_take_anything(void **state)
{
	uint8_t out[LWS_CONTROL_MAX];
	struct lws_span reason;
	uint16_t code = 0;

	(void)state;
	assert_int_equal(lws_close_build_none(out, true, 1000,
					      lws_span_str("bye")), 0);
	assert_int_equal(lws_close_parse_any(lws_span("\3", 1), &code,
					     &reason), 0);
	assert_int_equal(code, 1005);
	assert_int_equal(reason.len, 1);
	assert_int_equal(lws_close_parse_any(nothing, &code, &reason), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_only_codes_of_the_version_are_sent),
		cmocka_unit_test(test_a_reason_goes_along),
		cmocka_unit_test(test_any_code_is_taken),
		cmocka_unit_test(test_nothing_is_no_code_and_one_byte_is_wrong),
		cmocka_unit_test(test_8_checks_the_reason_and_6_does_not),
		cmocka_unit_test(test_5_says_who_speaks),
		cmocka_unit_test(test_4_and_76_say_nothing_and_take_anything),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
