/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * stage/stages.h - the stages, and how one leads to another.
 *
 *	listen -> request (-> upgrade-body) -> ws -> closing	a server
 *	          |  ^  ^
 *	          v  |  |
 *	        body file, answer
 *	connecting (-> proxy) -> handshake -> ws -> closing	a client
 *
 * Where extensions are active, extended stands in the place of ws.
 */
#ifndef LWS_STAGE_STAGES_H
#define LWS_STAGE_STAGES_H

#include "core/context.h"
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
extern const struct lws_stage_ops lws_stage_extended;
extern const struct lws_stage_ops lws_stage_closing;
extern const struct lws_stage_ops lws_stage_connecting;
extern const struct lws_stage_ops lws_stage_attempt;
extern const struct lws_stage_ops lws_stage_proxy;
extern const struct lws_stage_ops lws_stage_handshake;

/* ---- listen.c, server.c ---- */

/* Open what the creation info asks for; 0 or an enum lws_err, logged. */
int lws_server_open(struct libwebsocket_context *context,
		    struct lws_context_creation_info *info);

/*
 * A connection of the library's own in @stage, which nobody else sees, among
 * the listeners of @loop; NULL when out of memory, and @fd is closed.
 */
struct libwebsocket *lws_server_own(struct lws_loop *loop, int fd,
				    const struct lws_stage_ops *stage);

/* ---- drain.c ---- */

/* Begin to end everybody in good order, as lws_drain() has been told. */
void lws_drain_loop(struct lws_loop *loop);

/* Is the context to end?  Then nobody is to begin anything. */
static inline bool
lws_draining(const struct libwebsocket_context *context)
{
	return __atomic_load_n(&context->draining, __ATOMIC_ACQUIRE);
}

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

/*
 * The beginning of an answer, all that is the same in each of them; does a body
 * follow it?
 */
bool lws_http_head(const struct libwebsocket *wsi, struct lws_buf *out,
		   unsigned code, const char *type, uint64_t length);

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

/* WRITEABLE, after the Pong that is owed */
int lws_ws_writable(struct libwebsocket *wsi);

/*
 * A callback said that it is to end: LWS_ERR_USER, or 0 when an extension keeps
 * it, and all goes on as if nothing had been said.
 */
int lws_ws_refused(struct libwebsocket *wsi);

/* is it open, with or without extensions? */
static inline bool
lws_ws_stage(const struct libwebsocket *wsi)
{
	const uint32_t both = LWS_WSI_EXTENDED | LWS_WSI_OPEN;

	return lws_likely(wsi->stage == &lws_stage_ws) ||
	       (wsi->flags & both) == both;
}

/* Text must be UTF-8, and whole where its message ends. */
int lws_ws_check_text(struct libwebsocket *wsi, const struct lws_piece *piece);

/* Remember of the frame what the application may ask while it is delivered. */
static inline void
lws_ws_note_frame(struct libwebsocket *wsi, uint8_t bits, uint8_t kind)
{
	const uint32_t both = LWS_WSI_FINAL | LWS_WSI_BINARY;

	wsi->flags = (wsi->flags & ~both) |
		     (bits & LWS_FRAME_FIN ? LWS_WSI_FINAL : 0) |
		     (kind == LWS_OP_BINARY ? LWS_WSI_BINARY : 0);
}

/* ---- extended.c: agreeing on extensions, and telling them of things ---- */

struct lws_aside;

/* longest answer to what a client offers: bytes */
#define LWS_EXTENDED_ANSWER 512

/*
 * The context begins; then extensions are told, and told of its end, before
 * what is shared goes.  0 or negative after a line of log.
 */
int lws_extended_open(struct libwebsocket_context *context,
		      const struct lws_context_creation_info *info);
int lws_extended_announce(struct libwebsocket_context *context);
void lws_extended_withdraw(struct libwebsocket_context *context);
void lws_extended_close(struct libwebsocket_context *context);

/*
 * A server: what of the client's offers is accepted.  0 with the answer's text
 * in @answer, empty when there is none, and *@aside filled, NULL when none is
 * active, for lws_extended_begin() or _abandon(); LWS_ERR_PROTOCOL when the
 * list is against the grammar, LWS_ERR_NOMEM.
 */
int lws_extended_accept(struct libwebsocket *wsi, struct lws_buf *answer,
			struct lws_aside **aside);

/* May the answer go out as it is?  false when an extension has sent it. */
bool lws_extended_reply(struct libwebsocket *wsi,
			 const struct lws_aside *aside, struct lws_span head);

/* A client: its offers as a header line, and the room that wants. */
size_t lws_extended_offer_room(const struct libwebsocket *wsi);
void lws_extended_offer(struct libwebsocket *wsi, struct lws_buf *out);

/* What the server made of them, as above; else *@why says what is wrong. */
int lws_extended_confirm(struct libwebsocket *wsi,
			 struct lws_aside **aside, const char **why);

/*
 * Frames, as lws_ws_begin() has set them up, go through the chain of @aside,
 * which may be NULL and is taken.  Cannot fail: from there on it is open.
 */
void lws_extended_begin(struct libwebsocket *wsi, struct lws_aside *aside);
void lws_extended_abandon(struct lws_aside *aside);

/* It is open and the user knows; it is over and he knows, too. */
void lws_extended_established(struct libwebsocket *wsi);
void lws_extended_over(struct libwebsocket *wsi);

