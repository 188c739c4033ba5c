/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * net/stream.h - how bytes travel: plain TCP, or TLS when it is built.
 */
#ifndef LWS_NET_STREAM_H
#define LWS_NET_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/span.h"

/*
 * struct lws_stream.notes: what the transport of a stream whose tls is not NULL
 * remembers for its owner, such as what a call waits for.  Plain streams have
 * none, and without TLS the compiler sees that nobody has.
 */
enum {
	LWS_STREAM_RX_OUT = LWS_BUILT_TLS << 0,	/* recv() for output */
	LWS_STREAM_TX_IN = LWS_BUILT_TLS << 1,	/* sendv() for input */
	LWS_STREAM_HIDDEN = 1 << 2,	/* the transport's: see pending() */
	LWS_STREAM_ENDED = 15 << 4	/* the transport's: an error, negated,
					 * that recv() has yet to tell */
};

struct lws_stream {
	const struct lws_transport_ops *ops;
	void *tls;	/* the TLS connection; NULL for plain */
	int fd;		/* -1: none */
	short want;	/* under TLS, after LWS_ERR_AGAIN: POLLIN or POLLOUT */
	uint8_t watched;	/* the owner's: readiness it waits for */
	uint8_t notes;
};

/*
 * A transport knows its socket and nothing of HTTP, frames or users.  None of
 * these blocks.  Results are bytes moved, or LWS_ERR_AGAIN, under TLS with
 * stream->want saying which readiness is missing (it may need to read in order
 * to write), or another error, after which only close() may be called.
 */
struct lws_transport_ops {
	const char *name;

	/* Carry the handshake on; 0 once bytes may flow. */
	int (*handshake)(struct lws_stream *stream);

	/* Fill at most @len bytes at @buf; 0 means the peer has finished. */
	ssize_t (*recv)(struct lws_stream *stream, void *buf, size_t len);

	/* Send from @n borrowed spans, in order; may stop anywhere. */
	ssize_t (*sendv)(struct lws_stream *stream, const struct lws_span *v,
			 size_t n);

	/* True when recv() has bytes that poll() cannot see. */
	bool (*pending)(const struct lws_stream *stream);

	/* Say that no more output follows; input still comes. */
	void (*finish)(struct lws_stream *stream);

	/* Say goodbye if the protocol has a way to, then free everything. */
	void (*close)(struct lws_stream *stream);
};

extern const struct lws_transport_ops lws_transport_plain;

static inline bool
lws_stream_has_tls(const struct lws_stream *stream)
{
	return LWS_BUILT_TLS && stream->tls;
}

#endif
