/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * unit/zip_feed.h - what the tests of the deflates share: frames in and out of
 * an extension, with what ext/ext.h promises checked at every step.
 */
#ifndef LWS_UNIT_ZIP_FEED_H
#define LWS_UNIT_ZIP_FEED_H

#include <zlib.h>

#include "ext/negotiate.h"
#include "ext/pool-zip.h"
#include "unit/unit.h"

#define FIN  LWS_FRAME_FIN
#define RSV1 LWS_FRAME_RSV1

/* bytes that grow; room beyond the end of each is never written to */
struct bytes {
	uint8_t *p;
	size_t len;
};

LWS_UNUSED static void
bytes_add(struct bytes *b, const void *from, size_t len)
{
	b->p = realloc(b->p, b->len + len + 1);
	assert_non_null(b->p);
	if (len)
		memcpy(b->p + b->len, from, len);
	b->len += len;
}

LWS_UNUSED static void
bytes_free(struct bytes *b)
{
	free(b->p);
	memset(b, 0, sizeof(*b));
}

/* text that deflates well, with matches near and far */
LWS_UNUSED static void
fill_text(uint8_t *p, size_t len)
{
	static const char *const words[] = { "lorem", "ipsum", "dolor", "sit",
		"amet", "{\"id\":", "\"name\":", "true,", "42}", " " };
	uint32_t seed = 7;
	size_t n = 0;

	while (n < len) {
		const char *word;

		seed = seed * 1664525u + 1013904223u;
		for (word = words[seed >> 16 & 7]; *word && n < len; word++)
			p[n++] = (uint8_t)*word;
		if (n < len)
			p[n++] = (uint8_t)('a' + (seed >> 24) % 26);
	}
}

/* bytes that do not deflate */
LWS_UNUSED static void
fill_noise(uint8_t *p, size_t len)
{
	uint32_t seed = 12345;
	size_t n;

	for (n = 0; n < len; n++) {
		seed ^= seed << 13;
		seed ^= seed >> 17;
		seed ^= seed << 5;
		p[n] = (uint8_t)(seed >> 11);
	}
}

/* ---- in ---- */

/* what a frame came to */
struct got {
	struct bytes data;
	unsigned steps, firsts, lasts;
	uint8_t bits;		/* of the latest output */
};

/* One piece through rx(); the last rc, which is negative or not MORE. */
LWS_UNUSED static int
rx_piece(const struct lws_ext_ops *ops, void *state, struct lws_ext_piece *in,
	 struct got *got)
{
	struct lws_ext_piece out;
	int rc;

	do {
		memset(&out, 0xa5, sizeof(out));
		rc = ops->rx(state, in, &out);
		if (rc <= 0)
			break;
		assert_true(rc == LWS_EXT_PIECE || rc == LWS_EXT_MORE);
		assert_true(out.data.len <= LWS_EXT_STEP ||
			    out.data.p == in->data.p);
		assert_true(rc == LWS_EXT_PIECE || !out.last);
		assert_true(out.last || out.data.len);
		assert_int_equal(out.opcode, in->opcode);
		assert_int_equal(out.kind, in->kind);
		got->steps++;
		got->firsts += out.first;
		got->lasts += out.last;
		got->bits = out.bits;
		assert_int_equal(out.first, got->steps == 1);
		bytes_add(&got->data, out.data.p, out.data.len);
	} while (rc == LWS_EXT_MORE);
	if (rc >= 0)
		assert_int_equal(got->lasts, in->last);
	if (rc == LWS_EXT_NOTHING)
		assert_false(in->last);
	return rc;
}

/*
 * A frame whose payload comes @first bytes, then @step at a time, each in
 * memory of just its size; 0 or the error.
 */
LWS_UNUSED static int
rx_cut(const struct lws_ext_ops *ops, void *state, uint8_t head,
       struct lws_span payload, const size_t cuts[2], struct got *got)
{
	size_t n = cuts[0];
	bool first = true;
	int rc;

