/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * stage/stages.h - the stages, and how one leads to another.
 *
 *	listen -> request (-> upgrade-body) -> ws -> closing	a server
 *	          |  ^  ^
 *	          v  |  |
 *	        body file, answer
 *	connecting (-> proxy) -> handshake -> ws -> closing	a client
 */
#ifndef LWS_STAGE_STAGES_H
#define LWS_STAGE_STAGES_H

#include "core/user.h"
#include "core/wsi.h"
#include "ws/wire.h"

extern const struct lws_stage_ops lws_stage_listen;
extern const struct lws_stage_ops lws_stage_tls_accept;
extern const struct lws_stage_ops lws_stage_request;
extern const struct lws_stage_ops lws_stage_body;
extern const struct lws_stage_ops lws_stage_answer;
extern const struct lws_stage_ops lws_stage_file;
extern const struct lws_stage_ops lws_stage_upgrade_body;
extern const struct lws_stage_ops lws_stage_ws;
extern const struct lws_stage_ops lws_stage_closing;
extern const struct lws_stage_ops lws_stage_connecting;
extern const struct lws_stage_ops lws_stage_attempt;
extern const struct lws_stage_ops lws_stage_proxy;
extern const struct lws_stage_ops lws_stage_handshake;

/* ---- listen.c, server.c ---- */

/* Open what the creation info asks for; 0 or an enum lws_err, logged. */
int lws_server_open(struct libwebsocket_context *context,
		    struct lws_context_creation_info *info);

/* ---- what the HTTP stages share: http-request.c ---- */

/* most of a body that is thrown away unread before it is refused: bytes */
#define LWS_HTTP_QUIET_MAX (64 * 1024)

/* The whole request is in: tell the user, and see what he makes of it. */
int lws_http_deliver(struct libwebsocket *wsi);

/* A callback returned 0 and no body is left: keep, go on, or close. */
int lws_http_after(struct libwebsocket *wsi);

/* Be ready for the next request of the connection. */
void lws_http_next(struct libwebsocket *wsi);

/* CLOSED_HTTP where it is owed; the response is given time to arrive. */
void lws_http_over(struct libwebsocket *wsi, int rc);
void lws_http_leave(struct libwebsocket *wsi);

/* The peer sends no more but may still read. */
int lws_http_eof(struct libwebsocket *wsi);
int lws_http_writable(struct libwebsocket *wsi);

/* is this one of the stages that use wsi->u.http? */
bool lws_http_stage(const struct libwebsocket *wsi);

/* ---- http-reply.c ---- */

/* rx() while an answer is made: pipelined requests are held until then. */
int lws_http_hold(struct libwebsocket *wsi, struct lws_span *in);

/*
 * Refuse with a status and close; @fields are further lines or NULL.  The
 * result is negative, to be given up.
 */
int lws_http_refuse(struct libwebsocket *wsi, unsigned status,
		    const char *fields);

/* ---- upgrade.c ---- */

/* A request that asks for WebSocket: answer it one way or the other. */
int lws_upgrade(struct libwebsocket *wsi, const struct lws_http_head *head);

/* The same, once all of it is there and good. */
int lws_upgrade_whole(struct libwebsocket *wsi);

/* ---- upgrade-body.c ---- */

/* Collect @need bytes behind the head, then lws_upgrade_whole(). */
int lws_upgrade_body(struct libwebsocket *wsi, uint8_t need);

/* ---- ws.c ---- */

/*
 * Frames from here on; 0, or an enum lws_err and the stage is as it was.  @key
 * and @nonce are the values of both heads, for versions that mask with them.
 */
int lws_ws_begin(struct libwebsocket *wsi, const struct lws_wire *wire,
		 struct lws_span key, struct lws_span nonce);
void lws_ws_over(struct libwebsocket *wsi, int rc);

/* Our Close is on its way: give the peer time to finish. */
void lws_ws_linger(struct libwebsocket *wsi);
void lws_ws_leave(struct libwebsocket *wsi);

/* ---- ws-message.c ---- */

/* largest chunk its protocol takes: bytes */
static inline size_t
lws_message_size(const struct libwebsocket *wsi)
{
	size_t size = wsi->protocol->rx_buffer_size;

	return size ? size : MAX_USER_RX_BUFFER;
}

/* Deliver one chunk. */
static inline int
lws_message_give(struct libwebsocket *wsi, struct lws_span chunk)
{
	int rc = lws_user_rx(wsi,
			     wsi->flags & LWS_WSI_CLIENT
				     ? LWS_CALLBACK_CLIENT_RECEIVE
				     : LWS_CALLBACK_RECEIVE,
			     chunk.p, chunk.len);

	return lws_unlikely(rc) ? LWS_ERR_USER : 0;
}

/* The payload that lies unmasked at the front of @in, one chunk of it. */
int lws_message_chunk(struct libwebsocket *wsi, struct lws_span *in);

/*
 * A piece of a message that is to be delivered whole: gathered, or delivered
 * with what was.  LWS_ERR_LIMIT as soon as a header shows that it is too long.
 */
int lws_message_collect(struct libwebsocket *wsi,
			const struct lws_piece *piece);

/* A frame without payload, or the end of one whose payload is given already. */
int lws_message_empty(struct libwebsocket *wsi);

/* ---- client-stay.c ---- */

/* It is over because of @rc; who stays connected is told when he will be. */
void lws_stay_over(struct libwebsocket *wsi, int rc, const char *why);

/* Its end is the application's wish. */
void lws_stay_forget(struct libwebsocket *wsi);

/* It is open: what failed before counts no longer. */
void lws_stay_open(struct libwebsocket *wsi);

/* No attempt will follow. */
void lws_stay_forget_all(struct lws_loop *loop);

/* ---- ws-control.c ---- */

int lws_control_rx(struct libwebsocket *wsi, const struct lws_piece *piece);

/* Output flows again: the Pong that is owed. */
int lws_control_writable(struct libwebsocket *wsi);

/* payload still to come of a frame written piecemeal; 0 or LWS_ERR_NOMEM */
uint64_t lws_control_tx_left(const struct libwebsocket *wsi);
int lws_control_set_tx_left(struct libwebsocket *wsi, uint64_t left);

/* ---- ws-keepalive.c ---- */

/* How to see to it that the peer is there: ms, 0 is never. */
struct lws_ping_times {
	unsigned interval, timeout;
};

/* what a client asked for, or the context has */
struct lws_ping_times lws_client_ping_times(const struct libwebsocket *wsi);

/* Begin or not, as @times has it; 0 or LWS_ERR_NOMEM. */
int lws_keepalive_begin(struct libwebsocket *wsi,
			const struct lws_ping_times *times);
void lws_keepalive_end(struct libwebsocket *wsi);

/* A Pong: is it the answer to one of our Pings? */
bool lws_keepalive_pong(struct libwebsocket *wsi, struct lws_span payload);

/* ---- ws-write.c ---- */

/* Queue one frame of at most LWS_CONTROL_MAX bytes. */
int lws_ws_control_frame(struct libwebsocket *wsi, enum lws_opcode opcode,
			 struct lws_span payload);

/* Queue a Close that says @code, as far as the version can. */
int lws_ws_close_frame(struct libwebsocket *wsi, uint16_t code);

/* ---- ws-closing.c ---- */

/* Our Close is queued: wait for the peer's. */
void lws_closing_begin(struct libwebsocket *wsi);

#endif
