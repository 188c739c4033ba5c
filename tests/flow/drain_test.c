/* SPDX-License-Identifier: LGPL-2.1-only */
/* Tests of lws_drain(): how each kind of connection ends in good order. */
#include "flow/flow.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>

#define GOING LWS_CLOSE_STATUS_GOINGAWAY

/* longer than any test */
#define LONG 600000

static int
left(const struct flow *f)
{
	return lws_drain_left(f->side[0].context);
}

static void
drain(struct flow *f)
{
	lws_drain(f->side[0].context, GOING, LONG);
	assert_true(left(f) > 0);
}

/* Does somebody listen there? */
static bool
is_open(int port)
{
	struct sockaddr_in at;
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	bool open;

	memset(&at, 0, sizeof(at));
	at.sin_family = AF_INET;
	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	at.sin_port = htons((uint16_t)port);
	open = !connect(fd, (struct sockaddr *)&at, sizeof(at));
	close(fd);
	return open;
}

/* Answers a GET at once, a POST when its body is there. */
static int
answer(struct flow_conn *c, enum libwebsocket_callback_reasons reason,
       void *in, size_t len)
{
	(void)len;
	if (reason != LWS_CALLBACK_HTTP_BODY_COMPLETION &&
	    (reason != LWS_CALLBACK_HTTP || !strcmp(in, "/post")))
		return 0;
	if (libwebsockets_return_http_status(c->side->context, c->wsi, 200,
					     NULL) < 0)
		return -1;
	return lws_http_transaction_completed(c->wsi) ? -1 : 0;
}

static void
begin(struct flow *f)
{
	flow_begin(f);
	flow_open(f);
	f->hook = answer;
}

/* A request whose body is not all there. */
static struct flow_raw *
begin_post(struct flow *f)
{
	struct flow_raw *r = flow_raw(f, 0);

	flow_raw_puts(f, r, "POST /post HTTP/1.1\r\nHost: here\r\n"
		      "Content-Length: 5\r\n\r\n12");
	FLOW_UNTIL(f, flow_server(f, 0) &&
		      flow_server(f, 0)->count[LWS_CALLBACK_HTTP_BODY]);
	return r;
}

/* ---- WebSocket ---- */

static void
test_both_sides_of_a_pair_close_with_the_status(void **state)
{
	struct flow_conn *s, *c;
	struct flow f;
	int port;

	(void)state;
	begin(&f);
	flow_pair(&f, &s, &c);
	port = flow_port(&f);
	assert_true(is_open(port));
	drain(&f);
	FLOW_UNTIL(&f, !left(&f));
	assert_int_equal(s->count[LWS_CALLBACK_CLOSED], 1);
	assert_int_equal(c->count[LWS_CALLBACK_CLOSED], 1);
	assert_false(is_open(port));
	flow_end(&f);
}

static void
test_a_stranger_reads_1001_behind_what_was_queued(void **state)
{
	struct flow_raw *r;
	struct flow f;

	(void)state;
	begin(&f);
	r = flow_raw_ws(&f, 0);
	flow_text(flow_server(&f, 0), "before");
	drain(&f);
	FLOW_UNTIL(&f, flow_raw_close_code(r) >= 0);
	assert_int_equal(flow_raw_close_code(r), GOING);
	assert_memory_equal(r->in.p + 2, "before", 6);
	/* it never answers: a second is all it gets */
	FLOW_UNTIL(&f, !left(&f));
	assert_int_equal(flow_server(&f, 0)->count[LWS_CALLBACK_CLOSED], 1);
	flow_end(&f);
}

static void
test_other_statuses_can_be_said_or_none(void **state)
{
	static const int statuses[] = { 1012, 0 };
	struct flow_raw *r;
	struct flow f;
	size_t n;

	(void)state;
	for (n = 0; n < COUNT(statuses); n++) {
		begin(&f);
		r = flow_raw_ws(&f, 0);
		lws_drain(f.side[0].context, statuses[n], LONG);
		FLOW_UNTIL(&f, r->eof && !left(&f));
		assert_int_equal(flow_raw_close_code(r),
				 statuses[n] ? statuses[n] : -1);
		flow_end(&f);
	}
}

