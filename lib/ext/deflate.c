/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * ext/deflate.c - what permessage-deflate and deflate-frame share.
 *
 * A direction without context takeover borrows a stream when a run begins and
 * gives it back when it ends, so that an idle connection holds none.  Whoever
 * inflates without context uses the largest window, whatever was agreed on:
 * one kind of stream then does for all.
 */
#include "ext/deflate.h"

#include "ext/pool-zip.h"

/* Options that are 0 stand for what is good for most. */
static uint8_t
either(int option, int otherwise)
{
	return (uint8_t)(option ? option : otherwise);
}

void
lws_deflate_config(const struct lws_deflate_options *options, bool client,
		   struct lws_ext_config *config)
{
	const unsigned flags = options->flags;

	memset(config, 0, sizeof(*config));
	config->client = client;
	config->tx_bits = either(options->window_bits, 15);
	config->rx_bits = either(options->peer_window_bits, 15);
	config->tx_reset = (flags & LWS_DEFLATE_RESET) ||
			   (!client && !(flags & LWS_DEFLATE_KEEP));
	config->rx_reset = flags & LWS_DEFLATE_PEER_RESET;
	config->share = !(flags & LWS_DEFLATE_NO_SHARE);
	config->level = either(options->level, client ? 6 : 1);
	config->mem_level = either(options->mem_level, 8);
	config->min_size = options->min_size ? options->min_size : 32;
}

void
lws_deflate_init(struct lws_deflate *d, const struct lws_ext_config *config,
		 struct lws_ext_pool *pool)
{
	d->pool = pool;
	d->config = *config;
}

void
lws_deflate_fini(struct lws_deflate *d)
{
	lws_pool_give_back(d->pool, d->in.zip);
	lws_pool_give_back(d->pool, d->out.zip);
}

static int
lend(struct lws_deflate *d, struct lws_zip **zip,
     const struct lws_zip_kind *kind)
{
	if (!*zip)
		*zip = lws_pool_borrow(d->pool, kind);
	return *zip ? 0 : LWS_ERR_NOMEM;
}

static void
take_back(struct lws_deflate *d, struct lws_zip **zip)
{
	lws_pool_give_back(d->pool, *zip);
	*zip = NULL;
}

/* zlib inflates with a window of 256 bytes, but others send more under it */
static struct lws_zip_kind
kind_in(const struct lws_ext_config *config)
{
	struct lws_zip_kind kind = { .bits = 15 };

	if (!config->rx_reset)
		kind.bits = config->rx_bits > 9 ? config->rx_bits : 9;
	return kind;
}

static struct lws_zip_kind
kind_out(const struct lws_ext_config *config)
{
	const struct lws_zip_kind kind = {
		.deflate = true,
		.bits = config->tx_bits,
		.level = config->level,
		.mem_level = config->mem_level,
	};

	return kind;
}

int
lws_deflate_rx(struct lws_deflate *d, struct lws_span *in, bool end,
	       struct lws_span *out)
{
	const struct lws_zip_kind kind = kind_in(&d->config);
	int rc;

	out->p = lws_pool_rx_room(d->pool);
	if (!out->p || (in->len && lend(d, &d->in.zip, &kind)))
		return LWS_ERR_NOMEM;
	rc = lws_unzip_step(&d->in, in, end, out);
	if (rc != LWS_EXT_PIECE || !end)
		return rc;
	lws_unzip_end(&d->in);
	if (d->config.rx_reset)
		take_back(d, &d->in.zip);
	return rc;
}

int
lws_deflate_tx(struct lws_deflate *d, struct lws_span *in, bool end,
	       struct lws_span *out)
{
	const struct lws_zip_kind kind = kind_out(&d->config);
	int rc;

	out->p = lws_pool_tx_room(d->pool);
	if (!out->p || lend(d, &d->out.zip, &kind))
		return LWS_ERR_NOMEM;
	rc = lws_rezip_step(&d->out, in, end, out);
	if (rc == LWS_EXT_PIECE && end && d->config.tx_reset)
		take_back(d, &d->out.zip);
	return rc;
}

int
lws_deflate_tx_alone(struct lws_deflate *d, struct lws_span *in,
		     struct lws_span *out)
{
	const struct lws_zip_kind kind = kind_out(&d->config);
	const struct lws_span plain = *in;
	int rc = LWS_EXT_PIECE;

	/* of a run that was never ended; this one may go to others */
	take_back(d, &d->out.zip);
	out->p = lws_pool_tx_room(d->pool);
	if (!out->p)
		return LWS_ERR_NOMEM;
	if (!d->config.share || !lws_pool_recall(d->pool, &kind, plain, out)) {
		rc = lws_deflate_tx(d, in, true, out);
		lws_pool_compresses(d->pool);
		if (rc != LWS_EXT_PIECE)
			return rc;
		if (out->len >= plain.len)
			out->len = 0;
		if (d->config.share)
			lws_pool_remember(d->pool, &kind, plain, *out);
	}
	*in = out->len ? lws_span(plain.p + plain.len, 0) : plain;
	return out->len ? rc : LWS_EXT_NOTHING;
}
