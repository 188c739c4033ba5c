/* SPDX-License-Identifier: LGPL-2.1-only */
/* Tests of tls/openssl-stream.c: a transport, over loopback. */
#include "unit/tls.h"

#include <openssl/err.h>

#define RECORD_MAX 16384

static struct lws_tls *sides[2];
static unsigned records;	/* of application data, written */

static void
count_record(int written, int version, int type, const void *buf, size_t len,
	     SSL *ssl, void *arg)
{
	const uint8_t *head = buf;

	(void)version;
	(void)ssl;
	(void)arg;
	records += written && type == SSL3_RT_HEADER && len >= 5 &&
		   head[0] == SSL3_RT_APPLICATION_DATA;
}

static void
begin_with(struct lws_stream ends[2], unsigned options)
{
	int fds[2];

	unit_allow(-1);
	tls_sides(sides, options);
	unit_connection(fds);
	lws_plat_nodelay(fds[0]);
	lws_plat_nodelay(fds[1]);
	tls_attach_ends(sides, fds, ends);
}

static void
begin(struct lws_stream ends[2])
{
	begin_with(ends, 0);
	tls_shake_hands(ends);
	SSL_set_msg_callback(ends[0].tls, count_record);
	records = 0;
}

static void
finish(struct lws_stream ends[2])
{
	int n;

	for (n = 0; n < 2; n++) {
		ends[n].ops->close(&ends[n]);
		assert_null(ends[n].tls);
		assert_int_equal(ends[n].fd, -1);
		lws_tls_close(sides[n]);
	}
	assert_int_equal(unit_blocks, 0);
	assert_int_equal(ERR_peek_error(), 0);
}

static ssize_t
sendv(struct lws_stream *s, const struct lws_span *v, size_t n)
{
	return s->ops->sendv(s, v, n);
}

static ssize_t
take(struct lws_stream *s, void *buf, size_t len)
{
	return s->ops->recv(s, buf, len);
}

/* Read until @len bytes are there. */
static void
take_all(struct lws_stream *s, uint8_t *buf, size_t len)
{
	size_t got = 0;

	while (got < len) {
		ssize_t n = take(s, buf + got, len - got);

		if (n == LWS_ERR_AGAIN) {
			unit_wait(s->fd, s->want);
			continue;
		}
		assert_true(n > 0);
		got += (size_t)n;
	}
}

static void
fill(uint8_t *data, size_t len)
{
	size_t n;

	for (n = 0; n < len; n++)
		data[n] = (uint8_t)(n * 7 + n / 251);
}

static void
test_several_spans_travel_in_one_record(void **state)
{
	static const struct lws_span none = { NULL, 0 };
	struct lws_span v[5] = { lws_span_str("ab"), none,
				 lws_span_str("cde"), none,
				 lws_span_str("f") };
	struct lws_stream ends[2];
	uint8_t buf[16];

	(void)state;
	begin(ends);
	assert_string_equal(ends[0].ops->name, "TLS");
	assert_int_equal(sendv(&ends[0], v, 5), 6);
	assert_int_equal(records, 1);
	take_all(&ends[1], buf, 6);
	assert_memory_equal(buf, "abcdef", 6);
	assert_int_equal(sendv(&ends[0], &none, 1), 0);
	assert_int_equal(records, 1);
	finish(ends);
}

static void
test_records_are_as_long_as_they_may_be(void **state)
{
	static uint8_t data[3 * RECORD_MAX], got[sizeof(data)];
	static const size_t cuts[][3] = {
		{ sizeof(data), 0, 0 },
		{ 1, sizeof(data) - 1, 0 },
		{ RECORD_MAX, RECORD_MAX, RECORD_MAX },
		{ RECORD_MAX - 1, RECORD_MAX + 2, RECORD_MAX - 1 },
		{ 100, 2 * RECORD_MAX, RECORD_MAX - 100 },
	};
	struct lws_stream ends[2];
	size_t n;

	(void)state;
	fill(data, sizeof(data));
	for (n = 0; n < COUNT(cuts); n++) {
		const struct lws_span v[3] = {
			lws_span(data, cuts[n][0]),
			lws_span(data + cuts[n][0], cuts[n][1]),
			lws_span(data + cuts[n][0] + cuts[n][1], cuts[n][2]),
		};

		begin(ends);
		assert_int_equal(sendv(&ends[0], v, 3), sizeof(data));
		assert_in_range(records, 3, 4);
		take_all(&ends[1], got, sizeof(got));
		assert_memory_equal(got, data, sizeof(data));
		finish(ends);
	}
}