/* Before the Close frame: what extensions hold back goes out. */
void lws_extended_drain(struct libwebsocket *wsi);

/* Does an extension keep what the user wants to end? */
bool lws_extended_keeps(const struct libwebsocket *wsi);
void lws_extended_leave(struct libwebsocket *wsi);

/* A client is about to connect; true when an extension does that for it. */
bool lws_extended_connects(struct libwebsocket *wsi, const char *address,
			   int port);

/* ---- ws-extended.c: payload and bytes through extensions ---- */

/* Queue what the application writes; 0 or an enum lws_err. */
int lws_extended_write(struct libwebsocket *wsi, struct lws_span payload,
		       unsigned kind);

/* Input of a connection that is open or closing. */
int lws_extended_rx(struct libwebsocket *wsi, struct lws_span *in);

/*
 * The same to anywhere: @put is called for each frame it comes to, and its
 * negative results end that.
 */
typedef int(lws_frame_put)(struct libwebsocket *wsi,
			   struct lws_frame_spec *spec, struct lws_span payload,
			   void *arg);
int lws_extended_frames(struct libwebsocket *wsi, struct lws_span payload,
			unsigned kind, lws_frame_put *put, void *arg);

/* what is agreed on where only that decides how a message is sent, or NULL */
const struct lws_ext_config *
lws_extended_repeats(const struct libwebsocket *wsi);

/* Do any work below the frames?  Then they are shown each whole @frame. */
bool lws_extended_has_bytes(const struct libwebsocket *wsi);
int lws_extended_bytes(struct libwebsocket *wsi, struct lws_span frame);

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

	return lws_unlikely(rc) ? lws_ws_refused(wsi) : 0;
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

/* what few connections need */
struct lws_aside {
	struct lws_ext_chain *chain;	/* active extensions, or NULL */
	struct lws_list second;		/* in loop->seconds, or in none */
	size_t made;			/* output of extensions in this turn */
	bool more;			/* payload goes on behind ws.plain */
	bool sending;			/* they are called about what is sent */
	struct lws_control *control;	/* or NULL */
	struct lws_held *held;		/* broadcasts that have to wait */
};

/* NULL when out of memory */
struct lws_aside *lws_need_aside(struct libwebsocket *wsi);
void lws_control_leave(struct libwebsocket *wsi);

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

/* ---- ws-broadcast.c ---- */

/* lws_tx_frame.notes: why a connection is not sent what others are */
enum {
	LWS_TX_AMID = 1 << 0,	/* a message in fragments is under way */
	LWS_TX_PART = 1 << 1,	/* a frame written piecemeal is */
	LWS_TX_MUTED = 1 << 2	/* the application does not want it to */
};

/* ---- ws-news.c ---- */

struct lws_news;

/* Have the loop of another thread send it to those it serves. */
struct lws_news_mail {
	struct lws_mail mail;
	struct lws_news *news;
};

/* a message for all as the application gave it; read only, but for refs */
struct lws_news {
	size_t refs;		/* atomic */
	unsigned kind, protocol;
	struct lws_span payload;
	struct lws_news_mail mails[];
};

/*
 * A copy of @payload, with a reference for each of @mails, else with one;
 * NULL when out of memory.
 */
struct lws_news *lws_news_new(struct lws_span payload, unsigned kind,
			      unsigned mails);

/* Takes a reference back; NULL does nothing. */
void lws_news_unref(struct lws_news *news);

/* Have the loops of other threads @deliver a copy; 0 or LWS_ERR_NOMEM. */
int lws_news_send(const struct libwebsocket_protocols *protocol,
		  struct lws_span payload, unsigned kind,
		  void (*deliver)(struct lws_loop *, struct lws_mail *));

/* It goes to @wsi behind the message under way; 0 or an enum lws_err. */
int lws_news_hold(struct libwebsocket *wsi, struct lws_news *news);

/* What waited for that goes out; negative when the connection is failing. */
int lws_held_send(struct libwebsocket *wsi);
void lws_held_free(struct lws_aside *aside);

/* ---- ws-write.c ---- */

/*
 * Queue one data message, whole whatever the protocol says of partial output;
 * 0, or -1 when it cannot be carried or the connection is failing.
 */
int lws_ws_whole(struct libwebsocket *wsi, struct lws_span payload,
		 unsigned kind);

/* The library cannot go on with it because of @rc; -1. */
int lws_ws_failed(struct libwebsocket *wsi, int rc);

/* enum libwebsocket_write_protocol to opcode, up to LWS_WRITE_PONG */
uint8_t lws_ws_opcode(unsigned kind);

/* Queue one data frame, masked if need be; @kind as the application gave it. */
int lws_ws_data_frame(struct libwebsocket *wsi, struct lws_frame_spec *spec,
		      struct lws_span payload, unsigned kind);

/* Queue one frame of at most LWS_CONTROL_MAX bytes. */
int lws_ws_control_frame(struct libwebsocket *wsi, enum lws_opcode opcode,
			 struct lws_span payload);

/* Queue a Close that says @code, as far as the version can. */
int lws_ws_close_frame(struct libwebsocket *wsi, uint16_t code);

/* ---- ws-closing.c ---- */

/* Our Close is queued: wait for the peer's. */
void lws_closing_begin(struct libwebsocket *wsi);

/* The next frame of those that are thrown away until it comes. */
int lws_closing_frame(struct libwebsocket *wsi, struct lws_span *in);

#endif
