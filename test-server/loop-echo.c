/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * loop-echo.c - what the examples of loops that are not the library's serve.
 *
 * Nothing in here knows of a loop but for the two members of the creation info.
 */
#include "loop-echo.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static unsigned messages;

static int
echo(struct libwebsocket_context *context, struct libwebsocket *wsi,
     enum libwebsocket_callback_reasons reason, void *user, void *in,
     size_t len)
{
	(void)context;
	(void)user;
	if (reason != LWS_CALLBACK_RECEIVE)
		return 0;
	messages++;
	return libwebsocket_write(wsi, in, len,
				  lws_frame_is_binary(wsi) ? LWS_WRITE_BINARY
							   : LWS_WRITE_TEXT) <
	       (int)len;
}

static struct libwebsocket_protocols protocols[] = {
	{ .name = "echo", .callback = echo, .max_message_size = 1 << 20 },
	{ .name = NULL }
};

struct libwebsocket_context *
loop_echo(int argc, char **argv, const char *backend, void *loop)
{
	struct lws_context_creation_info info;
	struct libwebsocket_context *context;

	memset(&info, 0, sizeof(info));
	info.port = argc > 1 ? atoi(argv[1]) : 0;
	info.protocols = protocols;
	info.uid = info.gid = -1;
	info.event_backend = backend;
	info.foreign_loop = loop;
	info.ping_interval_ms = 30000;
	info.pong_timeout_ms = 10000;
	context = libwebsocket_create_context(&info);
	if (context) {
		printf("port %d\n", info.port);
		fflush(stdout);
	}
	return context;
}

void
loop_echo_tick(void)
{
	printf("tick, %u messages so far\n", messages);
	fflush(stdout);
}
