/* SPDX-License-Identifier: LGPL-2.1-only */
/* Tests of core/timeout.c, on a clock that the test turns. */
#include "unit/core.h"

static unsigned expired, last_reason;
static int answer;

static int
on_expired(struct libwebsocket *wsi, unsigned reason)
{
	(void)wsi;
	expired++;
	last_reason = reason;
	return answer;
}

static const struct lws_stage_ops stage = {
	.expired = on_expired,
};
static const struct lws_stage_ops plain = { 0 };

static void
pass(unsigned ms)
{
	core.context.loops->now_ms += ms;
	lws_timeout_run(core.context.loops);
}

static struct libwebsocket *
begin(const struct lws_stage_ops *ops, int *peer)
{
	core_begin(&lws_event_poll);
	core.context.loops->in_turn = true;
	expired = 0;
	answer = 0;
	return core_wsi(ops, peer);
}

static void
test_it_fires_after_n_seconds_and_before_one_more(void **state)
{
	struct libwebsocket *wsi;
	int peer, secs;

	(void)state;
	for (secs = 1; secs < 700; secs = secs * 3 + 1) {
		wsi = begin(&stage, &peer);
		core.context.loops->now_ms += 333;
		libwebsocket_set_timeout(wsi, PENDING_TIMEOUT_HTTP_CONTENT,
					 secs);
		pass((unsigned)secs * 1000 - 1);
		assert_int_equal(expired, 0);
		pass(1001);
		assert_int_equal(expired, 1);
		assert_int_equal(last_reason, PENDING_TIMEOUT_HTTP_CONTENT);
		pass(5000);
		assert_int_equal(expired, 1);
		core_drop(wsi, peer);
		core_end();
	}
}

static void
test_arming_again_moves_it_and_no_reason_disarms(void **state)
{
	struct libwebsocket *wsi;
	int peer;

	(void)state;
	wsi = begin(&stage, &peer);
	libwebsocket_set_timeout(wsi, PENDING_TIMEOUT_SSL_ACCEPT, 1);
	libwebsocket_set_timeout(wsi, PENDING_TIMEOUT_CLOSE_ACK, 9);
	pass(8999);
	assert_int_equal(expired, 0);
	libwebsocket_set_timeout(wsi, NO_PENDING_TIMEOUT, 1);
	pass(100000);
	assert_int_equal(expired, 0);
	core_drop(wsi, peer);
	core_end();
}

static void
test_without_a_say_of_the_stage_it_is_the_end(void **state)
{
	struct libwebsocket *wsi;
	int peer;

	(void)state;
	wsi = begin(&plain, &peer);
	libwebsocket_set_timeout(wsi, PENDING_TIMEOUT_AWAITING_PING, -1);
	pass(1001);
	assert_int_equal(core.told[LWS_CALLBACK_WSI_DESTROY], 1);
	/* the dead have no timers */
	libwebsocket_set_timeout(wsi, PENDING_TIMEOUT_AWAITING_PING, 1);
	assert_false(lws_timer_armed(&wsi->timer));
	lws_wsi_bury_all(core.context.loops);
	close(peer);
	core_end();
}

static void
test_a_stage_may_say_no(void **state)
{
	struct libwebsocket *wsi;
	int peer;

	(void)state;
	wsi = begin(&stage, &peer);
	answer = LWS_ERR_TIMEOUT;
	libwebsocket_set_timeout(wsi, PENDING_TIMEOUT_AWAITING_PING, 1);
	pass(2001);
	assert_int_equal(core.told[LWS_CALLBACK_WSI_DESTROY], 1);
	lws_wsi_bury_all(core.context.loops);
	close(peer);
	core_end();
}

static void
test_the_wait_is_no_longer_than_the_next_timer_or_work_allows(void **state)
{
	struct libwebsocket *wsi;
	int peer, wait, again;

	(void)state;
	wsi = begin(&stage, &peer);
	assert_int_equal(lws_timeout_wait(core.context.loops, -1), -1);
	assert_int_equal(lws_timeout_wait(core.context.loops, 77), 77);
	/* so long that the time which the test takes does not matter */
	libwebsocket_set_timeout(wsi, PENDING_TIMEOUT_AWAITING_PING, 30);
	wait = lws_timeout_wait(core.context.loops, -1);
	assert_true(wait > 10000 && wait <= 31000);
	assert_int_equal(lws_timeout_wait(core.context.loops, 0), 0);
	assert_int_equal(lws_timeout_wait(core.context.loops, 100), 100);
	again = lws_timeout_wait(core.context.loops, 100000);
	assert_true(again > 0 && again <= wait);
	lws_watch_work(wsi);
	assert_int_equal(lws_timeout_wait(core.context.loops, -1), 0);
	core_drop(wsi, peer);
	core_end();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			test_it_fires_after_n_seconds_and_before_one_more),
		cmocka_unit_test(
			test_arming_again_moves_it_and_no_reason_disarms),
		cmocka_unit_test(test_without_a_say_of_the_stage_it_is_the_end),
		cmocka_unit_test(test_a_stage_may_say_no),
		cmocka_unit_test(
			test_the_wait_is_no_longer_than_the_next_timer_or_work_allows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
