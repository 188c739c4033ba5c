/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * The constants of README.build that headers depend on, at the lower end: the
 * sources that read them are compiled into this test with values of its own.
 */
#include "unit/unit.h"

#undef LWS_INITIAL_HDR_ALLOC
#undef LWS_ADDITIONAL_HDR_ALLOC
#undef LWS_MAX_HEADER_NAME_LENGTH
#undef LWS_MAX_HEADER_LEN
#define LWS_INITIAL_HDR_ALLOC      1
#define LWS_ADDITIONAL_HDR_ALLOC   1
#define LWS_MAX_HEADER_NAME_LENGTH 10
#define LWS_MAX_HEADER_LEN         20

#include "http/block.c"
#include "http/chunked.c"
#include "http/parse.c"
#include "http/token.c"

#include "unit/http_feed.h"

static int
status_of(const char *text, struct lws_block **block)
{
	struct lws_block *b = lws_block_new();
	struct lws_http_head facts;
	size_t left;
	int cut, rc;

	assert_non_null(b);
	rc = feed(b, text, strlen(text), 1, 1, &left);
	if (rc == 1)
		rc = lws_http_parse_request(b, &facts, NULL, &cut);
	if (!rc && block) {
		*block = b;
		return rc;
	}
	if (rc == LWS_ERR_LIMIT)
		rc = lws_block_first_line_too_long(b) ? 414 : 431;
	lws_block_free(b);
	return rc;
}

static void
test_blocks_grow_from_one_byte(void **state)
{
	struct lws_block *b;
	char host[32];

	(void)state;
	unit_allow(-1);
	assert_int_equal(status_of("GET /abc HTTP/1.1\r\nHost: example\r\n"
				   "Cookie: 1\r\ncookie: 2\r\n\r\n", &b), 0);
	assert_int_equal(lws_block_copy(b, WSI_TOKEN_HOST, host, 32), 7);
	assert_string_equal(host, "example");
	assert_int_equal(lws_block_copy(b, WSI_TOKEN_HTTP_COOKIE, host, 32),
			 4);
	assert_string_equal(host, "1; 2");
	lws_block_free(b);
	assert_int_equal(unit_blocks, 0);
}

static void
test_names_over_the_limit_are_unknown_and_skipped(void **state)
{
	struct lws_block *b;

	(void)state;
	assert_int_equal(status_of("GET / HTTP/1.1\r\nHost: h\r\n"
				   "Connection: a\r\nUser-Agent: b\r\n"
				   "If-None-Match: c\r\nVia: d\r\n\r\n", &b),
			 0);
	assert_int_equal(lws_block_count(b, WSI_TOKEN_CONNECTION), 1);
	assert_int_equal(lws_block_count(b, WSI_TOKEN_HTTP_USER_AGENT), 1);
	assert_int_equal(lws_block_count(b, WSI_TOKEN_HTTP_IF_NONE_MATCH), 0);
	assert_int_equal(lws_block_count(b, WSI_TOKEN_HTTP_VIA), 1);
	lws_block_free(b);
}

static void
test_limits_follow_the_constants(void **state)
{
	(void)state;
	assert_int_equal(status_of("GET / HTTP/1.0\r\n"
				   "Cookie: 12345678901234567890\r\n\r\n",
				   NULL), 0);
	assert_int_equal(status_of("GET / HTTP/1.0\r\n"
				   "Cookie: 123456789012345678901\r\n\r\n",
				   NULL), 431);
	assert_int_equal(status_of("GET /2345678901234567890 HTTP/1.0\r\n\r\n",
				   NULL), 0);
	assert_int_equal(status_of("GET /23456789012345678901 HTTP/1.0\r\n\r\n",
				   NULL), 414);
}

static void
test_a_first_line_may_have_64_bytes_more(void **state)
{
	char line[86];

	(void)state;
	memset(line, 'a', 85);
	line[85] = '\0';
	assert_int_equal(status_of(line, NULL), 414);
	line[84] = '\0';
	assert_int_equal(status_of(line, NULL), 0);
}

/* 16 times 20 bytes */
static void
test_the_whole_head_has_sixteen_times_the_value(void **state)
{
	char head[400] = "GET / HTTP/1.0\r\n";
	size_t n;

	(void)state;
	for (n = 0; n < 30; n++)
		strcat(head, "Age: 1234\n");
	strcat(head, "\r\n");
	assert_int_equal(strlen(head), 318);
	assert_int_equal(status_of(head, NULL), 0);
	memcpy(head + 316, "\r\n\r\n", 5);
	assert_int_equal(status_of(head, NULL), 0);
	memcpy(head + 316, "a:\r\n\n", 6);
	assert_int_equal(status_of(head, NULL), 431);
}

static int
chunked(const char *text)
{
	struct lws_span in = lws_span_str(text), out;
	struct lws_chunked c;
	int rc;

	lws_chunked_init(&c);
	do
		rc = lws_chunked_next(&c, &in, &out);
	while (rc == 1);
	return rc;
}

static void
test_extensions_and_trailers_follow_the_constant(void **state)
{
	(void)state;
	assert_int_equal(chunked("1;345678901234567890\r\na\r\n0\r\n\r\n"), 2);
	assert_int_equal(chunked("1;3456789012345678901\r\na\r\n0\r\n\r\n"), 2);
	assert_int_equal(chunked("1;34567890123456789012\r\na\r\n0\r\n\r\n"),
			 LWS_ERR_PROTOCOL);
	assert_int_equal(chunked("0\r\nA:3456789012345678\r\n\r\n"), 2);
	assert_int_equal(chunked("0\r\nA:345678901234567890\r\n\r\n"),
			 LWS_ERR_PROTOCOL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_blocks_grow_from_one_byte),
		cmocka_unit_test(
			test_names_over_the_limit_are_unknown_and_skipped),
		cmocka_unit_test(test_limits_follow_the_constants),
		cmocka_unit_test(test_a_first_line_may_have_64_bytes_more),
		cmocka_unit_test(
			test_the_whole_head_has_sixteen_times_the_value),
		cmocka_unit_test(
			test_extensions_and_trailers_follow_the_constant),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
