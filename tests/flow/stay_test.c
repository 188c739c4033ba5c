/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * Flows of lws_client_connect_info(): what it asks for, and how a connection
 * is kept up.
 */
#include "flow/flow.h"

#include "base/limits.h"

static char mine[] = "mine";

static struct {
	unsigned told;		/* of RECONNECTING */
	size_t ms[32];		/* the waits */
	char why[32][256];
	unsigned without;	/* of them without a connection */
} heard;

static int
hear(struct flow_conn *c, enum libwebsocket_callback_reasons reason, void *in,
     size_t len)
{
	(void)c;
	if (reason != LWS_CALLBACK_CLIENT_RECONNECTING)
		return 0;
	assert_true(heard.told < COUNT(heard.ms));
	heard.ms[heard.told] = len;
	snprintf(heard.why[heard.told++], sizeof(heard.why[0]), "%s",
		 (char *)in);
	return 0;
}

/* All connections to come are clients, made with @mine. */
static void
begin(struct flow *f)
{
	memset(&heard, 0, sizeof(heard));
	flow_begin(f);
	flow_open(f);
	f->connecting = (struct libwebsocket *)f;
	f->userdata = mine;
	f->hook = hear;
}

static struct libwebsocket *
connect_to(struct flow *f, int port, struct lws_client_reconnect policy)
{
	const struct lws_client_connect_info info = {
		.address = "127.0.0.1",
		.port = port,
		.ssl_connection = f->ssl,
		.protocol = "second",
		.userdata = mine,
		.reconnect = policy,
	};

	return lws_client_connect_info(f->side[0].context, &info);
}

static unsigned
opened(const struct flow *f)
{
	unsigned n, sum = 0;

	for (n = 0; n < f->count_conns; n++)
		sum += f->conns[n]->count[LWS_CALLBACK_CLIENT_ESTABLISHED];
	return sum;
}

static const struct lws_client_reconnect quick = { .min_ms = 20 };

static void
test_the_request_is_what_the_struct_says(void **state)
{
	static const struct {
		struct lws_client_connect_info info;
		const char *has[3];
		const char *url;
	} rows[] = {
		{ { .path = "/chat?x=1", .host = "example.org",
		    .origin = "me.test", .headers = "X-One: 1\r\nX-Two: 2\r\n"
		  }, { "GET /chat?x=1 HTTP/1.1\r\n", "Host: example.org\r\n",
		       "\r\nX-One: 1\r\nX-Two: 2\r\n" }, NULL },
		{ { .version = 8 }, { "GET / HTTP/1.1\r\n",
				      "Sec-WebSocket-Version: 8\r\n",
				      "Host: 127.0.0.1:" }, NULL },
		{ { .version = 0 }, { "GET /a/b?c=d HTTP/1.1\r\n",
				      "Host: 127.0.0.1:",
				      "Sec-WebSocket-Version: 13\r\n" },
		  "ws://127.0.0.1:%d/a/b?c=d" },
		{ { .host = "other" }, { "GET /?c=d HTTP/1.1\r\n",
					 "Host: other\r\n", "Upgrade" },
		  "WS://127.0.0.1:%d?c=d" },
		{ { .version = -1 }, { "GET / HTTP/1.1\r\n", "Host", "Upgrade"
				     }, "ws://127.0.0.1:%d" },
	};
	struct flow_raw *listener, *r;
	struct flow f;
	char url[64];
	size_t n, k;
	int port;

	(void)state;
	if (flow_over_tls())
		skip();
	for (n = 0; n < COUNT(rows); n++) {
		struct lws_client_connect_info info = rows[n].info;

		begin(&f);
		listener = flow_raw_listen(&f, &port);
		snprintf(url, sizeof(url), rows[n].url ? rows[n].url : "%d",
			 port);
		info.url = rows[n].url ? url : NULL;
		info.address = "127.0.0.1";
		info.port = port;
		info.ssl_connection = f.ssl;
		info.userdata = mine;
		if (!lws_client_connect_info(f.side[0].context, &info)) {
			assert_int_equal(info.version, 8);
			flow_end(&f);
			continue;
		}
		r = flow_raw_accept(&f, listener);
		FLOW_UNTIL(&f, flow_raw_has(r, "\r\n\r\n"));
		for (k = 0; k < 3; k++)
			if (!flow_raw_has(r, rows[n].has[k]))
				fail_msg("row %zu: no \"%s\" in %s", n,
					 rows[n].has[k], (char *)r->in.p);
		flow_end(&f);
	}
}

