/* SPDX-License-Identifier: LGPL-2.1-only */
/* What a server does also where the library has no client. */
#include "half/half.h"

static int
callback(struct libwebsocket_context *context, struct libwebsocket *wsi,
	 enum libwebsocket_callback_reasons reason, void *user, void *in,
	 size_t len)
{
	(void)user;
	if (reason == LWS_CALLBACK_RECEIVE)
		libwebsocket_write(wsi, in, len, LWS_WRITE_TEXT);
	if (reason == LWS_CALLBACK_HTTP)
		return libwebsockets_return_http_status(context, wsi, 404,
							"no page");
	return 0;
}

static struct libwebsocket_protocols protocols[] = {
	{ .name = "half", .callback = callback },
	{ .name = NULL },
};

static struct libwebsocket_context *context;

static int
begin(void **state)
{
	struct lws_context_creation_info info = half_info(protocols, 0);
	static struct other o;
	struct sockaddr_in a;

	*state = &o;
	memset(&o, 0, sizeof(o));
	context = libwebsocket_create_context(&info);
	assert_non_null(context);
	a = loopback(info.port);
	o.fd = socket(AF_INET, SOCK_STREAM, 0);
	assert_int_equal(connect(o.fd, (struct sockaddr *)&a, sizeof(a)), 0);
	return 0;
}

static int
end(void **state)
{
	struct other *o = *state;

	close(o->fd);
	libwebsocket_context_destroy(context);
	return 0;
}

static void
a_request_is_answered(void **state)
{
	static const char get[] = "GET / HTTP/1.1\r\nHost: here\r\n\r\n";

	other_send(*state, get, sizeof(get) - 1);
	other_await(*state, context, "404", 0);
	other_await(*state, context, "no page", 0);
}

static void
a_message_comes_back(void **state)
{
	static const char ask[] =
		"GET / HTTP/1.1\r\nHost: here\r\nUpgrade: websocket\r\n"
		"Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
		"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
	static const char hello[] = "\x81\x85\0\0\0\0hello";

	other_send(*state, ask, sizeof(ask) - 1);
	other_await(*state, context, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", 0);
	other_await(*state, context, "\r\n\r\n", 0);
	other_send(*state, hello, sizeof(hello) - 1);
	other_await(*state, context, "\x81\x05hello", 0);
}

static void
a_proxy_may_be_set(void **state)
{
	(void)state;
	assert_int_equal(libwebsocket_set_proxy(context, "127.0.0.1:3128"), 0);
	assert_int_equal(libwebsocket_set_proxy(context, NULL), -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_request_is_answered, begin,
						end),
		cmocka_unit_test_setup_teardown(a_message_comes_back, begin,
						end),
		cmocka_unit_test_setup_teardown(a_proxy_may_be_set, begin,
						end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
