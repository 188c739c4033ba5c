/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * stage/ws-closing.c - our Close is sent, its answer awaited (RFC 6455
 * section 7.1).  What else still comes is thrown away.
 */
#include "stage/stages.h"

#include "core/context.h"
#include "core/handle.h"
#include "core/watch.h"

void
lws_closing_begin(struct libwebsocket *wsi)
{
	libwebsocket_set_timeout(wsi, PENDING_TIMEOUT_CLOSE_ACK,
				 LWS_CLOSE_TIMEOUT);
	wsi->stage = &lws_stage_closing;
	wsi->flags &= ~(uint32_t)(LWS_WSI_OPEN | LWS_WSI_STOPPED);
	wsi->flags |= LWS_WSI_CLOSE_SENT;
	lws_handle_retire(wsi);
	lws_ws_linger(wsi);
	lws_rx_resume(wsi);
}

int
lws_closing_frame(struct libwebsocket *wsi, struct lws_span *in)
{
	struct lws_ws *ws = &wsi->u.ws;
	struct lws_piece piece;
	int rc;

	if (ws->plain) {
		ws->plain -= (uint32_t)lws_span_take(in, ws->plain).len;
		return 0;
	}
	rc = ws->framer->next(&ws->rx, in, &piece);
	if (rc <= 0)
		return rc;
	return piece.opcode & LWS_OP_CONTROL ? lws_control_rx(wsi, &piece) : 0;
}

static int
closing_rx(struct libwebsocket *wsi, struct lws_span *in)
{
	return wsi->flags & LWS_WSI_EXTENDED ? lws_extended_rx(wsi, in)
					     : lws_closing_frame(wsi, in);
}

static int
closing_expired(struct libwebsocket *wsi, unsigned reason)
{
	(void)reason;
	lwsl_info("the peer did not answer our Close\n");
	wsi->flags &= ~(uint32_t)LWS_WSI_LINGER;
	return LWS_ERR_TIMEOUT;
}

const struct lws_stage_ops lws_stage_closing = {
	.rx = closing_rx,
	.expired = closing_expired,
	.over = lws_ws_over,
	.leave = lws_ws_leave,
};

LWS_VISIBLE void
libwebsocket_close_and_free_session(struct libwebsocket_context *context,
				    struct libwebsocket *wsi,
				    enum lws_close_status status)
{
	(void)context;
	if (wsi->flags & LWS_WSI_DOOMED)
		return;
	lws_stay_forget(wsi);
	if (status == LWS_CLOSE_STATUS_NOSTATUS ||
	    !(wsi->flags & LWS_WSI_OPEN)) {
		lws_wsi_doom(wsi, LWS_ERR_CLOSED);
		lws_loop_settle(wsi->loop);
		return;
	}
	if (lws_ws_close_frame(wsi, (uint16_t)status) < 0) {
		lws_wsi_fail(wsi);
		return;
	}
	lws_closing_begin(wsi);
}

LWS_VISIBLE void
libwebsockets_hangup_on_client(struct libwebsocket_context *context, int fd)
{
	struct libwebsocket *wsi = lws_fds_get(&context->fds, fd);

	if (!wsi || wsi->flags & LWS_WSI_INTERNAL) {
		if (!wsi && fd >= 0)
			lws_plat_close(fd);
		return;
	}
	lws_stay_forget(wsi);
	lws_wsi_doom(wsi, LWS_ERR_CLOSED);
	lws_loop_settle(wsi->loop);
}
