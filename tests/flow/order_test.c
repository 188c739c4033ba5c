/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * Tests of the order in which callbacks come, on every event backend and in an
 * application's own poll loop.
 */
#include "flow/flow.h"

#include "event/event.h"

#define NEW   "WSI_CREATE SERVER_NEW_CLIENT_INSTANTIATED ADD_POLL_FD"
#define DIAL  "WSI_CREATE ADD_POLL_FD"
#define OPEN  NEW " FILTER_PROTOCOL_CONNECTION/1 ESTABLISHED/1"
#define ASKED DIAL " CLIENT_APPEND_HANDSHAKE_HEADER"
#define JOIN  ASKED " CLIENT_FILTER_PRE_ESTABLISH/1 CLIENT_ESTABLISHED/1"
#define END   " DEL_POLL_FD CLOSED/1 WSI_DESTROY"
#define FAIL  " DEL_POLL_FD CLIENT_CONNECTION_ERROR WSI_DESTROY"

static const struct mode {
	const char *backend;
	bool external;
} modes[] = {
	{ NULL, false }, { "epoll", false }, { "poll", false },
	{ NULL, true }, { "poll", true }, { "external", true },
};

static void
begin(struct flow *f, const struct mode *mode)
{
	flow_begin(f);
	/* where one is not built, the best takes its turn once more */
	f->side[0].info.event_backend =
		lws_event_find(mode->backend) ? mode->backend : NULL;
	f->side[0].external = mode->external;
}

/* Both sides say something, the client also pings; then the server ends. */
static int
talk(struct flow_conn *c, enum libwebsocket_callback_reasons reason, void *in,
     size_t len)
{
	(void)in;
	(void)len;
	switch ((int)reason) {
	case LWS_CALLBACK_FILTER_PROTOCOL_CONNECTION:
	case LWS_CALLBACK_ESTABLISHED:
		assert_true(lws_hdr_total_length(c->wsi, WSI_TOKEN_KEY) == 24);
		break;
	case LWS_CALLBACK_CLIENT_FILTER_PRE_ESTABLISH:
		assert_true(lws_hdr_total_length(c->wsi, WSI_TOKEN_ACCEPT) ==
			    28);
		break;
	case LWS_CALLBACK_CLIENT_ESTABLISHED:
		assert_int_equal(lws_hdr_total_length(c->wsi,
						      WSI_TOKEN_ACCEPT), 0);
		assert_int_equal(flow_text(c, "hello"), 5);
		break;
	case LWS_CALLBACK_RECEIVE:
		assert_int_equal(lws_hdr_total_length(c->wsi, WSI_TOKEN_KEY),
				 0);
		assert_int_equal(libwebsocket_callback_on_writable(
				c->side->context, c->wsi), 1);
		break;
	case LWS_CALLBACK_SERVER_WRITEABLE:
		assert_int_equal(flow_text(c, "world"), 5);
		break;
	case LWS_CALLBACK_CLIENT_RECEIVE:
		assert_int_equal(flow_write(c, "?", 1, LWS_WRITE_PING), 1);
		break;
	case LWS_CALLBACK_CLIENT_RECEIVE_PONG:
		assert_int_equal(libwebsocket_callback_on_writable(
				c->side->context, c->wsi), 1);
		break;
	case LWS_CALLBACK_CLIENT_WRITEABLE:
		return -1;
	}
	return 0;
}

static void
websocket(const struct mode *mode)
{
	struct flow_conn *s, *c;
	struct flow f;

	begin(&f, mode);
	f.hook = talk;
	flow_open(&f);
	c = flow_connect(&f, 0, "second");
	assert_non_null(c);
	assert_int_equal(c->count[LWS_CALLBACK_CLIENT_ESTABLISHED], 0);
	FLOW_UNTIL(&f, flow_over(c) && flow_server(&f, 0) &&
		   flow_over(flow_server(&f, 0)));
	s = flow_server(&f, 0);
	flow_assert_trace(s, OPEN " RECEIVE/1 SERVER_WRITEABLE/1" END);
	flow_assert_trace(c, JOIN " CLIENT_RECEIVE/1 CLIENT_RECEIVE_PONG/1 "
			  "CLIENT_WRITEABLE/1" END);
	assert_string_equal((char *)s->got.p, "hello");
	assert_string_equal((char *)c->got.p, "world");
	assert_int_equal(f.side[0].listener->count[
			LWS_CALLBACK_FILTER_NETWORK_CONNECTION], 1);
	flow_end(&f);
}

