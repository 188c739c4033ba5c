/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * Flows of clients through an HTTP proxy that the test plays: all the ways to
 * answer, and who is reached without.
 */
#include "flow/flow.h"

#include "base/limits.h"

#define ESTABLISHED "HTTP/1.1 200 Connection established\r\n" \
		    "Proxy-Agent: test\r\n\r\n"

/* a client on its way through the proxy, and the proxy's side of it */
struct way {
	struct flow f;
	struct flow_raw *listener, *proxy;
	struct flow_conn *client;
	int port;
};

/* @auth, or "", stands before the proxy's name. */
static void
begin(struct way *w, const char *auth)
{
	static char setting[128];

	flow_begin(&w->f);
	w->listener = flow_raw_listen(&w->f, &w->port);
	snprintf(setting, sizeof(setting), "http://%s127.0.0.1:%d/", auth,
		 w->port);
	w->f.side[0].info.http_proxy_address = setting;
	flow_open(&w->f);
	w->f.address = "server.test";
	w->client = flow_connect_to(&w->f, 0, 8080, "second", NULL);
	assert_non_null(w->client);
	w->proxy = flow_raw_accept(&w->f, w->listener);
	FLOW_UNTIL(&w->f, flow_raw_has(w->proxy, "\r\n\r\n"));
}

/* What the client said before is forgotten. */
static void
puts_all(struct way *w, const char *text)
{
	w->proxy->in.len = 0;
	flow_raw_puts(&w->f, w->proxy, text);
}

static void
expect_open(struct way *w)
{
	FLOW_UNTIL(&w->f, flow_raw_has(w->proxy, "GET / HTTP/1.1\r\n"));
	flow_raw_answer(&w->f, w->proxy);
	FLOW_UNTIL(&w->f,
		   w->client->count[LWS_CALLBACK_CLIENT_ESTABLISHED]);
}

static void
expect_error(struct way *w, const char *why)
{
	FLOW_UNTIL(&w->f, flow_over(w->client));
	assert_int_equal(
		w->client->count[LWS_CALLBACK_CLIENT_CONNECTION_ERROR], 1);
	if (!strstr(w->client->why, why))
		fail_msg("\"%s\" does not say \"%s\"", w->client->why, why);
}

static void
test_the_request_names_the_server_and_nothing_else(void **state)
{
	struct way w;

	(void)state;
	begin(&w, "");
	assert_string_equal((char *)w.proxy->in.p,
			    "CONNECT server.test:8080 HTTP/1.0\r\n"
			    "Host: server.test:8080\r\n"
			    "User-agent: libwebsockets\r\n\r\n");
	puts_all(&w, ESTABLISHED);
	expect_open(&w);
	flow_end(&w.f);
}

static void
test_user_and_password_are_sent_as_basic(void **state)
{
	struct way w;

	(void)state;
	/* RFC 7617 section 2 */
	begin(&w, "Aladdin:open%20sesame@");
	assert_true(flow_raw_has(w.proxy,
				 "\r\nProxy-Authorization: Basic "
				 "QWxhZGRpbjpvcGVuIHNlc2FtZQ==\r\n"));
	puts_all(&w, ESTABLISHED);
	expect_open(&w);
	assert_int_equal(flow_raw_times(w.proxy, "Proxy-Authorization"), 0);
	flow_end(&w.f);
}

static void
test_any_slicing_and_any_success_will_do(void **state)
{
	static const char *const rows[] = {
		ESTABLISHED, "HTTP/1.0 200 OK\r\n\r\n", "HTTP/1.1 200\r\n\r\n",
		"HTTP/1.1 299 Yes\r\nContent-Length: 0\r\n\r\n",
	};
	struct way w;
	size_t n, k;

	(void)state;
	for (n = 0; n < COUNT(rows); n++) {
		begin(&w, "");
		w.proxy->in.len = 0;
		for (k = 0; rows[n][k]; k++) {
			flow_raw_send(&w.f, w.proxy, rows[n] + k, 1);
			flow_turn(&w.f);
		}
		expect_open(&w);
		flow_end(&w.f);
	}
}

static void
test_what_follows_the_head_came_through_the_tunnel(void **state)
{
	struct way w;

	(void)state;
	begin(&w, "");
	puts_all(&w, ESTABLISHED "HTTP/1.1 503 Busy\r\n\r\n");
	expect_error(&w, "server answered 503");
	flow_end(&w.f);
}

