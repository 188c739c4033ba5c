/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * Tests of lws_get_handle() and lws_queue_write() with one thread: what they
 * promise to whoever calls.  That it may be any thread is in threads_test.c.
 */
#include "flow/flow.h"

#define LIMIT (64 * 1024)

static lws_handle taken;

/* Take the handle of the server's connection at the first moment. */
static int
take(struct flow_conn *c, enum libwebsocket_callback_reasons reason, void *in,
     size_t len)
{
	(void)in;
	(void)len;
	switch ((int)reason) {
	case LWS_CALLBACK_HTTP:
	case LWS_CALLBACK_FILTER_PROTOCOL_CONNECTION:
		assert_null(lws_get_handle(c->wsi).context);
		break;
	case LWS_CALLBACK_ESTABLISHED:
		taken = lws_get_handle(c->wsi);
		assert_non_null(taken.context);
		break;
	case LWS_CALLBACK_CLOSED:
		if (c->client)
			break;
		/* it was over before this was told */
		assert_int_equal(lws_queue_write(taken, "x", 1,
						 LWS_WRITE_TEXT), -1);
		assert_null(lws_get_handle(c->wsi).context);
		c->n++;
		break;
	}
	return 0;
}

static void
begin(struct flow *f, struct flow_conn **s, struct flow_conn **c)
{
	flow_begin(f);
	f->hook = take;
	flow_open(f);
	flow_pair(f, s, c);
}

static void
test_messages_of_any_size_arrive_in_order(void **state)
{
	static const size_t sizes[] = {
		0, 1, 125, 126, 16384, 65535, 65536, 1 << 20,
	};
	static uint8_t data[1 << 20];
	struct flow_conn *s, *c;
	struct flow f;
	size_t n, sum = 0;

	(void)state;
	begin(&f, &s, &c);
	for (n = 0; n < sizeof(data); n++)
		data[n] = (uint8_t)(n * 7 + (n >> 8));
	for (n = 0; n < COUNT(sizes); n++) {
		assert_int_equal(lws_queue_write(taken, data + n, sizes[n] -
						 (n == 7 ? 8 : 0),
						 LWS_WRITE_BINARY), 0);
		sum += sizes[n] - (n == 7 ? 8 : 0);
	}
	assert_int_equal(c->got.len, 0);
	FLOW_UNTIL(&f, c->got.len == sum &&
		   c->count[LWS_CALLBACK_CLIENT_RECEIVE] >= COUNT(sizes));
	for (n = 0, sum = 0; n < COUNT(sizes); n++) {
		const size_t len = sizes[n] - (n == 7 ? 8 : 0);

		assert_memory_equal(c->got.p + sum, data + n, len);
		sum += len;
	}
	flow_end(&f);
}

static void
test_a_client_is_written_to_as_well(void **state)
{
	struct flow_conn *s, *c;
	lws_handle h;
	struct flow f;

	(void)state;
	begin(&f, &s, &c);
	h = lws_get_handle(c->wsi);
	assert_int_equal(lws_queue_write(h, "hello", 5, LWS_WRITE_TEXT), 0);
	assert_int_equal(lws_queue_write(h, "p", 1, LWS_WRITE_PING), 0);
	FLOW_UNTIL(&f, s->got.len == 5 &&
		   c->count[LWS_CALLBACK_CLIENT_RECEIVE_PONG] == 1);
	assert_memory_equal(s->got.p, "hello", 5);
	flow_end(&f);
}

