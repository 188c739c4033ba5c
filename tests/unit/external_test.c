/* SPDX-License-Identifier: LGPL-2.1-only */
/* Tests of event/external.c. */
#include "unit/sockets.h"

#include "event/event.h"

static void
test_it_watches_nothing_and_never_waits(void **state)
{
	const struct lws_event_ops *ops = &lws_event_external;
	struct lws_ready out = { -1, 0 };
	struct lws_events ev;
	uint32_t slot = 4711;
	uint64_t start;
	int ends[2];

	(void)state;
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(write(ends[1], "x", 1), 1);
	assert_int_equal(ops->init(&ev, 100), 0);
	assert_int_equal(ops->set(&ev, ends[0], &slot, LWS_EV_ABSENT, POLLIN),
			 0);
	start = lws_plat_now_us();
	assert_int_equal(ops->wait(&ev, -1, &out, 1), 0);
	assert_int_equal(ops->wait(&ev, UNIT_PATIENCE_MS, &out, 1), 0);
	assert_true(lws_plat_now_us() - start < UNIT_PATIENCE_MS * 500u);
	assert_int_equal(out.fd, -1);
	assert_int_equal(slot, 4711);
	assert_int_equal(ops->set(&ev, ends[0], &slot, POLLIN, 0), 0);
	assert_int_equal(ops->set(&ev, ends[0], &slot, 0, LWS_EV_ABSENT), 0);
	ops->fini(&ev);
	close(ends[0]);
	close(ends[1]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_it_watches_nothing_and_never_waits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
