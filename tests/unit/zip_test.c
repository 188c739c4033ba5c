/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * zip_test.c - zlib's streams, their steps, and the pool that lends them.
 */
#include "unit/zip_feed.h"

static const struct lws_zip_kind in15 = { .bits = 15 };
static const struct lws_zip_kind out15 = {
	.deflate = true, .bits = 15, .level = 6, .mem_level = 8
};

static void
test_a_kind_zlib_does_not_have_is_refused(void **state)
{
	static const struct lws_zip_kind bad[] = {
		{ .bits = 16 },
		{ .deflate = true, .bits = 16, .level = 1, .mem_level = 8 },
		{ .deflate = true, .bits = 15, .level = 1, .mem_level = 10 },
	};
	unsigned n;

	(void)state;
	unit_blocks = 0;
	unit_allow(-1);
	for (n = 0; n < COUNT(bad); n++)
		assert_null(lws_zip_new(&bad[n]));
	assert_int_equal(unit_blocks, 0);
	lws_set_allocator(NULL);
}

static void
test_a_stream_that_was_lent_comes_back_like_new(void **state)
{
	struct lws_ext_pool *pool = lws_ext_pool_new();
	uint8_t room[2][LWS_EXT_STEP + LWS_EXT_SLACK];
	size_t len[2];
	unsigned n;

	(void)state;
	for (n = 0; n < 2; n++) {
		struct lws_rezip r = { .have = 0 };
		struct lws_span in = lws_span_str("Hello Hello Hello");
		struct lws_span out = lws_span(room[n], 0);

		r.zip = lws_pool_borrow(pool, &out15);
		assert_non_null(r.zip);
		assert_int_equal(lws_pool_idle(pool), 0);
		assert_int_equal(lws_rezip_step(&r, &in, false, &out),
				 LWS_EXT_PIECE);
		len[n] = out.len;
		lws_pool_give_back(pool, r.zip);
		assert_int_equal(lws_pool_idle(pool), 1);
	}
	assert_int_equal(len[0], len[1]);
	assert_memory_equal(room[0], room[1], len[0]);
	lws_ext_pool_free(pool);
}

static void
test_few_streams_idle_of_each_kind(void **state)
{
	struct lws_ext_pool *pool = lws_ext_pool_new();
	struct lws_zip *zip[40];
	unsigned n;

	(void)state;
	unit_blocks = 0;
	for (n = 0; n < 6; n++)
		zip[n] = lws_pool_borrow(pool, &in15);
	for (n = 6; n < 12; n++)
		zip[n] = lws_pool_borrow(pool, &out15);
	for (n = 0; n < 12; n++)
		lws_pool_give_back(pool, zip[n]);
	assert_int_equal(lws_pool_idle(pool), 8);
	lws_pool_give_back(pool, NULL);
	assert_int_equal(lws_pool_idle(pool), 8);

	/* and few of all kinds together */
	for (n = 0; n < 40; n++) {
		const struct lws_zip_kind kind = {
			.deflate = true,
			.bits = (uint8_t)(9 + n % 4),
			.level = (uint8_t)(1 + n / 4 % 9),
			.mem_level = 1,
		};

		zip[n] = lws_pool_borrow(pool, &kind);
		assert_non_null(zip[n]);
	}
	for (n = 0; n < 40; n++)
		lws_pool_give_back(pool, zip[n]);
	assert_int_equal(lws_pool_idle(pool), 16);
	lws_ext_pool_free(pool);
}

static void
test_a_pool_is_small_until_it_is_used(void **state)
{
	struct lws_ext_pool *pool;

	(void)state;
	unit_blocks = 0;
	unit_allow(-1);
	pool = lws_ext_pool_new();
	assert_int_equal(unit_blocks, 1);
	lws_ext_pool_free(pool);
	lws_ext_pool_free(NULL);
	assert_int_equal(unit_blocks, 0);
	unit_allow(0);
	assert_null(lws_ext_pool_new());
	lws_set_allocator(NULL);
}