static void
test_refusals_are_told_with_their_status(void **state)
{
	static const struct {
		const char *auth, *answer, *why;
	} rows[] = {
		{ "", "HTTP/1.1 407 Proxy Authentication Required\r\n"
		      "Proxy-Authenticate: Basic realm=\"x\"\r\n\r\n",
		  "answered 407: it wants user:password@" },
		{ "a:b@", "HTTP/1.0 407 No\r\n\r\n",
		  "answered 407: it wants another" },
		{ "", "HTTP/1.1 403 Forbidden\r\nContent-Length: 4\r\n\r\nno!\n",
		  "answered 403: it does not allow" },
		{ "", "HTTP/1.1 502 Bad Gateway\r\n\r\n<html>",
		  "answered 502: it has no connection" },
		{ "", "HTTP/1.1 302 Found\r\nLocation: /\r\n\r\n",
		  "answered 302" },
		{ "", "HTTP/1.1 101 Switching Protocols\r\n\r\n",
		  "answered 101" },
		{ "", "SSH-2.0-OpenSSH_9.2\r\n\r\n", "is not HTTP" },
		{ "", "\x16\x03\x01\r\n\r\n", "is not HTTP" },
		{ "", "HTTP/1.1 200 OK\r\nBad Field : x\r\n\r\n",
		  "is not HTTP" },
	};
	struct way w;
	char name[64];
	size_t n;

	(void)state;
	for (n = 0; n < COUNT(rows); n++) {
		begin(&w, rows[n].auth);
		puts_all(&w, rows[n].answer);
		expect_error(&w, rows[n].why);
		snprintf(name, sizeof(name), "proxy 127.0.0.1:%d ", w.port);
		assert_non_null(strstr(w.client->why, name));
		assert_null(strstr(w.client->why, "a:b"));
		flow_end(&w.f);
	}
}

static void
test_an_endless_answer_is_cut(void **state)
{
	static char field[4096];
	struct way w;
	int n;

	(void)state;
	begin(&w, "");
	puts_all(&w, "HTTP/1.1 200 OK\r\n");
	memset(field, 'x', sizeof(field));
	memcpy(field, "X-Long: ", 8);
	memcpy(field + sizeof(field) - 2, "\r\n", 2);
	for (n = 0; n < 64 && !flow_over(w.client); n++)
		flow_raw_send(&w.f, w.proxy, field, sizeof(field));
	expect_error(&w, "is too long");
	flow_end(&w.f);
}

static void
test_a_proxy_that_hangs_up_is_told(void **state)
{
	struct way w;

	(void)state;
	begin(&w, "");
	puts_all(&w, "HTTP/1.1 200 OK\r\n");
	flow_raw_close(w.proxy);
	expect_error(&w, "closed without an answer");
	flow_end(&w.f);
}

static void
test_a_slow_proxy_has_its_time(void **state)
{
	uint64_t begun;
	struct way w;

	(void)state;
	begin(&w, "");
	begun = flow_ms();
	while (!flow_over(w.client)) {
		flow_raw_send(&w.f, w.proxy, "\n", 1);
		flow_idle(&w.f, 20);
		assert_true(flow_ms() - begun < FLOW_PATIENCE_MS);
	}
	expect_error(&w, "no answer from proxy 127.0.0.1");
	assert_true(flow_ms() - begun >=
		    UINT64_C(1000) * AWAITING_TIMEOUT - 100);
	flow_end(&w.f);
}

static void
test_a_proxy_that_is_not_there_is_named(void **state)
{
	struct flow f;
	struct flow_conn *c;
	struct flow_raw *r;
	char setting[64];
	int port;

	(void)state;
	flow_begin(&f);
	r = flow_raw_listen(&f, &port);
	flow_raw_close(r);
	flow_open(&f);
	snprintf(setting, sizeof(setting), "127.0.0.1:%d", port);
	assert_int_equal(libwebsocket_set_proxy(f.side[0].context, setting),
			 0);
	f.address = "server.test";
	c = flow_connect_to(&f, 0, 80, NULL, NULL);
	FLOW_UNTIL(&f, flow_over(c));
	snprintf(setting, sizeof(setting), "refused by 127.0.0.1:%d", port);
	assert_non_null(strstr(c->why, setting));
	flow_end(&f);
}