	do {
		struct lws_span part = lws_span_take(&payload, n);
		struct lws_ext_piece in = {
			.opcode = head & 15,
			.kind = LWS_OP_TEXT,
			.bits = head & 0xf0,
			.first = first,
			.last = !payload.len,
		};
		uint8_t *copy = malloc(part.len ? part.len : 1);

		assert_non_null(copy);
		if (part.len)
			memcpy(copy, part.p, part.len);
		in.data = lws_span(copy, part.len);
		rc = rx_piece(ops, state, &in, got);
		free(copy);
		first = false;
		n = cuts[1];
	} while (rc >= 0 && payload.len);
	return rc < 0 ? rc : 0;
}

LWS_UNUSED static int
rx_frame(const struct lws_ext_ops *ops, void *state, uint8_t head,
	 struct lws_span payload, struct got *got)
{
	const size_t whole[] = { payload.len, payload.len };

	return rx_cut(ops, state, head, payload, whole, got);
}

/* ---- out ---- */

#define FRAMES 64

struct frames {
	unsigned count;
	struct {
		uint8_t head;
		struct bytes data;
	} frame[FRAMES];
};

LWS_UNUSED static void
frames_free(struct frames *f)
{
	while (f->count)
		bytes_free(&f->frame[--f->count].data);
}

/* What the application writes, through tx(); 0 or the error. */
LWS_UNUSED static int
tx_frame_bare(const struct lws_ext_ops *ops, void *state, uint8_t head,
	      struct lws_span payload, bool bare, struct frames *f)
{
	struct lws_ext_piece in = {
		.data = payload,
		.opcode = head & 15,
		.kind = LWS_OP_TEXT,
		.bits = head & 0xf0,
		.first = true,
		.last = true,
		.bare = bare,
	};
	struct lws_ext_piece out;
	unsigned steps = 0;
	int rc;

	do {
		memset(&out, 0xa5, sizeof(out));
		rc = ops->tx(state, &in, &out);
		if (rc < 0)
			return rc;
		assert_true(rc == LWS_EXT_PIECE || rc == LWS_EXT_MORE);
		assert_int_equal(out.last, rc == LWS_EXT_PIECE);
		assert_int_equal(out.bits & FIN,
				 rc == LWS_EXT_PIECE ? head & FIN : 0);
		assert_int_equal(out.first, !steps);
		assert_int_equal(out.opcode, steps ? 0 : head & 15);
		assert_true(out.data.len <= LWS_EXT_STEP ||
			    !(out.bits & RSV1));
		assert_true(out.data.len || rc == LWS_EXT_PIECE);
		assert_true(f->count < FRAMES);
		f->frame[f->count].head = out.opcode | out.bits;
		memset(&f->frame[f->count].data, 0, sizeof(struct bytes));
		bytes_add(&f->frame[f->count++].data, out.data.p, out.data.len);
		steps++;
	} while (rc == LWS_EXT_MORE);
	return 0;
}

LWS_UNUSED static int
tx_frame(const struct lws_ext_ops *ops, void *state, uint8_t head,
	 struct lws_span payload, struct frames *f)
{
	return tx_frame_bare(ops, state, head, payload, false, f);
}

/* All of @f through the rx() of another end; its payload. */
LWS_UNUSED static void
rx_frames(const struct lws_ext_ops *ops, void *state, const struct frames *f,
	  struct bytes *data)
{
	unsigned n;

	for (n = 0; n < f->count; n++) {
		const struct bytes *b = &f->frame[n].data;
		struct got got = { .steps = 0 };

		assert_int_equal(rx_frame(ops, state, f->frame[n].head,
					  lws_span(b->p, b->len), &got), 0);
		assert_int_equal(got.bits, f->frame[n].head & FIN);
		bytes_add(data, got.data.p, got.data.len);
		bytes_free(&got.data);
	}
}

#endif
