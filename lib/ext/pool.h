/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * ext/pool.h - what the extensions of one thread's connections share: memory
 * for a step's output each way, idle zlib streams, and the message compressed
 * last.
 */
#ifndef LWS_EXT_POOL_H
#define LWS_EXT_POOL_H

struct lws_ext_pool;

/* NULL when out of memory; small until something is compressed or inflated */
struct lws_ext_pool *lws_ext_pool_new(void);

/* After every connection of the thread has been freed; NULL does nothing. */
void lws_ext_pool_free(struct lws_ext_pool *pool);

#endif
