/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * core/wsi.h - a connection.
 *
 * Small on purpose: a server holds a hundred thousand of them idle.  What a
 * handshake, a message in flight or a slow peer needs hangs from here only
 * while it lasts.
 */
#ifndef LWS_CORE_WSI_H
#define LWS_CORE_WSI_H

#include "libwebsockets.h"
#include "base/compiler.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/list.h"
#include "base/wheel.h"
#include "core/loop.h"
#include "core/stage.h"
#include "core/tx.h"
#include "http/http.h"
#include "net/stream.h"
#include "ws/framer.h"

struct lws_aside;
struct lws_dial;
struct lws_part;
struct lws_stash;

/*
 * struct libwebsocket.flags; what the build has no part for is 0, so that the
 * compiler sees that it is never set.
 */
enum {
	LWS_WSI_CLIENT = LWS_BUILT_CLIENT << 0,		/* we connected */
	LWS_WSI_OPEN = 1 << 1,		/* ws established, data may be sent */
	LWS_WSI_ASKED = 1 << 2,		/* wants to hear it is writable */
	LWS_WSI_REFUSED = 1 << 3,	/* the socket took no more output */
	LWS_WSI_STOPPED = 1 << 4,	/* the user has stopped the flow */
	LWS_WSI_IN_CALLBACK = 1 << 5,	/* the user's callback is running */
	LWS_WSI_END_ASKED = 1 << 6,	/* to be doomed once it returns */
	LWS_WSI_DOOMED = 1 << 7,	/* its user has been told it is over */
	LWS_WSI_ANNOUNCED = 1 << 8,	/* protocol 0 knows the descriptor */
	LWS_WSI_CREATED = 1 << 9,	/* WSI_CREATE was delivered */
	LWS_WSI_HTTP_TOLD = 1 << 10,	/* CLOSED_HTTP is owed */
	LWS_WSI_OWN_SPACE = 1 << 11,	/* user_space is ours to free */
	LWS_WSI_PEER_EOF = 1 << 12,	/* nothing more will be read */
	LWS_WSI_CONNECTING = LWS_BUILT_CLIENT << 13,	/* POLLOUT: it is */
	LWS_WSI_LINGER = 1 << 14,	/* wait for the peer to finish */
	LWS_WSI_HALF_CLOSE = 1 << 15,	/* and tell it that we have */
	LWS_WSI_BINARY = 1 << 16,	/* the message being received is */
	LWS_WSI_FINAL = 1 << 17,	/* the frame being received has FIN */
	LWS_WSI_SKIP_UTF8 = 1 << 18,	/* text is passed on unchecked */
	LWS_WSI_CLOSE_SENT = 1 << 19,	/* our Close frame is queued or gone */
	LWS_WSI_PARTIAL_TX = 1 << 20,	/* no_buffer_all_partial_tx */
	LWS_WSI_WHOLE = 1 << 24,	/* messages are delivered whole */
	LWS_WSI_HEADERS = 1 << 23,	/* u begins with a header block */
	LWS_WSI_SHAPED_TX = 1 << 21,	/* frames are more than a short head */
	LWS_WSI_INTERNAL = 1 << 22,	/* a listener or attempt, nobody
					 * sees it */
	LWS_WSI_HOLDS = 1 << 25,	/* its stage holds input, or wants to
					 * go on with it in the next turn */
	LWS_WSI_EXTENDED = LWS_BUILT_EXTENSIONS << 26,	/* they are active */
	LWS_WSI_STAYS = LWS_BUILT_CLIENT << 27,	/* is made anew at its end */
	LWS_WSI_HEARD = 1 << 28,	/* the peer showed a sign of life */
	LWS_WSI_PINGED = 1 << 29,	/* it is kept alive by our Pings */
	LWS_WSI_ATTEMPT = LWS_BUILT_CLIENT << 30	/* a socket beside a
							 * connection's */
};

/* an HTTP request being collected or answered */
struct lws_http {
	struct lws_block *block;	/* the headers: always first */
	uint64_t body_left;	/* of a body with a length */
	uint64_t file_left;	/* of a file being sent */
	struct lws_chunked chunked;
	int file;		/* being sent, or -1 */
	uint8_t method;		/* enum lws_http_method */
	uint8_t minor;		/* of the request's HTTP/1.x */
	bool keep_alive;
	bool is_chunked;	/* the body is */
	bool has_body;		/* and is still to come */
	bool quiet;		/* throw the body away, then answer */
	bool expect;		/* 100-continue is waited for */
	bool answered;		/* the application has written something */
	bool head_sent;		/* the answer's; all there is to HEAD */
	bool tail_only;		/* done but for output the socket refused */
	bool served;		/* requests before this one */
};

/* what a client wants, from the call until it is established */
struct lws_client_request;

struct lws_client {
	struct lws_block *block;	/* of the answer: always first */
	struct lws_client_request *request;
	struct lws_dial *dial;		/* until TCP is connected */
};

/* one of several sockets on their way for a client */
struct lws_attempt {
	struct lws_dial *dial;
	struct lws_list link;		/* lws_dial.attempts */
	size_t which;			/* the address it goes to */
};

