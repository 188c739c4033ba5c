/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * counter-extension.c - how an application brings an extension of its own.
 *
 * "x-frame-counter" puts the number of frames before it in front of every data
 * frame, and checks and removes it where it is received.  A server and a client
 * in one process send each other messages through it.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "libwebsockets.h"

#define HEAD 4 /* bytes of that number */

/* One for each connection: the library makes it, zeroed, and frees it. */
struct counter {
	uint32_t sent, received;
	unsigned char head[HEAD]; /* of the frame that is arriving */
	int have;		  /* bytes of that */
	char *frame;		  /* what is being sent */
};

static unsigned checked; /* frames of all connections */

static int
count_out(struct counter *c, struct lws_tokens *payload)
{
	size_t n, len = (size_t)payload->token_len;
	char *frame = realloc(c->frame, HEAD + len);

	if (!frame)
		return -1;
	for (n = 0; n < HEAD; n++)
		frame[n] = (char)(c->sent >> (24 - 8 * n));
	if (len)
		memcpy(frame + HEAD, payload->token, len);
	c->sent++;
	c->frame = payload->token = frame; /* is not touched until the next */
	payload->token_len += HEAD;
	return 0;
}

/* A frame arrives in pieces of any size: even its counter may be cut. */
static int
count_in(struct counter *c, struct lws_tokens *payload, size_t flags)
{
	uint32_t number = 0;
	int n;

	if (flags & LWS_EXT_FRAME_FIRST)
		c->have = 0;
	if (c->have == HEAD)
		return 0;
	for (; c->have < HEAD && payload->token_len; payload->token_len--)
		c->head[c->have++] = (unsigned char)*payload->token++;
	if (c->have < HEAD)
		return flags & LWS_EXT_FRAME_LAST ? -1 : 0;
	for (n = 0; n < HEAD; n++)
		number = number << 8 | c->head[n];
	checked++;
	return number == c->received++ ? 0 : -1;
}

static int
frame_counter(struct libwebsocket_context *context,
	      struct libwebsocket_extension *ext, struct libwebsocket *wsi,
	      enum libwebsocket_extension_callback_reasons reason, void *user,
	      void *in, size_t len)
{
	struct counter *c = user;

	if (reason == LWS_EXT_CALLBACK_PAYLOAD_TX)
		return count_out(c, in);
	if (reason == LWS_EXT_CALLBACK_PAYLOAD_RX)
		return count_in(c, in, len);
	if (reason == LWS_EXT_CALLBACK_DESTROY)
		free(c->frame);
	(void)context, (void)ext, (void)wsi;
	return 0;
}

static struct libwebsocket_extension extensions[] = {
	{ "x-frame-counter", frame_counter, sizeof(struct counter), NULL },
	{ NULL, NULL, 0, NULL }
};

/* ---- a server that echoes, and a client that compares ---- */

static const size_t sizes[] = { 5, 0, 1, 125, 126, 3000, 65535, 65536, 200000 };
static const unsigned count = sizeof(sizes) / sizeof(sizes[0]);
static unsigned char message[200000];
static unsigned at; /* the size under way */
static int over;

static int
callback_echo(struct libwebsocket_context *context, struct libwebsocket *wsi,
	      enum libwebsocket_callback_reasons reason, void *user, void *in,
	      size_t len)
{
	if (reason == LWS_CALLBACK_RECEIVE)
		return libwebsocket_write(wsi, in, len, LWS_WRITE_BINARY) < 0;
	if (reason == LWS_CALLBACK_CLIENT_WRITEABLE)
		return libwebsocket_write(wsi, message, sizes[at],
					  LWS_WRITE_BINARY) < 0;
	if (reason == LWS_CALLBACK_CLIENT_RECEIVE &&
	    (len != sizes[at] || memcmp(in, message, len) || ++at == count))
		return -1;
	if (reason == LWS_CALLBACK_CLIENT_ESTABLISHED ||
	    reason == LWS_CALLBACK_CLIENT_RECEIVE)
		libwebsocket_callback_on_writable(context, wsi);
	if (reason == LWS_CALLBACK_CLIENT_CONNECTION_ERROR ||
	    reason == LWS_CALLBACK_CLOSED)
		over = 1;
	(void)user;
	return 0;
}

int
main(void)
{
	struct libwebsocket_protocols protocols[2] = {
		{ "echo", callback_echo, .max_message_size = sizeof(message) },
	};
	struct lws_context_creation_info info = {
		.protocols = protocols,
		.extensions = extensions,
		.gid = -1,
		.uid = -1,
	};
	struct libwebsocket_context *context;
	size_t n;

	alarm(60); /* nothing here takes that long */
	for (n = 0; n < sizeof(message); n++)
		message[n] = (unsigned char)(n * n >> 3);
	lws_set_log_level(LLL_ERR | LLL_WARN, NULL);
	context = libwebsocket_create_context(&info);
	if (!context ||
	    !libwebsocket_client_connect(context, "127.0.0.1", info.port, 0,
					 "/", "localhost", NULL, "echo", -1))
		return 1;
	while (!over)
		libwebsocket_service(context, 1000);
	libwebsocket_context_destroy(context);
	printf("%u messages echoed, %u frames counted\n", at, checked);
	return at == count && checked == 2 * count ? 0 : 1;
}
