/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * Tests of every way to end a connection, from every state.
 */
#include "flow/flow.h"

#include <errno.h>
#include <sys/socket.h>

#include "base/limits.h"

/* what ends the connection, and from where */
enum way {
	RETURN,			/* -1 from the callback */
	RETURN_ONE,		/* 1 from it */
	CLOSE_0,		/* libwebsocket_close_and_free_session() */
	CLOSE_1000, CLOSE_4321,
	HANGUP,			/* libwebsockets_hangup_on_client() */
	WRITE_CLOSE,		/* LWS_WRITE_CLOSE */
	TIMER			/* libwebsocket_set_timeout() */
};

static enum way way;
static unsigned from;
static struct flow_conn *victim;

static int
end_it(struct flow_conn *c)
{
	struct libwebsocket_context *context = c->side->context;

	switch (way) {
	case RETURN:
		return -1;
	case RETURN_ONE:
		return 1;
	case CLOSE_0:
		libwebsocket_close_and_free_session(
			context, c->wsi, LWS_CLOSE_STATUS_NOSTATUS);
		break;
	case CLOSE_1000:
		libwebsocket_close_and_free_session(context, c->wsi,
						    LWS_CLOSE_STATUS_NORMAL);
		break;
	case CLOSE_4321:
		libwebsocket_close_and_free_session(
			context, c->wsi, (enum lws_close_status)4321);
		break;
	case HANGUP:
		libwebsockets_hangup_on_client(
			context, libwebsocket_get_socket_fd(c->wsi));
		break;
	case WRITE_CLOSE:
		assert_int_equal(flow_write(c, "\x0f\xa0" "bye", 5,
					    LWS_WRITE_CLOSE), 5);
		break;
	case TIMER:
		libwebsocket_set_timeout(c->wsi,
					 PENDING_TIMEOUT_AWAITING_PING, 0);
		break;
	}
	return 0;
}

/* Make every callback of a WebSocket happen, and end it in one of them. */
static int
lively(struct flow_conn *c, enum libwebsocket_callback_reasons reason, void *in,
       size_t len)
{
	struct libwebsocket_context *context = c->side->context;

	(void)in;
	(void)len;
	if (reason == LWS_CALLBACK_CLOSED ||
	    reason == LWS_CALLBACK_CLIENT_CONNECTION_ERROR) {
		/* nothing can be had from it any more, nothing breaks */
		assert_int_equal(flow_text(c, "late"), -1);
		assert_int_equal(flow_write(c, "", 0, LWS_WRITE_PING), -1);
		assert_int_equal(libwebsocket_callback_on_writable(
				context, c->wsi), -1);
		libwebsocket_rx_flow_control(c->wsi, 0);
		libwebsocket_rx_flow_control(c->wsi, 1);
		libwebsocket_set_timeout(c->wsi,
					 PENDING_TIMEOUT_AWAITING_PING, 1);
		libwebsocket_close_and_free_session(
			context, c->wsi, LWS_CLOSE_STATUS_NORMAL);
	}
	if (reason == from)
		return end_it(c);
	switch ((int)reason) {
	case LWS_CALLBACK_ESTABLISHED:
	case LWS_CALLBACK_CLIENT_RECEIVE:
		libwebsocket_callback_on_writable(context, c->wsi);
		break;
	case LWS_CALLBACK_SERVER_WRITEABLE:
	case LWS_CALLBACK_CLIENT_WRITEABLE:
		flow_text(c, "more");
		break;
	case LWS_CALLBACK_CLIENT_ESTABLISHED:
		flow_write(c, "ping", 4, LWS_WRITE_PING);
		break;
	}
	return 0;
}

static bool
both_over(const struct flow *f)
{
	const struct flow_conn *s = flow_server(f, 0), *c = flow_client(f, 0);

	return (!s || flow_over(s)) && flow_over(c);
}

