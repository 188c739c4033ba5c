/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * http/facts.c: what fields say about body and connection.
 */
#include "unit/unit.h"

#include "http/facts.h"

static struct lws_block *block;
static struct lws_http_head head;

static void
say(enum lws_token_indexes token, const char *value)
{
	assert_int_equal(lws_block_set(block, token, lws_span_str(value)), 0);
}

/* What one field says in HTTP/1.@minor. */
static int
facts(uint8_t minor, enum lws_token_indexes token, const char *value)
{
	lws_block_reset(block);
	say(token, value);
	memset(&head, 0, sizeof(head));
	head.minor = minor;
	return lws_facts_read(block, &head);
}

static void
test_no_field_says_nothing_but_the_default(void **state)
{
	(void)state;
	lws_block_reset(block);
	memset(&head, 0, sizeof(head));
	assert_int_equal(lws_facts_read(block, &head), 0);
	assert_false(head.keep_alive);
	head.minor = 1;
	assert_int_equal(lws_facts_read(block, &head), 0);
	assert_true(head.keep_alive);
	assert_false(head.has_length || head.chunked ||
		     head.connection_upgrade || head.upgrade_websocket ||
		     head.expect_continue);
}

static void
test_close_wins_over_keep_alive(void **state)
{
	(void)state;
	assert_int_equal(facts(1, WSI_TOKEN_CONNECTION, "keep-alive"), 0);
	assert_true(head.keep_alive);
	assert_int_equal(facts(0, WSI_TOKEN_CONNECTION, "Keep-Alive"), 0);
	assert_true(head.keep_alive);
	assert_int_equal(facts(0, WSI_TOKEN_CONNECTION, "keep-alive,close"),
			 0);
	assert_false(head.keep_alive);
	assert_int_equal(facts(1, WSI_TOKEN_CONNECTION, "CLOSE,keep-alive"),
			 0);
	assert_false(head.keep_alive);
}

static void
test_only_a_plain_length_is_one(void **state)
{
	const enum lws_token_indexes token = WSI_TOKEN_HTTP_CONTENT_LENGTH;

	(void)state;
	assert_int_equal(facts(0, token, "18446744073709551615"), 0);
	assert_true(head.has_length);
	assert_true(head.content_length == UINT64_MAX);
	assert_int_equal(facts(1, token, "7 , 7,\t07"), 0);
	assert_int_equal(head.content_length, 7);
	assert_int_equal(facts(1, token, "18446744073709551616"), 400);
	assert_int_equal(facts(1, token, "7, 8"), 400);
	assert_int_equal(facts(1, token, "7,"), 400);
	assert_int_equal(facts(1, token, ""), 400);
}

static void
test_chunked_is_the_only_coding(void **state)
{
	const enum lws_token_indexes token = WSI_TOKEN_HTTP_TRANSFER_ENCODING;

	(void)state;
	assert_int_equal(facts(1, token, "Chunked"), 0);
	assert_true(head.chunked);
	assert_int_equal(facts(0, token, "chunked"), 400);
	assert_int_equal(facts(1, token, "gzip"), 501);
	assert_int_equal(facts(1, token, "gzip, chunked"), 501);
	assert_int_equal(facts(1, token, "chunked, gzip"), 400);
	assert_int_equal(facts(1, token, ""), 400);
}

static void
test_two_ways_to_tell_the_length_are_refused(void **state)
{
	(void)state;
	lws_block_reset(block);
	say(WSI_TOKEN_HTTP_CONTENT_LENGTH, "0");
	say(WSI_TOKEN_HTTP_TRANSFER_ENCODING, "chunked");
	memset(&head, 0, sizeof(head));
	head.minor = 1;
	assert_int_equal(lws_facts_read(block, &head), 400);
}

static void
test_an_upgrade_is_told_by_both_fields(void **state)
{
	(void)state;
	assert_int_equal(facts(1, WSI_TOKEN_UPGRADE, "h2c, WebSocket"), 0);
	assert_true(head.upgrade_websocket);
	assert_false(head.connection_upgrade);
	assert_int_equal(facts(1, WSI_TOKEN_UPGRADE, "h2c"), 0);
	assert_false(head.upgrade_websocket);
	assert_int_equal(facts(1, WSI_TOKEN_CONNECTION, "x, Upgrade"), 0);
	assert_true(head.connection_upgrade && !head.upgrade_websocket);
	assert_true(head.keep_alive);
}

static void
test_http_1_0_expects_nothing(void **state)
{
	(void)state;
	assert_int_equal(facts(1, WSI_TOKEN_HTTP_EXPECT, "100-Continue"), 0);
	assert_true(head.expect_continue);
	assert_int_equal(facts(0, WSI_TOKEN_HTTP_EXPECT, "100-continue"), 0);
	assert_false(head.expect_continue);
}

static int
make_block(void **state)
{
	(void)state;
	block = lws_block_new();
	return !block;
}

static int
drop_block(void **state)
{
	(void)state;
	lws_block_free(block);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_no_field_says_nothing_but_the_default),
		cmocka_unit_test(test_close_wins_over_keep_alive),
		cmocka_unit_test(test_only_a_plain_length_is_one),
		cmocka_unit_test(test_chunked_is_the_only_coding),
		cmocka_unit_test(test_two_ways_to_tell_the_length_are_refused),
		cmocka_unit_test(test_an_upgrade_is_told_by_both_fields),
		cmocka_unit_test(test_http_1_0_expects_nothing),
	};

	return cmocka_run_group_tests(tests, make_block, drop_block);
}