static void
test_an_idle_context_is_drained_at_once(void **state)
{
	struct flow f;

	(void)state;
	begin(&f);
	drain(&f);
	FLOW_UNTIL(&f, !left(&f));
	assert_false(is_open(flow_port(&f)));
	flow_end(&f);
}

/* ---- HTTP ---- */

static void
test_a_request_under_way_is_answered_and_is_the_last(void **state)
{
	struct flow_raw *r;
	struct flow f;

	(void)state;
	begin(&f);
	r = flow_raw(&f, 0);
	flow_raw_puts(&f, r, "GET / HTTP/1.1\r\nHo");
	FLOW_UNTIL(&f, flow_server(&f, 0));
	flow_idle(&f, 20);
	drain(&f);
	flow_idle(&f, 50);
	assert_false(r->eof);
	flow_raw_puts(&f, r, "st: here\r\n\r\n");
	FLOW_UNTIL(&f, r->eof && !left(&f));
	assert_true(flow_raw_has(r, " 200 "));
	flow_end(&f);
}

static void
test_a_body_under_way_is_waited_for(void **state)
{
	struct flow_raw *r;
	struct flow f;

	(void)state;
	begin(&f);
	r = begin_post(&f);
	drain(&f);
	flow_idle(&f, 50);
	assert_false(r->eof);
	assert_true(left(&f) > 0);
	flow_raw_puts(&f, r, "345");
	FLOW_UNTIL(&f, r->eof && !left(&f));
	assert_true(flow_raw_has(r, " 200 "));
	flow_end(&f);
}

static void
test_kept_connections_without_a_request_are_closed(void **state)
{
	struct flow_raw *r, *fresh;
	struct flow f;

	(void)state;
	begin(&f);
	r = flow_raw(&f, 0);
	flow_raw_puts(&f, r, "GET / HTTP/1.1\r\nHost: here\r\n\r\n");
	FLOW_UNTIL(&f, flow_raw_has(r, " 200 "));
	fresh = flow_raw(&f, 0);
	FLOW_UNTIL(&f, flow_server(&f, 1));
	flow_idle(&f, 20);
	assert_false(r->eof || fresh->eof);
	drain(&f);
	FLOW_UNTIL(&f, r->eof && fresh->eof && !left(&f));
	flow_end(&f);
}

static void
test_what_came_and_was_not_read_is_still_answered(void **state)
{
	struct flow_raw *r;
	struct flow f;

	(void)state;
	begin(&f);
	r = flow_raw(&f, 0);
	FLOW_UNTIL(&f, flow_server(&f, 0));
	flow_idle(&f, 20);
	/* no turn between these */
	flow_raw_try(r, "GET / HTTP/1.1\r\nHost: here\r\n\r\n", 30);
	drain(&f);
	FLOW_UNTIL(&f, r->eof && !left(&f));
	assert_true(flow_raw_has(r, " 200 "));
	flow_end(&f);
}

/* The first is answered by more than the peer takes. */
static int
answer_at_length(struct flow_conn *c,
		 enum libwebsocket_callback_reasons reason, void *in,
		 size_t len)
{
	static uint8_t much[8 << 20];
	int n;

	if (reason != LWS_CALLBACK_HTTP || strcmp(in, "/much"))
		return answer(c, reason, in, len);
	n = sprintf((char *)much, "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n"
		    "\r\n", sizeof(much));
	assert_int_equal(libwebsocket_write(c->wsi, much, (size_t)n,
					    LWS_WRITE_HTTP), n);
	assert_int_equal(libwebsocket_write(c->wsi, much, sizeof(much),
					    LWS_WRITE_HTTP), sizeof(much));
	return lws_http_transaction_completed(c->wsi) ? -1 : 0;
}

