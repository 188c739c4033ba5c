/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * http/block.c: collecting heads, and the values found in them.
 */
#include "unit/unit.h"

#include "base/err.h"
#include "base/limits.h"
#include "base/size.h"
#include "http/http.h"

#include "unit/http_feed.h"

#define HEAD_MAX LWS_MAX_HEAD_LEN

/* what a block has from the start by default, and when it was built for more */
#define ROOM 256
#define ROOM_TO_SPARE (LWS_INITIAL_HDR_ALLOC > ROOM ? LWS_INITIAL_HDR_ALLOC : 0)

/* what a first line may have beside LWS_MAX_HEADER_LEN bytes */
#define FIRST_LINE_REST 64

static const char request[] = "GET /a HTTP/1.1\r\nHost: h\r\nCookie: a=1\r\n"
			      "Cookie: b\r\n\r\n";

static struct lws_block *block;

static int
make_block(void **state)
{
	(void)state;
	unit_allow(-1);
	block = lws_block_new();
	return !block;
}

static int
drop_block(void **state)
{
	(void)state;
	unit_allow(-1);
	lws_block_free(block);
	return unit_blocks != 0;
}

static void
take(const char *head)
{
	size_t left;

	assert_int_equal(feed(block, head, strlen(head), 9999, 1, &left), 1);
	assert_int_equal(left, 0);
}

static void
parse(void)
{
	struct lws_http_head facts;
	int cut;

	assert_int_equal(lws_http_parse_request(block, &facts, NULL, &cut), 0);
}

static void
set(enum lws_token_indexes token, const char *value)
{
	assert_int_equal(lws_block_set(block, token, lws_span_str(value)), 0);
}

static void
value_is(enum lws_token_indexes token, const char *want)
{
	char got[512];

	assert_int_equal(lws_block_copy(block, token, got, sizeof(got)),
			 strlen(want));
	assert_string_equal(got, want);
}

/* ---- collecting ---- */

static void
test_what_follows_a_head_is_left(void **state)
{
	char wire[200];
	size_t len = sizeof(request) - 1, cut, left;

	(void)state;
	memcpy(wire, request, len);
	memcpy(wire + len, "\r\n\r\nbody", 8);
	for (cut = 1; cut <= len + 8; cut++) {
		lws_block_reset(block);
		assert_int_equal(feed(block, wire, len + 8, cut, 200, &left),
				 1);
		assert_int_equal(left, 8);
		parse();
		value_is(WSI_TOKEN_GET_URI, "/a");
	}
}

static void
test_a_complete_head_takes_no_more(void **state)
{
	struct lws_span in = lws_span_str("GET");

	(void)state;
	take(request);
	assert_int_equal(lws_block_collect(block, &in), 1);
	assert_int_equal(in.len, 3);
}

static void
test_an_unfinished_head_wants_more(void **state)
{
	size_t len, left;

	(void)state;
	for (len = 0; len < sizeof(request) - 1; len++) {
		lws_block_reset(block);
		assert_int_equal(feed(block, request, len, len, 1, &left), 0);
		assert_int_equal(left, 0);
	}
}

static void
test_a_block_is_empty_until_a_head_begins(void **state)
{
	struct lws_span in = lws_span_str("\r\n\r\n\n");

	(void)state;
	assert_true(lws_block_empty(block));
	assert_int_equal(lws_block_collect(block, &in), 0);
	assert_int_equal(in.len, 0);
	assert_true(lws_block_empty(block));
	in = lws_span(NULL, 0);
	assert_int_equal(lws_block_collect(block, &in), 0);
	assert_true(lws_block_empty(block));
	in = lws_span_str("G");
	assert_int_equal(lws_block_collect(block, &in), 0);
	assert_false(lws_block_empty(block));
	lws_block_reset(block);
	assert_true(lws_block_empty(block));
}

/* A cut between CR and LF must not matter, however often it happens. */
static void
test_empty_lines_in_front_cost_nothing(void **state)
{
	static const char *const slices[] = {
		"\r", "\n", "\r", "\n\r", "\n", "\n\n\r\n\r", "\n", "\r",
		"\nGET /a HTTP/1.1\r\nHost: h\r\n", "\r", "\n",
	};
	struct lws_span in;
	size_t n;

	(void)state;
	for (n = 0; n < COUNT(slices); n++) {
		in = lws_span_str(slices[n]);
		assert_int_equal(lws_block_collect(block, &in),
				 n == COUNT(slices) - 1);
		assert_int_equal(in.len, 0);
	}
	parse();
	value_is(WSI_TOKEN_GET_URI, "/a");
}

