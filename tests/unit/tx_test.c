/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * Tests of core/tx.c, on a transport that takes what the test allows.
 */
#include "unit/core.h"

#include "base/limits.h"

static const struct lws_stage_ops stage = { 0 };

static uint8_t sent[1 << 20];
static size_t count_sent;
static long allowed;		/* bytes it still takes; < 0: broken */
static unsigned calls;

static ssize_t
fake_sendv(struct lws_stream *stream, const struct lws_span *v, size_t n)
{
	size_t k, took = 0;

	(void)stream;
	calls++;
	assert_true(n <= LWS_PLAT_MAX_SPANS);
	if (allowed < 0)
		return LWS_ERR_IO;
	if (!allowed)
		return LWS_ERR_AGAIN;
	for (k = 0; k < n && allowed; k++) {
		size_t part = v[k].len < (size_t)allowed ? v[k].len
							 : (size_t)allowed;

		assert_true(count_sent + part <= sizeof(sent));
		memcpy(sent + count_sent, v[k].p, part);
		count_sent += part;
		took += part;
		allowed -= (long)part;
	}
	return (ssize_t)took;
}

static void
fake_close(struct lws_stream *stream)
{
	close(stream->fd);
}

static const struct lws_transport_ops fake = {
	.name = "fake",
	.sendv = fake_sendv,
	.close = fake_close,
};

/* chunks of a pool that the descriptors of a process can use up, or 1 */
#define POOL (LWS_TX_POOL > 0 && LWS_TX_POOL < 400 ? LWS_TX_POOL : 1)

static struct libwebsocket *
begin(int *peer)
{
	struct libwebsocket *wsi;

	core_begin(&lws_event_poll);
	wsi = core_wsi(&stage, peer);
	wsi->stream.ops = &fake;
	count_sent = 0;
	calls = 0;
	allowed = 1 << 30;
	/* as in a turn */
	core.context.loops->in_turn = true;
	core.context.loops->tx_high = LWS_TX_HIGH;
	return wsi;
}

static uint8_t
at(size_t n)
{
	return (uint8_t)(n * 7 + (n >> 9));
}

static void
check_sent(size_t want)
{
	size_t n;

	assert_int_equal(count_sent, want);
	for (n = 0; n < want; n++)
		assert_int_equal(sent[n], at(n));
}

/* Queue bytes @from .. @from + @len of the pattern. */
static int
add(struct libwebsocket *wsi, size_t from, size_t len)
{
	uint8_t *data = malloc(len + 1);
	size_t n;
	int rc;

	assert_non_null(data);
	for (n = 0; n < len; n++)
		data[n] = at(from + n);
	rc = lws_tx_add(wsi, lws_span(data, len));
	free(data);
	return rc;
}

static void
test_what_is_written_in_a_turn_leaves_in_one_call(void **state)
{
	struct libwebsocket *wsi;
	size_t n;
	int peer;

	(void)state;
	if (LWS_TX_POOL < 2 || LWS_TX_HIGH < 20000) {
		print_message("20000 bytes do not wait for the turn's end\n");
		skip();
	}
	wsi = begin(&peer);
	for (n = 0; n < 1000; n++)
		assert_int_equal(add(wsi, n * 20, 20), 0);
	assert_int_equal(calls, 0);
	assert_int_equal(lws_get_tx_queued(wsi), 20000);
	lws_tx_flush_all(core.context.loops);
	assert_int_equal(calls, 1);
	check_sent(20000);
	assert_int_equal(wsi->tx.queued, 0);
	assert_null(wsi->tx.head);
	assert_int_equal(core.context.loops->lent, 0);
	core_drop(wsi, peer);
	core_end();
}

static void
test_much_is_flushed_before_the_end_of_the_turn(void **state)
{
	struct libwebsocket *wsi;
	int peer;

	(void)state;
	wsi = begin(&peer);
	assert_int_equal(add(wsi, 0, 200000), 0);
	assert_true(calls > 0 || LWS_TX_HIGH >= 200000);
	core.context.loops->tx_high = 0;
	assert_int_equal(add(wsi, 200000, 1), 0);
	check_sent(200001);
	core_drop(wsi, peer);
	core_end();
}

static void
test_whatever_the_socket_takes_at_a_time_order_is_kept(void **state)
{
	static const long steps[] = { 0, 1, 3, 16383, 16384, 16385, 50000 };
	struct libwebsocket *wsi;
	size_t n, total;
	int peer;

	(void)state;
	for (n = 0; n < COUNT(steps); n++) {
		wsi = begin(&peer);
		allowed = steps[n];
		for (total = 0; total < 100000; total += 1000)
			assert_int_equal(add(wsi, total, 1000), 0);
		assert_int_equal(lws_tx_flush(wsi), 0);
		assert_int_equal(wsi->tx.queued + count_sent, total);
		assert_true(wsi->flags & LWS_WSI_REFUSED);
		assert_int_equal(wsi->stream.watched, POLLIN | POLLOUT);
		assert_int_equal(lws_partial_buffered(wsi), 1);
		assert_int_equal(lws_send_pipe_choked(wsi), 1);
		/* nothing that is kept is lent */
		assert_int_equal(core.context.loops->lent, 0);
		assert_int_equal(add(wsi, total, 5), 0);
		while (wsi->tx.queued) {
			allowed = steps[n] ? steps[n] * 10 : 777;
			assert_int_equal(lws_tx_flush(wsi), 0);
		}
		check_sent(total + 5);
		assert_false(wsi->flags & LWS_WSI_REFUSED);
		assert_int_equal(wsi->stream.watched, POLLIN);
		core_drop(wsi, peer);
		core_end();
	}
}

