/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * Tests of sending: any size through any socket, limits, masks, control frames
 * and peers that do not read.
 */
#include "flow/flow.h"

#include <sys/socket.h>

#include "base/limits.h"

/* LWS_TX_LIMIT for the contexts here: bytes */
#define SMALL_LIMIT (256 * 1024)

static uint8_t *big;

static uint8_t *
pattern(size_t len)
{
	size_t n;

	free(big);
	big = malloc(len + 1);
	assert_non_null(big);
	for (n = 0; n < len; n++)
		big[n] = (uint8_t)(n * 31 + (n >> 8));
	return big;
}

static void
shrink(struct flow_conn *c, int bytes)
{
	int fd = libwebsocket_get_socket_fd(c->wsi);

	assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &bytes,
				    sizeof(bytes)), 0);
}

/* ---- sizes ---- */

static const size_t sizes[] = {
	0, 1, 125, 126, 16383, 16384, 16385, 65535, 65536, 65537, 300000,
	5 << 20,
};

static void
test_messages_of_any_size_pass_both_ways(void **state)
{
	struct flow_conn *s, *c;
	struct flow f;
	size_t n;
	int small;

	(void)state;
	for (small = 0; small < 2; small++) {
		flow_begin(&f);
		flow_open(&f);
		flow_pair(&f, &s, &c);
		if (small)
			shrink(s, 4096);
		if (small)
			shrink(c, 4096);
		for (n = 0; n < COUNT(sizes) - (small ? 1 : 0); n++) {
			uint8_t *data = pattern(sizes[n]);

			s->got.len = c->got.len = 0;
			assert_int_equal(flow_write(s, data, sizes[n],
						    LWS_WRITE_BINARY),
					 sizes[n]);
			assert_int_equal(flow_write(c, data, sizes[n],
						    LWS_WRITE_BINARY),
					 sizes[n]);
			FLOW_UNTIL(&f, s->got.len == sizes[n] &&
				   c->got.len == sizes[n] &&
				   s->count[LWS_CALLBACK_RECEIVE] > n &&
				   c->count[LWS_CALLBACK_CLIENT_RECEIVE] > n);
			assert_memory_equal(s->got.p, data, sizes[n]);
			assert_memory_equal(c->got.p, data, sizes[n]);
		}
		flow_end(&f);
	}
}

static void
test_twenty_megabytes_leave_in_one_call(void **state)
{
	const size_t len = 20 << 20;
	struct flow_conn *s, *c;
	struct flow f;
	uint8_t *data;

	(void)state;
	flow_begin(&f);
	f.side[0].protocols[1].rx_buffer_size = 1 << 20;
	flow_open(&f);
	flow_pair(&f, &s, &c);
	data = pattern(len);
	assert_int_equal(flow_write(s, data, len, LWS_WRITE_BINARY), len);
	assert_int_equal(lws_partial_buffered(s->wsi), 1);
	assert_int_equal(lws_send_pipe_choked(s->wsi), 1);
	assert_true(lws_get_tx_queued(s->wsi) > 0);
	FLOW_UNTIL(&f, c->got.len == len);
	assert_memory_equal(c->got.p, data, len);
	assert_int_equal(lws_partial_buffered(s->wsi), 0);
	assert_int_equal(lws_get_tx_queued(s->wsi), 0);
	assert_int_equal(lws_send_pipe_choked(s->wsi), 0);
	/* a tail that left gives one more callback */
	assert_true(s->count[LWS_CALLBACK_SERVER_WRITEABLE] >= 1);
	flow_end(&f);
}

static void
test_the_callers_buffer_is_not_touched(void **state)
{
	unsigned char buf[64 + 40000 + 64], before[sizeof(buf)];
	struct flow_conn *s, *c;
	struct flow f;
	size_t n, sum = 0;

	(void)state;
	flow_begin(&f);
	flow_open(&f);
	flow_pair(&f, &s, &c);
	memset(buf, 'x', sizeof(buf));
	memcpy(before, buf, sizeof(buf));
	for (n = 1; n < 40000; n = n * 5) {
		assert_int_equal(libwebsocket_write(c->wsi, buf + 64, n,
						    LWS_WRITE_TEXT), n);
		assert_int_equal(libwebsocket_write(s->wsi, buf + 64, n,
						    LWS_WRITE_TEXT), n);
		assert_memory_equal(buf, before, sizeof(buf));
		sum += n;
	}
	FLOW_UNTIL(&f, c->got.len == sum && s->got.len == sum);
	flow_end(&f);
}