static const unsigned places[] = {
	LWS_CALLBACK_ESTABLISHED, LWS_CALLBACK_RECEIVE,
	LWS_CALLBACK_SERVER_WRITEABLE, LWS_CALLBACK_CLIENT_ESTABLISHED,
	LWS_CALLBACK_CLIENT_RECEIVE, LWS_CALLBACK_CLIENT_WRITEABLE,
	LWS_CALLBACK_CLIENT_RECEIVE_PONG,
	LWS_CALLBACK_CLIENT_FILTER_PRE_ESTABLISH,
	LWS_CALLBACK_FILTER_PROTOCOL_CONNECTION,
	LWS_CALLBACK_CLIENT_APPEND_HANDSHAKE_HEADER,
	LWS_CALLBACK_SERVER_NEW_CLIENT_INSTANTIATED,
};

/* Does this way end it from there?  What is not open takes no frames. */
static bool
ends(enum way w, unsigned place)
{
	switch (place) {
	case LWS_CALLBACK_CLIENT_APPEND_HANDSHAKE_HEADER:
	case LWS_CALLBACK_SERVER_NEW_CLIENT_INSTANTIATED:
		return w == CLOSE_0 || w == CLOSE_1000 || w == CLOSE_4321 ||
		       (w == HANGUP &&
			place == LWS_CALLBACK_CLIENT_APPEND_HANDSHAKE_HEADER);
	case LWS_CALLBACK_CLIENT_FILTER_PRE_ESTABLISH:
	case LWS_CALLBACK_FILTER_PROTOCOL_CONNECTION:
		return w != WRITE_CLOSE && w != TIMER;
	case LWS_CALLBACK_ESTABLISHED:
	case LWS_CALLBACK_CLIENT_ESTABLISHED:
		return w != RETURN_ONE;
	default:
		return true;
	}
}

/* Does the newest version of this build come there?  76 has no Pong. */
static bool
happens(unsigned place)
{
	return place != LWS_CALLBACK_CLIENT_RECEIVE_PONG ||
	       SPEC_LATEST_SUPPORTED != 0;
}

static void
test_each_way_from_each_callback_ends_both_sides_once(void **state)
{
	struct flow f;
	size_t n;
	int w;

	(void)state;
	for (n = 0; n < COUNT(places); n++) {
		for (w = RETURN; w <= TIMER; w++) {
			way = (enum way)w;
			from = places[n];
			if (!ends(way, from) || !happens(from))
				continue;
			flow_begin(&f);
			f.hook = lively;
			flow_open(&f);
			flow_connect(&f, 0, "second");
			FLOW_UNTIL(&f, both_over(&f));
			flow_end(&f);
		}
	}
}

/* ---- what a stranger sees of it ---- */

static int
end_when_told(struct flow_conn *c, enum libwebsocket_callback_reasons reason,
	      void *in, size_t len)
{
	(void)in;
	(void)len;
	return reason == LWS_CALLBACK_RECEIVE ? end_it(c) : 0;
}

/* version 8 and those before have no codes for applications */
#define OF_APPLICATION (SPEC_LATEST_SUPPORTED < 13 ? 1000 : 4321)

static const struct seen {
	enum way way;
	int code;
} seen[] = {
	{ RETURN, 1000 }, { CLOSE_0, -1 }, { CLOSE_1000, 1000 },
	{ CLOSE_4321, OF_APPLICATION }, { HANGUP, -1 }, { WRITE_CLOSE, 4000 },
};

static void
test_the_peer_is_told_the_status(void **state)
{
	struct flow_raw *r;
	struct flow f;
	size_t n;

	(void)state;
	for (n = 0; n < COUNT(seen); n++) {
		way = seen[n].way;
		flow_begin(&f);
		f.hook = end_when_told;
		flow_open(&f);
		r = flow_raw_ws(&f, 0);
		flow_raw_frame(&f, r, 0x81, "x", 1);
		if (seen[n].code >= 0) {
			FLOW_UNTIL(&f, flow_raw_close_code(r) >= 0);
			flow_raw_frame(&f, r, 0x88, "\x03\xe8", 2);
		}
		FLOW_UNTIL(&f, r->eof || r->reset);
		assert_int_equal(flow_raw_close_code(r), seen[n].code);
		FLOW_UNTIL(&f, flow_over(flow_server(&f, 0)));
		flow_end(&f);
	}
}

