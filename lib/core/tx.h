/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * core/tx.h - output of a connection: queued, corked, flushed.
 *
 * What is written in a turn is collected in chunks lent by the loop and leaves
 * in one system call at the end of the turn.  What the socket refuses moves to
 * memory of the connection's own, so no chunk is lent beyond a turn.
 */
#ifndef LWS_CORE_TX_H
#define LWS_CORE_TX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/list.h"
#include "base/span.h"

struct libwebsocket;
struct lws_loop;

/* payload bytes of a lent chunk; what is larger goes from the user's memory */
#define LWS_CHUNK_SIZE (16 * 1024)

/*
 * Bytes of one connection lie behind the struct; those of a shared one are
 * others' as well, and it has no room: see core/share.h.
 */
struct lws_chunk {
	struct lws_chunk *next;
	uint8_t *data;
	size_t cap, len, off;	/* size; written; of that, sent */
	bool lent;		/* belongs to the loop's pool */
	bool shared;
	bool open;		/* shared, and ends where the bytes end */
};

struct lws_tx {
	struct lws_chunk *head, *tail;
	size_t queued;		/* bytes waiting */
};

/*
 * lws_tx_reserve(), lws_tx_commit() and lws_tx_settle() are in core/wsi.h.
 * This is what they come to when the last chunk has no room for @n bytes (at
 * most LWS_CHUNK_SIZE), NULL when out of memory; and when it is time to send.
 */
uint8_t *lws_tx_new_tail(struct libwebsocket *wsi, size_t n);
int lws_tx_settle_now(struct libwebsocket *wsi);

/* Queue a copy; 0, LWS_ERR_NOMEM, or LWS_ERR_IO when flushing failed. */
int lws_tx_add(struct libwebsocket *wsi, struct lws_span bytes);

/*
 * Send @n borrowed spans behind what is queued, at once; what the socket
 * refuses is copied.  0, LWS_ERR_NOMEM or LWS_ERR_IO.
 */
int lws_tx_send(struct libwebsocket *wsi, const struct lws_span *v, size_t n);

/*
 * Send what is queued.  0 when it is gone or the socket refused the rest
 * (then POLLOUT is asked for), LWS_ERR_IO, LWS_ERR_NOMEM.
 */
int lws_tx_flush(struct libwebsocket *wsi);

/* the end of a turn */
void lws_tx_flush_all(struct lws_loop *loop);

/*
 * The same in the middle of a turn for everybody who has something to send:
 * who fails ends later.
 */
void lws_tx_flush_early(struct lws_loop *loop);

/* for those in a list by flush */
void lws_tx_flush_list(struct lws_list *list);

/* Put @c, which is filled in, at the end of the queue. */
void lws_tx_link(struct libwebsocket *wsi, struct lws_chunk *c);

/* Throw the queue away. */
void lws_tx_free(struct libwebsocket *wsi);

/* Free the loop's pool. */
void lws_tx_fini(struct lws_loop *loop);

/* no more should be written now */
bool lws_tx_choked(const struct libwebsocket *wsi);

#endif
