/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * inflate_fuzz.c - the deflates on frames from anyone, and what they send.
 *
 * Input: one byte for the extension (bits 0, 1), whether context is kept (bit
 * 2), the window (bits 3 to 5) and the way (bit 6: out), one for the size of
 * slices, then frames: a first byte of which FIN, RSV1 and the opcode count, a byte that
 * tells the length, 255 for all that is left, and so much payload.  In: whole
 * and in slices must come to the same.  Out: what is sent must inflate to what
 * was written.
 */
#include <string.h>

#include "ext/ext.h"
#include "ext/pool.h"

#include "fuzz.h"

/* output after which a bomb has gone off often enough */
#define ENOUGH ((size_t)4 << 20)

static const struct lws_ext_ops *const all[] = {
	&lws_ext_permessage_deflate,
	&lws_ext_permessage_deflate,
	&lws_ext_deflate_frame,
	&lws_ext_webkit_deflate_frame,
};

/* what a reading comes to, whatever its slices */
struct result {
	uint64_t hash;
	size_t len;
	int rc;
};

struct end {
	const struct lws_ext_ops *ops;
	struct lws_ext_pool *pool;
	void *state;
};

static struct end
open_end(uint8_t how)
{
	const struct lws_ext_config config = {
		.tx_bits = (uint8_t)(8 + (how >> 3 & 7)),
		.rx_bits = (uint8_t)(8 + (how >> 3 & 7)),
		.tx_reset = !(how & 4),
		.rx_reset = !(how & 4),
		.level = 1,
		.mem_level = 8,
		.min_size = 1,
	};
	struct end e = { all[how & 3], lws_ext_pool_new(), NULL };

	REQUIRE(e.pool);
	e.state = e.ops->open(&config, e.pool);
	REQUIRE(e.state);
	return e;
}

static void
close_end(struct end *e)
{
	e->ops->close(e->state);
	lws_ext_pool_free(e->pool);
}

static void
add(struct result *r, const struct lws_ext_piece *out)
{
	size_t n;

	for (n = 0; n < out->data.len; n++)
		r->hash = (r->hash ^ out->data.p[n]) * 0x100000001b3u;
	r->len += out->data.len;
}

/* A piece in, which lies in memory of its own size. */
static void
read_piece(const struct end *e, struct lws_ext_piece in, struct result *r)
{
	const struct lws_span data = in.data;
	uint8_t *copy = malloc(data.len);
	struct lws_ext_piece out;

	REQUIRE(copy || !data.len);
	if (data.len)
		memcpy(copy, data.p, data.len);
	in.data.p = copy;
	do {
		r->rc = e->ops->rx(e->state, &in, &out);
		if (r->rc <= 0)
			break;
		REQUIRE(out.data.len <= LWS_EXT_STEP || out.data.p == copy);
		REQUIRE(out.data.len || out.last);
		REQUIRE(r->rc == LWS_EXT_PIECE || !out.last);
		REQUIRE(r->rc == LWS_EXT_MORE || out.last == in.last);
		add(r, &out);
	} while (r->rc == LWS_EXT_MORE && r->len < ENOUGH);
	REQUIRE(r->rc != LWS_EXT_NOTHING || !in.last);
	REQUIRE(r->rc >= LWS_ERR_TEXT);
	free(copy);
}

/* The next frame off the input; its payload is @frame->data. */
static void
take_frame(struct lws_span *in, struct lws_ext_piece *frame)
{
	const uint8_t head = in->p[0];
	size_t len = in->p[1];

	lws_span_skip(in, 2);
	memset(frame, 0, sizeof(*frame));
	frame->data = lws_span_take(in, len == 255 ? in->len : len);
	frame->bits = head & (LWS_FRAME_FIN | LWS_FRAME_RSV1);
	frame->opcode = head & 3 ? LWS_OP_TEXT : LWS_OP_CONTINUATION;
	frame->kind = LWS_OP_TEXT;
}

static void
read_frame(const struct end *e, struct lws_ext_piece *frame, size_t step,
	   struct result *r)
{
	struct lws_span rest = frame->data;

	frame->first = true;
	do {
		frame->data = lws_span_take(&rest, step);
		frame->last = !rest.len;
		read_piece(e, *frame, r);
		frame->first = false;
	} while (rest.len && r->rc >= 0 && r->len < ENOUGH);
}

static struct result
read_all(uint8_t how, struct lws_span in, size_t step)
{
	struct result r = { 0xcbf29ce484222325u, 0, 0 };
	struct end e = open_end(how);

	while (in.len >= 2 && r.rc >= 0 && r.len < ENOUGH) {
		struct lws_ext_piece frame;

		take_frame(&in, &frame);
		read_frame(&e, &frame, step, &r);
	}
	close_end(&e);
	return r;
}

/* Send a frame from one end to the other. */
static void
send_frame(const struct end *from, const struct end *to,
	   struct lws_ext_piece *frame, struct result *got)
{
	struct lws_ext_piece out;
	int rc;

	do {
		rc = from->ops->tx(from->state, frame, &out);
		REQUIRE(rc == LWS_EXT_PIECE || rc == LWS_EXT_MORE);
		out.first = out.last = true;
		read_piece(to, out, got);
		REQUIRE(got->rc == LWS_EXT_PIECE || got->len >= ENOUGH);
	} while (rc == LWS_EXT_MORE);
}

static void
send_all(uint8_t how, struct lws_span in)
{
	struct result wrote = { 0xcbf29ce484222325u, 0, 0 }, got = wrote;
	struct end from = open_end(how), to = open_end(how);
	bool open = false;

	while (in.len >= 2) {
		struct lws_ext_piece frame;

		take_frame(&in, &frame);
		frame.bare = frame.bits & LWS_FRAME_RSV1;
		frame.bits &= LWS_FRAME_FIN;
		frame.opcode = open ? LWS_OP_CONTINUATION : LWS_OP_TEXT;
		open = !frame.bits;
		add(&wrote, &frame);
		send_frame(&from, &to, &frame, &got);
		REQUIRE(wrote.len == got.len && wrote.hash == got.hash);
	}
	close_end(&from);
	close_end(&to);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct lws_span in = lws_span(data, size);
	struct result whole, cut;

	if (size < 4)
		return 0;
	lws_span_skip(&in, 2);
	if (data[0] & 0x40) {
		send_all(data[0], in);
		return 0;
	}
	whole = read_all(data[0], in, size);
	cut = read_all(data[0], in, 1 + data[1] % 64u);
	REQUIRE((whole.rc < 0) == (cut.rc < 0) || whole.len >= ENOUGH ||
		cut.len >= ENOUGH);
	if (whole.rc >= 0 && whole.len < ENOUGH)
		REQUIRE(whole.hash == cut.hash && whole.len == cut.len);
	return 0;
}
