/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * ext/deflate-frame.c - deflate-frame, in browsers of 2012 and 2013
 * x-webkit-deflate-frame (draft-tyoshino-hybi-websocket-perframe-deflate).
 *
 * The same as permessage-deflate with the frame for a run: each data frame is
 * deflated, flushed and cut by itself.  Parameters tell the other side how to
 * compress, those of an offer the server and those of an answer the client.
 */
#include "base/alloc.h"
#include "base/compiler.h"
#include "base/size.h"

#include "ext/deflate.h"
#include "ext/negotiate.h"

#define RESET "no_context_takeover"
#define BITS  "max_window_bits"

/*
 * What is sent in one frame: even what does not deflate fits a step then, and
 * peers that inflate frames into a buffer need only a small one.
 */
#define SLICE (14 * 1024)

LWS_STATIC_ASSERT(SLICE + SLICE / 8 + SLICE / 64 + 16 <= LWS_EXT_STEP);

struct perframe {
	struct lws_deflate d;
	size_t rx_len;	/* of the frame being inflated, until now */
	bool rx_zipped; /* it is compressed */
	bool rx_fresh;	/* it has had no output */
	bool tx_busy;	/* the application's frame makes several */
};

/* ---- parameters ---- */

/* Comply with those of an offer or an answer, or say what is wrong. */
static const char *
comply(const struct lws_ext_offer *from, struct lws_ext_config *config)
{
	static const char *const names[] = { RESET, BITS };
	struct lws_span value;
	uint8_t bits;
	int rc;

	if (from->too_many || !lws_ext_only(from, names, 2))
		return "a parameter of deflate-frame is unknown, or there "
		       "twice";
	rc = lws_ext_param(from, RESET, &value);
	if (rc == 1)
		return RESET " has a value";
	config->tx_reset = config->tx_reset || rc == 0;
	rc = lws_ext_param(from, BITS, &value);
	if (rc < 0)
		return NULL;
	bits = rc == 1 ? lws_ext_window_bits(value) : 0;
	if (!bits)
		return BITS " is not 8 to 15";
	config->tx_bits = (uint8_t)lws_min(config->tx_bits, bits);
	return NULL;
}

static int
accept_offer(const struct lws_deflate_options *options,
	     const struct lws_ext_offer *from, struct lws_buf *answer,
	     struct lws_ext_config *config)
{
	lws_deflate_config(options, false, config);
	if (comply(from, config))
		return 0;
	if (config->rx_reset)
		lws_buf_puts(answer, "; " RESET);
	if (config->rx_bits < 15)
		lws_buf_printf(answer, "; " BITS "=%u",
			       (unsigned)config->rx_bits);
	return 1;
}

/* What was offered has no parameters, so that the server does as it likes. */
static int
confirm(const struct lws_deflate_options *options,
	const struct lws_ext_offer *answer, struct lws_ext_config *config,
	const char **why)
{
	lws_deflate_config(options, true, config);
	config->rx_reset = false;
	config->rx_bits = 15;
	*why = comply(answer, config);
	return *why ? LWS_ERR_PROTOCOL : 0;
}

/* ---- states ---- */

static void *
open_state(const struct lws_ext_config *config, struct lws_ext_pool *pool)
{
	struct perframe *s = lws_zalloc(sizeof(*s));

	if (s)
		lws_deflate_init(&s->d, config, pool);
	return s;
}

static void
close_state(void *state)
{
	struct perframe *s = state;

	lws_deflate_fini(&s->d);
	lws_free(s);
}

/* ---- in ---- */

static int
rx(void *state, struct lws_ext_piece *in, struct lws_ext_piece *out)
{
	struct perframe *s = state;
	int rc;

	if (in->first) {
		s->rx_zipped = in->bits & LWS_FRAME_RSV1;
		s->rx_fresh = true;
		s->rx_len = 0;
	}
	*out = *in;
	if (!s->rx_zipped)
		return LWS_EXT_PIECE;
	in->first = false;
	rc = lws_deflate_rx(&s->d, &in->data, in->last, &out->data);
	if (rc < 0)
		return rc;
	s->rx_len += out->data.len;
	if (s->rx_len > LWS_MAX_ZLIB_CONN_BUFFER)
		return LWS_ERR_LIMIT;
	out->last = rc == LWS_EXT_PIECE && in->last;
	if (!out->data.len && !out->last)
		return LWS_EXT_NOTHING;
	out->first = s->rx_fresh;
	out->bits = (uint8_t)(in->bits & ~LWS_FRAME_RSV1);
	s->rx_fresh = false;
	return rc;
}

/* ---- out ---- */

/* One frame of the application's, or as much of it as makes one. */
static int
deflate_slice(struct perframe *s, struct lws_ext_piece *in,
	      struct lws_ext_piece *out)
{
	struct lws_span slice = lws_span_take(&in->data, SLICE);
	int rc;

	if (s->d.config.tx_reset)
		rc = lws_deflate_tx_alone(&s->d, &slice, &out->data);
	else
		rc = lws_deflate_tx(&s->d, &slice, true, &out->data);
	if (rc < 0)
		return rc;
	if (rc == LWS_EXT_NOTHING)
		out->data = slice;
	else
		out->bits |= LWS_FRAME_RSV1;
	return 0;
}

static int
tx(void *state, struct lws_ext_piece *in, struct lws_ext_piece *out)
{
	struct perframe *s = state;
	const bool goes_on = s->tx_busy;
	int rc;

	*out = *in;
	if (!goes_on && (in->bare || in->data.len < s->d.config.min_size))
		return LWS_EXT_PIECE;
	if (goes_on) {
		out->opcode = LWS_OP_CONTINUATION;
		out->bits &= LWS_FRAME_FIN;
	}
	rc = deflate_slice(s, in, out);
	if (rc)
		return rc;
	s->tx_busy = in->data.len != 0;
	out->first = !goes_on;
	out->last = !s->tx_busy;
	if (out->last)
		return LWS_EXT_PIECE;
	out->bits &= (uint8_t)~LWS_FRAME_FIN;
	return LWS_EXT_MORE;
}

/* what the two names have in common: all but the name and who offers it */
#define PER_FRAME                                                              \
	.deflate = true, .padded = true, .rsv = LWS_FRAME_RSV1,                \
	.accept = accept_offer, .confirm = confirm, .open = open_state,        \
	.rx = rx, .tx = tx, .close = close_state

const struct lws_ext_ops lws_ext_deflate_frame = {
	.name = "deflate-frame",
	.offered = true,
	PER_FRAME,
};

const struct lws_ext_ops lws_ext_webkit_deflate_frame = {
	.name = "x-webkit-deflate-frame",
	PER_FRAME,
};
