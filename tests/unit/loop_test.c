/* SPDX-License-Identifier: LGPL-2.1-only */
/* Tests of core/loop.c. */
#include "unit/core.h"

static unsigned got;

static int
take(struct libwebsocket *wsi, struct lws_span *in)
{
	(void)wsi;
	got += (unsigned)in->len;
	lws_span_skip(in, in->len);
	return 0;
}

static const struct lws_stage_ops stage = { .rx = take };

static void
test_a_turn_serves_who_is_ready_and_ends_tidy(void **state)
{
	/* the best there is, and the one that is everywhere */
	const struct lws_event_ops *const backends[] = {
		lws_event_backends[0], &lws_event_poll,
	};
	struct libwebsocket *wsi;
	struct lws_loop *loop = &core.loop;
	size_t n;
	int peer;

	(void)state;
	for (n = 0; n < COUNT(backends); n++) {
		core_begin(backends[n]);
		wsi = core_wsi(&stage, &peer);
		got = 0;
		assert_int_equal(lws_loop_turn(loop, 0), 0);
		assert_int_equal(send(peer, "abc", 3, 0), 3);
		while (got < 3)
			assert_int_equal(lws_loop_turn(loop, 1000), 0);
		assert_false(loop->in_turn);
		assert_int_equal(loop->tx_high, 0);
		close(peer);
		while (!core.told[LWS_CALLBACK_WSI_DESTROY])
			assert_int_equal(lws_loop_turn(loop, 1000), 0);
		assert_true(lws_list_empty(&loop->doomed));
		(void)wsi;
		core_end();
	}
}

static void
test_a_turn_for_one_descriptor_says_whether_it_closed(void **state)
{
	struct libwebsocket *a, *b;
	struct lws_loop *loop = &core.loop;
	int pa, pb, fd;

	(void)state;
	core_begin(&lws_event_external);
	a = core_wsi(&stage, &pa);
	b = core_wsi(&stage, &pb);
	got = 0;
	assert_int_equal(send(pb, "b", 1, 0), 1);
	assert_int_equal(send(pa, "aa", 2, 0), 2);
	unit_wait(a->stream.fd, POLLIN);
	assert_int_equal(lws_loop_turn_fd(loop, a->stream.fd, POLLIN), 0);
	assert_int_equal(got, 2);
	assert_int_equal(lws_loop_turn_fd(loop, -1, 0), 0);
	assert_int_equal(lws_loop_turn_fd(loop, 4000, POLLIN), 0);
	assert_true(loop->foreign);
	close(pa);
	fd = a->stream.fd;
	unit_wait(fd, POLLIN);
	assert_int_equal(lws_loop_turn_fd(loop, fd, POLLIN), 1);
	assert_int_equal(lws_loop_turn_fd(loop, fd, POLLIN), 0);
	core_drop(b, pb);
	core_end();
}

static void
test_random_bytes_are_used_once(void **state)
{
	uint8_t a[16], b[16];
	unsigned same = 0;
	int n;

	(void)state;
	core_begin(&lws_event_poll);
	assert_int_equal(lws_loop_random(core.context.loops, a, 16), 0);
	for (n = 0; n < 1000; n++) {
		assert_int_equal(lws_loop_random(core.context.loops, b, 16),
				 0);
		same += !memcmp(a, b, 16);
		memcpy(a, b, 16);
	}
	assert_int_equal(same, 0);
	for (n = 1; n <= 16; n++)
		assert_int_equal(lws_loop_random(core.context.loops, b,
						 (size_t)n), 0);
	core_end();
}

static void
test_another_thread_is_who_has_another_id(void **state)
{
	(void)state;
	core_begin(&lws_event_poll);
	core.thread_id = 5;
	assert_int_equal(lws_loop_turn(core.context.loops, 0), 0);
	assert_false(lws_loop_other_thread(core.context.loops));
	core.thread_id = 6;
	assert_true(lws_loop_other_thread(core.context.loops));
	core_end();
}

static void
test_every_allocation_and_descriptor_may_fail(void **state)
{
	const struct lws_event_ops *const backends[] = {
		lws_event_backends[0], &lws_event_poll, &lws_event_external,
	};
	struct lws_loop *loop = &core.loop;
	struct rlimit old;
	size_t n;
	int k, rc;

	(void)state;
	for (n = 0; n < COUNT(backends); n++) {
		core_begin(&lws_event_poll);
		lws_loop_fini(loop);
		for (k = 0, rc = -1; rc < 0; k++) {
			memset(loop, 0, sizeof(*loop));
			unit_allow(k);
			rc = lws_loop_init(loop, &core.context, backends[n],
					   64);
			unit_allow(-1);
		}
		assert_true(k > 2);
		lws_loop_fini(loop);
		memset(loop, 0, sizeof(*loop));
		old = unit_exhaust_fds();
		rc = lws_loop_init(loop, &core.context, backends[n], 64);
		unit_restore_fds(old);
		assert_true(rc < 0);
		memset(loop, 0, sizeof(*loop));
		assert_int_equal(lws_loop_init(loop, &core.context,
					       backends[n], 64), 0);
		core_end();
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_turn_serves_who_is_ready_and_ends_tidy),
		cmocka_unit_test(
			test_a_turn_for_one_descriptor_says_whether_it_closed),
		cmocka_unit_test(test_random_bytes_are_used_once),
		cmocka_unit_test(test_another_thread_is_who_has_another_id),
		cmocka_unit_test(
			test_every_allocation_and_descriptor_may_fail),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
