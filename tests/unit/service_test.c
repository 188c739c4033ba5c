/* SPDX-License-Identifier: LGPL-2.1-only */
/* Tests of core/service.c. */
#include "unit/core.h"

static unsigned readies, writables, received;
static int answer;

static int
on_ready(struct libwebsocket *wsi, short revents)
{
	(void)wsi;
	(void)revents;
	readies++;
	return answer;
}

static int
on_writable(struct libwebsocket *wsi)
{
	(void)wsi;
	writables++;
	return answer;
}

static int
on_rx(struct libwebsocket *wsi, struct lws_span *in)
{
	(void)wsi;
	received += (unsigned)in->len;
	lws_span_skip(in, in->len);
	return answer;
}

static const struct lws_stage_ops raw = { .ready = on_ready };
static const struct lws_stage_ops bytes = {
	.rx = on_rx, .writable = on_writable,
};

static struct libwebsocket *
begin(const struct lws_stage_ops *stage, int *peer)
{
	core_begin(&lws_event_poll);
	core.context.loops->in_turn = true;
	readies = writables = received = 0;
	answer = 0;
	return core_wsi(stage, peer);
}

static bool
doomed(void)
{
	return core.told[LWS_CALLBACK_WSI_DESTROY];
}

static void
test_a_stage_that_wants_readiness_gets_it(void **state)
{
	struct libwebsocket *wsi;
	int peer;

	(void)state;
	wsi = begin(&raw, &peer);
	lws_service_ready(wsi, POLLHUP);
	assert_int_equal(readies, 1);
	assert_false(doomed());
	answer = LWS_ERR_IO;
	lws_service_ready(wsi, POLLIN);
	assert_true(doomed());
	close(peer);
	core_end();
}

static void
test_hanging_up_waits_for_what_can_be_read(void **state)
{
	struct libwebsocket *wsi;
	int peer;

	(void)state;
	wsi = begin(&bytes, &peer);
	assert_int_equal(send(peer, "abc", 3, 0), 3);
	unit_wait(wsi->stream.fd, POLLIN);
	lws_service_ready(wsi, POLLIN | POLLHUP);
	assert_int_equal(received, 3);
	assert_false(doomed());
	lws_service_ready(wsi, POLLHUP);
	assert_true(doomed());
	close(peer);
	core_end();
}

static void
test_writable_is_told_to_who_asked_and_once(void **state)
{
	struct libwebsocket *wsi;
	int peer;

	(void)state;
	wsi = begin(&bytes, &peer);
	lws_service_ready(wsi, POLLOUT);
	assert_int_equal(writables, 0);
	lws_watch_ask(wsi);
	lws_service_work(core.context.loops);
	lws_service_work(core.context.loops);
	assert_int_equal(writables, 1);
	lws_watch_ask(wsi);
	lws_service_ready(wsi, POLLOUT);
	lws_service_work(core.context.loops);
	assert_int_equal(writables, 2);
	core_drop(wsi, peer);
	core_end();
}

static void
test_a_tail_goes_before_the_user_is_told(void **state)
{
	static uint8_t much[8 << 20];
	static uint8_t sink[65536];
	struct libwebsocket *wsi;
	int peer;

	(void)state;
	wsi = begin(&bytes, &peer);
	core.context.loops->tx_high = 0;
	assert_int_equal(lws_tx_add(wsi, lws_span(much, sizeof(much))), 0);
	assert_true(wsi->flags & LWS_WSI_REFUSED);
	lws_watch_ask(wsi);
	lws_service_work(core.context.loops);
	while (wsi->tx.queued) {
		assert_int_equal(writables, 0);
		while (recv(peer, sink, sizeof(sink), MSG_DONTWAIT) > 0)
			;
		lws_service_ready(wsi, POLLOUT);
	}
	assert_int_equal(writables, 1);
	core_drop(wsi, peer);
	core_end();
}

static void
test_whatever_goes_wrong_ends_only_that_one(void **state)
{
	struct libwebsocket *a, *b;
	int pa, pb;

	(void)state;
	a = begin(&bytes, &pa);
	b = core_wsi(&bytes, &pb);
	answer = LWS_ERR_PROTOCOL;
	lws_watch_ask(a);
	lws_service_work(core.context.loops);
	assert_true(a->flags & LWS_WSI_DOOMED);
	assert_false(b->flags & LWS_WSI_DOOMED);
	lws_wsi_bury_all(core.context.loops);
	close(pa);
	core_drop(b, pb);
	core_end();
}

static void
test_the_public_calls_take_nothing_for_an_answer(void **state)
{
	struct pollfd p = { .fd = 9999, .events = POLLIN, .revents = POLLIN };

	(void)state;
	assert_int_equal(libwebsocket_service(NULL, 0), 1);
	assert_int_equal(libwebsocket_service_fd(NULL, &p), 1);
	core_begin(&lws_event_poll);
	assert_int_equal(libwebsocket_service(&core.context, 0), 0);
	assert_int_equal(libwebsocket_service_fd(&core.context, NULL), 0);
	assert_int_equal(libwebsocket_service_fd(&core.context, &p), 0);
	assert_int_equal(p.revents, POLLIN);
	p.fd = core.context.loops->mailbox.wake.read_fd;
	assert_int_equal(libwebsocket_service_fd(&core.context, &p), 0);
	assert_int_equal(p.revents, 0);
	core_end();
}

