/* SPDX-License-Identifier: LGPL-2.1-only */
/* Tests of core/watch.c. */
#include "unit/core.h"

static const struct lws_stage_ops stage = { 0 };

static unsigned
told(enum libwebsocket_callback_reasons reason)
{
	return core.told[reason];
}

static void
test_what_is_waited_for_follows_from_the_flags(void **state)
{
	static const struct {
		uint32_t flags;
		bool foreign, held;
		unsigned want, notes;
		bool client;
		bool tls;
	} rows[] = {
		{ 0, false, false, POLLIN, 0 },
		{ LWS_WSI_STOPPED, false, false, 0, 0 },
		{ LWS_WSI_PEER_EOF, false, false, 0, 0 },
		{ 0, false, true, 0, 0 },
		{ LWS_WSI_REFUSED, false, false, POLLIN | POLLOUT, 0 },
		{ LWS_WSI_REFUSED | LWS_WSI_STOPPED, false, false, POLLOUT, 0 },
		{ LWS_WSI_CONNECTING, false, false, POLLOUT, 0, true },
		{ LWS_WSI_ASKED, false, false, POLLIN, 0 },
		{ LWS_WSI_ASKED, true, false, POLLIN | POLLOUT, 0 },
		{ LWS_WSI_ASKED | LWS_WSI_CLIENT, true, false, POLLIN, 0,
		  true },
		{ LWS_WSI_ASKED | LWS_WSI_CLIENT | LWS_WSI_OPEN, true, false,
		  POLLIN | POLLOUT, 0, true },
		{ 0, false, false, POLLIN, LWS_STREAM_HIDDEN },
		{ 0, false, false, POLLOUT, LWS_STREAM_RX_OUT, .tls = true },
		{ LWS_WSI_REFUSED, false, false, POLLIN, LWS_STREAM_TX_IN,
		  .tls = true },
		{ LWS_WSI_REFUSED | LWS_WSI_STOPPED, false, false, POLLIN,
		  LWS_STREAM_TX_IN, .tls = true },
	};
	struct lws_stash stash = { 0 };
	struct libwebsocket *wsi;
	unsigned before;
	size_t n;
	int peer;

	(void)state;
	for (n = 0; n < COUNT(rows); n++) {
		if ((rows[n].client && !LWS_BUILT_CLIENT) ||
		    (rows[n].tls && !LWS_BUILT_TLS))
			continue;
		core_begin(&lws_event_poll);
		wsi = core_wsi(&stage, &peer);
		assert_int_equal(core.events, POLLIN);
		wsi->flags |= rows[n].flags;
		wsi->stream.notes = (uint8_t)rows[n].notes;
		wsi->stash = rows[n].held ? &stash : NULL;
		core.context.loops->foreign = rows[n].foreign;
		lws_watch_refresh(wsi);
		assert_int_equal(wsi->stream.watched, rows[n].want);
		before = told(LWS_CALLBACK_CHANGE_MODE_POLL_FD);
		assert_int_equal(before, rows[n].want != POLLIN);
		if (before) {
			assert_int_equal(core.prev_events, POLLIN);
			assert_int_equal(core.events, rows[n].want);
		}
		/* asked twice it changes nothing */
		lws_watch_refresh(wsi);
		assert_int_equal(told(LWS_CALLBACK_CHANGE_MODE_POLL_FD),
				 before);
		wsi->stash = NULL;
		core_drop(wsi, peer);
		core_end();
	}
}

static void
test_adding_and_removing_are_paired_and_bracketed(void **state)
{
	struct libwebsocket *wsi;
	int peer;

	(void)state;
	core_begin(&lws_event_poll);
	wsi = core_wsi(&stage, &peer);
	assert_int_equal(told(LWS_CALLBACK_ADD_POLL_FD), 1);
	lws_watch_withdraw(wsi);
	lws_watch_withdraw(wsi);
	assert_int_equal(told(LWS_CALLBACK_DEL_POLL_FD), 1);
	/* the library itself still looks */
	assert_ptr_equal(lws_fds_get(&core.context.fds, wsi->stream.fd), wsi);
	wsi->flags |= LWS_WSI_REFUSED;
	lws_watch_refresh(wsi);
	assert_int_equal(told(LWS_CALLBACK_CHANGE_MODE_POLL_FD), 0);
	lws_watch_close(wsi);
	lws_watch_close(wsi);
	assert_null(lws_fds_get(&core.context.fds, wsi->stream.fd));
	assert_int_equal(told(LWS_CALLBACK_DEL_POLL_FD), 1);
	assert_int_equal(told(LWS_CALLBACK_LOCK_POLL), 2);
	assert_int_equal(told(LWS_CALLBACK_UNLOCK_POLL), 2);
	core_drop(wsi, peer);
	core_end();
}