static void
test_literals_stand_in_brackets(void **state)
{
	struct way w;

	(void)state;
	flow_begin(&w.f);
	w.listener = flow_raw_listen(&w.f, &w.port);
	w.f.side[0].info.http_proxy_address = "127.0.0.1";
	w.f.side[0].info.http_proxy_port = (unsigned)w.port;
	flow_open(&w.f);
	w.f.address = "2001:db8::1";
	w.client = flow_connect_to(&w.f, 0, 443, NULL, NULL);
	w.proxy = flow_raw_accept(&w.f, w.listener);
	FLOW_UNTIL(&w.f, flow_raw_has(w.proxy, "\r\n\r\n"));
	assert_true(flow_raw_has(w.proxy,
				 "CONNECT [2001:db8::1]:443 HTTP/1.0\r\n"
				 "Host: [2001:db8::1]:443\r\n"));
	flow_end(&w.f);
}

static void
test_loopback_is_reached_without(void **state)
{
	static const char *const rows[] = {
		"127.0.0.1", "localhost", "LocalHost",
	};
	struct flow_conn *c;
	struct flow f;
	size_t n;

	(void)state;
	flow_begin(&f);
	f.side[0].info.http_proxy_address = "192.0.2.1:1";
	flow_open(&f);
	for (n = 0; n < COUNT(rows); n++) {
		f.address = rows[n];
		c = flow_connect(&f, 0, "second");
		FLOW_UNTIL(&f, c->count[LWS_CALLBACK_CLIENT_ESTABLISHED]);
	}
	flow_end(&f);
}

static void
test_an_unusable_setting_is_warned_of_and_not_used(void **state)
{
	struct flow_conn *server, *client;
	struct flow f;

	(void)state;
	flow_begin(&f);
	f.side[0].info.http_proxy_address = "socks5://127.0.0.1:1080";
	flow_open(&f);
	assert_int_equal(flow_warnings(), 1);
	assert_int_equal(flow_errors(), 0);
	assert_non_null(strstr(flow_last_line(), "http_proxy_address"));
	assert_int_equal(libwebsocket_set_proxy(f.side[0].context, NULL), -1);
	assert_int_equal(libwebsocket_set_proxy(f.side[0].context, "host"),
			 -1);
	assert_int_equal(flow_warnings(), 2);
	flow_pair(&f, &server, &client);
	flow_end(&f);
}

static void
test_the_environment_is_read_at_creation(void **state)
{
	struct flow_conn *c;
	struct flow_raw *listener, *proxy;
	char setting[64];
	struct flow f;
	int port;

	(void)state;
	flow_begin(&f);
	listener = flow_raw_listen(&f, &port);
	snprintf(setting, sizeof(setting), "http://127.0.0.1:%d/", port);
	setenv("http_proxy", setting, 1);
	setenv("no_proxy", "elsewhere.test, .near.test", 1);
	flow_open(&f);
	unsetenv("http_proxy");
	unsetenv("no_proxy");
	f.address = "127.0.0.1";
	c = flow_connect(&f, 0, "second");
	FLOW_UNTIL(&f, c->count[LWS_CALLBACK_CLIENT_ESTABLISHED]);
	f.address = "far.test";
	c = flow_connect(&f, 0, "second");
	proxy = flow_raw_accept(&f, listener);
	FLOW_UNTIL(&f, flow_raw_has(proxy, "CONNECT far.test:"));
	flow_end(&f);
}

static bool
called(const struct flow_raw *listener)
{
	struct pollfd p = { .fd = listener->fd, .events = POLLIN };

	return poll(&p, 1, 0) > 0;
}