static void
test_nonsense_is_refused(void **state)
{
	static const struct lws_client_connect_info rows[] = {
		{ .url = "" }, { .url = "http://127.0.0.1/" },
		{ .url = "ws://" }, { .url = "ws:///x" },
		{ .url = "ws://u@h/" }, { .url = "ws://h/#f" },
		{ .url = "ws://h:0/" }, { .url = "ws://h:65536/" },
		{ .url = "ws://h /" }, { .url = "ws://h/a b" },
		{ .url = "ws://h/\r\nX: y" }, { .url = NULL },
		{ .address = "h", .port = 0 }, { .address = "h" },
		{ .address = "h", .port = 80, .path = "x" },
		{ .address = "h\r\nX: y", .port = 80 },
		{ .address = "h", .port = 80, .version = 99 },
		{ .address = "h", .port = 80, .headers = "X: y" },
		{ .address = "h", .port = 80, .headers = "X: y\n" },
		{ .address = "h", .port = 80, .headers = "X: y\r\n\r\n" },
		{ .address = "h", .port = 80, .headers = "\r\n" },
		{ .address = "h", .port = 80, .headers = "X: y\rZ\r\n" },
	};
	struct flow f;
	size_t n;

	(void)state;
	begin(&f);
	for (n = 0; n < COUNT(rows); n++)
		if (lws_client_connect_info(f.side[0].context, &rows[n]))
			fail_msg("row %zu is taken", n);
	assert_int_equal(flow_errors(), COUNT(rows));
	flow_end(&f);
}

static void
test_who_is_dropped_comes_back(void **state)
{
	struct flow_raw *listener, *r;
	struct flow f;
	unsigned n;
	int port;

	(void)state;
	begin(&f);
	listener = flow_raw_listen(&f, &port);
	assert_non_null(connect_to(&f, port, quick));
	for (n = 1; n <= 3; n++) {
		r = flow_raw_accept(&f, listener);
		flow_raw_answer(&f, r);
		FLOW_UNTIL(&f, opened(&f) == n);
		flow_raw_close(r);
		FLOW_UNTIL(&f, heard.told == n);
		assert_int_equal(heard.ms[n - 1], 20);
		assert_non_null(strstr(heard.why[n - 1], "is over"));
	}
	assert_int_equal(f.conns[1]->count[LWS_CALLBACK_CLOSED], 1);
	flow_end(&f);
}

static void
test_waits_grow_up_to_a_limit(void **state)
{
	static const size_t want[] = { 10, 30, 90, 100, 100 };
	const struct lws_client_reconnect policy = {
		.min_ms = 10, .max_ms = 100, .factor = 3, .tries = 6,
	};
	struct flow f;
	uint64_t begun = flow_ms();
	size_t n;
	int port;

	(void)state;
	begin(&f);
	flow_raw_refuse(&f, &port);
	assert_non_null(connect_to(&f, port, policy));
	FLOW_UNTIL(&f, f.count_conns == 7 && flow_over(f.conns[6]));
	assert_true(flow_ms() - begun >= 330);
	flow_idle(&f, 200);
	assert_int_equal(f.count_conns, 7);
	assert_int_equal(heard.told, COUNT(want));
	for (n = 0; n < COUNT(want); n++) {
		assert_int_equal(heard.ms[n], want[n]);
		assert_non_null(strstr(heard.why[n], "connection refused by"));
	}
	flow_end(&f);
}

static void
test_success_forgets_failures(void **state)
{
	const struct lws_client_reconnect policy = {
		.min_ms = 10, .max_ms = 1000, .factor = 10, .tries = 3,
	};
	struct flow_raw *listener, *r;
	struct flow f;
	unsigned n;
	int port;

	(void)state;
	begin(&f);
	listener = flow_raw_listen(&f, &port);
	assert_non_null(connect_to(&f, port, policy));
	for (n = 0; n < 3; n++) {
		r = flow_raw_accept(&f, listener);
		flow_raw_close(r);
		r = flow_raw_accept(&f, listener);
		flow_raw_answer(&f, r);
		FLOW_UNTIL(&f, opened(&f) == n + 1);
		flow_raw_close(r);
	}
	FLOW_UNTIL(&f, heard.told == 6);
	/* failed, closed, failed, ...: the wait after a success is the first */
	for (n = 0; n < 6; n++)
		assert_int_equal(heard.ms[n], n % 2 || !n ? 10 : 100);
	flow_end(&f);
}