static void
test_borrowed_spans_go_behind_what_is_queued(void **state)
{
	static const long steps[] = { 0, 1, 99, 100, 101, 299, 300, 1 << 20 };
	struct libwebsocket *wsi;
	uint8_t a[100], b[100];
	struct lws_span v[2];
	size_t n, k;
	int peer;

	(void)state;
	for (k = 0; k < 100; k++) {
		a[k] = at(100 + k);
		b[k] = at(200 + k);
	}
	v[0] = lws_span(a, 100);
	v[1] = lws_span(b, 100);
	for (n = 0; n < COUNT(steps); n++) {
		wsi = begin(&peer);
		assert_int_equal(add(wsi, 0, 100), 0);
		allowed = steps[n];
		assert_int_equal(lws_tx_send(wsi, v, 2), 0);
		assert_int_equal(count_sent + wsi->tx.queued, 300);
		assert_int_equal(add(wsi, 300, 50), 0);
		allowed = 1 << 20;
		assert_int_equal(lws_tx_flush(wsi), 0);
		check_sent(350);
		core_drop(wsi, peer);
		core_end();
	}
}

static void
test_a_broken_socket_is_told_at_once_or_at_the_end(void **state)
{
	struct libwebsocket *wsi;
	struct lws_span v = lws_span("x", 1);
	int peer;

	(void)state;
	if (LWS_TX_HIGH < 10) {
		print_message("10 bytes do not wait for the turn's end\n");
		skip();
	}
	wsi = begin(&peer);
	allowed = -1;
	assert_int_equal(lws_tx_send(wsi, &v, 1), LWS_ERR_IO);
	assert_int_equal(add(wsi, 0, 10), 0);
	assert_int_equal(lws_tx_flush(wsi), LWS_ERR_IO);
	lws_tx_flush_all(core.context.loops);
	assert_int_equal(wsi->flags & LWS_WSI_DOOMED, LWS_WSI_DOOMED);
	assert_int_equal(core.told[LWS_CALLBACK_WSI_DESTROY], 1);
	lws_wsi_bury_all(core.context.loops);
	close(peer);
	core_end();
}

static void
test_the_pool_is_shared_and_bounded(void **state)
{
	struct libwebsocket *wsi[POOL + 20];
	int peer[POOL + 20];
	size_t n;

	(void)state;
	if (POOL != LWS_TX_POOL || LWS_TX_HIGH < 2) {
		print_message("no connections use such a pool up\n");
		skip();
	}
	for (n = 0; n < COUNT(wsi); n++)
		wsi[n] = n ? core_wsi(&stage, &peer[n]) : begin(&peer[n]);
	for (n = 0; n < COUNT(wsi); n++) {
		wsi[n]->stream.ops = &fake;
		assert_int_equal(lws_tx_add(wsi[n], lws_span("ab", 2)), 0);
		assert_true(core.context.loops->lent <= LWS_TX_POOL);
	}
	assert_int_equal(count_sent, 2 * 20);
	lws_tx_flush_all(core.context.loops);
	assert_int_equal(count_sent, 2 * COUNT(wsi));
	assert_int_equal(core.context.loops->lent, 0);
	for (n = 0; n < COUNT(wsi); n++)
		core_drop(wsi[n], peer[n]);
	core_end();
}

static void
test_every_allocation_may_fail(void **state)
{
	struct libwebsocket *wsi;
	struct lws_span v = lws_span(sent, 5000);
	int peer, n, rc = LWS_ERR_NOMEM;

	(void)state;
	for (n = 0; rc < 0; n++) {
		wsi = begin(&peer);
		allowed = 10;
		unit_allow(n);
		rc = add(wsi, 0, 40000);
		if (rc >= 0)
			rc = lws_tx_flush(wsi);
		if (rc >= 0)
			rc = lws_tx_send(wsi, &v, 1);
		if (rc >= 0)
			rc = add(wsi, 0, 40000);
		unit_allow(-1);
		assert_true(rc >= 0 || rc == LWS_ERR_NOMEM);
		core_drop(wsi, peer);
		core_end();
	}
	assert_true(n > 5);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			test_what_is_written_in_a_turn_leaves_in_one_call),
		cmocka_unit_test(
			test_much_is_flushed_before_the_end_of_the_turn),
		cmocka_unit_test(
			test_whatever_the_socket_takes_at_a_time_order_is_kept),
		cmocka_unit_test(test_borrowed_spans_go_behind_what_is_queued),
		cmocka_unit_test(
			test_a_broken_socket_is_told_at_once_or_at_the_end),
		cmocka_unit_test(test_the_pool_is_shared_and_bounded),
		cmocka_unit_test(test_every_allocation_may_fail),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