static void
try_with_allocation_failing(long n, bool *failed)
{
	struct way w;
	char setting[64];

	memset(&w, 0, sizeof(w));
	flow_begin(&w.f);
	w.listener = flow_raw_listen(&w.f, &w.port);
	snprintf(setting, sizeof(setting), "u:p@127.0.0.1:%d", w.port);
	w.f.side[0].info.http_proxy_address = setting;
	flow_open(&w.f);
	w.f.address = "server.test";
	flow_fail_allocation(n);
	w.client = flow_connect_to(&w.f, 0, 8080, "second", NULL);
	if (w.client)
		FLOW_UNTIL(&w.f, flow_over(w.client) || called(w.listener));
	if (w.client && !flow_over(w.client)) {
		w.proxy = flow_raw_accept(&w.f, w.listener);
		FLOW_UNTIL(&w.f, flow_raw_has(w.proxy, "\r\n\r\n") ||
				 w.proxy->eof);
		puts_all(&w, ESTABLISHED);
		FLOW_UNTIL(&w.f, flow_raw_has(w.proxy, "GET /") ||
				 flow_over(w.client));
	}
	*failed = flow_allocation_failed();
	flow_fail_allocation(-1);
	flow_end(&w.f);
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

/* ---- TLS in the tunnel ---- */

/* What one side has sent goes to the other. */
static void
forward(struct flow *f, struct flow_raw *from, struct flow_raw *to)
{
	if (!from->in.len)
		return;
	flow_raw_send(f, to, from->in.p, from->in.len);
	from->in.len = 0;
}

static void
begin_tls(struct way *w)
{
	static char setting[64];

	flow_begin(&w->f);
	w->f.tls = false;
	w->listener = flow_raw_listen(&w->f, &w->port);
	snprintf(setting, sizeof(setting), "127.0.0.1:%d", w->port);
	w->f.side[0].info.http_proxy_address = setting;
	flow_open(&w->f);
	w->f.address = "tunnel.example.org";
	w->client = flow_connect(&w->f, 0, "second");
	assert_non_null(w->client);
	w->proxy = flow_raw_accept(&w->f, w->listener);
	FLOW_UNTIL(&w->f, flow_raw_has(w->proxy, "\r\n\r\n"));
	assert_true(flow_raw_has(w->proxy, "CONNECT tunnel.example.org:"));
}

static void
test_tls_begins_behind_the_proxys_answer(void **state)
{
	struct flow_conn *server;
	struct flow_raw *beyond;
	struct way w;

	(void)state;
	begin_tls(&w);
	beyond = flow_raw_tcp(&w.f, 0);
	puts_all(&w, ESTABLISHED);
	while (!w.client->count[LWS_CALLBACK_CLIENT_ESTABLISHED] &&
	       !flow_over(w.client)) {
		flow_turn(&w.f);
		forward(&w.f, w.proxy, beyond);
		forward(&w.f, beyond, w.proxy);
	}
	assert_string_equal(w.client->why, "");
	flow_text(w.client, "hidden");
	server = flow_server(&w.f, 0);
	while (server->got.len < 6) {
		flow_turn(&w.f);
		assert_false(flow_raw_has(w.proxy, "hidden"));
		forward(&w.f, w.proxy, beyond);
	}
	flow_end(&w.f);
}

static void
test_refusals_are_told_before_tls(void **state)
{
	struct way w;

	(void)state;
	begin_tls(&w);
	puts_all(&w, "HTTP/1.1 403 Forbidden\r\n\r\n");
	expect_error(&w, "answered 403");
	flow_end(&w.f);
}

static void
test_who_is_not_the_server_is_found_out(void **state)
{
	struct way w;

	(void)state;
	begin_tls(&w);
	puts_all(&w, ESTABLISHED);
	FLOW_UNTIL(&w.f, w.proxy->in.len);
	puts_all(&w, "HTTP/1.1 101 Switching Protocols\r\n\r\n");
	expect_error(&w, "TLS with tunnel.example.org");
	flow_end(&w.f);
	begin_tls(&w);
	puts_all(&w, ESTABLISHED "\x16\x03\x01");
	expect_error(&w, "spoke before TLS began");
	flow_end(&w.f);
}

int
main(void)
{
	const struct CMUnitTest over_tls[] = {
		cmocka_unit_test(test_tls_begins_behind_the_proxys_answer),
		cmocka_unit_test(test_refusals_are_told_before_tls),
		cmocka_unit_test(test_who_is_not_the_server_is_found_out),
	};
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			test_the_request_names_the_server_and_nothing_else),
		cmocka_unit_test(test_user_and_password_are_sent_as_basic),
		cmocka_unit_test(test_any_slicing_and_any_success_will_do),
		cmocka_unit_test(
			test_what_follows_the_head_came_through_the_tunnel),
		cmocka_unit_test(test_refusals_are_told_with_their_status),
		cmocka_unit_test(test_an_endless_answer_is_cut),
		cmocka_unit_test(test_a_proxy_that_hangs_up_is_told),
		cmocka_unit_test(test_a_slow_proxy_has_its_time),
		cmocka_unit_test(test_a_proxy_that_is_not_there_is_named),
		cmocka_unit_test(test_literals_stand_in_brackets),
		cmocka_unit_test(test_loopback_is_reached_without),
		cmocka_unit_test(
			test_an_unusable_setting_is_warned_of_and_not_used),
		cmocka_unit_test(test_the_environment_is_read_at_creation),
		cmocka_unit_test(test_every_allocation_may_fail),
	};

	unsetenv("http_proxy");
	unsetenv("no_proxy");
	unsetenv("NO_PROXY");
	if (flow_over_tls())
		return cmocka_run_group_tests(over_tls, NULL, NULL);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
