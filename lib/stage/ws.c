/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * stage/ws.c - established: pieces in, messages out.
 *
 * Payload is unmasked and checked where it lies; ws.plain counts how much of
 * the front of the input that is true for.  So a flow that the user stops in
 * the middle of a frame is held like any other input and taken up again.
 */
#include "stage/stages.h"

#include "base/compiler.h"
#include "core/context.h"
#include "core/share.h"
#include "core/user.h"
#include "core/watch.h"
#include "ws/close.h"
#include "ws/utf8.h"

int
lws_ws_check_text(struct libwebsocket *wsi, const struct lws_piece *piece)
{
	struct lws_ws *ws = &wsi->u.ws;
	int rc;

	if (wsi->flags & LWS_WSI_SKIP_UTF8)
		return 0;
	rc = lws_utf8_check(&ws->utf8, piece->data.p, piece->data.len);
	if (lws_unlikely(rc < 0))
		return rc;
	if (piece->bits & LWS_FRAME_FIN && !piece->left &&
	    lws_unlikely(ws->utf8 != LWS_UTF8_ACCEPT))
		return LWS_ERR_TEXT;
	return 0;
}

/*
 * The next piece.  Of a frame that is not whole, or larger than a chunk, the
 * payload goes back to the front of @in, plain.
 */
static inline int
next_piece(struct libwebsocket *wsi, struct lws_span *in)
{
	struct lws_ws *ws = &wsi->u.ws;
	struct lws_piece piece;
	int rc = ws->framer->next(&ws->rx, in, &piece);

	if (lws_unlikely(rc <= 0))
		return rc;
	if (lws_unlikely(piece.opcode & LWS_OP_CONTROL))
		return lws_control_rx(wsi, &piece);
	if (piece.kind == LWS_OP_TEXT) {
		rc = lws_ws_check_text(wsi, &piece);
		if (lws_unlikely(rc < 0))
			return rc;
	}
	lws_ws_note_frame(wsi, piece.bits, piece.kind);
	if (lws_unlikely(wsi->flags & LWS_WSI_WHOLE))
		return lws_message_collect(wsi, &piece);
	if (lws_unlikely(!piece.data.len))
		return lws_message_empty(wsi);
	if (lws_likely(!piece.left && !ws->u.part &&
		       piece.data.len <= lws_message_size(wsi)))
		return lws_message_give(wsi, piece.data);
	in->p -= piece.data.len;
	in->len += piece.data.len;
	ws->plain = (uint32_t)piece.data.len;
	return 0;
}

static int
ws_rx(struct libwebsocket *wsi, struct lws_span *in)
{
	int rc;

	do {
		rc = lws_unlikely(wsi->u.ws.plain) ? lws_message_chunk(wsi, in)
						   : next_piece(wsi, in);
		if (lws_unlikely(rc < 0))
			return rc;
	} while (in->len && (wsi->flags & (LWS_WSI_OPEN | LWS_WSI_STOPPED)) ==
				    LWS_WSI_OPEN);
	return 0;
}

/* What has failed cannot be kept, nor what was closed while the user ran. */
int
lws_ws_refused(struct libwebsocket *wsi)
{
	if (wsi->flags & LWS_WSI_OPEN && !(wsi->flags & LWS_WSI_END_ASKED) &&
	    lws_extended_keeps(wsi))
		return 0;
	return LWS_ERR_USER;
}

int
lws_ws_writable(struct libwebsocket *wsi)
{
	int rc = lws_control_writable(wsi);

	if (rc < 0)
		return rc;
	return lws_user(wsi,
			wsi->flags & LWS_WSI_CLIENT
				? LWS_CALLBACK_CLIENT_WRITEABLE
				: LWS_CALLBACK_SERVER_WRITEABLE,
			NULL, 0)
		       ? lws_ws_refused(wsi)
		       : 0;
}

