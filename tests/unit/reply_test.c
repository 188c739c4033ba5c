/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * http/reply.c: heads as they are written.
 */
#include "unit/unit.h"

#include "http/http.h"

static struct lws_buf out;
static char text[256];

static void
begin(size_t room)
{
	memset(text, '~', sizeof(text));
	lws_buf_init(&out, text, room);
}

static void
written_is(const char *want)
{
	assert_true(lws_buf_ok(&out));
	assert_int_equal(out.len, strlen(want));
	assert_memory_equal(text, want, out.len);
}

static void
write_head(void)
{
	lws_reply_status(&out, 1, 200);
	lws_reply_field(&out, "Server", "libwebsockets");
	lws_reply_number(&out, "Content-Length", UINT64_MAX);
	lws_reply_end(&out);
}

static const char whole[] =
	"HTTP/1.1 200 OK\r\nServer: libwebsockets\r\n"
	"Content-Length: 18446744073709551615\r\n\r\n";

static void
test_a_head_is_written_to_the_letter(void **state)
{
	(void)state;
	begin(sizeof(text));
	write_head();
	written_is(whole);
}

static void
test_a_head_that_does_not_fit_is_noticed(void **state)
{
	size_t room;

	(void)state;
	for (room = 0; room < sizeof(whole) - 1; room++) {
		begin(room);
		write_head();
		assert_false(lws_buf_ok(&out));
		assert_int_equal(text[room], '~');
	}
}

static void
test_the_version_is_1_0_or_1_1(void **state)
{
	(void)state;
	begin(sizeof(text));
	lws_reply_status(&out, 0, 404);
	written_is("HTTP/1.0 404 Not Found\r\n");
	begin(sizeof(text));
	lws_reply_status(&out, 9, 426);
	written_is("HTTP/1.1 426 Upgrade Required\r\n");
}

static void
test_numbers_are_decimal(void **state)
{
	(void)state;
	begin(sizeof(text));
	lws_reply_number(&out, "A", 0);
	lws_reply_number(&out, "B", 1u << 31);
	written_is("A: 0\r\nB: 2147483648\r\n");
}

static void
test_every_status_we_send_has_a_phrase(void **state)
{
	static const unsigned codes[] = {
		100, 101, 200, 204, 304, 400, 403, 404, 405, 408, 411, 413,
		414, 415, 417, 426, 431, 500, 501, 503, 505,
	};
	size_t n;
	unsigned code;

	(void)state;
	for (n = 0; n < sizeof(codes) / sizeof(codes[0]); n++)
		assert_string_not_equal(lws_http_reason(codes[n]), "Unknown");
	for (code = HTTP_STATUS_BAD_REQUEST;
	     code <= HTTP_STATUS_EXPECTATION_FAILED; code++)
		assert_string_not_equal(lws_http_reason(code), "Unknown");
	assert_string_equal(lws_http_reason(431),
			    "Request Header Fields Too Large");
}

static void
test_other_codes_are_unknown(void **state)
{
	(void)state;
	assert_string_equal(lws_http_reason(0), "Unknown");
	assert_string_equal(lws_http_reason(299), "Unknown");
	assert_string_equal(lws_http_reason(600), "Unknown");
	begin(sizeof(text));
	lws_reply_status(&out, 1, 799);
	written_is("HTTP/1.1 799 Unknown\r\n");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_head_is_written_to_the_letter),
		cmocka_unit_test(test_a_head_that_does_not_fit_is_noticed),
		cmocka_unit_test(test_the_version_is_1_0_or_1_1),
		cmocka_unit_test(test_numbers_are_decimal),
		cmocka_unit_test(test_every_status_we_send_has_a_phrase),
		cmocka_unit_test(test_other_codes_are_unknown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