/* ---- a transport one direction of which waits for the other ---- */

static unsigned recvs, sends;

static ssize_t
crossed_recv(struct lws_stream *stream, void *buf, size_t len)
{
	(void)buf;
	(void)len;
	recvs++;
	stream->notes &= (uint8_t)~LWS_STREAM_RX_OUT;
	return LWS_ERR_AGAIN;
}

static ssize_t
crossed_sendv(struct lws_stream *stream, const struct lws_span *v, size_t n)
{
	if (!sends++) {
		stream->notes |= LWS_STREAM_TX_IN;
		return LWS_ERR_AGAIN;
	}
	stream->notes &= (uint8_t)~LWS_STREAM_TX_IN;
	assert_int_equal(n, 1);
	return (ssize_t)v->len;
}

static bool
crossed_pending(const struct lws_stream *stream)
{
	return stream->notes & LWS_STREAM_HIDDEN;
}

static const struct lws_transport_ops crossed = {
	.name = "crossed",
	.recv = crossed_recv,
	.sendv = crossed_sendv,
	.pending = crossed_pending,
};

static void
test_the_readiness_that_helps_is_waited_for_and_used(void **state)
{
	struct libwebsocket *wsi;
	int peer;

	(void)state;
	if (!LWS_BUILT_TLS)
		skip();
	wsi = begin(&bytes, &peer);
	wsi->stream.ops = &crossed;
	wsi->stream.tls = &peer;
	recvs = sends = 0;
	/* output waits for input */
	assert_int_equal(lws_tx_add(wsi, lws_span_str("hello")), 0);
	assert_int_equal(lws_tx_flush(wsi), 0);
	assert_int_equal(wsi->stream.watched, POLLIN);
	lws_service_ready(wsi, POLLIN);
	assert_int_equal(sends, 2);
	assert_int_equal(wsi->tx.queued, 0);
	assert_int_equal(recvs, 1);
	assert_int_equal(wsi->stream.watched, POLLIN);
	/* input waits for output */
	wsi->stream.notes |= LWS_STREAM_RX_OUT;
	lws_watch_refresh(wsi);
	assert_int_equal(wsi->stream.watched, POLLOUT);
	lws_service_ready(wsi, POLLOUT);
	assert_int_equal(recvs, 2);
	assert_int_equal(wsi->stream.watched, POLLIN);
	wsi->stream.ops = &lws_transport_plain;
	wsi->stream.tls = NULL;
	core_drop(wsi, peer);
	core_end();
}

static void
test_what_the_transport_hides_is_read_in_the_next_turn(void **state)
{
	struct libwebsocket *wsi;
	int peer;

	(void)state;
	if (!LWS_BUILT_TLS)
		skip();
	wsi = begin(&bytes, &peer);
	wsi->stream.ops = &crossed;
	wsi->stream.tls = &peer;
	recvs = 0;
	wsi->stream.notes = LWS_STREAM_HIDDEN;
	wsi->flags |= LWS_WSI_STOPPED;
	lws_rx_resume(wsi);
	lws_service_work(core.context.loops);
	assert_int_equal(recvs, 0);
	wsi->flags &= ~(uint32_t)LWS_WSI_STOPPED;
	lws_rx_resume(wsi);
	lws_service_work(core.context.loops);
	assert_int_equal(recvs, 1);
	wsi->stream.ops = &lws_transport_plain;
	wsi->stream.tls = NULL;
	core_drop(wsi, peer);
	core_end();
}

static void
test_a_stage_of_its_own_kind_may_put_work_off(void **state)
{
	struct libwebsocket *wsi;
	int peer;

	(void)state;
	wsi = begin(&raw, &peer);
	lws_watch_work(wsi);
	lws_service_work(core.context.loops);
	assert_int_equal(readies, 1);
	core_drop(wsi, peer);
	core_end();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_stage_that_wants_readiness_gets_it),
		cmocka_unit_test(test_hanging_up_waits_for_what_can_be_read),
		cmocka_unit_test(test_writable_is_told_to_who_asked_and_once),
		cmocka_unit_test(test_a_tail_goes_before_the_user_is_told),
		cmocka_unit_test(test_whatever_goes_wrong_ends_only_that_one),
		cmocka_unit_test(
			test_the_public_calls_take_nothing_for_an_answer),
		cmocka_unit_test(
			test_the_readiness_that_helps_is_waited_for_and_used),
		cmocka_unit_test(
			test_what_the_transport_hides_is_read_in_the_next_turn),
		cmocka_unit_test(test_a_stage_of_its_own_kind_may_put_work_off),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