static void
test_a_request_behind_a_long_answer_is_answered(void **state)
{
	struct flow_raw *r;
	struct flow f;

	(void)state;
	begin(&f);
	f.hook = answer_at_length;
	r = flow_raw(&f, 4096);
	flow_raw_puts(&f, r, "GET /much HTTP/1.1\r\nHost: here\r\n\r\n"
		      "GET / HTTP/1.1\r\nHost: here\r\n\r\n");
	r->deaf = true;
	FLOW_UNTIL(&f, flow_server(&f, 0) &&
		      flow_server(&f, 0)->count[LWS_CALLBACK_HTTP]);
	assert_true(lws_get_tx_queued(flow_server(&f, 0)->wsi) > 0);
	drain(&f);
	flow_idle(&f, 50);
	r->deaf = false;
	FLOW_UNTIL(&f, r->eof && !left(&f));
	assert_int_equal(flow_server(&f, 0)->count[LWS_CALLBACK_HTTP], 2);
	assert_memory_equal(r->in.p, "HTTP/1.1 200 ", 13);
	assert_true(r->in.len > 8 << 20);
	flow_end(&f);
}

/* The first is a file, longer than what the peer takes. */
static char file[] = "/tmp/lws-drain-XXXXXX";

static int
answer_with_file(struct flow_conn *c,
		 enum libwebsocket_callback_reasons reason, void *in,
		 size_t len)
{
	if (reason != LWS_CALLBACK_HTTP || strcmp(in, "/much"))
		return answer(c, reason, in, len);
	return libwebsockets_serve_http_file(c->side->context, c->wsi, file,
					     "text/plain", NULL, 0);
}

static void
test_a_request_behind_a_file_is_answered(void **state)
{
	struct flow_raw *r;
	struct flow f;
	int fd;

	(void)state;
	begin(&f);
	f.hook = answer_with_file;
	fd = mkstemp(file);
	assert_true(fd >= 0 && !ftruncate(fd, 8 << 20));
	close(fd);
	r = flow_raw(&f, 4096);
	flow_raw_puts(&f, r, "GET /much HTTP/1.1\r\nHost: here\r\n\r\n"
		      "GET / HTTP/1.1\r\nHost: here\r\n\r\n");
	r->deaf = true;
	FLOW_UNTIL(&f, flow_server(&f, 0) &&
		      flow_server(&f, 0)->count[LWS_CALLBACK_HTTP]);
	drain(&f);
	flow_idle(&f, 50);
	r->deaf = false;
	FLOW_UNTIL(&f, r->eof && !left(&f));
	assert_int_equal(flow_server(&f, 0)->count[LWS_CALLBACK_HTTP], 2);
	assert_true(r->in.len > 8 << 20);
	unlink(file);
	flow_end(&f);
}

/* It comes in the clear where TLS is spoken, and nobody has looked yet. */
static void
test_a_request_that_needs_no_handshake_is_answered(void **state)
{
	static const char request[] = "GET / HTTP/1.1\r\nHost: here\r\n\r\n";
	struct flow_raw *r;
	struct flow f;

	(void)state;
	if (!flow_over_tls())
		skip();
	flow_begin(&f);
	f.side[0].info.options |= LWS_SERVER_OPTION_ALLOW_NON_SSL_ON_SSL_PORT;
	f.hook = answer;
	flow_open(&f);
	f.tls = false;
	r = flow_raw_tcp(&f, 0);
	FLOW_UNTIL(&f, flow_server(&f, 0));
	assert_int_equal(flow_raw_try(r, request, strlen(request)),
			 strlen(request));
	drain(&f);
	FLOW_UNTIL(&f, r->eof && !left(&f));
	assert_true(flow_raw_has(r, " 200 "));
	flow_end(&f);
}

