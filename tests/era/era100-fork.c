/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * era/era100-fork.c - January 2013: the service in a process of its own.
 *
 * As the test server of that time did it: the application forks the service
 * loop, then broadcasts one byte every 50 ms, at which each connection sends a
 * number of its own.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "libwebsockets.h"
#include "era.h"

#define NUMBERS 10

static int
callback_http(struct libwebsocket_context *context, struct libwebsocket *wsi,
	      enum libwebsocket_callback_reasons reason, void *user, void *in,
	      size_t len)
{
	(void)context;
	(void)wsi;
	(void)reason;
	(void)user;
	(void)in;
	(void)len;
	return 0;
}

struct per_session_data__dumb_increment {
	int number;
};

static int
callback_dumb_increment(struct libwebsocket_context *context,
			struct libwebsocket *wsi,
			enum libwebsocket_callback_reasons reason, void *user,
			void *in, size_t len)
{
	unsigned char buf[LWS_SEND_BUFFER_PRE_PADDING + 512 +
			  LWS_SEND_BUFFER_POST_PADDING];
	unsigned char *p = &buf[LWS_SEND_BUFFER_PRE_PADDING];
	struct per_session_data__dumb_increment *pss = user;
	int n;

	(void)context;
	switch (reason) {
	case LWS_CALLBACK_ESTABLISHED:
		pss->number = 0;
		break;

	/*
	 * in this protocol, we just use the broadcast action as the chance to
	 * send our own connection-specific data and ignore the broadcast info
	 * that is available in the 'in' parameter
	 */
	case LWS_CALLBACK_BROADCAST:
		if (len != 1 || *(char *)in != 'x')
			return -1;
		n = sprintf((char *)p, "%d", pss->number++);
		n = libwebsocket_write(wsi, p, (size_t)n, LWS_WRITE_TEXT);
		if (n < 0)
			return 1;
		break;

	default:
		break;
	}
	return 0;
}

static struct libwebsocket_protocols protocols[] = {
	{
		"http-only",
		callback_http,
		0
	},
	{
		"dumb-increment-protocol",
		callback_dumb_increment,
		sizeof(struct per_session_data__dumb_increment)
	},
	{
		NULL, NULL, 0
	}
};

static const char request[] =
	"GET / HTTP/1.1\015\012Host: localhost\015\012"
	"Upgrade: websocket\015\012Connection: Upgrade\015\012"
	"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\015\012"
	"Sec-WebSocket-Version: 13\015\012"
	"Sec-WebSocket-Protocol: dumb-increment-protocol\015\012\015\012";

/* How many numbers have come, from 0 on?  -1: something else has. */
static int
numbers(const struct browser *b)
{
	const char *p = strstr(b->reply, "\015\012\015\012");
	const char *end = b->reply + b->len;
	int n = 0;

	if (!p)
		return 0;
	for (p += 4; end - p >= 2 && end - p >= 2 + p[1]; n++) {
		if ((unsigned char)p[0] != 0x81 ||
		    strtol(p + 2, NULL, 10) % 10 != n % 10)
			return -1;
		p += 2 + p[1];
	}
	return n;
}

int
main(void)
{
	static struct browser one, two;
	struct libwebsocket_context *context;
	unsigned char buf[LWS_SEND_BUFFER_PRE_PADDING + 1024 +
			  LWS_SEND_BUFFER_POST_PADDING];
	long deadline = era_deadline();
	int port = era_free_port();
	int n;

	context = libwebsocket_create_context(port, NULL, protocols, NULL, NULL,
					      NULL, NULL, -1, -1, 0, NULL);
	if (context == NULL) {
		fprintf(stderr, "libwebsocket init failed\n");
		return 1;
	}

	/*
	 * This example shows how to work with the forked websocket service
	 * loop: the library serves from another process from here on
	 */
	n = libwebsockets_fork_service_loop(context);
	if (n < 0) {
		fprintf(stderr, "Unable to fork service loop %d\n", n);
		return 1;
	}
	browser_ask(&one, port, request);
	browser_ask(&two, port, request);

	buf[LWS_SEND_BUFFER_PRE_PADDING] = 'x';
	while (era_now() < deadline &&
	       (numbers(&one) < NUMBERS || numbers(&two) < NUMBERS)) {
		usleep(50000);
		CHECK(libwebsockets_broadcast(&protocols[1],
				&buf[LWS_SEND_BUFFER_PRE_PADDING], 1) >= 0);
		browser_look(&one);
		browser_look(&two);
		if (!CHECK(numbers(&one) >= 0 && numbers(&two) >= 0))
			break;
	}
	n = numbers(&one) >= NUMBERS && numbers(&two) >= NUMBERS;

	libwebsocket_context_destroy(context);
	browser_close(&one);
	browser_close(&two);
	return era_result(n, "ten numbers for both");
}