static void
test_what_is_no_whole_message_is_refused(void **state)
{
	static const int kinds[] = {
		LWS_WRITE_CONTINUATION,
		LWS_WRITE_HTTP,
		LWS_WRITE_HTTP_FINAL,
		LWS_WRITE_HTTP_HEADERS,
		LWS_WRITE_TEXT | LWS_WRITE_NO_FIN,
		9, 15, 16, -1,
	};
	struct flow_conn *s, *c;
	struct flow f;
	size_t n;

	(void)state;
	begin(&f, &s, &c);
	for (n = 0; n < COUNT(kinds); n++)
		assert_int_equal(lws_queue_write(
			taken, "x", 1,
			(enum libwebsocket_write_protocol)kinds[n]), -1);
	assert_int_equal(lws_queue_write(taken, f.side, 126, LWS_WRITE_PING),
			 -1);
	assert_int_equal(lws_queue_write(taken, f.side, (size_t)INT32_MAX + 1,
					 LWS_WRITE_TEXT), -1);
	flow_idle(&f, 20);
	assert_int_equal(c->got.len, 0);
	assert_false(flow_over(s));
	flow_end(&f);
}

static void
test_a_handle_is_stale_once_its_connection_has_ended(void **state)
{
	struct flow_conn *s, *c;
	struct flow f;
	lws_handle old;

	(void)state;
	begin(&f, &s, &c);
	old = taken;
	/* accepted, and then it ends: nobody is written to */
	assert_int_equal(lws_queue_write(old, "lost", 4, LWS_WRITE_TEXT), 0);
	libwebsocket_close_and_free_session(f.side[0].context, s->wsi,
					    LWS_CLOSE_STATUS_NOSTATUS);
	assert_int_equal(s->n, 1);
	assert_int_equal(lws_queue_write(old, "x", 1, LWS_WRITE_TEXT), -1);
	FLOW_UNTIL(&f, flow_over(c));
	assert_int_equal(c->got.len, 0);
	/* the next connection has the same descriptor, and another handle */
	flow_pair(&f, &s, &c);
	assert_int_equal(lws_queue_write(old, "x", 1, LWS_WRITE_TEXT), -1);
	assert_int_equal(lws_queue_write(taken, "new", 3, LWS_WRITE_TEXT), 0);
	FLOW_UNTIL(&f, c->got.len);
	assert_memory_equal(c->got.p, "new", 3);
	assert_int_equal(c->got.len, 3);
	flow_end(&f);
}

static void
test_a_close_can_be_queued_and_nothing_after_it(void **state)
{
	struct flow_conn *s, *c;
	struct flow f;

	(void)state;
	begin(&f, &s, &c);
	assert_int_equal(lws_queue_write(taken, "last", 4, LWS_WRITE_TEXT), 0);
	assert_int_equal(lws_queue_write(taken, "\x03\xe8", 2,
					 LWS_WRITE_CLOSE), 0);
	assert_int_equal(lws_queue_write(taken, "late", 4, LWS_WRITE_TEXT), 0);
	FLOW_UNTIL(&f, lws_queue_write(taken, "x", 1, LWS_WRITE_TEXT) == -1);
	FLOW_UNTIL(&f, flow_over(s) && flow_over(c));
	assert_int_equal(c->got.len, 4);
	assert_memory_equal(c->got.p, "last", 4);
	flow_end(&f);
}

/* How many messages of @len are accepted until one is not? */
static unsigned
fill(const void *data, size_t len)
{
	unsigned n = 0;
	int rc;

	while (!(rc = lws_queue_write(taken, data, len, LWS_WRITE_BINARY)))
		n++;
	assert_int_equal(rc, -2);
	return n;
}

static void
test_a_loop_that_does_not_turn_fills_up_and_loses_nothing(void **state)
{
	static uint8_t data[1000];
	struct flow_conn *s, *c;
	struct flow f;
	unsigned n;

	(void)state;
	flow_begin(&f);
	f.hook = take;
	f.side[0].info.tx_limit = LIMIT;
	flow_open(&f);
	flow_pair(&f, &s, &c);
	n = fill(data, sizeof(data));
	assert_in_range(n, LIMIT / 2 / sizeof(data), LIMIT / sizeof(data) + 1);
	FLOW_UNTIL(&f, c->got.len == n * sizeof(data));
	/* empty ones count as well */
	assert_true(fill(NULL, 0) < LIMIT);
	/* and then there is room again */
	FLOW_UNTIL(&f, !lws_queue_write(taken, "x", 1, LWS_WRITE_TEXT));
	FLOW_UNTIL(&f, c->got.len == n * sizeof(data) + 1);
	flow_end(&f);
}

