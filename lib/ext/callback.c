/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * ext/callback.c - extensions that an application brings: a set of ops over
 * its extension_callback_function.
 *
 * Such a callback is given a struct lws_tokens and leaves it as it is, changes
 * the bytes it shows, or makes it show others.  This file turns that into the
 * steps of ext/ext.h, and is the only one that calls it.  RFC 6455 section 9.
 */
#include "ext/callback.h"

#include <limits.h>

#include "base/alloc.h"
#include "base/size.h"

/*
 * What is going to be sent belongs to the application or to the queue, which
 * nobody may write to: the callback works on a copy.  It is given back once a
 * second, so that a connection that is idle has none.
 */
struct copy {
	uint8_t *p;
	size_t room;
};

/* one extension of one connection */
struct brought {
	struct lws_ext_about about;
	struct libwebsocket_extension *ext;
	struct copy payload, packet;
	bool constructed;
	bool begun;	       /* of the frame received some was passed on */
	bool more_rx, more_tx; /* packets: it asked to be called again */
	bool flushed;	       /* nothing of it is left for the wire */
	union {
		long long integer;
		long double real;
		void *pointer;
	} space[]; /* aligned for whatever it keeps there */
};

void *
lws_ext_callback_open(const struct lws_ext_about *about,
		      struct libwebsocket_extension *ext)
{
	struct brought *b;
	size_t size;

	if (!lws_add_ok(sizeof(*b), ext->per_session_data_size, &size))
		return NULL;
	b = lws_zalloc(size);
	if (!b)
		return NULL;
	b->about = *about;
	b->ext = ext;
	return b;
}

static int
call(const struct lws_ext_about *about, struct libwebsocket_extension *ext,
     enum libwebsocket_extension_callback_reasons reason, void *user,
     struct lws_span in)
{
	extension_callback_function *f = about->call ? about->call
						      : ext->callback;

	return f(about->context, ext, about->wsi, reason, user, in.p, in.len);
}

static void *
space_of(struct brought *b)
{
	return b->ext->per_session_data_size ? b->space : NULL;
}

int
lws_ext_callback_call(void *state,
		      enum libwebsocket_extension_callback_reasons reason,
		      void *in, size_t len)
{
	struct brought *b = state;
	int rc = call(&b->about, b->ext, reason, space_of(b),
		      lws_span(in, len));

	if (reason == LWS_EXT_CALLBACK_CONSTRUCT ||
	    reason == LWS_EXT_CALLBACK_CLIENT_CONSTRUCT)
		b->constructed = !rc;
	return rc;
}

static void
shed(struct copy *copy)
{
	lws_free(copy->p);
	copy->p = NULL;
	copy->room = 0;
}

static void
destroy(void *state)
{
	struct brought *b = state;

	if (b->constructed)
		lws_ext_callback_call(b, LWS_EXT_CALLBACK_DESTROY, NULL, 0);
	shed(&b->payload);
	shed(&b->packet);
	lws_free(b);
}

/* Let @data show a copy of what it shows. */
static int
take_copy(struct copy *copy, struct lws_span *data)
{
	if (copy->room < data->len) {
		shed(copy);
		copy->p = lws_alloc(data->len);
		if (!copy->p)
			return LWS_ERR_NOMEM;
		copy->room = data->len;
	}
	if (data->len) {
		memcpy(copy->p, data->p, data->len);
		data->p = copy->p;
	}
	return 0;
}

/* Bytes that it cannot accept are the peer's fault, all else is its own. */
static int
error_for(enum libwebsocket_extension_callback_reasons reason)
{
	return reason == LWS_EXT_CALLBACK_PAYLOAD_RX ||
			       reason == LWS_EXT_CALLBACK_PACKET_RX_PREPARSE
		       ? LWS_ERR_PROTOCOL
		       : LWS_ERR_USER;
}

/*
 * Show it @data, which is then what it shows us.  Its result, or a negative
 * enum lws_err.
 */
static int
exchange(struct brought *b, enum libwebsocket_extension_callback_reasons reason,
	 struct lws_span *data, size_t len)
{
	struct lws_tokens tokens = { (char *)data->p, (int)data->len };
	int rc;

	if (data->len > INT_MAX)
		return LWS_ERR_LIMIT;
	rc = lws_ext_callback_call(b, reason, &tokens, len);
	if (rc < 0) {
		lwsl_info("extension %s gives up: %d\n", b->ext->name, rc);
		return error_for(reason);
	}
	if (tokens.token_len < 0 || (tokens.token_len && !tokens.token)) {
		lwsl_err("extension %s gives %d bytes at %p\n", b->ext->name,
			 tokens.token_len, (void *)tokens.token);
		return LWS_ERR_USER;
	}
	*data = lws_span(tokens.token, (size_t)tokens.token_len);
	return rc;
}

/*
 * What it holds back, it holds back from the front of the frame, too: the
 * first piece that comes out begins it, whichever that is.
 */
static int
payload_rx(void *state, struct lws_ext_piece *in, struct lws_ext_piece *out)
{
	const size_t where = (in->first ? LWS_EXT_FRAME_FIRST : 0) |
			     (in->last ? LWS_EXT_FRAME_LAST : 0);
	struct brought *b = state;
	int rc;

	*out = *in;
	rc = exchange(b, LWS_EXT_CALLBACK_PAYLOAD_RX, &out->data, where);
	if (rc < 0)
		return rc;
	b->begun = b->begun && !in->first;
	if (!out->data.len && !in->last)
		return LWS_EXT_NOTHING;
	out->first = !b->begun;
	b->begun = true;
	return LWS_EXT_PIECE;
}

