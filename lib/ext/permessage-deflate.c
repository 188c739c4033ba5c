/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * ext/permessage-deflate.c - RFC 7692.
 *
 * A message is one run of deflate.  A direction without context takeover lends
 * itself a zlib stream for the message and holds nothing in between; one with
 * takeover has its own from the first message on.
 */
#include "base/alloc.h"
#include "base/compiler.h"
#include "base/size.h"

#include "ext/negotiate.h"
#include "ext/deflate.h"

#define SERVER_RESET "server_no_context_takeover"
#define CLIENT_RESET "client_no_context_takeover"
#define SERVER_BITS  "server_max_window_bits"
#define CLIENT_BITS  "client_max_window_bits"

/* the parameters of an offer or an answer */
struct params {
	bool server_reset, client_reset;
	bool asks_client;		  /* CLIENT_BITS is there */
	uint8_t server_bits, client_bits; /* 0: has no value */
};

struct permessage {
	struct lws_deflate d;
	bool rx_open;	/* a message is unfinished */
	bool rx_zipped; /* it is compressed */
	bool rx_fresh;	/* its frame has had no output */
	bool tx_zipped; /* the message being sent is compressed */
};

/* ---- parameters, RFC 7692 section 7.1 ---- */

/* One without a value: false when it has one. */
static bool
read_flag(const struct lws_ext_offer *offer, const char *name, bool *out)
{
	struct lws_span value;
	int rc = lws_ext_param(offer, name, &value);

	*out = rc == 0;
	return rc <= 0;
}

/* A window: false when the value is none, or missing where it must not. */
static bool
read_bits(const struct lws_ext_offer *offer, const char *name, bool must,
	  uint8_t *out)
{
	struct lws_span value;
	int rc = lws_ext_param(offer, name, &value);

	*out = rc == 1 ? lws_ext_window_bits(value) : 0;
	return rc == 1 ? *out != 0 : rc != 0 || !must;
}

/* What is wrong with it, or NULL. */
static const char *
read_params(const struct lws_ext_offer *offer, bool answer, struct params *out)
{
	static const char *const names[] = { SERVER_RESET, CLIENT_RESET,
					     SERVER_BITS, CLIENT_BITS };
	struct lws_span value;

	if (offer->too_many || !lws_ext_only(offer, names, 4))
		return "a parameter of permessage-deflate is unknown, or there "
		       "twice";
	if (!read_flag(offer, SERVER_RESET, &out->server_reset))
		return SERVER_RESET " has a value";
	if (!read_flag(offer, CLIENT_RESET, &out->client_reset))
		return CLIENT_RESET " has a value";
	if (!read_bits(offer, SERVER_BITS, true, &out->server_bits))
		return SERVER_BITS " is not 8 to 15";
	if (!read_bits(offer, CLIENT_BITS, answer, &out->client_bits))
		return CLIENT_BITS " is not 8 to 15";
	out->asks_client = lws_ext_param(offer, CLIENT_BITS, &value) >= 0;
	return NULL;
}

static uint8_t
fewer(uint8_t ours, uint8_t theirs)
{
	return theirs && theirs < ours ? theirs : ours;
}

static void
put_bits(struct lws_buf *to, const char *name, uint8_t bits)
{
	const uint8_t digits[] = { (uint8_t)('0' + bits / 10),
				   (uint8_t)('0' + bits % 10) };

	lws_buf_puts(to, "; ");
	lws_buf_puts(to, name);
	lws_buf_puts(to, "=");
	lws_buf_put(to, digits + (bits < 10), (size_t)(bits < 10 ? 1 : 2));
}

static void
offer(const struct lws_deflate_options *options, struct lws_buf *out)
{
	struct lws_ext_config config;

	lws_deflate_config(options, true, &config);
	lws_buf_puts(out, "; " CLIENT_BITS);
	if (config.rx_reset)
		lws_buf_puts(out, "; " SERVER_RESET);
	if (config.tx_reset)
		lws_buf_puts(out, "; " CLIENT_RESET);
	if (config.rx_bits < 15)
		put_bits(out, SERVER_BITS, config.rx_bits);
}

static int
accept_offer(const struct lws_deflate_options *options,
	     const struct lws_ext_offer *from, struct lws_buf *answer,
	     struct lws_ext_config *config)
{
	struct params params;

	if (read_params(from, false, &params))
		return 0;
	lws_deflate_config(options, false, config);
	config->tx_reset = config->tx_reset || params.server_reset;
	config->rx_reset = config->rx_reset || params.client_reset;
	config->tx_bits = fewer(config->tx_bits, params.server_bits);
	if (!params.asks_client)
		config->rx_bits = 15;
	config->rx_bits = fewer(config->rx_bits, params.client_bits);
	if (config->tx_reset)
		lws_buf_puts(answer, "; " SERVER_RESET);
	if (config->rx_reset)
		lws_buf_puts(answer, "; " CLIENT_RESET);
	if (params.server_bits || config->tx_bits < 15)
		put_bits(answer, SERVER_BITS, config->tx_bits);
	if (config->rx_bits < 15)
		put_bits(answer, CLIENT_BITS, config->rx_bits);
	return 1;
}

/* What the answer lacks of what was offered under @config, or NULL. */
static const char *
breach(const struct lws_ext_config *config, const struct params *answer)
{
	if (config->rx_reset && !answer->server_reset)
		return "the server did not answer " SERVER_RESET;
	if (config->rx_bits == 15)
		return NULL;
	if (!answer->server_bits)
		return "the server did not answer " SERVER_BITS;
	if (answer->server_bits > config->rx_bits)
		return "the server answered a larger " SERVER_BITS
		       " than was offered";
	return NULL;
}