static void
test_room_can_be_written_around_a_step(void **state)
{
	struct lws_ext_pool *pool = lws_ext_pool_new();
	uint8_t *rx = lws_pool_rx_room(pool), *tx = lws_pool_tx_room(pool);

	(void)state;
	assert_non_null(rx);
	assert_non_null(tx);
	assert_ptr_not_equal(rx, tx);
	assert_ptr_equal(rx, lws_pool_rx_room(pool));
	memset(rx - LWS_EXT_LEAD, 1,
	       LWS_EXT_LEAD + LWS_EXT_STEP + LWS_EXT_SLACK);
	memset(tx - LWS_EXT_LEAD, 1,
	       LWS_EXT_LEAD + LWS_EXT_STEP + LWS_EXT_SLACK);
	lws_ext_pool_free(pool);
}

static void
test_the_last_message_is_remembered(void **state)
{
	static uint8_t large[LWS_POOL_REMEMBERS + 1];
	struct lws_ext_pool *pool = lws_ext_pool_new();
	uint8_t room[LWS_EXT_STEP];
	struct lws_span out = lws_span(room, 0);
	struct lws_span a = lws_span("aaaa", 4), b = lws_span("bbbb", 4);

	(void)state;
	assert_false(lws_pool_recall(pool, &out15, a, &out));
	lws_pool_remember(pool, &out15, a, lws_span("xy", 2));
	assert_true(lws_pool_recall(pool, &out15, a, &out));
	assert_int_equal(out.len, 2);
	assert_memory_equal(room, "xy", 2);
	assert_false(lws_pool_recall(pool, &out15, b, &out));
	assert_false(lws_pool_recall(pool, &in15, a, &out));
	assert_false(lws_pool_recall(pool, &out15, lws_span("aaa", 3), &out));
	lws_pool_remember(pool, &out15, b, lws_span(NULL, 0));
	assert_false(lws_pool_recall(pool, &out15, a, &out));
	assert_true(lws_pool_recall(pool, &out15, b, &out));
	assert_int_equal(out.len, 0);
	lws_pool_remember(pool, &out15, lws_span(large, sizeof(large)), a);
	assert_true(lws_pool_recall(pool, &out15, b, &out));
	lws_pool_remember(pool, &out15, lws_span(large, sizeof(large) - 1), a);
	assert_true(lws_pool_recall(pool, &out15,
				    lws_span(large, sizeof(large) - 1), &out));
	assert_int_equal(out.len, 4);
	lws_ext_pool_free(pool);
}

static void
test_what_is_not_remembered_for_lack_of_memory_does_no_harm(void **state)
{
	struct lws_ext_pool *pool = lws_ext_pool_new();
	uint8_t room[LWS_EXT_STEP];
	struct lws_span out = lws_span(room, 0);

	(void)state;
	unit_allow(0);
	lws_pool_remember(pool, &out15, lws_span("a", 1), lws_span("b", 1));
	assert_false(lws_pool_recall(pool, &out15, lws_span("a", 1), &out));
	assert_null(lws_pool_rx_room(pool));
	assert_null(lws_pool_borrow(pool, &in15));
	lws_set_allocator(NULL);
	assert_non_null(lws_pool_rx_room(pool));
	lws_ext_pool_free(pool);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_kind_zlib_does_not_have_is_refused),
		cmocka_unit_test(test_a_stream_that_was_lent_comes_back_like_new),
		cmocka_unit_test(test_few_streams_idle_of_each_kind),
		cmocka_unit_test(test_a_pool_is_small_until_it_is_used),
		cmocka_unit_test(test_room_can_be_written_around_a_step),
		cmocka_unit_test(test_the_last_message_is_remembered),
		cmocka_unit_test(test_what_is_not_remembered_for_lack_of_memory_does_no_harm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
