/* SPDX-License-Identifier: LGPL-2.1-only */
/* Tests of core/tx.c where room is reserved and then not used after all. */
#include "unit/core.h"

static const struct lws_stage_ops stage = { 0 };

/* As a frame that its version cannot carry: -76 has no binary one. */
static void
reserve_for_nothing(struct libwebsocket *wsi)
{
	assert_non_null(lws_tx_reserve(wsi, 100));
}

static void
assert_arrives(int peer, const char *text)
{
	char got[64];
	const size_t len = strlen(text);

	assert_int_equal(recv(peer, got, sizeof(got), MSG_DONTWAIT), len);
	assert_memory_equal(got, text, len);
}

static void
test_what_follows_an_unused_reservation_is_flushed(void **state)
{
	struct lws_loop *loop = &core.loop;
	struct libwebsocket *wsi;
	int peer, turns;

	(void)state;
	core_begin(&lws_event_poll);
	loop->tx_high = LWS_TX_HIGH;
	wsi = core_wsi(&stage, &peer);
	for (turns = 0; turns < 3; turns++) {
		reserve_for_nothing(wsi);
		lws_tx_flush_all(loop);
		assert_int_equal(loop->lent, 0);
		assert_int_equal(lws_tx_add(wsi, lws_span_str("after")), 0);
		lws_tx_flush_all(loop);
		assert_arrives(peer, "after");
	}
	core_drop(wsi, peer);
	core_end();
}

static void
test_what_follows_one_in_the_same_turn_is_flushed(void **state)
{
	struct lws_loop *loop = &core.loop;
	struct libwebsocket *wsi;
	int peer;

	(void)state;
	core_begin(&lws_event_poll);
	loop->tx_high = LWS_TX_HIGH;
	wsi = core_wsi(&stage, &peer);
	assert_int_equal(lws_tx_add(wsi, lws_span_str("before, ")), 0);
	reserve_for_nothing(wsi);
	assert_int_equal(lws_tx_add(wsi, lws_span_str("after")), 0);
	lws_tx_flush_all(loop);
	assert_arrives(peer, "before, after");
	assert_int_equal(loop->lent, 0);
	core_drop(wsi, peer);
	core_end();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			test_what_follows_an_unused_reservation_is_flushed),
		cmocka_unit_test(
			test_what_follows_one_in_the_same_turn_is_flushed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
