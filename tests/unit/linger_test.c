/* SPDX-License-Identifier: LGPL-2.1-only */
/* Tests of core/linger.c. */
#include "unit/core.h"

#include "base/limits.h"

static const struct lws_stage_ops stage = { 0 };
static uint8_t much[8 << 20];

/* Let @ms pass on the loop's clock, without waiting. */
static void
pass(unsigned ms)
{
	core.context.loops->now_ms += ms;
	lws_timeout_run(core.context.loops);
	lws_wsi_bury_all(core.context.loops);
}

static struct libwebsocket *
begin(int *peer, uint32_t flags, size_t queued)
{
	struct libwebsocket *wsi;

	core_begin(&lws_event_poll);
	wsi = core_wsi(&stage, peer);
	wsi->flags |= flags;
	if (queued)
		assert_int_equal(lws_tx_add(wsi, lws_span(much, queued)), 0);
	return wsi;
}

static size_t
drain(int peer)
{
	static uint8_t buf[65536];
	size_t sum = 0;
	ssize_t n;

	while ((n = recv(peer, buf, sizeof(buf), MSG_DONTWAIT)) > 0)
		sum += (size_t)n;
	return sum;
}

static void
test_nothing_to_wait_for_is_over_at_once(void **state)
{
	int peer;

	(void)state;
	lws_wsi_doom(begin(&peer, 0, 0), LWS_ERR_CLOSED);
	assert_false(lws_list_empty(&core.context.loops->doomed));
	lws_wsi_bury_all(core.context.loops);
	close(peer);
	core_end();
}

static void
test_the_peer_has_a_second_to_finish(void **state)
{
	char byte;
	int peer;

	(void)state;
	lws_wsi_doom(begin(&peer, LWS_WSI_LINGER | LWS_WSI_HALF_CLOSE, 0),
		     LWS_ERR_CLOSED);
	assert_true(lws_list_empty(&core.context.loops->doomed));
	unit_wait(peer, POLLIN);
	assert_int_equal(recv(peer, &byte, 1, 0), 0);
	pass(LWS_CLOSE_TIMEOUT * 1000 - 10);
	assert_false(lws_list_empty(&core.context.loops->lingering));
	pass(1100);
	assert_true(lws_list_empty(&core.context.loops->lingering));
	close(peer);
	core_end();
}

static void
test_a_peer_that_finishes_is_not_waited_for(void **state)
{
	int peer;

	(void)state;
	lws_wsi_doom(begin(&peer, LWS_WSI_LINGER, 0), LWS_ERR_CLOSED);
	assert_int_equal(send(peer, "late", 4, 0), 4);
	close(peer);
	while (!lws_list_empty(&core.context.loops->lingering))
		lws_loop_turn(core.context.loops, 100);
	core_end();
}

/* Ended amid input that it had laid aside. */
static void
test_who_held_input_still_hears_that_the_peer_has_finished(void **state)
{
	int peer, n;

	(void)state;
	lws_wsi_doom(begin(&peer, LWS_WSI_LINGER | LWS_WSI_HOLDS, 0),
		     LWS_ERR_CLOSED);
	assert_int_equal(send(peer, "late", 4, 0), 4);
	shutdown(peer, SHUT_WR);
	/* by far less than a second */
	for (n = 0; n < 4; n++)
		lws_loop_turn(core.context.loops, 20);
	assert_true(lws_list_empty(&core.context.loops->lingering));
	close(peer);
	core_end();
}

static void
test_output_follows_as_the_peer_takes_it(void **state)
{
	size_t got = 0;
	int peer;

	(void)state;
	lws_wsi_doom(begin(&peer, 0, sizeof(much)), LWS_ERR_CLOSED);
	assert_int_equal(core.told[LWS_CALLBACK_WSI_DESTROY], 1);
	assert_int_equal(core.told[LWS_CALLBACK_DEL_POLL_FD], 1);
	while (got < sizeof(much)) {
		lws_loop_turn(core.context.loops, 10);
		got += drain(peer);
	}
	lws_loop_turn(core.context.loops, 0);
	assert_true(lws_list_empty(&core.context.loops->lingering));
	close(peer);
	core_end();
}

static void
test_who_takes_nothing_for_long_is_left(void **state)
{
	uint64_t n;
	int peer;

	(void)state;
	if (LWS_DRAIN_TIMEOUT > 100000) {
		print_message("too many seconds to count\n");
		skip();
	}
	lws_wsi_doom(begin(&peer, 0, sizeof(much)), LWS_ERR_CLOSED);
	for (n = 0; n < LWS_DRAIN_TIMEOUT - 2; n++)
		pass(1000);
	assert_false(lws_list_empty(&core.context.loops->lingering));
	/* it starts anew when the system finds room for a little more */
	for (n = 0; n < UINT64_C(100) * LWS_DRAIN_TIMEOUT; n++) {
		if (lws_list_empty(&core.context.loops->lingering))
			break;
		pass(1000);
	}
	assert_true(lws_list_empty(&core.context.loops->lingering));
	close(peer);
	core_end();
}

static void
test_a_context_that_ends_waits_for_nobody(void **state)
{
	struct libwebsocket *wsi;
	int peer;

	(void)state;
	wsi = begin(&peer, LWS_WSI_LINGER, sizeof(much));
	core.context.loops->destroying = true;
	lws_wsi_doom(wsi, LWS_ERR_CLOSED);
	assert_false(lws_list_empty(&core.context.loops->doomed));
	close(peer);
	core_end();
}

static void
test_endless_input_is_not_listened_to(void **state)
{
	int peer, n;

	(void)state;
	lws_wsi_doom(begin(&peer, LWS_WSI_LINGER, 0), LWS_ERR_CLOSED);
	for (n = 0; n < 10000 && !lws_list_empty(
			&core.context.loops->lingering); n++) {
		send(peer, much, sizeof(much), MSG_DONTWAIT | MSG_NOSIGNAL);
		lws_loop_turn(core.context.loops, 0);
	}
	assert_true(lws_list_empty(&core.context.loops->lingering));
	close(peer);
	core_end();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nothing_to_wait_for_is_over_at_once),
		cmocka_unit_test(test_the_peer_has_a_second_to_finish),
		cmocka_unit_test(test_a_peer_that_finishes_is_not_waited_for),
		cmocka_unit_test(
			test_who_held_input_still_hears_that_the_peer_has_finished),
		cmocka_unit_test(test_output_follows_as_the_peer_takes_it),
		cmocka_unit_test(test_who_takes_nothing_for_long_is_left),
		cmocka_unit_test(test_a_context_that_ends_waits_for_nobody),
		cmocka_unit_test(test_endless_input_is_not_listened_to),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
