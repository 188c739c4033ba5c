/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * unit/framer_feed.h - reading and writing frames of any version, for tests.
 *
 * What a framer found is written down as a transcript that does not depend on
 * how its input was sliced: per frame its opcode, kind and bits, its payload
 * and an end mark, and last the result.  Every slice is given in memory of
 * exactly its size, so that a sanitizer sees a byte too much.
 */
#ifndef LWS_UNIT_FRAMER_FEED_H
#define LWS_UNIT_FRAMER_FEED_H

#include "unit/unit.h"

#include <stdio.h>

#include "base/size.h"
#include "ws/framer.h"

#define FIN LWS_FRAME_FIN

/* who reads */
enum role { SERVER, CLIENT, LENIENT, DEFEATED };

/* bytes that grow */
struct bytes {
	uint8_t *p;
	size_t len, cap;
};

struct end {
	const struct lws_framer_ops *ops;
	struct lws_rx_frame rx;
	struct lws_tx_frame tx;
	struct bytes got;	/* the transcript */
	uint64_t left;		/* of the frame being shown */
	size_t taken;		/* bytes offered */
	int rc;			/* the first error, or 0 */
};

static const uint8_t feed_mask[4] = { 0x37, 0xfa, 0x21, 0x3d };

LWS_UNUSED static void
put(struct bytes *b, const void *p, size_t len)
{
	if (b->len + len > b->cap) {
		b->cap = 2 * (b->len + len);
		b->p = realloc(b->p, b->cap);
		assert_non_null(b->p);
	}
	if (len)
		memcpy(b->p + b->len, p, len);
	b->len += len;
}

LWS_UNUSED static void
open_end(struct end *e, const struct lws_framer_ops *ops, enum role role)
{
	const struct lws_wire_keys keys = {
		.key = lws_span_str("dGhlIHNhbXBsZSBub25jZQ=="),
		.nonce = lws_span_str("AQIDBAUGBwgJCgsMDQ4PEC=="),
		.client = role == CLIENT || role == DEFEATED,
		.bare_ok = role == LENIENT || role == DEFEATED,
	};

	memset(e, 0, sizeof(*e));
	e->ops = ops;
	assert_int_equal(ops->init(&e->rx, &e->tx, &keys), 0);
}

LWS_UNUSED static void
close_end(struct end *e)
{
	if (e->ops->fini)
		e->ops->fini(&e->rx, &e->tx);
	free(e->got.p);
}

/* Of version 76 a piece may be empty and not the first, and left is 1. */
LWS_UNUSED static void
note_piece(struct end *e, const struct lws_piece *p)
{
	const uint8_t begin[] = { '<', p->opcode, p->kind, p->bits };
	const bool counted = e->ops->pings;

	if (p->first) {
		assert_true(e->left == 0);
		put(&e->got, begin, sizeof(begin));
	} else if (counted) {
		assert_true(e->left == p->left + p->data.len);
	} else {
		assert_true(e->left == 1 && p->left <= 1);
	}
	if (!p->data.len)
		assert_true(!p->left && (p->first || !counted));
	put(&e->got, p->data.p, p->data.len);
	if (!p->left)
		put(&e->got, ">", 1);
	e->left = p->left;
}

/*
 * Offer one slice; false after an error, when nothing more may be offered.
 * The rest of the input follows a piece without a gap.
 */
LWS_UNUSED static bool
offer(struct end *e, const void *bytes, size_t len)
{
	uint8_t *copy = malloc(len ? len : 1);
	struct lws_span in = { copy, len };
	struct lws_piece piece;

	assert_non_null(copy);
	if (len)
		memcpy(copy, bytes, len);
	do {
		e->rc = e->ops->next(&e->rx, &in, &piece);
		if (e->rc != LWS_FRAMER_PIECE)
			break;
		note_piece(e, &piece);
		if (piece.data.len)
			assert_ptr_equal(piece.data.p + piece.data.len, in.p);
	} while (1);
	e->taken += len;
	if (e->rc == LWS_FRAMER_AGAIN)
		assert_int_equal(in.len, 0);
	free(copy);
	return e->rc == 0;
}

/* Offer all of it in slices of @step bytes. */
LWS_UNUSED static void
offer_stepwise(struct end *e, const void *bytes, size_t len, size_t step)
{
	size_t n, at;

	for (at = 0; at < len; at += n) {
		n = lws_min(step, len - at);
		if (!offer(e, (const uint8_t *)bytes + at, n))
			return;
	}
}

LWS_UNUSED static void
assert_same(const struct end *a, const struct end *b)
{
	assert_int_equal(a->rc, b->rc);
	assert_int_equal(a->got.len, b->got.len);
	if (a->got.len)
		assert_memory_equal(a->got.p, b->got.p, a->got.len);
}

/* What is on the wire, in one piece, cut at every place, in small slices. */
LWS_UNUSED static void
assert_any_slicing(const struct lws_framer_ops *ops, enum role role,
		   const struct bytes *w)
{
	struct end whole, cut;
	size_t n;

	open_end(&whole, ops, role);
	offer(&whole, w->p, w->len);
	for (n = 0; n <= w->len; n++) {
		open_end(&cut, ops, role);
		if (offer(&cut, w->p, n))
			offer(&cut, w->p + n, w->len - n);
		assert_same(&cut, &whole);
		close_end(&cut);
	}
	for (n = 1; n < 32; n++) {
		open_end(&cut, ops, role);
		offer_stepwise(&cut, w->p, w->len, n);
		assert_same(&cut, &whole);
		close_end(&cut);
	}
	close_end(&whole);
}

/* One frame as the library would send it, its payload copied in two parts. */
LWS_UNUSED static void
write_frame(struct end *e, struct bytes *w, struct lws_frame_spec spec,
	    const void *payload)
{
	const size_t len = (size_t)spec.len, cut = len / 3;
	uint8_t head[LWS_FRAME_HEAD_MAX], *to = malloc(len ? len : 1);
	const uint8_t *from = payload;
	int n;

	assert_non_null(to);
	if (e->tx.masking && !spec.mask)
		spec.mask = feed_mask;
	n = e->ops->head(&e->tx, &spec, head);
	assert_true(n >= 0 && n <= LWS_FRAME_HEAD_MAX);
	put(w, head, (size_t)n);
	if (e->tx.masking) {
		e->ops->copy(&e->tx, to, lws_span(from, cut));
		e->ops->copy(&e->tx, to + cut,
			     lws_span(from + cut, len - cut));
		put(w, to, len);
	} else {
		put(w, payload, len);
	}
	if (e->ops->tail)
		put(w, head, e->ops->tail(&e->tx, head));
	free(to);
}

LWS_UNUSED static void
write_plain(struct end *e, struct bytes *w, unsigned first, const char *text)
{
	const struct lws_frame_spec spec = {
		.len = strlen(text),
		.opcode = first & 15,
		.bits = (uint8_t)(first & 0xf0),
	};

	write_frame(e, w, spec, text);
}

/* bytes in hex, blanks between, as the specification prints them */
LWS_UNUSED static size_t
from_hex(const char *hex, uint8_t *out)
{
	unsigned byte;
	size_t n = 0;
	int used;

	while (sscanf(hex, " %2x%n", &byte, &used) == 1) {
		out[n++] = (uint8_t)byte;
		hex += used;
	}
	return n;
}

LWS_UNUSED static uint32_t
some(uint32_t *seed, uint32_t below)
{
	*seed = *seed * 1664525 + 1013904223;
	return (*seed >> 8) % below;
}

#endif