static void
test_fragments_arrive_as_fragments(void **state)
{
	struct flow_conn *s;
	struct flow_raw *r;
	struct flow f;

	(void)state;
	flow_begin(&f);
	flow_open(&f);
	r = flow_raw_ws(&f, 0);
	s = flow_server(&f, 0);
	flow_write(s, "ab", 2, LWS_WRITE_TEXT | LWS_WRITE_NO_FIN);
	flow_write(s, "", 0, LWS_WRITE_CONTINUATION | LWS_WRITE_NO_FIN);
	flow_write(s, "!", 1, LWS_WRITE_PING);
	flow_write(s, "", 0, LWS_WRITE_CONTINUATION);
	flow_write(s, "", 0, LWS_WRITE_BINARY);
	flow_write(s, "", 0, LWS_WRITE_PONG);
	FLOW_UNTIL(&f, r->in.len >= 15);
	assert_int_equal(r->in.len, 15);
	assert_memory_equal(r->in.p, "\x01\x02" "ab" "\x00\x00" "\x89\x01!"
			    "\x80\x00" "\x82\x00" "\x8a\x00", 15);
	flow_end(&f);
}

static void
test_what_no_frame_can_carry_is_refused_and_harmless(void **state)
{
	static const int controls[] = {
		LWS_WRITE_PING, LWS_WRITE_PONG, LWS_WRITE_CLOSE,
	};
	struct flow_conn *s;
	struct flow_raw *r;
	struct flow f;
	size_t n;

	(void)state;
	flow_begin(&f);
	flow_open(&f);
	r = flow_raw_ws(&f, 0);
	s = flow_server(&f, 0);
	for (n = 0; n < COUNT(controls); n++) {
		assert_int_equal(flow_write(s, pattern(126), 126, controls[n]),
				 -1);
		if (controls[n] != LWS_WRITE_CLOSE)
			assert_int_equal(flow_write(s, big, 125, controls[n]),
					 125);
	}
	for (n = 9; n < 16; n++)
		assert_int_equal(flow_write(s, "x", 1, (int)n), -1);
	assert_int_equal(flow_write(s, "x", 1, LWS_WRITE_HTTP), -1);
	assert_int_equal(flow_write(s, "end", 3, LWS_WRITE_TEXT), 3);
	FLOW_UNTIL(&f, r->in.len >= 2 * 127 + 5);
	assert_int_equal(r->in.len, 2 * 127 + 5);
	flow_end(&f);
}

/* ---- peers that do not read ---- */

static void
test_a_write_beyond_the_limit_fails_and_ends_only_that_one(void **state)
{
	struct flow_conn *s, *other[2];
	struct flow_raw *r;
	struct flow f;
	size_t queued = 0, before;
	int n, rc = 0;

	(void)state;
	flow_begin(&f);
	f.side[0].info.tx_limit = SMALL_LIMIT;
	flow_open(&f);
	flow_pair(&f, &other[0], &other[1]);
	before = flow_memory();
	r = flow_raw_ws(&f, 4096);
	r->deaf = true;
	s = flow_server(&f, 1);
	shrink(s, 4096);
	pattern(30000);
	for (n = 0; n < 10000; n++) {
		rc = flow_write(s, big, 30000, LWS_WRITE_BINARY);
		if (rc < 0)
			break;
		assert_int_equal(rc, 30000);
		queued = lws_get_tx_queued(s->wsi);
		flow_turn(&f);
	}
	assert_int_equal(rc, -1);
	assert_true(queued > SMALL_LIMIT);
	assert_true(queued < SMALL_LIMIT + 40000);
	assert_true(flow_memory() - before < SMALL_LIMIT + 200000);
	/* it ends although nobody returns -1 for it */
	FLOW_UNTIL(&f, flow_over(s));
	flow_text(other[0], "still");
	FLOW_UNTIL(&f, other[1]->got.len == 5);
	flow_end(&f);
}

