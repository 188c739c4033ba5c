/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * collect_bench.c - what it costs to gather one message of many one-byte
 * fragments (max_message_size), and that twice as many cost twice as much.
 *
 * A server connection is made over loopback; then the frames are injected, so
 * that no system call is measured.
 */
#include <arpa/inet.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "libwebsockets.h"

/* bytes of one masked frame with one byte of payload */
#define FRAME 7

/* frames injected at a time */
#define BATCH 8192

static struct libwebsocket *server;
static size_t received;
static size_t peak, now;

/* Counts what the library holds; the size lies in front of each block. */
static void *
counting(void *old, size_t size)
{
	size_t *block = old ? (size_t *)old - 2 : NULL;

	if (block)
		now -= block[0];
	if (!size) {
		free(block);
		return NULL;
	}
	block = realloc(block, size + 2 * sizeof(*block));
	if (!block)
		return NULL;
	block[0] = size;
	now += size;
	if (now > peak)
		peak = now;
	return block + 2;
}

static int
callback(struct libwebsocket_context *context, struct libwebsocket *wsi,
	 enum libwebsocket_callback_reasons reason, void *user, void *in,
	 size_t len)
{
	(void)context;
	(void)user;
	(void)in;
	if (reason == LWS_CALLBACK_ESTABLISHED)
		server = wsi;
	if (reason == LWS_CALLBACK_RECEIVE)
		received = len;
	return 0;
}

static bool
connect_stranger(struct libwebsocket_context *context, int port)
{
	static const char request[] =
		"GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n"
		"Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
		"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
	const struct sockaddr_in to = {
		.sin_family = AF_INET,
		.sin_port = htons((uint16_t)port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	int fd = socket(AF_INET, SOCK_STREAM, 0), n;

	if (fd < 0 || connect(fd, (const struct sockaddr *)&to, sizeof(to)) ||
	    write(fd, request, sizeof(request) - 1) < 0)
		return false;
	for (n = 0; n < 100 && !server; n++)
		libwebsocket_service(context, 50);
	return server;
}

static void
make_frames(unsigned char *to)
{
	int n;

	memset(to, 0, BATCH * FRAME);
	for (n = 0; n < BATCH; n++)
		to[n * FRAME + 1] = 0x81;
}

/* CPU seconds for one message of @batches * BATCH fragments */
static double
collect(struct libwebsocket_context *context, unsigned batches)
{
	static unsigned char frames[BATCH * FRAME];
	clock_t begin = clock();
	unsigned n;

	peak = now;
	for (n = 0; n < batches; n++) {
		make_frames(frames);
		if (!n)
			frames[0] = 0x02;
		if (n + 1 == batches)
			frames[(BATCH - 1) * FRAME] = 0x80;
		libwebsocket_read(context, server, frames, sizeof(frames));
	}
	return (double)(clock() - begin) / CLOCKS_PER_SEC;
}

int
main(void)
{
	static struct libwebsocket_protocols protocols[] = {
		{ .name = "collect", .callback = callback,
		  .max_message_size = 4 << 20 },
		{ .name = NULL }
	};
	struct lws_context_creation_info info = {
		.protocols = protocols, .gid = -1, .uid = -1,
	};
	struct libwebsocket_context *context;
	double once, twice;

	lws_set_allocator(counting);
	lws_set_log_level(LLL_ERR, NULL);
	context = libwebsocket_create_context(&info);
	if (!context || !connect_stranger(context, info.port))
		return 1;
	collect(context, 16);
	once = collect(context, 128);
	twice = collect(context, 256);
	printf("collect  %d fragments of 1 B %.0f ms  twice as many x%.2f  "
	       "memory %zu KiB for %zu KiB\n", 128 * BATCH, once * 1e3,
	       twice / once, peak / 1024, received / 1024);
	libwebsocket_context_destroy(context);
	return received != 256 * BATCH;
}
