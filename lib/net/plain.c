/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * net/plain.c - bytes over TCP as they are.
 */
#include "net/stream.h"

#include "plat/plat.h"

static int
plain_handshake(struct lws_stream *stream)
{
	(void)stream;
	return 0;
}

static ssize_t
plain_recv(struct lws_stream *stream, void *buf, size_t len)
{
	return lws_plat_recv(stream->fd, buf, len);
}

static ssize_t
plain_sendv(struct lws_stream *stream, const struct lws_span *v, size_t n)
{
	return lws_plat_sendv(stream->fd, v, n);
}

static bool
plain_pending(const struct lws_stream *stream)
{
	(void)stream;
	return false;
}

static void
plain_finish(struct lws_stream *stream)
{
	lws_plat_shutdown(stream->fd);
}

static void
plain_close(struct lws_stream *stream)
{
	if (stream->fd >= 0)
		lws_plat_close(stream->fd);
	stream->fd = -1;
}

const struct lws_transport_ops lws_transport_plain = {
	.name = "plain",
	.handshake = plain_handshake,
	.recv = plain_recv,
	.sendv = plain_sendv,
	.pending = plain_pending,
	.finish = plain_finish,
	.close = plain_close,
};