static void
test_jitter_only_shortens(void **state)
{
	const struct lws_client_reconnect policy = {
		.min_ms = 40, .factor = 1, .jitter = 50, .tries = 20,
	};
	struct flow f;
	bool differ = false;
	unsigned n;
	int port;

	(void)state;
	begin(&f);
	flow_raw_refuse(&f, &port);
	assert_non_null(connect_to(&f, port, policy));
	FLOW_UNTIL(&f, heard.told == 19);
	for (n = 0; n < 19; n++) {
		assert_in_range(heard.ms[n], 20, 40);
		differ |= heard.ms[n] != heard.ms[0];
	}
	assert_true(differ);
	flow_end(&f);
}

static int
end_it(struct flow_conn *c, enum libwebsocket_callback_reasons reason,
       void *in, size_t len)
{
	hear(c, reason, in, len);
	return reason == LWS_CALLBACK_CLIENT_WRITEABLE ? -1 : 0;
}

static int
close_it(struct flow_conn *c, enum libwebsocket_callback_reasons reason,
	 void *in, size_t len)
{
	hear(c, reason, in, len);
	if (reason == LWS_CALLBACK_CLIENT_WRITEABLE)
		flow_write(c, NULL, 0, LWS_WRITE_CLOSE);
	return 0;
}

static int
refuse_more(struct flow_conn *c, enum libwebsocket_callback_reasons reason,
	    void *in, size_t len)
{
	hear(c, reason, in, len);
	return reason == LWS_CALLBACK_CLIENT_RECONNECTING;
}

static int
give_up(struct flow_conn *c, enum libwebsocket_callback_reasons reason,
	void *in, size_t len)
{
	hear(c, reason, in, len);
	if (reason == LWS_CALLBACK_CLIENT_RECONNECTING)
		assert_int_equal(lws_client_give_up(c->side->context, mine),
				 1);
	return 0;
}

static void
test_who_ends_it_himself_is_left_alone(void **state)
{
	flow_hook *const hooks[] = { end_it, close_it };
	struct flow_raw *listener, *r;
	struct flow f;
	size_t n;
	int port;

	(void)state;
	for (n = 0; n < COUNT(hooks) + 1; n++) {
		begin(&f);
		listener = flow_raw_listen(&f, &port);
		assert_non_null(connect_to(&f, port, quick));
		r = flow_raw_accept(&f, listener);
		flow_raw_answer(&f, r);
		FLOW_UNTIL(&f, opened(&f) == 1);
		if (n < COUNT(hooks)) {
			f.hook = hooks[n];
			libwebsocket_callback_on_writable(f.side[0].context,
							  f.conns[1]->wsi);
		} else {
			libwebsocket_close_and_free_session(
				f.side[0].context, f.conns[1]->wsi,
				LWS_CLOSE_STATUS_NOSTATUS);
		}
		FLOW_UNTIL(&f, flow_over(f.conns[1]));
		flow_idle(&f, 60);
		assert_int_equal(heard.told, 0);
		assert_int_equal(f.count_conns, 2);
		flow_end(&f);
	}
}

static void
test_the_application_may_want_no_more(void **state)
{
	flow_hook *const hooks[] = { refuse_more, give_up };
	struct flow f;
	size_t n;
	int port;

	(void)state;
	for (n = 0; n < COUNT(hooks); n++) {
		begin(&f);
		f.hook = hooks[n];
		flow_raw_refuse(&f, &port);
		assert_non_null(connect_to(&f, port, quick));
		FLOW_UNTIL(&f, heard.told == 1);
		flow_idle(&f, 60);
		assert_int_equal(heard.told, 1);
		assert_int_equal(lws_client_give_up(f.side[0].context, mine),
				 0);
		flow_end(&f);
	}
}

/* How the application says it while the n'th attempt begins. */
static unsigned attempt, attempts;

static int
give_up_amid(struct flow_conn *c, enum libwebsocket_callback_reasons reason,
	     void *in, size_t len)
{
	hear(c, reason, in, len);
	if (reason == LWS_CALLBACK_WSI_CREATE && attempts++ == attempt)
		assert_int_equal(lws_client_give_up(c->side->context, mine),
				 1);
	return 0;
}