static void
test_the_limit_is_that_of_the_build_when_nothing_is_said(void **state)
{
	struct flow_conn *s;
	struct flow_raw *r;
	struct flow f;
	size_t len = (size_t)LWS_TX_LIMIT + 1;

	(void)state;
	/* others are more than is good to write, or less than goes first */
	if (LWS_TX_LIMIT < 16 << 20 || LWS_TX_LIMIT > 64 << 20)
		skip();
	flow_begin(&f);
	flow_open(&f);
	r = flow_raw_ws(&f, 4096);
	r->deaf = true;
	s = flow_server(&f, 0);
	shrink(s, 4096);
	pattern(len + 8000000);
	assert_int_equal(flow_write(s, big, 8000000, LWS_WRITE_BINARY),
			 8000000);
	assert_int_equal(flow_write(s, big, len, LWS_WRITE_BINARY), len);
	assert_true(lws_get_tx_queued(s->wsi) > len);
	assert_int_equal(flow_text(s, "more"), -1);
	FLOW_UNTIL(&f, flow_over(s));
	flow_end(&f);
}

static void
test_a_flood_of_pings_from_who_does_not_read_is_bounded(void **state)
{
	static uint8_t flood[131 * 500];
	struct flow_conn *s;
	struct flow_raw *r;
	struct flow f;
	size_t n, before, most = 0, sent = 0;
	uint64_t end;

	(void)state;
	for (n = 0; n < sizeof(flood); n += 131) {
		memset(flood + n, 'p', 131);
		memcpy(flood + n, "\x89\xfd\0\0\0\0", 6);
	}
	flow_begin(&f);
	flow_open(&f);
	r = flow_raw_ws(&f, 4096);
	s = flow_server(&f, 0);
	shrink(s, 4096);
	r->deaf = true;
	before = flow_memory();
	end = flow_ms() + 300;
	while (flow_ms() < end || sent < 10000000) {
		flow_raw_send(&f, r, flood, sizeof(flood));
		sent += sizeof(flood);
		flow_turn(&f);
		if (flow_memory() - before > most)
			most = flow_memory() - before;
	}
	assert_true(most < 400000);
	/* the latest is answered once it reads again */
	flow_raw_frame(&f, r, 0x89, "last", 4);
	r->deaf = false;
	FLOW_UNTIL(&f, flow_raw_has(r, "\x8a\x04last"));
	assert_false(flow_over(s));
	flow_end(&f);
}

static int
pour(struct flow_conn *c, enum libwebsocket_callback_reasons reason, void *in,
     size_t len)
{
	(void)in;
	(void)len;
	if (c->client || reason != LWS_CALLBACK_SERVER_WRITEABLE)
		return 0;
	while (!lws_send_pipe_choked(c->wsi) && c->n < 4000000) {
		assert_int_equal(flow_write(c, big + c->n, 1000,
					    LWS_WRITE_BINARY), 1000);
		c->n += 1000;
	}
	if (c->n < 4000000)
		libwebsocket_callback_on_writable(c->side->context, c->wsi);
	return 0;
}

static void
test_who_asks_whether_it_is_choked_never_queues_much(void **state)
{
	struct flow_conn *s;
	struct flow_raw *r;
	struct flow f;
	size_t most = 0, n;

	(void)state;
	flow_begin(&f);
	f.hook = pour;
	flow_open(&f);
	pattern(4000000);
	r = flow_raw_ws(&f, 0);
	s = flow_server(&f, 0);
	shrink(s, 20000);
	libwebsocket_callback_on_writable(f.side[0].context, s->wsi);
	while (r->in.len < 4000 * 1004) {
		flow_turn(&f);
		n = lws_get_tx_queued(s->wsi);
		most = n > most ? n : most;
	}
	assert_true(most < 200000 || LWS_TX_HIGH > 100000);
	for (n = 0; n < 4000; n++)
		assert_memory_equal(r->in.p + n * 1004 + 4, big + n * 1000,
				    1000);
	flow_end(&f);
}

/* ---- no_buffer_all_partial_tx ---- */

static int
piecemeal(struct flow_conn *c, enum libwebsocket_callback_reasons reason,
	  void *in, size_t len)
{
	int rc;

	(void)in;
	(void)len;
	if (reason != LWS_CALLBACK_SERVER_WRITEABLE &&
	    reason != LWS_CALLBACK_CLIENT_WRITEABLE)
		return 0;
	if (!c->data || c->n >= 2000000)
		return 0;
	rc = libwebsocket_write(c->wsi, big + c->n, (size_t)(2000000 - c->n),
				LWS_WRITE_BINARY);
	assert_true(rc >= 0);
	c->n += rc;
	if (c->n < 2000000)
		libwebsocket_callback_on_writable(c->side->context, c->wsi);
	return 0;
}

