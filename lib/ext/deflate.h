/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * ext/deflate.h - what permessage-deflate and deflate-frame share: both
 * directions of a connection, with streams lent by the pool while a run lasts,
 * or kept where context is taken over to the next run.
 */
#ifndef LWS_EXT_DEFLATE_H
#define LWS_EXT_DEFLATE_H

#include "ext/zip.h"

struct lws_deflate {
	struct lws_ext_pool *pool;
	struct lws_unzip in;
	struct lws_rezip out;
	struct lws_ext_config config;
};

/* What @options mean in this role, before anything is negotiated. */
void lws_deflate_config(const struct lws_deflate_options *options, bool client,
			struct lws_ext_config *config);

/* @d is all zero */
void lws_deflate_init(struct lws_deflate *d,
		      const struct lws_ext_config *config,
		      struct lws_ext_pool *pool);
void lws_deflate_fini(struct lws_deflate *d);

/*
 * Inflate from the front of @in; @end: the run ends with it.  *@out is in
 * memory of the pool, with LWS_EXT_LEAD and _SLACK around it.  Results are
 * those of lws_unzip_step().
 */
int lws_deflate_rx(struct lws_deflate *d, struct lws_span *in, bool end,
		   struct lws_span *out);

/*
 * Deflate all of @in; @end: the run ends with it.  *@out is in memory of the
 * pool.  Results are those of lws_rezip_step(), or LWS_ERR_NOMEM.
 */
int lws_deflate_tx(struct lws_deflate *d, struct lws_span *in, bool end,
		   struct lws_span *out);

/*
 * The same for a run that is all of @in and refers to none before it; the last
 * one of any connection is remembered.  LWS_EXT_NOTHING, *@in being as it was,
 * when it does not get smaller.
 */
int lws_deflate_tx_alone(struct lws_deflate *d, struct lws_span *in,
			 struct lws_span *out);

#endif