static void
test_a_websocket_is_told_of_in_order_on_every_backend(void **state)
{
	size_t n;

	(void)state;
	for (n = 0; n < COUNT(modes); n++)
		websocket(&modes[n]);
}

static void
test_two_contexts_in_one_process_are_told_the_same(void **state)
{
	struct flow_conn *c;
	struct flow f;
	int n;

	(void)state;
	for (n = 0; n < 2; n++) {
		begin(&f, &modes[n ? 5 : 0]);
		f.hook = talk;
		flow_open(&f);
		flow_open_second(&f);
		c = flow_connect(&f, 1, "second");
		FLOW_UNTIL(&f, flow_over(c) && flow_server(&f, 0) &&
			   flow_over(flow_server(&f, 0)));
		flow_assert_trace(flow_server(&f, 0), OPEN
				  " RECEIVE/1 SERVER_WRITEABLE/1" END);
		flow_assert_trace(c, JOIN " CLIENT_RECEIVE/1 "
				  "CLIENT_RECEIVE_PONG/1 CLIENT_WRITEABLE/1"
				  END);
		flow_end(&f);
	}
}

/* ---- plain HTTP ---- */

static int
answer(struct flow_conn *c, enum libwebsocket_callback_reasons reason, void *in,
       size_t len)
{
	(void)len;
	if (reason == LWS_CALLBACK_FILTER_HTTP_CONNECTION)
		assert_true(lws_hdr_total_length(c->wsi, WSI_TOKEN_HOST) > 0);
	if (reason == LWS_CALLBACK_HTTP && !strcmp(in, "/x")) {
		assert_int_equal(libwebsockets_return_http_status(
				c->side->context, c->wsi, 200, "x"), 0);
		return lws_http_transaction_completed(c->wsi);
	}
	if (reason == LWS_CALLBACK_HTTP_BODY_COMPLETION) {
		assert_int_equal(libwebsockets_return_http_status(
				c->side->context, c->wsi, 200, "y"), 0);
		return lws_http_transaction_completed(c->wsi);
	}
	return 0;
}

static void
http(const struct mode *mode)
{
	struct flow_raw *r;
	struct flow f;

	begin(&f, mode);
	f.hook = answer;
	flow_open(&f);
	r = flow_raw(&f, 0);
	flow_raw_puts(&f, r, "GET /x HTTP/1.1\r\nHost: h\r\n\r\n");
	FLOW_UNTIL(&f, flow_raw_times(r, "200 OK") == 1);
	flow_raw_puts(&f, r, "POST /p HTTP/1.1\r\nHost: h\r\n"
		      "Content-Length: 3\r\nConnection: close\r\n\r\nabc");
	FLOW_UNTIL(&f, r->eof);
	flow_raw_close(r);
	FLOW_UNTIL(&f, flow_over(flow_server(&f, 0)));
	flow_assert_trace(flow_server(&f, 0), NEW
			  " FILTER_HTTP_CONNECTION HTTP FILTER_HTTP_CONNECTION"
			  " HTTP HTTP_BODY HTTP_BODY_COMPLETION DEL_POLL_FD"
			  " CLOSED_HTTP WSI_DESTROY");
	flow_end(&f);
}

static void
test_http_is_told_of_in_order_on_every_backend(void **state)
{
	size_t n;

	(void)state;
	for (n = 0; n < COUNT(modes); n++)
		http(&modes[n]);
}

static char file_path[] = "/tmp/lws-flow-XXXXXX";

static int
serve_file(struct flow_conn *c, enum libwebsocket_callback_reasons reason,
	   void *in, size_t len)
{
	int rc;

	(void)in;
	(void)len;
	if (reason != LWS_CALLBACK_HTTP)
		return 0;
	rc = libwebsockets_serve_http_file(c->side->context, c->wsi,
					   file_path, "text/plain", NULL, 0);
	if (rc < 0 || (rc > 0 && lws_http_transaction_completed(c->wsi)))
		return -1;
	return 0;
}

static void
test_a_file_that_fits_is_complete_inside_the_callback(void **state)
{
	int fd = mkstemp(file_path);
	struct flow_raw *r;
	struct flow f;

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(write(fd, "content", 7), 7);
	close(fd);
	flow_begin(&f);
	f.hook = serve_file;
	flow_open(&f);
	r = flow_raw(&f, 0);
	flow_raw_puts(&f, r, "GET /x HTTP/1.1\r\nHost: h\r\n"
		      "Connection: close\r\n\r\n");
	FLOW_UNTIL(&f, r->eof);
	assert_true(flow_raw_has(r, "\r\n\r\ncontent"));
	FLOW_UNTIL(&f, flow_over(flow_server(&f, 0)));
	flow_assert_trace(flow_server(&f, 0), NEW
			  " FILTER_HTTP_CONNECTION HTTP HTTP_FILE_COMPLETION"
			  " DEL_POLL_FD CLOSED_HTTP WSI_DESTROY");
	flow_end(&f);
	unlink(file_path);
}

