/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * Tests of stopping and resuming what is received: nothing lost, nothing
 * twice, nothing out of order, and no turning round while stopped.
 */
#include "flow/flow.h"

#define FRAMES 40

static const struct mode {
	const char *backend;
	bool external;
} modes[] = {
	{ NULL, false }, { "poll", false }, { NULL, true },
	{ "external", true },
};

/* what a test asks of the receiver */
static unsigned stop_every;	/* chunks */
static unsigned since;
static bool stopped;
static bool resume_in_writeable;

static int
receiver(struct flow_conn *c, enum libwebsocket_callback_reasons reason,
	 void *in, size_t len)
{
	(void)in;
	(void)len;
	switch ((int)reason) {
	case LWS_CALLBACK_RECEIVE:
	case LWS_CALLBACK_CLIENT_RECEIVE:
	case LWS_CALLBACK_HTTP_BODY:
		assert_false(stopped);
		if (reason == LWS_CALLBACK_HTTP_BODY)
			flow_add(&c->got, in, len);
		if (!stop_every || ++since % stop_every)
			return 0;
		stopped = true;
		assert_int_equal(libwebsocket_rx_flow_control(c->wsi, 0), 0);
		if (resume_in_writeable)
			libwebsocket_callback_on_writable(c->side->context,
							  c->wsi);
		return 0;
	case LWS_CALLBACK_SERVER_WRITEABLE:
	case LWS_CALLBACK_CLIENT_WRITEABLE:
		if (resume_in_writeable && stopped) {
			stopped = false;
			libwebsocket_rx_flow_control(c->wsi, 1);
		}
		return 0;
	}
	return 0;
}

static void
begin(struct flow *f, const struct mode *mode, size_t chunk)
{
	flow_begin(f);
	f->side[0].info.event_backend = mode->backend;
	f->side[0].external = mode->external;
	f->side[0].protocols[0].rx_buffer_size = chunk;
	f->side[0].protocols[1].rx_buffer_size = chunk;
	f->hook = receiver;
	flow_open(f);
	stop_every = since = 0;
	stopped = resume_in_writeable = false;
}

/* FRAMES frames of growing size in one packet; returns their bytes. */
static size_t
send_batch(struct flow *f, struct flow_raw *r, uint8_t *sum)
{
	struct flow_bytes all = { 0 };
	uint8_t head[8] = { 0x82, 0, 0, 0, 0, 0 };
	size_t total = 0, n, k;

	for (n = 0; n < FRAMES; n++) {
		head[1] = (uint8_t)(0x80 | n);
		flow_add(&all, head, 6);
		for (k = 0; k < n; k++, total++) {
			sum[total] = (uint8_t)(total * 7);
			flow_add(&all, &sum[total], 1);
		}
	}
	flow_raw_send(f, r, all.p, all.len);
	flow_free(&all);
	return total;
}

static void
resume(struct flow_conn *c)
{
	stopped = false;
	assert_int_equal(libwebsocket_rx_flow_control(c->wsi, 1), 0);
}

static void
test_a_batch_stopped_after_every_nth_chunk_arrives_whole(void **state)
{
	static const size_t sizes[] = { 1, 7, 4096 };
	uint8_t sent[FRAMES * FRAMES];
	struct flow_conn *s;
	struct flow_raw *r;
	struct flow f;
	size_t total, n, m;
	unsigned every;

	(void)state;
	for (m = 0; m < COUNT(modes); m++)
	for (n = 0; n < COUNT(sizes); n++)
	for (every = 1; every <= 9; every += 4) {
		begin(&f, &modes[m], sizes[n]);
		r = flow_raw_ws(&f, 0);
		s = flow_server(&f, 0);
		stop_every = every;
		resume_in_writeable = every != 5;
		total = send_batch(&f, r, sent);
		while (s->got.len < total) {
			flow_turn(&f);
			if (stopped && !resume_in_writeable) {
				flow_turn(&f);
				resume(s);
			}
		}
		assert_int_equal(s->got.len, total);
		assert_memory_equal(s->got.p, sent, total);
		assert_true(s->count[LWS_CALLBACK_RECEIVE] >= FRAMES);
		flow_end(&f);
	}
}