/* The queue grows meanwhile, and its spans are cut elsewhere. */
static void
test_a_record_refused_is_tried_again_from_elsewhere(void **state)
{
	static uint8_t data[8 * 1024 * 1024], copy[sizeof(data)],
		got[sizeof(data)];
	struct lws_stream ends[2];
	size_t sent = 0, received = 0;
	unsigned turn;
	ssize_t n;

	(void)state;
	fill(data, sizeof(data));
	memcpy(copy, data, sizeof(data));
	begin(ends);
	for (turn = 0; received < sizeof(data); turn++) {
		const uint8_t *from = turn % 2 ? copy : data;
		const size_t left = sizeof(data) - sent,
			     first = left < 9000 ? left : 9000;
		const struct lws_span v[2] = {
			lws_span(from + sent, first),
			lws_span(from + sent + first, left - first),
		};

		n = left ? sendv(&ends[0], v, 2) : 0;
		if (n == LWS_ERR_AGAIN) {
			assert_int_equal(ends[0].want, POLLOUT);
			assert_int_equal(ends[0].notes, 0);
		} else {
			assert_true(n >= 0);
			sent += (size_t)n;
		}
		n = take(&ends[1], got + received, sizeof(got) - received);
		assert_true(n > 0 || n == LWS_ERR_AGAIN);
		received += n > 0 ? (size_t)n : 0;
	}
	assert_memory_equal(got, data, sizeof(data));
	finish(ends);
}

/* Wait until the peer's system has all that was sent, where this one can tell. */
static void
arrived(const struct lws_stream *from)
{
	bool waiting = true;
	int n;

	for (n = 0; n < UNIT_PATIENCE_MS && waiting; n++) {
		usleep(1000);
		lws_plat_acked(from->fd, &waiting);
	}
	assert_false(waiting);
}

static void
test_what_poll_does_not_see_is_pending(void **state)
{
	const struct lws_span v = lws_span_str("hello");
	struct lws_stream ends[2];
	uint8_t buf[16];
	int n;

	(void)state;
	begin(ends);
	assert_int_equal(take(&ends[1], buf, 1), LWS_ERR_AGAIN);
	assert_int_equal(ends[1].want, POLLIN);
	assert_false(ends[1].ops->pending(&ends[1]));
	for (n = 0; n < 3; n++)
		assert_int_equal(sendv(&ends[0], &v, 1), 5);
	arrived(&ends[0]);
	unit_wait(ends[1].fd, POLLIN);
	assert_int_equal(take(&ends[1], buf, 1), 1);
	assert_true(ends[1].ops->pending(&ends[1]));
	assert_int_equal(take(&ends[1], buf + 1, 6), 6);
	assert_memory_equal(buf, "hellohe", 7);
	assert_true(ends[1].ops->pending(&ends[1]));
	assert_int_equal(take(&ends[1], buf, sizeof(buf)), 8);
	assert_false(ends[1].ops->pending(&ends[1]));
	finish(ends);
}

/* The first bytes of a record are read ahead: waiting is the thing to do. */
static void
test_half_a_record_is_not_pending(void **state)
{
	const struct lws_span v = lws_span_str("hello");
	struct lws_stream ends[2];
	int fds[2], near[2], n;
	uint8_t buf[256];
	ssize_t len;

	(void)state;
	begin(ends);
	/* from now on what the client sends passes through here */
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, near), 0);
	fds[0] = ends[0].fd;
	ends[0].fd = near[0];
	assert_int_equal(sendv(&ends[0], &v, 1), 5);
	len = recv(near[1], buf, sizeof(buf), 0);
	assert_true(len > 5);
	for (n = 0; n < len; n++) {
		uint8_t c;

		assert_int_equal(send(fds[0], buf + n, 1, 0), 1);
		unit_wait(ends[1].fd, POLLIN);
		if (n + 1 == len)
			break;
		assert_int_equal(take(&ends[1], &c, 1), LWS_ERR_AGAIN);
		assert_false(ends[1].ops->pending(&ends[1]));
	}
	assert_int_equal(take(&ends[1], buf, sizeof(buf)), 5);
	close(near[1]);
	close(fds[0]);
	finish(ends);
}

static void
test_a_goodbye_is_the_end_and_comes_after_the_rest(void **state)
{
	const struct lws_span v = lws_span_str("bye");
	struct lws_stream ends[2];
	uint8_t buf[16];

	(void)state;
	begin(ends);
	assert_int_equal(sendv(&ends[0], &v, 1), 3);
	ends[0].ops->finish(&ends[0]);
	arrived(&ends[0]);
	unit_wait(ends[1].fd, POLLIN);
	assert_int_equal(take(&ends[1], buf, sizeof(buf)), 3);
	assert_int_equal(take(&ends[1], buf, sizeof(buf)), 0);
	/* the other direction still works */
	assert_int_equal(sendv(&ends[1], &v, 1), 3);
	unit_wait(ends[0].fd, POLLIN);
	take_all(&ends[0], buf, 3);
	finish(ends);
}

static void
test_an_end_without_goodbye_is_none(void **state)
{
	const struct lws_span v = lws_span_str("cut");
	struct lws_stream ends[2];
	uint8_t buf[16];

	(void)state;
	begin(ends);
	assert_int_equal(sendv(&ends[0], &v, 1), 3);
	lws_plat_shutdown(ends[0].fd);
	arrived(&ends[0]);
	unit_wait(ends[1].fd, POLLIN);
	assert_int_equal(take(&ends[1], buf, sizeof(buf)), 3);
	assert_int_equal(take(&ends[1], buf, sizeof(buf)), LWS_ERR_CLOSED);
	finish(ends);
}

