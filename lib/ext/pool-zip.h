/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * ext/pool-zip.h - what the deflates take from the pool of their thread.
 */
#ifndef LWS_EXT_POOL_ZIP_H
#define LWS_EXT_POOL_ZIP_H

#include "ext/pool.h"
#include "ext/zip.h"

/* longest message that is remembered, with what it came to: bytes */
#define LWS_POOL_REMEMBERS (16 * 1024)

/* A stream like new; NULL when out of memory. */
struct lws_zip *lws_pool_borrow(struct lws_ext_pool *pool,
				const struct lws_zip_kind *kind);

/* Takes @zip; NULL does nothing. */
void lws_pool_give_back(struct lws_ext_pool *pool, struct lws_zip *zip);

/*
 * Room for a step's output, one each way: LWS_EXT_LEAD bytes, of which nothing
 * is written, LWS_EXT_STEP and LWS_EXT_SLACK.  Points behind the lead; NULL
 * when out of memory.
 */
uint8_t *lws_pool_rx_room(struct lws_ext_pool *pool);
uint8_t *lws_pool_tx_room(struct lws_ext_pool *pool);

/*
 * One message that was deflated by itself, so that sending it to many costs
 * deflating it once.  remember() copies both, if there is memory.  recall()
 * knows whether @message is the one, under @kind; what it came to is copied to
 * out->p, where a step's room is, and out->len set.  0 bytes stand for a
 * message that does not get smaller.
 */
void lws_pool_remember(struct lws_ext_pool *pool,
		       const struct lws_zip_kind *kind, struct lws_span message,
		       struct lws_span deflated);
bool lws_pool_recall(struct lws_ext_pool *pool, const struct lws_zip_kind *kind,
		     struct lws_span message, struct lws_span *out);

/* Runs begun by a compressor, for tests: lws_pool_compresses() counts one. */
void lws_pool_compresses(struct lws_ext_pool *pool);
unsigned long lws_ext_pool_compressed(const struct lws_ext_pool *pool);

/* idle streams, for tests */
unsigned lws_pool_idle(const struct lws_ext_pool *pool);

#endif
