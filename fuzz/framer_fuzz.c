/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * framer_fuzz.c - the framer of any version on bytes from anyone.
 *
 * Input: one byte for the role (bits 0, 1), the version (bits 2, 3, 7) and the
 * RSV bits that an extension claims (bits 4 to 6), one for the size of slices,
 * then what is on the wire.  It is read in one piece and again in slices; both must find the same, and
 * every piece must keep the promises of ws/framer.h.
 */
#include <string.h>

#include "ws/wire.h"

#include "fuzz.h"

/* a build without old drafts has but the first */
static const int versions[] = { 13, 8, 6, 5, 4, 0, 7, 13 };

static const struct lws_framer_ops *
framer_for(uint8_t how)
{
	const struct lws_wire *wire =
		lws_wire_find(versions[(how >> 2 & 3) | (how >> 5 & 4)]);

	return wire ? wire->framer : NULL;
}

/* what a reading comes to, whatever its slices */
struct result {
	uint64_t hash;		/* of frames and payload */
	uint64_t left;		/* of the frame being read */
	uint64_t frames;
	int rc;
};

static void
add(struct result *r, const uint8_t *p, size_t len)
{
	while (len--)
		r->hash = (r->hash ^ *p++) * 0x100000001b3u;
}

/* Does a piece go on where the last one ended?  Version 76 does not count. */
static bool
goes_on(const struct result *r, const struct lws_piece *p, bool counted)
{
	if (!counted)
		return r->left == 1 && p->left <= 1;
	return p->data.len && p->left + p->data.len == r->left;
}

static void
add_piece(struct result *r, const struct lws_piece *p, bool counted)
{
	const uint8_t about[] = { p->opcode, p->kind, p->bits };

	REQUIRE(!(p->bits & ~(LWS_FRAME_FIN | LWS_FRAME_RSV)));
	if (p->opcode & LWS_OP_CONTROL) {
		REQUIRE(p->opcode <= LWS_OP_PONG);
		REQUIRE(p->bits & LWS_FRAME_FIN);
		REQUIRE(p->data.len + p->left <= LWS_CONTROL_MAX);
	} else {
		REQUIRE(p->opcode <= LWS_OP_BINARY);
		REQUIRE(p->kind == LWS_OP_TEXT || p->kind == LWS_OP_BINARY);
	}
	REQUIRE(p->left >> 63 == 0);
	if (p->first) {
		REQUIRE(!r->left);
		r->frames++;
		add(r, about, sizeof(about));
	} else {
		REQUIRE(goes_on(r, p, counted));
	}
	r->left = p->left;
	add(r, p->data.p, p->data.len);
}

/* Read one slice, which lies in memory of its own size. */
static void
read_slice(const struct lws_framer_ops *ops, struct lws_rx_frame *rx,
	   struct result *r, const uint8_t *data, size_t len)
{
	uint8_t *copy = malloc(len);
	struct lws_span in = { copy, len };
	struct lws_piece piece;

	REQUIRE(copy);
	memcpy(copy, data, len);
	do {
		r->rc = ops->next(rx, &in, &piece);
		REQUIRE(in.p + in.len == copy + len);
		if (r->rc == LWS_FRAMER_PIECE) {
			REQUIRE(piece.data.p >= copy);
			REQUIRE(piece.data.p + piece.data.len <= in.p);
			if (piece.data.len)
				REQUIRE(piece.data.p + piece.data.len == in.p);
			add_piece(r, &piece, ops->pings);
		}
	} while (r->rc == LWS_FRAMER_PIECE);
	REQUIRE(r->rc == LWS_ERR_PROTOCOL || r->rc == LWS_ERR_LIMIT ||
		(r->rc == LWS_FRAMER_AGAIN && !in.len));
	free(copy);
}

static struct result
read_all(uint8_t how, const uint8_t *data, size_t size, size_t step)
{
	const struct lws_framer_ops *ops = framer_for(how);
	const struct lws_wire_keys keys = {
		.key = lws_span_str("dGhlIHNhbXBsZSBub25jZQ=="),
		.nonce = lws_span_str("AQIDBAUGBwgJCgsMDQ4PEC=="),
		.client = how & 1,
		.bare_ok = how & 2,
	};
	struct result r = { 0xcbf29ce484222325u, 0, 0, 0 };
	struct lws_rx_frame rx;
	struct lws_tx_frame tx;
	size_t n;

	memset(&rx, 0, sizeof(rx));
	memset(&tx, 0, sizeof(tx));
	REQUIRE(!ops->init(&rx, &tx, &keys));
	rx.rsv = how & LWS_FRAME_RSV;
	while (size && !r.rc) {
		n = step < size ? step : size;
		read_slice(ops, &rx, &r, data, n);
		data += n;
		size -= n;
	}
	if (ops->fini)
		ops->fini(&rx, &tx);
	return r;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct result whole, cut;
	size_t step;

	if (size < 3 || !framer_for(data[0]))
		return 0;
	step = 1 + data[1] % 64u;
	whole = read_all(data[0], data + 2, size - 2, size);
	cut = read_all(data[0], data + 2, size - 2, step);
	REQUIRE(whole.rc == cut.rc && whole.frames == cut.frames);
	REQUIRE(whole.hash == cut.hash && whole.left == cut.left);
	return 0;
}