static void
test_state_queries_stay_exact_while_it_is_stopped(void **state)
{
	struct flow_conn *s;
	struct flow_raw *r;
	struct flow f;
	size_t n;

	(void)state;
	begin(&f, &modes[0], 10);
	r = flow_raw_ws(&f, 0);
	s = flow_server(&f, 0);
	stop_every = 1;
	flow_raw_frame(&f, r, 0x02, "0123456789abcdefghijklmno", 25);
	flow_raw_frame(&f, r, 0x80, "XYZ", 3);
	for (n = 0; n < 4; n++) {
		static const size_t left[] = { 15, 5, 0, 0 };

		FLOW_UNTIL(&f, s->count[LWS_CALLBACK_RECEIVE] == n + 1);
		flow_idle(&f, 3);
		assert_int_equal(s->count[LWS_CALLBACK_RECEIVE], n + 1);
		assert_int_equal(libwebsockets_remaining_packet_payload(
				s->wsi), left[n]);
		assert_int_equal(libwebsocket_is_final_fragment(s->wsi),
				 n == 3);
		assert_int_equal(lws_frame_is_binary(s->wsi), 1);
		resume(s);
	}
	assert_string_equal((char *)s->got.p, "0123456789abcdefghijklmnoXYZ");
	flow_end(&f);
}

/* A stopped connection holds a read at most and does not turn round. */
static void
test_a_stopped_connection_pushes_back_and_stays_quiet(void **state)
{
	static uint8_t data[65536];
	struct flow_conn *s;
	struct flow_raw *r;
	struct flow f;
	size_t before, m, sent;
	long turns;
	ssize_t n;

	(void)state;
	for (m = 0; m < COUNT(modes); m++) {
		begin(&f, &modes[m], 4096);
		r = flow_raw_ws(&f, 0);
		s = flow_server(&f, 0);
		stop_every = 1;
		sent = 0;
		f.quiet = true;
		before = flow_memory();
		flow_raw_send(&f, r, "\x82\xff\x00\x00\x00\x00\x10\x00\x00\x00"
			      "\x00\x00\x00\x00", 14);
		while ((n = flow_raw_try(r, data, sizeof(data))) > 0) {
			sent += (size_t)n;
			flow_turn(&f);
		}
		assert_true(sent < 0x10000000);
		FLOW_UNTIL(&f, stopped);
		turns = f.turns;
		flow_idle(&f, 100);
		assert_true(f.turns - turns < 300);
		assert_int_equal(s->count[LWS_CALLBACK_RECEIVE], 1);
		assert_true(flow_memory() - before < 80 * 1024);
		stop_every = 0;
		resume(s);
		FLOW_UNTIL(&f, s->count[LWS_CALLBACK_RECEIVE] == sent / 4096);
		flow_end(&f);
	}
}

static void
test_control_frames_wait_with_the_rest(void **state)
{
	struct flow_conn *s;
	struct flow_raw *r;
	struct flow f;

	(void)state;
	begin(&f, &modes[0], 4096);
	r = flow_raw_ws(&f, 0);
	s = flow_server(&f, 0);
	stop_every = 1;
	flow_raw_frame(&f, r, 0x81, "a", 1);
	flow_raw_frame(&f, r, 0x89, "b", 1);
	flow_raw_frame(&f, r, 0x88, "", 0);
	FLOW_UNTIL(&f, stopped);
	flow_idle(&f, 20);
	assert_int_equal(r->in.len, 0);
	assert_false(flow_over(s));
	resume(s);
	FLOW_UNTIL(&f, flow_over(s) && r->eof);
	assert_int_equal(r->in.len, 5);
	assert_memory_equal(r->in.p, "\x8a\x01" "b" "\x88\x00", 5);
	flow_end(&f);
}

static void
test_what_came_before_the_end_is_delivered_after_resuming(void **state)
{
	uint8_t sent[FRAMES * FRAMES];
	struct flow_conn *s;
	struct flow_raw *r;
	struct flow f;
	size_t total, m;

	(void)state;
	for (m = 0; m < COUNT(modes); m++) {
		begin(&f, &modes[m], 16);
		r = flow_raw_ws(&f, 0);
		s = flow_server(&f, 0);
		stop_every = 30;
		total = send_batch(&f, r, sent);
		FLOW_UNTIL(&f, stopped);
		flow_raw_close(r);
		flow_idle(&f, 10);
		assert_false(flow_over(s));
		stop_every = 0;
		resume(s);
		FLOW_UNTIL(&f, flow_over(s));
		assert_int_equal(s->got.len, total);
		assert_memory_equal(s->got.p, sent, total);
		flow_end(&f);
	}
}

/* ---- who resumes ---- */

static struct flow_conn *held;

static int
resume_other(struct flow_conn *c, enum libwebsocket_callback_reasons reason,
	     void *in, size_t len)
{
	if (reason == LWS_CALLBACK_RECEIVE && held && c != held) {
		resume(held);
		stop_every = 0;
		return 0;
	}
	return receiver(c, reason, in, len);
}