static void
test_a_peer_that_never_answers_a_close_is_left_after_a_second(void **state)
{
	struct flow_raw *r[3];
	struct flow f;
	uint64_t start;
	int n;

	(void)state;
	flow_begin(&f);
	f.hook = end_when_told;
	flow_open(&f);
	for (n = 0; n < 3; n++)
		r[n] = flow_raw_ws(&f, 0);
	start = flow_ms();
	for (n = 0; n < 3; n++) {
		way = n == 0 ? RETURN : n == 1 ? CLOSE_1000 : WRITE_CLOSE;
		flow_raw_frame(&f, r[n], 0x81, "x", 1);
		FLOW_UNTIL(&f, flow_raw_close_code(r[n]) >= 0);
	}
	/* told at once where the application has ended it by -1 */
	assert_true(flow_over(flow_server(&f, 0)));
	if (flow_ms() - start < 900)
		assert_false(flow_over(flow_server(&f, 1)));
	FLOW_UNTIL(&f, flow_over(flow_server(&f, 1)) &&
		   flow_over(flow_server(&f, 2)));
	assert_true(flow_ms() - start >= 900);
	flow_end(&f);
}

static int
close_and_forget(struct flow_conn *c, enum libwebsocket_callback_reasons reason,
		 void *in, size_t len)
{
	(void)in;
	(void)len;
	if (reason != LWS_CALLBACK_RECEIVE)
		return 0;
	assert_true(flow_write(c, "", 0, LWS_WRITE_CLOSE) >= 0);
	libwebsocket_set_timeout(c->wsi, NO_PENDING_TIMEOUT, 0);
	libwebsocket_set_timeout(c->wsi, PENDING_TIMEOUT_HTTP_CONTENT, 3600);
	return 0;
}

static void
test_timeouts_of_the_application_do_not_keep_it_after_our_close(void **state)
{
	struct flow_raw *r;
	struct flow f;

	(void)state;
	flow_begin(&f);
	f.hook = close_and_forget;
	flow_open(&f);
	r = flow_raw_ws(&f, 0);
	flow_raw_frame(&f, r, 0x81, "x", 1);
	FLOW_UNTIL(&f, flow_over(flow_server(&f, 0)));
	flow_end(&f);
}

static void
test_after_our_close_nothing_more_is_accepted_or_delivered(void **state)
{
	struct flow_conn *s;
	struct flow_raw *r;
	struct flow f;

	(void)state;
	flow_begin(&f);
	flow_open(&f);
	r = flow_raw_ws(&f, 0);
	s = flow_server(&f, 0);
	libwebsocket_close_and_free_session(f.side[0].context, s->wsi,
					    LWS_CLOSE_STATUS_GOINGAWAY);
	assert_int_equal(flow_text(s, "late"), -1);
	assert_int_equal(flow_write(s, "", 0, LWS_WRITE_CLOSE), -1);
	assert_int_equal(flow_write(s, "", 0, LWS_WRITE_PONG), -1);
	flow_raw_frame(&f, r, 0x81, "late too", 8);
	flow_raw_frame(&f, r, 0x89, "ping", 4);
	FLOW_UNTIL(&f, flow_raw_close_code(r) == 1001);
	assert_int_equal(r->in.len, 4);
	flow_raw_frame(&f, r, 0x88, "\x03\xe9", 2);
	FLOW_UNTIL(&f, flow_over(s) && r->eof);
	assert_int_equal(r->in.len, 4);
	assert_int_equal(s->count[LWS_CALLBACK_RECEIVE], 0);
	flow_end(&f);
}