static int
drain_amid(struct flow_conn *c, enum libwebsocket_callback_reasons reason,
	   void *in, size_t len)
{
	hear(c, reason, in, len);
	if (reason == LWS_CALLBACK_CLIENT_RECONNECTING && attempt)
		lws_drain(c->side->context, 1001, 60000);
	if (reason == LWS_CALLBACK_WSI_CREATE && attempts++ == attempt)
		lws_drain(c->side->context, 1001, 60000);
	return 0;
}

static void
test_giving_up_works_while_an_attempt_begins(void **state)
{
	flow_hook *const hooks[] = { give_up_amid, drain_amid };
	struct flow f;
	size_t n;
	int port;

	(void)state;
	for (n = 0; n < 4; n++) {
		attempt = n % 2;
		attempts = 0;
		begin(&f);
		f.hook = hooks[n / 2];
		flow_raw_refuse(&f, &port);
		assert_non_null(connect_to(&f, port, quick));
		FLOW_UNTIL(&f, heard.told == attempt);
		flow_idle(&f, 60);
		assert_int_equal(heard.told, attempt);
		assert_int_equal(lws_client_give_up(f.side[0].context, mine),
				 0);
		flow_end(&f);
	}
}

static void
test_giving_up_works_at_any_time(void **state)
{
	struct flow_raw *listener, *r;
	struct flow f;
	int port;

	(void)state;
	begin(&f);
	listener = flow_raw_listen(&f, &port);
	assert_non_null(connect_to(&f, port, quick));
	assert_non_null(connect_to(&f, port, quick));
	assert_int_equal(lws_client_give_up(f.side[0].context, NULL), 0);
	assert_int_equal(lws_client_give_up(f.side[0].context, mine), 2);
	r = flow_raw_accept(&f, listener);
	flow_raw_answer(&f, r);
	r = flow_raw_accept(&f, listener);
	flow_raw_answer(&f, r);
	FLOW_UNTIL(&f, opened(&f) == 2);
	flow_raw_close(r);
	FLOW_UNTIL(&f, flow_over(f.conns[1]) || flow_over(f.conns[2]));
	flow_idle(&f, 60);
	assert_int_equal(heard.told, 0);
	flow_end(&f);
}

/* While it waits, while it connects, while it is open. */
static void
test_the_context_may_end_at_any_time(void **state)
{
	const struct lws_client_reconnect later = { .min_ms = 5000 };
	struct flow_raw *listener;
	struct flow f;
	int port;

	(void)state;
	begin(&f);
	listener = flow_raw_listen(&f, &port);
	connect_to(&f, port, later);
	connect_to(&f, port, later);
	flow_raw_answer(&f, flow_raw_accept(&f, listener));
	FLOW_UNTIL(&f, opened(&f) == 1);
	flow_raw_close(listener);
	connect_to(&f, port, later);
	FLOW_UNTIL(&f, heard.told == 2);
	connect_to(&f, port, later);
	flow_end(&f);
	assert_int_equal(heard.told, 2);
}

static void
try_with_allocation_failing(long n, bool *failed)
{
	struct flow f;
	int port;

	begin(&f);
	flow_raw_refuse(&f, &port);
	flow_fail_allocation(n);
	if (connect_to(&f, port, (struct lws_client_reconnect){ .min_ms = 1 }))
		FLOW_UNTIL(&f, heard.told >= 2);
	*failed = flow_allocation_failed();
	flow_fail_allocation(-1);
	flow_end(&f);
}

static void
test_every_allocation_may_fail(void **state)
{
	bool failed = true;
	long n;

	(void)state;
	for (n = 0; failed && n < 100; n++)
		try_with_allocation_failing(n, &failed);
	assert_false(failed);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_request_is_what_the_struct_says),
		cmocka_unit_test(test_nonsense_is_refused),
		cmocka_unit_test(test_who_is_dropped_comes_back),
		cmocka_unit_test(test_waits_grow_up_to_a_limit),
		cmocka_unit_test(test_success_forgets_failures),
		cmocka_unit_test(test_jitter_only_shortens),
		cmocka_unit_test(test_who_ends_it_himself_is_left_alone),
		cmocka_unit_test(test_the_application_may_want_no_more),
		cmocka_unit_test(test_giving_up_works_while_an_attempt_begins),
		cmocka_unit_test(test_giving_up_works_at_any_time),
		cmocka_unit_test(test_the_context_may_end_at_any_time),
		cmocka_unit_test(test_every_allocation_may_fail),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