static int
payload_tx(void *state, struct lws_ext_piece *in, struct lws_ext_piece *out)
{
	struct brought *b = state;
	int rc;

	*out = *in;
	rc = take_copy(&b->payload, &out->data);
	if (rc < 0)
		return rc;
	rc = exchange(b, LWS_EXT_CALLBACK_PAYLOAD_TX, &out->data,
		      LWS_EXT_FRAME_FIRST | LWS_EXT_FRAME_LAST);
	return rc < 0 ? rc : LWS_EXT_PIECE;
}

/* One call, or as many as it takes until there is something to pass on. */
static int
packet(struct brought *b, enum libwebsocket_extension_callback_reasons reason,
       bool *more, struct lws_span *data)
{
	int rc = exchange(b, reason, data, 0);

	while (rc > 0 && !data->len) {
		data->p = NULL;
		rc = exchange(b, reason, data, 0);
	}
	*more = rc > 0;
	if (rc < 0)
		return rc;
	if (*more)
		return LWS_EXT_MORE;
	return data->len ? LWS_EXT_PIECE : LWS_EXT_NOTHING;
}

static int
packet_rx(void *state, struct lws_ext_piece *in, struct lws_ext_piece *out)
{
	struct brought *b = state;

	*out = *in;
	if (b->more_rx)
		out->data = lws_span(NULL, 0);
	return packet(b, LWS_EXT_CALLBACK_PACKET_RX_PREPARSE, &b->more_rx,
		      &out->data);
}

static int
packet_tx(void *state, struct lws_ext_piece *in, struct lws_ext_piece *out)
{
	struct brought *b = state;
	int rc;

	*out = *in;
	if (b->more_tx) {
		out->data = lws_span(NULL, 0);
	} else {
		rc = take_copy(&b->packet, &out->data);
		if (rc < 0)
			return rc;
	}
	return packet(b, LWS_EXT_CALLBACK_PACKET_TX_PRESEND, &b->more_tx,
		      &out->data);
}

const struct lws_ext_ops lws_ext_callback_ops = {
	.name = "callback",
	.offered = true,
	.rx = payload_rx,
	.tx = payload_tx,
	.rx_bytes = packet_rx,
	.tx_bytes = packet_tx,
	.close = destroy,
};

/* The @n-th of @chain when an application brought it, else NULL. */
static struct brought *
brought_at(const struct lws_ext_chain *chain, unsigned n)
{
	const struct lws_ext_link *link = &chain->links[n];

	return link->ops == &lws_ext_callback_ops ? link->state : NULL;
}

/* Is @reason one that asks nothing, so that everyone hears of it? */
static bool
is_news(enum libwebsocket_extension_callback_reasons reason)
{
	return reason == LWS_EXT_CALLBACK_1HZ ||
	       reason == LWS_EXT_CALLBACK_IS_WRITEABLE;
}

int
lws_ext_tell(const struct lws_ext_chain *chain,
	     enum libwebsocket_extension_callback_reasons reason, void *in,
	     size_t len)
{
	unsigned n;

	for (n = 0; chain && n < chain->count; n++) {
		struct brought *b = brought_at(chain, n);
		int rc;

		if (!b)
			continue;
		if (reason == LWS_EXT_CALLBACK_1HZ) {
			shed(&b->payload);
			shed(&b->packet);
		}
		rc = lws_ext_callback_call(b, reason, in, len);
		if (rc && !is_news(reason))
			return rc;
	}
	return 0;
}

/* The space of @ext on the connection of @chain, NULL when not active there. */
static void *
active_space(const struct lws_ext_chain *chain,
	     const struct libwebsocket_extension *ext)
{
	unsigned n;

	for (n = 0; chain && n < chain->count; n++) {
		struct brought *b = brought_at(chain, n);

		if (b && b->ext == ext)
			return space_of(b);
	}
	return NULL;
}

int
lws_ext_tell_all(const struct lws_ext_about *about,
		 struct libwebsocket_extension *all,
		 const struct lws_ext_chain *chain,
		 enum libwebsocket_extension_callback_reasons reason, void *in,
		 size_t len)
{
	struct libwebsocket_extension *ext;
	int answer = 0;

	for (ext = all; ext && ext->callback; ext++) {
		void *user = active_space(chain, ext);
		int rc;

		if (lws_ext_builtin(ext))
			continue;
		/* here the place in the array takes the place of the space */
		if (reason == LWS_EXT_CALLBACK_CAN_PROXY_CLIENT_CONNECTION)
			user = (void *)(intptr_t)(ext - all);
		rc = call(about, ext, reason, user, lws_span(in, len));
		if (!answer || (answer > 0 && rc < 0))
			answer = rc;
	}
	return answer;
}

/* What @b still holds; that goes to the wire as it is. */
static int
flush(struct brought *b, struct lws_span *out)
{
	while (!b->flushed) {
		int rc;

		*out = lws_span(NULL, 0);
		rc = exchange(b, LWS_EXT_CALLBACK_FLUSH_PENDING_TX, out, 0);
		if (rc < 0)
			return rc;
		b->flushed = !rc;
		if (out->len)
			return LWS_EXT_PIECE;
	}
	return LWS_EXT_NOTHING;
}

int
lws_ext_drain(const struct lws_ext_chain *chain, struct lws_span *out)
{
	struct brought *b;
	unsigned n;
	int rc;

	for (n = 0; chain && n < chain->count; n++) {
		b = brought_at(chain, n);
		rc = b ? flush(b, out) : LWS_EXT_NOTHING;
		if (rc != LWS_EXT_NOTHING)
			return rc;
	}
	/* a veto may keep the connection: then there is a next time */
	for (n = 0; chain && n < chain->count; n++) {
		b = brought_at(chain, n);
		if (b)
			b->flushed = false;
	}
	return LWS_EXT_NOTHING;
}
