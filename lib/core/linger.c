/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * core/linger.c - what remains of a connection whose user has been told that
 * it is over.
 */
#include "core/linger.h"

#include <poll.h>

#include "core/context.h"
#include "core/rx.h"
#include "core/watch.h"
#include "core/wsi.h"

/* input that is thrown away at most: bytes */
#define MOST_DISCARDED (1024 * 1024)

static void
arm(struct libwebsocket *wsi, unsigned seconds)
{
	wsi->timer.reason = PENDING_TIMEOUT_CLOSE_ACK;
	lws_wheel_arm(&wsi->loop->wheel, &wsi->timer, wsi->loop->now_ms,
		      seconds * (uint64_t)1000);
	lws_loop_recall(wsi->loop);
}

/* The output is gone: what is left is to hear that the peer has finished. */
static int
flushed(struct libwebsocket *wsi)
{
	if (!(wsi->flags & LWS_WSI_LINGER) || wsi->flags & LWS_WSI_PEER_EOF)
		return LWS_ERR_CLOSED;
	if (wsi->flags & LWS_WSI_HALF_CLOSE)
		wsi->stream.ops->finish(&wsi->stream);
	arm(wsi, LWS_CLOSE_TIMEOUT);
	return 0;
}

/* What still comes is thrown away, but nobody may keep us busy with it. */
static int
linger_rx(struct libwebsocket *wsi, struct lws_span *in)
{
	struct lws_lingering *l = &wsi->u.lingering;

	l->discarded += in->len;
	lws_span_skip(in, in->len);
	return l->discarded > MOST_DISCARDED ? LWS_ERR_LIMIT : 0;
}

/* A peer that only stops sending still gets the rest of what waits for it. */
static int
linger_eof(struct libwebsocket *wsi)
{
	wsi->flags |= LWS_WSI_PEER_EOF;
	if (!wsi->tx.queued)
		return LWS_ERR_CLOSED;
	lws_watch_refresh(wsi);
	return 0;
}

static int
linger_writable(struct libwebsocket *wsi)
{
	return wsi->tx.queued ? 0 : flushed(wsi);
}

/*
 * Slow is fine, stuck is not: did the peer take anything since last time?
 * Asked every second, since nobody polls for us in a loop that is not ours.
 */
static int
linger_expired(struct libwebsocket *wsi, unsigned reason)
{
	struct lws_lingering *l = &wsi->u.lingering;
	size_t before = wsi->tx.queued;

	(void)reason;
	if (!before || lws_tx_flush(wsi) < 0)
		return LWS_ERR_TIMEOUT;
	if (!wsi->tx.queued)
		return flushed(wsi);
	l->stuck = wsi->tx.queued == l->queued ? l->stuck + 1 : 0;
	l->queued = wsi->tx.queued;
	if (l->stuck >= LWS_DRAIN_TIMEOUT)
		return LWS_ERR_TIMEOUT;
	arm(wsi, 1);
	return 0;
}

static const struct lws_stage_ops lingering = {
	.rx = linger_rx,
	.eof = linger_eof,
	.writable = linger_writable,
	.expired = linger_expired,
};

void
lws_linger(struct libwebsocket *wsi)
{
	wsi->stage = &lingering;
	if (wsi->stream.fd < 0 || lws_tx_flush(wsi) < 0 ||
	    wsi->loop->destroying || (!wsi->tx.queued && flushed(wsi) < 0)) {
		lws_wsi_bury_later(wsi);
		return;
	}
	if (wsi->tx.queued) {
		wsi->u.lingering.queued = wsi->tx.queued;
		arm(wsi, 1);
	}
	lws_list_add(&wsi->loop->lingering, &wsi->peers);
	/* that the peer has finished may have been read already */
	lws_rx_resume(wsi);
}
