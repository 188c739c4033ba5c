/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * ext/deflate-stream.c - deflate-stream of the hybi drafts 4 to 10: each
 * direction is one endless run of raw deflate over all bytes, frame heads and
 * control frames included.
 *
 * Streams are made at the first byte and live as long as the connection.  The
 * sender flushes after each write; the flush stays on the wire.
 */
#include "base/alloc.h"

#include "ext/pool-zip.h"

struct stream {
	struct lws_ext_pool *pool;
	struct lws_unzip in;
	struct lws_rezip out;
};

static void *
open_state(const struct lws_ext_config *config, struct lws_ext_pool *pool)
{
	struct stream *s = lws_zalloc(sizeof(*s));

	(void)config;
	if (s)
		s->pool = pool;
	return s;
}

static void
close_state(void *state)
{
	struct stream *s = state;

	lws_pool_give_back(s->pool, s->in.zip);
	lws_pool_give_back(s->pool, s->out.zip);
	lws_free(s);
}

static int
lend(struct stream *s, struct lws_zip **zip, bool deflate)
{
	const struct lws_zip_kind kind = {
		.deflate = deflate,
		.bits = 15,
		.level = deflate ? 1 : 0,
		.mem_level = deflate ? 8 : 0,
	};

	if (!*zip)
		*zip = lws_pool_borrow(s->pool, &kind);
	return *zip ? 0 : LWS_ERR_NOMEM;
}

static int
rx_bytes(void *state, struct lws_ext_piece *in, struct lws_ext_piece *out)
{
	struct stream *s = state;
	struct lws_span got;
	int rc;

	got.p = lws_pool_rx_room(s->pool);
	if (!got.p || lend(s, &s->in.zip, false))
		return LWS_ERR_NOMEM;
	rc = lws_unzip_step(&s->in, &in->data, false, &got);
	if (rc < 0)
		return rc == LWS_ERR_TEXT ? LWS_ERR_PROTOCOL : rc;
	*out = *in;
	out->data = got;
	out->last = rc == LWS_EXT_PIECE && in->last;
	return got.len || out->last ? rc : LWS_EXT_NOTHING;
}

static int
tx_bytes(void *state, struct lws_ext_piece *in, struct lws_ext_piece *out)
{
	struct stream *s = state;
	struct lws_span got;
	int rc;

	got.p = lws_pool_tx_room(s->pool);
	if (!got.p || lend(s, &s->out.zip, true))
		return LWS_ERR_NOMEM;
	rc = lws_rezip_step(&s->out, &in->data, false, &got);
	*out = *in;
	out->data = got;
	out->last = rc == LWS_EXT_PIECE && in->last;
	return rc;
}

const struct lws_ext_ops lws_ext_deflate_stream = {
	.name = "deflate-stream",
	.deflate = true,
	.offered = true,
	.open = open_state,
	.rx_bytes = rx_bytes,
	.tx_bytes = tx_bytes,
	.close = close_state,
};