static void
test_a_kept_connection_that_upgrades_ends_its_http_life_first(void **state)
{
	struct flow_raw *r;
	struct flow f;

	(void)state;
	flow_begin(&f);
	f.hook = answer;
	flow_open(&f);
	r = flow_raw(&f, 0);
	flow_raw_puts(&f, r, "GET /x HTTP/1.1\r\nHost: h\r\n\r\n");
	FLOW_UNTIL(&f, flow_raw_has(r, "200 OK"));
	r->in.len = 0;
	flow_raw_upgrade(&f, r);
	flow_raw_close(r);
	FLOW_UNTIL(&f, flow_over(flow_server(&f, 0)));
	flow_assert_trace(flow_server(&f, 0), NEW
			  " FILTER_HTTP_CONNECTION HTTP CLOSED_HTTP"
			  " FILTER_PROTOCOL_CONNECTION/1 ESTABLISHED/1" END);
	flow_end(&f);
}

static void
test_who_sends_no_request_is_hardly_told_of(void **state)
{
	static const char *const starts[] = {
		"", "GET", "GET / HTTP/1.1\r\nHost: h\r\n",
	};
	struct flow_raw *r;
	struct flow f;
	unsigned n;

	(void)state;
	flow_begin(&f);
	flow_open(&f);
	for (n = 0; n < COUNT(starts); n++) {
		r = flow_raw(&f, 0);
		flow_raw_puts(&f, r, starts[n]);
		FLOW_UNTIL(&f, flow_server(&f, n));
		flow_idle(&f, 5);
		flow_raw_close(r);
		FLOW_UNTIL(&f, flow_over(flow_server(&f, n)));
		flow_assert_trace(flow_server(&f, n),
				  NEW " DEL_POLL_FD WSI_DESTROY");
	}
	r = flow_raw(&f, 0);
	flow_raw_puts(&f, r, "what is this\r\n\r\n");
	FLOW_UNTIL(&f, r->eof);
	flow_assert_trace(flow_server(&f, n), NEW " DEL_POLL_FD WSI_DESTROY");
	assert_true(flow_raw_has(r, "400 Bad Request"));
	flow_end(&f);
}

/* ---- refusals ---- */

static unsigned refusing;

static int
refuse(struct flow_conn *c, enum libwebsocket_callback_reasons reason, void *in,
       size_t len)
{
	(void)c;
	(void)in;
	(void)len;
	return reason == refusing;
}

static const struct refusal {
	unsigned reason;
	const char *server, *client;
} refusals[] = {
	{ LWS_CALLBACK_FILTER_NETWORK_CONNECTION, NULL, ASKED FAIL },
	{ LWS_CALLBACK_FILTER_PROTOCOL_CONNECTION,
	  NEW " FILTER_PROTOCOL_CONNECTION/1 DEL_POLL_FD WSI_DESTROY",
	  ASKED FAIL },
	{ LWS_CALLBACK_CLIENT_FILTER_PRE_ESTABLISH, OPEN END,
	  ASKED " CLIENT_FILTER_PRE_ESTABLISH/1 DEL_POLL_FD"
	  " CLIENT_CONNECTION_ERROR/1 WSI_DESTROY" },
};

static void
test_who_is_refused_is_told_no_more_than_that(void **state)
{
	const struct refusal *row;
	struct flow_conn *c;
	struct flow f;
	size_t n;

	(void)state;
	for (n = 0; n < COUNT(refusals); n++) {
		row = &refusals[n];
		refusing = row->reason;
		flow_begin(&f);
		f.hook = refuse;
		flow_open(&f);
		c = flow_connect(&f, 0, "second");
		FLOW_UNTIL(&f, flow_over(c));
		/* without its certificate a server gets no request */
		flow_assert_trace(c, flow_over_tls() && !row->server ?
				  DIAL FAIL : row->client);
		if (row->server) {
			FLOW_UNTIL(&f, flow_over(flow_server(&f, 0)));
			flow_assert_trace(flow_server(&f, 0), row->server);
		}
		flow_end(&f);
	}
}