static void
test_a_changed_byte_ends_it_with_a_reason(void **state)
{
	struct lws_stream ends[2];
	uint8_t buf[16], bad[] = { 23, 3, 3, 0, 20, 1, 2, 3, 4, 5, 6, 7, 8, 9,
				   10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20 };
	char why[LWS_TLS_WHY];

	(void)state;
	begin(ends);
	assert_int_equal(send(ends[0].fd, bad, sizeof(bad), 0), sizeof(bad));
	unit_wait(ends[1].fd, POLLIN);
	assert_int_equal(take(&ends[1], buf, sizeof(buf)), LWS_ERR_PROTOCOL);
	assert_false(lws_tls_why(&ends[1], why));
	assert_non_null(strstr(why, "bad record mac"));
	finish(ends);
}

/*
 * A ticket that names the client's certificate is long; cut into two records,
 * the first of which has arrived, it leaves the client in the midst of a
 * message: it can write again only once it has read the rest.
 */
static void
test_output_may_have_to_wait_for_input(void **state)
{
	const struct lws_span v = lws_span_str("hello");
	struct lws_stream ends[2];
	int far[2], real, n, rc = LWS_ERR_AGAIN;
	uint8_t buf[8192], got[16];
	ssize_t len, off;

	(void)state;
	begin_with(ends, LWS_SERVER_OPTION_REQUIRE_VALID_OPENSSL_CLIENT_CERT);
	SSL_set_max_send_fragment((SSL *)ends[1].tls, 512);
	while (rc) {
		rc = ends[0].ops->handshake(&ends[0]);
		if (rc)
			ends[1].ops->handshake(&ends[1]);
	}
	/* the rest of what the server says passes through here */
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, far), 0);
	real = dup(ends[1].fd);
	unit_wait(real, POLLIN);
	len = recv(real, buf, sizeof(buf), MSG_DONTWAIT);
	assert_true(len > 0 && send(far[1], buf, (size_t)len, 0) == len);
	n = ends[1].fd;
	ends[1].fd = far[0];
	assert_int_equal(ends[1].ops->handshake(&ends[1]), 0);
	len = recv(far[1], buf, sizeof(buf), MSG_DONTWAIT);
	assert_true(len > 600);
	off = 5 + buf[3] * 256 + buf[4];
	assert_true(off < len);

	assert_int_equal(send(real, buf, (size_t)off, 0), off);
	unit_wait(ends[0].fd, POLLIN);
	assert_int_equal(take(&ends[0], got, sizeof(got)), LWS_ERR_AGAIN);
	assert_int_equal(ends[0].want, POLLIN);
	assert_int_equal(sendv(&ends[0], &v, 1), LWS_ERR_AGAIN);
	assert_int_equal(ends[0].want, POLLIN);
	assert_true(ends[0].notes & LWS_STREAM_TX_IN);
	assert_int_equal(send(real, buf + off, (size_t)(len - off), 0),
			 len - off);
	unit_wait(ends[0].fd, POLLIN);
	assert_int_equal(sendv(&ends[0], &v, 1), 5);
	assert_false(ends[0].notes & LWS_STREAM_TX_IN);
	close(n);
	close(real);
	close(far[1]);
	finish(ends);
}

static void
test_each_end_knows_what_it_is(void **state)
{
	struct lws_stream ends[2];
	const struct lws_stream plain = { .ops = &lws_transport_plain };
	char text[128];

	(void)state;
	begin(ends);
	assert_int_equal(lws_tls_kind(&plain), 0);
	assert_int_equal(lws_tls_kind(&ends[0]), 1);
	assert_int_equal(lws_tls_kind(&ends[1]), 1);
	lws_tls_describe(&ends[0], text, sizeof(text));
	assert_non_null(strstr(text, "TLSv1.3 TLS_"));
	assert_null(strstr(text, "resumed"));
	finish(ends);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_several_spans_travel_in_one_record),
		cmocka_unit_test(test_records_are_as_long_as_they_may_be),
		cmocka_unit_test(
			test_a_record_refused_is_tried_again_from_elsewhere),
		cmocka_unit_test(test_what_poll_does_not_see_is_pending),
		cmocka_unit_test(test_half_a_record_is_not_pending),
		cmocka_unit_test(
			test_a_goodbye_is_the_end_and_comes_after_the_rest),
		cmocka_unit_test(test_an_end_without_goodbye_is_none),
		cmocka_unit_test(test_a_changed_byte_ends_it_with_a_reason),
		cmocka_unit_test(test_output_may_have_to_wait_for_input),
		cmocka_unit_test(test_each_end_knows_what_it_is),
	};

	return cmocka_run_group_tests(tests, tls_make_certs, tls_drop_certs);
}