static void
test_a_close_from_the_peer_is_echoed_and_ends_it(void **state)
{
	static const struct {
		const char *payload;
		size_t len;
	} rows[] = { { "", 0 }, { "\x03\xe8", 2 }, { "\x03\xe8" "why", 5 },
		     { "\x0f\xff", 2 } };
	struct flow_raw *r;
	struct flow f;
	size_t n;

	(void)state;
	flow_begin(&f);
	flow_open(&f);
	for (n = 0; n < COUNT(rows); n++) {
		r = flow_raw_ws(&f, 0);
		flow_raw_frame(&f, r, 0x88, rows[n].payload, rows[n].len);
		/* whatever follows is not looked at */
		flow_raw_frame(&f, r, 0x89, "?", 1);
		flow_raw_frame(&f, r, 0xff, "?", 1);
		FLOW_UNTIL(&f, (r->eof || r->reset) &&
			   flow_over(flow_server(&f, (unsigned)n)));
		assert_true(r->in.len >= 2);
		assert_int_equal(r->in.len, 2 + rows[n].len);
		assert_int_equal(r->in.p[0], 0x88);
		assert_memory_equal(r->in.p + 2, rows[n].payload, rows[n].len);
	}
	flow_end(&f);
}

/* ---- the peer just goes ---- */

static void
test_a_peer_that_is_gone_ends_it_in_every_state(void **state)
{
	static const char *const starts[] = {
		"", "GET / HT", "GET / HTTP/1.1\r\nHost: h\r\n\r\n",
		"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\nhalf",
		NULL,			/* an open WebSocket */
	};
	struct flow_raw *r;
	struct flow f;
	unsigned n = 0, k, how;

	(void)state;
	flow_begin(&f);
	flow_open(&f);
	for (k = 0; k < COUNT(starts); k++) {
		for (how = 0; how < 2; how++, n++) {
			r = flow_raw(&f, 0);
			if (starts[k])
				flow_raw_puts(&f, r, starts[k]);
			else
				flow_raw_upgrade(&f, r);
			FLOW_UNTIL(&f, flow_server(&f, n));
			flow_idle(&f, 10);
			if (how)
				flow_raw_reset(r);
			else
				flow_raw_close(r);
		}
	}
	while (n--)
		FLOW_UNTIL(&f, flow_over(flow_server(&f, n)));
	flow_end(&f);
}

static void
test_a_server_that_is_gone_is_an_error_or_the_end_of_the_client(void **state)
{
	struct flow_raw *l, *r;
	struct flow_conn *c;
	struct flow f;
	unsigned stage, how;
	int port;

	(void)state;
	if (SPEC_LATEST_SUPPORTED < 5) {
		print_message("the server here has no answer for 4 and 76\n");
		skip();
	}
	flow_begin(&f);
	flow_open(&f);
	l = flow_raw_listen(&f, &port);
	for (stage = 0; stage < 3; stage++) {
		for (how = 0; how < 2; how++) {
			c = flow_connect_to(&f, 0, port, "second", NULL);
			r = flow_raw_accept(&f, l);
			FLOW_UNTIL(&f, flow_raw_has(r, "\r\n\r\n"));
			if (stage == 1)
				flow_raw_puts(&f, r, "HTTP/1.1 101 Switch");
			if (stage == 2)
				flow_raw_answer(&f, r);
			FLOW_UNTIL(&f, stage < 2 ||
				   c->count[LWS_CALLBACK_CLIENT_ESTABLISHED]);
			if (how)
				flow_raw_reset(r);
			else
				flow_raw_close(r);
			FLOW_UNTIL(&f, flow_over(c));
			assert_int_equal(c->count[LWS_CALLBACK_CLOSED],
					 stage == 2);
			assert_int_equal(c->why[0] != 0, stage < 2);
		}
	}
	flow_end(&f);
}

/* ---- from elsewhere ---- */

static int
end_the_other(struct flow_conn *c, enum libwebsocket_callback_reasons reason,
	      void *in, size_t len)
{
	(void)in;
	(void)len;
	if (c->client || reason != LWS_CALLBACK_RECEIVE || !victim ||
	    c == victim)
		return 0;
	end_it(victim);
	if (way == HANGUP || way == CLOSE_0)
		assert_true(flow_over(victim));
	victim = NULL;
	return 0;
}

