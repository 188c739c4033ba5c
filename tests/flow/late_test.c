/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * Tests of timers in programs that let time pass between calls of the
 * library: seconds count from when they were asked for.
 */
#include "flow/flow.h"

#include <unistd.h>

/* ms that the loop last wanted to wait in poll(), which is this one */
static int wanted_ms;

int
poll(struct pollfd *fds, nfds_t count, int timeout_ms)
{
	const struct timespec wait = {
		timeout_ms / 1000, timeout_ms % 1000 * 1000000L,
	};

	wanted_ms = timeout_ms;
	return ppoll(fds, count, timeout_ms < 0 ? NULL : &wait, NULL);
}

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
	assert_true(flow_ms() - begun >= 999);
	flow_end(&f);
}

/* The timer is over two seconds after it is armed, and seen in the third. */
static void
test_a_pause_before_a_long_wait_is_counted(void **state)
{
	struct flow_conn *s, *c;
	struct flow f;
	uint64_t begun, called;

	(void)state;
	flow_begin(&f);
	f.side[0].info.event_backend = "poll";
	flow_open(&f);
	flow_pair(&f, &s, &c);
	flow_idle(&f, 5);
	libwebsocket_set_timeout(s->wsi, PENDING_TIMEOUT_AWAITING_PING, 2);
	begun = flow_ms();
	usleep(1900000);
	while (!flow_over(s)) {
		called = flow_ms();
		assert_int_equal(libwebsocket_service(f.side[0].context, 5000),
				 0);
		assert_in_range(wanted_ms, 0, 3001);
		assert_true(called + (uint64_t)wanted_ms <= begun + 3001 ||
			    !wanted_ms);
	}
	assert_true(flow_ms() - begun >= 1999);
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
