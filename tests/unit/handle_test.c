/* SPDX-License-Identifier: LGPL-2.1-only */
/* Tests of core/handle.c. */
#include "unit/core.h"

static const struct lws_stage_ops stage = { 0 };

static struct libwebsocket *
open_wsi(int *peer)
{
	struct libwebsocket *wsi = core_wsi(&stage, peer);

	wsi->flags |= LWS_WSI_OPEN;
	wsi->u.ws.framer = &lws_framer_13;
	return wsi;
}

static struct lws_gate *
gate_of(lws_handle h)
{
	return lws_handle_gate(h.context, lws_handle_fd(h));
}

static void
test_only_an_open_connection_has_a_handle(void **state)
{
	struct libwebsocket *wsi;
	int peer;

	(void)state;
	core_begin(&lws_event_poll);
	wsi = open_wsi(&peer);
	wsi->flags &= ~(uint32_t)LWS_WSI_OPEN;
	assert_null(lws_get_handle(wsi).context);
	wsi->flags |= LWS_WSI_OPEN | LWS_WSI_PARTIAL_TX;
	assert_null(lws_get_handle(wsi).context);
	wsi->flags &= ~(uint32_t)LWS_WSI_PARTIAL_TX;
	assert_null(core.context.handles);
	assert_ptr_equal(lws_get_handle(wsi).context, &core.context);
	assert_non_null(core.context.handles);
	wsi->flags |= LWS_WSI_DOOMED;
	assert_null(lws_get_handle(wsi).context);
	core_drop(wsi, peer);
	core_end();
}

static void
test_a_handle_names_its_connection_until_that_ends(void **state)
{
	struct libwebsocket *wsi;
	lws_handle a, b;
	int peer;

	(void)state;
	core_begin(&lws_event_poll);
	wsi = open_wsi(&peer);
	a = lws_get_handle(wsi);
	b = lws_get_handle(wsi);
	assert_memory_equal(&a, &b, sizeof(a));
	assert_int_equal(lws_handle_fd(a), wsi->stream.fd);
	assert_ptr_equal(lws_handle_loop(a), wsi->loop);
	assert_true(lws_gate_is(gate_of(a), a.generation));
	lws_wsi_doom(wsi, LWS_ERR_CLOSED);
	assert_false(lws_gate_is(gate_of(a), a.generation));
	assert_int_equal(lws_gate_enter(gate_of(a), a.generation, 1, 100),
			 LWS_ERR_CLOSED);
	lws_wsi_bury_all(core.context.loops);
	close(peer);
	core_end();
}

static void
test_what_waits_is_counted_up_to_the_limit(void **state)
{
	struct libwebsocket *wsi;
	struct lws_gate *gate;
	lws_handle h;
	int peer;

	(void)state;
	core_begin(&lws_event_poll);
	wsi = open_wsi(&peer);
	h = lws_get_handle(wsi);
	gate = gate_of(h);
	/* one that finds more than the limit is refused, whatever its size */
	assert_int_equal(lws_gate_enter(gate, h.generation, 101, 100), 0);
	assert_int_equal(lws_gate_enter(gate, h.generation, 1, 100),
			 LWS_ERR_LIMIT);
	lws_gate_leave(gate, 1);
	assert_int_equal(lws_gate_enter(gate, h.generation, 50, 100), 0);
	lws_gate_leave(gate, 150);
	/* so does output that a slow peer has not taken */
	wsi->tx.queued = 101;
	lws_handle_note(wsi);
	assert_int_equal(lws_gate_enter(gate, h.generation, 1, 100),
			 LWS_ERR_LIMIT);
	wsi->tx.queued = 0;
	lws_handle_note(wsi);
	assert_int_equal(lws_gate_enter(gate, h.generation, 1, 100), 0);
	lws_gate_leave(gate, 1);
	/* and the count does not run over into the generation */
	assert_int_equal(lws_gate_enter(gate, h.generation, UINT32_MAX,
					SIZE_MAX), 0);
	assert_int_equal(lws_gate_enter(gate, h.generation, 1, SIZE_MAX),
			 LWS_ERR_LIMIT);
	assert_true(lws_gate_is(gate, h.generation));
	core_drop(wsi, peer);
	core_end();
}

static void
test_what_waited_counts_until_it_is_gone(void **state)
{
	struct libwebsocket *wsi;
	struct lws_gate *gate;
	lws_handle old, new;
	int peer;

	(void)state;
	core_begin(&lws_event_poll);
	wsi = open_wsi(&peer);
	old = lws_get_handle(wsi);
	gate = gate_of(old);
	wsi->tx.queued = 1000;
	lws_handle_note(wsi);
	wsi->tx.queued = 0;
	assert_int_equal(lws_gate_enter(gate, old.generation, 101, 2000), 0);
	lws_handle_retire(wsi);
	new = lws_get_handle(wsi);
	assert_int_not_equal(old.generation, new.generation);
	assert_int_equal(lws_gate_enter(gate, old.generation, 1, 2000),
			 LWS_ERR_CLOSED);
	assert_int_equal(lws_gate_enter(gate, new.generation, 1, 100),
			 LWS_ERR_LIMIT);
	/* the output of the old one is nothing to the new one */
	lws_gate_leave(gate, 101);
	assert_int_equal(lws_gate_enter(gate, new.generation, 1, 100), 0);
	lws_gate_leave(gate, 1);
	core_drop(wsi, peer);
	core_end();
}

static void
test_handles_that_were_made_up_lead_nowhere(void **state)
{
	lws_handle h = { &core.context, 5, 0 };

	(void)state;
	core_begin(&lws_event_poll);
	assert_null(gate_of(h));
	h.place = UINT32_MAX;
	assert_null(gate_of(h));
	assert_null(lws_handle_loop(h));
	assert_null(lws_handle_gate(&core.context, -1));
	assert_int_equal(lws_queue_write(h, "x", 1, LWS_WRITE_TEXT), -1);
	h.context = NULL;
	assert_int_equal(lws_queue_write(h, "x", 1, LWS_WRITE_TEXT), -1);
	core_end();
}

static void
test_every_allocation_may_fail(void **state)
{
	struct libwebsocket *wsi;
	lws_handle h;
	int peer;

	(void)state;
	core_begin(&lws_event_poll);
	wsi = open_wsi(&peer);
	unit_allow(0);
	assert_null(lws_get_handle(wsi).context);
	unit_allow(1);
	assert_null(lws_get_handle(wsi).context);
	unit_allow(1);
	h = lws_get_handle(wsi);
	assert_non_null(h.context);
	unit_allow(0);
	assert_int_equal(lws_queue_write(h, "x", 1, LWS_WRITE_TEXT), -2);
	unit_allow(-1);
	/* nothing is counted for what was not sent */
	assert_int_equal(gate_of(h)->waits, 0);
	assert_int_equal(lws_queue_write(h, "x", 1, LWS_WRITE_TEXT), 0);
	core_drop(wsi, peer);
	/* it is dropped with the loop */
	core_end();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_only_an_open_connection_has_a_handle),
		cmocka_unit_test(
			test_a_handle_names_its_connection_until_that_ends),
		cmocka_unit_test(test_what_waits_is_counted_up_to_the_limit),
		cmocka_unit_test(
			test_what_waited_counts_until_it_is_gone),
		cmocka_unit_test(test_handles_that_were_made_up_lead_nowhere),
		cmocka_unit_test(test_every_allocation_may_fail),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