static void
test_a_neighbours_callback_may_end_it(void **state)
{
	struct flow_conn *s[2], *c[2];
	struct flow f;
	int w, who;

	(void)state;
	for (w = CLOSE_0; w <= TIMER; w++) {
		for (who = 0; who < 2; who++) {
			way = (enum way)w;
			flow_begin(&f);
			f.hook = end_the_other;
			flow_open(&f);
			flow_pair(&f, &s[0], &c[0]);
			flow_pair(&f, &s[1], &c[1]);
			victim = s[1 - who];
			/* both have something in the same turn */
			flow_text(c[0], "one");
			flow_text(c[1], "two");
			FLOW_UNTIL(&f, flow_over(s[1 - who]) &&
				   flow_over(c[1 - who]));
			flow_idle(&f, 5);
			assert_false(flow_over(s[who]));
			flow_end(&f);
			victim = NULL;
		}
	}
}

static void
test_it_may_be_ended_from_outside(void **state)
{
	struct flow_conn *s, *c;
	struct flow f;
	int w, client;

	(void)state;
	for (w = CLOSE_0; w <= TIMER; w++) {
		for (client = 0; client < 2; client++) {
			way = (enum way)w;
			flow_begin(&f);
			flow_open(&f);
			flow_pair(&f, &s, &c);
			end_it(client ? c : s);
			if (way == CLOSE_0 || way == HANGUP)
				assert_true(flow_over(client ? c : s));
			FLOW_UNTIL(&f, flow_over(c) && flow_over(s));
			flow_end(&f);
		}
	}
}

static int
end_by_broadcast(struct flow_conn *c, enum libwebsocket_callback_reasons reason,
		 void *in, size_t len)
{
	(void)in;
	(void)len;
	if ((int)reason == LWS_CALLBACK_USER + 7)
		end_it(c);
	return 0;
}

static void
test_a_reason_of_the_application_may_end_everybody(void **state)
{
	struct flow_conn *s[3], *c[3];
	struct flow f;
	int w, n;

	(void)state;
	for (w = CLOSE_0; w <= HANGUP; w++) {
		way = (enum way)w;
		flow_begin(&f);
		f.hook = end_by_broadcast;
		flow_open(&f);
		for (n = 0; n < 3; n++)
			flow_pair(&f, &s[n], &c[n]);
		assert_int_equal(libwebsocket_callback_all_protocol(
				&f.side[0].protocols[1],
				LWS_CALLBACK_USER + 7), 0);
		for (n = 0; n < 3; n++)
			FLOW_UNTIL(&f, flow_over(s[n]) && flow_over(c[n]));
		flow_end(&f);
	}
}

static void
test_hanging_up_on_foreign_descriptors_closes_them(void **state)
{
	struct flow f;
	int fd;

	(void)state;
	flow_begin(&f);
	flow_open(&f);
	fd = dup(STDIN_FILENO);
	libwebsockets_hangup_on_client(f.side[0].context, fd);
	assert_int_equal(close(fd), -1);
	libwebsockets_hangup_on_client(f.side[0].context, -1);
	libwebsockets_hangup_on_client(f.side[0].context, 1 << 20);
	/* the listener is not a client */
	libwebsockets_hangup_on_client(f.side[0].context,
				       f.side[0].listener->fd);
	flow_raw_ws(&f, 0);
	flow_end(&f);
}

/* ---- the context ends ---- */

static int
reconnect(struct flow_conn *c, enum libwebsocket_callback_reasons reason,
	  void *in, size_t len)
{
	(void)in;
	(void)len;
	if (c->client && (reason == LWS_CALLBACK_CLOSED ||
			  reason == LWS_CALLBACK_CLIENT_CONNECTION_ERROR))
		assert_null(flow_connect(c->flow, 0, "second"));
	if (reason == LWS_CALLBACK_CLOSED) {
		libwebsocket_callback_on_writable_all_protocol(
			&c->side->protocols[1]);
		libwebsocket_rx_flow_allow_all_protocol(
			&c->side->protocols[1]);
		libwebsocket_callback_all_protocol(&c->side->protocols[1],
						   LWS_CALLBACK_USER);
	}
	return 0;
}

