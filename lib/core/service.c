/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * core/service.c - a descriptor became ready; the public service calls.
 *
 * The one place where "no" from any function below becomes the end of a
 * connection.
 */
#include "core/service.h"

#include <poll.h>

#include "base/compiler.h"
#include "core/context.h"
#include "core/watch.h"
#include "core/wsi.h"

/* The socket takes output: what waits goes first, then the stage may add. */
static int
writable(struct libwebsocket *wsi)
{
	bool tail = wsi->flags & LWS_WSI_REFUSED;
	int rc;

	if (tail) {
		/* the peer has acknowledged something */
		wsi->flags |= LWS_WSI_HEARD;
		rc = lws_tx_flush(wsi);
		if (rc < 0 || wsi->flags & LWS_WSI_REFUSED)
			return rc;
	}
	if (!tail && !(wsi->flags & LWS_WSI_ASKED))
		return 0;
	wsi->flags &= ~(uint32_t)LWS_WSI_ASKED;
	lws_watch_refresh(wsi);
	return wsi->stage->writable ? wsi->stage->writable(wsi) : 0;
}

static inline int
serve(struct libwebsocket *wsi, short revents)
{
	int rc = 0;

	if (wsi->stage->ready)
		return wsi->stage->ready(wsi, revents);
	if (revents & POLLOUT)
		rc = writable(wsi);
	if (rc < 0)
		return rc;
	if (revents & POLLIN)
		return lws_rx_ready(wsi);
	return revents & (POLLERR | POLLHUP | POLLNVAL) ? LWS_ERR_CLOSED : 0;
}

/*
 * Under TLS readiness of one direction may be what the other waited for.  The
 * transport notes anew what it still lacks.
 */
static LWS_NOINLINE void
ready_tls(struct libwebsocket *wsi, short revents)
{
	const unsigned notes = wsi->stream.notes;
	int rc;

	if (notes & LWS_STREAM_RX_OUT && revents & POLLOUT)
		revents |= POLLIN;
	if (notes & LWS_STREAM_TX_IN && revents & POLLIN)
		revents |= POLLOUT;
	rc = serve(wsi, revents);
	if (rc < 0)
		lws_wsi_doom(wsi, rc);
	else if (notes != wsi->stream.notes)
		lws_watch_refresh(wsi);
}

void
lws_service_ready(struct libwebsocket *wsi, short revents)
{
	int rc;

	if (lws_unlikely(lws_stream_has_tls(&wsi->stream))) {
		ready_tls(wsi, revents);
		return;
	}
	rc = serve(wsi, revents);
	if (lws_unlikely(rc < 0))
		lws_wsi_doom(wsi, rc);
}

static int
work(struct libwebsocket *wsi)
{
	int rc = 0;

	if (wsi->flags & LWS_WSI_END_ASKED)
		return LWS_ERR_USER;
	if (lws_unlikely(wsi->stage->ready != NULL))
		return wsi->stage->ready(wsi, 0);
	if (wsi->flags & LWS_WSI_ASKED && !(wsi->flags & LWS_WSI_REFUSED))
		rc = writable(wsi);
	if (rc >= 0 && lws_rx_held(wsi))
		rc = lws_rx_unstash(wsi);
	if (rc >= 0 && lws_unlikely(lws_stream_has_tls(&wsi->stream)) &&
	    lws_rx_hidden(wsi))
		rc = lws_rx_ready(wsi);
	return rc;
}

void
lws_service_work(struct lws_loop *loop)
{
	struct lws_list now, *item;

	lws_list_init(&now);
	lws_list_move(&loop->work, &now);
	while ((item = lws_list_pop(&now))) {
		struct libwebsocket *wsi =
			lws_container_of(item, struct libwebsocket, work);
		int rc = work(wsi);

		if (rc < 0)
			lws_wsi_doom(wsi, rc);
	}
}

LWS_VISIBLE int
libwebsocket_service(struct libwebsocket_context *context, int timeout_ms)
{
	if (!context)
		return 1;
	return lws_loop_turn(context->loops, timeout_ms) < 0 ? -1 : 0;
}

LWS_VISIBLE int
lws_service_thread(struct libwebsocket_context *context, int timeout_ms,
		   unsigned int thread)
{
	if (!context)
		return 1;
	if (thread >= context->count_loops)
		return -1;
	return lws_loop_turn(&context->loops[thread], timeout_ms) < 0 ? -1 : 0;
}

/* Whose turn is it when @fd is ready?  NULL: it is nobody's. */
static struct lws_loop *
loop_of(struct libwebsocket_context *context, int fd)
{
	const struct libwebsocket *wsi = lws_fds_get(&context->fds, fd);
	unsigned n;

	if (wsi)
		return wsi->loop;
	for (n = 0; n < context->count_loops; n++)
		if (context->loops[n].mailbox.wake.read_fd == fd)
			return &context->loops[n];
	return NULL;
}

LWS_VISIBLE int
libwebsocket_service_fd(struct libwebsocket_context *context,
			struct libwebsocket_pollfd *pollfd)
{
	struct lws_loop *loop;
	short revents;

	if (!context)
		return 1;
	if (!pollfd) {
		lws_loop_turn_fd(lws_context_loop(context), -1, 0);
		return 0;
	}
	loop = loop_of(context, (int)pollfd->fd);
	if (!loop)
		return 0;
	revents = pollfd->revents;
	pollfd->revents = 0;
	return lws_loop_turn_fd(loop, (int)pollfd->fd, revents);
}
