/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * increment.c - dumb-increment-protocol: each connection counts for itself.
 *
 * The main loop asks for a writeable callback about every 50 ms; each of them
 * sends the next number as text.  The text "reset" and a newline, sent by the
 * client, begins again at 0.
 */
#include "server.h"

#include <stdio.h>
#include <string.h>

#include "common.h"

#define CLOSE_TEST_COUNT 50

static int
send_number(struct libwebsocket *wsi, struct increment_session *session)
{
	char text[16];
	int len, n;

	len = snprintf(text, sizeof(text), "%u", session->number++);
	n = libwebsocket_write(wsi, (unsigned char *)text, (size_t)len,
			       LWS_WRITE_TEXT);
	if (n < len) {
		lwsl_err("ERROR %d writing to di socket\n", n);
		return -1;
	}
	if (server_close_testing && session->number == CLOSE_TEST_COUNT) {
		lwsl_info("close test: %d numbers sent, closing\n",
			  CLOSE_TEST_COUNT);
		return -1;
	}
	return 0;
}

int
increment_callback(struct libwebsocket_context *context,
		   struct libwebsocket *wsi,
		   enum libwebsocket_callback_reasons reason, void *user,
		   void *in, size_t len)
{
	static const char reset[] = { 'r', 'e', 's', 'e', 't', '\n' };
	struct increment_session *session = user;

	(void)context;
	switch ((int)reason) {
	case LWS_CALLBACK_FILTER_PROTOCOL_CONNECTION:
		print_headers(wsi);
		break;
	case LWS_CALLBACK_ESTABLISHED:
		lwsl_info("callback_dumb_increment: "
			  "LWS_CALLBACK_ESTABLISHED\n");
		session->number = 0;
		break;
	case LWS_CALLBACK_SERVER_WRITEABLE:
		return send_number(wsi, session);
	case LWS_CALLBACK_RECEIVE:
		lwsl_debug("rx %d\n", (int)len);
		if (len == sizeof(reset) && !memcmp(in, reset, len))
			session->number = 0;
		break;
	default:
		break;
	}
	return 0;
}