static void
test_who_is_refused_is_not_watched(void **state)
{
	struct libwebsocket *wsi;
	int ends[2];

	(void)state;
	core_begin(&lws_event_poll);
	unit_connection(ends);
	wsi = lws_wsi_new(core.context.loops, ends[1], &stage,
			  &core.protocols[0]);
	core.answer = 1;
	assert_int_equal(lws_watch_open(wsi), LWS_ERR_USER);
	assert_null(lws_fds_get(&core.context.fds, ends[1]));
	lws_watch_close(wsi);
	assert_int_equal(told(LWS_CALLBACK_DEL_POLL_FD), 0);
	unit_allow(0);
	assert_true(lws_watch_open(wsi) < 0);
	unit_allow(-1);
	core.answer = 0;
	lws_wsi_discard(wsi);
	close(ends[0]);
	core_end();
}

static void
test_asking_costs_no_change_of_interest_in_our_own_loop(void **state)
{
	struct libwebsocket *wsi;
	int peer;

	(void)state;
	core_begin(&lws_event_poll);
	wsi = core_wsi(&stage, &peer);
	assert_int_equal(libwebsocket_callback_on_writable(&core.context,
							   wsi), 1);
	assert_int_equal(libwebsocket_callback_on_writable(&core.context,
							   wsi), 1);
	assert_true(wsi->flags & LWS_WSI_ASKED);
	assert_false(lws_list_empty(&wsi->work));
	assert_int_equal(told(LWS_CALLBACK_CHANGE_MODE_POLL_FD), 0);
	lws_watch_close(wsi);
	lws_list_del(&wsi->work);
	assert_int_equal(libwebsocket_callback_on_writable(&core.context,
							   wsi), -1);
	/* a client may ask before it has a socket */
	wsi->flags |= LWS_WSI_CLIENT;
	assert_int_equal(libwebsocket_callback_on_writable(&core.context,
				wsi), LWS_BUILT_CLIENT ? 1 : -1);
	wsi->flags |= LWS_WSI_DOOMED;
	assert_int_equal(libwebsocket_callback_on_writable(&core.context,
							   wsi), -1);
	core_drop(wsi, peer);
	core_end();
}

static void
test_another_socket_takes_place_and_number(void **state)
{
	struct libwebsocket *wsi;
	int peer, ends[2], old;
	char byte;

	(void)state;
	core_begin(&lws_event_poll);
	wsi = core_wsi(&stage, &peer);
	old = wsi->stream.fd;
	unit_connection(ends);
	assert_int_equal(lws_watch_reopen(wsi, ends[1]), 0);
	assert_int_equal(wsi->stream.fd, old);
	assert_ptr_equal(lws_fds_get(&core.context.fds, old), wsi);
	assert_null(lws_fds_get(&core.context.fds, ends[1]));
	assert_int_equal(fcntl(ends[1], F_GETFD), -1);
	unit_assert_flags(old, true);
	assert_int_equal(write(old, "x", 1), 1);
	assert_int_equal(read(ends[0], &byte, 1), 1);
	assert_int_equal(read(peer, &byte, 1), 0);
	assert_int_equal(told(LWS_CALLBACK_ADD_POLL_FD), 2);
	assert_int_equal(told(LWS_CALLBACK_DEL_POLL_FD), 1);
	core_drop(wsi, peer);
	close(ends[0]);
	core_end();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			test_what_is_waited_for_follows_from_the_flags),
		cmocka_unit_test(
			test_adding_and_removing_are_paired_and_bracketed),
		cmocka_unit_test(test_who_is_refused_is_not_watched),
		cmocka_unit_test(
			test_asking_costs_no_change_of_interest_in_our_own_loop),
		cmocka_unit_test(test_another_socket_takes_place_and_number),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
