/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * stage/ws-control.c - Ping, Pong and Close received (RFC 6455 section 5.5).
 */
#include "stage/stages.h"

#include "base/alloc.h"
#include "core/user.h"

/*
 * What few connections need, and those seldom: a control frame cut by the end
 * of a read, a Pong that is owed, the rest of a frame written piecemeal.
 */
struct lws_control {
	uint64_t tx_left;
	uint8_t have;
	uint8_t pong_len;
	bool pong;
	uint8_t data[LWS_RX_LEAD + LWS_CONTROL_MAX + LWS_RX_SLACK];
	uint8_t pong_data[LWS_CONTROL_MAX];
};

struct lws_aside *
lws_need_aside(struct libwebsocket *wsi)
{
	if (!wsi->u.ws.aside)
		wsi->u.ws.aside = lws_zalloc(sizeof(struct lws_aside));
	return wsi->u.ws.aside;
}

static struct lws_control *
control_of(const struct libwebsocket *wsi)
{
	return wsi->u.ws.aside ? wsi->u.ws.aside->control : NULL;
}

static struct lws_control *
need_control(struct libwebsocket *wsi)
{
	struct lws_aside *aside = lws_need_aside(wsi);

	if (aside && !aside->control)
		aside->control = lws_zalloc(sizeof(struct lws_control));
	return aside ? aside->control : NULL;
}

static void
drop_control(struct libwebsocket *wsi)
{
	struct lws_control *c = control_of(wsi);

	if (!c || c->pong || c->have || c->tx_left)
		return;
	lws_free(c);
	wsi->u.ws.aside->control = NULL;
	if (wsi->u.ws.aside->chain || wsi->u.ws.aside->held)
		return;
	lws_free(wsi->u.ws.aside);
	wsi->u.ws.aside = NULL;
}

void
lws_control_leave(struct libwebsocket *wsi)
{
	if (!wsi->u.ws.aside)
		return;
	lws_held_free(wsi->u.ws.aside);
	lws_free(wsi->u.ws.aside->control);
	lws_free(wsi->u.ws.aside);
	wsi->u.ws.aside = NULL;
}

/* The socket takes nothing now: of several Pings the latest is answered. */
static int
owe_pong(struct libwebsocket *wsi, struct lws_span payload)
{
	struct lws_control *c = need_control(wsi);

	if (!c)
		return LWS_ERR_NOMEM;
	memcpy(c->pong_data, payload.p, payload.len);
	c->pong_len = (uint8_t)payload.len;
	c->pong = true;
	return 0;
}

static int
ping(struct libwebsocket *wsi, struct lws_span payload)
{
	if (wsi->flags & LWS_WSI_CLOSE_SENT)
		return 0;
	if (wsi->flags & LWS_WSI_REFUSED || lws_control_tx_left(wsi))
		return owe_pong(wsi, payload);
	return lws_ws_control_frame(wsi, LWS_OP_PONG, payload);
}

static int
pong(struct libwebsocket *wsi, struct lws_span payload)
{
	if (wsi->flags & LWS_WSI_PINGED && lws_keepalive_pong(wsi, payload))
		return 0;
	if (!(wsi->flags & LWS_WSI_CLIENT) || !(wsi->flags & LWS_WSI_OPEN))
		return 0;
	return lws_user_rx(wsi, LWS_CALLBACK_CLIENT_RECEIVE_PONG, payload.p,
			   payload.len)
		       ? lws_ws_refused(wsi)
		       : 0;
}

/*
 * The peer says goodbye: answer in kind, then it is over.  A server closes at
 * once; a client leaves that to the server for a second.
 */
static int
goodbye(struct libwebsocket *wsi, struct lws_span payload)
{
	struct lws_span reason;
	uint16_t code;
	const struct lws_framer_ops *framer = wsi->u.ws.framer;
	int rc = framer->close_parse(payload, &code, &reason);

	if (rc < 0)
		return rc;
	lwsl_info("peer closes, status %u\n", code);
	if (!(wsi->flags & LWS_WSI_CLOSE_SENT)) {
		lws_extended_drain(wsi);
		rc = framer->close_echoed
			     ? lws_ws_control_frame(wsi, LWS_OP_CLOSE, payload)
			     : lws_ws_close_frame(wsi, code);
	}
	wsi->flags |= LWS_WSI_CLOSE_SENT;
	wsi->flags &= ~(uint32_t)(LWS_WSI_LINGER | LWS_WSI_HALF_CLOSE);
	if (wsi->flags & LWS_WSI_CLIENT)
		wsi->flags |= LWS_WSI_LINGER;
	return rc < 0 ? rc : LWS_ERR_CLOSED;
}

static int
act(struct libwebsocket *wsi, uint8_t opcode, struct lws_span payload)
{
	if (opcode == LWS_OP_PING)
		return ping(wsi, payload);
	if (opcode == LWS_OP_PONG)
		return pong(wsi, payload);
	return goodbye(wsi, payload);
}

/* The framer has seen to it that there are at most LWS_CONTROL_MAX bytes. */
static int
collect(struct libwebsocket *wsi, const struct lws_piece *piece)
{
	struct lws_control *c = need_control(wsi);
	struct lws_span payload;
	int rc;

	if (!c)
		return LWS_ERR_NOMEM;
	memcpy(c->data + LWS_RX_LEAD + c->have, piece->data.p, piece->data.len);
	c->have = (uint8_t)(c->have + piece->data.len);
	if (piece->left)
		return 0;
	payload = lws_span(c->data + LWS_RX_LEAD, c->have);
	rc = act(wsi, piece->opcode, payload);
	c->have = 0;
	drop_control(wsi);
	return rc;
}

int
lws_control_rx(struct libwebsocket *wsi, const struct lws_piece *piece)
{
	uint8_t nothing[LWS_RX_LEAD + LWS_RX_SLACK] = { 0 };
	const struct lws_control *c = control_of(wsi);

	if (piece->left || (c && c->have))
		return collect(wsi, piece);
	if (!piece->data.len)
		return act(wsi, piece->opcode,
			   lws_span(nothing + LWS_RX_LEAD, 0));
	return act(wsi, piece->opcode, piece->data);
}

int
lws_control_writable(struct libwebsocket *wsi)
{
	struct lws_control *c = control_of(wsi);
	int rc;

	if (!c || !c->pong || c->tx_left)
		return 0;
	c->pong = false;
	rc = lws_ws_control_frame(wsi, LWS_OP_PONG,
				  lws_span(c->pong_data, c->pong_len));
	drop_control(wsi);
	return rc;
}

uint64_t
lws_control_tx_left(const struct libwebsocket *wsi)
{
	const struct lws_control *c = control_of(wsi);

	return c ? c->tx_left : 0;
}

int
lws_control_set_tx_left(struct libwebsocket *wsi, uint64_t left)
{
	struct lws_control *c = left ? need_control(wsi) : control_of(wsi);

	if (!c)
		return left ? LWS_ERR_NOMEM : 0;
	c->tx_left = left;
	drop_control(wsi);
	return 0;
}