static void
test_another_connections_callback_resumes_without_new_input(void **state)
{
	uint8_t sent[FRAMES * FRAMES];
	struct flow_raw *a, *b;
	struct flow f;
	size_t total, m;

	(void)state;
	for (m = 0; m < COUNT(modes); m++) {
		begin(&f, &modes[m], 100);
		f.hook = resume_other;
		a = flow_raw_ws(&f, 0);
		b = flow_raw_ws(&f, 0);
		held = NULL;
		stop_every = 11;
		total = send_batch(&f, a, sent);
		FLOW_UNTIL(&f, stopped);
		held = flow_server(&f, 0);
		flow_idle(&f, 5);
		assert_true(held->got.len < total);
		flow_raw_frame(&f, b, 0x81, "go", 2);
		FLOW_UNTIL(&f, held->got.len == total);
		assert_memory_equal(held->got.p, sent, total);
		held = NULL;
		flow_end(&f);
	}
}

static void
test_allowing_a_whole_protocol_resumes_everybody(void **state)
{
	uint8_t sent[FRAMES * FRAMES];
	struct flow_conn *s[3];
	struct flow_raw *r[3];
	struct flow f;
	size_t total = 0, m;
	int n;

	(void)state;
	for (m = 0; m < COUNT(modes); m++) {
		begin(&f, &modes[m], 100);
		f.hook = NULL;
		for (n = 0; n < 3; n++) {
			r[n] = flow_raw_ws(&f, 0);
			s[n] = flow_server(&f, (unsigned)n);
			libwebsocket_rx_flow_control(s[n]->wsi, 0);
			total = send_batch(&f, r[n], sent);
		}
		flow_idle(&f, 10);
		libwebsocket_rx_flow_allow_all_protocol(
			&f.side[0].protocols[0]);
		flow_idle(&f, 10);
		assert_int_equal(s[0]->got.len + s[1]->got.len, 0);
		libwebsocket_rx_flow_allow_all_protocol(
			&f.side[0].protocols[1]);
		for (n = 0; n < 3; n++) {
			FLOW_UNTIL(&f, s[n]->got.len == total);
			assert_memory_equal(s[n]->got.p, sent, total);
		}
		flow_end(&f);
	}
}

static int
both_in_one(struct flow_conn *c, enum libwebsocket_callback_reasons reason,
	    void *in, size_t len)
{
	(void)in;
	(void)len;
	if (reason == LWS_CALLBACK_RECEIVE ||
	    reason == LWS_CALLBACK_ESTABLISHED) {
		libwebsocket_rx_flow_control(c->wsi, 0);
		libwebsocket_rx_flow_control(c->wsi, 1);
		libwebsocket_rx_flow_control(c->wsi, 0);
		libwebsocket_rx_flow_control(c->wsi, 0);
		libwebsocket_rx_flow_control(c->wsi, 1);
		libwebsocket_rx_flow_control(c->wsi, 1);
	}
	return 0;
}

static void
test_stop_and_go_in_one_callback_is_go(void **state)
{
	uint8_t sent[FRAMES * FRAMES];
	struct flow_raw *r;
	struct flow f;
	size_t total, m;

	(void)state;
	for (m = 0; m < COUNT(modes); m++) {
		begin(&f, &modes[m], 3);
		f.hook = both_in_one;
		r = flow_raw_ws(&f, 0);
		total = send_batch(&f, r, sent);
		FLOW_UNTIL(&f, flow_server(&f, 0)->got.len == total);
		assert_memory_equal(flow_server(&f, 0)->got.p, sent, total);
		flow_end(&f);
	}
}

static int
stop_at_once(struct flow_conn *c, enum libwebsocket_callback_reasons reason,
	     void *in, size_t len)
{
	(void)in;
	(void)len;
	if (reason == LWS_CALLBACK_ESTABLISHED ||
	    reason == LWS_CALLBACK_CLIENT_ESTABLISHED)
		libwebsocket_rx_flow_control(c->wsi, 0);
	return 0;
}

static void
test_either_side_may_stop_before_the_first_byte(void **state)
{
	struct flow_conn *s, *c;
	struct flow f;
	size_t m;

	(void)state;
	for (m = 0; m < COUNT(modes); m++) {
		begin(&f, &modes[m], 4096);
		f.hook = stop_at_once;
		flow_pair(&f, &s, &c);
		flow_text(s, "down");
		flow_text(c, "up");
		flow_idle(&f, 10);
		assert_int_equal(s->got.len + c->got.len, 0);
		resume(s);
		resume(c);
		FLOW_UNTIL(&f, s->got.len == 2 && c->got.len == 4);
		flow_end(&f);
	}
}

