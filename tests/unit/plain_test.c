/* SPDX-License-Identifier: LGPL-2.1-only */
/* Tests of net/plain.c, over loopback. */
#include "unit/sockets.h"

#include <errno.h>

#include "net/stream.h"

static const struct lws_transport_ops *const plain = &lws_transport_plain;

static void
begin(struct lws_stream ends[2])
{
	int fds[2], n;

	unit_connection(fds);
	memset(ends, 0, 2 * sizeof(ends[0]));
	for (n = 0; n < 2; n++) {
		ends[n].ops = plain;
		ends[n].fd = fds[n];
	}
}

static void
finish(struct lws_stream ends[2])
{
	plain->close(&ends[0]);
	plain->close(&ends[1]);
}

static void
test_there_is_no_handshake_and_nothing_hidden(void **state)
{
	struct lws_stream ends[2];

	(void)state;
	begin(ends);
	assert_int_equal(plain->handshake(&ends[0]), 0);
	assert_false(plain->pending(&ends[0]));
	assert_string_equal(plain->name, "plain");
	finish(ends);
}

static void
test_bytes_arrive_as_they_were_sent(void **state)
{
	struct lws_span v[2] = { lws_span_str("ab"), lws_span_str("cde") };
	struct lws_stream ends[2];
	char buf[16];

	(void)state;
	begin(ends);
	assert_int_equal(plain->sendv(&ends[0], v, 2), 5);
	unit_wait(ends[1].fd, POLLIN);
	assert_int_equal(plain->recv(&ends[1], buf, 3), 3);
	assert_int_equal(plain->recv(&ends[1], buf + 3, 9), 2);
	assert_memory_equal(buf, "abcde", 5);
	finish(ends);
}

static void
test_not_now_is_told_in_both_directions(void **state)
{
	static char block[100000];
	const struct lws_span v = lws_span(block, sizeof(block));
	struct lws_stream ends[2];
	ssize_t n;

	(void)state;
	begin(ends);
	assert_int_equal(plain->recv(&ends[0], block, 1), LWS_ERR_AGAIN);
	while ((n = plain->sendv(&ends[0], &v, 1)) > 0)
		;
	assert_int_equal(n, LWS_ERR_AGAIN);
	finish(ends);
}

static void
test_finishing_ends_output_but_not_input(void **state)
{
	const struct lws_span v = lws_span_str("x");
	struct lws_stream ends[2];
	char c;

	(void)state;
	begin(ends);
	plain->finish(&ends[0]);
	unit_wait(ends[1].fd, POLLIN);
	assert_int_equal(plain->recv(&ends[1], &c, 1), 0);
	assert_int_equal(plain->sendv(&ends[1], &v, 1), 1);
	unit_wait(ends[0].fd, POLLIN);
	assert_int_equal(plain->recv(&ends[0], &c, 1), 1);
	assert_int_equal(plain->sendv(&ends[0], &v, 1), LWS_ERR_IO);
	finish(ends);
}

static void
test_closing_forgets_the_descriptor(void **state)
{
	struct lws_stream ends[2];
	char c;
	int other;

	(void)state;
	begin(ends);
	plain->close(&ends[0]);
	assert_int_equal(ends[0].fd, -1);
	unit_wait(ends[1].fd, POLLIN);
	assert_int_equal(plain->recv(&ends[1], &c, 1), 0);
	other = dup(STDIN_FILENO);
	plain->close(&ends[0]);
	assert_int_equal(close(other), 0);
	finish(ends);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_there_is_no_handshake_and_nothing_hidden),
		cmocka_unit_test(test_bytes_arrive_as_they_were_sent),
		cmocka_unit_test(
			test_not_now_is_told_in_both_directions),
		cmocka_unit_test(test_finishing_ends_output_but_not_input),
		cmocka_unit_test(test_closing_forgets_the_descriptor),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
