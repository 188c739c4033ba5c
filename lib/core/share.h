/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * core/share.h - output that many connections send: the bytes are there once.
 *
 * Bytes are only ever added behind those that are there, so a part that is
 * queued never changes; it lives until the last connection has sent it.  What
 * a connection holds is a chunk without bytes of its own, from a pool.
 *
 * An open chunk ends where its bytes end: whoever is joined in a turn gets what
 * is added later in it without being looked at again.  It is closed as soon as
 * anything else is queued behind it, or sent.
 */
#ifndef LWS_CORE_SHARE_H
#define LWS_CORE_SHARE_H

#include "core/alarm.h"
#include "core/wsi.h"
#include "ext/ext.h"

/*
 * How long messages may wait: as many times as long as it took to send the
 * last, and ms at most.
 */
#define LWS_SHARE_REST	   3
#define LWS_SHARE_REST_MAX 50

/* most that is shared before all of it is sent, as with one's own output */
#define LWS_SHARE_MAX LWS_TX_HIGH

/* chunks that wait for their next use */
#define LWS_SHARE_IDLE 4096

struct lws_share {
	size_t refs;		/* chunks, and who adds to it */
	size_t cap, len;
	uint8_t data[];
};

/*
 * What the connections have in common that send a frame as the same bytes, and
 * the bytes.
 */
struct lws_form {
	struct lws_form *next;
	const struct lws_framer_ops *framer;
	bool deflates;
	struct lws_ext_config deflate;	/* and how */
	struct lws_share *share;	/* what is added to, or NULL */
	struct libwebsocket *sample;	/* one of those joined */
	unsigned joined;		/* when all were looked at */
	/* of the latest message */
	unsigned long serial;
	size_t at;
	int rc;				/* 0, or an enum lws_err */
};

/* the members of a protocol on this loop, as they are sent to */
struct lws_cast {
	struct lws_cast *next;
	unsigned protocol;
	struct lws_form *forms;
	unsigned long serial;
	unsigned long seen;		/* of changes: all are joined who can
					 * be, unless it is another number */
	bool mixed;			/* some always need being looked at */
};

/* what a loop has of it; none before the first broadcast */
struct lws_shares {
	struct lws_chunk *idle;
	unsigned count_idle;
	unsigned long changes;	/* open chunks closed, members come */
	struct lws_cast *casts;

	/*
	 * Who is joined to messages that may wait, by flush, and until when
	 * they do: sending to many takes a while, and what comes meanwhile
	 * leaves together.
	 */
	struct lws_loop *loop;
	struct lws_list waiting;
	struct lws_alarm alarm;
	uint64_t rest_ms;
};

/* NULL when out of memory */
struct lws_shares *lws_shares_need(struct lws_loop *loop);

/* After every connection. */
void lws_shares_fini(struct lws_loop *loop);

/* With one reference; NULL when out of memory. */
struct lws_share *lws_share_new(size_t cap);

/* Takes a reference back; NULL does nothing. */
void lws_share_unref(struct lws_share *share);

/*
 * What is joined after this may wait a little; or waits no more, and those who
 * do leave with this turn.
 */
void lws_shares_wait(struct lws_shares *shares);
void lws_shares_hurry(struct lws_shares *shares);

/*
 * Join @wsi, whose socket refuses nothing: it sends what follows byte @at.  0,
 * also when it has joined before, or LWS_ERR_NOMEM.
 */
int lws_share_join(struct libwebsocket *wsi, struct lws_share *share,
		   size_t at, bool waits);

/* Queue the bytes from @at to the end, and no more; 0 or LWS_ERR_NOMEM. */
int lws_share_queue(struct libwebsocket *wsi, struct lws_share *share,
		    size_t at);

/* It is one of the queue of @wsi that is not needed any more. */
void lws_share_drop(struct lws_loop *loop, struct lws_chunk *c);

void lws_share_end(struct libwebsocket *wsi);

static inline bool
lws_share_is_open(const struct libwebsocket *wsi)
{
	return wsi->tx.tail && wsi->tx.tail->open;
}

/* What is added from now on is not for @wsi. */
static inline void
lws_share_close(struct libwebsocket *wsi)
{
	if (lws_unlikely(lws_share_is_open(wsi)))
		lws_share_end(wsi);
}

/* Those who are joined are not all any more. */
static inline void
lws_share_changes(struct lws_loop *loop)
{
	if (lws_unlikely(loop->shares != NULL))
		loop->shares->changes++;
}

static inline struct lws_share *
lws_share_of(const struct lws_chunk *c)
{
	return lws_container_of(c->data, struct lws_share, data);
}

/* bytes in the queue, those of an open chunk included */
static inline size_t
lws_tx_waiting(const struct libwebsocket *wsi)
{
	const struct lws_chunk *tail = wsi->tx.tail;

	if (!lws_share_is_open(wsi))
		return wsi->tx.queued;
	return wsi->tx.queued + lws_share_of(tail)->len - tail->off;
}

#endif