static int
confirm(const struct lws_deflate_options *options,
	const struct lws_ext_offer *answer, struct lws_ext_config *config,
	const char **why)
{
	struct params params;

	lws_deflate_config(options, true, config);
	*why = read_params(answer, true, &params);
	if (!*why)
		*why = breach(config, &params);
	if (*why)
		return LWS_ERR_PROTOCOL;
	config->tx_reset = config->tx_reset || params.client_reset;
	config->rx_reset = params.server_reset;
	config->tx_bits = fewer(config->tx_bits, params.client_bits);
	config->rx_bits = fewer(15, params.server_bits);
	return 0;
}

/* ---- states ---- */

static void *
open_state(const struct lws_ext_config *config, struct lws_ext_pool *pool)
{
	struct permessage *s = lws_zalloc(sizeof(*s));

	if (!s)
		return NULL;
	lws_deflate_init(&s->d, config, pool);
	return s;
}

static void
close_state(void *state)
{
	struct permessage *s = state;

	lws_deflate_fini(&s->d);
	lws_free(s);
}

/* Without context nothing but the message matters. */
static const struct lws_ext_config *
repeats(const void *state)
{
	const struct permessage *s = state;

	return s->d.config.tx_reset && s->d.config.share ? &s->d.config : NULL;
}

/* ---- in, RFC 7692 section 7.2.2 ---- */

static int
begin_frame(struct permessage *s, const struct lws_ext_piece *in)
{
	const bool marked = in->bits & LWS_FRAME_RSV1;
	const bool goes_on = in->opcode == LWS_OP_CONTINUATION;

	if (marked && (goes_on || s->rx_open))
		return LWS_ERR_PROTOCOL;
	if (!goes_on)
		s->rx_zipped = marked;
	s->rx_open = !(in->bits & LWS_FRAME_FIN);
	s->rx_fresh = true;
	return 0;
}

static int
rx(void *state, struct lws_ext_piece *in, struct lws_ext_piece *out)
{
	struct permessage *s = state;
	bool end;
	int rc = in->first ? begin_frame(s, in) : 0;

	if (rc)
		return rc;
	*out = *in;
	if (!s->rx_zipped)
		return LWS_EXT_PIECE;
	in->first = false;
	end = in->last && (in->bits & LWS_FRAME_FIN);
	rc = lws_deflate_rx(&s->d, &in->data, end, &out->data);
	if (rc < 0)
		return rc;
	out->last = rc == LWS_EXT_PIECE && in->last;
	if (!out->data.len && !out->last)
		return LWS_EXT_NOTHING;
	out->first = s->rx_fresh;
	out->bits = (uint8_t)(in->bits & ~LWS_FRAME_RSV1);
	s->rx_fresh = false;
	return rc;
}

/* ---- out, RFC 7692 section 7.2.1 ---- */

/* The first frame of a message decides for all of it. */
static bool
worth_it(const struct permessage *s, const struct lws_ext_piece *in)
{
	return !in->bare && !((in->bits & LWS_FRAME_FIN) &&
			      in->data.len < s->d.config.min_size);
}

/* A message that comes whole may be one that another connection has sent. */
static int
deflate_piece(struct permessage *s, struct lws_ext_piece *in,
	      struct lws_span *out)
{
	const bool end = in->bits & LWS_FRAME_FIN;
	const bool first = in->opcode != LWS_OP_CONTINUATION && !s->d.out.busy;

	if (first && end && s->d.config.tx_reset)
		return lws_deflate_tx_alone(&s->d, &in->data, out);
	return lws_deflate_tx(&s->d, &in->data, end, out);
}

/* Make @out the frame it is: @more follow of what was one. */
static void
dress(struct lws_ext_piece *out, bool goes_on, bool more)
{
	out->first = !goes_on;
	out->last = !more;
	if (goes_on)
		out->bits &= LWS_FRAME_FIN;
	else if (out->opcode != LWS_OP_CONTINUATION)
		out->bits |= LWS_FRAME_RSV1;
	if (goes_on)
		out->opcode = LWS_OP_CONTINUATION;
	if (more)
		out->bits &= (uint8_t)~LWS_FRAME_FIN;
}

static int
tx(void *state, struct lws_ext_piece *in, struct lws_ext_piece *out)
{
	struct permessage *s = state;
	const bool goes_on = s->d.out.busy;
	struct lws_span got;
	int rc;

	if (!goes_on && in->opcode != LWS_OP_CONTINUATION)
		s->tx_zipped = worth_it(s, in);
	rc = s->tx_zipped ? deflate_piece(s, in, &got) : LWS_EXT_NOTHING;
	if (rc < 0)
		return rc;
	*out = *in;
	if (rc == LWS_EXT_NOTHING)
		return LWS_EXT_PIECE;
	out->data = got;
	dress(out, goes_on, rc == LWS_EXT_MORE);
	return rc;
}

const struct lws_ext_ops lws_ext_permessage_deflate = {
	.name = "permessage-deflate",
	.deflate = true,
	.padded = true,
	.rsv = LWS_FRAME_RSV1,
	.offer = offer,
	.offered = true,
	.accept = accept_offer,
	.confirm = confirm,
	.open = open_state,
	.repeats = repeats,
	.rx = rx,
	.tx = tx,
	.close = close_state,
};
