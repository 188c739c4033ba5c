/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * Tests of timers in programs that let time pass between calls of the
 * library: seconds count from when they were asked for.
 */
#include "flow/flow.h"

#include <unistd.h>

static bool asked;

static int
arm_when_writable(struct flow_conn *c,
		  enum libwebsocket_callback_reasons reason, void *in,
		  size_t len)
{
	(void)in;
	(void)len;
	if (reason != LWS_CALLBACK_SERVER_WRITEABLE || asked)
		return 0;
	asked = true;
	libwebsocket_set_timeout(c->wsi, PENDING_TIMEOUT_AWAITING_PING, 1);
	return 0;
}

static void
test_a_timer_armed_after_a_pause_runs_its_full_time(void **state)
{
	struct flow_conn *s, *c;
	struct flow f;
	uint64_t begun;

	(void)state;
	flow_begin(&f);
	flow_open(&f);
	flow_pair(&f, &s, &c);
	flow_idle(&f, 5);
	asked = false;
	f.hook = arm_when_writable;
	usleep(2200000);
	libwebsocket_callback_on_writable(f.side[0].context, s->wsi);
	begun = flow_ms();
	FLOW_UNTIL(&f, flow_over(s));
	assert_true(asked);
	assert_in_range(flow_ms() - begun, 999, 2500);
	flow_end(&f);
}

static void
test_a_pause_before_a_long_wait_is_counted(void **state)
{
	struct flow_conn *s, *c;
	struct flow f;
	uint64_t begun;

	(void)state;
	flow_begin(&f);
	flow_open(&f);
	flow_pair(&f, &s, &c);
	flow_idle(&f, 5);
	libwebsocket_set_timeout(s->wsi, PENDING_TIMEOUT_AWAITING_PING, 2);
	begun = flow_ms();
	usleep(1900000);
	while (!flow_over(s))
		assert_int_equal(libwebsocket_service(f.side[0].context, 5000),
				 0);
	assert_in_range(flow_ms() - begun, 1999, 3400);
	flow_end(&f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			test_a_timer_armed_after_a_pause_runs_its_full_time),
		cmocka_unit_test(test_a_pause_before_a_long_wait_is_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
