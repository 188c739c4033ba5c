/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * Tests of callbacks about descriptors that end the connection they tell of:
 * the library is in the midst of work on it then.
 */
#include "flow/flow.h"

static enum libwebsocket_callback_reasons when;
static bool hang_up;

static int
end_it(struct flow_conn *c, enum libwebsocket_callback_reasons reason,
       void *in, size_t len)
{
	(void)in;
	(void)len;
	if (reason == LWS_CALLBACK_RECEIVE && c->wsi)
		libwebsocket_rx_flow_control(c->wsi, 0);
	if (reason != when || c->client || c->listener || c->n++)
		return 0;
	if (hang_up)
		libwebsockets_hangup_on_client(c->side->context, c->fd);
	else
		libwebsocket_close_and_free_session(
			c->side->context, c->wsi, LWS_CLOSE_STATUS_NOSTATUS);
	return 0;
}

static void
run(enum libwebsocket_callback_reasons reason, bool by_fd)
{
	struct flow f;
	struct flow_raw *r;

	when = reason;
	hang_up = by_fd;
	flow_begin(&f);
	f.hook = end_it;
	flow_open(&f);
	r = flow_raw_ws(&f, 0);
	flow_raw_frame(&f, r, 0x81, "stop", 4);
	FLOW_UNTIL(&f, flow_server(&f, 0) && flow_over(flow_server(&f, 0)));
	assert_int_equal(flow_server(&f, 0)->count[LWS_CALLBACK_CLOSED], 1);
	flow_end(&f);
}

static void
test_a_connection_may_be_closed_when_its_events_change(void **state)
{
	(void)state;
	run(LWS_CALLBACK_CHANGE_MODE_POLL_FD, false);
}

static void
test_a_connection_may_be_hung_up_when_its_events_change(void **state)
{
	(void)state;
	run(LWS_CALLBACK_CHANGE_MODE_POLL_FD, true);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			test_a_connection_may_be_closed_when_its_events_change),
		cmocka_unit_test(
			test_a_connection_may_be_hung_up_when_its_events_change),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