static void
test_a_partial_write_is_the_callers_to_continue(void **state)
{
	struct flow_conn *s, *c, *from, *to;
	struct flow f;
	int client;

	(void)state;
	pattern(2000000);
	for (client = 0; client < 2; client++) {
		flow_begin(&f);
		f.side[0].protocols[1].no_buffer_all_partial_tx = 1;
		f.hook = piecemeal;
		flow_open(&f);
		flow_pair(&f, &s, &c);
		from = client ? c : s;
		to = client ? s : c;
		shrink(from, 4096);
		from->data = from;
		libwebsocket_callback_on_writable(f.side[0].context, from->wsi);
		/* pings meanwhile do not break into the frame */
		while (to->got.len < 2000000) {
			if (to->got.len && to->got.len < 1900000)
				flow_write(to, "tick", 4, LWS_WRITE_PING);
			flow_turn(&f);
			assert_true(lws_get_tx_queued(from->wsi) < 100000);
			assert_false(flow_over(to));
		}
		assert_memory_equal(to->got.p, big, 2000000);
		flow_end(&f);
	}
}

/* ---- masks ---- */

static struct flow_raw *
raw_server(struct flow *f, struct flow_conn **c)
{
	struct flow_raw *l, *r;
	int port;

	l = flow_raw_listen(f, &port);
	*c = flow_connect_to(f, 0, port, "second", NULL);
	r = flow_raw_accept(f, l);
	flow_raw_answer(f, r);
	FLOW_UNTIL(f, (*c)->count[LWS_CALLBACK_CLIENT_ESTABLISHED]);
	return r;
}

static void
test_client_frames_are_masked_differently_each_time(void **state)
{
	struct flow_conn *c;
	struct flow_raw *r;
	struct flow f;
	size_t n, k;

	(void)state;
	flow_begin(&f);
	flow_open(&f);
	r = raw_server(&f, &c);
	for (n = 0; n < 600; n++)
		assert_int_equal(flow_text(c, "Hello"), 5);
	FLOW_UNTIL(&f, r->in.len >= 600 * 11);
	for (n = 0; n < 600; n++) {
		const uint8_t *p = r->in.p + n * 11;

		assert_int_equal(p[0], 0x81);
		assert_int_equal(p[1], 0x85);
		for (k = 0; k < 5; k++)
			assert_int_equal(p[6 + k] ^ p[2 + k % 4], "Hello"[k]);
		for (k = 0; k < n; k++)
			if (!memcmp(r->in.p + k * 11 + 2, p + 2, 4))
				break;
		/* two alike in 600 happen once in 24000 runs */
		if (n && k < n)
			print_message("mask of %zu and %zu alike\n", k, n);
	}
	flow_end(&f);
}

static void
test_the_mask_of_zeros_is_for_who_asks(void **state)
{
	struct flow_conn *c;
	struct flow_raw *r;
	struct flow f;

	(void)state;
	flow_begin(&f);
	flow_open(&f);
	r = raw_server(&f, &c);
	assert_int_equal(flow_write(c, "abc", 3, LWS_WRITE_TEXT |
				    LWS_WRITE_CLIENT_IGNORE_XOR_MASK), 3);
	FLOW_UNTIL(&f, r->in.len >= 9);
	assert_memory_equal(r->in.p, "\x81\x83\0\0\0\0abc", 9);
	flow_end(&f);
}

static void
test_defeated_masks_pass_both_ways(void **state)
{
	struct flow_conn *s, *c;
	struct flow_raw *r;
	struct flow f;

	(void)state;
	flow_begin(&f);
	f.side[0].info.options = LWS_SERVER_OPTION_DEFEAT_CLIENT_MASK;
	flow_open(&f);
	flow_pair(&f, &s, &c);
	flow_text(c, "bare");
	FLOW_UNTIL(&f, s->got.len == 4);
	r = raw_server(&f, &c);
	flow_text(c, "bare");
	FLOW_UNTIL(&f, r->in.len == 6);
	assert_memory_equal(r->in.p, "\x81\x04" "bare", 6);
	flow_end(&f);
}

/* ---- pings ---- */

static int
see_pong(struct flow_conn *c, enum libwebsocket_callback_reasons reason,
	 void *in, size_t len)
{
	if (reason == LWS_CALLBACK_CLIENT_RECEIVE_PONG)
		flow_add(&c->got, in, len);
	return 0;
}