int
lws_ws_begin(struct libwebsocket *wsi, const struct lws_wire *wire,
	     struct lws_span key, struct lws_span nonce)
{
	const struct libwebsocket_context *context = lws_context_of(wsi);
	const struct lws_wire_keys keys = {
		.key = key,
		.nonce = nonce,
		.client = wsi->flags & LWS_WSI_CLIENT,
		.bare_ok =
			context->options & LWS_SERVER_OPTION_DEFEAT_CLIENT_MASK,
	};
	const struct lws_ping_times times = lws_client_ping_times(wsi);
	struct lws_ws *ws = &wsi->u.ws;
	struct lws_rx_frame rx = { 0 };
	struct lws_tx_frame tx = { 0 };
	int rc = wire->framer->init(&rx, &tx, &keys);

	if (rc >= 0 && wire->framer->pings)
		rc = lws_keepalive_begin(wsi, &times);
	if (rc < 0) {
		if (wire->framer->fini)
			wire->framer->fini(&rx, &tx);
		return rc;
	}
	libwebsocket_set_timeout(wsi, NO_PENDING_TIMEOUT, 0);
	lws_wsi_enter(wsi, &lws_stage_ws);
	ws->framer = wire->framer;
	ws->rx = rx;
	ws->tx = tx;
	if (context->options & LWS_SERVER_OPTION_SKIP_UTF8_CHECK ||
	    !ws->framer->check_text)
		wsi->flags |= LWS_WSI_SKIP_UTF8;
	if (wsi->protocol->no_buffer_all_partial_tx)
		wsi->flags |= LWS_WSI_PARTIAL_TX;
	if (wsi->protocol->max_message_size)
		wsi->flags |= LWS_WSI_WHOLE;
	if (lws_masking(&ws->tx) || ws->framer->tail || !ws->framer->short_form)
		wsi->flags |= LWS_WSI_SHAPED_TX;
	wsi->flags |= LWS_WSI_OPEN;
	lws_share_changes(wsi->loop);
	if (wsi->flags & LWS_WSI_ASKED)
		lws_watch_ask(wsi);
	return 0;
}

/* the code of the Close that ends a connection because of @rc, 0: no Close */
static uint16_t
code_for(const struct libwebsocket *wsi, int rc)
{
	if (wsi->flags & (LWS_WSI_CLOSE_SENT | LWS_WSI_END_ASKED))
		return 0;
	if (wsi->loop->destroying)
		return LWS_CLOSE_STATUS_GOINGAWAY;
	if (rc == LWS_ERR_CLOSED || rc == LWS_ERR_IO)
		return 0;
	/* who cannot be told why is dropped */
	if (!wsi->u.ws.framer->close_coded &&
	    (rc == LWS_ERR_PROTOCOL || rc == LWS_ERR_LIMIT))
		return 0;
	return lws_close_code_for(rc);
}

/*
 * Once our Close is out, wait for the peer to finish.  The first FIN is the
 * server's (RFC 6455 section 7.1.1): peers that get the client's before they
 * have read its Close see the connection break.
 */
void
lws_ws_linger(struct libwebsocket *wsi)
{
	wsi->flags |= LWS_WSI_LINGER;
	if (!(wsi->flags & LWS_WSI_CLIENT))
		wsi->flags |= LWS_WSI_HALF_CLOSE;
}

void
lws_ws_over(struct libwebsocket *wsi, int rc)
{
	uint16_t code = code_for(wsi, rc);

	lws_share_close(wsi);
	if (!(wsi->flags & LWS_WSI_CLOSE_SENT))
		lws_extended_drain(wsi);
	if (code) {
		lws_ws_close_frame(wsi, code);
		lws_ws_linger(wsi);
	}
	/* the user is told that it is over, not asked for last words */
	wsi->flags &= ~(uint32_t)LWS_WSI_OPEN;
	lws_user(wsi, LWS_CALLBACK_CLOSED, NULL, 0);
	lws_extended_over(wsi);
	lws_stay_over(wsi, rc, NULL);
}

LWS_VISIBLE int
libwebsocket_is_final_fragment(struct libwebsocket *wsi)
{
	return !!(wsi->flags & LWS_WSI_FINAL);
}

LWS_VISIBLE int
lws_frame_is_binary(struct libwebsocket *wsi)
{
	return !!(wsi->flags & LWS_WSI_BINARY);
}

const struct lws_stage_ops lws_stage_ws = {
	.rx = ws_rx,
	.writable = lws_ws_writable,
	.over = lws_ws_over,
	.leave = lws_ws_leave,
};