static void
test_destroying_the_context_ends_everybody_in_every_stage(void **state)
{
	struct flow_conn *s, *c, *half[2];
	struct flow_raw *open, *l, *r;
	struct flow f;
	int port;

	(void)state;
	flow_begin(&f);
	f.hook = reconnect;
	flow_open(&f);
	flow_pair(&f, &s, &c);
	open = flow_raw_ws(&f, 0);
	l = flow_raw_listen(&f, &port);
	flow_raw(&f, 0);
	r = flow_raw(&f, 0);
	flow_raw_puts(&f, r, "GET / HTTP/1.1\r\nHo");
	r = flow_raw(&f, 0);
	flow_raw_puts(&f, r, "GET / HTTP/1.1\r\nHost: h\r\n\r\n");
	r = flow_raw(&f, 0);
	flow_raw_puts(&f, r, "POST / HTTP/1.1\r\nHost: h\r\n"
		      "Content-Length: 5\r\n\r\nab");
	r = flow_raw_ws(&f, 0);
	flow_raw_send(&f, r, "\x01\x85\x00\x00\x00\x00hal", 9);
	r = flow_raw_ws(&f, 0);
	flow_raw_send(&f, r, "\x89\x85\x00\x00\x00\x00pi", 8);
	/* closing, and lingering */
	r = flow_raw_ws(&f, 0);
	libwebsocket_close_and_free_session(
		f.side[0].context, flow_server(&f, 8)->wsi,
		LWS_CLOSE_STATUS_NORMAL);
	r = flow_raw_ws(&f, 0);
	flow_raw_send(&f, r, "\xff\x80\x00\x00\x00\x00", 6);
	FLOW_UNTIL(&f, flow_raw_close_code(r) == 1002);
	half[0] = flow_connect_to(&f, 0, port, "second", NULL);
	r = flow_raw_accept(&f, l);
	FLOW_UNTIL(&f, flow_raw_has(r, "\r\n\r\n"));
	flow_raw_puts(&f, r, "HTTP/1.1 101 Sw");
	flow_idle(&f, 20);
	half[1] = flow_connect_to(&f, 0, port, "second", NULL);

	flow_destroy(&f.side[0]);
	assert_int_equal(s->count[LWS_CALLBACK_CLOSED], 1);
	assert_int_equal(c->count[LWS_CALLBACK_CLOSED], 1);
	assert_int_equal(half[0]->count[LWS_CALLBACK_CLIENT_CONNECTION_ERROR],
			 1);
	assert_int_equal(half[1]->count[LWS_CALLBACK_CLIENT_CONNECTION_ERROR],
			 1);
	FLOW_UNTIL(&f, open->eof || open->reset);
	assert_int_equal(flow_raw_close_code(open), 1001);
	flow_end(&f);
}

static void
test_destroying_nothing_is_nothing(void **state)
{
	(void)state;
	libwebsocket_context_destroy(NULL);
	assert_int_equal(libwebsocket_service(NULL, 0), 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			test_each_way_from_each_callback_ends_both_sides_once),
		cmocka_unit_test(test_the_peer_is_told_the_status),
		cmocka_unit_test(
			test_a_peer_that_never_answers_a_close_is_left_after_a_second),
		cmocka_unit_test(
			test_timeouts_of_the_application_do_not_keep_it_after_our_close),
		cmocka_unit_test(
			test_after_our_close_nothing_more_is_accepted_or_delivered),
		cmocka_unit_test(
			test_a_close_from_the_peer_is_echoed_and_ends_it),
		cmocka_unit_test(
			test_a_peer_that_is_gone_ends_it_in_every_state),
		cmocka_unit_test(
			test_a_server_that_is_gone_is_an_error_or_the_end_of_the_client),
		cmocka_unit_test(test_a_neighbours_callback_may_end_it),
		cmocka_unit_test(test_it_may_be_ended_from_outside),
		cmocka_unit_test(
			test_a_reason_of_the_application_may_end_everybody),
		cmocka_unit_test(
			test_hanging_up_on_foreign_descriptors_closes_them),
		cmocka_unit_test(
			test_destroying_the_context_ends_everybody_in_every_stage),
		cmocka_unit_test(test_destroying_nothing_is_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