static void
test_pongs_bring_the_payload_back_to_clients_only(void **state)
{
	struct flow_conn *s, *c;
	struct flow f;

	(void)state;
	flow_begin(&f);
	f.hook = see_pong;
	flow_open(&f);
	flow_pair(&f, &s, &c);
	flow_write(c, "", 0, LWS_WRITE_PING);
	FLOW_UNTIL(&f, c->count[LWS_CALLBACK_CLIENT_RECEIVE_PONG] == 1);
	flow_write(c, pattern(125), 125, LWS_WRITE_PING);
	FLOW_UNTIL(&f, c->count[LWS_CALLBACK_CLIENT_RECEIVE_PONG] == 2);
	assert_int_equal(c->got.len, 125);
	assert_memory_equal(c->got.p, big, 125);
	flow_write(s, "x", 1, LWS_WRITE_PING);
	flow_write(s, "nobody asked", 12, LWS_WRITE_PONG);
	FLOW_UNTIL(&f, c->count[LWS_CALLBACK_CLIENT_RECEIVE_PONG] == 3);
	flow_idle(&f, 10);
	assert_int_equal(s->count[LWS_CALLBACK_RECEIVE], 0);
	flow_end(&f);
}

/* ---- writable ---- */

static int
count_down(struct flow_conn *c, enum libwebsocket_callback_reasons reason,
	   void *in, size_t len)
{
	(void)in;
	(void)len;
	if (reason != LWS_CALLBACK_SERVER_WRITEABLE || !c->n)
		return 0;
	assert_null(c->data);
	c->data = c;
	c->n--;
	if (c->n) {
		libwebsocket_callback_on_writable(c->side->context, c->wsi);
		libwebsocket_callback_on_writable(c->side->context, c->wsi);
	}
	c->data = NULL;
	return 0;
}

static void
test_writable_is_one_for_many_and_never_recurses(void **state)
{
	static const char *const backends[] = { "epoll", "poll", "external" };
	struct flow_conn *s, *c;
	struct flow f;
	size_t m;
	int n;

	(void)state;
	for (m = 0; m < COUNT(backends); m++) {
		flow_begin(&f);
		f.side[0].info.event_backend = backends[m];
		f.side[0].external = m == 2;
		f.hook = count_down;
		flow_open(&f);
		flow_pair(&f, &s, &c);
		for (n = 0; n < 5; n++)
			assert_int_equal(libwebsocket_callback_on_writable(
					f.side[0].context, s->wsi), 1);
		assert_int_equal(s->count[LWS_CALLBACK_SERVER_WRITEABLE], 0);
		FLOW_UNTIL(&f, s->count[LWS_CALLBACK_SERVER_WRITEABLE]);
		flow_idle(&f, 30);
		assert_int_equal(s->count[LWS_CALLBACK_SERVER_WRITEABLE], 1);
		s->n = 100;
		libwebsocket_callback_on_writable_all_protocol(
			&f.side[0].protocols[1]);
		FLOW_UNTIL(&f, !s->n);
		flow_idle(&f, 30);
		assert_int_equal(s->count[LWS_CALLBACK_SERVER_WRITEABLE], 101);
		assert_true(c->count[LWS_CALLBACK_CLIENT_WRITEABLE] == 1);
		flow_end(&f);
	}
}

static int
free_pattern(void **state)
{
	(void)state;
	free(big);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_messages_of_any_size_pass_both_ways),
		cmocka_unit_test(test_twenty_megabytes_leave_in_one_call),
		cmocka_unit_test(test_the_callers_buffer_is_not_touched),
		cmocka_unit_test(test_fragments_arrive_as_fragments),
		cmocka_unit_test(
			test_what_no_frame_can_carry_is_refused_and_harmless),
		cmocka_unit_test(
			test_a_write_beyond_the_limit_fails_and_ends_only_that_one),
		cmocka_unit_test(
			test_the_limit_is_that_of_the_build_when_nothing_is_said),
		cmocka_unit_test(
			test_a_flood_of_pings_from_who_does_not_read_is_bounded),
		cmocka_unit_test(
			test_who_asks_whether_it_is_choked_never_queues_much),
		cmocka_unit_test(test_a_partial_write_is_the_callers_to_continue),
		cmocka_unit_test(
			test_client_frames_are_masked_differently_each_time),
		cmocka_unit_test(test_the_mask_of_zeros_is_for_who_asks),
		cmocka_unit_test(test_defeated_masks_pass_both_ways),
		cmocka_unit_test(
			test_pongs_bring_the_payload_back_to_clients_only),
		cmocka_unit_test(
			test_writable_is_one_for_many_and_never_recurses),
	};

	return cmocka_run_group_tests(tests, NULL, free_pattern);
}