static void
test_who_has_connected_already_is_let_in(void **state)
{
	struct flow_raw *r;
	struct flow f;

	(void)state;
	if (flow_over_tls())
		skip();
	begin(&f);
	r = flow_raw_tcp(&f, 0);
	flow_raw_try(r, "GET / HTTP/1.1\r\nHost: here\r\n\r\n", 30);
	drain(&f);
	FLOW_UNTIL(&f, r->eof && !left(&f));
	assert_true(flow_raw_has(r, " 200 "));
	flow_end(&f);
}

static void
test_however_many_have_connected_they_are_let_in(void **state)
{
	struct flow_raw *r[100];
	struct flow f;
	size_t n;

	(void)state;
	if (flow_over_tls())
		skip();
	begin(&f);
	for (n = 0; n < COUNT(r); n++) {
		r[n] = flow_raw_tcp(&f, 0);
		flow_raw_try(r[n], "GET / HTTP/1.1\r\nHost: here\r\n\r\n",
			     30);
	}
	drain(&f);
	for (n = 0; n < COUNT(r); n++) {
		FLOW_UNTIL(&f, r[n]->eof || r[n]->reset);
		assert_true(flow_raw_has(r[n], " 200 "));
	}
	FLOW_UNTIL(&f, !left(&f));
	flow_end(&f);
}

static void
test_an_upgrade_is_refused_with_503(void **state)
{
	struct flow_raw *r;
	struct flow f;

	(void)state;
	begin(&f);
	r = flow_raw(&f, 0);
	flow_raw_puts(&f, r, "GET / HTTP/1.1\r\nHost: here\r\n");
	FLOW_UNTIL(&f, flow_server(&f, 0));
	flow_idle(&f, 20);
	drain(&f);
	flow_turn(&f);
	flow_raw_puts(&f, r,
		      "Upgrade: websocket\r\nConnection: Upgrade\r\n"
		      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
		      "Sec-WebSocket-Version: 13\r\n\r\n");
	FLOW_UNTIL(&f, r->eof && !left(&f));
	assert_true(flow_raw_has(r, " 503 "));
	flow_end(&f);
}

/* ---- the bound ---- */

static void
test_what_is_left_at_the_bound_is_cut_off(void **state)
{
	struct flow_conn *c;
	struct flow_raw *r;
	struct flow f;

	(void)state;
	begin(&f);
	r = begin_post(&f);
	c = flow_server(&f, 0);
	libwebsocket_set_timeout(c->wsi, NO_PENDING_TIMEOUT, 0);
	drain(&f);
	flow_idle(&f, 50);
	assert_true(left(&f) > 0);
	/* told again, it takes the new bound */
	lws_drain(f.side[0].context, GOING, 10);
	FLOW_UNTIL(&f, !left(&f));
	assert_int_equal(c->count[LWS_CALLBACK_CLOSED_HTTP], 1);
	FLOW_UNTIL(&f, r->eof || r->reset);
	flow_end(&f);
}

static void
test_a_bound_of_nothing_ends_all_at_once(void **state)
{
	struct flow_conn *s, *c;
	struct flow_raw *r;
	struct flow f;

	(void)state;
	begin(&f);
	flow_pair(&f, &s, &c);
	r = flow_raw_ws(&f, 0);
	lws_drain(f.side[0].context, GOING, -1);
	FLOW_UNTIL(&f, !left(&f) && (r->eof || r->reset));
	assert_int_equal(s->count[LWS_CALLBACK_CLOSED], 1);
	assert_int_equal(c->count[LWS_CALLBACK_CLOSED], 1);
	flow_end(&f);
}

/* ---- clients ---- */

static void
test_a_client_that_is_connecting_fails(void **state)
{
	struct flow_raw *listener;
	struct flow_conn *c;
	struct flow f;
	int port;

	(void)state;
	begin(&f);
	listener = flow_raw_listen(&f, &port);
	c = flow_connect_to(&f, 0, port, "second", NULL);
	assert_non_null(c);
	flow_raw_accept(&f, listener);
	drain(&f);
	FLOW_UNTIL(&f, !left(&f));
	assert_int_equal(c->count[LWS_CALLBACK_CLIENT_CONNECTION_ERROR], 1);
	flow_end(&f);
}