/* an established connection */
struct lws_ws {
	union {
		struct lws_block *block;	/* until ESTABLISHED is over */
		struct lws_part *part;	/* a chunk cut by the end of a read */
	} u;
	const struct lws_framer_ops *framer;
	struct lws_rx_frame rx;
	struct lws_tx_frame tx;
	struct lws_aside *aside;	/* what few connections need */
	uint32_t plain;		/* payload at the front of the input that is
				 * unmasked and checked already */
	uint32_t utf8;
};

/* what is left after the end */
struct lws_lingering {
	size_t queued;		/* when it was last looked at */
	size_t discarded;	/* input since */
	unsigned stuck;		/* seconds without progress */
};

struct lws_listener {
	bool resting;		/* out of descriptors: asleep for a second */
	bool warned;
};

struct libwebsocket {
	/* hot: one cache line, all that waking up needs */
	struct lws_stream stream;
	const struct lws_stage_ops *stage;
	struct lws_loop *loop;
	const struct libwebsocket_protocols *protocol;
	void *user_space;
	uint32_t flags;
	uint32_t slot;		/* the event backend's note */
	/* warm */
	struct lws_tx tx;
	/* one lifetime at a time; LWS_WSI_HEADERS: it begins with the block */
	union {
		struct lws_block *block;
		struct lws_http http;
		struct lws_client client;
		struct lws_attempt attempt;
		struct lws_ws ws;
		struct lws_listener listener;
		struct lws_lingering lingering;
	} u;
	struct lws_list work;	/* serve without waiting */
	struct lws_list flush;	/* output waits, or it is to be buried */
	struct lws_timer timer;
	struct lws_list peers;	/* members of the same protocol */
	struct lws_stash *stash;	/* input that nobody takes now */
};

/*
 * A new connection in @stage on @fd (-1: none yet), a member of @protocol, or
 * NULL when out of memory.  Delivers nothing.
 */
struct libwebsocket *lws_wsi_new(struct lws_loop *loop, int fd,
				 const struct lws_stage_ops *stage,
				 const struct libwebsocket_protocols *protocol);

/* TCP_NODELAY, and keepalive as the context wants it, for a connection's fd. */
void lws_wsi_tune_socket(const struct libwebsocket_context *context, int fd);

/* Free one that was never announced to anybody; closes its fd. */
void lws_wsi_discard(struct libwebsocket *wsi);

/*
 * Leave the stage it is in and begin @stage with wsi->u all zero but for the
 * headers, which stay until they are dropped.
 */
void lws_wsi_enter(struct libwebsocket *wsi, const struct lws_stage_ops *stage);

/* Make it a member of @protocol instead. */
void lws_wsi_bind(struct libwebsocket *wsi,
		  const struct libwebsocket_protocols *protocol);

/*
 * End the connection because of @rc: last callbacks now, its memory and fd at
 * the end of the turn, or later when output or the peer is waited for.  From
 * inside its own callback it happens when that returns.
 */
void lws_wsi_doom(struct libwebsocket *wsi, int rc);

/* End it soon, from a place that cannot give an error up. */
void lws_wsi_fail(struct libwebsocket *wsi);

/* Free it at the end of the turn; nobody is told. */
void lws_wsi_bury_later(struct libwebsocket *wsi);

/* Free everything doomed. */
void lws_wsi_bury_all(struct lws_loop *loop);

/* zeroed user space of its protocol's size; 0 or LWS_ERR_NOMEM */
int lws_wsi_make_space(struct libwebsocket *wsi);
void lws_wsi_free_space(struct libwebsocket *wsi);

/*
 * The front door of core/tx.h, inline because every message passes it: @n
 * bytes at the end of the queue, then how many of them were written, then a
 * flush when much is queued or no turn will do it.
 */
static inline uint8_t *
lws_tx_reserve(struct libwebsocket *wsi, size_t n)
{
	struct lws_chunk *c = wsi->tx.tail;

	if (lws_likely(c && c->cap - c->len >= n))
		return c->data + c->len;
	return lws_tx_new_tail(wsi, n);
}

static inline void
lws_tx_commit(struct libwebsocket *wsi, size_t n)
{
	wsi->tx.tail->len += n;
	wsi->tx.queued += n;
}

static inline int
lws_tx_settle(struct libwebsocket *wsi)
{
	if (lws_likely(wsi->tx.queued <= wsi->loop->tx_high))
		return 0;
	return lws_tx_settle_now(wsi);
}

/*
 * The header block, NULL when there is none (any more); one to fill, made when
 * there is none; and its end.
 */
static inline struct lws_block *
lws_wsi_headers(const struct libwebsocket *wsi)
{
	return wsi->flags & LWS_WSI_HEADERS ? wsi->u.block : NULL;
}

struct lws_block *lws_wsi_need_headers(struct libwebsocket *wsi);
void lws_wsi_drop_headers(struct libwebsocket *wsi);

static inline struct libwebsocket_context *
lws_context_of(const struct libwebsocket *wsi)
{
	return wsi->loop->context;
}

#endif
