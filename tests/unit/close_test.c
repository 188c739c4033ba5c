/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * close_test.c - what may stand in a Close frame (RFC 6455 section 7.4).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/err.h"
#include "ws/close.h"

/* Parse a copy of @len bytes in memory of just that size; @text may be NULL. */
static int
parse(const void *bytes, size_t len, uint16_t *code, char text[128])
{
	uint8_t *copy = malloc(len ? len : 1);
	struct lws_span reason;
	int rc;

	assert_non_null(copy);
	memcpy(copy, bytes, len);
	rc = lws_close_parse(lws_span(copy, len), code, &reason);
	if (!rc && text) {
		memcpy(text, reason.p, reason.len);
		text[reason.len] = '\0';
	}
	free(copy);
	return rc;
}

static void
test_nothing_is_no_code(void **state)
{
	uint16_t code;
	char text[128];
	struct lws_span reason;

	(void)state;
	assert_int_equal(parse("", 0, &code, text), 0);
	assert_int_equal(code, 1005);
	assert_string_equal(text, "");
	assert_int_equal(lws_close_parse(lws_span(NULL, 0), &code, &reason), 0);
	assert_int_equal(reason.len, 0);
}

static void
test_one_byte_is_against_the_protocol(void **state)
{
	uint16_t code;

	(void)state;
	assert_int_equal(parse("\x03", 1, &code, NULL), LWS_ERR_PROTOCOL);
}

static void
test_code_and_reason_are_read(void **state)
{
	uint8_t longest[LWS_CONTROL_MAX];
	uint16_t code;
	char text[128];

	(void)state;
	assert_int_equal(parse("\x03\xe8", 2, &code, text), 0);
	assert_int_equal(code, 1000);
	assert_string_equal(text, "");
	assert_int_equal(parse("\x0f\xa0going \xe2\x86\x92", 11, &code, text),
			 0);
	assert_int_equal(code, 4000);
	assert_string_equal(text, "going \xe2\x86\x92");
	memset(longest, 'r', sizeof(longest));
	memcpy(longest, "\x03\xe9", 2);
	assert_int_equal(parse(longest, sizeof(longest), &code, text), 0);
	assert_int_equal(strlen(text), 123);
}

static void
test_a_reason_that_is_not_text_is_refused(void **state)
{
	uint16_t code;

	(void)state;
	assert_int_equal(parse("\x03\xe8\xff", 3, &code, NULL), LWS_ERR_TEXT);
	assert_int_equal(parse("\x03\xe8ok\xed\xa0\x80", 7, &code, NULL),
			 LWS_ERR_TEXT);
	assert_int_equal(parse("\x03\xe8half\xe2\x82", 8, &code, NULL),
			 LWS_ERR_TEXT);
	assert_int_equal(parse("\x03\xed\xff", 3, &code, NULL),
			 LWS_ERR_PROTOCOL);
}

/* wire.md section 6.2, as ranges */
static bool
may_come(unsigned int code)
{
	return (code >= 1000 && code <= 1003) ||
	       (code >= 1007 && code <= 1014) ||
	       (code >= 3000 && code <= 4999);
}

static void
test_exactly_the_codes_of_the_table_may_come(void **state)
{
	unsigned int n;
	uint8_t bytes[2];
	uint16_t code;

	(void)state;
	for (n = 0; n <= 0xffff; n++) {
		bytes[0] = (uint8_t)(n >> 8);
		bytes[1] = (uint8_t)n;
		assert_int_equal(lws_close_code_ok((uint16_t)n), may_come(n));
		assert_int_equal(parse(bytes, 2, &code, NULL),
				 may_come(n) ? 0 : LWS_ERR_PROTOCOL);
		assert_int_equal(code, n);
	}
}

static void
test_a_payload_is_built(void **state)
{
	uint8_t out[LWS_CONTROL_MAX];

	(void)state;
	assert_int_equal(lws_close_build(out, false, 1000, lws_span(NULL, 0)),
			 2);
	assert_memory_equal(out, "\x03\xe8", 2);
	assert_int_equal(lws_close_build(out, true, 4999, lws_span_str("bye")),
			 5);
	assert_memory_equal(out, "\x13\x87" "bye", 5);
}

static void
test_codes_that_never_travel_build_nothing(void **state)
{
	static const uint16_t never[] = { 0, 1005, 1006, 1015 };
	uint8_t out[LWS_CONTROL_MAX];
	size_t n;

	(void)state;
	for (n = 0; n < 4; n++)
		assert_int_equal(lws_close_build(out, true, never[n],
						 lws_span_str("why")), 0);
}

/* @ascii bytes, then characters of three bytes without end */
static void
check_long_reason(size_t ascii)
{
	uint8_t out[LWS_CONTROL_MAX], in[300];
	uint16_t code;
	char text[128];
	size_t n, len;

	memset(in, 'a', ascii);
	for (n = ascii; n + 3 <= sizeof(in); n += 3)
		memcpy(in + n, "\xe2\x82\xac", 3);
	len = lws_close_build(out, false, 1001, lws_span(in, n));
	assert_in_range(len, 125 - 2, 125);
	assert_int_equal((len - 2 - ascii) % 3, 0);
	assert_memory_equal(out + 2, in, len - 2);
	assert_int_equal(parse(out, len, &code, text), 0);
}

static void
test_a_long_reason_is_cut_between_characters(void **state)
{
	uint8_t out[LWS_CONTROL_MAX], in[200];
	size_t n;

	(void)state;
	for (n = 0; n < 123; n++)
		check_long_reason(n);
	memset(in, 'a', sizeof(in));
	for (n = 120; n < sizeof(in); n++)
		assert_int_equal(lws_close_build(out, false, 1000,
						 lws_span(in, n)),
				 2 + (n < 123 ? n : 123));
	memset(in, 0x80, sizeof(in));
	assert_int_equal(lws_close_build(out, false, 1000, lws_span(in, 200)),
			 2);
}

static void
test_every_error_has_its_code(void **state)
{
	(void)state;
	assert_int_equal(lws_close_code_for(LWS_ERR_PROTOCOL), 1002);
	assert_int_equal(lws_close_code_for(LWS_ERR_TEXT), 1007);
	assert_int_equal(lws_close_code_for(LWS_ERR_LIMIT), 1009);
	assert_int_equal(lws_close_code_for(LWS_ERR_NOMEM), 1011);
	assert_int_equal(lws_close_code_for(LWS_ERR_USER), 1000);
	assert_int_equal(lws_close_code_for(LWS_ERR_CLOSED), 1006);
	assert_int_equal(lws_close_code_for(LWS_ERR_IO), 1006);
	assert_int_equal(lws_close_code_for(0), 1000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nothing_is_no_code),
		cmocka_unit_test(test_one_byte_is_against_the_protocol),
		cmocka_unit_test(test_code_and_reason_are_read),
		cmocka_unit_test(test_a_reason_that_is_not_text_is_refused),
		cmocka_unit_test(test_exactly_the_codes_of_the_table_may_come),
		cmocka_unit_test(test_a_payload_is_built),
		cmocka_unit_test(test_codes_that_never_travel_build_nothing),
		cmocka_unit_test(test_a_long_reason_is_cut_between_characters),
		cmocka_unit_test(test_every_error_has_its_code),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