/* ---- from where it is called ---- */

static struct libwebsocket_context *victim;

static void
on_signal(int signum)
{
	(void)signum;
	lws_drain(victim, GOING, LONG);
}

static void
test_a_signal_handler_may_call_it(void **state)
{
	struct flow_conn *s, *c;
	struct flow f;

	(void)state;
	begin(&f);
	flow_pair(&f, &s, &c);
	victim = f.side[0].context;
	signal(SIGUSR1, on_signal);
	raise(SIGUSR1);
	signal(SIGUSR1, SIG_DFL);
	FLOW_UNTIL(&f, !left(&f));
	assert_int_equal(s->count[LWS_CALLBACK_CLOSED], 1);
	flow_end(&f);
}

static int
drain_within(struct flow_conn *c, enum libwebsocket_callback_reasons reason,
	     void *in, size_t len)
{
	(void)in;
	(void)len;
	if (reason == LWS_CALLBACK_RECEIVE)
		drain(c->flow);
	return 0;
}

static void
test_a_callback_may_call_it(void **state)
{
	struct flow_conn *s, *c;
	struct flow f;

	(void)state;
	begin(&f);
	f.hook = drain_within;
	flow_pair(&f, &s, &c);
	flow_text(c, "end");
	FLOW_UNTIL(&f, s->count[LWS_CALLBACK_RECEIVE] && !left(&f));
	assert_int_equal(s->count[LWS_CALLBACK_CLOSED], 1);
	flow_end(&f);
}

static void
test_a_loop_of_the_application_is_drained_too(void **state)
{
	struct flow_conn *s, *c;
	struct flow f;

	(void)state;
	flow_begin(&f);
	f.side[0].external = true;
	f.side[0].info.event_backend = "external";
	flow_open(&f);
	flow_pair(&f, &s, &c);
	drain(&f);
	FLOW_UNTIL(&f, !left(&f));
	assert_int_equal(s->count[LWS_CALLBACK_CLOSED], 1);
	assert_int_equal(c->count[LWS_CALLBACK_CLOSED], 1);
	flow_end(&f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			test_both_sides_of_a_pair_close_with_the_status),
		cmocka_unit_test(
			test_a_stranger_reads_1001_behind_what_was_queued),
		cmocka_unit_test(test_other_statuses_can_be_said_or_none),
		cmocka_unit_test(test_an_idle_context_is_drained_at_once),
		cmocka_unit_test(
			test_a_request_under_way_is_answered_and_is_the_last),
		cmocka_unit_test(test_a_body_under_way_is_waited_for),
		cmocka_unit_test(
			test_kept_connections_without_a_request_are_closed),
		cmocka_unit_test(
			test_what_came_and_was_not_read_is_still_answered),
		cmocka_unit_test(
			test_a_request_behind_a_long_answer_is_answered),
		cmocka_unit_test(test_a_request_behind_a_file_is_answered),
		cmocka_unit_test(
			test_a_request_that_needs_no_handshake_is_answered),
		cmocka_unit_test(test_who_has_connected_already_is_let_in),
		cmocka_unit_test(
			test_however_many_have_connected_they_are_let_in),
		cmocka_unit_test(test_an_upgrade_is_refused_with_503),
		cmocka_unit_test(test_what_is_left_at_the_bound_is_cut_off),
		cmocka_unit_test(test_a_bound_of_nothing_ends_all_at_once),
		cmocka_unit_test(test_a_client_that_is_connecting_fails),
		cmocka_unit_test(test_a_signal_handler_may_call_it),
		cmocka_unit_test(test_a_callback_may_call_it),
		cmocka_unit_test(
			test_a_loop_of_the_application_is_drained_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
