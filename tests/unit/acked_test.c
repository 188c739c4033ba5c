/* SPDX-License-Identifier: LGPL-2.1-only */
/* Tests of plat/unix/acked.c. */
#include "unit/sockets.h"

/* Does the system know?  Where it does not, nobody waits for it. */
static bool
known(int fd)
{
	bool waiting;

	return lws_plat_acked(fd, &waiting) > 0;
}

static void
test_what_arrived_is_counted_and_nothing_is_waited_for(void **state)
{
	static const char text[1000];
	const struct lws_span v = lws_span(text, sizeof(text));
	uint64_t before, after;
	bool waiting = true;
	int ends[2], n;

	(void)state;
	unit_connection(ends);
	before = lws_plat_acked(ends[0], &waiting);
	assert_false(waiting);
	assert_int_equal(lws_plat_sendv(ends[0], &v, 1), sizeof(text));
	for (n = 0; n < UNIT_PATIENCE_MS; n++) {
		after = lws_plat_acked(ends[0], &waiting);
		if (!waiting)
			break;
		usleep(1000);
	}
	assert_false(waiting);
	if (known(ends[0]))
		assert_int_equal(after - before, sizeof(text));
	lws_plat_close(ends[0]);
	lws_plat_close(ends[1]);
}

/* The peer's system takes only so much while the peer reads nothing. */
static void
test_what_the_peer_has_no_room_for_is_waited_for(void **state)
{
	static char block[100000], sink[100000];
	const struct lws_span v = lws_span(block, sizeof(block));
	uint64_t sent = 0, arrived, got = 0;
	bool waiting;
	int ends[2];
	ssize_t n;

	(void)state;
	unit_connection(ends);
	if (!known(ends[0]))
		skip();
	arrived = lws_plat_acked(ends[0], &waiting);
	while ((n = lws_plat_sendv(ends[0], &v, 1)) > 0)
		sent += (uint64_t)n;
	assert_int_equal(n, LWS_ERR_AGAIN);
	usleep(20000);
	assert_true(lws_plat_acked(ends[0], &waiting) - arrived < sent);
	assert_true(waiting);
	while (got < sent) {
		unit_wait(ends[1], POLLIN);
		n = lws_plat_recv(ends[1], sink, sizeof(sink));
		assert_true(n > 0);
		got += (uint64_t)n;
	}
	for (n = 0; n < UNIT_PATIENCE_MS && waiting; n++) {
		usleep(1000);
		got = lws_plat_acked(ends[0], &waiting) - arrived;
	}
	assert_false(waiting);
	assert_int_equal(got, sent);
	lws_plat_close(ends[0]);
	lws_plat_close(ends[1]);
}

static void
test_other_descriptors_have_nothing_acknowledged(void **state)
{
	int fds[2], n;
	bool waiting;

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	for (n = -1; n < 2; n++) {
		waiting = true;
		assert_int_equal(lws_plat_acked(n < 0 ? -1 : fds[n], &waiting),
				 0);
		assert_false(waiting);
	}
	close(fds[0]);
	close(fds[1]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			test_what_arrived_is_counted_and_nothing_is_waited_for),
		cmocka_unit_test(
			test_what_the_peer_has_no_room_for_is_waited_for),
		cmocka_unit_test(
			test_other_descriptors_have_nothing_acknowledged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