static void
test_a_reset_block_takes_the_next_head_without_memory(void **state)
{
	char head[2000] = "GET /a HTTP/1.1\r\nHost: h\r\nCookie: ";
	size_t len = strlen(head);

	(void)state;
	memset(head + len, 'a', 1000);
	memcpy(head + len + 1000, "\r\n\r\n", 5);
	take(head);
	parse();
	lws_block_reset(block);
	assert_int_equal(lws_block_count(block, WSI_TOKEN_HTTP_COOKIE), 0);
	unit_allow(0);
	take(head);
	parse();
	assert_int_equal(lws_block_length(block, WSI_TOKEN_HTTP_COOKIE), 1000);
	assert_int_equal(lws_block_count(block, WSI_TOKEN_HOST), 1);
}

/* ---- limits ---- */

/* The result for @line bytes of first line and a head of @len in all. */
static int
collect_sized(size_t line, size_t len, size_t first, size_t step)
{
	char *head = malloc(len);
	size_t left, at = line + 1;
	int rc;

	memset(head, 'a', len);
	if (at <= len)
		head[line] = '\n';
	while (len - lws_min(at, len) > 1002) {
		at += 1000;
		head[at - 1] = '\n';
	}
	if (at < len)
		head[len - 1] = head[len - 2] = '\n';
	lws_block_reset(block);
	rc = feed(block, head, len, first, step, &left);
	free(head);
	return rc;
}

static const size_t slicings[][2] = {
	{ 1, 1 }, { 1000000, 1 }, { 1, 1000000 }, { 4096, 4096 },
	{ 4160, 1 }, { 4161, 1 }, { 65535, 1 }, { 65536, 1 }, { 65534, 2 },
};

static void
test_a_head_may_have_the_limit_and_no_byte_more(void **state)
{
	size_t n;

	(void)state;
	for (n = 0; n < COUNT(slicings); n++) {
		const size_t *s = slicings[n];

		assert_int_equal(collect_sized(10, HEAD_MAX, s[0], s[1]), 1);
		assert_int_equal(collect_sized(10, HEAD_MAX + 1, s[0], s[1]),
				 LWS_ERR_LIMIT);
		assert_false(lws_block_first_line_too_long(block));
	}
}

static void
test_a_first_line_may_have_the_limit_and_no_byte_more(void **state)
{
	const size_t most = LWS_MAX_HEADER_LEN + FIRST_LINE_REST;
	size_t n;

	(void)state;
	for (n = 0; n < COUNT(slicings); n++) {
		const size_t *s = slicings[n];

		assert_int_equal(collect_sized(most, 2 * most, s[0], s[1]), 1);
		assert_false(lws_block_first_line_too_long(block));
		assert_int_equal(collect_sized(most + 1, 2 * most, s[0], s[1]),
				 LWS_ERR_LIMIT);
		assert_true(lws_block_first_line_too_long(block));
		/* also when it does not end */
		assert_int_equal(collect_sized(most, most, s[0], s[1]), 0);
		assert_int_equal(collect_sized(most + 1, most + 1, s[0], s[1]),
				 LWS_ERR_LIMIT);
		assert_true(lws_block_first_line_too_long(block));
	}
}

/* ---- memory ---- */

static size_t asked, largest, calls;

static void *
counting_resize(void *ptr, size_t size)
{
	asked += size;
	calls += size != 0;
	if (size > largest)
		largest = size;
	return unit_resize(ptr, size);
}

static void
count_from_here(void)
{
	asked = largest = calls = 0;
	lws_set_allocator(counting_resize);
}

static void
test_a_typical_handshake_costs_little(void **state)
{
	static const char handshake[] =
		"GET /chat HTTP/1.1\r\nHost: server.example.com:7681\r\n"
		"User-Agent: Mozilla/5.0 (X11; Linux x86_64)\r\n"
		"Upgrade: websocket\r\nConnection: keep-alive, Upgrade\r\n"
		"Origin: http://example.com\r\n"
		"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
		"Sec-WebSocket-Version: 13\r\n\r\n";
	size_t size, steps = 0;

	(void)state;
	lws_block_free(block);
	count_from_here();
	block = lws_block_new();
	take(handshake);
	parse();
	for (size = LWS_INITIAL_HDR_ALLOC; size < ROOM; size *= 2)
		steps++;
	assert_true(calls <= 2 + steps);
	assert_true(asked <= 1280 + ROOM_TO_SPARE + (steps ? 2 * ROOM : 0));
}

static void
test_memory_grows_to_the_limit_and_no_further(void **state)
{
	size_t size, steps = 0;

	(void)state;
	for (size = LWS_INITIAL_HDR_ALLOC; size < HEAD_MAX; size *= 2)
		steps++;
	count_from_here();
	assert_int_equal(collect_sized(10, HEAD_MAX, 1, 1), 1);
	assert_true(largest <= HEAD_MAX);
	assert_true(calls <= steps);
}