static void
test_a_refused_protocol_gets_403_and_a_refused_request_no_callback(void **state)
{
	struct flow_raw *r;
	struct flow f;

	(void)state;
	refusing = LWS_CALLBACK_FILTER_PROTOCOL_CONNECTION;
	flow_begin(&f);
	f.hook = refuse;
	flow_open(&f);
	r = flow_raw(&f, 0);
	flow_raw_puts(&f, r, "GET / HTTP/1.1\r\nHost: h\r\nUpgrade: websocket"
		      "\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
		      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
	FLOW_UNTIL(&f, r->eof);
	assert_true(flow_raw_has(r, "HTTP/1.1 403 "));
	refusing = LWS_CALLBACK_FILTER_HTTP_CONNECTION;
	r = flow_raw(&f, 0);
	flow_raw_puts(&f, r, "GET / HTTP/1.1\r\nHost: h\r\n\r\n");
	FLOW_UNTIL(&f, r->eof || r->reset);
	flow_assert_trace(flow_server(&f, 1), NEW " FILTER_HTTP_CONNECTION"
			  " DEL_POLL_FD CLOSED_HTTP WSI_DESTROY");
	flow_end(&f);
}

static void
test_nobody_listening_is_an_error_of_the_connection(void **state)
{
	struct flow_conn *c;
	struct flow f;
	size_t n;
	int port;

	(void)state;
	for (n = 0; n < COUNT(modes); n++) {
		begin(&f, &modes[n]);
		flow_open(&f);
		flow_raw_refuse(&f, &port);
		c = flow_connect_to(&f, 0, port, "second", NULL);
		assert_non_null(c);
		assert_int_equal(c->count[LWS_CALLBACK_CLIENT_CONNECTION_ERROR],
				 0);
		FLOW_UNTIL(&f, flow_over(c));
		flow_assert_trace(c, DIAL FAIL);
		assert_non_null(strstr(c->why, "refused"));
		flow_end(&f);
	}
}

static void
test_what_cannot_be_meant_gives_null_and_no_callback(void **state)
{
	struct libwebsocket_context *ctx;
	struct flow f;

	(void)state;
	flow_begin(&f);
	flow_open(&f);
	ctx = f.side[0].context;
	assert_null(libwebsocket_client_connect(ctx, NULL, 1, 0, "/", "h",
						NULL, NULL, -1));
	assert_null(libwebsocket_client_connect(ctx, "127.0.0.1", 0, 0, "/",
						"h", NULL, NULL, -1));
	assert_null(libwebsocket_client_connect(ctx, "127.0.0.1", 65536, 0,
						"/", "h", NULL, NULL, -1));
	assert_null(libwebsocket_client_connect(ctx, "127.0.0.1", 80, 0, NULL,
						"h", NULL, NULL, -1));
	assert_null(libwebsocket_client_connect(ctx, "127.0.0.1", 80, 0, "/",
						"h\r\nX: y", NULL, NULL, -1));
	assert_null(libwebsocket_client_connect(ctx, "127.0.0.1", 80, 0,
						"/ HTTP/1.0", "h", NULL, NULL,
						-1));
	if (!lws_tls_built())
		assert_null(libwebsocket_client_connect(
				ctx, "127.0.0.1", 80, 1, "/", "h", NULL, NULL,
				-1));
	assert_null(libwebsocket_client_connect(ctx, "127.0.0.1", 80, 0, "/",
						"h", NULL, NULL, 3));
	assert_null(flow_client(&f, 0));
	assert_int_equal(flow_errors(), lws_tls_built() ? 7 : 8);
	flow_end(&f);
}

static void
test_userdata_is_the_user_of_every_callback_and_never_freed(void **state)
{
	char mine[64] = "mine";
	struct flow_conn *c;
	struct flow f;

	(void)state;
	flow_begin(&f);
	f.hook = talk;
	flow_open(&f);
	c = flow_connect_to(&f, 0, flow_port(&f), "second", mine);
	FLOW_UNTIL(&f, flow_over(c));
	assert_ptr_equal(c->space, mine);
	assert_string_equal(mine, "mine");
	flow_end(&f);
}

static void
test_without_a_size_there_is_no_user_space(void **state)
{
	struct flow_conn *c;
	struct flow f;

	(void)state;
	flow_begin(&f);
	f.hook = talk;
	f.side[0].protocols[0].per_session_data_size = 0;
	f.side[0].protocols[1].per_session_data_size = 0;
	flow_open(&f);
	c = flow_connect(&f, 0, "second");
	FLOW_UNTIL(&f, flow_over(c) && flow_over(flow_server(&f, 0)));
	assert_null(c->space);
	flow_end(&f);
}

static void
test_frames_behind_the_request_come_after_established(void **state)
{
	static const char both[] =
		"GET /chat HTTP/1.1\r\nHost: localhost\r\n"
		"Upgrade: websocket\r\nConnection: Upgrade\r\n"
		"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
		"Sec-WebSocket-Version: 13\r\n"
		"Sec-WebSocket-Protocol: second\r\n\r\n"
		"\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58";
	struct flow_raw *r;
	struct flow f;

	(void)state;
	flow_begin(&f);
	flow_open(&f);
	r = flow_raw(&f, 0);
	flow_raw_send(&f, r, both, sizeof(both) - 1);
	FLOW_UNTIL(&f, flow_server(&f, 0) && flow_server(&f, 0)->got.len == 5);
	assert_string_equal((char *)flow_server(&f, 0)->got.p, "Hello");
	flow_assert_trace(flow_server(&f, 0), OPEN " RECEIVE/1");
	flow_end(&f);
}

static int
ask_at_once(struct flow_conn *c, enum libwebsocket_callback_reasons reason,
	    void *in, size_t len)
{
	(void)in;
	(void)len;
	if (reason == LWS_CALLBACK_WSI_CREATE && c->client) {
		assert_int_equal(libwebsocket_callback_on_writable(
				c->side->context, c->wsi), 1);
		assert_int_equal(libwebsocket_callback_on_writable(
				c->side->context, c->wsi), 1);
	}
	return 0;
}

static void
test_writable_asked_for_while_connecting_is_remembered_once(void **state)
{
	struct flow_conn *c;
	struct flow f;
	size_t n;

	(void)state;
	for (n = 0; n < COUNT(modes); n++) {
		begin(&f, &modes[n]);
		f.hook = ask_at_once;
		flow_open(&f);
		c = flow_connect(&f, 0, "second");
		FLOW_UNTIL(&f, c->count[LWS_CALLBACK_CLIENT_WRITEABLE]);
		flow_idle(&f, 30);
		flow_assert_trace(c, JOIN " CLIENT_WRITEABLE/1");
		flow_end(&f);
	}
}

static int
refuse_poll(struct flow_conn *c, enum libwebsocket_callback_reasons reason,
	    void *in, size_t len)
{
	(void)in;
	(void)len;
	if (reason != LWS_CALLBACK_ADD_POLL_FD || c->client != (refusing == 1))
		return 0;
	/* who says no need not be told that it is gone */
	c->polled = false;
	c->side->count_polls--;
	return 1;
}

static void
test_a_descriptor_the_application_refuses_ends_the_connection(void **state)
{
	struct flow_conn *c;
	struct flow f;

	(void)state;
	for (refusing = 0; refusing < 2; refusing++) {
		flow_begin(&f);
		f.hook = refuse_poll;
		flow_open(&f);
		c = flow_connect(&f, 0, "second");
		FLOW_UNTIL(&f, flow_over(c));
		if (refusing)
			flow_assert_trace(c, "WSI_CREATE ADD_POLL_FD "
					  "CLIENT_CONNECTION_ERROR "
					  "WSI_DESTROY");
		else
			flow_assert_trace(flow_server(&f, 0), NEW
					  " WSI_DESTROY");
		flow_end(&f);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			test_a_websocket_is_told_of_in_order_on_every_backend),
		cmocka_unit_test(
			test_two_contexts_in_one_process_are_told_the_same),
		cmocka_unit_test(test_http_is_told_of_in_order_on_every_backend),
		cmocka_unit_test(
			test_a_file_that_fits_is_complete_inside_the_callback),
		cmocka_unit_test(
			test_a_kept_connection_that_upgrades_ends_its_http_life_first),
		cmocka_unit_test(test_who_sends_no_request_is_hardly_told_of),
		cmocka_unit_test(test_who_is_refused_is_told_no_more_than_that),
		cmocka_unit_test(
			test_a_refused_protocol_gets_403_and_a_refused_request_no_callback),
		cmocka_unit_test(
			test_nobody_listening_is_an_error_of_the_connection),
		cmocka_unit_test(
			test_what_cannot_be_meant_gives_null_and_no_callback),
		cmocka_unit_test(
			test_userdata_is_the_user_of_every_callback_and_never_freed),
		cmocka_unit_test(test_without_a_size_there_is_no_user_space),
		cmocka_unit_test(
			test_frames_behind_the_request_come_after_established),
		cmocka_unit_test(
			test_writable_asked_for_while_connecting_is_remembered_once),
		cmocka_unit_test(
			test_a_descriptor_the_application_refuses_ends_the_connection),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