static void
test_a_body_stops_too(void **state)
{
	struct flow_conn *s;
	struct flow_raw *r;
	struct flow f;
	unsigned n;

	(void)state;
	begin(&f, &modes[0], 4);
	r = flow_raw(&f, 0);
	stop_every = 1;
	flow_raw_puts(&f, r, "POST / HTTP/1.1\r\nHost: h\r\n"
		      "Content-Length: 10\r\n\r\n0123456789");
	for (n = 1; n <= 3; n++) {
		FLOW_UNTIL(&f, (s = flow_server(&f, 0)) &&
			   s->count[LWS_CALLBACK_HTTP_BODY] == n);
		flow_idle(&f, 3);
		assert_int_equal(s->count[LWS_CALLBACK_HTTP_BODY], n);
		resume(s);
	}
	FLOW_UNTIL(&f, s->count[LWS_CALLBACK_HTTP_BODY_COMPLETION]);
	assert_string_equal((char *)s->got.p, "0123456789");
	flow_end(&f);
}

static void
test_a_stopped_connection_that_is_reset_ends(void **state)
{
	struct flow_raw *r;
	struct flow f;
	size_t m;

	(void)state;
	for (m = 0; m < COUNT(modes); m++) {
		begin(&f, &modes[m], 4);
		stop_every = 1;
		r = flow_raw_ws(&f, 0);
		flow_raw_frame(&f, r, 0x81, "0123456789", 10);
		FLOW_UNTIL(&f, stopped);
		flow_raw_reset(r);
		FLOW_UNTIL(&f, flow_over(flow_server(&f, 0)));
		flow_end(&f);
	}
}

/* ---- held HTTP requests ---- */

static int
slow_answer(struct flow_conn *c, enum libwebsocket_callback_reasons reason,
	    void *in, size_t len)
{
	static char much[12000000];

	(void)in;
	(void)len;
	if (reason == LWS_CALLBACK_HTTP && !c->n++)
		libwebsocket_set_timeout(c->wsi, NO_PENDING_TIMEOUT, 0);
	else if (reason == LWS_CALLBACK_HTTP)
		return flow_write(c, much, sizeof(much), LWS_WRITE_HTTP) < 0;
	if (reason == LWS_CALLBACK_HTTP_WRITEABLE) {
		flow_write(c, "HTTP/1.1 204 No\r\n\r\n", 19, LWS_WRITE_HTTP);
		return lws_http_transaction_completed(c->wsi) ? -1 : 0;
	}
	return 0;
}

/*
 * The second request is held, then answered with more than the peer reads;
 * behind it there is more than a read holds.
 */
static void
test_held_requests_do_not_turn_the_loop_round(void **state)
{
	static char filler[512 * 1024];
	struct flow_raw *r;
	struct flow f;
	size_t m, n;
	long turns;

	(void)state;
	for (n = 0; n + 41 < sizeof(filler); n += 41)
		memcpy(filler + n, "GET /again HTTP/1.1\r\nHost: h\r\nX: yyyy\r\n"
		       "\r\n", 41);
	for (m = 0; m < COUNT(modes); m++) {
		begin(&f, &modes[m], 4096);
		f.hook = slow_answer;
		r = flow_raw(&f, 4096);
		r->deaf = true;
		flow_raw_puts(&f, r, "GET /a HTTP/1.1\r\nHost: h\r\n\r\n");
		FLOW_UNTIL(&f, flow_server(&f, 0) && flow_server(&f, 0)->n);
		libwebsocket_callback_on_writable(f.side[0].context,
						  flow_server(&f, 0)->wsi);
		assert_true(flow_raw_try(r, filler, sizeof(filler)) > 0);
		FLOW_UNTIL(&f, flow_server(&f, 0)->n > 1);
		assert_false(flow_server(&f, 0)->events & POLLIN);
		while (flow_raw_try(r, filler, sizeof(filler)) > 0)
			flow_turn(&f);
		turns = f.turns;
		flow_idle(&f, 100);
		assert_true(f.turns - turns < 300);
		flow_end(&f);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			test_a_batch_stopped_after_every_nth_chunk_arrives_whole),
		cmocka_unit_test(
			test_state_queries_stay_exact_while_it_is_stopped),
		cmocka_unit_test(
			test_a_stopped_connection_pushes_back_and_stays_quiet),
		cmocka_unit_test(test_control_frames_wait_with_the_rest),
		cmocka_unit_test(
			test_what_came_before_the_end_is_delivered_after_resuming),
		cmocka_unit_test(
			test_another_connections_callback_resumes_without_new_input),
		cmocka_unit_test(
			test_allowing_a_whole_protocol_resumes_everybody),
		cmocka_unit_test(test_stop_and_go_in_one_callback_is_go),
		cmocka_unit_test(
			test_either_side_may_stop_before_the_first_byte),
		cmocka_unit_test(test_a_body_stops_too),
		cmocka_unit_test(test_a_stopped_connection_that_is_reset_ends),
		cmocka_unit_test(test_held_requests_do_not_turn_the_loop_round),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