static void
test_no_memory_ends_collecting(void **state)
{
	int rc = LWS_ERR_NOMEM;
	long n;

	(void)state;
	unit_allow(0);
	assert_null(lws_block_new());
	for (n = 0; rc == LWS_ERR_NOMEM; n++) {
		unit_allow(n);
		lws_block_free(block);
		block = lws_block_new();
		if (block)
			rc = collect_sized(10, HEAD_MAX, 1, 1);
	}
	assert_int_equal(rc, 1);
	assert_true(n > (LWS_INITIAL_HDR_ALLOC < HEAD_MAX ? 2 : 1));
}

static void
test_no_memory_for_a_value_leaves_the_old_one(void **state)
{
	static char large[LWS_INITIAL_HDR_ALLOC + 4000];
	int n;

	(void)state;
	set(WSI_TOKEN_HOST, "old");
	memset(large, 'a', sizeof(large) - 1);
	large[sizeof(large) - 1] = '\0';
	unit_allow(0);
	assert_int_equal(lws_block_set(block, WSI_TOKEN_HOST,
				       lws_span_str(large)), LWS_ERR_NOMEM);
	value_is(WSI_TOKEN_HOST, "old");
	for (n = 0; n < 30; n++)
		if (lws_block_set(block, (enum lws_token_indexes)n,
				  lws_span_str("x")))
			break;
	assert_true(n < 30);
	assert_int_equal(lws_block_count(block, (enum lws_token_indexes)n), 0);
}

/* It is refused before a byte of it is looked at. */
static void
test_a_value_beyond_all_bounds_is_refused(void **state)
{
	(void)state;
	set(WSI_TOKEN_HOST, "old");
	assert_int_equal(lws_block_set(block, WSI_TOKEN_HOST,
				       lws_span("x", (size_t)0x7fff0000)),
			 LWS_ERR_NOMEM);
	assert_int_equal(lws_block_set(block, WSI_TOKEN_HOST,
				       lws_span("x", (size_t)-1)),
			 LWS_ERR_NOMEM);
	value_is(WSI_TOKEN_HOST, "old");
}

static void
test_freeing_nothing_is_fine(void **state)
{
	(void)state;
	lws_block_free(NULL);
}

/* ---- values ---- */

static void
test_a_set_value_is_the_only_one(void **state)
{
	(void)state;
	take(request);
	parse();
	assert_int_equal(lws_block_count(block, WSI_TOKEN_HTTP_COOKIE), 2);
	set(WSI_TOKEN_HTTP_COOKIE, "c=3");
	assert_int_equal(lws_block_count(block, WSI_TOKEN_HTTP_COOKIE), 1);
	value_is(WSI_TOKEN_HTTP_COOKIE, "c=3");
	set(WSI_TOKEN_HTTP_COOKIE, "");
	assert_int_equal(lws_block_count(block, WSI_TOKEN_HTTP_COOKIE), 1);
	value_is(WSI_TOKEN_HTTP_COOKIE, "");
	value_is(WSI_TOKEN_HOST, "h");
}

static void
test_values_set_before_a_head_survive_it(void **state)
{
	char large[1000];

	(void)state;
	memset(large, 'x', sizeof(large) - 1);
	large[sizeof(large) - 1] = '\0';
	set(_WSI_TOKEN_CLIENT_URI, "/uri");
	set(_WSI_TOKEN_CLIENT_HOST, "host");
	assert_true(lws_block_empty(block));
	take("\r\nGET /a HTTP/1.1\r\nHost: h\r\n\r\n");
	set(_WSI_TOKEN_CLIENT_ORIGIN, large);
	parse();
	value_is(_WSI_TOKEN_CLIENT_URI, "/uri");
	value_is(_WSI_TOKEN_CLIENT_HOST, "host");
	value_is(WSI_TOKEN_GET_URI, "/a");
	value_is(WSI_TOKEN_HOST, "h");
	assert_int_equal(lws_block_length(block, _WSI_TOKEN_CLIENT_ORIGIN),
			 sizeof(large) - 1);
}

/* The block moves while it copies from itself. */
static void
test_a_value_may_be_set_to_a_part_of_another(void **state)
{
	int n;

	(void)state;
	set(_WSI_TOKEN_CLIENT_URI, "0123456789abcdef0123456789abcdef");
	for (n = 0; n < 40; n++)
		assert_int_equal(lws_block_set(block, _WSI_TOKEN_CLIENT_HOST,
			lws_block_nth(block, _WSI_TOKEN_CLIENT_URI, 0)), 0);
	value_is(_WSI_TOKEN_CLIENT_HOST, "0123456789abcdef0123456789abcdef");
}

