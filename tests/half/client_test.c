/* SPDX-License-Identifier: LGPL-2.1-only */
/* What a client does also where the library has no server. */
#include "half/half.h"

#define GUID "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"

static bool open_now, over, errored;
static char got[64], last_error[512];

static int
callback(struct libwebsocket_context *context, struct libwebsocket *wsi,
	 enum libwebsocket_callback_reasons reason, void *user, void *in,
	 size_t len)
{
	(void)context;
	(void)user;
	switch ((int)reason) {
	case LWS_CALLBACK_CLIENT_ESTABLISHED:
		open_now = true;
		libwebsocket_callback_on_writable(context, wsi);
		break;
	case LWS_CALLBACK_CLIENT_WRITEABLE:
		libwebsocket_write(wsi, (unsigned char *)"hello", 5,
				   LWS_WRITE_TEXT);
		break;
	case LWS_CALLBACK_CLIENT_RECEIVE:
		assert_true(len < sizeof(got));
		memcpy(got, in, len);
		break;
	case LWS_CALLBACK_CLOSED:
		over = true;
		break;
	case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
		errored = true;
		break;
	default:
		break;
	}
	return 0;
}

static struct libwebsocket_protocols protocols[] = {
	{ .name = "half", .callback = callback },
	{ .name = NULL },
};

static void
note(int level, const char *line)
{
	if (level == LLL_ERR)
		snprintf(last_error, sizeof(last_error), "%s", line);
}

static int
listen_there(int *port)
{
	struct sockaddr_in a = loopback(0);
	socklen_t len = sizeof(a);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	assert_int_equal(bind(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	assert_int_equal(listen(fd, 4), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&a, &len), 0);
	*port = ntohs(a.sin_port);
	return fd;
}

/* Answer the request that @o has read. */
static void
answer(struct other *o)
{
	unsigned char digest[20];
	char text[24 + sizeof(GUID)], accept[32], head[256];
	const char *key = strstr(o->in, "Sec-WebSocket-Key: ");
	int n;

	assert_non_null(key);
	memcpy(text, key + strlen("Sec-WebSocket-Key: "), 24);
	memcpy(text + 24, GUID, sizeof(GUID));
	libwebsockets_SHA1((const unsigned char *)text, strlen(text), digest);
	lws_b64_encode_string((const char *)digest, sizeof(digest), accept,
			      sizeof(accept));
	n = snprintf(head, sizeof(head),
		     "HTTP/1.1 101 Switching Protocols\r\n"
		     "Upgrade: websocket\r\nConnection: Upgrade\r\n"
		     "Sec-WebSocket-Protocol: half\r\n"
		     "Sec-WebSocket-Accept: %s\r\n\r\n", accept);
	other_send(o, head, (size_t)n);
}

#define SERVE_UNTIL(context, condition) do { \
	const time_t limit_ = time(NULL) + PATIENCE; \
	while (!(condition)) { \
		if (time(NULL) > limit_) \
			fail_msg("still not: %s", #condition); \
		libwebsocket_service(context, 10); \
	} \
} while (0)

static void
a_connection_opens_and_carries_messages(void **state)
{
	struct lws_context_creation_info info =
		half_info(protocols, CONTEXT_PORT_NO_LISTEN);
	struct libwebsocket_context *context =
		libwebsocket_create_context(&info);
	static struct other o;
	int port, fd = listen_there(&port);

	(void)state;
	assert_non_null(context);
	assert_non_null(libwebsocket_client_connect(
		context, "127.0.0.1", port, 0, "/", "here", NULL, "half", -1));
	o.fd = accept(fd, NULL, NULL);
	assert_true(o.fd >= 0);
	other_await(&o, context, "\r\n\r\n", 0);
	answer(&o);
	SERVE_UNTIL(context, open_now);
	/* a masked text of five bytes, then one for it */
	other_await(&o, context, "\x81\x85", 9);
	other_send(&o, "\x81\x05there", 7);
	SERVE_UNTIL(context, !strcmp(got, "there"));
	close(o.fd);
	SERVE_UNTIL(context, over);
	assert_false(errored);
	close(fd);
	libwebsocket_context_destroy(context);
}

static void
nobody_there_is_an_error(void **state)
{
	struct lws_context_creation_info info =
		half_info(protocols, CONTEXT_PORT_NO_LISTEN);
	struct libwebsocket_context *context =
		libwebsocket_create_context(&info);
	int port, fd = listen_there(&port);

	(void)state;
	close(fd);
	assert_non_null(context);
	if (libwebsocket_client_connect(context, "127.0.0.1", port, 0, "/",
					"here", NULL, "half", -1))
		SERVE_UNTIL(context, errored);
	libwebsocket_context_destroy(context);
}

static void
a_port_is_refused_where_there_is_no_server(void **state)
{
	struct lws_context_creation_info info = half_info(protocols, 0);

	(void)state;
#ifdef LWS_NO_SERVER
	lws_set_log_level(LLL_ERR, note);
	assert_null(libwebsocket_create_context(&info));
	assert_non_null(strstr(last_error, "--without-server"));
#else
	(void)note;
	(void)info;
	skip();
#endif
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_connection_opens_and_carries_messages),
		cmocka_unit_test(nobody_there_is_an_error),
		cmocka_unit_test(a_port_is_refused_where_there_is_no_server),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