/* Limits below what is collected before it is sent. */
static void
test_what_is_sent_makes_room_for_more(void **state)
{
	static uint8_t data[2000];
	struct flow_conn *s, *c;
	struct flow f;
	unsigned n;

	(void)state;
	flow_begin(&f);
	f.hook = take;
	f.side[0].info.tx_limit = 1000;
	flow_open(&f);
	flow_pair(&f, &s, &c);
	for (n = 1; n < 4; n++) {
		assert_int_equal(lws_queue_write(taken, data, sizeof(data),
						 LWS_WRITE_BINARY), 0);
		FLOW_UNTIL(&f, c->got.len == n * sizeof(data));
	}
	flow_end(&f);
}

/* A server with LIMIT, and the peer of one connection does not read. */
static struct flow_conn *
begin_slow(struct flow *f, struct flow_raw **r)
{
	struct flow_conn *s = NULL;

	flow_begin(f);
	f->hook = take;
	f->side[0].info.tx_limit = LIMIT;
	flow_open(f);
	*r = flow_raw_ws(f, 4096);
	(*r)->deaf = true;
	FLOW_UNTIL(f, (s = flow_server(f, 0)) &&
		   s->count[LWS_CALLBACK_ESTABLISHED]);
	return s;
}

static void
test_a_slow_peer_is_noticed_before_it_costs_the_connection(void **state)
{
	static uint8_t data[30000];
	size_t sent = 0;
	struct flow_raw *r;
	struct flow f;
	struct flow_conn *s = begin_slow(&f, &r);
	unsigned n, refusals = 0;

	(void)state;
	for (n = 0; n < 1000 && refusals < 50; n++) {
		const int rc = lws_queue_write(taken, data, sizeof(data),
					       LWS_WRITE_BINARY);

		assert_true(rc == 0 || rc == -2);
		refusals += rc == -2;
		sent += rc ? 0 : sizeof(data) + 4;
		flow_turn(&f);
	}
	assert_int_equal(refusals, 50);
	assert_false(flow_over(s));
	assert_true(lws_get_tx_queued(s->wsi) <= LIMIT + 2 * sizeof(data));
	/* what it was sent is still complete */
	r->deaf = false;
	FLOW_UNTIL(&f, r->in.len == sent);
	FLOW_UNTIL(&f, !lws_queue_write(taken, "x", 1, LWS_WRITE_TEXT));
	flow_end(&f);
}

/* Its own thread writes most of it, and while the socket takes no more. */
static void
test_what_its_own_thread_wrote_counts_at_once(void **state)
{
	static uint8_t data[LWS_SEND_BUFFER_PRE_PADDING + 1000 +
			    LWS_SEND_BUFFER_POST_PADDING];
	struct flow_raw *r;
	struct flow f;
	struct flow_conn *s = begin_slow(&f, &r);
	unsigned n;

	(void)state;
	for (n = 0; lws_get_tx_queued(s->wsi) < 1000; n++) {
		assert_true(n < 100000);
		flow_write(s, data + LWS_SEND_BUFFER_PRE_PADDING, 1000,
			   LWS_WRITE_BINARY);
		flow_turn(&f);
	}
	while (lws_get_tx_queued(s->wsi) <= LIMIT)
		flow_write(s, data + LWS_SEND_BUFFER_PRE_PADDING, 1000,
			   LWS_WRITE_BINARY);
	assert_int_equal(lws_queue_write(taken, "x", 1, LWS_WRITE_TEXT), -2);
	flow_turn(&f);
	assert_false(flow_over(s));
	flow_end(&f);
}