static void
test_fields_of_a_name_are_told_in_order(void **state)
{
	(void)state;
	take(request);
	parse();
	assert_true(lws_span_eq(lws_block_nth(block, WSI_TOKEN_HTTP_COOKIE, 0),
				"a=1"));
	assert_true(lws_span_eq(lws_block_nth(block, WSI_TOKEN_HTTP_COOKIE, 1),
				"b"));
	assert_null(lws_block_nth(block, WSI_TOKEN_HTTP_COOKIE, 2).p);
	assert_int_equal(lws_block_nth(block, WSI_TOKEN_HTTP_COOKIE, 2).len,
			 0);
	assert_null(lws_block_nth(block, WSI_TOKEN_UPGRADE, 0).p);
}

static void
test_an_empty_field_is_there_an_absent_one_is_not(void **state)
{
	(void)state;
	take("GET / HTTP/1.1\r\nHost: h\r\nCookie:\r\n\r\n");
	parse();
	assert_int_equal(lws_block_count(block, WSI_TOKEN_HTTP_COOKIE), 1);
	assert_non_null(lws_block_nth(block, WSI_TOKEN_HTTP_COOKIE, 0).p);
	assert_int_equal(lws_block_length(block, WSI_TOKEN_HTTP_COOKIE), 0);
	assert_int_equal(lws_block_count(block, WSI_TOKEN_ORIGIN), 0);
}

static void
test_copies_fit_with_their_nul_or_not_at_all(void **state)
{
	const enum lws_token_indexes cookie = WSI_TOKEN_HTTP_COOKIE;
	char *dest;
	size_t len;

	(void)state;
	take(request);
	parse();
	assert_int_equal(lws_block_length(block, cookie), 6);
	for (len = 0; len < 10; len++) {
		dest = malloc(len ? len : 1);
		memset(dest, '~', len ? len : 1);
		assert_int_equal(lws_block_copy(block, cookie, dest, len),
				 len <= 6 ? -1 : 6);
		assert_int_equal(dest[0], !len ? '~' : len <= 6 ? 0 : 'a');
		assert_int_equal(lws_block_copy(block, WSI_TOKEN_ORIGIN, dest,
						len), 0);
		assert_int_equal(dest[0], len ? 0 : '~');
		free(dest);
	}
}

static void
test_tokens_out_of_range_have_no_value(void **state)
{
	static const int tokens[] = {
		WSI_TOKEN_COUNT, WSI_TOKEN_NAME_PART, WSI_INIT_TOKEN_MUXURL,
		255, 256, 0x10000, 0x7fffffff, -1,
	};
	char dest[4] = "~~~";
	size_t n;

	(void)state;
	take(request);
	parse();
	for (n = 0; n < COUNT(tokens); n++) {
		const enum lws_token_indexes token =
			(enum lws_token_indexes)tokens[n];

		assert_int_equal(lws_block_count(block, token), 0);
		assert_int_equal(lws_block_length(block, token), 0);
		assert_null(lws_block_nth(block, token, 0).p);
		assert_int_equal(lws_block_copy(block, token, dest, 4), 0);
		assert_string_equal(dest, "");
	}
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, make_block, drop_block)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_what_follows_a_head_is_left),
		TEST(test_a_complete_head_takes_no_more),
		TEST(test_an_unfinished_head_wants_more),
		TEST(test_a_block_is_empty_until_a_head_begins),
		TEST(test_empty_lines_in_front_cost_nothing),
		TEST(test_a_reset_block_takes_the_next_head_without_memory),
		TEST(test_a_head_may_have_the_limit_and_no_byte_more),
		TEST(test_a_first_line_may_have_the_limit_and_no_byte_more),
		TEST(test_a_typical_handshake_costs_little),
		TEST(test_memory_grows_to_the_limit_and_no_further),
		TEST(test_no_memory_ends_collecting),
		TEST(test_no_memory_for_a_value_leaves_the_old_one),
		TEST(test_a_value_beyond_all_bounds_is_refused),
		TEST(test_freeing_nothing_is_fine),
		TEST(test_a_set_value_is_the_only_one),
		TEST(test_values_set_before_a_head_survive_it),
		TEST(test_a_value_may_be_set_to_a_part_of_another),
		TEST(test_fields_of_a_name_are_told_in_order),
		TEST(test_an_empty_field_is_there_an_absent_one_is_not),
		TEST(test_copies_fit_with_their_nul_or_not_at_all),
		TEST(test_tokens_out_of_range_have_no_value),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
