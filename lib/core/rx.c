/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * core/rx.c - input of a connection: one shared buffer, fed to its stage.
 *
 * The feeding loop is the hinge of the library: each stage takes what is its
 * own from the bytes and may enter another, which is offered the rest.  That
 * is all there is to pipelined requests, and to frames that come with the
 * handshake.
 */
#include "core/rx.h"

#include "base/alloc.h"
#include "base/compiler.h"
#include "base/size.h"
#include "core/context.h"
#include "core/watch.h"
#include "core/wsi.h"

/* What is held becomes @front and @back, copied. */
static LWS_NOINLINE int
restash(struct libwebsocket *wsi, struct lws_span front, struct lws_span back)
{
	struct lws_stash *st;
	size_t size;

	if (!lws_add_ok(front.len, back.len, &size) ||
	    !lws_add_ok(size, sizeof(*st) + LWS_RX_LEAD + LWS_RX_SLACK, &size))
		return LWS_ERR_NOMEM;
	st = lws_alloc(size);
	if (!st)
		return LWS_ERR_NOMEM;
	st->off = LWS_RX_LEAD;
	st->len = front.len + back.len;
	memcpy(st->data + LWS_RX_LEAD, front.p, front.len);
	if (back.len)
		memcpy(st->data + LWS_RX_LEAD + front.len, back.p, back.len);
	lws_free(wsi->stash);
	wsi->stash = st;
	lws_watch_refresh(wsi);
	return 0;
}

static struct lws_span
held(const struct libwebsocket *wsi)
{
	const struct lws_stash *st = wsi->stash;

	return st ? lws_span(st->data + st->off, st->len) : lws_span(NULL, 0);
}

/* Keep @in, in front of anything that came to be held meanwhile. */
static int
hold(struct libwebsocket *wsi, struct lws_span in)
{
	return restash(wsi, in, held(wsi));
}

/* Offer @in to one stage after the other until nobody takes more. */
static inline int
offer(struct libwebsocket *wsi, struct lws_span *in)
{
	while (in->len && !(wsi->flags & (LWS_WSI_STOPPED | LWS_WSI_HOLDS))) {
		const struct lws_stage_ops *stage = wsi->stage;
		size_t before = in->len;
		int rc = stage->rx(wsi, in);

		if (rc < 0)
			return rc;
		if (in->len == before && wsi->stage == stage)
			break;
	}
	return 0;
}

/* What the stage holds itself comes before what is held here. */
static int
offer_held(struct libwebsocket *wsi, struct lws_span *in)
{
	int rc = 0;

	if (wsi->flags & LWS_WSI_HOLDS) {
		wsi->flags &= ~(uint32_t)LWS_WSI_HOLDS;
		rc = wsi->stage->rx(wsi, in);
	}
	return rc < 0 ? rc : offer(wsi, in);
}

int
lws_rx_unstash(struct libwebsocket *wsi)
{
	struct lws_stash *st = wsi->stash;
	struct lws_span in = held(wsi);
	int rc;

	wsi->stash = NULL;
	rc = offer_held(wsi, &in);
	if (rc >= 0 && in.len && !wsi->stash) {
		st->off = (size_t)(in.p - st->data);
		st->len = in.len;
		wsi->stash = st;
		/* who looked meanwhile saw none held, and let more come */
		lws_watch_refresh(wsi);
		return 0;
	}
	if (rc >= 0 && in.len)
		rc = hold(wsi, in);
	lws_free(st);
	if (rc >= 0)
		lws_watch_refresh(wsi);
	return rc;
}

/* Nothing came, or the end did; what recv() said was @n. */
static LWS_NOINLINE int
nothing(struct libwebsocket *wsi, ssize_t n)
{
	if (n == LWS_ERR_AGAIN) {
		if (wsi->stream.notes & LWS_STREAM_RX_OUT)
			lws_watch_refresh(wsi);
		return 0;
	}
	if (!n && wsi->stage->eof)
		return wsi->stage->eof(wsi);
	return n ? (int)n : LWS_ERR_CLOSED;
}

int
lws_rx_ready(struct libwebsocket *wsi)
{
	const uint32_t unread =
		LWS_WSI_STOPPED | LWS_WSI_PEER_EOF | LWS_WSI_HOLDS;
	struct lws_span in = { wsi->loop->rx + LWS_RX_LEAD, 0 };
	ssize_t n;

	if (lws_unlikely(wsi->stash || wsi->flags & unread))
		return 0;
	n = wsi->stream.ops->recv(&wsi->stream, in.p,
				  wsi->flags & LWS_WSI_EXTENDED
					  ? LWS_RX_EXTENDED
					  : LWS_RX_BUFFER);
	if (lws_likely(n > 0)) {
		int rc;

		in.len = (size_t)n;
		wsi->flags |= LWS_WSI_HEARD;
		rc = offer(wsi, &in);
		if (lws_unlikely(rc < 0))
			return rc;
		if (lws_unlikely(in.len))
			return hold(wsi, in);
		if (lws_unlikely(lws_stream_has_tls(&wsi->stream)) &&
		    lws_rx_hidden(wsi))
			lws_watch_work(wsi);
		return 0;
	}
	return nothing(wsi, n);
}

bool
lws_rx_hidden(const struct libwebsocket *wsi)
{
	return lws_stream_has_tls(&wsi->stream) &&
	       wsi->stream.ops->pending(&wsi->stream) && !wsi->stash &&
	       !(wsi->flags & (LWS_WSI_STOPPED | LWS_WSI_PEER_EOF));
}

bool
lws_rx_held(const struct libwebsocket *wsi)
{
	return (wsi->stash || wsi->flags & LWS_WSI_HOLDS) &&
	       !(wsi->flags & LWS_WSI_STOPPED);
}

void
lws_rx_resume(struct libwebsocket *wsi)
{
	if (lws_rx_held(wsi) || lws_rx_hidden(wsi))
		lws_watch_work(wsi);
	lws_watch_refresh(wsi);
}

void
lws_rx_pause(struct libwebsocket *wsi)
{
	wsi->flags |= LWS_WSI_HOLDS;
	lws_rx_resume(wsi);
}

LWS_VISIBLE int
libwebsocket_rx_flow_control(struct libwebsocket *wsi, int enable)
{
	if (wsi->flags & LWS_WSI_DOOMED)
		return 0;
	if (!enable) {
		wsi->flags |= LWS_WSI_STOPPED;
		lws_watch_refresh(wsi);
		return 0;
	}
	wsi->flags &= ~(uint32_t)LWS_WSI_STOPPED;
	lws_rx_resume(wsi);
	return 0;
}

LWS_VISIBLE int
libwebsocket_read(struct libwebsocket_context *context,
		  struct libwebsocket *wsi, unsigned char *buf, size_t len)
{
	struct lws_span old = held(wsi);
	int rc;

	(void)context;
	if (wsi->flags & LWS_WSI_DOOMED)
		return -1;
	/* a copy: injected bytes may lack slack, or come amid a callback */
	rc = old.len ? restash(wsi, old, lws_span(buf, len))
		     : restash(wsi, lws_span(buf, len), old);
	if (rc >= 0 && wsi->flags & LWS_WSI_IN_CALLBACK)
		lws_watch_work(wsi);
	else if (rc >= 0 && lws_rx_held(wsi))
		rc = lws_rx_unstash(wsi);
	if (rc >= 0)
		return 0;
	lws_wsi_doom(wsi, rc);
	lws_loop_settle(wsi->loop);
	return -1;
}