/* Clients have a key for each frame, so a broadcast is written to each. */
static void
test_what_a_broadcast_wrote_counts_too(void **state)
{
	static uint8_t data[8 << 20];
	const struct libwebsocket_protocols *protocol;
	struct flow_conn *s, *c;
	struct flow f;
	lws_handle to;

	(void)state;
	flow_begin(&f);
	f.side[0].info.tx_limit = f.side[1].info.tx_limit = LIMIT;
	flow_open(&f);
	flow_pair(&f, &s, &c);
	to = lws_get_handle(c->wsi);
	libwebsocket_rx_flow_control(s->wsi, 0);
	protocol = libwebsockets_get_protocol(c->wsi);
	assert_int_equal(lws_broadcast_message(protocol, s->wsi, data,
					       sizeof(data),
					       LWS_WRITE_BINARY), 1);
	assert_true(lws_get_tx_queued(c->wsi) > LIMIT);
	assert_int_equal(lws_queue_write(to, "x", 1, LWS_WRITE_TEXT), -2);
	flow_turn(&f);
	assert_false(flow_over(c));
	flow_end(&f);
}

static void
test_none_for_protocols_that_count_what_goes(void **state)
{
	struct flow_conn *s, *c;
	struct flow f;

	(void)state;
	flow_begin(&f);
	f.side[0].protocols[1].no_buffer_all_partial_tx = 1;
	flow_open(&f);
	flow_pair(&f, &s, &c);
	assert_null(lws_get_handle(s->wsi).context);
	flow_end(&f);
}

static void
test_what_waits_when_the_context_ends_is_dropped(void **state)
{
	struct flow_conn *s, *c;
	struct flow f;
	unsigned n;

	(void)state;
	begin(&f, &s, &c);
	for (n = 0; n < 100; n++)
		assert_int_equal(lws_queue_write(taken, "x", 1,
						 LWS_WRITE_TEXT), 0);
	flow_end(&f);
}

static void
test_a_foreign_loop_hears_of_it(void **state)
{
	struct flow_conn *s, *c;
	struct flow f;

	(void)state;
	flow_begin(&f);
	f.hook = take;
	f.side[0].external = true;
	f.side[0].info.event_backend = "external";
	flow_open(&f);
	flow_pair(&f, &s, &c);
	assert_int_equal(lws_queue_write(taken, "hello", 5, LWS_WRITE_TEXT),
			 0);
	FLOW_UNTIL(&f, c->got.len == 5);
	flow_end(&f);
}

static void
test_every_allocation_may_fail(void **state)
{
	struct flow_conn *s, *c;
	struct flow f;
	bool failed = true;
	long n;

	(void)state;
	for (n = 0; failed; n++) {
		flow_begin(&f);
		flow_open(&f);
		flow_pair(&f, &s, &c);
		flow_fail_allocation(n);
		taken = lws_get_handle(s->wsi);
		if (taken.context)
			lws_queue_write(taken, "hello", 5, LWS_WRITE_TEXT);
		flow_turn(&f);
		flow_turn(&f);
		failed = flow_allocation_failed();
		flow_fail_allocation(-1);
		if (!failed)
			FLOW_UNTIL(&f, c->got.len == 5);
		flow_end(&f);
	}
	assert_true(n > 3);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_messages_of_any_size_arrive_in_order),
		cmocka_unit_test(test_a_client_is_written_to_as_well),
		cmocka_unit_test(test_what_is_no_whole_message_is_refused),
		cmocka_unit_test(
			test_what_its_own_thread_wrote_counts_at_once),
		cmocka_unit_test(test_what_a_broadcast_wrote_counts_too),
		cmocka_unit_test(
			test_a_handle_is_stale_once_its_connection_has_ended),
		cmocka_unit_test(
			test_a_close_can_be_queued_and_nothing_after_it),
		cmocka_unit_test(
			test_a_loop_that_does_not_turn_fills_up_and_loses_nothing),
		cmocka_unit_test(
			test_a_slow_peer_is_noticed_before_it_costs_the_connection),
		cmocka_unit_test(test_what_is_sent_makes_room_for_more),
		cmocka_unit_test(test_none_for_protocols_that_count_what_goes),
		cmocka_unit_test(
			test_what_waits_when_the_context_ends_is_dropped),
		cmocka_unit_test(test_a_foreign_loop_hears_of_it),
		cmocka_unit_test(test_every_allocation_may_fail),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
